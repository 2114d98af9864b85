"""OpenAI's Responses API, which Azure and several gateways speak as well: requests with ``input``."""

from typing import Any

from advisor.ingest.messages.reply import Reply, is_stream, read_reply, stream_events
from advisor.ingest.messages.request import ROLES, clean_messages, why_not_replayable
from advisor.ingest.messages.tools import function_tool
from advisor.ingest.values.json_text import as_list, as_object, as_objects, at
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.responses.items import Turns, is_event, is_item, read_events, read_response, response_of
from advisor.types import Json, Request

_TELLING = frozenset({"previous_response_id", "max_output_tokens", "instructions", "conversation", "truncation"})
_OF_OTHER_CALLS = frozenset({"encoding_format", "dimensions", "voice", "input_type", "messages", "contents", "choices"})
_OTHER_MODELS = ("embed", "moderation", "tts", "whisper", "rerank", "dall-e", "image")
_STREAM_HEAD = 4096
_SAME = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "seed", "service_tier")
"""Settings that chat completions call the same."""
_OF_FUNCTION = ("name", "description", "parameters", "strict")
_ONLY_LAST_TURN = "only the last turn is in the log; the turns before it are kept at the provider"
_STORED_PROMPT = "it uses a prompt that is kept at the provider and not in the log"


def _asks(body: dict[str, Json]) -> bool:
    """An input of text or items, beside a model or a setting that only this API has."""
    if not _OF_OTHER_CALLS.isdisjoint(body):
        return False
    model, given = body.get("model"), body.get("input")
    if given is None:
        return _has_stored_prompt(body)
    is_told = isinstance(model, str) or not _TELLING.isdisjoint(body)
    if isinstance(given, str):
        return is_told and not any(word in str(model).lower() for word in _OTHER_MODELS)
    items = as_list(given)
    return any(map(is_item, items)) or (is_told and any(map(_is_turn, items)))


def _is_turn(item: Json) -> bool:
    return str(at(item, "role")).lower() in ROLES and isinstance(item.get("content"), str | list)


def _has_stored_prompt(body: dict[str, Json]) -> bool:
    return isinstance(at(body, "prompt", "id"), str)


def _answers(body: Json) -> bool:
    """A response object, its events, the text of its stream, or bare output items."""
    if isinstance(body, str):
        return is_stream(body) and '"type":"response.' in body[:_STREAM_HEAD].replace('"type": ', '"type":')
    if isinstance(body, list):
        return any(map(is_event, body[:5])) or any(map(is_item, body))
    if not isinstance(body, dict):
        return False
    is_output = any(map(is_item, as_list(body.get("output"))))
    return body.get("object") == "response" or is_event(body) or is_item(body) or is_output


def _read_request(body: dict[str, Json]) -> tuple[Request, str | None]:
    """The whole conversation, instructions first; a turn that others go before cannot be replayed."""
    turns = Turns().add(body.get("instructions"), role="system").add(body.get("input"))
    messages = clean_messages(turns.messages) if turns.messages else []
    params = _params(body) | _tool_params(body, [*as_list(body.get("tools")), *turns.tools])
    reason = turns.reason
    if body.get("previous_response_id") or body.get("conversation"):
        reason = _ONLY_LAST_TURN
    elif _has_stored_prompt(body):
        reason = _STORED_PROMPT
    reason = reason or why_not_replayable(messages, params, body.get("model"))
    return Request(messages=messages, params=params), reason


def _params(body: dict[str, Json]) -> dict[str, Json]:
    """What shapes the answer under its names in chat completions, without what only the vendor has."""
    params: dict[str, Json] = {key: body[key] for key in _SAME if body.get(key) is not None}
    if body.get("max_output_tokens") is not None:
        params["max_tokens"] = body["max_output_tokens"]
    if effort := at(body, "reasoning", "effort"):
        params["reasoning_effort"] = effort
    if verbosity := at(body, "text", "verbosity"):
        params["verbosity"] = verbosity
    form = at(body, "text", "format")
    if at(form, "type") == "json_schema" and "json_schema" not in form:
        schema = {key: value for key, value in form.items() if key != "type" and value is not None}
        params["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif at(form, "type") not in (None, "text"):
        params["response_format"] = form
    return params


def _tool_params(body: dict[str, Json], given: list[Json]) -> dict[str, Json]:
    tools = _nested_tools(given)
    choice = body.get("tool_choice")
    if at(choice, "type") == "allowed_tools":
        allowed = {tool.get("name") for tool in as_objects(at(choice, "tools"))}
        tools = [tool for tool in tools if _name(tool) in allowed]
        choice = at(choice, "mode")
    elif at(choice, "type") == "function" and (name := at(choice, "name")):
        choice = function_tool(name=name)
    if not tools:
        return {}  # chat completions refuse a choice among no tools
    found = {"tool_choice": choice, "parallel_tool_calls": body.get("parallel_tool_calls")}
    return {"tools": tools} | {key: value for key, value in found.items() if value is not None}


def _nested_tools(tools: list[Json]) -> list[Json]:
    """Functions in the nested shape, those of a namespace too, each name once; the vendor's own tools as they are."""
    found: dict[Any, Json] = {}
    for tool in as_objects(tools):
        is_flat = tool.get("type", "function") == "function" and not isinstance(tool.get("function"), dict)
        if tool.get("type") == "namespace":
            nested = _nested_tools(as_list(tool.get("tools")))
        elif is_flat:
            nested = [function_tool(**{key: tool.get(key) for key in _OF_FUNCTION})]
        else:
            nested = [tool]
        for each in nested:
            found.setdefault(_name(each), each)
    return list(found.values())


def _name(tool: dict[str, Json]) -> str:
    name = as_object(tool.get("function")).get("name") or tool.get("name")
    return str(name or tool.get("server_label") or tool.get("type"))


def _read_reply(body: Json) -> Reply:
    """Also of an error body, a torn stream, an event, or output items alone."""
    if (events := _events_of(body)) is not None:
        return read_events(events)
    if isinstance(body, list):
        return read_response({"output": body})
    if isinstance(body, dict):
        if body.get("object") == "response" or isinstance(body.get("output"), list):
            return read_response(body)
        if is_item(body) or body.get("type") == "message":
            return read_response({"output": [body]})
    return read_reply(body)


def response_object(body: Json) -> dict[str, Json] | None:
    """The response object in a body or a stream, or None."""
    if (events := _events_of(body)) is not None:
        return response_of(events)[0]
    return body if isinstance(body, dict) and body.get("object") == "response" else None


def _events_of(body: Json) -> list[Json] | None:
    """The events of a stream of this API, or None."""
    events = [body] if isinstance(body, dict) else body
    if isinstance(body, str):
        events = stream_events(body)[0] if is_stream(body) else None
    return events if isinstance(events, list) and any(map(is_event, events)) else None


VENDOR = Vendor(
    name="openai_responses",
    rank=20,
    asks=_asks,
    answers=_answers,
    speaks=lambda messages: any(map(is_item, messages)),
    read_request=_read_request,
    read_messages=lambda messages: clean_messages(Turns().add(messages).messages),
    read_reply=_read_reply,
)
