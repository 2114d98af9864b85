"""The traffic of logs, rolled up by hour, group and model when they are imported.

Pages read these sums, so that they need not count calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Select, and_, case, cast, delete, func, insert, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from advisor.store.engine import Change, Store, study_of
from advisor.store.log.costs import GivenCost, cost_columns, cost_of_tokens
from advisor.store.log.groups import put_samples
from advisor.store.log_tables import IS_COUNTED, GroupRow, LogRow, SampleRow, TrafficRow, UseCaseRow
from advisor.store.studies import finished_logs, incomplete_logs
from advisor.types import Usage

if TYPE_CHECKING:
    import pandas as pd

_HOUR = {"sqlite": "substr(sample.at, 1, 13) || ':00:00.000000'", "postgresql": "date_trunc('hour', sample.at)"}
TOKENS = tuple(Usage.__dataclass_fields__)
COUNTS = ("calls", "failed", "not_replayable", "with_answer", "with_target", "with_usage", "priced", *TOKENS)
OF_ANSWERS = ("priced_answers", "unpriced_answers", "untold_answers")
"""Counts of calls that succeeded; those that failed have rows of their own."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Calls of some part of the traffic, and what they add up to."""

    calls: int = 0
    failed: int = 0
    not_replayable: int = 0
    with_usage: int = 0
    usage: Usage = field(default_factory=Usage)
    """Of the calls with usage."""
    priced: int = 0
    priced_answers: int = 0
    """Of them those that succeeded."""
    unpriced_answers: int = 0
    """Calls that succeeded without a known cost; a call that failed costs nothing, unless the log says so."""
    answers_usd: float = 0.0
    """Of the priced answers."""
    cost_usd: float | None = None
    """Of the priced calls; None where there are none."""
    first_at: datetime | None = None
    last_at: datetime | None = None


def roll_up(store: Store, log_ids: Sequence[int]) -> None:
    """Count the calls of these logs, all of which are there."""
    with store.write(study_of(LogRow, *log_ids), Change.SETUP) as session:
        count_again(session, log_ids)


def move_calls(session: Session, moves: Mapping[int, Sequence[int]]) -> None:
    """Put calls, given by their ids, into groups, and recount the finished logs that they are of.

    It is one transaction, so that no count is lost with the groups that the calls leave.
    """
    logs = set().union(*(put_samples(session, ids, group_id) for group_id, ids in moves.items()))
    finished = select(LogRow.id).where(LogRow.id.in_(logs), LogRow.complete)
    if log_ids := session.scalars(finished).all():
        count_again(session, log_ids)


def count_again(session: Session, log_ids: Sequence[int]) -> None:
    """Roll up the calls of these logs as they are now."""
    session.execute(delete(TrafficRow).where(TrafficRow.log_id.in_(log_ids)))
    rows = _counted(session, ()).where(SampleRow.log_id.in_(log_ids))
    session.execute(insert(TrafficRow).from_select([column.name for column in rows.selected_columns], rows))


def _counted(session: Session, given: Sequence[GivenCost]) -> Select[Any]:
    """The rows of the traffic, counted from samples."""
    hour: Any = literal_column(_HOUR[session.get_bind().dialect.name]).label("hour")
    cost, _ = cost_columns(given)
    counts: dict[str, Any] = {
        "first_at": func.min(SampleRow.at),
        "last_at": func.max(SampleRow.at),
        "calls": func.count(),
        "failed": func.count(SampleRow.error),
        "not_replayable": func.count(SampleRow.not_replayable),
        "with_answer": func.sum(cast(SampleRow.has_answer, Integer)),
        "with_target": func.sum(cast(SampleRow.has_target, Integer)),
        "with_usage": func.count(case((IS_COUNTED, 1))),
        "priced": func.count(cost),
        "cost_usd": func.coalesce(func.sum(cost), 0.0),
        **{name: func.coalesce(func.sum(case((IS_COUNTED, getattr(SampleRow, name)))), 0) for name in TOKENS},
    }
    keys: tuple[Any, ...] = (SampleRow.log_id, hour, SampleRow.group_id, SampleRow.model)
    # Calls that failed have a row of their own, so that what it lacks is never taken for an answer's.
    rows = select(*keys, *(count.label(name) for name, count in counts.items()))
    return rows.group_by(*keys, SampleRow.error.is_not(None))


def _rolled_up(session: Session, logs: Sequence[int] | Select[int], given: Sequence[GivenCost]) -> Any:
    """The columns of the traffic: as it was counted at import, or at other costs than then.

    Calls are only recounted where those of one model cost by different prices, for sums of tokens do not tell whose
    they are.
    """
    if not given:
        return TrafficRow.__table__.c
    mixed = {one.model for one in given if not one.is_whole}
    counted = _counted(session, given).where(SampleRow.log_id.in_(logs), SampleRow.model.in_(mixed))
    columns = [column.name for column in counted.selected_columns]
    kept = _at_given_costs(columns, [one for one in given if one.is_whole])
    kept = kept.where(TrafficRow.log_id.in_(logs), func.coalesce(TrafficRow.model, "").not_in(mixed))
    return (union_all(kept, counted) if mixed else kept).subquery("traffic").c


def _at_given_costs(columns: Sequence[str], given: Sequence[GivenCost]) -> Select[Any]:
    """These columns of the traffic where all answers of some models cost something else."""
    answers = [and_(TrafficRow.model == one.model, TrafficRow.failed == 0) for one in given]
    other: dict[str, Any] = {}
    if given:
        costs = zip(answers, [cost_of_tokens(one, TrafficRow) for one in given], strict=True)
        other["priced"] = case((or_(*answers), TrafficRow.with_usage), else_=TrafficRow.priced)
        other["cost_usd"] = case(*costs, else_=TrafficRow.cost_usd)
    return select(*(other.get(name, getattr(TrafficRow, name)).label(name) for name in columns))


def sum_traffic(store: Store, study_id: int) -> Sums:
    """The whole traffic of a study, but for use cases that are ignored, at the costs stored with its calls."""
    with store.read() as session:
        traffic = TrafficRow.__table__.c
        return _sums(session, traffic, None, _of_study(traffic, study_id)).get(None, Sums())


def sum_logs(store: Store, log_ids: Sequence[int], given: Sequence[GivenCost] = ()) -> Sums:
    """The traffic of these logs, whether they are complete or not."""
    with store.read() as session:
        traffic = _rolled_up(session, log_ids, given)
        return _sums(session, traffic, None, [traffic.log_id.in_(log_ids)]).get(None, Sums())


def sum_by_use_case(store: Store, study_id: int, given: Sequence[GivenCost] = ()) -> dict[str, Sums]:
    """Name of a use case -> its traffic; those that are ignored are left out."""
    with store.read() as session:
        traffic = _rolled_up(session, finished_logs(study_id), given)
        found = _sums(session, traffic, UseCaseRow.name, _of_study(traffic, study_id))
    return {str(name): sums for name, sums in found.items()}


def sum_by_model(store: Store, log_ids: Sequence[int]) -> dict[str, Sums]:
    """Model -> its traffic in these logs, the most used first; calls without a model are left out."""
    with store.read() as session:
        traffic = TrafficRow.__table__.c
        where = [traffic.log_id.in_(log_ids), traffic.model.is_not(None)]
        found = _sums(session, traffic, traffic.model, where)
    return {str(name): sums for name, sums in sorted(found.items(), key=lambda item: -item[1].calls)}


def load_traffic(
    store: Store, study_id: int, given: Sequence[GivenCost] = (), *, with_ignored: bool = False
) -> "pd.DataFrame":
    """The traffic of a study by hour, one row for each hour, use case and model; ignored use cases only if asked for.

    Columns: hour (aware, or missing where the log has no times), use_case, model, the counts of COUNTS and of
    OF_ANSWERS, and the dollars answers_usd and cost_usd.
    """
    import numpy as np
    import pandas as pd

    with store.read() as session:
        traffic = _rolled_up(session, finished_logs(study_id), given)
        totals = _totals(traffic)
        query = (
            # The hour as the driver gives it: making thousands of aware datetimes takes longer than all the rest.
            select(literal_column("traffic.hour").label("hour"), UseCaseRow.name.label("use_case"), traffic.model)
            .add_columns(*totals.values())
            .join_from(traffic.group_id.table, GroupRow, GroupRow.id == traffic.group_id)
            .join(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
            .where(*_of_study(traffic, study_id, with_ignored=with_ignored))
            .group_by(traffic.hour, UseCaseRow.name, traffic.model)
        )
        cursor: Any = session.connection().execute(query).cursor
        rows = cursor.fetchall()
    hour, use_case, model, *counts = zip(*rows, strict=True) if rows else [()] * (3 + len(totals))
    columns = {name: np.array(values, dtype=float) for name, values in zip(totals, counts, strict=True)}
    hours = pd.to_datetime(np.array(hour, dtype="datetime64[us]"), utc=True)
    frame = pd.DataFrame({"hour": hours, "use_case": use_case, "model": model, **columns})
    return frame.astype(dict.fromkeys((*COUNTS, *OF_ANSWERS), int))


def _of_study(traffic: Any, study_id: int, *, with_ignored: bool = False) -> list[Any]:
    return [
        GroupRow.study_id == study_id,
        *(() if with_ignored else (UseCaseRow.ignored.is_(False),)),
        traffic.log_id.not_in(incomplete_logs(study_id)),
    ]


def _sums(session: Session, traffic: Any, by: Any, where: Sequence[Any]) -> dict[str | None, Sums]:
    query = (
        select(literal_column("NULL") if by is None else by)
        .add_columns(func.min(traffic.first_at).label("first_at"), func.max(traffic.last_at).label("last_at"))
        .add_columns(*(total.label(name) for name, total in _totals(traffic).items()))
        .join_from(traffic.group_id.table, GroupRow, GroupRow.id == traffic.group_id)
        .outerjoin(UseCaseRow, UseCaseRow.id == GroupRow.use_case_id)
        .where(*where)
    )
    if by is not None:
        query = query.group_by(by)
    return {row[0]: _read(row._mapping) for row in session.execute(query) if row.calls is not None}


def _totals(traffic: Any) -> dict[str, Any]:
    """By name, the sums of rows: what is counted, of all calls and of answers, and dollars."""
    answers = (traffic.priced, traffic.calls - traffic.priced, traffic.calls - traffic.with_usage, traffic.cost_usd)
    of_answers = zip((*OF_ANSWERS, "answers_usd"), answers, strict=True)
    return {
        **{name: func.sum(getattr(traffic, name)) for name in COUNTS},
        **{name: func.sum(case((traffic.failed == 0, some), else_=0)) for name, some in of_answers},
        "cost_usd": func.sum(traffic.cost_usd),
    }


def _read(row: Any) -> Sums:
    counts = {name: int(row[name]) for name in (*COUNTS, *OF_ANSWERS) if name in Sums.__dataclass_fields__}
    return Sums(
        **counts,
        usage=Usage.of(row),
        answers_usd=float(row["answers_usd"]),
        cost_usd=float(row["cost_usd"]) if row["priced"] else None,
        first_at=row["first_at"],
        last_at=row["last_at"],
    )
