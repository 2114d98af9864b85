"""Decisions with all that is shown of them, what they were made by, and the summary that a model wrote.

Page and PDF show one stored Report. No page reads all answers again to ask what if.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from advisor.store.choice_tables import GroundsRow, NarrativeRow, RecommendationRow
from advisor.store.columns import adapter, typed
from advisor.store.engine import Store
from advisor.store.run.generations import storable
from advisor.types import Json, Report, Run
from advisor.types.dossier import Narrative


def save_report(store: Store, study_id: int, run_id: int, report: Report) -> None:
    """Keep a decision with all that is shown of it."""
    with store.write(study_id) as session:
        values = {"study_id": study_id, "run_id": run_id, "report": report_to_json(report)}
        session.execute(insert(RecommendationRow).values(created_at=datetime.now(UTC), **values))


def latest_report(store: Store, study_id: int) -> Report | None:
    """The newest decision of a study; None where there is none, or only one of another version's shape."""
    query = select(RecommendationRow.report).where(RecommendationRow.study_id == study_id)
    stored = store.scalar(query.order_by(RecommendationRow.id.desc()).limit(1))
    return None if stored is None else report_from_json(stored)


def report_to_json(report: Report) -> Json:
    """Plain dicts, lists, strings and numbers."""
    return adapter(Report).dump_python(report, mode="json")


def report_from_json(value: Json) -> Report | None:
    """The Report that :func:`report_to_json` was given; None when it is of another version's shape."""
    from pydantic import ValidationError

    try:
        report: Report = typed(Report, value)
    except ValidationError:
        return None
    return report


def read_narrative(store: Store, study_id: int, decided_at: datetime) -> Narrative | None:
    """What was written about the decision of that time."""
    with store.read() as session:
        row = session.get(NarrativeRow, study_id)
        if row is None or row.decided_at != decided_at:
            return None
        return Narrative(model=row.model, text=row.text, cost_usd=row.cost_usd)


def save_narrative(store: Store, study_id: int, decided_at: datetime, narrative: Narrative) -> None:
    """Keep it in place of an earlier one."""
    with store.write(study_id) as session:
        session.merge(
            NarrativeRow(
                study_id=study_id,
                decided_at=decided_at,
                model=narrative.model,
                text=storable(narrative.text) or "",
                cost_usd=narrative.cost_usd,
            )
        )


def save_grounds(store: Store, run: Run, basis: str, facts: Json, pairs: bytes) -> None:
    """Keep those of the newest decision on a run in place of earlier ones."""
    new = {"basis": basis, "facts": facts, "pairs": pairs}
    save = insert(GroundsRow).values(run_id=run.id, **new)
    with store.write(run.study_id) as session:
        session.execute(save.on_conflict_do_update(index_elements=["run_id"], set_=new))


def load_grounds(store: Store, run_id: int, basis: str) -> tuple[Json, bytes] | None:
    """(facts, pairs) of the decision on a run with this basis; None where there are none."""
    query = select(GroundsRow.facts, GroundsRow.pairs).where(GroundsRow.run_id == run_id, GroundsRow.basis == basis)
    found = next(iter(store.rows(query)), None)
    return None if found is None else (found[0], found[1])
