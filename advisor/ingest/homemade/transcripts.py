"""Chats as running text: who speaks stands before each turn, in a text file or in the cells of a table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import NamedTuple

from advisor.ingest.homemade.lines import MOMENT, SIDES, TIME, Line, Manner, is_log, manner_in_way, read_line, told_in
from advisor.ingest.homemade.names import Hint, hints_of, names_model
from advisor.ingest.homemade.roles import are_talks, asks_software, known_role
from advisor.ingest.messages.chat_templates import split_chat, with_names
from advisor.ingest.messages.request import with_system
from advisor.ingest.records.rules import NAMED_HERE
from advisor.types import Json

_WITHIN = re.compile(r"(?<=\s)(?:\*\*)?(?P<who>[^\W\d_]{1,12})\s?[:：](?:\*\*)?\s")
_BREAK = re.compile(
    r"(?:(?:<br\s*/?>|</?(?:p|div|li)>)\s*)+(?=$|[\[*]*(?:<\w+>)?[^\W\d_][^<>\n:：\]]{0,38}(?:</\w+>)?[*\s]{0,3}[:：\]])",
    re.I,
)
"""Before a name, or at the end: others are parts of what somebody says."""
_TAG = re.compile(r"^\s*<(b|strong|i|em|span)>(?P<who>[^<>\n]{1,40})</\1>", re.I | re.M)
"""Around a name before what it says."""
_END = re.compile(r"(//|\|\||[;|/,])?$")
_INLINE = re.compile(
    r"(?:(?<=[\s;|/>])|^)(?P<who>[^\W\d_]{1,20}"
    r"(?: (?:says|said|asks|asked|writes|wrote|sagt|schreibt|dit|dice|diz))?)\s?[:：]"
)
_PARTED = re.compile(r"\s*([=\-*_~#]{3,})(.*\1)?\s*|\s*#{1,6}\s+\S.*")
"""A line between conversations, perhaps with a title."""
_NUMBERED = re.compile(r"\s*[^\W\d_]{4,}[ #:.№]+\w*\d+\s*:?\s*")
_FEWEST = 2
"""Turns of a side in a text that is a transcript."""
_FEW_TITLES, _MOST_TITLES, _TITLE_CHARS = 2, 8, 80
_NO_TITLE = re.compile(r"[\"{\t;|]|,\S")
_FACT_CHARS = 60
_MODEL_ID = re.compile(r"[\w.:/@-]*[\d-][\w.:/@-]*")
_HEAD_LINES = 1000
_QUESTIONS = frozenset("pfdv")
"""``P:`` and ``R:``, ``F:`` and ``A:`` as ``Q:`` and ``A:``: pregunta, Frage, domanda, vraag."""


class Turn(NamedTuple):
    """One turn; ``part`` counts the conversations of the text."""

    who: str
    said: str
    part: int
    at: str | None = None
    facts: dict[str, str] = {}  # noqa: RUF012 - never changed
    talk: str | None = None
    """The id in brackets before it, in a program's log."""


def is_transcript(head: str) -> bool:
    """Whether the text begins with turns, after titles at most, and both sides speak."""
    lines = [line for line in head.split("\n") if line.strip()]
    manner = _manner_of(lines)
    first = next(
        (at for at, line in enumerate(lines) if (found := read_line(line, manner)).who or found.at), len(lines)
    )
    titles = lines[:first]
    texts = [title for title in titles if not _is_parting(title)]
    if len(titles) > _MOST_TITLES or any(len(text) > _TITLE_CHARS or _NO_TITLE.search(text) for text in texts):
        return False
    turns = list(turns_in(lines, manner))
    if manner.is_anyone:
        return len({turn.who for turn in turns}) > 1
    roles = Counter(_role(turn.who, manner) for turn in turns)
    return min(roles["user"], roles["assistant"]) >= _FEWEST


def _manner_of(lines: list[str], fewest: int = _FEWEST, *, is_cell: bool = False) -> Manner:
    read = [read_line(line, None) for line in lines]
    is_headed = _is_headed([line for line in read if line.who or line.said])
    named = [line for line in read if line.who and not (is_headed and _is_of_model(line))]
    stamped = [line for line in named if line.at]
    known = [known_role(line.who or "") for line in named]
    if not any(known) and len(stamped) >= 2 * _FEWEST and 2 * len(stamped) >= len(lines):
        return Manner({}, is_anyone=True)
    sides = {role for role in known if role is not None and role in SIDES}
    manner = manner_in_way(lines, is_named=len(sides) == len(SIDES), is_cell=is_cell)
    if manner:
        known = [known_role(read_line(line, manner).who or "") for line in lines]
        return _parted(lines, manner._replace(facts=_facts_in(lines, sum(map(bool, known)))))
    others = _other_side(named, sides, fewest)
    is_within = not others and sides == {"user"}
    if is_within:
        asked = [line.said for line in named if known_role(line.who or "") == "user"]
        is_within = sum(_answer_within(said) is not None for said in asked) >= 0.9 * len(asked)
    facts = _facts_in(lines, sum(map(bool, known)))
    by_logger = is_log(lines, read)
    return _parted(lines, Manner(others, facts=facts, is_headed=is_headed, is_within=is_within, is_logged=by_logger))


def _facts_in(lines: list[str], turns: int) -> frozenset[str]:
    """Names of lines that tell something about most calls."""
    counts = Counter(name for line in lines for name, told in told_in(line).items() if _is_fact(name, told))
    return frozenset(name for name, count in counts.items() if 2 * count >= 0.8 * turns)


def _parted(lines: list[str], manner: Manner) -> Manner:
    above = [TIME.fullmatch(one) for one, other in pairwise(lines) if read_line(other, manner).who]
    return manner._replace(is_parted=not _parts_turns(lines, manner), is_below_time=bool(above) and all(above))


def _is_headed(lines: list[Line]) -> bool:
    """Whether a question follows each line with nothing but the time and a model."""
    after = [other for one, other in pairwise(lines) if _is_of_model(one)]
    return bool(after) and all(known_role(line.who or "") == "user" for line in after)


def _is_of_model(line: Line) -> bool:
    return line.at is not None and line.said == "" and names_model(line.who or "")


def _other_side(named: list[Line], sides: set[str], fewest: int) -> dict[str, str]:
    """The name that takes turns with the only known side."""
    if len(sides) != 1:
        return {}
    (side,) = sides
    counts = Counter(line.who or "" for line in named if known_role(line.who or "") is None)
    for name, count in counts.most_common(3):
        said = [known_role(line.who or "") or "" for line in named if known_role(line.who or "") or line.who == name]
        changes = sum(one != other for one, other in pairwise(said))
        is_talk = side == "assistant" or any(asks_software(line.who or "", line.said) for line in named)
        needed = fewest if is_talk or Hint.BOT in hints_of(name) else _FEWEST
        is_form = min(count, len(said) - count) < needed  # "Customer: Jane", "Issue: …", once each
        if changes >= 0.9 * (len(said) - 1) and count >= 0.4 * len(said) and not is_form:
            return {name: SIDES[side]}
    return {}


def _is_parting(line: str, manner: Manner | None = None) -> bool:
    """A line of marks or a heading, or ``Conversation 2``, and none that quotes who speaks."""
    if _PARTED.fullmatch(line):
        return manner is None or not manner.names_speaker(line)
    return _NUMBERED.fullmatch(line) is not None and Hint.SESSION in hints_of(line)


def _parts_turns(lines: list[str], manner: Manner) -> bool:
    """Whether a line as between conversations stands between a question and its answer."""
    before, is_parted = "", False
    for line in lines:
        who = read_line(line, manner).who
        role = who and _role(who, manner)
        if role == "assistant" and before == "user" and is_parted:
            return True
        is_parted = not role and (is_parted or _is_parting(line, manner))
        before = role or before
    return False


def _is_fact(name: str, told: str) -> bool:
    """Whether a line such as ``Tokens: 25`` tells something about a call."""
    if not 0 < len(told) < _FACT_CHARS:
        return False
    is_about = not hints_of(name).isdisjoint({Hint.TIME, Hint.MODEL, Hint.TOKENS, Hint.DURATION, Hint.SESSION})
    is_name = Hint.MODEL in hints_of(name) and _MODEL_ID.fullmatch(told) is not None
    return names_model(told) or is_name or (is_about and known_role(name) is None)


def _role(who: str, manner: Manner) -> str | None:
    return known_role(who) or manner.others.get(who)


def _answer_within(said: str) -> re.Match[str] | None:
    return next((found for found in _WITHIN.finditer(said) if known_role(found["who"]) == "assistant"), None)


def _read(lines: Iterable[str], manner: Manner) -> Iterator[tuple[str, Line]]:
    """Each line with what it begins; a time of day alone begins a turn if the next line with text names who speaks."""
    held: list[str] = []
    for line in lines:
        begun = read_line(line, manner)
        is_time = manner.is_below_time and TIME.fullmatch(line) is not None
        if held and line.strip() and line.strip() != held[0].strip():
            above = Line(held[0].strip(), None, "") if begun.who else Line(None, None, held[0])
            yield from ((each, Line(None, None, each) if at else above) for at, each in enumerate(held))
            held = []
        if is_time or held:
            held.append(line)
        else:
            yield line, begun
    yield from ((each, Line(None, None, each)) for each in held)


def turns_in(lines: Iterable[str], manner: Manner) -> Iterator[Turn]:
    """The turns of a text in their order."""
    part, at = 0, None
    turn: Turn | None = None
    said: list[str] = []
    above: dict[str, str] = {}
    """Facts that stand above the turns of a call."""
    held: list[str] = []
    """A line that may part conversations, and what follows it until somebody speaks; below a heading nothing may."""
    titles = 0
    """Lines of text among them."""
    for line, begun in _read(lines, manner):
        fact = told_in(line) if manner.facts else {}
        if not manner.facts.isdisjoint(fact):
            if turn and not held and not (above.keys() & fact.keys()):
                turn = turn._replace(facts=turn.facts | fact)
            else:
                above |= fact
                held = held or [""]
            continue
        is_head = manner.is_headed and begun.at is not None and names_model(begun.said)
        is_end = begun.at is not None and begun.who is None and (manner.is_anyone or is_head or not begun.said)
        if begun.who is None and not is_end:
            is_parting = _is_parting(line, manner)
            if held or is_parting:
                held.append(line)
                at = _moment_in(line) or at
                titles += not is_parting and bool(line.strip())
                if turn and titles > (0 if held[0].lstrip().startswith("#") else _FEW_TITLES):
                    said += held
                    held, titles = [], 0
            elif turn:
                said.append(line)
            continue
        if turn:
            yield turn._replace(said="\n".join(said).strip())
        part += bool(held and manner.is_parted)
        at, held, titles = begun.at or at, [], 0
        if begun.who is None:
            turn = None
            above |= {"model": begun.said} if is_head else {}
            continue
        is_prompt = Hint.PROMPT in hints_of(begun.who) or begun.who.lower() in _QUESTIONS
        is_request = _role(begun.who, manner) == "user" and is_prompt
        part += bool(is_request and turn)  # prompts stand alone, people go on talking
        answer = _answer_within(begun.said) if manner.is_within else None
        if answer:
            yield Turn(begun.who, begun.said[: answer.start()].strip(), part, at, {**above})
            begun = Line(at, answer["who"], begun.said[answer.end() :])
        turn, said = Turn(begun.who or "", "", part, at, {**above}, begun.talk), [begun.said]
    if turn:
        yield turn._replace(said="\n".join(said).strip())


def _moment_in(line: str) -> str | None:
    """The time in a line between conversations: ``=== Session 12 | 2025-06-21 09:01 ===``."""
    found = MOMENT.search(line) if _is_parting(line) else None
    return found and found[0]


def as_rows(lines: Iterable[str]) -> Iterator[dict[str, Json]]:
    """A row for each turn, as a table of turns has it; the time tells conversations apart where it stands there."""
    lines = iter(lines)
    head = list(islice(lines, _HEAD_LINES))
    manner = _manner_of([line for line in head if line.strip()])
    is_timed = manner.is_below_time or any(read_line(line, manner).at or _moment_in(line) for line in head)
    is_parted = manner.is_parted and any(turn.part for turn in turns_in(head, manner))
    has_ids = are_talks([(turn.talk, _role(turn.who, manner)) for turn in turns_in(head, manner)])
    for turn in turns_in(chain(head, lines), manner):
        row: dict[str, Json] = {"time": turn.at} if is_timed else {}
        if has_ids:
            row["conversation"] = turn.talk
        elif is_parted or not is_timed:
            row["conversation"] = f"{NAMED_HERE}{turn.part}"
        who = manner.others.get(turn.who) or turn.who.rstrip("0123456789# ") or turn.who
        yield row | turn.facts | {"speaker": who, "message": turn.said}


def in_lines(text: str) -> str:
    """A chat that a cell holds in one line, with a line for each turn: ``User: ...; Bot: ...;``."""
    text = with_names(_BREAK.sub("\n", text))
    text = _TAG.sub(lambda tag: tag["who"] if known_role(tag["who"].strip(" :：")) else tag[0], text).strip()
    named = [] if "\n" in text else [(found, known_role(found["who"])) for found in _INLINE.finditer(text)]
    names = {role: found["who"] for found, role in reversed(named) if role in SIDES}
    turns = [found.start() for found, role in named if names.get(role or "") == found["who"]]
    if len(names) < len(SIDES) or turns[0] > 0:
        return text
    parts = [text[start:end].rstrip() for start, end in pairwise([*turns, len(text)])]
    ends = {_END.search(part)[0] for part in parts[:-1]}  # type: ignore[index]
    mark = ends.pop() if len(ends) == 1 else ""
    return "\n".join(part.removesuffix(mark).rstrip() for part in parts)


def messages_in(text: str, *, is_chat: bool = False) -> list[Json] | None:
    """The messages of a chat in one cell; None where it is none that the assistant's words end.

    ``is_chat``: the cell is one by its column's name, so a name nobody knows may speak once.
    """
    if found := split_chat(text):
        return [*found]
    lines = in_lines(text).split("\n")
    manner = _manner_of(lines, 1 if is_chat else _FEWEST, is_cell=True)
    first = next((at for at, line in enumerate(lines) if read_line(line, manner).who), _MOST_TITLES)
    if first >= _MOST_TITLES:
        return None
    turns = list(turns_in(lines[first:], manner))
    turns = turns[:-1] if turns and not turns[-1].said else turns
    roles = [_role(turn.who, manner) for turn in turns]
    if None in roles or "user" not in roles or roles[-1] != "assistant" or not turns[-1].said:
        return None
    said: list[Json] = [{"role": role, "content": turn.said} for role, turn in zip(roles, turns, strict=True)]
    return with_system("\n".join(lines[:first]).strip(), said)
