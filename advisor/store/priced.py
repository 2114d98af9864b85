"""The calls of a run that have tokens and a cost, model by model: all of them, or some."""

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Select, func, select

from advisor.store.engine import Store
from advisor.store.frames import read_frame
from advisor.store.log_tables import SampleRow
from advisor.store.tables import GenerationRow, RunSampleRow
from advisor.types import Lane

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = GenerationRow | SampleRow
_SPREAD, _PRIME = 7919, 10007
"""Ids times the one, modulo the other, jump about; modulo first, since ids of PostgreSQL have 32 bits."""
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
    """First answers of one model; ``most``: some of them, about so many, as :func:`_some` picks them.

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
    return _load(store, query, GenerationRow, most)


def load_priced_samples(store: Store, run_id: int, model: str, most: int | None = None) -> "pd.DataFrame":
    """The same of what a model of the log answered to the samples of a run."""
    query = _of_samples(
        select(SampleRow.id.label("sample_id"), *(getattr(SampleRow, name) for name in _COLUMNS)), run_id
    ).where(SampleRow.model == model, SampleRow.cost_usd.is_not(None), SampleRow.input_tokens.is_not(None))
    return _load(store, query, SampleRow, most)


def _load(store: Store, query: Select[Any], row: type[Row], most: int | None) -> "pd.DataFrame":
    import pandas as pd

    wanted = [query.order_by(row.id)] if most is None else _some(query, row, most)
    with store.read() as session:
        return pd.concat([read_frame(session, each) for each in wanted]).drop_duplicates("sample_id")


def _some(query: Select[Any], row: type[Row], most: int) -> list[Select[Any]]:
    """Half of them spread over all; the others are the longest and those with the most tokens in a cache.

    A price of long prompts or of a cache alone may be the one that changed.
    """
    cached = func.coalesce(row.cache_read_tokens, 0) + func.coalesce(row.cache_write_tokens, 0)
    return [
        query.order_by(row.id % _PRIME * _SPREAD % _PRIME, row.id).limit(most // 2),
        query.order_by(row.input_tokens.desc()).limit(most // 4),
        query.where(cached > 0).order_by(cached.desc()).limit(most // 4),
    ]


def _of_samples(query: Select[Any], run_id: int) -> Select[Any]:
    return query.join(RunSampleRow, RunSampleRow.sample_id == SampleRow.id).where(RunSampleRow.run_id == run_id)
