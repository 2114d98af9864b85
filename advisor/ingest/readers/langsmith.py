"""Runs of LangSmith: from its SDK and API, its UI's CSV, the Parquet bulk export, and the bodies that its SDK sends.

Those hold new runs under ``post`` and their ends under ``patch``, which are joined by the run's id.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts, read_usage, written_to_cache
from advisor.ingest.reader import Joiner, NotACall, Opener, Reader, Record, RowRejected, in_span
from advisor.ingest.readers.openai_chat import is_asked_for
from advisor.ingest.readers.trace_tools import (
    as_sent,
    columns_in,
    cost_of,
    filled,
    find_session,
    find_use_case,
    own_name,
    read_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import as_label
from advisor.ingest.records.quantities import unit_of
from advisor.ingest.values.json_text import as_object, at, decode, list_in, object_in, objects_in, text_in
from advisor.ingest.values.numbers import parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Sample, Usage

_GROUPS = (
    "inputs", "outputs", "extra", "metadata", "events", "tags", "prompt_token_details", "completion_token_details",
)  # fmt: skip
_ALIKE = frozenset({"start_time", "outputs", "trace_id", "dotted_order", "session_id", "parent_run_id", "end_time"})
_CLASS_NAMES = (
    "chat", "openai", "azure", "anthropic", "llm", "bedrock", "vertex", "google", "gemini", "ollama", "completion",
)  # fmt: skip
_CALLS = ("llm", "chat_model")
_OWN_KINDS = frozenset({
    "chat", "completion", "generation", "inference", "model", "production", "prod", "staging", "live", "online",
    "batch",
})  # fmt: skip
"""Not of LangSmith, and all calls: a log with them is somebody's own."""
_STORED_APART = "the prompt was stored outside the exported run; export the runs with their inputs"
_PART = "langsmith_part"
"""Marks a run that was taken out of a body with the list it stood in."""
_LISTS = ("post", "patch")
_OF_A_BODY = frozenset({"generations", "choices", "candidates", "object", "content", "role", "tool_calls"})
_OUTPUTS = ("message", "output", "response", "answer", "completion", "text", "result", "generation", "messages")


def _matches(record: Record) -> bool:
    """A run type with inputs, or a part of an ingest body."""
    columns = columns_in(record)
    has_inputs = any(key.partition(".")[0] in ("inputs", "inputs_s3_urls", "inputs_preview") for key in columns)
    is_own = str(record.get("run_type") or "").lower() in _OWN_KINDS and "dotted_order" not in columns
    is_run = "run_type" in columns and not is_own
    return _PART in columns or (is_run and has_inputs and not _ALIKE.isdisjoint(columns))


def _read(record: Record) -> Sample:
    """A run of the type ``llm``; other runs are spans that are no call of a model."""
    run = filled(record, _GROUPS)
    return in_span(text_in(run.get("id")), _parent(run), partial(_sample, run))


def _sample(run: Record) -> Sample:
    kind, reply = str(run.get("run_type", "")).lower(), _reply(run.get("outputs", run.get("outputs_preview")))
    if kind and kind not in _CALLS:
        raise NotACall(f"a run of the kind {kind}")
    if not kind and reply.answer is None:
        raise RowRejected("only the end of a run, without its start")
    extra = object_in(run.get("extra"))
    metadata = object_in(run.get("metadata")) | object_in(extra.get("metadata"))
    call = _asked(run, object_in(metadata.get("ls_invocation_params")) | object_in(extra.get("invocation_params")))
    error = text_in(run.get("error"))
    tokens = (event.get("time") for event in objects_in(run.get("events")) if event.get("name") == "new_token")
    around: Record = {key: value for key, value in run.items() if unit_of(key)} | {
        "id": run.get("id"),
        "timestamp": parse_time(run.get("start_time")),
        "latency_s": _seconds_after(run, run.get("end_time")) or parse_seconds(run.get("latency"), "s"),
        "ttft_s": _seconds_after(run, run.get("first_token_time") or next(tokens, None)),
        "cost_usd": cost_of(run.get("total_cost", run.get("cost")), map(run.get, ("prompt_cost", "completion_cost"))),
        "session_id": find_session(metadata) or text_in(run.get("thread_id")) or text_in(run.get("trace_id")),
        "use_case": find_use_case(metadata, prompt=metadata.get("lc_hub_repo"), tags=run.get("tags"))
        or as_label(metadata.get("langgraph_node"))
        or own_name(run.get("name"), _CLASS_NAMES),
        "model": call.model or metadata.get("ls_model_name"),
        "status": run.get("status"),
        "error": error.partition("\n\nTraceback")[0] if error else None,
        "status_code": status_in(error),
    }
    return replace(call, reply=reply).sample(around, reply.usage or _usage(run))


def _asked(run: Record, params: dict[str, Json]) -> Call:
    inputs = run.get("inputs")
    if isinstance(inputs, str) and inputs.strip():
        inputs = {"prompt": inputs}
    if not isinstance(inputs, dict) or not inputs:
        is_apart = any(key.startswith(("inputs_s3", "inputs_or_signed", "inputs_preview")) for key in run)
        return Call(not_replayable=_STORED_APART if is_apart else "the log does not hold the prompt")
    body = as_sent(as_object(inputs.get("kwargs")) or inputs)
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
    return Call(not_replayable="its inputs hold no prompt in a known form", model=model)


def _apart(messages: Json, params: dict[str, Json], model: Json, *, is_one: bool = True) -> Call:
    call = read_apart(messages, params | {"model": model})
    return call if is_one else replace(call, not_replayable="one run holds several prompts")


def _is_langchain(messages: Json) -> bool:
    first = messages[0] if isinstance(messages, list) and messages else None
    return isinstance(first, dict) and ("lc" in first or "kwargs" in first or ("type" in first and "role" not in first))


def _reply(outputs: Json) -> Reply:
    """A vendor's body, LangChain's generations, or a message under a usual key."""
    if not outputs:
        return Reply()
    given = outputs
    if isinstance(outputs, dict) and _OF_A_BODY.isdisjoint(outputs):
        given = next((outputs[key] for key in _OUTPUTS if outputs.get(key)), None)
        if is_asked_for(outputs):
            given = outputs
    reply = Reply() if given is None else read_answer(given)
    if reply.answer is not None and not reply.answer.text and reply.answer.tool_calls:
        reply = replace(reply, answer=replace(reply.answer, text=None))  # LangChain's content is never null
    return replace(
        reply, usage=read_usage(at(outputs, "usage_metadata")) or reply.usage or read_usage(at(outputs, "usage"))
    )


def _usage(run: Record) -> Usage | None:
    details = as_object(run.get("prompt_token_details"))
    return Counts(
        given=run.get("prompt_tokens", run.get("input_tokens")),
        taken=run.get("completion_tokens", run.get("output_tokens")),
        read=details.get("cache_read"),
        written=written_to_cache(details),
        written_1h=details.get("ephemeral_1h_input_tokens"),
        reasoning=at(run, "completion_token_details", "reasoning"),
    ).usage()


def _seconds_after(run: Record, moment: Json) -> float | None:
    return seconds_between(parse_time(run.get("start_time")), parse_time(moment))


def _parent(run: Record) -> str | None:
    above = list_in(run.get("parent_run_ids"))
    parent = text_in(run.get("parent_run_id")) or (text_in(above[-1]) if above else None)
    steps = str(run.get("dotted_order") or "").split(".")
    return parent or (steps[-2].partition("Z")[2] or None if len(steps) > 1 else None)


def _open(record: Record) -> Iterable[Json]:
    """Every part of an ingest body. A run itself is left as it is, though it may have a list of events."""
    lists = {name: listed for name in _LISTS if isinstance(listed := decode(record.get(name)), list)}
    if "run_type" in record or not lists:
        yield record
        return
    for name, listed in lists.items():
        for part in listed:
            yield {_PART: name} | part if isinstance(part, dict) else part


def _join(parts: list[Record]) -> Record:
    """One run: what a patch tells replaces what the post told, but nothing replaces something."""
    run: Record = {}
    for part in sorted(parts, key=lambda part: part.get(_PART) == "patch"):
        for key, value in part.items():
            if key == "extra" and isinstance(value, dict) and isinstance(run.get(key), dict):
                metadata = as_object(run[key].get("metadata")) | as_object(value.get("metadata"))
                run[key] = run[key] | value | ({"metadata": metadata} if metadata else {})
            elif value not in (None, "", {}, []) or key not in run:
                run[key] = value
    return run


READER = Reader(name="langsmith", rank=15, matches=_matches, read=_read)
OPENER = Opener(opens=lambda keys: not keys.isdisjoint(_LISTS) or keys >= {"run_type", "inputs"}, open=_open)
JOINER = Joiner(
    name="langsmith",
    joins=lambda keys: _PART in keys and "id" in keys,
    call_of=lambda record: str(record["id"]) if record.get("id") else None,
    join=_join,
)
