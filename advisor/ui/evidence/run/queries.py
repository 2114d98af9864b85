"""What planning a run reads: how many samples it needs, and what it would cost."""

import streamlit as st

from advisor.measure.models import why_not_asked
from advisor.measure.planning import (
    Need,
    Sizes,
    asked_in_full,
    plan_needs,
    plan_sizes,
    too_few_samples,
    was_asked_in_full,
)
from advisor.measure.quoting import Quote, quote_run
from advisor.store.studies import get_study
from advisor.types import Lane, Message, Run, RunOptions
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store


def needs(study_id: int, setup: RunOptions, quote: Quote) -> list[Need]:
    """How many samples each use case of a run would need, and what they are worth. Raises AdvisorError."""
    return plan_needs(store(), get_study(store(), study_id), setup, quote)


def lacking(study_id: int, setup: RunOptions) -> Message | None:
    """Which use cases a run would not decide; None where it asks enough. Raises AdvisorError."""
    return too_few_samples(store(), get_study(store(), study_id), setup)


def sizes(study_id: int, baseline: Lane | None) -> Sizes:
    """How many samples a run should ask. Raises AdvisorError."""
    return plan_sizes(store(), get_study(store(), study_id), RunOptions(baseline=baseline))


def quote(study_id: int, setup: RunOptions) -> Quote:
    """What a run would cost. Raises BadInput when it cannot be planned."""
    made = [(run.id, run.status, run.finished_at) for run in queries.runs(study_id)]
    models = [(repr(model), why_not_asked(model)) for model in queries.models(study_id)]
    revision = (queries.log_revision(study_id), queries.choices(study_id), repr(models), repr(made))
    return _quote(study_id, setup, revision)


def asked_in_full_by(study_id: int, setup: RunOptions) -> Message | None:
    """Which use cases of a planned run cannot stop early; None where all can. Raises BadInput."""
    planned = repr(queries.models(study_id)), queries.choices(study_id)
    return _asked_in_full(study_id, setup, (queries.log_revision(study_id), planned))


def asked_in_full_in(run: Run) -> Message | None:
    """The same of a run that there is."""
    return _was_asked_in_full(run.id, (queries.log_revision(run.study_id), repr(queries.models(run.study_id))))


@st.cache_data(max_entries=64, show_spinner="Counting the calls ...")
def _quote(study_id: int, setup: RunOptions, revision: Revision) -> Quote:
    return quote_run(store(), queries.study(study_id), setup)


@st.cache_data(max_entries=64, show_spinner=False)
def _asked_in_full(study_id: int, setup: RunOptions, revision: Revision) -> Message | None:
    return asked_in_full(store(), queries.study(study_id), setup)


@st.cache_data(max_entries=64, show_spinner=False)
def _was_asked_in_full(run_id: int, revision: Revision) -> Message | None:
    return was_asked_in_full(store(), queries.run(run_id))
