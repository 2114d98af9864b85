"""Studies: made, changed, listed, and how far each has changed."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.columns import value_of
from advisor.store.engine import Change, Store
from advisor.store.log_tables import LogRow, TotalRow
from advisor.store.tables import ModelRow, StudyRow
from advisor.types import Json, Study

IS_THERE = StudyRow.deleted.is_not(True)


def create_study(store: Store, name: str, *, is_sample: bool = False) -> Study:
    """The study called ``name``, made now if it is new. Raises BadInput for an empty or overlong name."""
    if not name.strip() or len(name) > 200:
        raise BadInput("A study needs a name of 1 to 200 characters.")
    with store.write(None) as session:
        row = session.scalar(select(StudyRow).where(StudyRow.name == name))
        if row is None:
            row = StudyRow(name=name, created_at=datetime.now(UTC), is_sample=is_sample)
            session.add(row)
            session.flush()
        return _study(row)


def find_study(store: Store, name: str) -> Study:
    """The study called ``name``. Raises BadInput that lists the studies there are."""
    with store.read() as session:
        row = session.scalar(select(StudyRow).where(StudyRow.name == name, IS_THERE))
        if row is not None:
            return _study(row)
        names = session.scalars(select(StudyRow.name).where(IS_THERE).order_by(StudyRow.name).limit(10)).all()
    known = f"Studies here: {', '.join(names)}." if names else "No studies yet. Import a log first."
    raise BadInput(f"Unknown study {name!r}. {known}")


def get_study(store: Store, study_id: int) -> Study:
    """The study with this id. Raises BadInput when it was deleted."""
    with store.read() as session:
        row = session.get(StudyRow, study_id)
        if row is None or row.deleted:
            raise BadInput("This study no longer exists. Choose another one.")
        return _study(row)


def list_studies(store: Store) -> list[Study]:
    """All studies, the newest first."""
    return [_study(row) for row in store.scalars(select(StudyRow).where(IS_THERE).order_by(StudyRow.id.desc()))]


def change_study(store: Store, study_id: int, **changes: Any) -> None:
    """Set fields of a study, named as in :class:`advisor.types.Study`."""
    with store.write(study_id, Change.SETUP) as session:
        set_study(session, study_id, **changes)


def set_study(session: Session, study_id: int, **changes: Any) -> None:
    """The same as a part of a larger change."""
    session.execute(update(StudyRow).where(StudyRow.id == study_id).values(**changes))


def mark_shared(store: Store, study_id: int) -> None:
    """Keep that a file of the report left the program just now; nothing that is remembered rests on it."""
    with store.write(None) as session:
        set_study(session, study_id, shared_at=datetime.now(UTC))


def set_name_price(store: Store, study_id: int, name: str, price: dict[str, Json] | None) -> None:
    """Keep what a person said that a model of the log costs; None forgets it."""
    with store.write(study_id, Change.SETUP) as session:
        known = session.scalar(select(StudyRow.name_prices).where(StudyRow.id == study_id)) or {}
        kept = {key: value for key, value in known.items() if key != name}
        set_study(session, study_id, name_prices=kept | ({name: price} if price else {}))


def list_name_prices(store: Store, study_id: int) -> dict[str, dict[str, Json]]:
    """Name of a model in the log -> what a person said that it costs."""
    return store.scalar(select(StudyRow.name_prices).where(StudyRow.id == study_id)) or {}


def shared_at(store: Store, study_id: int) -> datetime | None:
    """When that was last."""
    with store.read() as session:
        return session.scalar(select(StudyRow.shared_at).where(StudyRow.id == study_id))


def delete_empty_study(store: Store, study_id: int) -> None:
    """Delete a study into which nothing was put."""
    with store.write(study_id, Change.SETUP) as session:
        filled = [select(row.study_id).where(row.study_id == study_id).exists() for row in (LogRow, ModelRow, TotalRow)]
        session.execute(delete(StudyRow).where(StudyRow.id == study_id, *(~exists for exists in filled)))


def revision_of(store: Store, study_id: int, change: Change = Change.OTHER) -> tuple[datetime, int] | None:
    """When a study was made, and a number that rises with every change of it, or with those from ``change`` on.

    The time tells it from a deleted study, whose id SQLite gives to the next one. None when it was deleted.
    """
    counter = (StudyRow.revision, StudyRow.answers_revision, StudyRow.setup_revision)[change]
    query = select(StudyRow.created_at, counter).where(StudyRow.id == study_id)
    return next(((made_at, number) for made_at, number in store.rows(query)), None)


def incomplete_logs(study_id: int) -> Select[int]:
    """The ids of logs whose import has not come to its end."""
    return select(LogRow.id).where(LogRow.study_id == study_id, LogRow.complete.is_(False))


def finished_logs(study_id: int) -> Select[int]:
    """The ids of logs whose import has come to its end.

    By them the samples of a study are read many times as fast as by the study, whose index leads to them in no order.
    """
    return select(LogRow.id).where(LogRow.study_id == study_id, LogRow.complete)


def _study(row: StudyRow) -> Study:
    return value_of(Study, row)
