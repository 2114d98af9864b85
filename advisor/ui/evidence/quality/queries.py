"""What the page Quality reads beyond the stored decision: losses with their texts, and confusion matrices."""

from collections.abc import Sequence

import streamlit as st

from advisor.decide.confusion import Confusion, confusion_of
from advisor.decide.failures import Regression
from advisor.judge.agreement import PairKey
from advisor.judge.pair_texts import SideBySide, load_texts
from advisor.store.runs import get_run
from advisor.store.studies import get_study
from advisor.types import Report
from advisor.ui import queries
from advisor.ui.evidence.review.queries import choices, scored, words
from advisor.ui.queries import Revision
from advisor.ui.server import store


def confusion(study_id: int, run_id: int, use_case: str, model: str) -> Confusion | None:
    """Which label a candidate gave for which right one; None where there are no right labels."""
    return _confusion(run_id, use_case, model, (queries.run_revision(run_id), queries.log_revision(study_id)))


@st.cache_data(max_entries=32, show_spinner="Counting labels ...")
def _confusion(run_id: int, use_case: str, model: str, revision: Revision) -> Confusion | None:
    return confusion_of(store(), get_run(store(), run_id), use_case, model)


def regressions(study_id: int, report: Report, use_case: str, model: str) -> tuple[Regression, ...] | None:
    """Where the candidate did worse than the baseline, the worst first; None: the decision is older than the use case.

    Raises AdvisorError.
    """
    decision = report.recommendation
    revision = (decision.created_at, scored(decision.run), choices(study_id), words(decision.run))
    return _regressions(study_id, decision.run, use_case, model, revision)


def texts(run_id: int, pairs: Sequence[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of a few pairs of a run."""
    return load_texts(store(), get_run(store(), run_id), pairs)


@st.cache_resource(max_entries=16, show_spinner="Looking for the answers that were worse ...")  # nobody changes them
def _regressions(
    study_id: int, run_id: int, use_case: str, model: str, revision: Revision
) -> tuple[Regression, ...] | None:
    from advisor.decide.losses import list_regressions

    return list_regressions(store(), get_study(store(), study_id), get_run(store(), run_id), use_case, model)
