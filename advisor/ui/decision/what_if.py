"""Reads for the page Scenarios: the evidence of a run once, and what-ifs on it."""

from advisor.decide.grounds import Grounds, grounds_of
from advisor.decide.limits import study_limits
from advisor.decide.scenarios import frontier, what_if
from advisor.plan.business_case import what_if_case
from advisor.plan.moving import CaseFacts
from advisor.store.engine import Change
from advisor.store.run.reviews import mark_reviews
from advisor.store.scenarios import list_scenarios
from advisor.types import Recommendation, Report, Run, Study
from advisor.types.business import BusinessCase
from advisor.types.scenarios import Assumptions, Crossing, Limits, Scenario
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.server import store


def limits_of(study: Study) -> Limits:
    """A study's own."""
    return study_limits(store(), study)


def settled(study_id: int) -> tuple[Limits, Scenario | None]:
    """What the decision goes by now: the study's limits, and the scenario that the report shows."""
    chosen = next((each for each in saved(study_id) if each.chosen), None)
    return limits_of(queries.study(study_id)), chosen


def saved(study_id: int) -> list[Scenario]:
    """The scenarios of a study in the order in which they were saved."""
    return list_scenarios(store(), study_id)


@cached(shared=True, most=256)
def decision(run: Run, limits: Limits, assumed: Assumptions) -> Recommendation:
    """What would be decided."""
    return what_if(_grounds(run), limits, assumed)


def crossings(run: Run, limits: Limits, assumed: Assumptions) -> tuple[Crossing, ...]:
    """What each acceptable drop would allow."""
    return tuple(each.at(assumed.traffic) for each in _frontier(run, limits, assumed.price))


@cached(shared=True)
def _frontier(run: Run, limits: Limits, price: float) -> tuple[Crossing, ...]:
    return frontier(_grounds(run), limits, price)


@cached(prices=True, shared=True, most=256)
def case(run: Run, report: Report, limits: Limits, assumed: Assumptions) -> BusinessCase:
    """The business case of what would be decided."""
    return what_if_case(report, _facts(run.study_id), decision(run, limits, assumed), assumed.one_off_usd)


@cached(prices=True, shared=True, most=2)
def _facts(study_id: int) -> CaseFacts:
    return queries.case_facts(study_id)


def _grounds(run: Run) -> Grounds:
    return _read(run, mark_reviews(store(), [run.id]))


@cached(Change.ANSWERS, shared=True, most=2, spinner="Reading the evidence ...")
def _read(run: Run, reviews: tuple[object, ...]) -> Grounds:  # saving a scenario or a decision changes nothing here
    return grounds_of(store(), queries.study(run.study_id), run)
