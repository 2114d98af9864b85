"""The calls of a run that have tokens and a cost, model by model: all of them, or the first."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from advisor.store.engine import Store
from advisor.store.frames import read_frame
from advisor.store.log_tables import SampleRow
from advisor.store.tables import GenerationRow, RunSampleRow
from advisor.types import Lane

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    *("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"),
    *("cost_usd", "price_source", "at"),
)


def list_logged_models(store: Store, run_id: int) -> list[str]:
    """The models that wrote the answers that the log has to the samples of a run."""
    query = _of_samples(select(SampleRow.model), run_id).where(SampleRow.model.is_not(None)).distinct()
    with store.read() as session:
        return sorted(session.scalars(query))


def load_priced_answers(
    store: Store, run_id: int, lane: Lane, model_id: int, most: int | None = None
) -> "pd.DataFrame":
    """First answers of one model, at most ``most``.

    Columns: sample_id, the token columns, cost_usd, price_source, at.
    """
    query = select(GenerationRow.sample_id, *(getattr(GenerationRow, name) for name in _COLUMNS)).where(
        GenerationRow.run_id == run_id,
        GenerationRow.lane == lane,
        GenerationRow.model_id == model_id,
        GenerationRow.epoch == 1,
        GenerationRow.cost_usd.is_not(None),
        GenerationRow.input_tokens.is_not(None),
    )
    with store.read() as session:
        return read_frame(session, query.order_by(GenerationRow.id).limit(most))


def load_priced_samples(store: Store, run_id: int, model: str, most: int | None = None) -> "pd.DataFrame":
    """The same of what a model of the log answered to the samples of a run."""
    query = _of_samples(
        select(SampleRow.id.label("sample_id"), *(getattr(SampleRow, name) for name in _COLUMNS)), run_id
    ).where(SampleRow.model == model, SampleRow.cost_usd.is_not(None), SampleRow.input_tokens.is_not(None))
    with store.read() as session:
        return read_frame(session, query.order_by(SampleRow.id).limit(most))


def _of_samples(query: Select[Any], run_id: int) -> Select[Any]:
    return query.join(RunSampleRow, RunSampleRow.sample_id == SampleRow.id).where(RunSampleRow.run_id == run_id)
