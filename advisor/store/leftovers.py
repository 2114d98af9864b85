"""What an interrupted import left in a study, which nobody sees until the same import goes on or it is discarded."""

from sqlalchemy import func, select

from advisor.store.engine import Store
from advisor.store.log_tables import SampleRow
from advisor.store.studies import incomplete_logs
from advisor.store.tables import StudyRow


def count_left(store: Store, study_name: str) -> int | None:
    """Calls that an import which did not come to its end has stored; None without such an import."""
    with store.read() as session:
        study_id = session.scalar(select(StudyRow.id).where(StudyRow.name == study_name))
        log_ids = [] if study_id is None else list(session.scalars(incomplete_logs(study_id)))
        if not log_ids:
            return None
        return session.scalar(select(func.count()).select_from(SampleRow).where(SampleRow.log_id.in_(log_ids))) or 0
