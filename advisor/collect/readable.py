"""A request as text that people read."""

import json

from advisor.types import ANY_OF, Answer, Json

_SYSTEM = ("system", "developer")


def system_prompt(messages: list[dict[str, Json]]) -> str:
    """The system prompt as plain text; nothing where there is none, or nothing else was asked."""
    told = [content_text(message) for message in messages if message.get("role") in _SYSTEM]
    return "\n\n".join(told) if len(told) < len(messages) else ""


def prompt_text(messages: list[dict[str, Json]]) -> str:
    """The messages after the system prompt as plain text, each turn with its role where there are several."""
    turns = [message for message in messages if message.get("role") not in _SYSTEM] or messages
    if len(turns) == 1:
        return content_text(turns[0])
    return "\n\n".join(f"{message.get('role', 'user')}: {content_text(message)}" for message in turns)


def split_prompt(messages: list[dict[str, Json]]) -> tuple[str, str]:
    """(what came before, what is asked): the last thing a user wrote and all after it is what an answer answers.

    What came before are instructions and earlier turns, each with its role; empty where there is nothing.
    """
    asked = next((n for n in reversed(range(len(messages))) if messages[n].get("role") == "user"), 0)
    before = [f"{message.get('role', 'user')}: {content_text(message)}" for message in messages[:asked]]
    return "\n\n".join(before), prompt_text(messages[asked:])


def both_ends(text: str, most: int) -> str:
    """A long text without its middle, about ``most`` characters: what to do is said at its beginning or at its end."""
    if len(text) <= most:
        return text
    start = text[: most // 3].rsplit(maxsplit=1)[0].rstrip()
    end = text[-(most - most // 3) :].split(maxsplit=1)[-1].rstrip()
    return f"{start}\n\n[… {len(text) - len(start) - len(end):,} more characters …]\n\n{end}"


def content_text(message: dict[str, Json]) -> str:
    """The text of one message; parts that are not text are named in brackets."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(
            str(part.get("text") or f"[{part.get('type', 'part')}]") if isinstance(part, dict) else str(part)
            for part in content
        )
    calls = [
        f"{call['function'].get('name')}({call['function'].get('arguments')})"
        for call in message.get("tool_calls") or []
        if isinstance(call, dict) and isinstance(call.get("function"), dict)
    ]
    return "\n".join([str(content or ""), *calls]).strip()


def reference_text(right: Json) -> str:
    """A reference answer as plain text; several right ones one per line; empty where no tool call is right."""
    if right is None:
        return ""
    several = right[ANY_OF] if isinstance(right, dict) and list(right) == [ANY_OF] else [right]
    return "\n".join(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in several)


def text_of(answer: Answer | None) -> str:
    """An answer as plain text: its words, or its tool calls one per line."""
    if answer is None:
        return ""
    calls = [f"{call.name}({call.arguments})" for call in answer.tool_calls]
    return "\n".join([answer.text or "", *calls]).strip()
