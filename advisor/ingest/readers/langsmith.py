"""Runs of LangSmith: from its SDK and API, its UI's CSV, the Parquet bulk export, and joined ingest bodies."""

from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import written_to_cache
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.langsmith_ingest import PART
from advisor.ingest.readers.langsmith_outputs import read_outputs
from advisor.ingest.readers.pieces import (
    as_sent,
    filled,
    find_session,
    find_use_case,
    inclusive_usage,
    label,
    nested,
    read_request_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Request, Sample, Usage

_GROUPS = (
    "inputs",
    "outputs",
    "extra",
    "metadata",
    "events",
    "tags",
    "prompt_token_details",
    "completion_token_details",
)
_ALIKE = frozenset({"start_time", "outputs", "trace_id", "dotted_order", "session_id", "parent_run_id", "end_time"})
_CLASS_NAMES = (
    "chat",
    "openai",
    "azure",
    "anthropic",
    "llm",
    "bedrock",
    "vertex",
    "google",
    "gemini",
    "ollama",
    "completion",
)
_STORED_APART = "the prompt was stored outside the exported run; export the runs with their inputs"


@dataclass(frozen=True)
class LangSmith:
    """Reads runs of the type ``llm``; other runs are spans that are no call of a model."""

    name: str = "langsmith"
    rank: int = 15

    def matches(self, record: dict[str, Json]) -> bool:
        """A run type with inputs, or a part of an ingest body."""
        return _is_run(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one run."""
        run = nested(filled(record), _GROUPS)
        kind, identity, parent = str(run.get("run_type", "")).lower(), text_in(run.get("id")), _parent(run)
        outputs = run.get("outputs", run.get("outputs_preview"))
        reply = read_outputs(outputs)
        if kind and kind != "llm":
            raise NotACall(f"a run of the kind {kind}").at(identity, parent)
        if not kind and reply.answer is None:
            raise RowRejected("only the end of a run, without its start").at(identity, parent)
        extra = object_in(run.get("extra"))
        metadata = object_in(run.get("metadata")) | object_in(extra.get("metadata"))
        try:
            call = _read_inputs(run, extra, metadata)
        except RowRejected as rejected:
            raise rejected.at(identity, parent) from None
        start = parse_time(run.get("start_time"))
        error = text_in(run.get("error"))
        around: dict[str, Json] = {
            "id": identity,
            "timestamp": start,
            "latency_s": _seconds_after(run, run.get("end_time")) or parse_seconds(run.get("latency"), "s"),
            "ttft_s": _seconds_after(run, run.get("first_token_time") or _first_token(run.get("events"))),
            "cost_usd": _cost(run),
            "session_id": find_session(metadata) or text_in(run.get("thread_id")) or text_in(run.get("trace_id")),
            "use_case": find_use_case(metadata, prompt=metadata.get("lc_hub_repo"), tags=run.get("tags"))
            or label(metadata.get("langgraph_node"))
            or _own_name(run.get("name")),
            "model": call.model or metadata.get("ls_model_name"),
            "status": run.get("status"),
            "error": error.partition("\n\nTraceback")[0] if error else None,
            "status_code": status_in(error),
        }
        asked = call.request or Request(messages=[])
        sample = assemble(around, asked, reply, not_replayable=call.not_replayable)
        return replace(sample, usage=sample.usage or _usage_of(run), span=identity, parent_span=parent)


@lru_cache(maxsize=256)
def _is_run(keys: tuple[str, ...]) -> bool:
    have = {key.strip().lower() for key in keys}
    if PART in have:
        return True
    has_inputs = any(key.partition(".")[0] in ("inputs", "inputs_s3_urls", "inputs_preview") for key in have)
    return "run_type" in have and has_inputs and not _ALIKE.isdisjoint(have)


def _read_inputs(run: dict[str, Json], extra: dict[str, Json], metadata: dict[str, Json]) -> Call:
    inputs = run.get("inputs")
    if isinstance(inputs, str) and inputs.strip():
        inputs = {"prompt": inputs}
    if not isinstance(inputs, dict) or not inputs:
        is_apart = any(key.startswith(("inputs_s3", "inputs_or_signed", "inputs_preview")) for key in run)
        reason = _STORED_APART if is_apart else "the log does not hold the prompt"
        return Call(request=None, not_replayable=reason, reply=Reply(), model=None)
    inner = inputs.get("kwargs")
    body = as_sent(inner if isinstance(inner, dict) else inputs)
    params = object_in(metadata.get("ls_invocation_params")) | object_in(extra.get("invocation_params"))
    model = body.get("model") or params.get("model") or params.get("model_name") or params.get("model_id")
    messages = body.get("messages")
    if isinstance(messages, list) and messages and isinstance(messages[0], list):
        return _apart(messages[0], params, model, is_one=len(messages) == 1)
    if _is_langchain(messages):
        return _apart(messages, params, model)
    if isinstance(messages, list) or "contents" in body or ("input" in body and ("model" in body or "tools" in body)):
        call = read_call(as_sent(params) | body, None)
        if call.request is not None:
            return call
    prompts = body.get("prompts")
    if isinstance(prompts, list) and prompts:
        return _apart(prompts[0], params, model, is_one=len(prompts) == 1)
    texts = [value for key, value in body.items() if key != "model" and isinstance(value, str) and value.strip()]
    lone = body.get("prompt") or body.get("input") or (texts[0] if len(texts) == 1 else None)
    if lone:
        return _apart(lone, params | body, model)
    return Call(request=None, not_replayable="its inputs hold no prompt in a known form", reply=Reply(), model=model)


def _apart(messages: Json, params: dict[str, Json], model: Json, *, is_one: bool = True) -> Call:
    asked, reason = read_request_apart(messages, params | {"model": model})
    reason = reason if is_one else "one run holds several prompts"
    return Call(request=asked, not_replayable=reason, reply=Reply(), model=model)


def _is_langchain(messages: Json) -> bool:
    first = messages[0] if isinstance(messages, list) and messages else None
    return isinstance(first, dict) and ("lc" in first or "kwargs" in first or ("type" in first and "role" not in first))


def _usage_of(run: dict[str, Json]) -> Usage | None:
    details, made = object_in(run.get("prompt_token_details")), object_in(run.get("completion_token_details"))
    return inclusive_usage(
        run.get("prompt_tokens", run.get("input_tokens")),
        run.get("completion_tokens", run.get("output_tokens")),
        read=details.get("cache_read"),
        written=written_to_cache(details),
        written_1h=details.get("ephemeral_1h_input_tokens"),
        reasoning=made.get("reasoning"),
    )


def _cost(run: dict[str, Json]) -> float | None:
    total = parse_number(run.get("total_cost", run.get("cost")))
    if total is not None:
        return total
    parts = [parse_number(run.get(key)) for key in ("prompt_cost", "completion_cost")]
    return sum(part for part in parts if part) if any(part is not None for part in parts) else None


def _seconds_after(run: dict[str, Json], moment: Json) -> float | None:
    return seconds_between(parse_time(run.get("start_time")), parse_time(moment))


def _first_token(events: Json) -> Json:
    listed = events if isinstance(events, list) else []
    return next(
        (event.get("time") for event in listed if isinstance(event, dict) and event.get("name") == "new_token"), None
    )


def _parent(run: dict[str, Json]) -> str | None:
    parent = text_in(run.get("parent_run_id"))
    above = decode(run.get("parent_run_ids"))
    if parent is None and isinstance(above, list) and above:
        parent = text_in(above[-1])
    steps = str(run.get("dotted_order") or "").split(".")
    return parent or (steps[-2].partition("Z")[2] or None if len(steps) > 1 else None)


def _own_name(name: Json) -> str | None:
    """The run's name where a person gave it; the wrappers name runs after their classes."""
    found = label(name)
    return None if found is None or any(word in found.lower() for word in _CLASS_NAMES) else found


READER = LangSmith()
