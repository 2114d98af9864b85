"""Whose turn it is, by the word for who speaks."""

import re

from advisor.ingest.homemade.names import OF_SOFTWARE, Hint, hints_of, names_model, words_of
from advisor.ingest.messages.request import ROLES
from advisor.types import Json

CONVERSATION = "conversation_of_rows"
"""The key by which rows of one record are known to be of one conversation."""
NAME_CHARS = 40
ON = frozenset({"true", "1", "yes", "t", "y", "1.0"})
_NAME_WORDS = 3
_MORE_ROLES = {
    "tool_result": "tool", "tool_response": "tool", "in": "user", "out": "assistant", "u": "user", "h": "user",
    "q": "user", "a": "assistant", "b": "assistant", "recv": "user", "r": "assistant", "request": "user",
    "response": "assistant", "incoming": "user", "outgoing": "assistant", "server": "assistant",
    "vous": "user", "toi": "user", "moi": "user", "tu": "user", "tú": "user", "du": "user", "sie": "user",
    "ich": "user", "usted": "user", "yo": "user", "você": "user", "voce": "user", "eu": "user", "lei": "user",
    "io": "user", "jij": "user", "ik": "user", "ty": "user", "вы": "user", "я": "user", "ты": "user",
    "나": "user", "私": "user", "あなた": "user", "我": "user", "你": "user", "您": "user",
    **dict.fromkeys("👤🧑🙋👩👨🙂", "user"), **dict.fromkeys("🤖🧠", "assistant"),
}  # fmt: skip
_BRACKETS = re.compile(r"[()\[\]]")


def role_of(value: Json, roles: dict[str, str]) -> str:
    """Who speaks, by a cell of the speaker's column; the cell itself where nobody knows."""
    plain = str(value).strip().lower()
    return roles.get(plain) or known_role(plain) or plain


def known_role(value: str) -> str | None:
    value = value.strip().lower()
    bare = value.rstrip("0123456789# ")  # Q1
    known = ROLES.get(bare) or _MORE_ROLES.get(bare)
    if known or not value or len(value) > NAME_CHARS or len(value.split()) > _NAME_WORDS:
        return known
    value = _BRACKETS.sub(" ", value)
    hints = hints_of(value)
    if value.endswith("bot") or names_model(value):  # HelpBot
        return "assistant"
    if Hint.SYSTEM in hints:
        return "system"
    is_user, is_bot = bool({Hint.USER, Hint.PROMPT} & hints), bool({Hint.BOT, Hint.ANSWER} & hints)
    if is_user is is_bot:
        return None
    return "user" if is_user else "assistant"


def asks_software(who: str, said: str) -> bool:
    """Whether a user says a sentence, and no ``User: Jane``, and isn't called as customers of people are."""
    is_sentence = len(said.split()) > 2 or not {"？", "。", "?"}.isdisjoint(said)
    is_asked = known_role(who) == "user" and is_sentence
    return is_asked and not any(Hint.USER in hints_of(word) and word not in OF_SOFTWARE for word in words_of(who))
