"""PostHog's LLM events, from its API, a batch export, or a table with a column for each property."""

from dataclasses import replace

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotACall, NotChat, Reader, Record
from advisor.ingest.readers.trace_tools import as_sent, filled, find_use_case, in_trace, read_apart, status_in, streamed
from advisor.ingest.records.bodies import Call, read_answer
from advisor.ingest.values.json_text import as_text, at, decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Sample

_GENERATION = "$ai_generation"
_PREFIX = "$ai_"
_COLUMN = f"properties.{_PREFIX}"
_HIDDEN = "the event holds no prompt: privacy mode was on where it was captured"
_PARAMS = ("temperature", "max_tokens", "top_p")


def _matches(record: Record) -> bool:
    """An event of the family, or a table of its properties."""
    if isinstance(event := record.get("event"), str) and event.startswith(_PREFIX):
        return True
    return f"{_COLUMN}model" in record or f"{_PREFIX}model" in record


def _read(record: Record) -> Sample:
    """One generation; durations are in seconds, costs in dollars."""
    row = filled(record, ("properties",))
    told = object_in(row.get("properties")) or row
    event = row.get("event") or _GENERATION
    if event != _GENERATION:
        raise NotChat("embeddings") if event == "$ai_embedding" else NotACall(f"an event {event}")
    keys = (f"{_PREFIX}trace_id", f"{_PREFIX}span_id", f"{_PREFIX}parent_id")
    return in_trace(told, keys, lambda: _sample(row, told))


def _sample(row: Record, told: Record) -> Sample:
    def get(key: str) -> Json:
        return told.get(f"{_PREFIX}{key}")

    call = _call(told)
    latency_s = parse_seconds(get("latency"), "s")
    is_failed = str(get("is_error")).lower() in ("true", "1")
    error = decode(get("error"))
    around: Record = {
        "id": text_in(get("span_id")) or row.get("uuid") or row.get("id"),
        "timestamp": row.get("timestamp") or row.get("created_at"),
        "latency_s": latency_s,
        "ttft_s": streamed(parse_seconds(get("time_to_first_token"), "s"), latency_s),
        "cost_usd": parse_number(get("total_cost_usd")),
        "session_id": get("session_id") or told.get("$session_id") or get("trace_id"),
        "use_case": find_use_case(told, prompt=get("prompt_name") or get("span_name")),
        "model": get("model"),
        "error": (at(error, "message") or as_text(error) if error else "logged as an error") if is_failed else None,
        "status_code": get("http_status") or (status_in(error) if is_failed else None),
    }
    return call.sample(around, _counts(told).usage())


def _call(told: Record) -> Call:
    params = as_sent(object_in(told.get(f"{_PREFIX}model_parameters")))
    params |= {key: told[f"{_PREFIX}{key}"] for key in _PARAMS if told.get(f"{_PREFIX}{key}") is not None}
    if tools := decode(told.get(f"{_PREFIX}tools")):
        params["tools"] = tools
    asked = decode(told.get(f"{_PREFIX}input"))
    came = told.get(f"{_PREFIX}output_choices", told.get(f"{_PREFIX}output"))
    if not asked:
        call = Call(not_replayable=_HIDDEN)
    else:
        call = read_apart(asked, params | {"model": told.get(f"{_PREFIX}model")})
    return replace(call, reply=read_answer(came).finished(told.get(f"{_PREFIX}stop_reason"))) if came else call


def _counts(told: Record) -> Counts:
    """Anthropic's input leaves out what its cache gave, as PostHog's SDK hands it on."""
    exclusive = told.get(f"{_PREFIX}cache_reporting_exclusive")
    is_anthropic = str(told.get(f"{_PREFIX}provider")).lower() == "anthropic"
    return Counts(
        given=told.get(f"{_PREFIX}input_tokens"),
        taken=told.get(f"{_PREFIX}output_tokens"),
        read=told.get(f"{_PREFIX}cache_read_input_tokens"),
        written=told.get(f"{_PREFIX}cache_creation_input_tokens"),
        reasoning=told.get(f"{_PREFIX}reasoning_tokens"),
        is_apart=str(exclusive).lower() == "true" or (exclusive is None and is_anthropic),
    )


READER = Reader(name="posthog", rank=12, matches=_matches, read=_read)
