"""Messages made of typed blocks, as Anthropic, LangChain, OpenTelemetry and the AI SDK log them, as OpenAI's messages.

A block is a text, an image, a thought, a call of a tool or its result. OpenAI keeps the calls beside the content and
gives every result a message of its own, so that one message of blocks may become several.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from advisor.ingest.messages.tools import tool_call
from advisor.ingest.values.json_text import as_objects, as_text, at
from advisor.types import Json

THOUGHTS = frozenset({"thinking", "redacted_thinking", "reasoning", "reasoning_content"})
CALLS = frozenset({"tool_use", "tool_call", "tool-call"})
RESULTS = frozenset({"tool_result", "tool_call_response", "tool-result"})
_TEXTS = frozenset({"text", "input_text", "output_text", None})
_IMAGES = frozenset({"image", "image_url", "input_image", "blob", "uri", "media"})
_BASE64 = re.compile(r"[A-Za-z0-9+/_=\s-]*")
_CUT = "[truncated]"
"""As request.is_altered knows it."""
_HEAD_CHARS = 400


def messages_of(role: str, blocks: list[Json], kept: dict[str, Json] | None = None) -> list[dict[str, Json]]:
    """OpenAI messages of one message of blocks, in their order; ``kept`` are more keys for the message itself.

    Thoughts are left out: no other vendor takes them. What is not known stays as it is among the parts.
    """
    messages: list[dict[str, Json]] = []
    parts: list[Json] = []
    calls: list[dict[str, Json]] = []
    results = False
    for block in blocks:
        kind = kind_of(block)
        if kind in THOUGHTS:
            continue
        if kind in CALLS:
            calls.append(call_of(block, len(calls)))
        elif kind in RESULTS:
            if parts:
                messages.append({"role": role, "content": _content_of(role, parts)})
                parts = []
            messages.append(_result_of(block))
            results = True
        else:
            parts.append(part_of(block))
    if parts or calls or not results:
        message: dict[str, Json] = {"role": role, "content": _content_of(role, parts) if parts else None}
        messages.append(message | (kept or {}) | ({"tool_calls": calls} if calls else {}))
    return messages


def said(role: str, parts: list[Json], calls: list[Json]) -> list[dict[str, Json]]:
    """One message of parts and calls, none where there are neither; the texts of an assistant are pieces of one."""
    if not parts and not calls:
        return []
    is_text = role == "assistant" and all(at(part, "type") == "text" for part in parts)
    content: Json = "".join(part["text"] for part in parts) or None if is_text else parts
    return [{"role": role, "content": content} | ({"tool_calls": calls} if calls else {})]


def without_prefill(messages: list[Json]) -> list[Json]:
    """The messages without a last one of the assistant, which begins the answer unless it waits for tools.

    The recorded answer gets that beginning (see bodies.read_call).
    """
    last = messages[-1] if len(messages) > 1 else None
    if at(last, "role") != "assistant" or at(last, "tool_calls"):
        return messages
    blocks = as_objects(at(last, "content"))
    return messages[:-1] if all("text" in block or kind_of(block) in THOUGHTS for block in blocks) else messages


def blocks_in(messages: list[Json], key: str = "content") -> Iterator[dict[str, Json]]:
    """Every block of these messages, which stand under ``key``."""
    for message in messages:
        yield from as_objects(at(message, key))


def kind_of(block: Json) -> str | None:
    """The type of a block; None where it tells none."""
    kind = block.get("type") if isinstance(block, dict) else None
    return kind if kind is None or isinstance(kind, str) else str(kind)


def part_of(block: Json) -> Json:
    """A text or an image as OpenAI's part; others as they are."""
    if isinstance(block, str):
        return {"type": "text", "text": block}
    if not isinstance(block, dict):
        return block
    kind = kind_of(block)
    if kind in _TEXTS:
        text = block.get("text") if "text" in block else block.get("content")
        return {"type": "text", "text": "" if text is None else as_text(text)} if kind or text is not None else block
    return _image_of(block) if kind in _IMAGES else block


def call_of(block: dict[str, Json], index: int) -> dict[str, Json]:
    """A call of a tool, with its arguments as JSON text."""
    name = next((block[key] for key in ("name", "toolName", "tool_name") if block.get(key)), "")
    identity = block.get("id") or block.get("toolCallId") or block.get("call_id") or f"call_{index}"
    given: Any = next((block[key] for key in ("input", "arguments", "args") if block.get(key) is not None), {})
    return tool_call(identity, name, given)


def _content_of(role: str, parts: list[Json]) -> Json:
    """One text as text; the texts of an assistant are pieces of one."""
    texts = [part["text"] for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    if len(texts) == len(parts) and (len(texts) == 1 or role == "assistant"):
        return "".join(texts)
    return parts


def _result_of(block: dict[str, Json]) -> dict[str, Json]:
    given: Any = next((block[key] for key in ("content", "response", "result", "output") if key in block), "")
    if (
        isinstance(given, dict)
        and "value" in given
        and str(given.get("type")).partition("-")[0] in ("text", "json", "error")
    ):
        given = given["value"]
    if isinstance(given, list) and given and all(isinstance(item, dict) and "type" in item for item in given):
        content = _content_of("tool", [part_of(item) for item in given])
    else:
        content = "" if given is None or given == [] else as_text(given)
    identity = next((block[key] for key in ("tool_use_id", "id", "toolCallId", "tool_call_id") if block.get(key)), None)
    return {"role": "tool", "content": content} | ({"tool_call_id": str(identity)} if identity else {})


def _image_of(block: dict[str, Json]) -> Json:
    if isinstance(block.get("image_url"), dict | str):
        url = block["image_url"]
        return {"type": "image_url", "image_url": url if isinstance(url, dict) else {"url": url}}
    source = block["source"] if isinstance(block.get("source"), dict) else block
    media = next((source[key] for key in ("media_type", "mime_type", "mimeType", "mediaType") if source.get(key)), None)
    if not str(media or block.get("modality") or "image").startswith("image"):
        return {"type": "audio" if str(media or block.get("modality")).startswith("audio") else "file"}
    data = next(
        (source[key] for key in ("data", "base64", "content", "image") if isinstance(source.get(key), str)), None
    )
    url = next((source[key] for key in ("url", "uri") if isinstance(source.get(key), str)), None)
    if data and data.startswith(("http:", "https:", "data:")):
        data, url = None, data
    if data:
        url = f"data:{media or 'image/png'};base64,{data}"
    return {"type": "image_url", "image_url": {"url": url}} if url else {"type": "image_file"}


def file_part(kind: str, data: Json) -> dict[str, Json]:
    """A file of a media type such as ``image/png`` as a part; a text becomes text, for that is how a model reads it.

    Where the data was cut out of the log, the part is a text that says so and makes the request not replayable.
    """
    if not isinstance(data, str) or not data or not _BASE64.fullmatch(data[:_HEAD_CHARS]):
        return {"type": "text", "text": _CUT}
    data = data.replace("-", "+").replace("_", "/")  # Google's Python library writes base64 for URLs
    family = kind.partition("/")[0]
    if family == "image":
        return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}
    if family == "text" or kind == "application/json":
        try:
            return {"type": "text", "text": base64.b64decode(data).decode()}
        except (binascii.Error, UnicodeDecodeError):
            return {"type": "file"}
    return {"type": {"audio": "audio", "video": "video_url"}.get(family, "file")}
