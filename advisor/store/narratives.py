"""The executive summary that a model wrote for a study."""

from datetime import datetime

from advisor.store.choice_tables import NarrativeRow
from advisor.store.engine import Store
from advisor.store.run.generations import storable
from advisor.types.dossier import Narrative


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
