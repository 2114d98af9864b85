"""What the page Cost reads beyond the stored decision: ways to stay for less, and GPUs of one's own."""

from datetime import UTC, datetime

import streamlit as st

from advisor.study.closed_models import Deadline, deadlines
from advisor.study.demand import Demand, Throughput, measure_demand, measured_throughput, starting_model
from advisor.study.hosting import HostingCase, make_case
from advisor.study.hosting_inputs import Choices
from advisor.study.profile import load_facts
from advisor.study.stay import Option, stay_options
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store


def stay(study_id: int) -> tuple[Option, ...]:
    """What staying for less would bring, measured on the log."""
    return _stay(study_id, (queries.log_revision(study_id), _today()))


def ends(study_id: int) -> tuple[Deadline, ...]:
    """When the models of the log and the hosts of the candidates are switched off."""
    registered = tuple((model.litellm_id, model.name, model.role) for model in queries.models(study_id))
    return _ends(study_id, (queries.log_revision(study_id), registered))


def demand(study_id: int) -> Demand:
    """What the log asks of a server."""
    return _demand(study_id, (queries.log_revision(study_id), _today()))


def throughput(study_id: int, model_id: str) -> Throughput | None:
    """As the newest load test of a model of the catalogue measured it; None: none did."""
    return measured_throughput(store(), queries.study(study_id), model_id)


def first_model(study_id: int) -> str | None:
    """The open model that the section of own GPUs begins with. Raises BadInput when the catalogue is damaged."""
    return starting_model(store(), queries.study(study_id))


def case(study_id: int, choices: Choices) -> HostingCase:
    """GPUs of one's own with these choices. Raises BadInput when the catalogue is damaged."""
    return _case(study_id, choices, (queries.log_revision(study_id), _today()))


def _today() -> object:
    """List prices change with the day."""
    return datetime.now(UTC).date()


@st.cache_data(max_entries=16, show_spinner="Comparing the prompts of the log ...")
def _stay(study_id: int, revision: Revision) -> tuple[Option, ...]:
    return stay_options(store(), queries.study(study_id))


@st.cache_data(max_entries=16, show_spinner=False)
def _ends(study_id: int, revision: Revision) -> tuple[Deadline, ...]:
    return deadlines(store(), queries.study(study_id))


@st.cache_data(max_entries=16, show_spinner=False)
def _demand(study_id: int, revision: Revision) -> Demand:
    study = queries.study(study_id)
    return measure_demand(load_facts(store(), study), study.traffic_share)


@st.cache_data(max_entries=64, show_spinner=False)
def _case(study_id: int, choices: Choices, revision: Revision) -> HostingCase:
    return make_case(demand(study_id), choices)
