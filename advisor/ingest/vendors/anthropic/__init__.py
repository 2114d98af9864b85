"""Anthropic's messages, and the text completions before them."""

import re
from dataclasses import dataclass

from advisor.ingest.messages.blocks import THOUGHTS, kind_of, messages_of
from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import clean_messages, why_not_replayable
from advisor.ingest.vendors.anthropic.reply import read_claude
from advisor.types import Json, Request

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
_LIKE_THEM = _OWN_BLOCKS | {"tool-call", "tool-result"}
"""With those of the AI SDK, which are built the same way."""
_TOOL_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
_SCHEMA_NAME = re.compile(r"[\w-]{1,64}")
_VERSION = re.compile(r"_\d{8}$")
_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant):")


@dataclass(frozen=True)
class Anthropic:
    """What api.anthropic.com takes and gives, also through gateways and clouds."""

    name: str = "anthropic_messages"
    rank: int = 30

    def asks(self, body: dict[str, Json]) -> bool:
        """A key, tool, block or model that only Anthropic has, with its messages."""
        messages = body.get("messages")
        if not isinstance(messages, list):
            return "max_tokens_to_sample" in body and isinstance(body.get("prompt"), str)
        if _is_untyped(messages):
            return False
        if not _OWN_KEYS.isdisjoint(body):
            return True
        tools = body.get("tools")
        first = tools[0] if isinstance(tools, list) and tools else None
        if isinstance(first, dict):
            return "input_schema" in first or _VERSION.search(str(first.get("type"))) is not None
        return ("claude" in str(body.get("model")) and _KEYS.issuperset(body)) or _have_blocks(messages, _OWN_BLOCKS)

    def answers(self, body: Json) -> bool:
        """A message, an error, a result of a batch, or the events of a stream."""
        if isinstance(body, str):
            head = body[:2000]
            return '"message_start"' in head or "event: message_start" in head or "event: content_block" in head
        if isinstance(body, list):
            first = body[0] if body and isinstance(body[0], dict) else {}
            return first.get("type") == "message_start" or first.get("event") == "message_start" or _are_blocks(body)
        if not isinstance(body, dict):
            return False
        if body.get("type") == "message" or "stop_reason" in body:
            return isinstance(body.get("content"), list | str) or "completion" in body
        if body.get("type") == "error":
            return isinstance(body.get("error"), dict)
        return body.get("type") == "succeeded" and isinstance(body.get("message"), dict)

    def speaks(self, messages: list[Json]) -> bool:
        """Blocks that OpenAI does not have."""
        return _have_blocks(messages, _LIKE_THEM)

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """Without a last message of the assistant, which is the start of the answer (see bodies.read_call)."""
        if "messages" not in body:
            return self._read_completion(body)
        given = body["messages"]
        if len(given) > 1 and is_prefill(given[-1]):
            given = given[:-1]
        system = [{"role": "system", "content": body["system"]}] if body.get("system") else []
        messages = self.read_messages([*system, *given])
        params = _params(body)
        reason = _own_service(body) or why_not_replayable(messages, params, body.get("model"))
        return Request(messages=messages, params=params), reason

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Results of tools become messages of their own, thoughts are left out."""
        read: list[Json] = []
        for message in messages:
            content = message.get("content") if isinstance(message, dict) else None
            if isinstance(content, dict):
                content = [content]
            if isinstance(content, list) and not message.get("tool_calls"):
                read += messages_of(str(message.get("role")), content)
            else:
                read.append(message)
        return clean_messages(read)

    def read_reply(self, body: Json) -> Reply:
        """See reply.read_claude."""
        return read_claude(body)

    def _read_completion(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        system, *turns = _TURN.split(body["prompt"])
        roles = ["user" if speaker == "Human" else "assistant" for speaker in turns[::2]]
        texts = [text.strip() for text in turns[1::2]]
        messages = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=True)]
        if messages and messages[-1]["role"] == "assistant":
            messages.pop()
        if not messages:
            messages, system = [{"role": "user", "content": body["prompt"]}], ""
        if system.strip():
            messages.insert(0, {"role": "system", "content": system.strip()})
        cleaned = clean_messages(messages)
        params = _params(body)
        return Request(messages=cleaned, params=params), why_not_replayable(cleaned, params, body.get("model"))


def is_prefill(message: Json) -> bool:
    """Whether a last message begins the answer: the assistant's, and not one that waits for tools."""
    if not isinstance(message, dict) or message.get("role") != "assistant" or message.get("tool_calls"):
        return False
    content = message.get("content")
    return not isinstance(content, list) or {kind_of(block) for block in content} <= {"text", *THOUGHTS}


def _params(body: dict[str, Json]) -> dict[str, Json]:
    names = {"max_tokens": "max_tokens", "max_tokens_to_sample": "max_tokens", "temperature": "temperature",
             "top_p": "top_p", "top_k": "top_k", "stop_sequences": "stop", "speed": "speed",
             "inference_geo": "inference_geo"}  # fmt: skip
    params = {name: body[key] for key, name in names.items() if body.get(key) not in (None, [])}
    tools = body.get("tools")
    if isinstance(tools, list) and tools:
        params["tools"] = [_tool(tool) for tool in tools]
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        if choice.get("type") == "tool":
            params["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
        elif named := _TOOL_CHOICES.get(str(choice.get("type"))):
            params["tool_choice"] = named
        if choice.get("disable_parallel_tool_use"):
            params["parallel_tool_calls"] = False
    elif choice is not None:
        params["tool_choice"] = choice
    config = body.get("output_config")
    config = config if isinstance(config, dict) else {}
    layout = config.get("format") or body.get("output_format")
    if isinstance(layout, dict) and isinstance(layout.get("schema"), dict):
        title = layout.get("name") or layout["schema"].get("title")
        name = title if isinstance(title, str) and _SCHEMA_NAME.fullmatch(title) else "answer"
        schema = {"name": name, "schema": layout["schema"], "strict": True}
        params["response_format"] = {"type": "json_schema", "json_schema": schema}
    if config.get("effort"):
        params["reasoning_effort"] = config["effort"] if config["effort"] in ("low", "medium", "high") else "high"
    return params


def _tool(tool: Json) -> Json:
    if not isinstance(tool, dict) or "input_schema" not in tool:
        return tool
    function = {"name": tool.get("name"), "description": tool.get("description"), "parameters": tool["input_schema"]}
    function = {key: value for key, value in function.items() if value is not None}
    return {"type": "function", "function": function | ({"strict": True} if tool.get("strict") else {})}


def _own_service(body: dict[str, Json]) -> str | None:
    """What the request leaves to Anthropic to do beside the model."""
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else []:
        kind = tool.get("type") if isinstance(tool, dict) else None
        if kind not in (None, "custom", "function"):
            return f"it uses the provider's own tool {_VERSION.sub('', str(kind))!r}, which other models cannot run"
    if body.get("mcp_servers"):
        return "it lets the provider call tools of an MCP server, which other models cannot run"
    return "it works in a container of the provider, which other models do not have" if body.get("container") else None


def _have_blocks(messages: list[Json], kinds: frozenset[str]) -> bool:
    return any(
        isinstance(block, dict)
        and (kind_of(block) in kinds or (block.get("type") == "image" and ("source" in block or "image" in block)))
        for message in messages
        if isinstance(message, dict) and "role" in message and isinstance(message.get("content"), list)
        for block in message["content"]
    )


def _is_untyped(messages: list[Json]) -> bool:
    """Bedrock's blocks have no type."""
    content = messages[0].get("content") if messages and isinstance(messages[0], dict) else None
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and "type" not in first


def _are_blocks(body: list[Json]) -> bool:
    return bool(body) and all(
        isinstance(block, dict) and "role" not in block and kind_of(block) in {"text", *_OWN_BLOCKS} for block in body
    )


VENDOR = Anthropic()
