"""Recorded calls of OpenAI's chat completions: a request and a response under any of the usual names, or flattened.

What was asked may also stand beside the response: ``messages`` or a prompt, and the parameters. Either may be within
one level of ``{"body": ...}``.
"""

from functools import lru_cache

import orjson

from advisor.ingest.homemade.names import Hint, hints_of, plain_name
from advisor.ingest.homemade.prompt_strings import messages_of
from advisor.ingest.messages.reply import CUT_OFF, Reply, is_stream, read_reply
from advisor.ingest.messages.request import PARAM_KEYS, with_system
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import NotChat, Reader, Record, RowRejected
from advisor.ingest.records.bodies import (
    Call,
    answerer_of,
    asker_of,
    other_operation,
    read_request,
    with_status,
)
from advisor.ingest.records.columns import SYNONYMS, guess_columns
from advisor.ingest.records.envelope import assemble
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, find_pair, usual_body, usual_status
from advisor.ingest.values.json_text import as_object, as_text, at, decode, object_in
from advisor.ingest.vendors.openai_chat import VENDOR
from advisor.types import Answer, Json, Sample

NO_PROMPT = "the log does not hold the prompt"
_WRAPPER_KEYS = ("payload", "log", "http")
_CALL_KEYS = frozenset({"messages", "prompt", "choices", *REQUEST_KEYS, *RESPONSE_KEYS})
# Beside a completion these name an end user or a line of the gateway's own log as often as a prompt.
_VAGUE_KEYS = frozenset({"message", "content", "text", "user", "context", "instructions"})
_KEYS_SHOWN = 12
_STATUSES = range(100, 600)
# Words of the keys that programs write: of what was said, beside it, and where nothing was.
_SAID = frozenset({
    "text", "message", "messages", "answer", "answers", "reply", "replies", "output", "outputs", "response",
    "responses", "result", "results", "content", "contents", "completion", "completions", "choice", "choices",
    "candidates", "generation", "generations", "generated", "body", "data", "payload", "parts",
})  # fmt: skip
_TOLD = frozenset({
    "id", "model", "object", "created", "timestamp", "latency", "elapsed", "duration", "took", "cost", "metadata",
    "meta", "headers", "request", "url", "role", "type", "tool", "session", "cached", "version", "done",
    "citations", "sources",
})  # fmt: skip
_FAILED = frozenset({
    "error", "errors", "detail", "details", "code", "status", "success", "ok", "timeout", "exception", "traceback",
    "tokens", "usage", "finish", "stop",
})  # fmt: skip
_HINTS = frozenset({Hint.ANSWER, Hint.TEXT, Hint.TOKENS, Hint.DURATION})


def _matches(record: Record) -> bool:
    """A chat request body or a chat completion under a usual key, and nothing that only Anthropic has."""
    record = unwrap(record)
    request, response = _bodies(record)
    if _is_other_vendor(request, response):
        return False
    if isinstance(as_object(request).get("messages"), list):
        return True
    if isinstance(response, str):
        is_stream = response.lstrip().startswith("data:") and '"chat.completion.chunk"' in response
        return is_stream or is_conversation(request)
    if not isinstance(response, dict) or not _is_completion(response):
        return False
    return _asked(record, request) is not None or find_pair(record) is None  # else the prompt is deeper within


def _read(record: Record) -> Sample:
    """One call; a call without its prompt is kept for volume when its usage or its id is known."""
    record = unwrap(record)
    request, response = _bodies(record)
    url = record.get("url") or record.get("path") or record.get("endpoint")
    if url and (kind := other_operation(str(url))):
        raise NotChat(kind)
    data = as_object(response).get("data")
    if isinstance(data, list) and data and at(data[0], "object") == "embedding":
        raise NotChat("embeddings")
    reply = _reply(record, request, response)
    if record.get("response") == "" and at(request, "stream"):
        reply = Reply(error=CUT_OFF)
    body = _asked(record, request)
    if body is not None:
        asked, reason = read_request(body, VENDOR)
        return assemble({"model": body.get("model")} | record, asked, reply, not_replayable=reason)
    if reply.usage or reply.response_id or read_usage(record.get("usage")) or read_usage(record):
        return Call(not_replayable=NO_PROMPT, reply=reply).sample(record)
    raise RowRejected(no_prompt_in(record))


def _reply(record: Record, request: Json, response: Json) -> Reply:
    """A body or a message; an answer in JSON, as text or as an object in which nothing is a program's."""
    asked, written = (
        next((record[key] for key in keys if record.get(key)), None) for keys in (REQUEST_KEYS, RESPONSE_KEYS)
    )
    is_encoded = isinstance(asked, str) and isinstance(request, dict | list)  # so is what came back
    is_number = _is_number(record, response) and not isinstance(request, int)  # no numbers of tokens
    reply = read_reply(response)
    if isinstance(response, str):
        status = usual_status(record)
        return reply if status is None else with_status(reply, status, is_said=is_stream(response))
    if isinstance(written, str) and not is_encoded and is_asked_for(response, is_text=True):
        reply = Reply(answer=Answer(text=written))
    elif reply == Reply() and (is_number or is_asked_for(response)):
        reply = Reply(answer=Answer(text=as_text(response)))
    else:
        return reply
    return with_status(reply, usual_status(record), is_said=False)


def _is_number(record: Record, response: Json) -> bool:
    """Whether a number is the answer, and not the HTTP status of one under another key."""
    told = [key for key in {*RESPONSE_KEYS, *SYNONYMS["answer"]} if record.get(key) not in (None, "")]
    return isinstance(response, int | float) and (len(told) <= 1 or response not in _STATUSES)


def is_asked_for(value: Json, *, is_text: bool = False) -> bool:
    """Whether an object or a list is what a model was asked for, by its keys: what programs write names an answer.

    ``is_text``: it was text in the log. A model's JSON may name its answer too, but not tell of the call beside it.
    """
    items = value if isinstance(value, list) else [value]
    objects = [item for item in items if isinstance(item, dict) and item]
    if not items or not all(isinstance(item, str) or item in objects for item in items):
        return False
    is_lone = len(items) == 1 and (not objects or len(objects[0]) == 1)
    return (is_text or not is_lone) and not any(_is_of_program(each, is_text=is_text) for each in objects)


def _is_of_program(value: dict[str, Json], *, is_text: bool) -> bool:
    words = [frozenset(plain_name(key).split("_")) for key in value]
    said, told, failed = ([not names.isdisjoint(each) for each in words] for names in (_SAID, _TOLD, _FAILED))
    if not is_text:
        return any(said + told + failed) or any(not _HINTS.isdisjoint(hints_of(key)) for key in value)
    is_lone = len(value) == 1 and not (isinstance(only := next(iter(value.values())), list) and only)
    is_told = any(failed) or (any(said) and any(told)) or {"id", "object"} <= value.keys()
    return (is_lone or is_told) and all(map(any, zip(said, told, failed, strict=True)))


def unwrap(record: Record) -> Record:
    """The call inside ``{"payload": {...}}`` and the like, with the keys around it; other records as they are."""
    if not _CALL_KEYS.isdisjoint(record):
        return record
    for key in _WRAPPER_KEYS:
        inner = object_in(record.get(key))
        if not _CALL_KEYS.isdisjoint(inner):
            return record | inner
    return record


def params_beside(record: Record) -> dict[str, Json]:
    """Model and parameters of a request that stand at the top of a record, cells of a table as JSON values."""
    groups = [object_in(record.get(key)) for key in SYNONYMS["params"]]
    return {
        key: param_in(key, where[key])
        for where in (*groups, record)
        for key in ("model", *PARAM_KEYS)
        if where.get(key) not in (None, "")
    }


def no_prompt_in(record: Record) -> str:
    """The reason for a record without a prompt: the keys it has, and what to do."""
    keys = ", ".join(list(record)[:_KEYS_SHOWN]) or "none"
    return f"no prompt found; its keys are: {keys}. If one holds the prompt, name it with --columns or on the page"


def param_in(name: str, value: Json) -> Json:
    """A parameter as a JSON value, also out of a cell of a table."""
    value = decode(value)
    if not isinstance(value, str) or name in ("model", "stop"):
        return value
    try:
        return orjson.loads(value.replace(",", ".") if name in ("temperature", "top_p") else value)
    except orjson.JSONDecodeError:
        return value


def _asked(record: Record, request: Json) -> dict[str, Json] | None:
    """The request as a chat-completions body, wherever its parts stand; None when the record holds no prompt."""
    settings = as_object(request)
    if settings.get("messages") is not None:
        return settings | {"messages": decode(settings["messages"])}
    messages = _as_messages(settings.get("prompt") if settings else request)
    is_whole = not isinstance(request, str) or not is_conversation(decode(record.get("messages")))
    if messages and is_whole:
        own = {key: value for key, value in settings.items() if key != "prompt"}
        return params_beside(record) | own | {"messages": messages}
    messages = _messages_beside(record)
    return params_beside(record) | params_beside(settings) | {"messages": messages} if messages else None


def _messages_beside(record: Record) -> list[Json] | None:
    names = guess(
        tuple(
            key
            for key, value in record.items()
            if value not in (None, "") and key.lower() not in _VAGUE_KEYS and key not in (*REQUEST_KEYS, *RESPONSE_KEYS)
        )
    )
    conversation = decode(record.get(names.get("messages", "messages")))
    messages = conversation if is_conversation(conversation) else _as_messages(record.get(names.get("prompt", "")))
    return with_system(record.get(names.get("system", "")), messages) if messages else None


@lru_cache(maxsize=64)
def guess(keys: tuple[str, ...]) -> dict[str, str]:
    """Which of a record's keys means what; a log has few sets of keys."""
    return guess_columns(keys)


def _as_messages(prompt: Json) -> list[Json] | None:
    decoded = decode(prompt)
    if isinstance(decoded, dict):
        decoded = decode(decoded.get("messages"))
    if isinstance(decoded, list) and is_conversation(decoded):
        return decoded
    return messages_of(prompt) if isinstance(prompt, str) and prompt.strip() else None


def is_conversation(value: Json) -> bool:
    """A list that begins with a message."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "role" in value[0]


def _bodies(record: Record) -> tuple[Json, Json]:
    """The record itself is the response where it is a completion, or has the choices of one beside its messages."""
    response = usual_body(record, RESPONSE_KEYS)
    if response is None and _is_completion(record):
        response = record | {"choices": decode(record["choices"])} if "choices" in record else record
    return usual_body(record, REQUEST_KEYS), response


def _is_completion(record: Record) -> bool:
    is_flat = "messages" in record and isinstance(decode(record.get("choices")), list)
    return record.get("object") == "chat.completion" or is_flat


def _is_other_vendor(request: Json, response: Json) -> bool:
    """Whether a more telling wire format than OpenAI's has the request or the response."""
    if isinstance(response, dict) and "choices" in response and not isinstance(request, str):
        return isinstance(request, dict) and "system" in request
    if answerer_of(response) not in (None, VENDOR):
        return True
    return isinstance(request, dict) and asker_of(request) not in (None, VENDOR)


READER = Reader(name="openai_chat", rank=40, matches=_matches, read=_read)
