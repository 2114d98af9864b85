"""What a decision was made by, kept next to it, so that no page reads all answers again to ask what if."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from advisor.store.choice_tables import GroundsRow
from advisor.store.engine import Store
from advisor.types import Json, Run


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
