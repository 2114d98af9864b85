"""What providers counted and billed, by day and model, as their exports of usage and cost have it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, insert, select

from advisor.store.engine import Change, Store
from advisor.store.log_tables import TotalRow
from advisor.types.prices import Total, TotalSource


def list_totals(store: Store, study_id: int) -> list[Total]:
    """The totals of a study."""
    columns = (getattr(TotalRow, name) for name in Total._fields)
    rows = store.rows(select(*columns).where(TotalRow.study_id == study_id).order_by(TotalRow.day, TotalRow.model))
    return [Total(TotalSource(source), *rest) for source, *rest in rows]


def save_totals(store: Store, study_id: int, totals: Iterable[Total]) -> None:
    """Keep totals; they replace those of the same source and days."""
    days: defaultdict[TotalSource, set[date]] = defaultdict(set)
    rows = []
    for total in totals:
        days[total.source].add(total.day)
        rows.append({"study_id": study_id, **total._asdict()})
    with store.write(study_id, Change.SETUP) as session:
        for source, some in days.items():
            own = (TotalRow.study_id == study_id) & (TotalRow.source == source)
            session.execute(delete(TotalRow).where(own, TotalRow.day.in_(some)))
        session.execute(insert(TotalRow), rows)
