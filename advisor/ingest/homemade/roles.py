"""Whose turn it is, by the word for who speaks, and which is the first, by a flag's name or as both go on."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from unicodedata import normalize

from advisor.ingest.homemade.names import OF_SOFTWARE, Hint, hints_of, names_model, plain_name, plain_words, words_of
from advisor.ingest.messages.request import ROLES
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json
from advisor.types.codes import CallNote

CONVERSATION = "conversation_of_rows"
"""The key by which rows of one record are known to be of one conversation."""
NAME_CHARS = 40
ON = frozenset({
    "true", "1", "1.0", "yes", "t", "y", "x", "✓", "ja", "j", "oui", "si", "sí", "sì", "s", "sim", "да", "是", "はい",
})  # fmt: skip
OFF = frozenset({
    "false", "0", "0.0", "no", "f", "n", "✗", "nein", "non", "não", "nao", "nie", "нет", "否", "いいえ",
})  # fmt: skip
_NAME_WORDS = 3
_NEARLY_ALL, _FEW = 0.9, 4
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
_BEGINNINGS = {letter: normalize("NFKD", words) for letter, words in {
    "F": "1st|first|initial|erst\\w{0,2}|eerste|premi\\w{0,3}|prim(er)?[oa]?|primeir[oa]|перв\\w+|最初|首|初|第一|첫",
    "N": "new|neu\\w{0,2}|nieuwe?|nuev[oa]|nouv\\w+|nov[oaiy]|nuov[oa]|now[ya]|нов\\w+|新|새",
    "S": "start(s|ed|ing)?|beg[iau]nn?(s|ing)?|init|opening|anfang|debut|ini[cz]i\\w*|начал\\w*|開始|开始|시작",
    "O": "opens|opened",
}.items()}  # fmt: skip
"""Words of a beginning in any form."""
_LETTERS = {"C": {Hint.SESSION}, "M": {Hint.TEXT, Hint.ORDER, Hint.PROMPT}, "U": {Hint.USER}}
_OF = plain_words("in of within per de du des der di da do del im")
_MEANS_NOTHING = plain_words("is was has a an the this flag row")
_PARTICLES = re.compile("是否|的|の")
_BEGIN = {"F": "first", "N": "new", "S": "start", "O": "start"}
_OF_CHATS = re.compile(
    "(C*F|[CU]*F[CU]*M+|M+F)(o[CUM]+)?"  # first_in_session, is_first_user_message, but no first_chat and first_user
    "|S*N+C+S*|C+N+"  # new_conversation
    "|C*S+M*(oC+)?|S+C+M*|C+O"  # session_started, is_start, start_of_chat
)
"""Names of what may be set where a conversation begins, each word by its letter."""
_QUESTIONS = ("user", "system", "developer")
_GREETING = re.compile(
    r"\W*((hi|hey|hello|welcome|good (morning|day|evening)|hallo|guten|bonjour|hola|buen[oa]s|ol[aá]|ciao|hej)\b"
    r"|willkommen|bienven|bem-vind|benvenut|buongiorno|привет|здравст|你好|您好|欢迎|こんにちは|안녕)",
    re.I,
)
_BRACKETS = re.compile(r"[()\[\]]")


ANYBODY = "*"
"""Among the speakers of a column: everybody else with a name."""


def role_of(value: Json, roles: dict[str, str]) -> str:
    """Who speaks, by a cell of the speaker's column; the cell itself where nobody knows."""
    plain = str(value).strip().lower()
    return roles.get(plain) or known_role(plain) or (roles.get(ANYBODY) if plain not in ("", "none") else None) or plain


def is_on(value: Json) -> bool:
    """Whether a cell says yes."""
    return str(value).strip().lower() in ON


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


def begins_chats(name: str) -> str | None:
    """What a flag of such a name says of a turn: it is the ``first``, of a ``new`` conversation, or its ``start``."""
    letters = "".join(map(_letter, filter(None, plain_name(name).split("_"))))
    is_such = _OF_CHATS.fullmatch(letters) is not None
    return next((word for letter, word in _BEGIN.items() if letter in letters), None) if is_such else None


def _letter(part: str) -> str:
    """What a part of a name says about a beginning, both of two in one word: ``Gesprächsbeginn``."""
    part = _PARTICLES.sub("", part)
    for letter, words in _BEGINNINGS.items():
        if re.fullmatch(words, part):
            return letter
        found = re.match(f"(?:{words})(?=.)", part) or re.search(f"(?<=.)(?:{words})$", part)
        other = _letter(part.replace(found[0], "", 1)) if found else "?"
        if found and other in _LETTERS:
            return letter + other if found.start() == 0 else other + letter
    if part in _MEANS_NOTHING or part in _OF or not part:
        return "o" * (part in _OF)
    hints = hints_of(part) | hints_of(part.rstrip("s"))
    return next((letter for letter, words in _LETTERS.items() if words & hints), "?")


def parted(flags: list[bool], roles: list[str]) -> tuple[list[int], int]:
    """Where conversations begin by a flag of their first rows, and how many of them don't begin with a question.

    The last question of some has no answer, but no first row answers it.
    """
    starts: list[int] = []
    is_asked = is_answered = False
    for at, (flag, role) in enumerate(zip(flags, roles, strict=True)):
        if flag and (not at or not flags[at - 1] or (is_answered and role != "assistant")):
            starts.append(at)
            is_asked = is_answered = False
        is_asked = is_asked or role == "user"
        is_answered = is_answered or (is_asked and role == "assistant")
    if starts and all(at and roles[max(at - 2, 0) : at] in (["assistant"], ["assistant"] * 2) for at in starts):
        starts = [at - 1 for at in starts]  # with a greeting before the first question
    faults, greeted = int(starts[:1] > [0] and roles[0] == "assistant"), 0
    for start, end in pairwise([*starts, len(roles)]):
        said = roles[start:end]
        asked = [*said, "user"].index("user")
        answered = [*said[asked:], "assistant"].index("assistant") + asked
        faults += said[0] not in _QUESTIONS and asked > 1
        is_open = (answered >= len(said) or said[-1] == "user") and roles[end : end + 1] == ["assistant"]
        faults += is_open and said[0] in _QUESTIONS
        greeted += is_open and said[0] not in _QUESTIONS
        faults += any(flags[start + answered + 1 : end])
    return starts, faults + greeted * (2 * greeted >= len(starts))


def begin_again(numbers: list[float], roles: list[str]) -> bool:
    """Whether numbers count the steps of each answer, so that one comes again for the same side."""
    falls = [{other for one, other in pairwise(each) if other < one} for each in (numbers, numbers[::-1])]
    is_repeated = len({*zip(numbers, roles, strict=True)}) < len(numbers)
    return is_repeated and all(falls) and {min(numbers)} in falls


def are_counted(records: Sequence[dict[str, Json]]) -> bool:
    """Whether a column counts the rows as they stand, as an id does."""
    for name in records[0]:
        numbers = [number for record in records if (number := parse_number(record.get(name))) is not None]
        if len(numbers) == len(records) and all(one < other for one, other in pairwise(numbers)):
            return True
    return False


def direction_of(talks: Iterable[Sequence[tuple[str, str]]]) -> CallNote | None:
    """Whether nearly all conversations begin with an answer, end with a question, and read upwards answer each one.

    They stand newest first, unless most begin with a greeting, or the only one is short. ``talks``: who speaks and what
    is said, row by row.
    """
    said = [turns for talk in talks if (turns := [turn for turn in talk if turn[0] in ("user", "assistant")])]
    sides = [[role for role, _ in turns] for turns in said]
    odd = sum(each[0] != each[-1] == "user" and ("assistant", "assistant") not in pairwise(each) for each in sides)
    if not said or odd < _NEARLY_ALL * len(said):
        return None
    answers = Counter(text for turns in said for role, text in turns if role == "assistant")
    first = [turns[0][1] for turns in said]
    greeted = sum(answers[text] > 1 or _GREETING.match(text) is not None for text in first)
    is_unclear = len(first) == 1 and ("?" in first[0] or answers.total() < _FEW)
    return CallNote.ANSWERS_FIRST if is_unclear or 2 * greeted >= len(first) else CallNote.NEWEST_FIRST


def are_talks(turns: list[tuple[str | None, str | None]]) -> bool:
    """Whether ids are of conversations: as many answers follow a question by them as line by line, unlike by threads.

    ``turns``: each one's id and role.
    """
    ids = {talk for talk, _ in turns} - {None}
    return len(ids) > 1 and _answered(turns) >= _answered([(None, role) for _, role in turns])


def _answered(turns: list[tuple[str | None, str | None]]) -> int:
    last: dict[str | None, str | None] = {}
    count = 0
    for talk, role in turns:
        count += role == "assistant" and last.get(talk) == "user"
        last[talk] = role
    return count
