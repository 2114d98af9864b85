"""What calls cost: as stored with them, or at a price given for their model since; and the priced calls of a run."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sqlalchemy import Float, Select, and_, case, func, literal, or_, select, type_coerce

from advisor.store.engine import Store, read_frame
from advisor.store.log_tables import IS_COUNTED, LogRow, SampleRow, TrafficRow
from advisor.store.studies import finished_logs
from advisor.store.tables import GenerationRow, RunSampleRow
from advisor.types import AS_LOGGED, Lane, PriceSource, Usage

if TYPE_CHECKING:
    import pandas as pd


class GivenCost(NamedTuple):
    """What answers of one model cost instead of what is stored with them."""

    model: str
    """As the log names it."""
    stored_source: PriceSource | None
    """Only of answers whose stored cost comes from there; None: of those that have none."""
    usd_per_token: tuple[float, float, float, float]
    """Of Usage.BILLED."""
    source: PriceSource
    is_whole: bool = False
    """All answers of the model that tell their tokens cost so: their sums suffice."""


class StoredCost(NamedTuple):
    """Answers of one model whose stored costs have one source, with their tokens."""

    model: str
    source: PriceSource | None
    usage: Usage
    """Of all of them together."""
    usd: float
    """As stored; 0 without a source."""
    last_at: datetime | None


def list_logged_names(store: Store, study_id: int) -> list[str]:
    """The models that the logs of a study name."""
    query = select(TrafficRow.model).join(LogRow, LogRow.id == TrafficRow.log_id)
    query = query.where(LogRow.study_id == study_id, LogRow.complete, TrafficRow.model.is_not(None))
    return sorted(map(str, store.scalars(query.distinct())))


def list_stored_costs(store: Store, study_id: int, models: Collection[str]) -> list[StoredCost]:
    """The answers of these models by the source of their cost, which only the log itself tells without tokens."""
    kinds = [func.coalesce(func.sum(getattr(SampleRow, kind)), 0).label(kind) for kind in Usage.__dataclass_fields__]
    query = (
        select(SampleRow.model, SampleRow.price_source, func.sum(SampleRow.cost_usd), func.max(SampleRow.at), *kinds)
        .where(SampleRow.log_id.in_(finished_logs(study_id)), SampleRow.model.in_(models))
        .where(or_(_HAS_TOKENS, and_(SampleRow.error.is_(None), SampleRow.price_source == AS_LOGGED.code)))
        .group_by(SampleRow.model, SampleRow.price_source)
        .order_by(SampleRow.model)
    )
    rows: Any = store.rows(query)
    return [
        StoredCost(row[0], row[1] and PriceSource.of(row[1]), Usage.of(row._mapping), float(row[2] or 0.0), row[3])
        for row in rows
    ]


def count_long(store: Store, study_id: int, models: Collection[str], tokens: int) -> int:
    """How many answers of these models had more than so many tokens to read, and no cost in the log."""
    read = SampleRow.input_tokens + SampleRow.cache_read_tokens + SampleRow.cache_write_tokens
    query = select(func.count()).where(SampleRow.log_id.in_(finished_logs(study_id)), SampleRow.model.in_(models))
    query = query.where(_HAS_TOKENS, read > tokens, func.coalesce(SampleRow.price_source, "") != AS_LOGGED.code)
    return store.scalar(query) or 0


def cost_columns(given: Sequence[GivenCost]) -> tuple[Any, Any]:
    """``cost_usd`` and ``price_source`` of samples; no given prices: as they are stored."""
    if not given:
        return SampleRow.cost_usd, SampleRow.price_source
    costs, sources = [], []
    for one in given:
        same = SampleRow.price_source.is_not_distinct_from(one.stored_source and one.stored_source.code)
        concerned = and_(SampleRow.model == one.model, same, _HAS_TOKENS)
        costs.append((concerned, cost_of_tokens(one, SampleRow)))
        sources.append((concerned, one.source.code))
    cost = case(*costs, else_=SampleRow.cost_usd).label("cost_usd")
    return cost, case(*sources, else_=SampleRow.price_source).label("price_source")


def cost_of_tokens(given: GivenCost, rows: Any) -> Any:
    """Dollars of the tokens in the columns of a table, of one call or of many."""
    return type_coerce(Usage.cost_of(rows, (literal(usd, Float) for usd in given.usd_per_token)), Float)


_HAS_TOKENS = and_(SampleRow.error.is_(None), IS_COUNTED)
"""A call that failed costs nothing, unless the log says so."""

Row: TypeAlias = GenerationRow | SampleRow

_SPREAD, _PRIME = 7919, 10007
"""Ids times the one, modulo the other, jump about; modulo first, since ids of PostgreSQL have 32 bits."""

_COLUMNS = (*Usage.__dataclass_fields__, "cost_usd", "price_source", "at")


def list_logged_models(store: Store, run_id: int) -> list[str]:
    """The models that wrote the answers that the log has to the samples of a run."""
    query = _of_samples(select(SampleRow.model), run_id).where(SampleRow.model.is_not(None)).distinct()
    return sorted(map(str, store.scalars(query)))


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
    ).where(SampleRow.model == model, SampleRow.cost_usd.is_not(None), IS_COUNTED)
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
