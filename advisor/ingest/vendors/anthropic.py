"""Anthropic's messages, and the text completions before them: what the API takes and gives, also through clouds."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from advisor.ingest.messages.blocks import blocks_in, call_of, kind_of, messages_of, without_prefill
from advisor.ingest.messages.reply import (
    Reply,
    answer_of,
    failed,
    finish_reason_of,
    is_stream,
    read_reply,
    stream_events,
)
from advisor.ingest.messages.request import PARAM_NAMES, clean_messages, schema_format, why_not_replayable
from advisor.ingest.messages.tools import tool_choice_of, tools_of
from advisor.ingest.messages.usage import read_anthropic_usage
from advisor.ingest.values.json_text import as_list, as_name, as_object, at, decode, objects_in
from advisor.ingest.vendors import Vendor
from advisor.types import Answer, Json, Request, ToolCall

_OWN_KEYS = frozenset({
    "system", "stop_sequences", "anthropic_version", "anthropic_beta", "output_config", "output_format", "mcp_servers",
    "context_management", "max_tokens_to_sample",
})  # fmt: skip
_KEYS = _OWN_KEYS | {
    "model", "messages", "max_tokens", "temperature", "top_p", "top_k", "tools", "tool_choice", "thinking", "metadata",
    "stream", "service_tier", "cache_control", "container", "betas", "speed", "inference_geo",
}  # fmt: skip
_OWN_BLOCKS = frozenset({
    "tool_use", "tool_result", "thinking", "redacted_thinking", "server_tool_use", "mcp_tool_use", "container_upload",
    "search_result", "tool_addition", "compaction",
})  # fmt: skip
_BLOCKS = _OWN_BLOCKS | {"text"}
_LIKE_THEM = _OWN_BLOCKS | {"tool-call", "tool-result"}
"""With those of the AI SDK, which are built the same way."""
_PARAMS = (
    "max_tokens", "max_tokens_to_sample", "temperature", "top_p", "top_k", "stop_sequences", "speed", "inference_geo",
)  # fmt: skip
_VERSION = re.compile(r"_\d{8}$")
_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant):")


def _asks(body: dict[str, Json]) -> bool:
    """A key, tool, block or model that only Anthropic has, with its messages."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return "max_tokens_to_sample" in body and isinstance(body.get("prompt"), str)
    if _is_untyped(messages):
        return False
    if not _OWN_KEYS.isdisjoint(body):
        return True
    tool = next(iter(as_list(body.get("tools"))), None)
    if isinstance(tool, dict):
        return "input_schema" in tool or _VERSION.search(str(tool.get("type"))) is not None
    return ("claude" in str(body.get("model")) and _KEYS.issuperset(body)) or _have_blocks(messages, _OWN_BLOCKS)


def _is_untyped(messages: list[Json]) -> bool:
    """Bedrock's blocks have no type."""
    block = next(iter(as_list(at(next(iter(messages), None), "content"))), None)
    return isinstance(block, dict) and "type" not in block


def _have_blocks(messages: list[Json], kinds: frozenset[str]) -> bool:
    return any(
        kind_of(block) in kinds or (block.get("type") == "image" and ("source" in block or "image" in block))
        for block in blocks_in([message for message in messages if at(message, "role") is not None])
    )


def _answers(body: Json) -> bool:
    """A message, an error, a result of a batch, blocks, or the events of a stream."""
    if isinstance(body, str):
        head = body[:2000]
        return '"message_start"' in head or "event: message_start" in head or "event: content_block" in head
    if isinstance(body, list):
        first = as_object(next(iter(body), None))
        are_blocks = all(kind_of(block) in _BLOCKS and "role" not in block for block in body)
        return "message_start" in (first.get("type"), first.get("event")) or (bool(body) and are_blocks)
    if not isinstance(body, dict):
        return False
    if body.get("type") == "message" or "stop_reason" in body:
        return isinstance(body.get("content"), list | str) or "completion" in body
    is_error = body.get("type") == "error" and isinstance(body.get("error"), dict)
    return is_error or (body.get("type") == "succeeded" and isinstance(body.get("message"), dict))


def _read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    if "messages" in body:
        given = without_prefill(body["messages"])
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        messages = _read_messages([*system, *given])
    else:
        messages = clean_messages(_turns(body["prompt"]))
    params = _params(body)
    reason = _own_service(body) or why_not_replayable(messages, params, body.get("model"))
    return Request(messages=messages, params=params), reason


def _read_messages(messages: list[Json]) -> list[dict[str, Json]]:
    """Results of tools become messages of their own, thoughts are left out."""
    read: list[Json] = []
    for message in messages:
        content = at(message, "content")
        content = [content] if isinstance(content, dict) else content
        if isinstance(content, list) and not message.get("tool_calls"):
            read += messages_of(str(message.get("role")), content)
        else:
            read.append(message)
    return clean_messages(read)


def _turns(prompt: str) -> list[dict[str, Json]]:
    """The messages in the prompt of a text completion."""
    system, *turns = _TURN.split(prompt)
    roles = ("user" if speaker == "Human" else "assistant" for speaker in turns[::2])
    messages = [{"role": role, "content": text.strip()} for role, text in zip(roles, turns[1::2], strict=True)]
    if messages and messages[-1]["role"] == "assistant":
        messages.pop()
    if not messages:
        return [{"role": "user", "content": prompt}]
    return [*([{"role": "system", "content": system.strip()}] if system.strip() else []), *messages]


def _params(body: dict[str, Json]) -> dict[str, Json]:
    params = {PARAM_NAMES.get(key, key): body[key] for key in _PARAMS if body.get(key) not in (None, [])}
    if tools := as_list(body.get("tools")):
        params["tools"] = tools_of(tools)
    if choice := body.get("tool_choice"):
        params["tool_choice"] = tool_choice_of(choice)
        params |= {"parallel_tool_calls": False} if at(choice, "disable_parallel_tool_use") else {}
    config = as_object(body.get("output_config"))
    layout = as_object(config.get("format") or body.get("output_format"))
    if isinstance(schema := layout.get("schema"), dict):
        params["response_format"] = schema_format(layout.get("name") or schema.get("title"), schema, strict=True)
    if effort := config.get("effort"):
        params["reasoning_effort"] = effort if effort in ("low", "medium", "high") else "high"
    return params


def _own_service(body: dict[str, Json]) -> str | None:
    """What the request leaves to Anthropic to do beside the model."""
    for tool in as_list(body.get("tools")):
        kind = at(tool, "type")
        if kind not in (None, "custom", "function"):
            return f"it uses the provider's own tool {_VERSION.sub('', str(kind))!r}, which other models can't run"
    if body.get("mcp_servers"):
        return "it lets the provider call tools of an MCP server, which other models can't run"
    return "it works in a container of the provider, which other models do not have" if body.get("container") else None


def read_claude(body: Json) -> Reply:
    """Understand a message, a result of a batch, an error, the text or the list of a stream's events, or blocks."""
    if isinstance(body, str):
        return _merge_events(stream_events(body)[0]) if is_stream(body) else read_reply(body)
    if isinstance(body, list):
        return _read_list(body)
    if not isinstance(body, dict):
        return Reply()
    if body.get("type") == "succeeded" and isinstance(body.get("message"), dict):
        return read_claude(body["message"])
    if isinstance(body.get("error"), dict) and "content" not in body:
        return failed(body["error"])
    return _read_message({"content": body.get("completion")} | body)


def _read_list(body: list[Json]) -> Reply:
    items = objects_in(body)
    if any(item.get("type") in ("message_start", "content_block_start", "content_block_delta") for item in items):
        return _merge_events(items)
    if any("event" in item and "data" in item for item in items):
        return _merge_events([event for item in items if isinstance(event := decode(item.get("data")), dict)])
    messages = [item for item in items if item.get("role") == "assistant"]
    if messages:
        return _read_message(messages[-1])
    return Reply() if any("role" in item for item in items) else _read_message({"content": body})


def _read_message(body: dict[str, Json]) -> Reply:
    usage, identity = as_object(body.get("usage")), body.get("id")
    return Reply(
        answer=_answer(body),
        usage=read_anthropic_usage(usage),
        response_id=identity if isinstance(identity, str) and identity.startswith("msg_") else None,
        model=as_name(body.get("model")),
        service_tier=as_name(usage.get("service_tier")),
        geography=as_name(usage.get("inference_geo")),
    )


def _answer(body: dict[str, Json]) -> Answer | None:
    content = body.get("content")
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in content if isinstance(content, list) else [content]:
        if isinstance(block, str):
            texts.append(block)
        elif isinstance(block, dict) and block.get("type") == "tool_use":
            calls.append(ToolCall(**call_of(block, len(calls))["function"]))
        elif isinstance(block, dict) and block.get("type", "text") == "text" and isinstance(block.get("text"), str):
            texts.append(block["text"])
    return answer_of("".join(texts), calls, finish_reason_of(body.get("stop_reason")))


def _merge_events(events: list[dict[str, Json]]) -> Reply:
    """One Reply from a stream's events, also when they stop in the middle."""
    merged = _Merged()
    for event in events:
        merged.add(event)
    reply = _read_message(merged.message | {"content": [merged.blocks[index] for index in sorted(merged.blocks)]})
    if merged.error is not None:
        fault = failed(merged.error)
        return replace(reply.ended(), error=fault.error, status=fault.status, is_refused=fault.is_refused)
    is_whole = merged.is_complete or merged.message.get("stop_reason") is not None
    return reply if is_whole else reply.ended()


@dataclass
class _Merged:
    """A stream as far as it has come."""

    message: dict[str, Json] = field(default_factory=dict)
    blocks: dict[int, dict[str, Any]] = field(default_factory=dict)
    error: Json = None
    is_complete: bool = False

    def add(self, event: dict[str, Json]) -> None:
        """Take one event in. Counts in the last event replace those of the first, where it has them."""
        kind, index = event.get("type"), index if isinstance(index := event.get("index"), int) else 0
        if kind == "message_start":
            self.message = dict(as_object(event.get("message")))
        elif kind == "content_block_start":
            self.blocks[index] = dict(as_object(event.get("content_block")))
        elif kind == "content_block_delta":
            block, delta = self.blocks.setdefault(index, {"type": "text"}), as_object(event.get("delta"))
            for told, key in (("text", "text"), ("partial_json", "input")):
                if isinstance(delta.get(told), str):
                    block[key] = (as_name(block.get(key)) or "") + delta[told]
        elif kind == "message_delta":
            first, last = as_object(self.message.get("usage")), as_object(event.get("usage"))
            self.message |= as_object(event.get("delta"))
            self.message["usage"] = first | {key: count for key, count in last.items() if count is not None}
        elif kind == "message_stop":
            self.is_complete = True
        elif kind == "error":
            self.error = event.get("error") or "failed"


VENDOR = Vendor(
    name="anthropic_messages",
    rank=30,
    asks=_asks,
    answers=_answers,
    speaks=lambda messages: _have_blocks(messages, _LIKE_THEM),
    read_request=_read_request,
    read_messages=_read_messages,
    read_reply=read_claude,
)
