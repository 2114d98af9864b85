"""A line of a chat as running text: when something was said, by whom, and what."""

import re
from collections import Counter
from itertools import accumulate
from typing import NamedTuple

from advisor.ingest.homemade.names import Hint, hints_of, names_model
from advisor.ingest.homemade.roles import known_role

_DATE = r"\d{1,4}[-./]\d{1,2}[-./]\d{2,4}"
_HOUR = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?(?:[+-]\d{2}:?\d{2})?)?(?:[.,]\d+)?(?:\s?[AaPp]\.?[Mm]\.?)?Z?"
TIME = re.compile(rf"\s*{_HOUR}\s*")
MOMENT = re.compile(rf"{_DATE},?[ T]+{_HOUR}")
_LEVEL = r"\[?(?:TRACE|DEBUG|INFO|SUCCESS|WARNING|WARN|ERROR|CRITICAL)\b\s*\]?[\s:|-]+"
_LOGGED = re.compile(rf"\W*{_DATE},?[ T]+{_HOUR}\W*{_LEVEL}")
_ERROR = re.compile(rf"\W*{_DATE},?[ T]+{_HOUR}\W*(?:ERROR|CRITICAL)")
_OF_HTTP = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) \S+(?:\s+\"?(?:HTTP/[\d.]+ )?\d{3}\b[^?]*)?")
"""``HTTP Request: POST https://...``, as clients log it between what is said."""
_LINE = re.compile(
    r"(?:\d{1,4}[.)]\s+)?(?P<marks>[\s\u200e\ufeff\u200d\ufe0f>#*_•\-\u2190-\u2bff\U0001f000-\U0001faff]*)"
    rf"(?:[\[(]?(?P<at>{_DATE},?[ T]+{_HOUR}|(?<=[\[(]){_HOUR}|{_HOUR}(?=\s+(?:[-–]\s+)?[^\W\d_][^\n:]{{0,38}}:\s))"
    r"[\])]?[*_]*\s*(?:[-–|:]\s*)?)?"
    rf"(?:{_LEVEL}(?:(?P<code>[\w.<>]+(?::[\w.<>]+)*:\d+)\s*[-|:]+\s*|[\w.]+\s*[-|:]+\s*(?=\[))?"
    r"(?:\[(?P<talk>[\w-]*\d[\w-]*)\]\s*)?(?(code)|(?(talk)|(?!)))(?=[^\W\d_][^:\n]{0,38}:\s)"
    r"|\[?(?:DEBUG|INFO|WARNING|ERROR)\]?[\s:|-]+(?:[\w.]+\s*[:|-]+\s*)?(?=\S+?:(?!\d)))?(?P<rest>.*)",
    re.S,
)
"""``[22.03.24, 08:02] Ana: ...``, ``### 🤖 Bot``, ``**User:** ...``, ``08:02 | INFO | chat:ask:42 - [7f] Bot: ...``."""
_NAMED = re.compile(
    r"[\[<*_\s\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u202a\u2068]*"
    r"(?P<who>[^\W\d_][^:：\n\]>*]{0,38}?|\+\d[\d\s().\-\u2010\u2011]{6,20}\d(?=[\u202c\u2069]?:))[\u202c\u2069]?"
    r"(?:(?:\*\*|__|\]|>)?\s*(?!(?<=\d):\d\d)[:：](?:\*\*|__)?|(?<=\w)[\]>](?=\s|$))\s*(?P<said>.*)",
    re.S,
)

_WITH_NAME = re.compile(r"[:：]|[\]>]\s*\w")
_SET = re.compile(r"(?P<who>[^\W\d_]\w{0,38}) ?= ?(?P<said>.*)")
_WHO = r"(?P<who>[^\W\d_]+(?: [^\W\d_]+)?)"
_AT = rf"(?:[\[(](?P<at>(?:{_DATE},?[ T]+)?{_HOUR})[\])])"
WAYS = tuple(
    re.compile(way, re.S)
    for way in (
        rf"\W*?{_WHO}[*_]* {_AT}\s*[:：]?\s*[*_]*\s*(?P<said>.*)",  # User (10:02): ...
        rf"\s*(?P<mark>[=\-~*#+<>_])(?P=mark)+ *[\[]?{_WHO}[\]]? *[:：]? *[=\-~*#+<>_]*(?P<said>)\s*",  # --- USER ---
        r"\s*(?P<who>[^\W\d_])\d+[.)] (?P<said>.*)",  # Q1. ...
        r"\s*(?P<who>[👤🧑🙋👩👨🙂🤖🧠])[\ufe0f\u200d♀♂]*\s+(?P<said>.*)",
        rf"\s*{_WHO}\s*(?P<said>)",  # USER
        rf"\s*{_WHO}\s*(?:>>+|\||=>|->|→)\s*(?P<said>.*)",  # User >> ...
        rf"\s*{_WHO} (?:-+|–|—) (?P<said>.*)",  # User - ...
    )
)
"""Other ways in which a line tells who begins to speak, of which a text has one; forms and tables have the last."""
_TAGGED = re.compile(rf"\s*{_AT} *\[(?P<talk>[\w-]*\d[\w-]*)\] *{_WHO} *(?:>+|=>|->|→|:) *(?P<said>.*)", re.S)
"""``[2025-05-01 10:02:07] [req-7] PROMPT >>> ...``."""
SIDES = {"user": "assistant", "assistant": "user"}
_RARE = 0.1
"""The share of a side's turns below which a name has to take turns with the other side to begin one."""
_IN_CELLS = 4
"""How many of them are looked for in a cell."""


class Manner(NamedTuple):
    """How a text tells who speaks."""

    others: dict[str, str]
    """Names that nobody knows, of the side that takes turns with a known one: to their role."""
    is_anyone: bool = False
    """Whether all names are taken, as chat apps export them after the time."""
    is_parted: bool = False
    """Whether lines part conversations, and not only turns."""
    facts: frozenset[str] = frozenset()
    """Names of lines that tell something about a call: ``Tokens: 25``."""
    is_headed: bool = False
    """Whether a line with the time and the model stands above the turns of each call."""
    is_within: bool = False
    """Whether the answer stands on the line of its question."""
    is_below_time: bool = False
    """Whether a line with nothing but the time of day stands above each turn."""
    way: re.Pattern[str] | None = None
    """Of WAYS, that in which its lines name who speaks."""
    within: frozenset[str] = frozenset()
    """Names that only begin a line of what somebody says."""
    is_logged: bool = False
    """Whether a logger wrote the lines that name who speaks; in others somebody may say a log's line."""

    def names_speaker(self, line: str) -> bool:
        """Whether a line names who speaks in the way of the text, also one within what somebody says."""
        return self.way is not None and _in_way(line, self.way) is not None


class Line(NamedTuple):
    at: str | None
    who: str | None
    said: str
    talk: str | None = None
    """The id in brackets before it, in a program's log."""


def read_line(line: str, manner: Manner | None) -> Line:
    """The time, who begins to speak (None: nobody), and what stands after it; without a manner every name is taken."""
    if manner and manner.way:
        begun = _in_way(line, manner.way)
        return begun if begun and _bare(begun) not in manner.within else Line(None, None, line)
    if (manner is None or manner.is_logged) and (tagged := _TAGGED.fullmatch(line)):
        at, talk, who, said = tagged.group("at", "talk", "who", "said")
        is_turn = known_role(who) is not None and not (names_model(said) and not names_model(who))
        return Line(at, who, said, talk) if is_turn else Line(at, None, "")  # MODEL >>> gpt-4o
    found = _LINE.fullmatch(line)
    at, rest, marks, talk = found.group("at", "rest", "marks", "talk") if found else (None, line, "", None)
    is_logged = _LOGGED.match(line) is not None
    is_heading = "#" in marks or "**" in marks
    heading = rest.strip(" *_:：\ufe0f")
    if manner and manner.is_headed and at and names_model(heading):
        return Line(at, None, heading)
    for who, said in ((heading, ""), *((named["who"], named["said"]) for named in (_NAMED.match(rest),) if named)):
        who = who.strip()
        is_colon = rest.rstrip(" *_").endswith((":", "："))
        if said == "" and who == heading and (not (is_heading or is_colon) or _is_title(who)):
            continue
        if names_model(said.strip(" *")) and not names_model(who):  # "Model: gpt-4o" above a chat
            continue
        if is_logged and _OF_HTTP.fullmatch(said):
            continue
        if manner is None and (said or is_heading or known_role(who)):
            return Line(at, who, said, talk)
        if manner and (known_role(who) or who in manner.others or (manner.is_anyone and at and said)):
            return Line(at, who, said, talk)
    is_other = is_logged and (manner is None or manner.is_logged)
    return Line(at, None, "" if is_other else rest.strip(" -=*_~#"))


def is_log(lines: list[str], read: list[Line]) -> bool:
    """Whether more than a third of the turns have lines of a logger; fewer, and those of errors, somebody quotes."""
    begins = [known_role(begun.who or "") is not None for begun in read]
    turns = [*zip(accumulate(begins), begins, lines, strict=True)]
    quoted = {turn for turn, is_first, line in turns if not is_first and _ERROR.match(line)}
    logged = {
        turn
        for turn, is_first, line in turns
        if (is_first or turn not in quoted) and (_LOGGED.match(line) or _TAGGED.fullmatch(line))
    }
    return 3 * len(logged) > sum(begins)


def manner_in_way(lines: list[str], *, is_named: bool, is_cell: bool) -> Manner | None:
    """The way of WAYS in which lines name both sides; ``is_named``: they do so before colons."""
    for way in WAYS[: 1 if is_named else _IN_CELLS if is_cell else None]:
        begun = [found for line in lines if (found := _in_way(line, way))]
        names = [_bare(line) for line in begun]
        apart = {(who, line.said or at) for at, (who, line) in enumerate(zip(names, begun, strict=True))}
        counts = Counter(who for who, _ in apart)  # an answer may come again
        sides = {who: known_role(who) for who in counts}
        most = {
            side: max((who for who in counts if sides[who] == side), key=counts.__getitem__) for side in sides.values()
        }
        if {"user", "assistant"} <= most.keys():
            rare = {who for who, side in sides.items() if side in SIDES and not _recurs(who, most[side], counts)}
            return Manner({}, way=way, within=frozenset(who for who in rare if not _takes_turns(who, names, rare)))
    return None


def _recurs(who: str, other: str, counts: Counter[str]) -> bool:
    """Whether a name comes again and again, written as the most frequent one of its side is: ``USER``, ``Customer``."""
    fewest = max(min(counts[other], 2), _RARE * counts[other])
    return counts[who] >= fewest and (who.isupper(), who.islower()) == (other.isupper(), other.islower())


def _takes_turns(who: str, names: list[str], rare: set[str]) -> bool:
    """Whether only the other side, by its usual names, speaks before and after a name, which isn't quoted then."""
    around = zip(names, [None, *names], [*names[1:], None], strict=False)
    beside = {other for name, *both in around if name == who for other in both if other}
    return rare.isdisjoint(beside) and known_role(who) not in map(known_role, beside)


def _bare(line: Line) -> str:
    return (line.who or "").rstrip("0123456789# ")


def _in_way(line: str, way: re.Pattern[str]) -> Line | None:
    found = way.fullmatch(line)
    if found is None or known_role(found["who"]) is None:
        return None
    return Line(found.groupdict().get("at"), found["who"], found["said"])


def _is_title(heading: str) -> bool:
    is_about = not hints_of(heading).isdisjoint({Hint.SESSION, Hint.ABOUT, Hint.TIME})
    return not names_model(heading) and (is_about or _WITH_NAME.search(heading) is not None)


def told_in(line: str) -> dict[str, str]:
    """What a line says after a name, by the name."""
    found = _LINE.fullmatch(line)
    named = (_NAMED.match(found["rest"]) or _SET.match(found["rest"])) if found else None
    return {named["who"].strip(): named["said"].strip()} if named else {}
