"""Changes of use cases that a person made, with what was there before, so that they can be undone one by one."""

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.engine import Change, Store, study_of
from advisor.store.log.groups import SPLIT, put_groups
from advisor.store.log.use_cases import free_name, get_row
from advisor.store.log_tables import GroupRow, UseCaseEditRow, UseCaseRow
from advisor.types import Endpoint, Json, Kind

_FIELDS = ("name", "description", "kind", "endpoint", "margin", "ignored", "match", "checks")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A change that can be undone."""

    id: int
    at: datetime
    what: str
    """Such as "Merged Refunds into Billing"; it may hold names from the log."""


def list_edits(store: Store, study_id: int, *, limit: int = 20) -> list[Edit]:
    """The changes that can be undone, the newest first."""
    query = select(UseCaseEditRow).where(UseCaseEditRow.study_id == study_id)
    with store.read() as session:
        rows = session.scalars(query.order_by(UseCaseEditRow.id.desc()).limit(limit))
        return [Edit(id=row.id, at=row.at, what=row.what) for row in rows]


@contextmanager
def recorded(
    store: Store, what: str, use_case_ids: Sequence[int], *, made: list[int] | None = None
) -> Iterator[Session]:
    """A transaction that changes use cases, and keeps how these were; ``made`` are the ones it adds.

    Raises BadInput when one of them no longer exists.
    """
    study = study_of(UseCaseRow, *use_case_ids)
    with store.write(study, Change.SETUP) as session, recording(session, what, use_case_ids, made=made):
        yield session


@contextmanager
def recording(
    session: Session, what: str, use_case_ids: Sequence[int], *, made: list[int] | None = None
) -> Iterator[None]:
    """The same as a part of a larger change."""
    rows = [get_row(session, use_case_id) for use_case_id in use_case_ids]
    study_id, before = rows[0].study_id, [_as_json(session, row) for row in rows]
    yield
    session.flush()
    left = set(session.scalars(select(UseCaseRow.id).where(UseCaseRow.id.in_(use_case_ids))))
    state = {"use_cases": before, "made": made or [], "gone": [i for i in use_case_ids if i not in left]}
    session.add(UseCaseEditRow(study_id=study_id, at=datetime.now(UTC), what=what, before=state))


def undo_edit(store: Store, study_id: int, edit_id: int) -> str:
    """Take back the newest change; returns what it was.

    Calls that came since into a use case which the change had made go where that was split from. Raises BadInput when
    ``edit_id`` is not the newest change.
    """
    newest = select(UseCaseEditRow).where(UseCaseEditRow.study_id == study_id).order_by(UseCaseEditRow.id.desc())
    with store.write(study_id, Change.SETUP) as session:
        edit = session.scalar(newest.limit(1))
        if edit is None or edit.id != edit_id:
            raise BadInput("The use cases have changed. Reload the page to see what can be undone.")
        restored = [_restore(session, edit, state) for state in edit.before["use_cases"]]
        for made_id in edit.before["made"]:
            session.execute(update(GroupRow).where(GroupRow.use_case_id == made_id).values(use_case_id=restored[0]))
            session.execute(delete(UseCaseRow).where(UseCaseRow.id == made_id))
        session.delete(edit)
        return edit.what


def _as_json(session: Session, row: UseCaseRow) -> dict[str, Json]:
    """Its fields and groups; ``kin`` are what was split off these groups before, and is elsewhere."""
    groups = set(session.scalars(select(GroupRow.key).where(GroupRow.use_case_id == row.id)))
    split = select(GroupRow.key).where(GroupRow.study_id == row.study_id, GroupRow.key.contains(SPLIT))
    kin = {key for key in session.scalars(split) if key not in groups and _is_of(key, groups)}
    fields = {name: getattr(row, name) for name in _FIELDS}
    return {"id": row.id, **fields, "groups": sorted(groups), "kin": sorted(kin)}


def _restore(session: Session, edit: UseCaseEditRow, state: dict[str, Json]) -> int:
    """The use case as it was; one that the change removed is made again, with its old id where that is free."""
    values: dict[str, Any] = {name: state.get(name) for name in _FIELDS}  # older changes know fewer fields
    values["kind"] = Kind(values["kind"])
    values["endpoint"] = values["endpoint"] and Endpoint(values["endpoint"])
    row = session.get(UseCaseRow, state["id"])
    if row is not None and state["id"] not in edit.before["gone"]:
        values["name"] = free_name(session, edit.study_id, values["name"], but=row.id)
        session.execute(update(UseCaseRow).where(UseCaseRow.id == row.id).values(**values))
        return row.id
    values["name"] = free_name(session, edit.study_id, values["name"])
    again = UseCaseRow(id=state["id"] if row is None else None, study_id=edit.study_id, **values)
    session.add(again)
    session.flush()
    _put_back(session, edit.study_id, state, again.id)
    if again.id != state["id"]:
        _follow_id(session, edit, state["id"], again.id)
    return again.id


def _put_back(session: Session, study_id: int, state: dict[str, Any], use_case_id: int) -> None:
    """Groups, and what they were split into since."""
    wanted, kin = set(state["groups"]), set(state["kin"])
    keys = session.execute(select(GroupRow.id, GroupRow.key).where(GroupRow.study_id == study_id))
    put_groups(session, [i for i, key in keys if key not in kin and _is_of(key, wanted)], use_case_id)


def _is_of(key: str, groups: Set[str]) -> bool:
    """Whether a group is one of these, or split off one of them."""
    while key not in groups and SPLIT in key:
        key = key.rpartition(SPLIT)[0]
    return key in groups


def _follow_id(session: Session, edit: UseCaseEditRow, old: int, new: int) -> None:
    """Earlier changes of the same use case mean it, although it has another id now."""
    earlier = select(UseCaseEditRow).where(UseCaseEditRow.study_id == edit.study_id, UseCaseEditRow.id < edit.id)
    for row in session.scalars(earlier):
        before = row.before
        row.before = {
            "use_cases": [{**case, "id": new if case["id"] == old else case["id"]} for case in before["use_cases"]],
            "made": [new if made == old else made for made in before["made"]],
            "gone": [new if gone == old else gone for gone in before["gone"]],
        }
