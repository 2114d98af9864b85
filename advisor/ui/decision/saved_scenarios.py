"""Scenarios of a study: start from one, save, compare in columns, use in the report, delete, undo."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from advisor.decide.limits import planned_limits
from advisor.decide.scenarios import (
    BALANCED,
    CONSERVATIVE,
    undo,
    use_scenario,
    with_level,
)
from advisor.errors import AdvisorError
from advisor.store import Store
from advisor.store.scenarios import LONGEST, delete_scenario, find_before, save_scenario
from advisor.text import numbers
from advisor.text.advice.ending import last_words, saved_in_all
from advisor.text.bill import is_advised
from advisor.text.business_case.case import NET
from advisor.text.names import outcome, outcome_words
from advisor.text.scenarios import assumption_words, changed_words, limit_words, usual_drop
from advisor.types import Report, Run, Study
from advisor.types.scenarios import Assumptions, Scenario
from advisor.ui import address, page, queries, state
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.decision import sliders, what_if
from advisor.ui.retirements import leave_days
from advisor.ui.server import store
from advisor.ui.state import SCENARIO

CURRENT = "Study's limits"
PLANNED = "Planned before the run"
NOW = "Sliders now"
RESERVED = (CURRENT, PLANNED, NOW, "Conservative", "Balanced")
"""Names that nobody can save a scenario under."""
NAME = "scenario_name"
MOST_LISTED = 9
"""Use cases that are named one by one."""
LONGEST_NAME = 40
"""Letters of the name of one."""


def known_scenarios(study: Study, run: Run) -> dict[str, Scenario]:
    """By name: the study's limits, those before the run, two usual ones, and what was saved."""
    kept = what_if.limits_of(study)
    given = {
        CURRENT: kept,
        PLANNED: planned_limits(run),
        "Conservative": with_level(kept, CONSERVATIVE),
        "Balanced": with_level(kept, BALANCED),
    }
    usual = {name: Scenario(name=name, limits=limits) for name, limits in given.items() if limits is not None}
    return usual | {each.name: each for each in what_if.saved(study.id)} | {CURRENT: usual[CURRENT]}


def start(study: Study, known: dict[str, Scenario]) -> Scenario:
    """Ask for a scenario to start from; set the sliders where it or the study is another one than before."""
    begin = known[address.pick(SCENARIO, "Start from", {name: name for name in known})]
    if state.recall(state.SCENARIOS_OF) != (study.id, begin.name) or not sliders.is_set():
        state.remember(state.SCENARIOS_OF, (study.id, begin.name))
        sliders.load(begin.limits, begin.assumed, sliders.open_cases(study))
    return begin


def act(study: Study) -> None:
    """Save what the sliders say, use it in the report, undo."""

    def keep(*, use: bool) -> None:
        limits, assumed = sliders.chosen(study)  # a button can be pressed while the page is drawn for other values
        scenario = Scenario(name=st.session_state[NAME].strip(), limits=limits, assumed=assumed)
        if scenario.name in RESERVED:
            page.tell(f"{scenario.name} is the name of a built-in scenario. Choose another name.", failed=True)
            return
        if _done(use_scenario if use else _save, study, scenario):
            address.say({SCENARIO: scenario.name})

    @say_errors(st.toast)
    def take_back() -> None:
        undo(store(), study)
        _reset(queries.study(study.id))

    with st.container(horizontal=True):
        with st.popover("Save", icon=":material/save:"):
            st.text_input("Name", key=NAME, max_chars=LONGEST, placeholder="Cautious")
            st.button("Save scenario", key="save", on_click=partial(keep, use=False))
            st.button("Save and use in report", key="save_use", type="primary", on_click=partial(keep, use=True))
        st.button("Reset", icon=":material/restart_alt:", key="reset", on_click=_reset, args=(study,))
        if find_before(store(), study.id) is not None:
            note = "Take back the last change of a scenario, and of the study's limits by it."
            st.button("Undo", icon=":material/undo:", key="undo", on_click=take_back, help=note)


def compare(study: Study, report: Report, known: Mapping[str, Scenario], now: Scenario) -> None:
    """All scenarios next to each other, the sliders first."""
    run = queries.run(report.recommendation.run.id)
    with st.container(key="scenarios"):
        for place, scenario in enumerate((now, *(each for name, each in known.items() if name != CURRENT))):
            with st.container(border=True, gap="xsmall", key=f"card_{place}"):
                _show(scenario, report, run)
                if scenario is not now:
                    _offer(study, scenario)


def _show(scenario: Scenario, report: Report, run: Run) -> None:
    decided = what_if.decision(run, scenario.limits, scenario.assumed)
    monthly = decided.bill.monthly
    moved = sum(each.chosen is not None for each in decided.use_cases)
    st.markdown(f"**{inline(scenario.name)}**{' :blue-badge[In the report]' if scenario.chosen else ''}")
    case = what_if.case(run, report, scenario.limits, scenario.assumed)
    pays = is_advised(decided, case)
    saved = numbers.money_range(monthly.savings_usd if monthly else None)
    a_month = (
        f"Saved a month{last_words(case)}, {moved} of {len(decided.use_cases)} {'' if pays else 'can '}move",
        saved,
    )
    label, usd = saved_in_all(case) or a_month
    st.metric(label, inline(usd))
    if len(decided.use_cases) <= MOST_LISTED:
        days = leave_days(run.study_id, decided.use_cases)
        for each in decided.use_cases:
            verdict = verdicts.tag(each, outcome_words(each, pays=pays, until=days[each.name]))
            st.markdown(f"{verdict} {inline(numbers.shorten(each.name, LONGEST_NAME))}")
    else:
        for same, n in Counter(map(outcome, decided.use_cases)).most_common():
            first = next(each for each in decided.use_cases if outcome(each) is same)
            st.markdown(f"{verdicts.tag(first)} {numbers.count(n, 'use case')}")
    usual = usual_drop(each.endpoint for each in decided.use_cases)
    said = limit_words(scenario.limits, usual) | assumption_words(scenario.assumed)
    said |= {NET.format(12): numbers.dollars(case.net(12).point)}
    st.caption("  \n".join(f"{label}: {inline(value)}" for label, value in said.items()))
    if changed := changed_words(scenario.limits, planned_limits(run), usual):
        st.caption(f":material/history: {inline(changed)}")


def _offer(study: Study, scenario: Scenario) -> None:
    """To use it in the report, or to delete it."""
    with st.container(horizontal=True):
        if not scenario.chosen:
            key = f"use_{scenario.name}"
            st.button("Use in report", key=key, on_click=_use, args=(study, scenario))
        if scenario.name in {each.name for each in what_if.saved(study.id)}:
            key, note = f"delete_{scenario.name}", inline(scenario.name)
            st.button("Delete", type="tertiary", key=key, on_click=_delete, args=(study, scenario), help=note)


def _use(study: Study, scenario: Scenario) -> None:
    if _done(use_scenario, study, scenario):
        sliders.load(scenario.limits, scenario.assumed, sliders.open_cases(study))
        address.say({SCENARIO: scenario.name})


def _reset(study: Study) -> None:
    """The study's own limits again."""
    sliders.load(what_if.limits_of(study), Assumptions(), sliders.open_cases(study))
    address.say({SCENARIO: ""})


def _done(change: Callable[[Store, Study, Scenario], None], study: Study, scenario: Scenario) -> bool:
    try:
        change(store(), study, scenario)
    except AdvisorError as error:
        page.tell(str(error), failed=True)
        return False
    return True


def _save(opened: Store, study: Study, scenario: Scenario) -> None:
    save_scenario(opened, study.id, scenario)


@say_errors(st.toast)
def _delete(study: Study, scenario: Scenario) -> None:
    delete_scenario(store(), study.id, scenario.name)
    if st.query_params.get(SCENARIO) == scenario.name:
        _reset(study)
