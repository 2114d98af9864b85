"""The decision card: what to do with the current study, what speaks against it, and the one next step."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from advisor.decide.flags import flags as find_flags
from advisor.money.estimate import Estimate, savings_message
from advisor.text import headline as lead
from advisor.text import numbers
from advisor.text.advice.ending import later_note, unpaid_note
from advisor.text.advice.flags import flag
from advisor.text.advice.judges import EXAM_NOTE
from advisor.text.advice.steps import step_for
from advisor.text.bill import is_advised
from advisor.text.names import outcome, outcome_words
from advisor.text.results import provisional_note
from advisor.text.traffic import spend_and_cut, spend_without_cut
from advisor.types import Message, Model, Report, Study, UseCaseDecision
from advisor.types.messages import FlagCode
from advisor.types.studies import Stage
from advisor.ui import address, navigation, page, progress, queries
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.evidence.quality import matrix
from advisor.ui.log import traffic
from advisor.ui.retirements import leave_days
from advisor.ui.server import store
from advisor.ui.stage import Standing, place_of, query_of, tested_by
from advisor.ui.state import USE_CASE
from advisor.ui.steps import Look, offer_step

IN_STRIP = 12
"""Cells that are shown without asking for more."""
NOTHING_YET = {
    Stage.NO_LOG: "What do your calls cost, and what would open models cost?",
    Stage.STOPPED: "The replay stopped before an answer came.",
}
FLAGS: dict[str, tuple[str, str, str | None, str]] = {
    FlagCode.CONSTANT: ("red", "repeat_one", navigation.CANDIDATES, "Check the model"),
    FlagCode.COPIED: ("red", "content_copy", navigation.QUALITY, "See the answers"),
    FlagCode.RETIRES: ("orange", "event_busy", navigation.PLAN, "See the plan"),
    FlagCode.PARTIAL: ("orange", "incomplete_circle", navigation.RUN, "Resume"),
    FlagCode.JUDGE_NOT_PROVEN: ("orange", "gavel", navigation.QUALITY, "See the exam"),
    FlagCode.JUDGE_CONTRADICTED: ("orange", "gavel", navigation.REVIEW, "See reviews"),
    FlagCode.STALE: ("orange", "history", None, "Run again"),
    FlagCode.UNTESTED: ("blue", "savings", None, ""),
    FlagCode.UNPROVEN: ("blue", "savings", navigation.QUALITY, "See the evidence"),
}
"""Color, icon, and the page that helps with its label; None: another run."""
BUTTONS: tuple[tuple[str, Look], ...] = (("next_step", "primary"), ("second_step", "secondary"))
"""Key and look of the buttons of what comes first."""
OF_USE_CASES = (FlagCode.JUDGE_NOT_PROVEN, FlagCode.JUDGE_CONTRADICTED, FlagCode.UNPROVEN)
"""What their use cases wait for helps, where the plan has such a step."""


def show_card(study: Study, standing: Standing) -> None:
    """The whole first screen of a study. Decides where the evidence is newer than the decision."""
    if standing.stage in (Stage.ANSWERED, Stage.OUTDATED):
        with say_errors():
            page.update(study)
            st.rerun()
    page.show_told()
    with st.container(border=True, key="decision_card"):
        if standing.stage is Stage.RUNNING and standing.run is not None:
            progress.watch_run(standing.run.id)
        if standing.report is not None:
            _decision(study, standing.report, standing.tested_first)
        elif standing.stage is not Stage.RUNNING:
            verdicts.headline(NOTHING_YET.get(standing.stage) or _could_save(study))
        show_flags(study, decided=standing.report is not None, offered=standing.steps)
        with st.container(horizontal=True, vertical_alignment="center"):
            if standing.report is not None and standing.steps:
                for step, (key, look) in zip(standing.steps, BUTTONS, strict=False):
                    offer_step(study, standing.report, step, key=key, look=look)
            elif st.button(standing.next_step[1], key="next_step", type="primary", icon=":material/arrow_forward:"):
                navigation.go_to(standing.next_step[0], standing.next_query)
            if standing.report is not None and (worst := matrix.worst_of(study, standing.report)) is not None:
                label, icon = "See the worst answers", ":material/compare:"
                st.page_link(navigation.QUALITY, label=label, icon=icon, query_params=worst)
            is_shipped = study.is_sample and standing.stage is Stage.DECIDED
            if is_shipped and st.button("Run it yourself", key="run_it_yourself", icon=":material/play_circle:"):
                page.plan_run(study)


def _decision(study: Study, report: Report, test: str) -> None:
    decision = report.recommendation
    found = queries.case(study.id, report)
    unpaid = lead.unpaid(decision, found)
    verdicts.headline(lead.card_title(decision, found, test))
    note = unpaid_note(found) if unpaid else lead.card_note(decision, found)
    waits = provisional_note(decision) if unpaid or not note else ""
    notes = [note, waits, "" if unpaid else later_note(found)]
    if any(notes):
        st.caption(inline(" ".join(filter(None, notes))))
    ids = queries.case_ids(study.id)
    cells = [(f"cell_{n}_{outcome(one)}", one, ids.get(one.name, one.name)) for n, one in enumerate(decision.use_cases)]
    with st.container(key="strip"):
        _cells(study, cells[:IN_STRIP], pays=is_advised(decision, found))
    if more := cells[IN_STRIP:]:
        with st.expander(numbers.count(len(more), "more use case")), st.container(key="strip_rest"):
            _cells(study, more, pays=is_advised(decision, found))


def _cells(study: Study, cells: Sequence[tuple[str, UseCaseDecision, str]], *, pays: bool) -> None:
    """The verdict on each use case, by (key, decision, what its address says); a click opens its evidence."""
    days = leave_days(study.id, (one for _, one, _ in cells))
    for key, one, case_id in cells:
        with st.container(border=True, gap=None, key=key):
            st.markdown(verdicts.tag(one, outcome_words(one, pays=pays, until=days[one.name])))
            st.page_link(navigation.QUALITY, label=inline(one.name), query_params={USE_CASE: case_id})


def _could_save(study: Study) -> str:
    """What the log says before anything is measured."""
    profile = traffic.profile(study.id)
    found, spend = profile.savings, profile.bill.monthly_usd
    if isinstance(found, Estimate):
        return spend_and_cut(savings_message(found, spend), spend, found.today_usd)
    return spend_without_cut(found, spend)


def show_flags(study: Study, *, decided: bool, offered: Sequence[Message] = ()) -> None:
    """What speaks against the decision or beats it, each with the way to it; ``offered``: steps with a button."""
    report = queries.report(study.id)
    tested = {model.name for step in offered if (model := tested_by(step, study))}
    with st.container(gap="xsmall", key="flags"):
        for message in flags(study.id):
            target, action = FLAGS[message.code][2:]
            with _flag(message):
                is_copied = message.code == FlagCode.COPIED
                query = address.of_cases(study.id, message.values["use_cases"][:1]) if is_copied else None
                waiting = message.values.get("use_cases", ()) if message.code in OF_USE_CASES else ()
                steps = (step_for(report, name) for name in waiting) if report else ()
                step = next(filter(None, steps), None)
                if step and not (study.is_sample and place_of(step, study)[0] == navigation.PROMPT_LOG):
                    (target, action), query = place_of(step, study), query_of(study, report, step)
                    target = None if target == navigation.RUN else target
                if (step and step in offered) or message.values.get("model") in tested:
                    continue
                if message.code == FlagCode.UNTESTED:
                    _offer(study, message)
                elif target is None:
                    if st.button(action, key=f"run_{message.code}", type="tertiary", icon=":material/play_circle:"):
                        page.plan_run(study)
                elif decided:
                    st.page_link(target, label=action, icon=":material/arrow_forward:", query_params=query)


@contextmanager
def _flag(message: Message) -> Iterator[None]:
    """A line for a flag, and room beside it."""
    color, icon, *_ = FLAGS[message.code]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f":{color}[:material/{icon}:] {inline(flag(message))}",
            width="content",
            help=EXAM_NOTE if message.code == FlagCode.JUDGE_NOT_PROVEN else None,
        )
        yield


def _offer(study: Study, message: Message) -> None:
    model = Model(name=message.values["model"], litellm_id=message.values["litellm_id"])
    page.offer_test(study, model, key="run_untested", type="tertiary")


@cached(prices=True)
def flags(study_id: int) -> tuple[Message, ...]:
    """What speaks against the decision or beats it."""
    report = queries.report(study_id)
    pays = report is None or is_advised(report.recommendation, queries.case(study_id, report))
    return find_flags(store(), queries.study(study_id), queries.cheaper(study_id), pays=pays)
