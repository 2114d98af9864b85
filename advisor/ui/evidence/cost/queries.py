"""What the page Cost reads beyond the stored decision: ways to stay for less, and GPUs of one's own."""

from typing import NamedTuple

import streamlit as st

from advisor.money.cheaper_sibling import offered_control
from advisor.money.closed_models import Deadline, deadlines
from advisor.money.demand import Demand, Throughput, measure_demand, measured_throughput, starting_model
from advisor.money.hosting import HostingCase, make_case
from advisor.money.hosting_inputs import Choices
from advisor.money.logged_calls import read_calls
from advisor.money.optimize import Option, stay_options
from advisor.money.profile import Facts, load_facts
from advisor.money.projection import Projection, Reconciliation, project, reconcile
from advisor.money.spend import Spend, measure_spend
from advisor.types import Model, Report
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store
from advisor.ui.watch_queries import lists


def projection(study_id: int, report: Report | None) -> Projection:
    """The month ahead, projected from the log; without a decision only what is paid today."""
    decided = None if report is None else (report.recommendation.run, report.recommendation.created_at)
    return _projection(study_id, report, (queries.bill_revision(study_id), decided))


def reconciliation(study_id: int) -> Reconciliation | None:
    """The log's own cost field beside the list prices of its tokens; None: it has none."""
    return _of_log(study_id, queries.study(study_id).confidence, _log_and_lists(study_id)).reconciliation


def spend(study_id: int, report: Report) -> Spend | None:
    """What the run of a decision cost, by reason and beside the baseline; None: the run was deleted."""
    decision = report.recommendation
    if all(run.id != decision.run for run in queries.runs(study_id)):
        return None
    revision = (queries.run_revision(decision.run), queries.bill_revision(study_id))
    return _spend(study_id, decision.run, decision.confidence, revision)


def stay(study_id: int) -> tuple[Option, ...]:
    """What staying for less would bring, measured on the log."""
    return _of_log(study_id, queries.study(study_id).confidence, _log_and_lists(study_id)).options


def ends(study_id: int) -> tuple[Deadline, ...]:
    """When the models of the log and the hosts of the candidates are switched off."""
    registered = tuple((model.litellm_id, model.name, model.role) for model in queries.models(study_id))
    return _ends(study_id, (queries.log_revision(study_id), lists(), registered))


def control(study_id: int) -> Model | None:
    """The next cheaper closed model of the family in use; None: there is none, or it is registered."""
    return _control(study_id, _of_models(study_id))


def demand(study_id: int) -> Demand:
    """What the log asks of a server."""
    return _demand(study_id, _log_and_lists(study_id))


def throughput(study_id: int, model_id: str) -> Throughput | None:
    """As the newest load test of a model of the catalogue measured it; None: none did."""
    return measured_throughput(store(), queries.study(study_id), model_id)


def first_model(study_id: int) -> str | None:
    """The open model that the section of own GPUs begins with. Raises BadInput when the catalogue is damaged."""
    return starting_model(store(), queries.study(study_id))


def case(study_id: int, choices: Choices) -> HostingCase:
    """GPUs of one's own with these choices. Raises BadInput when the catalogue is damaged."""
    return _case(study_id, choices, _log_and_lists(study_id))


def _log_and_lists(study_id: int) -> Revision:
    return (queries.bill_revision(study_id), lists())


class _OfLog(NamedTuple):
    """What needs every call of the log, which is read once for both and not kept."""

    options: tuple[Option, ...]
    reconciliation: Reconciliation | None


@st.cache_data(max_entries=16, show_spinner="Comparing the prompts of the log ...")
def _of_log(study_id: int, confidence: float, revision: Revision) -> _OfLog:
    study = queries.study(study_id)
    log = read_calls(store(), study, _facts(study_id, revision).calls)
    return _OfLog(stay_options(store(), study, log), reconcile(log.calls))


@st.cache_data(max_entries=16, show_spinner=False)
def _projection(study_id: int, _report: Report | None, revision: Revision) -> Projection:
    study = queries.study(study_id)
    decision = _report.recommendation if _report else None
    return project(store(), study, decision, decision.confidence if decision else study.confidence)


@st.cache_data(max_entries=16, show_spinner="Adding up what the replay cost ...")
def _spend(study_id: int, run_id: int, confidence: float, revision: Revision) -> Spend:
    return measure_spend(store(), queries.study(study_id), run_id, confidence)


@st.cache_resource(max_entries=1, show_spinner=False)  # nobody changes them; a log may hold a million calls
def _facts(study_id: int, revision: Revision) -> Facts:
    return load_facts(store(), queries.study(study_id))


@st.cache_data(max_entries=16, show_spinner=False)
def _ends(study_id: int, revision: Revision) -> tuple[Deadline, ...]:
    return deadlines(store(), queries.study(study_id))


@st.cache_data(max_entries=16, show_spinner=False)
def _demand(study_id: int, revision: Revision) -> Demand:
    return measure_demand(_facts(study_id, revision), queries.study(study_id).traffic_share)


def _of_models(study_id: int) -> Revision:
    return (lists(), queries.log_revision(study_id), repr(queries.models(study_id)))


@st.cache_data(max_entries=16, show_spinner=False)
def _control(study_id: int, revision: Revision) -> Model | None:
    return offered_control(store(), queries.study(study_id), queries.models(study_id))


@st.cache_data(max_entries=64, show_spinner=False)
def _case(study_id: int, choices: Choices, revision: Revision) -> HostingCase:
    return make_case(demand(study_id), choices)
