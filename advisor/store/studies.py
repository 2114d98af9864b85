"""Studies and their use cases."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from advisor.errors import BadInput
from advisor.store.engine import Store
from advisor.store.tables import GroupRow, LogRow, ModelRow, StudyRow, TrafficRow, UseCaseRow
from advisor.types import Kind, Study, UseCase


def create_study(store: Store, name: str, *, is_sample: bool = False) -> Study:
    """The study called ``name``, made now if it is new. Raises BadInput for an empty or overlong name."""
    if not name.strip() or len(name) > 200:
        raise BadInput("A study needs a name of 1 to 200 characters.")
    with store.write() as session:
        row = session.scalar(select(StudyRow).where(StudyRow.name == name))
        if row is None:
            row = StudyRow(name=name, created_at=datetime.now(UTC), is_sample=is_sample)
            session.add(row)
            session.flush()
        return _study(row)


def find_study(store: Store, name: str) -> Study:
    """The study called ``name``. Raises BadInput that lists the studies there are."""
    with store.read() as session:
        row = session.scalar(select(StudyRow).where(StudyRow.name == name))
        if row is not None:
            return _study(row)
        names = session.scalars(select(StudyRow.name).order_by(StudyRow.name).limit(10)).all()
    known = f"Studies here: {', '.join(names)}." if names else "There is no study yet; import a log first."
    raise BadInput(f"There is no study called {name!r}. {known}")


def get_study(store: Store, study_id: int) -> Study:
    """The study with this id. Raises BadInput when it was deleted."""
    with store.read() as session:
        row = session.get(StudyRow, study_id)
        if row is None:
            raise BadInput("This study no longer exists; pick another one.")
        return _study(row)


def list_studies(store: Store) -> list[Study]:
    """All studies, the newest first."""
    with store.read() as session:
        return [_study(row) for row in session.scalars(select(StudyRow).order_by(StudyRow.id.desc()))]


def change_study(store: Store, study_id: int, **changes: Any) -> None:
    """Set fields of a study, named as in :class:`advisor.types.Study`."""
    with store.write() as session:
        session.execute(update(StudyRow).where(StudyRow.id == study_id).values(**changes))


def delete_study(store: Store, study_id: int) -> None:
    """Delete a study with all it holds."""
    with store.write() as session:
        session.execute(delete(StudyRow).where(StudyRow.id == study_id))


def delete_empty_study(store: Store, study_id: int) -> None:
    """Delete a study into which nothing was put."""
    with store.write() as session:
        filled = [select(row.id).where(row.study_id == study_id).exists() for row in (LogRow, ModelRow)]
        session.execute(delete(StudyRow).where(StudyRow.id == study_id, *(~exists for exists in filled)))


def incomplete_logs(study_id: int) -> Select[int]:
    """The ids of logs whose import has not come to its end."""
    return select(LogRow.id).where(LogRow.study_id == study_id, LogRow.complete.is_(False))


def change_use_case(store: Store, use_case_id: int, **changes: Any) -> None:
    """Set fields of a use case: name, kind, endpoint, margin, ignored. Raises BadInput for a name in use."""
    with store.write() as session:
        row = session.get(UseCaseRow, use_case_id)
        if row is None:
            raise BadInput("This use case no longer exists; reload the page.")
        name = changes.get("name", row.name)
        twin = select(UseCaseRow.id).where(
            UseCaseRow.study_id == row.study_id, UseCaseRow.name == name, UseCaseRow.id != use_case_id
        )
        if session.scalar(twin) is not None:
            raise BadInput(f"There is a use case called {name!r} already; merge the two instead.")
        session.execute(update(UseCaseRow).where(UseCaseRow.id == use_case_id).values(**changes))


def merge_use_cases(store: Store, from_id: int, into_id: int) -> None:
    """Move every group of one use case into another, also of logs to come, and delete the empty one."""
    if from_id == into_id:
        return
    with store.write() as session:
        if session.get(UseCaseRow, from_id) is None or session.get(UseCaseRow, into_id) is None:
            raise BadInput("This use case no longer exists; reload the page.")
        session.execute(update(GroupRow).where(GroupRow.use_case_id == from_id).values(use_case_id=into_id))
        session.execute(delete(UseCaseRow).where(UseCaseRow.id == from_id))


def list_use_cases(store: Store, study_id: int) -> list[UseCase]:
    """The use cases of a study with their counts, the largest first."""
    counts = (
        select(
            GroupRow.use_case_id,
            func.sum(TrafficRow.calls).label("samples"),
            func.sum(TrafficRow.calls - TrafficRow.not_replayable).label("replayable"),
            func.sum(TrafficRow.with_target).label("with_target"),
            func.sum(TrafficRow.with_answer).label("with_answer"),
        )
        .join(GroupRow, GroupRow.id == TrafficRow.group_id)
        .where(GroupRow.study_id == study_id, TrafficRow.log_id.not_in(incomplete_logs(study_id)))
        .group_by(GroupRow.use_case_id)
        .subquery()
    )
    query = (
        select(UseCaseRow, counts.c.samples, counts.c.replayable, counts.c.with_target, counts.c.with_answer)
        .join(counts, counts.c.use_case_id == UseCaseRow.id)
        .where(UseCaseRow.study_id == study_id)
        .order_by(counts.c.samples.desc(), UseCaseRow.name)
    )
    with store.read() as session:
        return [
            UseCase(
                id=row.id,
                name=row.name,
                description=row.description,
                kind=Kind(row.kind),
                endpoint=row.endpoint,
                margin=row.margin,
                ignored=row.ignored,
                samples=samples,
                replayable=replayable,
                with_target=with_target,
                with_answer=with_answer,
            )
            for row, samples, replayable, with_target, with_answer in session.execute(query)
        ]


def _study(row: StudyRow) -> Study:
    return Study(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        is_sample=row.is_sample,
        traffic_share=row.traffic_share,
        margin=row.margin,
        confidence=row.confidence,
        max_latency_p95_s=row.max_latency_p95_s,
        max_ttft_p95_s=row.max_ttft_p95_s,
    )
