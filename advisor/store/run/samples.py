"""The samples frozen into a run: their use cases, and which hold the same request."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from advisor.store.engine import Store, in_parts
from advisor.store.log_tables import GroupRow, SampleRow, UseCaseRow
from advisor.store.tables import RunRow, RunSampleRow


def _of_run(run_id: int, *columns: Any) -> Any:
    """The samples frozen into a run, by id; columns besides their ids are those of samples."""
    query = select(RunSampleRow.sample_id, *columns).join(SampleRow, SampleRow.id == RunSampleRow.sample_id)
    return query.where(RunSampleRow.run_id == run_id).order_by(RunSampleRow.sample_id)


def _map(store: Store, query: Any) -> dict[int, Any]:
    """From the first of two columns to the second."""
    with store.read() as session:
        rows = session.connection().execute(query).cursor  # past the rows that SQLAlchemy makes: there may be many
        return dict(rows.fetchall())


def list_run_samples(store: Store, run_id: int) -> list[int]:
    """Ids of the samples frozen into a run."""
    query = select(RunSampleRow.sample_id).where(RunSampleRow.run_id == run_id).order_by(RunSampleRow.sample_id)
    return store.scalars(query)


def map_run_samples(store: Store, run_id: int) -> dict[int, str]:
    """Use case by id of the samples frozen into a run, in order of id."""
    names = select(GroupRow.id, UseCaseRow.name).join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
    of_group = _map(store, names.join(RunRow, RunRow.study_id == GroupRow.study_id).where(RunRow.id == run_id))
    groups = _map(store, _of_run(run_id, SampleRow.group_id))
    return {sample_id: of_group[group_id] for sample_id, group_id in groups.items()}


def map_use_case_ids(store: Store, run_id: int) -> dict[int, int]:
    """Id of the use case by id of the samples frozen into a run."""
    of_group = select(GroupRow.use_case_id).where(GroupRow.id == SampleRow.group_id).scalar_subquery()
    return _map(store, _of_run(run_id, of_group))


def map_requests(store: Store, run_id: int) -> dict[int, str]:
    """The digest of the request by id of the samples frozen into a run: equal for repeats of one request."""
    return _map(store, _of_run(run_id, SampleRow.request_digest))


def list_external_ids(store: Store, run_id: int) -> dict[int, str | None]:
    """The team's own id of every sample of a run, in order of ours."""
    return _map(store, _of_run(run_id, SampleRow.external_id))


def list_repeats(store: Store, run_id: int, sample_id: int) -> list[int]:
    """Ids of the other samples frozen into a run that hold the same request."""
    own = select(SampleRow.request_digest).where(SampleRow.id == sample_id).scalar_subquery()
    return store.scalars(_of_run(run_id).where(SampleRow.request_digest == own, SampleRow.id != sample_id))


def has_samples(store: Store, run_id: int, use_case_id: int) -> bool:
    """Whether a run holds any sample of a use case."""
    return store.scalar(_of_use_case(run_id, use_case_id).limit(1)) is not None


def list_of_use_case(store: Store, run_id: int, use_case_id: int, sample_ids: Iterable[int]) -> list[int]:
    """Those of these samples that a run holds and that belong to a use case, in order of id."""
    query = _of_use_case(run_id, use_case_id)
    some = (store.scalars(query.where(RunSampleRow.sample_id.in_(ids))) for ids in in_parts(sorted(sample_ids)))
    return [sample_id for found in some for sample_id in found]


def _of_use_case(run_id: int, use_case_id: int) -> Any:
    return _of_run(run_id).join(GroupRow, GroupRow.id == SampleRow.group_id).where(GroupRow.use_case_id == use_case_id)
