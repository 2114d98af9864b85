"""Where a run stands in counts and dollars, without loading an answer."""

from sqlalchemy import case, func, select

from advisor.store.engine import Store
from advisor.store.generations import BESIDES, CallKey
from advisor.store.tables import GenerationRow, JudgementRow, RunRow
from advisor.types import FailureKind, Lane, Tally

LOST = [kind for kind in FailureKind if not kind.is_model_fault]


def spent_usd(store: Store, run_id: int) -> float:
    """What the stored calls of a run cost so far, in dollars; unpriced and reused ones count as nothing here."""
    query = select(func.coalesce(func.sum(GenerationRow.cost_usd), 0.0)).where(
        GenerationRow.run_id == run_id, GenerationRow.reused.is_not(True)
    )
    with store.read() as session:
        return float(session.execute(query).scalar_one() or 0.0)


def list_without_usage(store: Store, run_id: int) -> list[CallKey]:
    """The calls of a run that were made and answered without a word on usage, so that their cost is not known."""
    query = select(*(getattr(GenerationRow, name) for name in CallKey._fields)).where(
        GenerationRow.run_id == run_id,
        GenerationRow.failure.is_(None),
        GenerationRow.output_tokens.is_(None),
        GenerationRow.reused.is_not(True),
    )
    with store.read() as session:
        return [CallKey(sample, Lane(lane), *rest) for sample, lane, *rest in session.execute(query)]


def tally_run(store: Store, run_id: int) -> Tally:
    """Counts and spend of a run."""
    judge = GenerationRow.lane == Lane.JUDGE
    besides = GenerationRow.subject.startswith(BESIDES)
    failed = GenerationRow.failure.is_not(None)
    query = (
        select(
            judge.label("judge"),
            besides.label("besides"),
            func.sum(case((failed, 0), else_=1)),
            func.sum(case((failed, 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 0.0), else_=GenerationRow.cost_usd)),
            func.sum(case((failed, 0), (GenerationRow.cost_usd.is_(None), 1), else_=0)),
            func.sum(case((GenerationRow.failure.in_(LOST), 1), else_=0)),
            func.sum(case((GenerationRow.reused.is_(True), 1), else_=0)),
            func.min(case((GenerationRow.failure.is_(None), GenerationRow.at))),
        )
        .where(GenerationRow.run_id == run_id)
        .group_by(judge, besides)
    )
    with store.read() as session:
        planned, planned_judge, spared, models = session.execute(
            select(RunRow.planned, RunRow.planned_judge, RunRow.spared, RunRow.models).where(RunRow.id == run_id)
        ).one_or_none() or (0, 0, 0, [])
        own = JudgementRow.run_id == run_id, JudgementRow.judge_id.in_(models)
        words = session.scalar(select(func.count()).select_from(JudgementRow).where(*own)) if planned_judge else 0
        rows = {(bool(is_judge), bool(is_besides)): values for is_judge, is_besides, *values in session.execute(query)}
    done, bad, cost, unpriced, lost, reused, oldest_at = rows.get((False, False), [0, 0, 0.0, 0, 0, 0, None])
    judged, judge_bad, *_ = rows.get((True, False), [0, 0])
    costs = [values[2] for (is_judge, _), values in rows.items() if is_judge and values[2] is not None]
    return Tally(
        planned=planned,
        succeeded=int(done),
        failed=int(bad),
        cost_usd=cost,
        unpriced=int(unpriced),
        judge_succeeded=int(judged),
        judge_failed=int(judge_bad),
        judge_cost_usd=sum(costs) if costs else (None if any(is_judge for is_judge, _ in rows) else 0.0),
        planned_judge=int(planned_judge or 0),
        judged=int(words or 0),
        spared=int(spared or 0),
        lost=int(lost),
        reused=int(reused),
        oldest_at=oldest_at,
    )


def median_latency_s(store: Store, run_id: int) -> float | None:
    """The median latency of the baseline and candidate calls that a run made itself; None where nothing was timed."""
    timed = (
        GenerationRow.run_id == run_id,
        GenerationRow.lane != Lane.JUDGE,
        GenerationRow.failure.is_(None),
        GenerationRow.latency_s.is_not(None),
        GenerationRow.reused.is_not(True),
    )
    count = select(func.count() // 2).where(*timed).scalar_subquery()
    query = select(GenerationRow.latency_s).where(*timed).order_by(GenerationRow.latency_s).limit(1).offset(count)
    with store.read() as session:
        return session.scalar(query)


def count_failures(store: Store, run_id: int) -> list[tuple[int, Lane, FailureKind, str, int]]:
    """Why calls of a run failed: (model id, lane, kind, an example message, count), the most frequent first."""
    query = (
        select(
            GenerationRow.model_id,
            GenerationRow.lane,
            GenerationRow.failure,
            func.max(GenerationRow.error),
            func.count(),
        )
        .where(GenerationRow.run_id == run_id, GenerationRow.failure.is_not(None))
        .group_by(GenerationRow.model_id, GenerationRow.lane, GenerationRow.failure)
        .order_by(func.count().desc())
    )
    with store.read() as session:
        return [
            (model, Lane(lane), FailureKind(str(kind)), str(message), count)
            for model, lane, kind, message, count in session.execute(query)
        ]
