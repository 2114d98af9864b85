"""Cost, first view: what saves more than the moves, and the way from today's bill to the one after them."""

from dataclasses import replace

import streamlit as st

from advisor.charts.bills import waterfall_figure
from advisor.decide.flags import retires_soon
from advisor.text.advice.ending import last_words
from advisor.text.bill import better_sentence, bill_sentence, bridge_note, today_sentence
from advisor.text.headline import unpaid
from advisor.text.progress import nothing_yet
from advisor.text.warnings import warning
from advisor.types import OptionKind, Report, Study, WarningCode
from advisor.types.money import Bridge, Way
from advisor.types.studies import Stage
from advisor.ui import address, progress, stage
from advisor.ui.components import verdicts
from advisor.ui.components.chart import show
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost import hosting, monthly, optimize, queries, sources, unit
from advisor.ui.page import PageEnds, empty_state, offer_test, require_report
from advisor.ui.queries import case
from advisor.ui.retirements import retirements, show_retirements


def decision_of(study: Study) -> Report | None:
    """The decision of a study; None with the next step if undecided. Stops without a log."""
    standing = stage.standing(study)
    if standing.report is not None or standing.stage is Stage.ANSWERED:
        return require_report(study)
    page, action = standing.next_step
    if standing.stage is Stage.NO_LOG:
        empty_state(nothing_yet(standing.stage), page=page, action=action)
        raise PageEnds
    if standing.run is not None and standing.stage is Stage.RUNNING:
        progress.watch_run(standing.run.id)
    return None


def show_bridge(study: Study, report: Report | None) -> None:
    """The alternative that beats the moves and the nearest shutdown, the bill in one sentence, and the waterfall."""
    bridge = queries.bridge(study.id, report)
    found = case(study.id, report) if report else None
    is_paid = report is None or found is None or not unpaid(report.recommendation, found)
    if retirements(study.id) or (bridge is not None and bridge.better is not None):
        with st.container(border=True, gap="xsmall", key="cost_flags"):
            if bridge is not None and bridge.better is not None:
                _show_better(study, bridge if is_paid else replace(bridge, saved=None), bridge.better)
            show_retirements(study)
    bill = queries.projection(study.id, None).total
    told = today_sentence(bill.today, bill.unknown)
    if report and found:
        told = bill_sentence(report.recommendation, found)
    verdicts.headline(told)
    for each in report.recommendation.remarks.warnings if report else ():
        if each.code == WarningCode.INPUT_TOKENS:
            st.warning(inline(warning(each)), icon=":material/toll:")
    if bridge is None:
        return
    show(waterfall_figure(bridge, last_words(found) if found else ""), key="cost_waterfall")
    st.caption(inline(bridge_note(bridge)))


def _show_better(study: Study, bridge: Bridge, better: Way) -> None:
    is_sibling = better.kind is OptionKind.SIBLING
    ends = retires_soon(bridge.sibling) if is_sibling and bridge.sibling else None
    with st.container(horizontal=True, vertical_alignment="center", key="cost_better"):
        st.markdown(f":blue[:material/lightbulb:] **{inline(better_sentence(bridge, better, ends))}**", width="content")
        if better.is_tested or not is_sibling:
            return
        if bridge.sibling is not None:
            offer_test(study, bridge.sibling, key="cost_test", type="primary")


def show_tabs(study: Study, report: Report | None) -> None:
    """The tabs below the first view, of which only the open one is made."""
    draw = {
        "Monthly bill": lambda: monthly.show(study, report),
        "Other savings": lambda: optimize.show(study),
        "Self-hosting": lambda: hosting.show(study, report),
        "Unit economics": lambda: unit.show(study, report),
        "Sources": lambda: sources.show(study, report),
    }
    for name, tab in zip(draw, address.tabs(list(draw)), strict=True):
        if tab.open:
            with tab:
                draw[name]()
