"""AWS Bedrock: Converse, Nova, and the bodies of the models that have a wire format of their own there.

Anthropic's and OpenAI's formats on Bedrock are those vendors' own and read by their modules. Streams may be recorded as
lists of events, as chunks in base64, or as the binary event stream.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, replace

from advisor.ingest.messages.blocks import blocks_in
from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import NotChat
from advisor.ingest.values.json_text import as_object, at, decode
from advisor.ingest.values.numbers import parse_seconds
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.anthropic import read_claude
from advisor.ingest.vendors.bedrock.converse import (
    BLOCKS,
    merge_events,
    read_blocks,
    read_converse,
    read_message,
    read_output,
)
from advisor.ingest.vendors.bedrock.invoke import answers_invoke, asks_invoke, read_chunks, read_invoke
from advisor.types import Json, Usage

_OF_CONVERSE = frozenset({
    "inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig", "performanceConfig",
    "outputConfig", "promptVariables",
})  # fmt: skip
_EVENTS = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata"})
_FAULT = frozenset({"message", "Message", "__type", "code", "originalStatusCode", "originalMessage", "resourceName"})
_NAMED = ("foundation-model/", "inference-profile/")
_OPAQUE = ("application-inference-profile/", "provisioned-model/", "prompt/", "prompt-router/")
METRICS = "amazon-bedrock-invocationMetrics"
_EVENT = re.compile(r":(?:event|exception)-type\W{0,8}?([A-Za-z]+)")
_PACKED = re.compile(r"AAA[A-Za-z0-9+/=\s]{60,}")
"""An event stream in base64 starts with the length of its first message."""
_BODY = re.compile(r":message-type\W{0,8}?(?:event|exception)")


def model_of(identity: str, answered_by: str | None = None) -> str:
    """The model's id without the account's part of an ARN.

    Where a profile hides the model, it is ``answered_by``, as the response names it; else the ARN as it is.
    """
    if not identity.startswith("arn:"):
        return identity
    resource = identity.split(":", 5)[-1]
    if any(mark in resource for mark in _OPAQUE):
        return model_of(answered_by) if answered_by else identity
    return resource.partition("/")[2] if resource.startswith(_NAMED) else identity


def _asks(body: dict[str, Json]) -> bool:
    """Messages of untyped blocks or with Converse's parameters; a prompt that a model there takes."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return not _OF_CONVERSE.isdisjoint(body) or _speaks(messages)
    return asks_invoke(body)


def _answers(body: Json) -> bool:
    """A reply or the chunks of a stream."""
    if isinstance(body, list):
        return unpack(body) is not body or answers_invoke(body) or any(_is_event(event) for event in body[:3])
    return isinstance(at(body, "output", "message"), dict) or answers_invoke(body)


def _speaks(messages: list[Json]) -> bool:
    """Blocks without a type."""
    return any("type" not in block and not BLOCKS.isdisjoint(block) for block in blocks_in(messages))


def _read_reply(body: Json) -> Reply:
    """Also of an error, of the chunks of any stream on Bedrock, and of messages."""
    body = unpack(body)
    if isinstance(body, list):
        reply = _read_list([item for item in body if isinstance(item, dict)])
        return reply if reply.usage else replace(reply, usage=metrics_of(body).usage)
    if not isinstance(body, dict):
        return read_reply(body)
    if isinstance(body.get("embedding"), list) or isinstance(body.get("embeddings"), list | dict):
        raise NotChat("embeddings")
    if isinstance(body.get("images"), list) or isinstance(body.get("artifacts"), list):
        raise NotChat("images")
    if isinstance(body.get("output"), dict):
        return read_output(body)
    if answers_invoke(body):
        return read_chunks([body], is_streamed=False)
    if isinstance(body.get("content"), list):
        return Reply(answer=read_message(body))
    if _FAULT.issuperset(body) and (message := body.get("message", body.get("Message"))):
        return Reply(error=str(message))
    return read_reply(body)


def _read_list(items: list[dict[str, Json]]) -> Reply:
    if any(str(item.get("type")).startswith(("message_", "content_block_")) for item in items):
        return read_claude(items)
    if any(isinstance(item.get("choices"), list) for item in items):
        return read_reply(items)
    if answers_invoke(items):
        return read_chunks(items)
    if any(_is_event(item) or any(key.endswith("Exception") for key in item) for item in items):
        return merge_events(items)
    answers = [item for item in items if item.get("role") == "assistant"]
    return Reply(answer=read_message(answers[-1])) if answers else Reply()


def _is_event(event: Json) -> bool:
    told = as_object(event)
    return any(isinstance(told.get(kind), dict) for kind in _EVENTS) and told.keys() <= _EVENTS | {METRICS, "p"}


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What Bedrock measured."""

    usage: Usage | None = None
    latency_s: float | None = None
    ttft_s: float | None = None


def unpack(body: Json) -> Json:
    """The events within chunks of bytes, base64 or a binary event stream; other bodies as they are."""
    if isinstance(body, str):
        return _of_text(body)
    if not isinstance(body, list):
        return body
    return [_of_chunk(item) for item in body] if any(_bytes_of(item) is not None for item in body[:3]) else body


def metrics_of(body: Json) -> Metrics:
    """The measurements in a response body or in the last events of a stream."""
    items = body if isinstance(body, list) else [body]
    for item in reversed(items[-3:]):
        if isinstance(told := at(item, METRICS), dict):
            counts = {
                "inputTokens": told.get("inputTokenCount"),
                "outputTokens": told.get("outputTokenCount"),
                "cacheReadInputTokens": told.get("cacheReadInputTokenCount"),
                "cacheWriteInputTokens": told.get("cacheWriteInputTokenCount"),
            }
            return Metrics(
                usage=read_usage(counts),
                latency_s=parse_seconds(told.get("invocationLatency"), "ms"),
                ttft_s=parse_seconds(told.get("firstByteLatency"), "ms"),
            )
        metrics = at(as_object(at(item, "metadata")) or item, "metrics")
        if isinstance(metrics, dict):
            return Metrics(latency_s=parse_seconds(metrics.get("latencyMs"), "ms"))
    return Metrics()


def _bytes_of(item: Json) -> str | None:
    packed = at(as_object(at(item, "chunk")) or item, "bytes")
    return packed if isinstance(packed, str) else None


def _of_chunk(item: Json) -> Json:
    packed = _bytes_of(item)
    if packed is None:
        return item
    try:
        return decode(base64.b64decode(packed, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        return decode(packed)


def _of_text(text: str) -> Json:
    if _PACKED.match(text):
        try:
            text = base64.b64decode("".join(text.split())).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return text
    if ":event-type" not in text and ":exception-type" not in text:
        return text
    events: list[Json] = []
    parser = json.JSONDecoder()
    for found in _EVENT.finditer(text):
        start = _BODY.search(text, found.end())
        if start is None or text[start.end() : start.end() + 1] != "{":
            continue
        try:
            payload = parser.raw_decode(text, start.end())[0]
        except (ValueError, RecursionError):
            continue  # the stream was torn here
        event = _of_chunk(payload)
        events.append(event if event is not payload else {found[1]: payload})
    return events


VENDOR = Vendor(
    name="bedrock",
    rank=20,
    asks=_asks,
    answers=_answers,
    speaks=_speaks,
    read_request=lambda body: read_converse(body) if isinstance(body.get("messages"), list) else read_invoke(body),
    read_messages=read_blocks,
    read_reply=_read_reply,
)
