"""Logs of Inspect AI: a ``.eval`` archive with a file for each sample, or one JSON file with all of them.

The calls are the samples' events of the kind ``model``, graders' calls among them. Long texts stand apart from the
events under ``attachments``, repeated messages in a pool.
"""

from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.tools import tool_call, tool_choice_of, tools_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotACall, Opener, Reader, Record
from advisor.ingest.readers.trace_tools import read_apart
from advisor.ingest.readers.turns import MARK, Turn, answers_of, read_turn
from advisor.ingest.records.bodies import Call, read_answer
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_objects, at, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample

_NAME = "inspect_ai"
_EVENT = "inspect_event"
"""Key of an event of a sample that was taken out of it."""
_ATTACHED = "attachment://"
_CONFIG = {
    "temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "max_tokens": "max_tokens", "seed": "seed",
    "stop_seqs": "stop", "frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty",
    "reasoning_effort": "reasoning_effort",
}  # fmt: skip
_ANSWERS = frozenset({"output", "response", "answer", "completion"})
"""A summary has none; an evaluation of one's own has."""
_LENGTHS = frozenset({"max_tokens", "model_length"})


def _open_log(record: Record) -> Iterable[Json]:
    """The samples of a log in one file, each with the name of its task."""
    task = at(object_in(record.get("eval")), "task")
    return [sample | {"inspect_task": task} for sample in objects_in(record.get("samples"))] or [record]


def _open_sample(record: Record) -> Iterable[Json]:
    attachments = object_in(record.get("attachments"))
    events = [event for event in objects_in(record.get("events")) if event.get("event") == "model"]
    about: Record = {
        "id": f"{record.get('id')}:{record.get('epoch')}",
        "use_case": as_name(record.get("inspect_task")),
        "target": None if len(events) > 1 else _target(record.get("target")),
    }
    if events:
        pool = as_list(object_in(record.get("events_data")).get("messages"))
        return [
            {_EVENT: _attached(event, attachments), "pool": _attached(pool, attachments), "about": about}
            for event in events
        ]
    messages = objects_in(_attached(decode(record.get("messages")), attachments))
    output = object_in(_attached(decode(record.get("output")), attachments))
    return answers_of(_NAME, [Turn(_message(each)) for each in messages], about | {"model": output.get("model")})


def _target(target: Json) -> Json:
    """The right answer, where there is one; scorers leave out spaces around it."""
    target = decode(target)
    texts = [text for text in as_list(target) if isinstance(text, str)]
    text = texts[0] if len(texts) == 1 else as_name(target)
    return text and text.strip()


def _attached(value: Json, attachments: dict[str, Json]) -> Json:
    """The value with the texts that stand apart in their places."""
    if isinstance(value, str):
        return attachments.get(value.removeprefix(_ATTACHED), value) if value.startswith(_ATTACHED) else value
    if isinstance(value, list):
        return [_attached(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _attached(item, attachments) for key, item in value.items()}
    return value


def _is_event(record: Record) -> bool:
    """A call, or one of the files around the samples: the header, summaries and scores."""
    if _EVENT in record or record.get(MARK) == _NAME:
        return True
    is_header = record.keys() >= {"version", "eval", "plan"} and isinstance(record["eval"], dict)
    is_summary = record.keys() >= {"id", "epoch", "input", "target", "scores"} and _ANSWERS.isdisjoint(record)
    return is_header or is_summary or (record.keys() >= {"scorer", "samples"} and MARK not in record)


def _read(record: Record) -> Sample:
    if MARK in record:
        return read_turn(record)
    event = record.get(_EVENT)
    if not isinstance(event, dict):
        raise NotACall("a summary of an evaluation")
    output, config = as_object(event.get("output")), as_object(event.get("config"))
    params: Record = {name: config[key] for key, name in _CONFIG.items() if config.get(key) is not None}
    if tools := tools_of(event.get("tools")):
        params |= {"tools": tools, "tool_choice": tool_choice_of(event.get("tool_choice"))}
    call = read_apart([_message(each) for each in _input(event, record)], params | {"model": event.get("model")})
    is_cached = event.get("cache") == "read"
    started, seconds = event.get("timestamp"), parse_number(output.get("time"))
    around: Record = {
        "timestamp": started,
        "model": as_name(output.get("model")) or event.get("model"),
        "latency_s": None if is_cached else seconds or parse_number(event.get("working_time")),
        "error": event.get("error") or output.get("error"),
    }
    sample = _answered(call, event, output).sample(record["about"] | around, _counts(as_object(output.get("usage"))))
    return replace(sample, model=as_name(around["model"]) or sample.model)


def _answered(call: Call, event: Record, output: Record) -> Call:
    choice = next(iter(as_objects(output.get("choices"))), {})
    message = _message(as_object(choice.get("message")))
    told = as_name(choice.get("stop_reason"))
    reply = read_answer(message).finished("length" if told in _LENGTHS else told)
    identity = at(event, "call", "response", "id")
    return replace(call, reply=replace(reply, response_id=as_name(identity)))


def _input(event: Record, record: Record) -> list[Record]:
    """The messages, which later versions name by their places in a pool: ``[[0, 4], [6, 7]]``."""
    given, pool = as_objects(event.get("input")), as_objects(record.get("pool"))
    if given:
        return given
    ranges = [tuple(each) for each in as_list(event.get("input_refs")) if isinstance(each, list) and len(each) == 2]
    return [
        message
        for start, end in ranges
        if isinstance(start, int) and isinstance(end, int)
        for message in pool[start:end]
    ]


def _message(message: Record) -> Record:
    """A message in OpenAI's shape: calls name the function beside its arguments, and thoughts are left out."""
    made = {key: message[key] for key in ("role", "content", "tool_call_id") if message.get(key) is not None}
    parts = message.get("content")
    if isinstance(parts, list):
        made["content"] = [part for part in parts if at(part, "type") != "reasoning"]
    calls = [
        tool_call(call.get("id"), call["function"], call.get("arguments") or {})
        for call in as_objects(message.get("tool_calls"))
        if isinstance(call.get("function"), str)
    ]
    return made | ({"tool_calls": calls} if calls else {})


def _counts(usage: Record) -> Json:
    return Counts(
        given=usage.get("input_tokens"),
        taken=usage.get("output_tokens"),
        read=usage.get("input_tokens_cache_read"),
        written=usage.get("input_tokens_cache_write"),
        reasoning=usage.get("reasoning_tokens"),
        total=usage.get("total_tokens"),
    ).usage()


LOG = Opener(opens=lambda keys: keys >= {"version", "eval", "samples"}, open=_open_log)
SAMPLES = Opener(
    opens=lambda keys: keys >= {"id", "epoch", "input", "target"} and not keys.isdisjoint(("events", "messages")),
    open=_open_sample,
)
READER = Reader(name=_NAME, rank=9, matches=_is_event, read=_read)
