"""Calls of a log as examples to learn from: what goes in, with which answer, and in which form."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from advisor.ingest.redaction.redact import Redactor
from advisor.judge.pairs import guarded, score_against
from advisor.scoring.own_checks import CHECKS, Checker
from advisor.scoring.tools import Call, calls_in, offered
from advisor.scoring.validity import VALIDITY, is_refusal, is_truncated, validity
from advisor.types import ANY_OF, Answer, Endpoint, Json, Request, Sample, StoredSample, ToolCall, UseCase

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
"""As chat templates know them."""
_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}", re.IGNORECASE)


class Judging(NamedTuple):
    """What answers of a use case are good by."""

    case: UseCase
    endpoint: Endpoint
    labels: tuple[str, ...] | None
    checker: Checker | None
    replayed: Mapping[int, Answer | None]
    """By sample today's model asked again: for calls that were logged without an answer."""


def good_answer(sample: StoredSample, judging: Judging) -> Answer | None:
    """The logged answer where it's right or nothing speaks against it, else the reference answer; None: neither.

    With a reference answer nothing else counts as right.
    """
    answer = sample.answer if sample.error is None else None
    answer = answer or judging.replayed.get(sample.id)
    if sample.reference is None or judging.endpoint is not Endpoint.TARGET:
        return answer if answer and passes(sample, answer, judging) else None
    scored = score_against(Endpoint.TARGET, judging.case, sample, answer)
    if answer and scored and scored.value == 1 and passes(sample, answer, judging):
        return answer
    reference = _as_answer(sample.reference.value, sample.request)
    return reference if reference and passes(sample, reference, judging) else None


def passes(sample: Sample, answer: Answer, judging: Judging) -> bool:
    """Whether it is whole, has the form that was asked for, and meets the team's own checks."""
    if answer.is_empty or is_truncated(answer) or is_refusal(answer):
        return False
    if guarded(VALIDITY, partial(validity, sample.request, answer, judging.labels)).passed is False:
        return False
    checker = judging.checker
    return checker is None or guarded(CHECKS, partial(checker.score, sample.request, answer)).passed is not False


def _as_answer(right: Json, request: Request) -> Answer | None:
    """A reference answer as a model would write it; None where that no tool call is right is all that is known."""
    if isinstance(right, dict) and list(right) == [ANY_OF]:
        right = right[ANY_OF][0] if right[ANY_OF] else None
    if right is None:
        return None
    if isinstance(right, str):
        return Answer(text=right)
    tools = offered(request)
    if tools and (calls := calls_in(right, tools)):
        return Answer(tool_calls=tuple(ToolCall(name=call.name, arguments=_arguments(call)) for call in calls))
    return Answer(text=json.dumps(right, ensure_ascii=False))


def _arguments(call: Call) -> str:
    if not isinstance(call.arguments, dict):
        return json.dumps(call.arguments, ensure_ascii=False)
    values = {name: value[ANY_OF][0] if _is_choice(value) else value for name, value in call.arguments.items()}
    return json.dumps({name: value for name, value in values.items() if value != ""}, ensure_ascii=False)


def _is_choice(value: Json) -> bool:
    return isinstance(value, dict) and list(value) == [ANY_OF] and bool(value[ANY_OF])


def chat_of(request: Request) -> list[dict[str, Json]] | None:
    """The messages as chat templates take them; None where a part isn't text."""
    messages = [_message(message) for message in request.messages]
    return [message for message in messages if message] if all(messages) else None


def _message(message: dict[str, Json]) -> dict[str, Json] | None:
    role, content = ROLES.get(str(message.get("role"))), message.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = "\n".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else 0
    if role is None or not (content is None or isinstance(content, str)):
        return None
    kept = {key: message[key] for key in ("name", "tool_calls", "tool_call_id") if message.get(key)}
    return {"role": role, "content": content or "", **kept}


def message_of(answer: Answer) -> dict[str, Json]:
    """An answer as a message."""
    calls: list[Json] = [
        {"id": f"call_{number}", "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for number, call in enumerate(answer.tool_calls, 1)
    ]
    return {"role": "assistant", "content": answer.text or "", **({"tool_calls": calls} if calls else {})}


def tools_of(request: Request) -> list[Json]:
    """The tools that were offered, in the nested shape."""
    listed = request.params.get("tools")
    tools = [tool for tool in listed if isinstance(tool, dict)] if isinstance(listed, list) else []
    return [tool if "function" in tool else {"type": "function", "function": tool} for tool in tools]


def redacted(messages: list[dict[str, Json]], tools: list[Json]) -> tuple[list[dict[str, Json]], list[Json]]:
    """As an import would redact them: a value has the same placeholder in all."""
    sample = Sample(request=Request(messages=messages, params={"tools": tools} if tools else {}))
    request = Redactor().redact(sample).request
    return request.messages, request.params.get("tools", [])


def names_masked(prompt: list[dict[str, Json]], redacted_messages: list[dict[str, Json]]) -> bool:
    """Whether an answer names a host of its prompt that only stood in addresses, which are placeholders now."""
    before = json.dumps(prompt, ensure_ascii=False).lower()
    after = json.dumps(redacted_messages[: len(prompt)], ensure_ascii=False).lower()
    answers = json.dumps(redacted_messages[len(prompt) :], ensure_ascii=False).lower()
    return any(host in before and host not in after for host in _HOST.findall(answers))
