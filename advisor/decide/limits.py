"""What a product manager sets before a decision: how much worse is acceptable, how sure it must be, how slow."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.engine import Change, Transaction
from advisor.store.log.edits import recording
from advisor.store.log.use_cases import get_row, list_use_cases, set_fields
from advisor.store.scenarios import list_scenarios
from advisor.store.studies import change_study, get_study, set_study
from advisor.text.imports import use_case_change
from advisor.types import Run, Study
from advisor.types.scenarios import Limits, Scenario


def check_limits(margin: float | None, confidence: float | None) -> None:
    """Raises BadInput unless the margin is in (0, 1) and the confidence in [0.5, 1); None is always right."""
    if margin is not None and not 0 < margin < 1:
        raise BadInput(
            f"A margin of {margin:g} isn't possible. Use a fraction between 0 and 1, such as 0.05 for 5 points."
        )
    if confidence is not None and not 0.5 <= confidence < 1:
        raise BadInput(
            f"A confidence of {confidence:g} isn't possible. Use a fraction from 0.5 to below 1, such as 0.95 for 95%."
        )


@contextmanager
def setting_limits(store: Store, limited: Study, margins: Mapping[str, float | None]) -> Iterator[Transaction]:
    """Keep the limits of ``limited`` and, by name, the margins of its use cases: the transaction in which that is done.

    Margins and the confidence are fractions. A margin of None takes the next wider one: the study's for a use case,
    the endpoint's default for the study. A time of None sets no limit. Nothing is kept when anything is wrong.

    Raises BadInput for a number that makes no sense and for a use case that is not there.
    """
    check_limits(limited.margin, limited.confidence)
    for own in margins.values():
        check_limits(own, None)
    for name, seconds in (("p95 latency", limited.max_latency_p95_s), ("time to first token", limited.max_ttft_p95_s)):
        if seconds is not None and not 0 < seconds < float("inf"):
            raise BadInput(f"The limit for {name} must be more than 0 seconds. Leave it empty for no limit.")
    use_cases = {use_case.name: use_case for use_case in list_use_cases(store, limited.id)}
    unknown = [name for name in margins if name not in use_cases]
    if unknown:
        raise BadInput(f"Use case {unknown[0]!r} no longer exists. Reload the page.")
    limits = ("margin", "confidence", "max_latency_p95_s", "max_ttft_p95_s")
    with store.write(limited.id, Change.SETUP) as session:
        for name, value in margins.items():  # before the study, as other changes of a use case: none waits in a circle
            case, values = use_cases[name], {"margin": value}
            if case.margin != value:
                with recording(session, use_case_change(name, values), [case.id]):
                    set_fields(session, get_row(session, case.id), values)
        set_study(session, limited.id, **{name: getattr(limited, name) for name in limits})
        yield session


def planned_limits(run: Run) -> Limits | None:
    """Those that were set before the run; None where they were not kept."""
    frozen = run.plan.frozen
    if frozen is None:
        return None
    return Limits(
        margin=frozen.margin,
        confidence=frozen.confidence,
        max_latency_p95_s=frozen.max_latency_p95_s,
        max_ttft_p95_s=frozen.max_ttft_p95_s,
        use_cases={case.id: case.margin for case in frozen.use_cases if case.margin is not None},
    )


def as_frozen(study: Study, run: Run) -> Study:
    """With the limits that the run was planned with: one that is moved between two looks is none."""
    planned = planned_limits(run)
    return study if planned is None else planned.set_for(study)


def study_limits(store: Store, study: Study) -> Limits:
    """A study's own, with those of its use cases."""
    margins = {case.id: case.margin for case in list_use_cases(store, study.id) if case.margin is not None}
    return Limits.of(study, margins)


def chosen_scenario(store: Store, study: Study) -> Scenario | None:
    """The scenario in use; None too where a limit was changed since."""
    limits, there = study_limits(store, study), {case.id for case in list_use_cases(store, study.id)}

    def still(kept: Limits) -> Limits:
        return replace(kept, use_cases={case: margin for case, margin in kept.use_cases.items() if case in there})

    scenarios = list_scenarios(store, study.id)
    return next((each for each in scenarios if each.chosen and still(each.limits) == limits), None)


def at_chosen_prices(store: Store, study: Study, evidence: Iterable[UseCaseEvidence]) -> list[UseCaseEvidence]:
    """The evidence with the candidates' prices of the scenario in use."""
    scenario = chosen_scenario(store, study)
    return [replace(item, price=scenario.assumed.price if scenario else 1.0) for item in evidence]


def set_traffic_share(store: Store, study: Study, share: float) -> Study:
    """Keep which fraction of the real traffic the log holds; returns the study as it is now.

    Raises BadInput unless it is above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise BadInput("The traffic share must be above 0 and at most 1, such as 0.1 for 10%.")
    change_study(store, study.id, traffic_share=share)
    return get_study(store, study.id)
