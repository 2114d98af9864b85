"""The steps of the moves in the calendar: who owns each, when it starts, and whether it may."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from advisor.charts.plan import timeline_figure
from advisor.plan.configuration.litellm_proxy import file_of
from advisor.plan.first_test import with_tests
from advisor.plan.moving import effort_of
from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import steps_csv, timeline
from advisor.store.plan_steps import (
    LONGEST,
    list_plan_steps,
    list_task_owners,
    save_plan_step,
    save_task_owner,
)
from advisor.text.business_case.tasks import owner_words, passed_words, task_rows
from advisor.text.numbers import day, shorten
from advisor.text.plan import GO, LEFT_OUT, duration, phase_name
from advisor.types import Report, Stint, Study
from advisor.types.dossier import Export, Schedule
from advisor.types.reports import PlanTask
from advisor.ui import navigation, queries
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.decision.report import file_stem
from advisor.ui.server import store
from advisor.ui.state import PART
from advisor.ui.summary import card


def show_steps(study: Study, report: Report, stints: tuple[Stint, ...]) -> None:
    """The calendar, its steps as a table to take along, and one step to edit."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header("Timeline")
        _ask(
            st.date_input,
            "Start all on",
            min(stint.first for stint in stints),
            save=lambda day: _start_all(study, stints, day),
            format="YYYY-MM-DD",
            width=200,
        )
        st.download_button(
            "Steps (CSV)",
            data=partial(steps_csv, report, stints),
            file_name=f"{file_stem(study.name)}-plan.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="download_steps",
        )
    show(timeline_figure(stints), key="timeline", is_titled=False)
    rows: dict[str, dict[str, str]] = {}
    for stint in stints:
        row = rows.setdefault(stint.use_case, {"Use case": stint.use_case})
        share = stint.phase.traffic_share
        row[f"{phase_name(share)} · {file_of(share)}"] = _when(stint)
    show_table(
        pd.DataFrame(list(rows.values())).fillna(""),
        key="steps",
        alt="The steps of every move with their dates, owners and decisions.",
    )
    if queries.advised(study.id, report).plan.moves != report.plan.moves:
        st.caption(LEFT_OUT)
    else:
        st.page_link(
            navigation.FILES,
            label="Files of these steps",
            icon=":material/deployed_code:",
            width="content",
            query_params={PART: Export.LITELLM.value},
        )
    _edit(study, stints)


def _when(stint: Stint) -> str:
    """The days of a step, and who decided what about it."""
    least = duration(stint.phase) if stint.phase.days is None else ""
    about = filter(None, (least, stint.entered.owner, GO.get(stint.entered.go)))
    return "\n".join(filter(None, (f"{day(stint.first)} – {day(stint.last)}", " · ".join(about))))


def scheduled(study: Study, report: Report) -> Schedule:
    """All that is to be done, in the calendar, with who does it."""
    today, named = datetime.now(UTC).date(), list_task_owners(store(), study.id)
    effort = effort_of(report, queries.case(study.id, report).inputs)
    stints = timeline(report.plan, today, list_plan_steps(store(), study.id), effort.engineer_days)
    return with_tests(schedule_of(report, stints, card.flags(study.id), today, named, effort), report)


def show_owners(study: Study, report: Report, schedule: Schedule) -> None:
    """Who does each task by when, in sight where nothing moves, and who leads each move; to be named one by one."""
    stints = schedule.stints
    first = {stint.use_case: stint for stint in stints if not stint.phase.percent}
    if not schedule.tasks and not first:
        return
    if not first:
        st.header("Who does what by when")
        _show_tasks(schedule.tasks)
    box = st.expander("Tasks and owners" if first else "Name owners", key="owners", on_change="rerun")
    if not box.open:
        return
    if first and schedule.tasks:
        passed = passed_words(schedule, queries.case(study.id, report))
        with box:
            _show_tasks(schedule.tasks)
            if passed["plan"]:
                st.caption(inline(f"{passed['plan']} {passed['limits']}"))
    fields = [
        (task.key, what, task.owner, partial(save_task_owner, store(), study.id, task.key))
        for what, _, task in task_rows(schedule.tasks)
    ] + [
        (f"lead_{name}", f"Move {shorten(name, 60)}", stint.entered.owner or "", partial(_lead, study, stints, stint))
        for name, stint in first.items()
    ]
    with box, st.container(horizontal=True, vertical_alignment="bottom"):
        for key, label, owner, save in fields:
            _ask(st.text_input, inline(label), owner, save=save, key=f"plan_owner_{key}", max_chars=LONGEST, width=330)


def _show_tasks(tasks: tuple[PlanTask, ...]) -> None:
    """The tasks that are no steps of a move, with their dates and owners."""
    rows = [
        {
            "Task": what,
            "Use cases": names,
            "From": day(each.first),
            "To": day(each.last),
            "Owner": owner_words(each),
        }
        for what, names, each in task_rows(tasks)
    ]
    show_table(rows, key="tasks", alt="What is to be done besides the moves, with dates and owners.")


def _edit(study: Study, stints: tuple[Stint, ...]) -> None:
    """One step's start, owner and decision; each is saved at once."""
    named = {f"{stint.use_case} · {phase_name(stint.phase.traffic_share)}": stint for stint in stints}
    with st.container(horizontal=True, vertical_alignment="bottom", key="edit_step"):
        stint = named[st.selectbox("Edit step", [*named], key="edited_step", width=300)]
        _ask(
            st.date_input,
            "Start",
            stint.entered.starts_on,
            save=lambda day: _write(study, stint, starts_on=day),
            format="YYYY-MM-DD",
            help="Empty: when the step before it ends.",
            width=180,
        )
        _ask(
            st.text_input,
            "Owner",
            stint.entered.owner or "",
            save=lambda owner: _own(study, stints, stint, owner),
            max_chars=LONGEST,
            help="Also fills in the use case's other steps.",
            width=220,
        )
        _ask(
            st.segmented_control,
            "Go/no-go",
            stint.entered.go,
            save=lambda go: _write(study, stint, go=go),
            options=list(GO),
            format_func=GO.__getitem__,
        )


def _ask(
    widget: Callable[..., Any], label: str, value: Any, *, save: Callable[[Any], None], key: str = "", **more: Any
) -> None:
    """A field that shows what is stored and saves what is entered."""
    key = key or f"plan_{label}"
    st.session_state[key] = value

    def keep() -> None:
        if st.session_state[key] != value:  # Streamlit also calls for a field that has just left the page
            save(st.session_state[key])

    widget(label, key=key, on_change=keep, **more)


def _start_all(study: Study, stints: tuple[Stint, ...], day: object) -> None:
    """Every move starts on the day that was chosen; later steps follow."""
    for stint in stints:
        if not stint.phase.percent:
            _write(study, stint, starts_on=day)


def _lead(study: Study, stints: tuple[Stint, ...], first: Stint, owner: str) -> None:
    """Of all steps of a move, but for those that others own."""
    for stint in stints:
        if stint.use_case == first.use_case and (stint.entered.owner or "") in ("", first.entered.owner):
            _write(study, stint, owner=owner)


def _own(study: Study, stints: tuple[Stint, ...], stint: Stint, owner: str) -> None:
    _write(study, stint, owner=owner)
    for other in stints:
        if other.use_case == stint.use_case and other.phase != stint.phase and not other.entered.owner:
            _write(study, other, owner=owner)


def _write(study: Study, stint: Stint, **changed: Any) -> None:
    ids = {case.name: case.id for case in queries.use_cases(study.id)}
    save_plan_step(store(), ids[stint.use_case], stint.phase.percent, **changed)
