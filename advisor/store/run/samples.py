"""The samples frozen into a run: their use cases, and which hold the same request."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from advisor.store.engine import ROWS, Store, in_parts
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.tables import RunRow, RunSampleRow


def list_run_samples(store: Store, run_id: int) -> list[int]:
    """Ids of the samples frozen into a run."""
    query = select(RunSampleRow.sample_id).where(RunSampleRow.run_id == run_id).order_by(RunSampleRow.sample_id)
    with store.read() as session:
        return list(session.scalars(query))


def map_run_samples(store: Store, run_id: int) -> dict[int, str]:
    """Use case by id of the samples frozen into a run, in order of id."""
    names = select(GroupRow.id, UseCaseRow.name).join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
    names = names.join(RunRow, RunRow.study_id == GroupRow.study_id).where(RunRow.id == run_id)
    query = (
        select(RunSampleRow.sample_id, SampleRow.group_id)
        .join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
        .where(RunSampleRow.run_id == run_id)
        .order_by(RunSampleRow.sample_id)
    )
    with store.read() as session:
        of_group = {group_id: name for group_id, name in session.execute(names)}
        rows = session.connection().execute(query).cursor  # past the rows that SQLAlchemy makes: there may be many
        return {sample_id: of_group[group_id] for sample_id, group_id in rows.fetchall()}


def map_use_case_ids(store: Store, run_id: int) -> dict[int, int]:
    """Id of the use case by id of the samples frozen into a run."""
    query = (
        select(RunSampleRow.sample_id, GroupRow.use_case_id)
        .join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .where(RunSampleRow.run_id == run_id)
        .execution_options(yield_per=ROWS)
    )
    with store.read() as session:
        return {sample_id: use_case_id or 0 for sample_id, use_case_id in session.execute(query)}


def map_requests(store: Store, run_id: int) -> dict[int, str]:
    """The digest of the request by id of the samples frozen into a run: equal for repeats of one request."""
    query = (
        select(RunSampleRow.sample_id, SampleRow.request_digest)
        .join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
        .where(RunSampleRow.run_id == run_id)
    )
    with store.read() as session:
        return {sample_id: digest for sample_id, digest in session.execute(query)}


def list_repeats(store: Store, run_id: int, sample_id: int) -> list[int]:
    """Ids of the other samples frozen into a run that hold the same request."""
    own = select(SampleRow.request_digest).where(SampleRow.id == sample_id).scalar_subquery()
    query = (
        select(RunSampleRow.sample_id)
        .join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
        .where(RunSampleRow.run_id == run_id, SampleRow.request_digest == own, SampleRow.id != sample_id)
        .order_by(RunSampleRow.sample_id)
    )
    with store.read() as session:
        return list(session.scalars(query))


def has_samples(store: Store, run_id: int, use_case_id: int) -> bool:
    """Whether a run holds any sample of a use case."""
    with store.read() as session:
        return session.scalar(_samples_of(run_id, use_case_id).limit(1)) is not None


def list_of_use_case(store: Store, run_id: int, use_case_id: int, sample_ids: Iterable[int]) -> list[int]:
    """Those of these samples that a run holds and that belong to a use case, in order of id."""
    query = _samples_of(run_id, use_case_id)
    found: list[int] = []
    for some in in_parts(sorted(sample_ids)):
        with store.read() as session:
            found += session.scalars(query.where(RunSampleRow.sample_id.in_(some)))
    return sorted(found)


def _samples_of(run_id: int, use_case_id: int) -> Any:
    return (
        select(RunSampleRow.sample_id)
        .join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
        .join(GroupRow, GroupRow.id == SampleRow.group_id)
        .where(RunSampleRow.run_id == run_id, GroupRow.use_case_id == use_case_id)
    )


def list_external_ids(store: Store, run_id: int) -> dict[int, str | None]:
    """The team's own id of every sample of a run, in order of ours."""
    query = (
        select(SampleRow.id, SampleRow.external_id)
        .join(RunSampleRow, RunSampleRow.sample_id == SampleRow.id)
        .where(RunSampleRow.run_id == run_id)
        .order_by(SampleRow.id)
    )
    with store.read() as session:
        return {sample_id: external for sample_id, external in session.execute(query)}
