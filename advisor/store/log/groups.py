"""Groups of samples: which are new, what is in them, and moving samples between them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.orm import Session

from advisor.store.engine import Change, Store, in_parts, study_of
from advisor.store.log_tables import GroupRow, LogRow, SampleRow, SampleTextRow
from advisor.types import GroupKey, Json

SORTED = "sorted:"
"""How the keys of groups begin that were not found row by row but by looking at many calls."""
SPLIT = "\x1f"
"""Between the key of a group that a person split and the number of the part; labels and templates never hold it."""
_EXPECTED = 5000
"""Samples looked at for names and kinds, over all groups."""
_FILLED = 500
"""The largest groups, of which each has its full number of examples."""
_READ = 2000
"""Calls read in one go."""
_HELD = 5
"""Calls in memory at a time: any of them may be of several megabytes."""
_MOVED = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredGroup:
    """A group as it is stored."""

    id: int
    key: GroupKey
    stored_key: str
    use_case_id: int | None
    calls: int
    examples: tuple[int, ...] = ()
    """Ids of the samples with the lowest digests: some of the group, whatever their order in the log."""


@dataclass(frozen=True, kw_only=True)
class StoredCall:
    """What a call asked and what came back, as far as grouping needs it."""

    id: int
    group_id: int
    messages: list[dict[str, Json]]
    params: dict[str, Json]
    answer: str | None
    """Its text, empty where it called a tool only; None: none was recorded."""
    called: str | None
    """The first tool that the answer calls."""


def list_groups(
    store: Store, study_id: int, *, examples: int, use_case_id: int | None = None, unfinished: bool = False
) -> list[StoredGroup]:
    """The groups in use cases, or in one of them, by key; with up to ``examples`` of each.

    Here and below, calls of an import that has not come to its end count only where they are asked for as
    ``unfinished``, as the import itself does.
    """
    used = GroupRow.use_case_id.is_not(None) if use_case_id is None else GroupRow.use_case_id == use_case_id
    return _groups(store, (GroupRow.study_id == study_id) & used, _seen(unfinished), examples)


def list_new_groups(store: Store, study_id: int, *, examples: int) -> list[StoredGroup]:
    """The groups that are in no use case yet, which only unfinished imports have."""
    return _groups(store, (GroupRow.study_id == study_id) & GroupRow.use_case_id.is_(None), _seen(True), examples)


def _seen(unfinished: bool) -> Any:
    return true() if unfinished else SampleRow.log_id.in_(select(LogRow.id).where(LogRow.complete))


def _groups(store: Store, where: Any, seen: Any, examples: int) -> list[StoredGroup]:
    counts = select(SampleRow.group_id, func.count().label("calls")).group_by(SampleRow.group_id)
    counted = counts.where(SampleRow.group_id.in_(select(GroupRow.id).where(where)), seen).subquery()
    fields = (GroupRow.id, GroupRow.label, GroupRow.template, GroupRow.shape, GroupRow.key, GroupRow.use_case_id)
    query = select(*fields, counted.c.calls).outerjoin(counted, counted.c.group_id == GroupRow.id).where(where)
    with store.read() as session:
        rows = session.execute(query.order_by(GroupRow.key)).all()
        sizes = {row.id: row.calls or 0 for row in rows}
        found = _examples(session, where, seen, sizes, examples) if examples else {}
    return [
        StoredGroup(
            id=row.id,
            key=GroupKey(row.label, row.template, row.shape),
            stored_key=row.key,
            use_case_id=row.use_case_id,
            calls=sizes[row.id],
            examples=tuple(found.get(row.id, ())),
        )
        for row in rows
    ]


def _examples(session: Any, where: Any, seen: Any, counts: Mapping[int, int], most: int) -> dict[int, list[int]]:
    """A look at all groups at once, then one at each of the largest that it gave too few of."""
    found: dict[int, list[int]] = {}
    some = select(SampleRow.group_id, SampleRow.id).join(GroupRow, GroupRow.id == SampleRow.group_id).where(where)
    some = some.where(seen, SampleRow.digest <= _lowest(_EXPECTED, sum(counts.values())))
    for group_id, sample_id in session.execute(some.order_by(SampleRow.digest)):
        own = found.setdefault(group_id, [])
        if len(own) < most:
            own.append(sample_id)
    for group_id in sorted(counts, key=lambda group_id: -counts[group_id])[:_FILLED]:
        if len(found.get(group_id, ())) < min(most, counts[group_id]):
            lowest = select(SampleRow.id).where(SampleRow.group_id == group_id, seen).order_by(SampleRow.digest)
            found[group_id] = list(session.scalars(lowest.limit(most)))
    return found


def _lowest(wanted: int, calls: int) -> str:
    """The digest that about ``wanted`` of the calls are below."""
    return f"{int(min(1.0, wanted / max(1, calls)) * 0xFFFFFFFF):08x}g"


def read_some(
    store: Store, groups: Sequence[StoredGroup], limit: int, *, unfinished: bool = False
) -> Iterator[StoredCall]:
    """The calls with the lowest digests among those of some groups: a random choice that does not know their order."""
    below = _lowest(2 * limit, sum(group.calls for group in groups))
    lowest: list[tuple[str, int]] = []
    with store.read() as session:
        for some in in_parts([group.id for group in groups]):
            query = select(SampleRow.digest, SampleRow.id).where(SampleRow.group_id.in_(some), SampleRow.digest < below)
            lowest += [(digest, sample_id) for digest, sample_id in session.execute(query.where(_seen(unfinished)))]
    return read_these(store, [sample_id for _, sample_id in sorted(lowest)[:limit]])


def read_these(store: Store, sample_ids: Sequence[int]) -> Iterator[StoredCall]:
    """The calls with these ids, in this order; those that were deleted are left out."""
    for some in in_parts(sample_ids, _HELD):
        calls = {call.id: call for call in _read(store, SampleRow.id.in_(some))}
        yield from (calls[sample_id] for sample_id in some if sample_id in calls)


def read_calls(store: Store, groups: Sequence[StoredGroup], *, unfinished: bool = False) -> Iterator[StoredCall]:
    """All calls of some groups; those that were read may be moved meanwhile."""
    for group in groups:
        if group.calls > _READ:
            yield from _read_large(store, (SampleRow.group_id == group.id) & _seen(unfinished))
    for some in in_parts([group.id for group in groups if group.calls <= _READ]):
        yield from _read(store, SampleRow.group_id.in_(some) & _seen(unfinished))


def _read_large(store: Store, where: Any) -> Iterator[StoredCall]:
    """In several steps: a snapshot of the database that is read for long makes its log of changes grow."""
    last, read = 0, _READ
    while read == _READ:
        read = 0
        for call in _read(store, where & (SampleRow.id > last), limit=_READ):
            last, read = call.id, read + 1
            yield call


def _read(store: Store, where: Any, *, limit: int | None = None) -> Iterator[StoredCall]:
    query = (
        select(SampleRow.id, SampleRow.group_id, SampleTextRow.request, SampleTextRow.answer)
        .join(SampleTextRow, SampleTextRow.sample_id == SampleRow.id)
        .where(where)
        .order_by(SampleRow.group_id, SampleRow.id)  # as the index gives them: nothing is sorted with its texts
        .limit(limit)
    )
    with store.read() as session:
        for row in session.execute(query, execution_options={"yield_per": _HELD}):
            yield _call(*row)


def _call(sample_id: int, group_id: int, asked: Json, came: Json) -> StoredCall:
    return StoredCall(
        id=sample_id,
        group_id=group_id,
        messages=asked["messages"],
        params=asked["params"],
        answer=came["text"] or "" if came else None,
        called=came["tool_calls"][0]["name"] if came and came["tool_calls"] else None,
    )


def make_group(store: Store, study_id: int, stored_key: str, key: GroupKey) -> int:
    """The group with this key, made now if it is new; returns its id."""
    with store.write(study_id, Change.SETUP) as session:
        return add_group(session, study_id, stored_key, key)


def add_group(
    session: Session, study_id: int, stored_key: str, key: GroupKey, *, use_case_id: int | None = None
) -> int:
    """The same as a part of a larger change."""
    there = select(GroupRow.id).where(GroupRow.study_id == study_id, GroupRow.key == stored_key)
    if (group_id := session.scalar(there)) is not None:
        return group_id
    row = GroupRow(study_id=study_id, key=stored_key, use_case_id=use_case_id, **key._asdict())
    session.add(row)
    session.flush()
    return row.id


def put_samples(session: Session, sample_ids: Sequence[int], group_id: int) -> set[int]:
    """Put samples into a group; returns the logs that they are of, whose counts are to be updated."""
    logs: set[int] = set()
    for some in in_parts(sample_ids):
        change = update(SampleRow).where(SampleRow.id.in_(some)).values(group_id=group_id)
        logs.update(session.scalars(change.returning(SampleRow.log_id)))
    return logs


def move_all_samples(
    store: Store, from_ids: Sequence[int], group_id: int, *, check: Callable[[], None] = lambda: None
) -> None:
    """Put all samples of groups that only an unfinished import has into another, in short transactions.

    ``check`` may end it by raising.
    """
    for some in in_parts(from_ids):
        part = select(SampleRow.id).where(SampleRow.group_id.in_(some)).limit(_MOVED)
        moved = _MOVED
        while moved:
            check()
            with store.write(study_of(GroupRow, group_id), Change.SETUP) as session:
                change = update(SampleRow).where(SampleRow.id.in_(part)).values(group_id=group_id)
                moved = len(session.scalars(change.returning(SampleRow.id)).all())


def assign_groups(store: Store, group_ids: Sequence[int], beside: int) -> None:
    """Put groups into the use case that another one is in now: a person may have merged or split it meanwhile."""
    home = select(GroupRow.use_case_id).where(GroupRow.id == beside)
    with store.write(study_of(GroupRow, beside), Change.SETUP) as session:
        put_groups(session, group_ids, session.scalar(home))


def put_groups(session: Session, group_ids: Sequence[int], use_case_id: int | None) -> None:
    """Put groups into a use case that is there."""
    for some in in_parts(group_ids):
        session.execute(update(GroupRow).where(GroupRow.id.in_(some)).values(use_case_id=use_case_id))


def drop_empty_groups(store: Store, study_id: int) -> None:
    """Remove groups without samples: what they held has found a better place.

    Those of a use case stay: the next log's rows find it by them.
    """
    with store.write(study_id, Change.SETUP) as session:
        drop_empty(session, study_id)


def drop_empty(session: Session, study_id: int) -> None:
    """The same as a part of a larger change."""
    unused = GroupRow.use_case_id.is_(None) & is_empty()
    session.execute(delete(GroupRow).where(GroupRow.study_id == study_id, unused))


def is_empty() -> ColumnElement[bool]:
    """Whether a group has no samples."""
    return ~select(SampleRow.id).where(SampleRow.group_id == GroupRow.id).exists()


def base_key(stored_key: str) -> str:
    """The key of the group that a part was split from; its own where it is none."""
    return stored_key.split(SPLIT, 1)[0]
