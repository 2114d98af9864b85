"""What was entered for the business case of a study."""

from advisor.store.choice_tables import CaseInputsRow
from advisor.store.engine import Store
from advisor.types.scenarios import CaseInput, CaseInputs


def read_case_inputs(store: Store, study_id: int) -> CaseInputs:
    """What was entered so far."""
    with store.read() as session:
        row = session.get(CaseInputsRow, study_id)
        if row is None:
            return CaseInputs()
        return CaseInputs(entered={CaseInput(name): value for name, value in row.entered.items()}, unit=row.unit)


def save_case_inputs(store: Store, study_id: int, inputs: CaseInputs) -> None:
    """Keep what was entered in place of all earlier."""
    with store.write(study_id) as session:
        session.merge(CaseInputsRow(study_id=study_id, entered=dict(inputs.entered), unit=inputs.unit))
