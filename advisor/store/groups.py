"""Groups of samples: which are new, what is in them, and the use cases that they make up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from advisor.store.engine import Store
from advisor.store.tables import GroupRow, SampleRow, UseCaseRow
from advisor.types import GroupKey, Kind

_EXPECTED = 3000
"""Samples looked at for names and kinds, over all groups."""


@dataclass(frozen=True, kw_only=True)
class StoredGroup:
    """A group as it is stored."""

    id: int
    key: GroupKey
    calls: int
    examples: tuple[int, ...]
    """Ids of the samples with the lowest digests: some of the group, whatever their order in the log."""


def list_new_groups(store: Store, study_id: int, *, examples: int) -> list[StoredGroup]:
    """The groups that are in no use case yet."""
    mine = select(GroupRow).where(GroupRow.study_id == study_id, GroupRow.use_case_id.is_(None))
    with store.read() as session:
        rows = session.scalars(mine.order_by(GroupRow.key)).all()
        ids = [row.id for row in rows]
        counts: dict[int, int] = {}
        for group_id, count in session.execute(
            select(SampleRow.group_id, func.count()).where(SampleRow.group_id.in_(ids)).group_by(SampleRow.group_id)
        ):
            counts[group_id] = count
        share = min(1.0, _EXPECTED / max(1, sum(counts.get(group_id, 0) for group_id in ids)))
        below = f"{int(share * 0xFFFFFFFF):08x}"
        found: dict[int, list[int]] = {}
        some = select(SampleRow.group_id, SampleRow.id).where(
            SampleRow.study_id == study_id, SampleRow.digest <= below + "f"
        )
        for group_id, sample_id in session.execute(some.order_by(SampleRow.digest)):
            found.setdefault(group_id, []).append(sample_id)
        for group_id in ids:
            if len(found.get(group_id, ())) < min(examples, counts.get(group_id, 0)):
                own = select(SampleRow.id).where(SampleRow.group_id == group_id).order_by(SampleRow.digest)
                found[group_id] = list(session.scalars(own.limit(examples)))
    return [
        StoredGroup(
            id=row.id,
            key=GroupKey(row.label, row.template, Kind(row.shape)),
            calls=counts.get(row.id, 0),
            examples=tuple(found.get(row.id, ())[:examples]),
        )
        for row in rows
    ]


def put_in_use_case(store: Store, study_id: int, name: str, kind: Kind, group_ids: Sequence[int]) -> int:
    """Put groups into the use case of this name, made where it is new; returns its id."""
    with store.write() as session:
        known = select(UseCaseRow).where(UseCaseRow.study_id == study_id, UseCaseRow.name == name)
        row = session.scalar(known)
        if row is None:
            row = UseCaseRow(study_id=study_id, name=name, kind=kind)
            session.add(row)
            session.flush()
        session.execute(update(GroupRow).where(GroupRow.id.in_(group_ids)).values(use_case_id=row.id))
        return row.id


def move_groups(store: Store, group_ids: Sequence[int], use_case_id: int) -> None:
    """Put groups into a use case that is there."""
    with store.write() as session:
        session.execute(update(GroupRow).where(GroupRow.id.in_(group_ids)).values(use_case_id=use_case_id))


def use_cases_of_labels(store: Store, study_id: int, labels: Iterable[str]) -> dict[str, int]:
    """Label, in lower case, -> the use case that holds the most groups with it."""
    wanted = {label.casefold() for label in labels}
    query = (
        select(GroupRow.label, GroupRow.use_case_id, func.count())
        .where(GroupRow.study_id == study_id, GroupRow.use_case_id.is_not(None), GroupRow.label.is_not(None))
        .group_by(GroupRow.label, GroupRow.use_case_id)
        .order_by(func.count())
    )
    with store.read() as session:
        rows = session.execute(query).all()
    return {str(label).casefold(): int(case or 0) for label, case, _ in rows if str(label).casefold() in wanted}
