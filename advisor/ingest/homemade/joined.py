"""Logs with two rows a call, the prompt in one and the answer in the other: put together by an id both have."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from advisor.ingest.homemade.names import Hint, hints_of
from advisor.ingest.homemade.profile import Column
from advisor.ingest.homemade.speakers import Turns
from advisor.ingest.records.columns import pick
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Rejection


def are_apart(records: Sequence[dict[str, Json]], prompt: str, answer: str) -> bool:
    """Whether there are answers, and no row has both."""
    return any(_has(record, answer) for record in records) and not any(
        _has(record, prompt) and _has(record, answer) for record in records
    )


def id_of_both(records: Sequence[dict[str, Json]], columns: Sequence[Column], prompt: str, answer: str) -> str | None:
    """The column whose values stand in one row with a prompt and in one with an answer, but for calls cut off."""
    for column in columns:
        if column.filled < 1 or not {Hint.ID, Hint.SESSION} & hints_of(column.leaf):
            continue
        asked, answered = (
            Counter(str(pick(record, column.path)) for record in records if _has(record, text))
            for text in (prompt, answer)
        )
        once = not asked or max((*asked.values(), *answered.values())) == 1
        if once and len(asked.keys() & answered.keys()) >= 0.5 * max(len(asked), len(answered)):
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
            whole |= {key: value for key, value in row.items() if key not in whole and value not in (None, "")}
        yield found[0][0], whole


def _has(record: dict[str, Json], path: str) -> bool:
    return pick(record, path) not in (None, "")
