"""What the page Cost reads beyond the stored decision: ways to stay for less, and GPUs of one's own."""

from datetime import UTC, datetime
from typing import NamedTuple

from advisor.money import alternatives
from advisor.money.closed_models import control_of, offered_control
from advisor.money.demand import Demand, measure_demand
from advisor.money.hosting import HostingCase, make_case
from advisor.money.hosting_inputs import Choices
from advisor.money.logged_calls import read_calls
from advisor.money.optimize import Option, stay_options
from advisor.money.projection import Projection, Reconciliation, project, reconcile
from advisor.money.spend import Spend, measure_spend
from advisor.store.engine import Change
from advisor.types import Message, Model, Report
from advisor.types.money import Bridge, Untested
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.log.traffic import facts, profile
from advisor.ui.server import store


@cached(Change.SETUP, most=16)
def projection(study_id: int, report: Report | None) -> Projection:
    """The month ahead, projected from the log; without a decision only what is paid today."""
    study = queries.study(study_id)
    decision = report.recommendation if report else None
    return project(store(), study, decision, decision.confidence if decision else study.confidence)


def reconciliation(study_id: int) -> Reconciliation | None:
    """The log's own cost field beside the list prices of its tokens; None: it has none."""
    return _of_log(study_id).reconciliation


def spend(study_id: int, report: Report) -> Spend | None:
    """What the run of a decision cost, by reason and beside the baseline; None: the run was deleted."""
    decision = report.recommendation
    if all(run.id != decision.run.id for run in queries.runs(study_id)):
        return None
    return _spend(study_id, decision.run.id, decision.confidence)


def stay(study_id: int) -> tuple[Option, ...]:
    """What staying for less would bring, measured on the log."""
    return _of_log(study_id).options


@cached(Change.SETUP, prices=True, most=16)
def control(study_id: int) -> Model | None:
    """The cheaper closed model of the provider in use; None: there is none, or it is registered."""
    return offered_control(store(), queries.study(study_id), queries.models(study_id))


@cached(Change.SETUP, prices=True, most=16)
def bridge(study_id: int, report: Report | None) -> Bridge | None:
    """From today's bill to the one after the moves; None where today's bill is not known."""
    savings = profile(study_id, None, None).savings
    return alternatives.bridge(
        projection(study_id, None).total.today,
        None if isinstance(savings, Message) else savings.monthly,
        stay(study_id),
        control_of(store(), queries.study(study_id)),
        report,
    )


@cached(Change.SETUP, prices=True, most=64)
def untested(study_id: int, use_case: str) -> tuple[Untested, ...]:
    """What models that aren't registered would take for a call of a use case, the cheapest first."""
    study, traffic = queries.study(study_id), facts(study_id).traffic
    mine = traffic[traffic["use_case"] == use_case]
    sibling = control_of(store(), study)
    return alternatives.untested(mine, queries.models(study_id), sibling, datetime.now(UTC))


@cached(Change.SETUP, prices=True, most=16)
def demand(study_id: int) -> Demand:
    """What the log asks of a server."""
    return measure_demand(facts(study_id), queries.study(study_id).traffic_share)


@cached(Change.SETUP, prices=True)
def case(study_id: int, choices: Choices) -> HostingCase:
    """GPUs of one's own with these choices. Raises BadInput when the catalogue is damaged."""
    return make_case(demand(study_id), choices)


class _OfLog(NamedTuple):
    """What needs every call of the log, which is read once for both and not kept."""

    options: tuple[Option, ...]
    reconciliation: Reconciliation | None


@cached(Change.SETUP, prices=True, most=16, spinner="Comparing the prompts of the log ...")
def _of_log(study_id: int) -> _OfLog:
    study = queries.study(study_id)
    log = read_calls(store(), study, facts(study_id).calls)
    return _OfLog(stay_options(store(), study, log), reconcile(log.calls))


@cached(Change.ANSWERS, most=16, spinner="Adding up what the replay cost ...")
def _spend(study_id: int, run_id: int, confidence: float) -> Spend:
    return measure_spend(store(), queries.study(study_id), run_id, confidence)
