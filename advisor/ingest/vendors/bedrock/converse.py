"""Converse, one wire format for all of Bedrock's models, whose messages are made of untyped blocks."""

from typing import Any

from advisor.ingest.messages.blocks import file_part, said, without_prefill
from advisor.ingest.messages.reply import CUT_OFF, Reply, answer_of, finish_reason_of
from advisor.ingest.messages.request import (
    PARAM_NAMES,
    SAMPLING_PARAMS,
    clean_messages,
    schema_format,
    why_not_replayable,
)
from advisor.ingest.messages.tools import function_tool, tool_call, tools_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_text, at, decode
from advisor.types import Answer, Json, Request, ToolCall

BLOCKS = frozenset({
    "text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent", "cachePoint",
    "guardContent", "citationsContent", "searchResult",
})  # fmt: skip
_PARAM_NAMES = PARAM_NAMES | {"k": "top_k", "p": "top_p"}
_TEXT_FORMATS = frozenset({"txt", "md", "csv", "html"})
_CHOICES = {"auto": "auto", "any": "required"}


def read_converse(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The request and why it cannot be replayed."""
    given = without_prefill(body["messages"])
    system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
    messages = read_blocks([*system, *given])
    params = _params(body)
    return Request(messages=messages, params=params), why_not_replayable(messages, params)


def read_blocks(messages: list[Json]) -> list[dict[str, Json]]:
    """Converse's messages as OpenAI's; raises RowRejected when they are no conversation.

    Results of tools become messages of their own, thoughts are left out.
    """
    return clean_messages([found for message in messages for found in _openai(message)])


def _openai(message: Json) -> list[Json]:
    content = at(message, "content")
    if not isinstance(content, list):
        return [message]
    role = str(message.get("role"))
    messages: list[Json] = []
    parts: list[Json] = []
    calls: list[Json] = []
    for block in content:
        is_result = at(block, "toolResult") is not None  # of a tool that the provider ran, in the assistant's turn
        if role == "assistant" and (is_result or at(block, "toolUse", "type") == "server_tool_use"):
            parts.append({"type": "server_tool_use"})
        elif isinstance(result := at(block, "toolResult"), dict):
            shown = _result_parts(result)
            text = "\n".join(part["text"] for part in shown if part["type"] == "text")
            messages.append({"role": "tool", "tool_call_id": str(result.get("toolUseId") or ""), "content": text})
            parts += [part for part in shown if part["type"] != "text"]
        elif isinstance(use := at(block, "toolUse"), dict):
            identity = use.get("toolUseId") or f"call_{len(calls)}"
            calls.append(tool_call(identity, use.get("name") or "", use.get("input") or {}))
        elif (part := _part(block)) is not None:
            parts.append(part)
    return [*messages, *said(role, parts, calls)]


def _result_parts(result: dict[str, Json]) -> list[dict[str, Json]]:
    content = result.get("content")
    blocks = content if isinstance(content, list) else [{"text": as_text(content or "")}]
    parts = [
        _part({"text": as_text(block["json"])} if isinstance(block, dict) and "json" in block else block)
        for block in blocks
    ]
    return [part for part in parts if part is not None]


def _part(block: Json) -> dict[str, Json] | None:
    """A block as OpenAI's part; None for an empty one, thoughts and marks of the cache, which no other vendor takes."""
    if (text := _text_of(block)) is not None:
        return {"type": "text", "text": text}
    if not isinstance(block, dict):
        return {"type": "text", "text": as_text(block)}
    if isinstance(image := block.get("image"), dict):
        if (data := at(image, "source", "bytes")) is None:
            return {"type": "image_url", "image_url": {"url": str(at(image, "source", "s3Location", "uri") or "")}}
        return file_part(f"image/{image.get('format') or 'png'}", data)
    if isinstance(document := block.get("document"), dict):
        return _document(document)
    kind = next((key for key in block if key in BLOCKS), next(iter(block), "empty"))
    if kind in ("reasoningContent", "cachePoint", "text"):
        return None
    return {"type": {"video": "video_url"}.get(kind, kind)}


def _document(document: dict[str, Json]) -> dict[str, Json]:
    text, data = at(document, "source", "text"), at(document, "source", "bytes")
    if isinstance(text, str):
        return {"type": "text", "text": text}
    if str(document.get("format")) in _TEXT_FORMATS and isinstance(data, str):
        return file_part("text/plain", data)
    return {"type": "document"}


def _text_of(block: Json) -> str | None:
    """The text of a block, also one that is guarded, cited or found by a search of the caller's."""
    if isinstance(block, str):
        return block
    for text in (at(block, "text"), at(block, "guardContent", "text", "text")):
        if isinstance(text, str):
            return text
    for key in ("citationsContent", "searchResult"):
        if isinstance(cited := at(block, key, "content"), list):
            return "".join(text for one in cited if isinstance(text := at(one, "text"), str))
    return None


def _params(body: dict[str, Json]) -> dict[str, Json]:
    more = as_object(body.get("additionalModelRequestFields"))
    params: dict[str, Json] = {}
    for where in (body.get("inferenceConfig"), more, more.get("inferenceConfig")):
        for key, value in as_object(where).items():
            name = _PARAM_NAMES.get(key, key)
            if name in SAMPLING_PARAMS and value not in (None, []):
                params.setdefault(name, value)
    tools: list[Json] = []
    for tool in as_list(at(body, "toolConfig", "tools")):
        if at(tool, "toolSpec") is not None:
            tools += tools_of([tool])
        elif isinstance(tool, dict) and "cachePoint" not in tool:
            tools.append({"type": str(at(tool, "systemTool", "name") or next(iter(tool), ""))})
    tools += as_list(more.get("tools"))
    if tools:
        params["tools"] = tools
        choice = as_object(at(body, "toolConfig", "toolChoice"))
        if named := at(choice, "tool", "name"):
            params["tool_choice"] = function_tool(name=named)
        elif choice:
            params["tool_choice"] = _CHOICES.get(next(iter(choice)), "auto")
    structure = at(body, "outputConfig", "textFormat", "structure", "jsonSchema")
    if isinstance(structure, dict):
        described = {"description": structure["description"]} if structure.get("description") else {}
        params["response_format"] = schema_format(structure.get("name"), decode(structure.get("schema")), **described)
    return params


def read_message(message: Json, reason: Json = None) -> Answer | None:
    """A message of the assistant; what the provider's own tools did on the way is left out."""
    content = at(message, "content")
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in content if isinstance(content, list) else [{"text": content}]:
        if (text := _text_of(block)) is not None:
            texts.append(text)
        elif isinstance(call := at(block, "toolUse"), dict) and call.get("type") != "server_tool_use":
            calls.append(ToolCall(name=str(call.get("name") or ""), arguments=as_text(call.get("input") or {})))
    return answer_of("".join(texts), calls, finish_reason_of(reason))


def read_output(body: dict[str, Json]) -> Reply:
    """A reply of Converse or of Nova; the model is that which a prompt router chose."""
    answer = read_message(at(body, "output", "message"), body.get("stopReason"))
    return Reply(
        answer=answer,
        usage=read_usage(body.get("usage")),
        model=as_name(at(body, "trace", "promptRouter", "invokedModelId")),
        error=None if answer or at(body, "output", "message", "content") else "the recorded response holds no answer",
    )


def merge_events(events: list[dict[str, Json]]) -> Reply:
    """One Reply from the events of ConverseStream, also when they stop in the middle."""
    blocks: dict[int, dict[str, Any]] = {}
    body: dict[str, Json] = {}
    error: str | None = None
    for kind, told in ((kind, told) for event in events for kind, told in event.items() if isinstance(told, dict)):
        index = at(told, "contentBlockIndex")
        index = index if isinstance(index, int) else 0
        if kind.endswith("Exception"):
            error = str(told.get("message") or kind)
        elif kind == "contentBlockStart" and isinstance(use := at(told, "start", "toolUse"), dict):
            blocks[index] = {"toolUse": use | {"input": ""}}
        elif kind == "contentBlockDelta":
            _add_delta(blocks.setdefault(index, {}), told)
        elif kind == "messageStop":
            body["stopReason"] = told.get("stopReason")
        elif kind == "metadata":
            body |= {key: told[key] for key in ("usage", "trace") if key in told}
    reply = read_output(body | {"output": {"message": {"content": [blocks[index] for index in sorted(blocks)]}}})
    return reply if body.get("stopReason") is not None and error is None else reply.ended(error or CUT_OFF)


def _add_delta(block: dict[str, Any], told: dict[str, Json]) -> None:
    if isinstance(text := at(told, "delta", "text"), str):
        block["text"] = block.get("text", "") + text
    if isinstance(use := at(told, "delta", "toolUse"), dict):
        block.setdefault("toolUse", {"input": ""})["input"] += str(use.get("input") or "")
