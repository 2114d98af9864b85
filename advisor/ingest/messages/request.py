"""Messages and parameters of a request in OpenAI's shape, and the reasons why it cannot be asked again."""

import re
from typing import Any

from advisor.ingest.messages.tools import tool_call
from advisor.ingest.reader import RowRejected
from advisor.ingest.values.json_text import as_list, as_objects, as_text
from advisor.types import Json, Request

PARAM_KEYS = (
    "tools", "tool_choice", "functions", "function_call", "response_format", "parallel_tool_calls", "temperature",
    "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "stop", "seed", "frequency_penalty",
    "presence_penalty", "repetition_penalty", "logit_bias", "logprobs", "top_logprobs", "reasoning_effort",
    "verbosity", "modalities", "web_search_options", "service_tier",
)  # fmt: skip
"""Parameters that shape the answer, and the tier that it is billed at."""
SAMPLING_PARAMS = frozenset({
    "temperature", "top_p", "top_k", "max_tokens", "max_completion_tokens", "stop", "seed", "frequency_penalty",
    "presence_penalty", "logit_bias", "reasoning_effort",
})  # fmt: skip
COMMON_PARAMS = SAMPLING_PARAMS | {
    "tools", "tool_choice", "functions", "function_call", "response_format", "parallel_tool_calls",
}  # fmt: skip
"""Those that many models take; a column with the name of another one tells something else as often."""
PARAM_NAMES = {
    "stop_sequences": "stop", "stopSequences": "stop", "max_output_tokens": "max_tokens", "maxTokens": "max_tokens",
    "maxOutputTokens": "max_tokens", "max_new_tokens": "max_tokens", "max_tokens_to_sample": "max_tokens",
    "maxCompletionTokens": "max_completion_tokens", "topP": "top_p", "topK": "top_k",
    "frequencyPenalty": "frequency_penalty", "presencePenalty": "presence_penalty", "responseFormat": "response_format",
    "toolChoice": "tool_choice",
}  # fmt: skip
"""What other vendors and libraries call them."""
NOT_PARAMS = frozenset({"model", "messages", "stream", "stream_options", "user", "store", "metadata", "n"})
ROLES = {
    "system": "system", "developer": "developer", "user": "user", "assistant": "assistant", "tool": "tool",
    "function": "tool", "human": "user", "ai": "assistant", "bot": "assistant", "gpt": "assistant",
    "model": "assistant",
}  # fmt: skip
_KEPT = ("name", "tool_call_id")
_ALTERED = re.compile(
    r"litellm_truncated|redacted-by-litellm|REDACTED_BY_LITELL?M|__REDACTED__|\[REDACTED\]|<REDACTED>|\bNAME_\d+\b|\[truncated\]"
)
_ALTERED_TEXT = "the text was cut or redacted before it was logged"
_SERVED = ("server_tool_use", "mcp_tool_use", "_tool_result")
_SCHEMA_NAME = re.compile(r"[\w-]{1,64}")
_PARTS = {
    "input_audio": "audio is attached, which open models rarely take",
    "audio": "audio is attached, which open models rarely take",
    "file": "a file is attached, which the log does not hold in a form other models read",
    "input_file": "a file is attached, which the log does not hold in a form other models read",
    "document": "a document is attached, which other models do not read",
    "video_url": "a video is attached, which open models rarely take",
    "tool_reference": "it finds its tools by the provider's tool search, which other models can't run",
    "tool_addition": "it adds tools in the middle of the conversation, which other models do not take",
    "compaction": "the provider shortened the conversation, in a form other models do not read",
    "container_upload": "a file is attached by its id, which only its provider can open",
    "image_file": "an image is attached by file id, which only its provider can open",
}


def schema_format(name: Json, schema: Json, **more: Json) -> dict[str, Json]:
    """A response format of a JSON schema, under a name that OpenAI takes."""
    is_name = isinstance(name, str) and _SCHEMA_NAME.fullmatch(name)
    return {"type": "json_schema", "json_schema": {"name": name if is_name else "answer", "schema": schema} | more}


def read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The request of a chat-completions body and why it cannot be replayed (None: it can).

    Legacy ``functions`` become tools. Raises RowRejected when the messages are no conversation.
    """
    messages = clean_messages(body["messages"])
    params = {key: value for key, value in body.items() if key not in NOT_PARAMS and value is not None}
    functions, choice = params.pop("functions", None), params.pop("function_call", None)
    if isinstance(functions, list) and "tools" not in params:
        params["tools"] = [{"type": "function", "function": function} for function in functions]
        if choice is not None:
            named = isinstance(choice, dict)
            params["tool_choice"] = {"type": "function", "function": choice} if named else choice
    return Request(messages=messages, params=params), why_not_replayable(messages, params, body.get("model"))


def with_system(system: Json, messages: list[Json]) -> list[Json]:
    """The messages after a system prompt, where that is a text."""
    if not isinstance(system, str) or not system.strip():
        return messages
    return [{"role": "system", "content": system}, *messages]


def clean_messages(messages: Json) -> list[dict[str, Json]]:
    """Messages with known roles and only the keys every provider takes; the texts stay as they are.

    Raises RowRejected when this isn't a list of messages, is empty or holds no text at all.
    """
    if not isinstance(messages, list):
        raise RowRejected("the messages are not a list")
    if not messages:
        raise RowRejected("the list of messages is empty")
    cleaned = [_clean(position, message) for position, message in enumerate(messages, 1)]
    _link_function_results(cleaned)
    if not any(message.get("content") or message.get("tool_calls") for message in cleaned):
        raise RowRejected("every message is empty")
    return cleaned


def _clean(position: int, message: Json) -> dict[str, Json]:
    if not isinstance(message, dict):
        raise RowRejected(f"message {position} is not an object with role and content")
    given, content = message.get("role"), message.get("content")
    if len(message) == 2 and isinstance(content, str) and isinstance(given, str) and given in ROLES:
        return {"role": ROLES[given], "content": content}  # as nearly all are
    role = ROLES.get(str(message.get("role", "")).lower())
    if role is None:
        raise RowRejected(f"message {position} has the unknown role {given!r}")
    content = _clean_content(content)
    cleaned: dict[str, Json] = {"role": role, "content": content}
    cleaned |= {key: message[key] for key in _KEPT if message.get(key) is not None}
    calls = clean_tool_calls(message)
    if calls:
        cleaned["tool_calls"] = calls
    elif content is None:
        cleaned["content"] = ""
    return cleaned


def _clean_content(content: Json) -> Json:
    if isinstance(content, dict):
        content = content["answer"] if isinstance(content.get("answer"), str) else [content]
    if not isinstance(content, list):
        return content if content is None else as_text(content)
    parts = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    texts = [text_of_part(part) for part in parts]
    if len(parts) == 1 and texts[0] is not None:
        return texts[0]
    return [part if text is None else {"type": "text", "text": text} for part, text in zip(parts, texts, strict=True)]


def text_of_part(part: Json) -> str | None:
    """The text of a part of a content list, or None when it is something else."""
    if isinstance(part, dict) and part.get("type") in ("text", "input_text", "output_text", None):
        text = part.get("text")
        return text if isinstance(text, str) else None
    return None


def clean_tool_calls(message: dict[str, Json]) -> list[dict[str, Json]]:
    """The tool calls of an assistant message, also of a legacy ``function_call``, with arguments as JSON text."""
    calls: list[dict[str, Any]] = []
    for index, call in enumerate(as_list(message.get("tool_calls"))):
        inner = isinstance(call, dict) and (call.get("function") or call.get("custom") or call)
        if isinstance(inner, dict) and inner.get("name"):
            calls.append(_tool_call(str(call.get("id") or f"call_{index}"), inner))
    legacy = message.get("function_call")
    if isinstance(legacy, dict) and legacy.get("name") and not calls:
        calls.append(_tool_call(f"call_{legacy['name']}", legacy))
    return calls


def _tool_call(identity: str, inner: dict[str, Json]) -> dict[str, Json]:
    arguments = next((inner[key] for key in ("arguments", "input", "args") if inner.get(key) is not None), "")
    return tool_call(identity, inner["name"], arguments)


def _link_function_results(messages: list[dict[str, Json]]) -> None:
    """Legacy results of a function carry its name only; a tool's result must name the call."""
    latest = "call_0"
    for message in messages:
        for call in message.get("tool_calls", ()):
            latest = call["id"]
        if message["role"] == "tool" and "tool_call_id" not in message:
            message["tool_call_id"] = latest


def is_altered(text: str) -> bool:
    """Whether a logging tool cut or blacked out parts of the text."""
    # Looking for plain words first is several times faster than the expression on a long text.
    has_hint = (
        ("_" in text and ("litellm_truncated" in text or "REDACTED" in text or "NAME_" in text))
        or ("[" in text and ("[REDACTED]" in text or "[truncated]" in text))
        or "<REDACTED>" in text
        or "redacted-by-litellm" in text
    )
    return has_hint and _ALTERED.search(text) is not None


def why_not_replayable(messages: list[dict[str, Json]], params: dict[str, Json], model: Json = None) -> str | None:
    """Why another model cannot be asked the same, or None when it can."""
    is_asked = False
    for message in messages:
        content = message["content"]
        is_asked = is_asked or message["role"] in ("user", "tool")
        if isinstance(content, str):
            if is_altered(content):
                return _ALTERED_TEXT
            continue
        for part in content or ():
            reason = _why_not_part(part)
            if reason:
                return reason
            if message["role"] == "tool" and part.get("type") != "text":
                return "a tool gave back an image, which other models take from users only"
    if not is_asked:
        return "the conversation has no user turn to answer"
    return _why_not_params(params, model)


def _why_not_part(part: Json) -> str | None:
    text = part if isinstance(part, str) else text_of_part(part)
    if text is not None:
        return _ALTERED_TEXT if is_altered(text) else None
    kind = part.get("type") if isinstance(part, dict) else None
    if isinstance(kind, str) and kind.endswith(_SERVED):
        return "the provider's own tools ran in it, which other models can't run"
    if kind == "image_url":
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, dict) else image
        is_inline = isinstance(url, str) and url.startswith("data:")
        return None if is_inline else "an image is linked by a URL that may have expired"
    return _PARTS.get(str(kind), f"a message holds a part of the kind {kind!r}, which other models do not take")


def _why_not_params(params: dict[str, Json], model: Json) -> str | None:
    for tool in as_objects(params.get("tools")):
        kind = tool.get("type", "function")
        if kind != "function":
            return f"it uses the provider's own tool {kind!r}, which other models can't run"
    for key in ("web_search_options", "plugins"):
        if params.get(key) is not None:
            return f"it uses the provider's own {key.replace('_', ' ')}, which other models can't run"
    if isinstance(model, str) and model.endswith(":online"):
        return "it uses the provider's web search, which other models can't run"
    if "audio" in (params.get("modalities") or ()):
        return "it asks for audio, which open models rarely give"
    return None
