"""Ollama's own API, ``/api/chat`` and ``/api/generate``: options apart from the messages, streams of JSON lines."""

from dataclasses import replace
from typing import Any

from advisor.ingest.messages.blocks import file_part
from advisor.ingest.messages.reply import Reply, is_json_lines, read_reply
from advisor.ingest.messages.request import read_request, schema_format, with_system
from advisor.ingest.messages.usage import Counts
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_objects, at, decode
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.vendors import Vendor
from advisor.types import Json, Request

_OWN = frozenset({"options", "keep_alive", "raw", "template", "context", "format"})
_NAMES = {"num_predict": "max_tokens", "repeat_penalty": "repetition_penalty"}
_PARAMS = (
    "temperature", "top_p", "top_k", "min_p", "seed", "stop", "max_tokens", "frequency_penalty", "presence_penalty",
    "repetition_penalty",
)  # fmt: skip
_NS = 1e9


def _asks(body: dict[str, Json]) -> bool:
    """What only Ollama takes, beside messages or a prompt, or images in messages."""
    messages = body.get("messages")
    if not isinstance(messages, list) and not isinstance(body.get("prompt"), str):
        return False
    if not _OWN.isdisjoint(body):
        return isinstance(body.get("options", {}), dict)
    return isinstance(messages, list) and any("images" in message for message in messages if isinstance(message, dict))


def _read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    messages = [_message(message) for message in as_list(body.get("messages"))]
    if not messages:
        asked = {"role": "user", "content": body.get("prompt"), "images": body.get("images")}
        messages = with_system(body.get("system"), [_message(asked)])
    options = {_NAMES.get(key, key): value for key, value in as_object(body.get("options")).items()}
    params = {key: options[key] for key in _PARAMS if options.get(key) is not None}
    if isinstance(params.get("max_tokens"), int) and params["max_tokens"] < 1:  # -1: no limit
        del params["max_tokens"]
    form = body.get("format")
    if isinstance(form, dict):
        params["response_format"] = schema_format(None, form)
    elif form == "json":
        params["response_format"] = {"type": "json_object"}
    tools = {"tools": body["tools"]} if body.get("tools") else {}
    return read_request(params | tools | {"messages": messages, "model": body.get("model")})


def _message(message: Json) -> Json:
    """A message with its images among its parts."""
    images = [image for image in as_list(at(message, "images")) if isinstance(image, str)]
    if not isinstance(message, dict) or not images:
        return message
    text: list[Json] = [{"type": "text", "text": message.get("content") or ""}]
    return message | {"content": [*text, *(file_part("image/png", image) for image in images)]}


def _is_chunk(body: Json) -> bool:
    is_said = isinstance(at(body, "message"), dict) or isinstance(at(body, "response"), str)
    return is_said and isinstance(at(body, "done"), bool) and "choices" not in body


def _answers(body: Json) -> bool:
    if isinstance(body, str):
        return is_json_lines(body)
    return _is_chunk(body[0]) if isinstance(body, list) and body else _is_chunk(body)


def _read_reply(body: Json) -> Reply:
    if isinstance(body, str):
        body = [decode(line) for line in body.split("\n") if line.strip()]
    chunks = [chunk for chunk in (as_objects(body) if isinstance(body, list) else [body]) if isinstance(chunk, dict)]
    if not chunks or not any(map(_is_chunk, chunks)):
        return read_reply(body)
    last = chunks[-1]
    texts = (as_name(at(chunk, "message", "content")) or as_name(chunk.get("response")) for chunk in chunks)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(filter(None, texts)),
        "tool_calls": [call for chunk in chunks for call in as_list(at(chunk, "message", "tool_calls"))],
    }
    if message["tool_calls"] and not message["content"]:
        message["content"] = None
    total = parse_number(last.get("total_duration"))
    reply = replace(
        read_reply(message).finished(last.get("done_reason")),
        usage=Counts(given=last.get("prompt_eval_count"), taken=last.get("eval_count")).usage(),
        model=as_name(last.get("model")),
        created=chunks[0].get("created_at"),
        latency_s=total / _NS if total else None,
    )
    return reply if last.get("done") is True else reply.ended()


VENDOR = Vendor(
    name="ollama", rank=16, asks=_asks, answers=_answers, read_request=_read_request, read_reply=_read_reply
)
