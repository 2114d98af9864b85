"""Business case: the numbers, the options side by side, what they hang on, and the inputs."""

from dataclasses import replace

import streamlit as st

from advisor.charts.business import net_figure, swings_figure
from advisor.plan.business_case import case_of
from advisor.store.scenarios import read_case_inputs, save_case_inputs
from advisor.text.advice.ending import retirement_note
from advisor.text.business_case import case as words
from advisor.text.business_case import months, options, outcomes
from advisor.text.numbers import dollars
from advisor.types import Report, Study
from advisor.types.business import BusinessCase
from advisor.types.scenarios import BEFORE, CHANGES, MOST, CaseInput
from advisor.ui import address, queries
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost.queries import bridge
from advisor.ui.server import store

GROUPS = {
    "Engineer days per use case": (CaseInput.DAY_USD, *CHANGES, CaseInput.SUCCESSOR_DAYS),
    "Paid once": (
        *BEFORE,
        CaseInput.LABEL_SECONDS,
        CaseInput.EVALUATION_USD,
        CaseInput.TRAINING_USD,
        CaseInput.FALLBACK_DAYS,
        CaseInput.FALLBACK_SHARE,
    ),
    "Savings": (
        CaseInput.HAIRCUT,
        CaseInput.GROWTH,
        CaseInput.PRICE_CHANGE,
        CaseInput.SUCCESSOR_BILL,
        CaseInput.CALLS_A_UNIT,
    ),
}


def show_case(study: Study, report: Report) -> BusinessCase:
    """The case in a sentence and its main numbers."""
    case = priced_case(study.id, report)
    verdicts.headline(words.case_sentence(case, outcomes.plan_words(case, outcomes.planned_models(report))))
    verdicts.figures(words.case_figures(case))
    notes = [
        months.unit_words(case),
        retirement_note(case),
        f"With the scenario {report.scenario.name}." if report.scenario else "",
    ]
    if any(notes):
        st.caption(inline(" ".join(filter(None, notes))))
    return case


def show_outcomes(report: Report, case: BusinessCase) -> None:
    """What each result of the tests that come first comes to."""
    models = outcomes.planned_models(report)
    if rows := outcomes.outcome_rows(case, models):
        st.header(outcomes.TITLE)
        show_table(rows, key="outcomes", alt="Savings, cost and payback by test result.")
        st.caption(inline(outcomes.outcomes_note(case, models)))


def show_options(case: BusinessCase) -> None:
    """Everything that could be done, one row each."""
    rows = [
        {
            "Option": options.option_name(option),
            "Bill a month": options.bill_words(case, option),
            "Quality": options.option_quality(option),
        }
        for option in case.options
    ]
    show_table(rows, key="options", alt="Options with their bill a month and what is known of their quality.")


def show_details(study: Study, report: Report, case: BusinessCase) -> None:
    """Months, sensitivity, one-off cost and inputs behind tabs."""
    tabs = address.tabs(["By month", "Sensitivity", "One-off cost", "Inputs"])
    if tabs[0].open:
        with tabs[0]:
            show(net_figure(case), key="net", is_titled=False)
    if tabs[1].open:
        with tabs[1]:
            show(swings_figure(case, outcomes.plan_words(case, outcomes.planned_models(report))), key="swings")
    if tabs[2].open:
        with tabs[2]:
            _show_one_off(case)
    if tabs[3].open:
        with tabs[3]:
            _ask_inputs(study, case)


def _show_one_off(case: BusinessCase) -> None:
    rows = [{"Paid once": words.item_name(case, item), "Cost": dollars(usd)} for item, usd in case.one_off.items()]
    show_table(
        [*rows, {"Paid once": "Total", "Cost": dollars(case.one_off_usd)}], key="one_off", alt="What is paid once."
    )
    if effort := words.effort_words(case):
        st.caption(inline(effort))


def _ask_inputs(study: Study, case: BusinessCase) -> None:
    """One field each, with its source; what is changed is saved at once."""
    st.text_input(
        "Unit of work",
        case.inputs.unit,
        key=f"case_unit_{study.id}",
        max_chars=40,
        placeholder="call",
        help="What your team counts, such as ticket or document.",
        on_change=_save_unit,
        args=(study.id,),
        width=290,
    )
    for title, keys in GROUPS.items():
        st.subheader(title)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            for key in keys:
                _ask(study.id, case, key)
    st.button("Reset all", key="reset_case", icon=":material/restart_alt:", on_click=_reset, args=(study.id,))


def _ask(study_id: int, case: BusinessCase, key: CaseInput) -> None:
    scale = 100 if key in words.PERCENTAGES else 1
    shown = round(case.inputs[key] * scale, 4)
    with st.container(width=210, gap="xxsmall"):
        st.number_input(
            words.LABELS[key],
            min_value=-100.0 if key in (CaseInput.GROWTH, CaseInput.PRICE_CHANGE) else 0.0,
            max_value=MOST[key] * scale if key in MOST else None,
            value=shown,
            format="%g",
            key=f"case_{key}_{study_id}",
            help=words.HELP.get(key),
            on_change=_save,
            args=(study_id, key, shown),
        )
        st.caption(words.SOURCES[case.inputs.source(key)])


def _save(study_id: int, key: CaseInput, shown: float) -> None:
    entered = st.session_state[f"case_{key}_{study_id}"]
    if entered == shown:  # Streamlit also calls for a field that has just left the page
        return
    kept, value = read_case_inputs(store(), study_id), entered / (100 if key in words.PERCENTAGES else 1)
    save_case_inputs(store(), study_id, replace(kept, entered={**kept.entered, key: value}))


def _save_unit(study_id: int) -> None:
    unit = st.session_state[f"case_unit_{study_id}"].strip()
    save_case_inputs(store(), study_id, replace(read_case_inputs(store(), study_id), unit=unit))


def _reset(study_id: int) -> None:
    for key in CaseInput:
        st.session_state.pop(f"case_{key}_{study_id}", None)
    save_case_inputs(store(), study_id, replace(read_case_inputs(store(), study_id), entered={}))


@cached(prices=True, most=16)
def priced_case(study_id: int, report: Report) -> BusinessCase:
    return case_of(store(), queries.study(study_id), report, bridge(study_id, report), queries.case_facts(study_id))
