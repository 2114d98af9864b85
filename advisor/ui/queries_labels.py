"""What is read about the labels of a classification."""

import streamlit as st

from advisor.store.runs import get_run
from advisor.study.confusion import Confusion, confusion_of
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store


def confusion(study_id: int, run_id: int, use_case: str, model: str) -> Confusion | None:
    """Which label a candidate gave for which right one; None where there are no right labels."""
    return _confusion(run_id, use_case, model, (queries.run_revision(run_id), queries.log_revision(study_id)))


@st.cache_data(max_entries=32, show_spinner="Counting labels ...")
def _confusion(run_id: int, use_case: str, model: str, revision: Revision) -> Confusion | None:
    return confusion_of(store(), get_run(store(), run_id), use_case, model)
