"""Logs of Humanloop's prompts: the messages, the version of the prompt that they were sent with, and the answer."""

import re
from dataclasses import replace

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Reader, Record
from advisor.ingest.readers.trace_tools import columns_in, cost_of, filled, find_session, find_use_case, read_apart
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import as_name, as_text, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_seconds
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json, Sample

_OWN = frozenset({"log_status", "provider_latency", "output_message", "evaluator_logs", "trace_flow_id"})
_PARAMS = (
    "temperature", "max_tokens", "top_p", "stop", "presence_penalty", "frequency_penalty", "seed", "response_format",
    "reasoning_effort", "tools",
)  # fmt: skip
_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_NOT_FILLED = "its prompt is a template whose variables are not filled in"


def _matches(record: Record) -> bool:
    """A prompt beside what only these logs have."""
    columns = columns_in(record)
    return "prompt" in columns and not _OWN.isdisjoint(columns) and "model" in object_in(record.get("prompt"))


def _read(record: Record) -> Sample:
    """One call; the provider's latency is in seconds, costs in dollars."""
    row = filled(record)
    prompt, metadata = object_in(row.get("prompt")), object_in(row.get("metadata"))
    begun, ended = parse_time(row.get("start_time")), parse_time(row.get("end_time"))
    latency_s = parse_seconds(row.get("provider_latency"), "s")
    around: Record = {
        "id": row.get("id"),
        "timestamp": begun or row.get("created_at"),
        "latency_s": seconds_between(begun, ended) if latency_s is None else latency_s,
        "cost_usd": cost_of(None, (row.get("prompt_cost"), row.get("output_cost"))),
        "session_id": find_session(metadata) or row.get("trace_id"),
        "use_case": find_use_case(metadata, prompt=prompt.get("name") or prompt.get("path")),
        "model": prompt.get("model"),
        "error": row.get("error"),
    }
    counts = Counts(
        given=row.get("prompt_tokens"), taken=row.get("output_tokens"), reasoning=row.get("reasoning_tokens")
    )
    return _call(row, prompt).sample(around, counts.usage())


def _call(row: Record, prompt: Record) -> Call:
    """As it was sent where the log holds that, else from the template, its variables and the messages."""
    said = object_in(row.get("output_message")) or row.get("output")
    reply = read_answer(said).finished(row.get("finish_reason"))
    sent = object_in(row.get("provider_request"))
    if sent and (call := read_call(sent, None)).request is not None:
        return replace(call, reply=reply)
    inputs, given = object_in(row.get("inputs")), objects_in(row.get("messages"))
    start = _filled_in(prompt.get("template"), inputs)
    is_open = any(_VARIABLE.search(as_text(message.get("content"))) for message in start)
    messages = given if start[:1] == given[:1] else [*start, *given]
    params = {key: prompt[key] for key in _PARAMS if prompt.get(key) not in (None, [])} | {"model": prompt.get("model")}
    if row.get("tool_choice"):
        params["tool_choice"] = decode(row["tool_choice"])
    if not messages:
        return Call(not_replayable="the log holds no messages", reply=reply)
    call = read_apart(messages, params)
    return replace(call, reply=reply, not_replayable=call.not_replayable or (_NOT_FILLED if is_open else None))


def _filled_in(template: Json, inputs: Record) -> list[Record]:
    """The template's messages; one that is a text is what the user says."""
    template = decode(template)
    messages: list[Record] = [{"role": "user", "content": text}] if (text := as_name(template)) else []
    return [
        {"role": message.get("role"), "content": _filled(message.get("content"), inputs)}
        for message in messages or objects_in(template)
    ]


def _filled(text: Json, inputs: Record) -> Json:
    if not isinstance(text, str):
        return text
    return _VARIABLE.sub(lambda found: as_text(inputs[found[1]]) if found[1] in inputs else found[0], text)


READER = Reader(name="humanloop", rank=14, matches=_matches, read=_read)
