"""Google's generateContent, as the Gemini API and Vertex AI take it, in camel case and in snake case."""

import re
from dataclasses import dataclass
from typing import Any

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import why_not_replayable
from advisor.ingest.reader import RowRejected
from advisor.ingest.vendors.gemini.contents import PARTS, pick, read_contents, snake
from advisor.ingest.vendors.gemini.reply import read_gemini
from advisor.ingest.vendors.gemini.schema import json_schema
from advisor.types import Json, Request

_CONFIG_KEYS = ("generationConfig", "config")
_PARAMS = {
    "temperature": "temperature", "topP": "top_p", "topK": "top_k", "maxOutputTokens": "max_tokens",
    "stopSequences": "stop", "seed": "seed", "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty", "responseLogprobs": "logprobs", "logprobs": "top_logprobs",
}  # fmt: skip
_CHOICES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}
_EFFORTS = frozenset({"minimal", "low", "medium", "high"})
_SCHEMA_NAME = re.compile(r"[\w-]{1,64}")
_SCHEMA_KEYS = ("responseJsonSchema", "responseSchema")
_OF_OTHERS = frozenset({"choices", "content", "kwargs", "generations"})
"""LangChain has ``usage_metadata`` too."""
_STREAM_MARKS = ('"candidates"', '"usageMetadata"', '"promptFeedback"')


@dataclass(frozen=True)
class Gemini:
    """What generateContent and streamGenerateContent take and give, and what Google's Python library is called with."""

    name: str = "gemini"
    rank: int = 10

    def asks(self, body: dict[str, Json]) -> bool:
        """Contents."""
        contents = body.get("contents")
        return isinstance(contents, list | str | dict) and bool(contents) and "messages" not in body

    def answers(self, body: Json) -> bool:
        """Candidates, or an error as Google words it."""
        if isinstance(body, str):
            return any(mark in body for mark in _STREAM_MARKS) and '"choices"' not in body
        if isinstance(body, list):
            return any(isinstance(chunk, dict) and self.answers(chunk) for chunk in body[:3])
        if not isinstance(body, dict):
            return False
        if isinstance(body.get("candidates"), list) or pick(body, "usageMetadata") or pick(body, "promptFeedback"):
            return _OF_OTHERS.isdisjoint(body)
        error = body.get("error")
        return isinstance(error, dict) and isinstance(error.get("code"), int) and str(error.get("status")).isupper()

    def speaks(self, messages: list[Json]) -> bool:
        """Parts without a type."""
        return any(
            isinstance(part, dict) and "type" not in part and not PARTS.isdisjoint(part)
            for message in messages
            if isinstance(message, dict) and isinstance(message.get("parts"), list)
            for part in message["parts"]
        )

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """Files, searches and code that only Google can open or run make it not replayable."""
        config: dict[str, Json] = {}
        for name in _CONFIG_KEYS:
            found = pick(body, name)
            config |= found if isinstance(found, dict) else {}
        whole = config | body
        messages = read_contents(body["contents"], pick(whole, "systemInstruction"))
        params = _params(config) | _tools(whole)
        reason = _own_service(whole, config, params) or why_not_replayable(messages, params, body.get("model"))
        return Request(messages=messages, params=params), reason

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Results of functions become messages of their own."""
        return read_contents(messages)

    def read_reply(self, body: Json) -> Reply:
        """See reply.read_gemini."""
        return read_gemini(body)


def _params(config: dict[str, Json]) -> dict[str, Json]:
    params = {name: value for key, name in _PARAMS.items() if (value := pick(config, key)) not in (None, [], "")}
    schema = next((found for key in _SCHEMA_KEYS if isinstance(found := pick(config, key), dict)), None)
    if schema is not None and pick(config, "responseMimeType") != "text/x.enum":
        title = schema.get("title")
        name = title if isinstance(title, str) and _SCHEMA_NAME.fullmatch(title) else "answer"
        params["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name, "schema": json_schema(schema)},
        }
    elif pick(config, "responseMimeType") == "application/json":
        params["response_format"] = {"type": "json_object"}
    effort = str(pick(pick(config, "thinkingConfig"), "thinkingLevel")).lower()
    return params | ({"reasoning_effort": effort} if effort in _EFFORTS else {})


def _tools(body: dict[str, Json]) -> dict[str, Json]:
    listed = body.get("tools")
    tools: list[Json] = []
    for tool in listed if isinstance(listed, list) else [listed] if listed else []:
        declared = pick(tool, "functionDeclarations")
        tools += [_function(one) for one in declared if isinstance(one, dict)] if isinstance(declared, list) else []
        if isinstance(tool, dict):
            own = {snake(key) for key, value in tool.items() if value is not None} - {"function_declarations"}
            tools += [{"type": name} for name in sorted(own)]
    params: dict[str, Json] = {"tools": tools} if tools else {}
    calling = pick(pick(body, "toolConfig"), "functionCallingConfig")
    mode = str(pick(calling, "mode") or "").rpartition(".")[2].upper()
    allowed = pick(calling, "allowedFunctionNames")
    if tools and mode == "ANY" and isinstance(allowed, list) and len(allowed) == 1:
        params["tool_choice"] = {"type": "function", "function": {"name": allowed[0]}}
    elif tools and mode in _CHOICES:
        params["tool_choice"] = _CHOICES[mode]
    return params


def _function(declared: dict[str, Json]) -> Json:
    schema = pick(declared, "parametersJsonSchema")
    given = schema if schema is not None else json_schema(declared.get("parameters"))
    function: dict[str, Any] = {"name": declared.get("name"), "description": declared.get("description") or None}
    function["parameters"] = given
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def _own_service(body: dict[str, Json], config: dict[str, Json], params: dict[str, Json]) -> str | None:
    """What the request leaves to Google to do beside the model. Raises RowRejected when it asks for no text."""
    given = pick(config, "responseModalities")
    wanted = {str(one).rpartition(".")[2].upper() for one in given} if isinstance(given, list) else set()
    if wanted and "TEXT" not in wanted:
        raise RowRejected(f"a call for {' and '.join(sorted(wanted)).lower()}, not of a chat model")
    if wanted - {"TEXT"}:
        return (
            f"it asks for {' and '.join(sorted(wanted - {'TEXT'})).lower()} beside text, which open models rarely give"
        )
    own = next((tool["type"] for tool in params.get("tools", ()) if tool["type"] != "function"), None)
    if own:
        return f"it uses the provider's own tool {own!r}, which other models cannot run"
    if pick(body, "cachedContent"):
        return "a part of the prompt lies in the provider's cache, not in the log"
    return None


VENDOR = Gemini()
