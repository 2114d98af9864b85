"""Prompts that hold a conversation as one text, as completion models are asked: up to where the answer begins."""

import re

from advisor.ingest.homemade.lines import read_line
from advisor.ingest.homemade.names import Hint, hints_of, words_of
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.homemade.transcripts import in_lines
from advisor.ingest.messages.chat_templates import split_template, with_names
from advisor.ingest.messages.request import with_system
from advisor.types import Json

_CALLS = frozenset({"input", "instruction", "prompt", "request", "command", "output", "response", "completion"})
"""Names in forms for a model, which are no talk."""
_LINE_CHARS, _NAME_WORDS, _FORM_HEADS = 80, 2, 2
_NAME = re.compile(r"[^\W\d_]{2,20}")
_PERSONA = (
    r"(?:[Yy]ou are|[Yy]ou're|[Yy]our name is|[Aa]ct as|named|called|[Dd]u bist|[Dd]u heißt|[Tt]u es|[Ee]res|[Ss]ei|"
    r"[Vv]ous êtes|[Vv]ocê é)\s+"
)

Head = tuple[int, str, str]
"""The line at which somebody begins to speak, who, and what stands after the name."""


def messages_of(prompt: str) -> list[Json]:
    """The messages of a prompt by the marks of a template or the names of who speaks; else one of the user."""
    found: list[Json] = [*split_template(prompt)]
    return found or _split_names(prompt) or [{"role": "user", "content": prompt}]


def _split_names(prompt: str) -> list[Json]:
    """The turns of a text that ends with the name of who answers."""
    text = with_names(prompt).strip()
    if "\n" not in text and "<br" not in text:
        text = in_lines(text)
    lines = text.split("\n")
    last = _head(lines[-1], text)
    if last is None or last[1] or (known_role(last[0]) or "assistant") != "assistant":
        return []
    bot = last[0]
    heads = [
        (at, *head) for at, line in enumerate(lines) if (head := _head(line, text)) and _role(head[0], bot) is not None
    ]
    heads = _of_a_talk(heads, "" if heads[0][0] == 0 else lines[0])
    roles = [_role(who, bot) for _, who, _ in heads]
    if "user" not in roles:
        return []
    ends = [at for at, _, _ in heads[1:]] + [len(lines)]
    said = [
        {"role": role, "content": "\n".join((first, *lines[at + 1 : end])).strip()}
        for role, (at, _, first), end in zip(roles, heads, ends, strict=True)
    ]
    return with_system("\n".join(lines[: heads[0][0]]).strip(), said[:-1])


def _role(who: str, bot: str) -> str | None:
    return "assistant" if who == bot else known_role(who)


def _head(line: str, prompt: str = "") -> tuple[str, str] | None:
    """Who begins to speak in a line; also a name that the prompt gives the model: ``You are Aria``."""
    if not line[:_LINE_CHARS].strip():
        return None
    found = read_line(line, None)
    if found.who and len(found.who.split()) <= _NAME_WORDS and (found.said or known_role(found.who)):
        return found.who, found.said
    name = line.strip(" *#:：")
    is_named = line.rstrip().endswith((":", "：")) and name[:1].isupper() and _NAME.fullmatch(name)
    return (name, "") if is_named and re.search(rf"{_PERSONA}{re.escape(name)}\b", prompt) else None


def _is_name(who: str) -> bool:
    """Whether all of its words are known: ``User story`` is a label."""
    return all(known_role(word) for word in who.split())


def _of_a_talk(heads: list[Head], above: str) -> list[Head]:
    """Those with the name that is left open, with the user's before it, or with the system's.

    Of a question and its answer only where nothing stands above them: that may be a form, and several are examples.
    """
    bot = heads[-1][1]
    user = next((who for _, who, _ in reversed(heads) if known_role(who) == "user" and _is_name(who)), None)
    if user is None or _CALLS & {*words_of(user), *words_of(bot)}:
        return []
    is_form = Hint.PROMPT in hints_of(user) or Hint.ANSWER in hints_of(bot) or len(bot) == 1
    if is_form and (above or len(heads) > _FORM_HEADS):
        return []
    return [head for head in heads if head[1] in (user, bot) or known_role(head[1]) in ("system", "developer")]
