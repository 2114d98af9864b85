"""What rows belong together: the turns of a conversation, or prompt and answer of a call in rows of their own."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from advisor.ingest.homemade.names import Hint, hints_of, plain_name, plain_words, words_of
from advisor.ingest.homemade.profile import Column, Kind
from advisor.ingest.homemade.roles import OFF, ON, begins_chats, is_on, parted, role_of
from advisor.ingest.records.columns import SYNONYMS, pick
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Rejection

_NO_SESSIONS = {Hint.TEXT, Hint.ABOUT, Hint.TIME, Hint.SPEAKER}
_OF_TURNS = frozenset({"turn", "turns", "step", "seq", "sequence"})
_OF_IDS = plain_words("num ref nummer numero code 编号 番号 번호 号")
_NUMBERED = re.compile(r"[^\W\d]{2,12} \d+")
_DIGITS_OF_A_MOMENT = 10
_OF_SLACK = re.compile(r"1\d{9}\.\d{4,6}")
_HALF = 0.5
_FEW = 0.1


class Turns(NamedTuple):
    """How the rows of a table with one row a turn are to be read."""

    speaker: str
    text: str
    roles: dict[str, str]
    """Value of the speaker's column, in lower case, to ``user``, ``assistant`` or another role."""
    session: str | None = None
    """What the turns of a conversation have in common; None where nothing tells conversations apart."""
    answer: str | None = None
    """The column of the answer, where each row is a turn of both sides; then nothing tells who speaks."""
    order: str | None = None
    """The column of the number of a turn."""
    parent: tuple[str, str] | None = None
    """The columns of a turn's id and of the turn it replies to."""
    begun: str | None = None
    """The column of a flag that is set where a conversation begins."""
    unsaid: tuple[str, frozenset[str]] | None = None
    """A column and those of its values, in lower case, in rows of which nothing is said to the other side."""
    is_sure: bool = True


def order_of(columns: Sequence[Column], sides: Sequence[str] = ()) -> str | None:
    """The column that numbers the turns, by its name or as it counts: one that begins again before one of all rows.

    ``sides``: who speaks in each row.
    """
    found = [
        column
        for column in columns
        if not {Hint.SESSION, Hint.TOKENS, Hint.USER} & hints_of(column.leaf)
        and not (
            _said(column) <= ON | OFF
            and not _consists_of(column.leaf, {Hint.ORDER, Hint.TEXT})
            and not _counts_single(column, columns, sides)
        )
        and (_is_numbered(column) if Hint.ORDER in hints_of(column.leaf) else _counts_again(column, sides))
    ]
    found.sort(key=lambda column: (not _counts_again(column, sides), not _comes_again(column)))
    return found[0].path if found else None


def _counts_single(column: Column, columns: Sequence[Column], sides: Sequence[str]) -> bool:
    """Whether the values are 0 for the question and 1 for the answer of each chat, once."""
    both = Counter({("0", "user"): 1, ("1", "assistant"): 1})
    for by in columns:
        is_id = not {Hint.SESSION, Hint.ID}.isdisjoint(hints_of(by.leaf)) and by.path != column.path
        if not is_id or not 0 < len(by.values) == len(column.values) == len(sides):
            continue
        chats: dict[str, Counter[tuple[str, str]]] = {}
        for chat, value, side in zip(by.values, column.values, sides, strict=True):
            chats.setdefault(str(chat), Counter())[str(value).strip().removesuffix(".0"), side] += 1
        if len(chats) > 1 and all(found == both for found in chats.values()):
            return True
    return False


def _is_numbered(column: Column) -> bool:
    """``3``, ``Turn 3``."""
    is_text = column.kind is Kind.TEXT and all(_NUMBERED.fullmatch(str(value)) for value in column.values)
    return column.kind is Kind.NUMBER or is_text


def find_session(turns: Turns, records: Sequence[dict[str, Json]], columns: Sequence[Column]) -> Turns:
    """With what tells conversations apart: a column of that name, replies, or rows that a user begins."""
    kept = [column for column in columns if column.path not in (turns.speaker, turns.text) and not is_flag(column)]
    named = [
        (
            1 + (Hint.ID in hints_of(column.leaf)) + (plain_name(column.leaf) in SYNONYMS["session"]),
            -column.place,
            column,
        )
        for column in kept
        if Hint.SESSION in hints_of(column.leaf)
        and (Hint.ID in hints_of(column.leaf) or not _NO_SESSIONS & hints_of(column.leaf) or _is_begun(column))
        and (column.kind is not Kind.TIME or _is_begun(column))
        and column.distinct < 1
    ]
    if named:
        return _under(turns, max(named, key=lambda each: each[:2])[2])
    parent = _parent(kept)
    if parent:
        return turns._replace(parent=parent)
    grouping = [
        (len({str(value) for value in column.values}), -column.place, column)
        for column in kept
        if column.kind in (Kind.ID, Kind.NUMBER, Kind.TEXT)
        and Hint.TIME not in hints_of(column.leaf)
        and column.filled == 1
        and not (column.path == turns.order and _comes_again(column))
        and _groups(turns, column, records)
    ]
    if not grouping:
        return turns._replace(begun=next((each.path for each in columns if _marks_first(turns, each, records)), None))
    return _under(turns, max(grouping, key=lambda each: each[:2])[2])


def _under(turns: Turns, session: Column) -> Turns:
    """With an id; beside one, a column numbers the turns by its name only."""
    is_named = turns.order is not None and Hint.ORDER in hints_of(turns.order)
    return turns._replace(session=session.path, order=turns.order if is_named else None)


def is_flag(column: Column) -> bool:
    """Whether a column says yes or no, and so names no conversations, as ``chat_no`` of 1 and 0 does."""
    hints, words = hints_of(column.leaf), words_of(column.leaf)
    is_id = Hint.ABOUT not in hints and Hint.ID in hints_of(words[-1]) if words else False  # has_session_id is none
    is_id = is_id or _consists_of(column.leaf, {Hint.SESSION, Hint.ID, Hint.ORDER})
    is_short = _OF_TURNS.isdisjoint(words) and all(len(value) == 1 for value in _said(column))
    return _said(column) <= ON | OFF and not (is_id and is_short)


def _said(column: Column) -> set[str]:
    return {str(value).strip().lower().removesuffix(".0") for value in column.values}


def _consists_of(name: str, hints: set[Hint]) -> bool:
    """Whether all words of a name have such hints, or mean a number."""
    words, rest = words_of(name), plain_name(name)
    for word in words:
        rest = rest.replace(word, "", 1)
    bare = (word.removesuffix("nummer").rstrip("s") for word in words)  # Gesprächsnummer
    known = all(
        word in _OF_IDS or hints & (hints_of(word) | hints_of(other)) for word, other in zip(words, bare, strict=True)
    )
    return known and rest.strip("_0123456789") in {"", *_OF_IDS}


def _marks_first(turns: Turns, column: Column, records: Sequence[dict[str, Json]]) -> bool:
    """Whether a flag is set where conversations begin: its name may mean that, and its rows are such."""
    flags = [is_on(pick(record, column.path)) for record in records]
    means = begins_chats(column.leaf)
    if not is_flag(column) or not means or (all(flags) and means == "start"):
        return False
    roles = [role_of(pick(record, turns.speaker), turns.roles) for record in records]
    found = [parted(each, said) for each, said in ((flags, roles), (flags[::-1], roles[::-1]))]
    return any(starts and faults <= _FEW * len(starts) for starts, faults in found)


def _is_begun(column: Column) -> bool:
    """``thread_ts``: the moment at which a conversation began, and no day and no hour, in all its rows."""
    is_moment = column.kind is Kind.TIME or (column.kind is Kind.NUMBER and Hint.TIME in hints_of(column.leaf))
    is_exact = all(sum(map(str.isdigit, str(value))) >= _DIGITS_OF_A_MOMENT for value in column.values)
    if not (is_moment and is_exact and column.distinct <= _HALF):
        return False
    times = [parse_time(value) for value in column.values]
    return not all(time and time.minute == time.second == time.microsecond == 0 for time in times)


def named_by_moment(columns: Iterable[Column]) -> str | None:
    """``thread_ts`` of calls: when their conversation began, as Slack writes it also where each has one of its own."""
    for column in columns:
        hints, values = hints_of(column.leaf), {str(value) for value in column.values}
        if Hint.SESSION not in hints or Hint.LATER in hints or len(values) < 2:
            continue
        if _is_begun(column) or (Hint.TIME in hints and all(map(_OF_SLACK.fullmatch, values))):
            return column.path
    return None


def _comes_again(column: Column) -> bool:
    """Whether a number of turns begins again, as each conversation counts its own."""
    changes = sum(one != other for one, other in pairwise(column.values))
    return changes >= len({str(value) for value in column.values}) or not _OF_TURNS.isdisjoint(words_of(column.leaf))


def _counts_again(column: Column, sides: Sequence[str]) -> bool:
    """Whether a column, whatever its name, counts row by row and begins again at its first number, where one asks."""
    counts = [count for value in column.values if (count := parse_count(value)) is not None]
    if not counts or not len(counts) == len(sides) == len(column.values) or counts[0] not in (0, 1):
        return False
    again = [at for at, (one, other) in enumerate(pairwise(counts), 1) if other != one + 1]
    is_begun = all(counts[at] == counts[0] and sides[at] in ("user", "system", sides[0]) for at in again)
    return bool(again) and is_begun and max(counts) > counts[0] + 1


def _parent(columns: Sequence[Column]) -> tuple[str, str] | None:
    """A column whose values are those of another one, of earlier rows."""
    for column in columns:
        if Hint.PARENT not in hints_of(column.leaf) or not column.values:
            continue
        for other in columns:
            is_id = other.path != column.path and other.distinct == 1 and other.filled == 1
            if is_id and {str(value) for value in column.values} <= {str(value) for value in other.values}:
                return other.path, column.path
    return None


def _groups(turns: Turns, column: Column, records: Sequence[dict[str, Json]]) -> bool:
    """Whether rows with one value are conversations: several, each begun by a user and answered.

    No label, such as a mood, that comes again and again for whole exchanges; an id may.
    """
    rows = [(str(pick(each, column.path)), role_of(pick(each, turns.speaker), turns.roles)) for each in records]
    runs = [(value, [role for _, role in run]) for value, run in groupby(rows, lambda row: row[0])]
    roles: dict[str, list[str]] = {}
    for value, run in runs:
        roles[value] = [*roles.get(value, []), *run]
    is_id = column.kind is Kind.ID or not {Hint.ID, Hint.USER}.isdisjoint(hints_of(column.leaf))
    again = Counter(value for value, _ in runs)
    fewest = 1 if Hint.ABOUT in hints_of(column.leaf) else len(again) / 2
    if not is_id and sum(many > 1 for many in again.values()) >= fewest:
        exchanges = sum(run[0] in ("user", "system") and run[-1] == "assistant" for _, run in runs)
        if exchanges >= 0.9 * len(runs):
            return False
    greeted = ["assistant", "user"] if column.kind is Kind.ID else []
    begun = sum(
        said[:2] == greeted or (said[0] in ("user", "system") and "assistant" in said) for said in roles.values()
    )
    return len(roles) > 1 and begun >= 0.9 * len(roles)


def are_apart(records: Sequence[dict[str, Json]], prompt: str, answer: str) -> bool:
    """Whether there are answers, and no row has both."""
    return any(_has(record, answer) for record in records) and not any(
        _has(record, prompt) and _has(record, answer) for record in records
    )


def id_of_both(records: Sequence[dict[str, Json]], columns: Sequence[Column], prompt: str, answer: str) -> str | None:
    """The column whose values stand in one row with a prompt and in one with an answer, but for calls cut off."""
    for column in columns:
        is_named = not {Hint.ID, Hint.SESSION}.isdisjoint(hints_of(column.leaf))
        if column.filled < 1 or not (is_named or column.kind is Kind.ID):
            continue
        asked, answered = (
            Counter(str(pick(record, column.path)) for record in records if _has(record, text))
            for text in (prompt, answer)
        )
        once = not asked or max((*asked.values(), *answered.values())) == 1
        if once and len(asked.keys() & answered.keys()) >= (0.5 if is_named else 0.9) * max(len(asked), len(answered)):
            return column.path
    return None


def begun_by_answers(records: Sequence[dict[str, Json]], turns: Turns, time: str) -> float:
    """The share of conversations that begin with what is taken for answers; ``time``: the column that tells when."""
    first: dict[str, dict[str, Json]] = {}
    for record in records:
        if _has(record, turns.text) or _has(record, turns.answer or ""):
            before = first.setdefault(str(pick(record, turns.session or "")), record)
            at, earliest = (parse_time(pick(each, time)) for each in (record, before))
            if at and earliest and at < earliest:
                first[str(pick(record, turns.session or ""))] = record
    return sum(_has(record, turns.answer or "") for record in first.values()) / max(len(first), 1)


def put_together(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]], by: str
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """One record a call, numbered by its first row, which tells what both rows do. Rows wait on disk."""
    waiting = WaitingRecords()
    for number, row in rows:
        if isinstance(row, Rejection):
            yield number, row
        else:
            waiting.put(str(pick(row, by)), number, row)
    for _, found in waiting.groups():
        whole: dict[str, Json] = {}
        for _, row in found:
            whole = _merged(whole, row)
        yield found[0][0], whole


def _merged(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """What both tell, the first rather than the second; objects under one key are merged, too."""
    more = {key: value for key, value in other.items() if key not in one and value not in (None, "")}
    both = [key for key, value in one.items() if isinstance(value, dict) and isinstance(other.get(key), dict)]
    return one | more | {key: _merged(one[key], other[key]) for key in both}


def _has(record: dict[str, Json], path: str) -> bool:
    return pick(record, path) not in (None, "")
