"""What the page Quality reads beyond the stored decision: losses with their texts, and confusion matrices."""

from collections.abc import Sequence

from advisor.decide.confusion import Confusion, confusion_of
from advisor.decide.failures import Regression
from advisor.judge.agreement import PairKey
from advisor.judge.pairs import SideBySide, load_texts
from advisor.store.engine import Change
from advisor.store.run.runs import get_run
from advisor.store.studies import get_study
from advisor.types import Report
from advisor.ui.cache import cached
from advisor.ui.server import store


@cached(Change.ANSWERS, most=32, spinner="Counting labels ...")
def confusion(study_id: int, run_id: int, use_case: str, model: str) -> Confusion | None:
    """Which label a candidate gave for which right one; None where there are no right labels."""
    return confusion_of(store(), get_run(store(), run_id), use_case, model)


@cached(shared=True, most=16, spinner="Looking for the answers that were worse ...")  # nobody changes them
def regressions(study_id: int, report: Report, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """Where the candidate did worse than the baseline, the worst first; None: the decision is older than the use case.

    Raises AdvisorError.
    """
    from advisor.decide.losses import list_regressions

    run = get_run(store(), report.recommendation.run.id)
    return list_regressions(store(), get_study(store(), study_id), run, use_case, model)


def texts(run_id: int, pairs: Sequence[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of a few pairs of a run."""
    return load_texts(store(), get_run(store(), run_id), pairs)
