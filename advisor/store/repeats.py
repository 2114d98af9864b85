"""Which samples of a run hold the same request."""

from sqlalchemy import select

from advisor.store.engine import Store
from advisor.store.log_tables import SampleRow
from advisor.store.tables import RunSampleRow


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
