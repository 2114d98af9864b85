"""OpenRouter's list of calls, as its activity page and its API of generations give it: costs and times, no text."""

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Joiner, Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import columns_in
from advisor.ingest.records.bodies import Call
from advisor.ingest.values.json_text import as_name
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.types import Sample, Usage

_NO_TEXT = "the file holds no prompts, only counts, times and costs"
_OF_A_CALL = frozenset({"generation_id", "model_permaslug"})


def _matches(record: Record) -> bool:
    """A generation with its cost, or a day's total."""
    columns = columns_in(record)
    return (
        columns >= _OF_A_CALL
        or columns >= {"id", "total_cost", "tokens_prompt", "generation_time"}
        or columns >= {"date", "model_permaslug", "requests", "usage"}
    )


def _read(record: Record) -> Sample:
    """Reasoning is part of the completion, cached tokens are part of the prompt, as OpenAI counts."""
    record = {key.lower(): value for key, value in record.items() if value != ""}
    if "requests" in record:
        raise RowRejected("a day's total, not a call; export single generations")
    identity = record.get("generation_id") or record.get("id")
    around = {
        "id": identity,
        "timestamp": record.get("created_at"),
        "latency_s": parse_seconds(record.get("generation_time_ms", record.get("generation_time")), "ms"),
        "ttft_s": parse_seconds(record.get("time_to_first_token_ms", record.get("latency")), "ms"),
        "cost_usd": _cost(record),
        "model": record.get("model_permaslug") or record.get("model"),
        "use_case": as_name(record.get("app_name")),
        "error": _error(record),
    }
    reply = Reply(usage=_usage(record), response_id=response_id_of(identity))
    return Call(not_replayable=_NO_TEXT, reply=reply).sample(around)


def _cost(record: Record) -> float | None:
    """What OpenRouter took, and what a provider took on the team's own key."""
    cost = parse_number(record.get("cost_total", record.get("total_cost")))
    own = parse_number(record.get("byok_usage_inference"))
    return cost + own if cost is not None and own else cost


def _usage(record: Record) -> Usage | None:
    """The counts that the provider itself made are taken where the row has them."""

    def count(name: str) -> int | None:
        native = parse_count(record.get(f"native_tokens_{name}"))
        return parse_count(record.get(f"tokens_{name}")) if native is None else native

    given, taken, read, reasoning = map(count, ("prompt", "completion", "cached", "reasoning"))
    return Counts(given=given, taken=taken, read=read, reasoning=reasoning).usage()


def _error(record: Record) -> str | None:
    if str(record.get("cancelled")).lower() in ("true", "1", "yes"):
        return "the call was cancelled"
    reason = record.get("finish_reason_normalized") or record.get("finish_reason")
    return "logged as error" if reason == "error" else None


READER = Reader(name="openrouter_activity", rank=13, matches=_matches, read=_read)
JOINER = Joiner(
    name="openrouter_activity",
    joins=lambda keys: columns_in(keys) >= _OF_A_CALL,
    # the row waits until all is read, for another file may hold the text of the call
    call_of=lambda record: next(
        (as_name(value) for key, value in record.items() if key.lower() == "generation_id"), None
    ),
    join=lambda parts: parts[-1],
)
