"""Turns and system prompts in the shapes that programs write, as OpenAI's messages and as texts."""

from collections.abc import Sequence

from advisor.ingest.homemade.cells import is_prose
from advisor.ingest.homemade.names import Hint, hints_of, names_chats, plain_name
from advisor.ingest.homemade.roles import known_role, role_of
from advisor.ingest.homemade.transcripts import messages_in
from advisor.ingest.messages.request import ROLES
from advisor.ingest.values.json_text import as_text, at, decode
from advisor.types import Json

_SOME, _NEARLY_ALL = 20, 0.9
"""Lists that are looked at, and the share of them that has to say so."""
_TEXTS = {Hint.PROMPT, Hint.TEXT, Hint.SYSTEM}
_FACTS = {Hint.ID, Hint.SPEAKER, Hint.TIME, Hint.MODEL}
"""What names of a system prompt's text say, and of what a program keeps beside it."""


def as_messages(turns: Json, column: str = "") -> list[Json] | None:
    """Turns of any dialect as OpenAI's messages; None where one doesn't say who speaks. ``column``: where they are."""
    if isinstance(turns, str):
        return messages_in(turns, is_chat=names_chats(column))
    found: list[Json] = []
    turns = turns if isinstance(turns, list) else [None]
    has_roles = all(str(turn[0]).lower() in ROLES for turn in turns if isinstance(turn, list) and turn)
    for turn in turns:
        said = _said_by(turn, has_roles=has_roles)
        if not said:
            return None
        found += said
    return found


def are_messages(lists: Sequence[list[Json]]) -> bool:
    """Whether these are messages as OpenAI has them, or turns of any dialect that end before the answer."""
    whole = sum("role" in turns[0] and "content" in turns[0] for turns in lists)
    if 2 * whole > len(lists):
        return True
    talks = [as_messages(turns) or [None] for turns in lists[:_SOME]]
    return [at(talk[-1], "role") for talk in talks].count("user") >= _NEARLY_ALL * len(talks)


def _said_by(turn: Json, *, has_roles: bool) -> list[Json]:
    if isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn):
        if has_roles:  # and not "thank you", with its answer
            return [{"role": ROLES[turn[0].lower()], "content": turn[1]}]
        return [{"role": role, "content": text} for role, text in zip(("user", "assistant"), turn, strict=True)]
    if not isinstance(turn, dict):
        return []
    if "role" in turn and ("content" in turn or "tool_calls" in turn):
        return [turn | {"role": role_of(turn["role"], {})}]
    speaker = next((key for key, value in turn.items() if _is_speaker(key, value)), None)
    texts = {key: text for key, value in turn.items() if key != speaker and (text := text_of(value)) is not None}
    if speaker is not None:
        text = max(texts, key=lambda key: (Hint.TEXT in hints_of(key), len(texts[key])), default=None)
        return [{"role": role_of(turn[speaker], {}), "content": texts[text]}] if text is not None else []
    sides = {role: text for key, text in texts.items() if (role := known_role(plain_name(key)))}
    return [
        {"role": role, "content": sides[role]} for role in ("user", "assistant") if len(sides) == 2 and role in sides
    ]


def _is_speaker(key: str, value: Json) -> bool:
    return isinstance(value, str) and Hint.SPEAKER in hints_of(key) and known_role(value.strip().lower()) is not None


def text_of(value: Json) -> str | None:
    """A text, also in parts or alone in a list."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    texts = [
        part.get("text") if isinstance(part, dict) and part.keys() <= {"text", "type", "cache_control"} else part
        for part in parts
    ]
    return "".join(map(str, texts)) if texts and all(isinstance(text, str) for text in texts) else None


def system_text(cell: Json, column: str) -> str:
    """The text of a system prompt, also in a message, or in parts as Anthropic and Gemini have them.

    What says more than one text is the prompt as it stands, unless nothing in it, nor its column, is called a text or
    is a sentence.
    """
    told = decode(cell)
    if not isinstance(told, dict | list):
        return cell if isinstance(cell, str) else ""
    if (texts := _texts_in(told)) is not None:
        return "\n".join(texts)
    is_prompt = isinstance(cell, str) or Hint.PROMPT in hints_of(column) or has_words(told, is_text=True)
    return as_text(cell) if is_prompt else ""


def _texts_in(told: Json) -> list[str] | None:
    """The texts that a value consists of; None where something else is said, too."""
    if isinstance(told, list):
        told = [each for each in told if each not in (None, "", [], {})]
        roles = {at(each, "role") for each in told}
        inner = [_texts_in(each) for each in told]
        texts = [text for each in inner for text in each or ()]
        return None if None in inner or (len(inner) > 1 and not roles <= {None, "system", "developer"}) else texts
    if not isinstance(told, dict):
        return [told] if isinstance(told, str) and told else []
    filled = {key: value for key, value in told.items() if value not in (None, "", [], {}) and key != "cache_control"}
    named = [key for key in filled if _names_text(key)]
    found = named or [key for key, value in filled.items() if isinstance(value, str) and is_prose(value)]
    if len(found) > 1 or any(_is_more(key, value) for key, value in filled.items() if key not in found):
        return None
    return _texts_in(filled[found[0]]) if found else []


def _names_text(key: str) -> bool:
    hints = hints_of(key)
    is_text = not hints.isdisjoint(_TEXTS) and hints.isdisjoint({*_FACTS, Hint.ABOUT, Hint.TOKENS})
    return is_text or key in ("parts", "value")


def _is_more(key: str, value: Json) -> bool:
    """Whether this says something beside a text, as no number and no id does."""
    if not isinstance(value, str):
        return isinstance(value, dict | list)
    is_id = any(map(str.isdigit, value)) and len(value.split()) == 1
    return is_prose(value) or not (is_id or key in ("name", "version") or hints_of(key) & _FACTS)


def has_words(told: Json, *, is_text: bool) -> bool:
    """Whether a sentence stands in this, or a text by its name; ``is_text``: this is called one."""
    if isinstance(told, dict):
        return any(has_words(value, is_text=_names_text(key)) for key, value in told.items())
    if isinstance(told, list):
        return any(has_words(each, is_text=is_text) for each in told)
    return isinstance(told, str) and told != "" and (is_text or is_prose(told))
