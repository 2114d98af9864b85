"""Requests of Converse, one wire format for all of Bedrock's models, whose messages are made of untyped blocks."""

from advisor.ingest.messages.blocks import as_text, file_part
from advisor.ingest.messages.request import clean_messages, why_not_replayable
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Request

BLOCKS = frozenset({
    "text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent", "cachePoint",
    "guardContent", "citationsContent", "searchResult",
})  # fmt: skip
_PARAMS = {"maxTokens": "max_tokens", "temperature": "temperature", "topP": "top_p", "stopSequences": "stop"}
_MORE_PARAMS = {
    "top_k": "top_k", "topK": "top_k", "k": "top_k", "top_p": "top_p", "p": "top_p", "seed": "seed",
    "max_tokens": "max_tokens", "stop": "stop", "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty", "reasoning_effort": "reasoning_effort",
}  # fmt: skip
_TEXT_FORMATS = frozenset({"txt", "md", "csv", "html"})
_CHOICES = {"auto": "auto", "any": "required"}


def read_converse(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The request and why it cannot be replayed.

    A last message of the assistant is the start of the answer and left out (see bodies.read_call).
    """
    given = body["messages"]
    if len(given) > 1 and _is_prefill(given[-1]):
        given = given[:-1]
    messages = read_blocks([{"role": "system", "content": body.get("system")}, *given])
    params = _params(body)
    return Request(messages=messages, params=params), why_not_replayable(messages, params)


def read_blocks(messages: list[Json]) -> list[dict[str, Json]]:
    """Converse's messages as OpenAI's; raises RowRejected when they are no conversation."""
    return clean_messages([found for message in messages for found in _openai(message)])


def tool_of(spec: dict[str, Json]) -> dict[str, Json]:
    """A ``toolSpec`` as OpenAI's function."""
    schema = inner(spec.get("inputSchema"), "json")
    function = {"name": spec.get("name"), "description": spec.get("description"), "parameters": schema}
    if spec.get("strict"):
        function["strict"] = True
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def _is_prefill(message: Json) -> bool:
    content = message.get("content") if isinstance(message, dict) and message.get("role") == "assistant" else None
    return isinstance(content, list) and bool(content) and all(text_of(block) is not None for block in content)


def _openai(message: Json) -> list[Json]:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        is_nothing = isinstance(message, dict) and message.get("role") == "system" and not content
        return [] if is_nothing else [message]
    role = str(message.get("role"))
    messages: list[Json] = []
    parts: list[Json] = []
    calls: list[Json] = []
    for block in content:
        if role == "assistant" and _is_of_server(block):
            parts.append({"type": "server_tool_use"})
        elif isinstance(result := inner(block, "toolResult"), dict):
            shown = _result_parts(result)
            texts = [part["text"] for part in shown if part["type"] == "text"]
            answered = {"role": "tool", "tool_call_id": str(result.get("toolUseId") or "")}
            messages.append(answered | {"content": "\n".join(texts)})
            parts += [part for part in shown if part["type"] != "text"]
        elif isinstance(use := inner(block, "toolUse"), dict):
            calls.append(_call(use, len(calls)))
        elif (part := _part(block)) is not None:
            parts.append(part)
    if parts or calls:
        if role == "assistant" and all(part["type"] == "text" for part in parts):
            text: Json = "".join(part["text"] for part in parts) or None
        else:
            text = parts
        messages.append({"role": role, "content": text} | ({"tool_calls": calls} if calls else {}))
    return messages


def _is_of_server(block: Json) -> bool:
    """A tool that the provider ran, or its result, which only then stands in the assistant's turn."""
    return inner(inner(block, "toolUse"), "type") == "server_tool_use" or inner(block, "toolResult") is not None


def _call(use: dict[str, Json], index: int) -> Json:
    function = {"name": str(use.get("name") or ""), "arguments": as_text(use.get("input") or {})}
    return {"id": str(use.get("toolUseId") or f"call_{index}"), "type": "function", "function": function}


def _result_parts(result: dict[str, Json]) -> list[dict[str, Json]]:
    content = result.get("content")
    parts: list[dict[str, Json]] = []
    for block in content if isinstance(content, list) else [{"text": as_text(content or "")}]:
        if isinstance(block, dict) and "json" in block:
            parts.append({"type": "text", "text": as_text(block["json"])})
        elif (part := _part(block)) is not None:
            parts.append(part)
    return parts


def _part(block: Json) -> dict[str, Json] | None:
    """A block as OpenAI's part; None for an empty one, thoughts and marks of the cache, which no other vendor takes."""
    if (text := text_of(block)) is not None:
        return {"type": "text", "text": text}
    if not isinstance(block, dict):
        return {"type": "text", "text": as_text(block)}
    if isinstance(image := block.get("image"), dict):
        return _file(f"image/{image.get('format') or 'png'}", image.get("source"))
    if isinstance(document := block.get("document"), dict):
        return _document(document)
    kind = next((key for key in block if key in BLOCKS), next(iter(block), "empty"))
    if kind in ("reasoningContent", "cachePoint", "text"):
        return None
    return {"type": {"video": "video_url"}.get(kind, kind)}


def _file(kind: str, source: Json) -> dict[str, Json]:
    data = inner(source, "bytes")
    if data is None:
        place = inner(inner(source, "s3Location"), "uri")
        return {"type": "image_url", "image_url": {"url": str(place or "")}}
    return file_part(kind, data)


def _document(document: dict[str, Json]) -> dict[str, Json]:
    source = document.get("source")
    text = inner(source, "text")
    if isinstance(text, str):
        return {"type": "text", "text": text}
    if str(document.get("format")) in _TEXT_FORMATS and isinstance(inner(source, "bytes"), str):
        return _file("text/plain", source)
    return {"type": "document"}


def text_of(block: Json) -> str | None:
    """The text of a block, also one that is guarded, cited or found by a search of the caller's."""
    if not isinstance(block, dict):
        return block if isinstance(block, str) else None
    if isinstance(block.get("text"), str):
        return str(block["text"])
    guarded = inner(inner(block.get("guardContent"), "text"), "text")
    if isinstance(guarded, str):
        return guarded
    for key in ("citationsContent", "searchResult"):
        cited = inner(block.get(key), "content")
        if isinstance(cited, list):
            texts = [one["text"] for one in cited if isinstance(one, dict) and isinstance(one.get("text"), str)]
            return "".join(texts)
    return None


def _params(body: dict[str, Json]) -> dict[str, Json]:
    config, more = body.get("inferenceConfig"), body.get("additionalModelRequestFields")
    params = {name: inner(config, key) for key, name in _PARAMS.items() if _has(config, key)}
    for where in (more, inner(more, "inferenceConfig"), config):
        for key, name in _MORE_PARAMS.items():
            if _has(where, key):
                params.setdefault(name, inner(where, key))
    tools: list[Json] = []
    listed = inner(body.get("toolConfig"), "tools")
    for tool in listed if isinstance(listed, list) else []:
        if isinstance(spec := inner(tool, "toolSpec"), dict):
            tools.append(tool_of(spec))
        elif isinstance(tool, dict) and "cachePoint" not in tool:
            own = inner(tool.get("systemTool"), "name") or next(iter(tool), "")
            tools.append({"type": str(own)})
    own_tools = inner(more, "tools")
    tools += own_tools if isinstance(own_tools, list) else []
    if tools:
        params["tools"] = tools
    choice = inner(body.get("toolConfig"), "toolChoice")
    if tools and isinstance(choice, dict) and choice:
        named = inner(choice.get("tool"), "name")
        function = {"type": "function", "function": {"name": named}}
        params["tool_choice"] = function if named else _CHOICES.get(next(iter(choice)), "auto")
    layout = _layout(body.get("outputConfig"))
    return params | ({"response_format": layout} if layout else {})


def _layout(config: Json) -> Json:
    structure = inner(inner(inner(config, "textFormat"), "structure"), "jsonSchema")
    if not isinstance(structure, dict):
        return None
    schema = {"name": structure.get("name") or "answer", "schema": decode(structure.get("schema"))}
    described = {"description": structure["description"]} if structure.get("description") else {}
    return {"type": "json_schema", "json_schema": schema | described}


def _has(where: Json, key: str) -> bool:
    return isinstance(where, dict) and where.get(key) not in (None, [])


def inner(value: Json, key: str) -> Json:
    """The value under a key of what should be an object."""
    return value.get(key) if isinstance(value, dict) else None
