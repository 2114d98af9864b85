"""Streams of Bedrock, however they were recorded: lists of events, chunks in base64, or the binary event stream."""

import base64
import binascii
import json
import re
from dataclasses import dataclass

from advisor.ingest.messages.usage import read_usage
from advisor.ingest.values.json_text import as_object, at, decode
from advisor.ingest.values.numbers import parse_seconds
from advisor.types import Json, Usage

METRICS = "amazon-bedrock-invocationMetrics"
_EVENT = re.compile(r":(?:event|exception)-type\W{0,8}?([A-Za-z]+)")
_PACKED = re.compile(r"AAA[A-Za-z0-9+/=\s]{60,}")
"""An event stream in base64 starts with the length of its first message."""
_BODY = re.compile(r":message-type\W{0,8}?(?:event|exception)")


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
