"""Groups of samples: which are new, what is in them, and moving samples between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Text, cast, delete, func, select, update

from advisor.store.engine import Store
from advisor.store.log_tables import GroupRow, SampleRow, SampleTextRow
from advisor.types import GroupKey, Json, Kind

SORTED = "sorted:"
"""How the keys of groups begin that were not found row by row but by looking at many calls."""
SPLIT = "\nsplit "
"""Between the key of a group that a person split and the number of the part."""
_EXPECTED = 5000
"""Samples looked at for names and kinds, over all groups."""
_FILLED = 500
"""The largest groups, of which each has its full number of examples."""
_BATCH = 2000
_MOVED = 5000
_IDS = 500


@dataclass(frozen=True, kw_only=True)
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


def list_groups(store: Store, study_id: int, *, examples: int, use_case_id: int | None = None) -> list[StoredGroup]:
    """The groups in use cases, or in one of them, by key; with up to ``examples`` of each."""
    used = GroupRow.use_case_id.is_not(None) if use_case_id is None else GroupRow.use_case_id == use_case_id
    return _groups(store, (GroupRow.study_id == study_id) & used, examples)


def list_new_groups(store: Store, study_id: int, *, examples: int) -> list[StoredGroup]:
    """The groups that are in no use case yet."""
    return _groups(store, (GroupRow.study_id == study_id) & GroupRow.use_case_id.is_(None), examples)


def _groups(store: Store, where: Any, examples: int) -> list[StoredGroup]:
    counts = select(SampleRow.group_id, func.count().label("calls")).group_by(SampleRow.group_id)
    counted = counts.where(SampleRow.group_id.in_(select(GroupRow.id).where(where))).subquery()
    query = select(GroupRow, counted.c.calls).outerjoin(counted, counted.c.group_id == GroupRow.id).where(where)
    with store.read() as session:
        rows = [(row, calls or 0) for row, calls in session.execute(query.order_by(GroupRow.key))]
        found = _examples(session, where, {row.id: calls for row, calls in rows}, examples) if examples else {}
    return [
        StoredGroup(
            id=row.id,
            key=GroupKey(row.label, row.template, Kind(row.shape)),
            stored_key=row.key,
            use_case_id=row.use_case_id,
            calls=calls,
            examples=tuple(found.get(row.id, ())),
        )
        for row, calls in rows
    ]


def _examples(session: Any, where: Any, counts: Mapping[int, int], most: int) -> dict[int, list[int]]:
    """A look at all groups at once, then one at each of the largest that it gave too few of."""
    found: dict[int, list[int]] = {}
    some = select(SampleRow.group_id, SampleRow.id).join(GroupRow, GroupRow.id == SampleRow.group_id).where(where)
    some = some.where(SampleRow.digest <= _lowest(_EXPECTED, sum(counts.values())))
    for group_id, sample_id in session.execute(some.order_by(SampleRow.digest)):
        own = found.setdefault(group_id, [])
        if len(own) < most:
            own.append(sample_id)
    for group_id in sorted(counts, key=lambda group_id: -counts[group_id])[:_FILLED]:
        if len(found.get(group_id, ())) < min(most, counts[group_id]):
            lowest = select(SampleRow.id).where(SampleRow.group_id == group_id).order_by(SampleRow.digest).limit(most)
            found[group_id] = list(session.scalars(lowest))
    return found


def _lowest(wanted: int, calls: int) -> str:
    """The digest that about ``wanted`` of the calls are below."""
    return f"{int(min(1.0, wanted / max(1, calls)) * 0xFFFFFFFF):08x}g"


def read_some(store: Store, groups: Sequence[StoredGroup], limit: int) -> Iterator[StoredCall]:
    """The calls with the lowest digests among those of some groups: a random choice that does not know their order."""
    below = _lowest(2 * limit, sum(group.calls for group in groups))
    lowest: list[tuple[str, int]] = []
    with store.read() as session:
        for some in _chunks([group.id for group in groups], _IDS):
            query = select(SampleRow.digest, SampleRow.id).where(SampleRow.group_id.in_(some), SampleRow.digest < below)
            lowest += [(digest, sample_id) for digest, sample_id in session.execute(query)]
    for some in _chunks([sample_id for _, sample_id in sorted(lowest)[:limit]], _IDS):
        calls = {call.id: call for call in _read(store, SampleRow.id.in_(some))}
        yield from (calls[sample_id] for sample_id in some if sample_id in calls)


def read_calls(store: Store, groups: Sequence[StoredGroup]) -> Iterator[list[StoredCall]]:
    """All calls of some groups in batches; those that were read may be moved meanwhile."""
    large = [group for group in groups if group.calls > _BATCH]
    for group in large:
        last = 0
        while batch := _read(store, (SampleRow.group_id == group.id) & (SampleRow.id > last), limit=_BATCH):
            yield batch
            last = batch[-1].id
    waiting: list[int] = []
    calls = 0
    for group in groups:
        if group.calls > _BATCH:
            continue
        if calls + group.calls > _BATCH or len(waiting) >= _IDS:
            yield _read(store, SampleRow.group_id.in_(waiting))
            waiting, calls = [], 0
        waiting.append(group.id)
        calls += group.calls
    if waiting:
        yield _read(store, SampleRow.group_id.in_(waiting))


def _read(store: Store, where: Any, *, limit: int | None = None) -> list[StoredCall]:
    query = (
        select(SampleRow.id, SampleRow.group_id, cast(SampleTextRow.request, Text), cast(SampleTextRow.answer, Text))
        .join(SampleTextRow, SampleTextRow.sample_id == SampleRow.id)
        .where(where)
        .order_by(SampleRow.id)
    )
    with store.read() as session:
        rows = session.execute(query.limit(limit) if limit else query).all()
    return [_call(*row) for row in rows]


def _call(sample_id: int, group_id: int, request: str, answer: str | None) -> StoredCall:
    asked, came = orjson.loads(request), orjson.loads(answer) if answer else None
    return StoredCall(
        id=sample_id,
        group_id=group_id,
        messages=asked["messages"],
        params=asked["params"],
        answer=came["text"] or "" if came else None,
    )


def make_group(store: Store, study_id: int, stored_key: str, key: GroupKey, *, use_case_id: int | None = None) -> int:
    """The group with this key, made now if it is new; returns its id."""
    with store.write() as session:
        row = session.scalar(select(GroupRow).where(GroupRow.study_id == study_id, GroupRow.key == stored_key))
        if row is None:
            row = GroupRow(
                study_id=study_id,
                key=stored_key,
                label=key.label,
                template=key.template,
                shape=key.shape,
                use_case_id=use_case_id,
            )
            session.add(row)
            session.flush()
        return row.id


def move_samples(store: Store, sample_ids: Sequence[int], group_id: int) -> None:
    """Put samples into a group."""
    with store.write() as session:
        for some in _chunks(sample_ids, _IDS):
            session.execute(update(SampleRow).where(SampleRow.id.in_(some)).values(group_id=group_id))


def move_all_samples(store: Store, from_ids: Sequence[int], group_id: int) -> None:
    """Put all samples of some groups into another, in short transactions."""
    for some in _chunks(from_ids, _IDS):
        part = select(SampleRow.id).where(SampleRow.group_id.in_(some)).limit(_MOVED)
        moved = _MOVED
        while moved:
            with store.write() as session:
                change = update(SampleRow).where(SampleRow.id.in_(part)).values(group_id=group_id)
                moved = len(session.scalars(change.returning(SampleRow.id)).all())


def assign_groups(store: Store, group_ids: Sequence[int], use_case_id: int) -> None:
    """Put groups into a use case that is there."""
    with store.write() as session:
        for some in _chunks(group_ids, _IDS):
            session.execute(update(GroupRow).where(GroupRow.id.in_(some)).values(use_case_id=use_case_id))


def drop_empty_groups(store: Store, study_id: int) -> None:
    """Remove groups without samples: what they held has found a better place."""
    empty = ~select(SampleRow.id).where(SampleRow.group_id == GroupRow.id).exists()
    with store.write() as session:
        session.execute(delete(GroupRow).where(GroupRow.study_id == study_id, empty))


def base_key(stored_key: str) -> str:
    """The key of the group that a part was split from; its own where it is none."""
    return stored_key.split(SPLIT, 1)[0]


def _chunks(values: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
