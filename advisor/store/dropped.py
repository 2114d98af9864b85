"""What was left out of a run's calls: parameters that a provider does not take, and calls that were not made again."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from advisor.store.engine import Store
from advisor.store.tables import GenerationRow, RunRow
from advisor.types import Lane, Run


def count_dropped(store: Store, run_id: int) -> list[tuple[int, str, int]]:
    """(model id, parameter, calls) of logged parameters that a model's provider does not take, most calls first."""
    query = (
        select(GenerationRow.model_id, GenerationRow.dropped_params, func.count())
        .where(GenerationRow.run_id == run_id, GenerationRow.dropped_params.is_not(None))
        .group_by(GenerationRow.model_id, GenerationRow.dropped_params)
    )
    counts: Counter[tuple[int, str]] = Counter()
    with store.read() as session:
        for model_id, names, calls in session.execute(query):
            for name in str(names).split(","):
                counts[model_id, name] += calls
    return sorted(((model_id, name, calls) for (model_id, name), calls in counts.items()), key=lambda row: -row[2])


def count_reused(store: Store, run: Run) -> list[tuple[int | None, int]]:
    """(run that asked, answers taken from it), judges' left out, in order of the runs.

    None: what was asked there was deleted since.
    """
    source = aliased(GenerationRow)
    asked_in = (
        select(func.max(source.run_id))
        .join(RunRow, RunRow.id == source.run_id)
        .where(
            source.call_digest == GenerationRow.call_digest,
            source.at == GenerationRow.at,  # an answer keeps the time at which it was asked for
            source.reused.is_not(True),
            RunRow.study_id == run.study_id,
        )
        .scalar_subquery()
    )
    reused = (
        GenerationRow.run_id == run.id,
        GenerationRow.reused.is_(True),
        GenerationRow.lane != Lane.JUDGE,
    )
    each = select(asked_in.label("asked_in")).where(*reused).subquery()
    with store.read() as session:
        rows = session.execute(select(each.c.asked_in, func.count()).group_by(each.c.asked_in)).all()
    return sorted(((asked, answers) for asked, answers in rows), key=lambda row: row[0] or 0)
