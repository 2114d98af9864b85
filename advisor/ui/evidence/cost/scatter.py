"""Cost against quality in one use case: tested models, and untested ones to add."""

import streamlit as st

from advisor.charts.colours import candidates_of
from advisor.charts.cost import frontier_figure
from advisor.measure.registration import register_model
from advisor.text import numbers
from advisor.text.bill import COST_METHOD
from advisor.text.progress import no_savings_yet
from advisor.text.traffic import untested_words
from advisor.types import Report, Study, UseCaseDecision
from advisor.types.money import Untested
from advisor.ui import address, navigation, stage
from advisor.ui.components.chart import show as show_chart
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import queries
from advisor.ui.page import empty_state
from advisor.ui.queries import case_ids
from advisor.ui.server import store
from advisor.ui.state import USE_CASE

CHART, PICKED, ADDED = "cost_frontier", "cost_untested", "cost_added"


def show(study: Study, report: Report | None) -> None:
    """The section: use case, chart, and the untested model that was clicked; undecided, the next step."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Cost against quality")
        _method()
    if report is None:
        standing = stage.standing(study)
        page, action = standing.next_step
        empty_state(no_savings_yet(standing.stage), page=page, action=action)
        return
    ids = case_ids(study.id)
    decisions = {ids.get(each.name, each.name): each for each in report.recommendation.use_cases}
    left, right = st.columns(2)
    names = {case_id: each.name for case_id, each in decisions.items()}
    use_case = address.pick(USE_CASE, "Use case", names, widget=left.selectbox)
    decision = decisions[use_case]
    found = queries.untested(study.id, decision.name)
    figure = frontier_figure(decision, candidates_of(report.recommendation), found)
    known = {one.model.litellm_id: one for one in found}
    if st.session_state.get(PICKED) not in known:
        st.session_state[PICKED] = None
    picked = right.selectbox(
        "Untested model",
        list(known),
        index=None,
        format_func=lambda one: f"{known[one].name} · {_usd(decision, known[one])}",
        key=PICKED,
        placeholder="Choose a model, or click a hollow dot",
        disabled=not known,
    )
    show_chart(figure, key=CHART, on_select=_pick, selection_mode="points")
    address.link(navigation.QUALITY, f"See the quality of {inline(decision.name)}", icon="balance", use_case=use_case)
    _tell_added(study)
    if picked:
        _offer(study, decision, known[picked])


def _method() -> None:
    """How the figures of the page come about, in short."""
    with st.popover("Method", icon=":material/info:", key="cost_method"):
        st.markdown(COST_METHOD)


def _pick() -> None:
    """A click on a dot: the tested ones carry no id."""
    points = st.session_state[CHART]["selection"]["points"]
    data = points[0].get("customdata") if points else None
    if data:
        st.session_state[PICKED] = data[0]


def _usd(decision: UseCaseDecision, one: Untested) -> str:
    if decision.monthly_calls is None:
        return f"{numbers.money_range(one.usd_per_call.times(1000))} per 1,000 calls"
    return f"{numbers.money_range(one.usd_per_call.times(decision.monthly_calls))} a month"


def _offer(study: Study, decision: UseCaseDecision, one: Untested) -> None:
    with st.container(border=True, key="cost_untested_drawer"):
        st.markdown(f"**{inline(one.name)}** · {inline(_usd(decision, one))} for {inline(decision.name)}")
        st.caption(inline(untested_words(one.model.licence)))
        with st.container(horizontal=True):
            if st.button("Add as candidate", key="cost_add", type="primary", icon=":material/add:"):
                _add(study, one)
            st.page_link(navigation.CATALOG, label="See it in the catalog", icon=":material/library_books:")


@say_errors()
def _add(study: Study, one: Untested) -> None:
    added = register_model(store(), study, one.model)
    st.session_state[ADDED] = added
    st.rerun()


def _tell_added(study: Study) -> None:
    added = st.session_state.pop(ADDED, None)
    if added:
        st.success(f"Added {inline(added.name)}.", icon=":material/check_circle:")
        page, label = stage.test_of(study, added)
        st.page_link(page, label=label, icon=":material/play_circle:")
