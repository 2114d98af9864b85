"""OpenAI's rules for the body of a chat completion, so that a test can tell a malformed request."""

import re
from typing import Any

Body = dict[str, Any]
ROLES = {"system", "developer", "user", "assistant", "tool"}
KEYS = {"role", "content", "name"}
OWN_KEYS = {"assistant": {"tool_calls"}, "tool": {"tool_call_id"}}
FUNCTION = re.compile(r"[a-zA-Z0-9_-]{1,64}")
# fmt: off
PARAMS = {
    "model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "max_completion_tokens",
    "stop", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "tools",
    "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "prediction", "service_tier",
    "safety_identifier", "prompt_cache_key", "modalities", "verbosity",
}
# fmt: on
PERSON = re.compile(r"[^\s<|\\/>]{1,64}")


def broken_rules(body: Body) -> list[str]:
    """What a server that keeps to the rules would refuse, in words; empty when all is well."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return ["there are no messages"]
    found = [f"message {n}: {rule}" for n, message in enumerate(messages) for rule in _message(message)]
    return found + _order(messages) + _params(body)


def _message(message: Body) -> list[str]:
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        return [f"there is no role {role!r}"]
    found = [f"{role} has no key {key!r}" for key in message.keys() - KEYS - OWN_KEYS.get(role, set())]
    if "name" in message and not (isinstance(message["name"], str) and PERSON.fullmatch(message["name"])):
        found.append(f"the name {message['name']!r}")
    if content is None:
        if not message.get("tool_calls"):
            found.append("no content")
    elif isinstance(content, list):
        found += [rule for part in content for rule in _part(role, part)] if content else ["no parts"]
    elif not isinstance(content, str):
        found.append(f"the content is {type(content).__name__}")
    if "tool_calls" in message:
        found += _calls(message["tool_calls"])
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        found.append("a result without the id of its call")
    return found


def _part(role: str, part: Any) -> list[str]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text":
        is_whole = part.keys() == {"type", "text"} and isinstance(part["text"], str)
        return [] if is_whole else [f"the text part {part}"]
    if kind == "image_url" and role == "user":
        image = part.get("image_url")
        is_whole = isinstance(image, dict) and str(image.get("url")).startswith(("data:image/", "http"))
        return [] if is_whole and image.keys() <= {"url", "detail"} else [f"the image {str(part)[:80]}"]
    return [f"{role} may not hold a part {kind!r}"]


def _calls(calls: Any) -> list[str]:
    if not isinstance(calls, list) or not calls:
        return ["tool_calls without a call"]
    found = [f"the call {call}" for call in calls if not _is_call(call)]
    ids = [call.get("id") for call in calls]
    return found + ([f"two calls have the same id {ids}"] if len(set(ids)) < len(ids) else [])


def _is_call(call: Any) -> bool:
    function = call.get("function")
    return (
        call.keys() == {"id", "type", "function"}
        and call["type"] == "function"
        and isinstance(call["id"], str)
        and bool(call["id"])
        and function.keys() == {"name", "arguments"}
        and bool(FUNCTION.fullmatch(function["name"]))
        and isinstance(function["arguments"], str)
    )


def _order(messages: list[Body]) -> list[str]:
    """Every call of a tool has its result at once after it, and every result its call before it."""
    found: list[str] = []
    open_ids: set[str] = set()
    for n, message in enumerate(messages):
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in open_ids:
                found.append(f"message {n}: a result of no open call {message.get('tool_call_id')!r}")
            open_ids.discard(str(message.get("tool_call_id")))
            continue
        if open_ids:
            found.append(f"message {n}: calls without a result {sorted(open_ids)}")
        open_ids = {call["id"] for call in message.get("tool_calls") or ()}
    return found + ([f"calls without a result at the end {sorted(open_ids)}"] if open_ids else [])


def _params(body: Body) -> list[str]:
    found, names = [f"the parameter {name}" for name in body.keys() - PARAMS], []
    for tool in body.get("tools") or ():
        function = tool.get("function") if isinstance(tool, dict) else None
        if tool.get("type") != "function" or not isinstance(function, dict):
            found.append(f"the tool {tool}")
            continue
        names.append(function.get("name"))
        if not FUNCTION.fullmatch(str(function.get("name"))) or not isinstance(function.get("parameters", {}), dict):
            found.append(f"the function {function}")
    choice = body.get("tool_choice")
    if choice is not None and not names:
        found.append("tool_choice without tools")
    if isinstance(choice, dict) and choice != {"type": "function", "function": {"name": choice["function"]["name"]}}:
        found.append(f"the tool_choice {choice}")
    if isinstance(choice, str) and choice not in ("none", "auto", "required"):
        found.append(f"the tool_choice {choice!r}")
    form = body.get("response_format")
    if form is not None and form.get("type") not in ("text", "json_object", "json_schema"):
        found.append(f"the response_format {form}")
    if form is not None and form.get("type") == "json_schema":
        schema = form.get("json_schema") or {}
        if not FUNCTION.fullmatch(str(schema.get("name"))) or not isinstance(schema.get("schema"), dict):
            found.append(f"the response_format {form}")
    return found
