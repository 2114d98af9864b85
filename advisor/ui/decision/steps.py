"""The steps of the moves in the calendar: who owns each, when it starts, and whether it may."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from advisor.charts.plan import timeline_figure
from advisor.plan.configuration.litellm_proxy import file_of
from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import steps_csv, timeline
from advisor.store.plan_steps import (
    LONGEST,
    list_plan_steps,
    list_task_owners,
    save_plan_step,
    save_task_owner,
)
from advisor.text.business_case.ask import task_rows
from advisor.text.numbers import day
from advisor.text.plan import GO, duration, phase_name
from advisor.types import Report, Stint, Study
from advisor.types.dossier import Export
from advisor.types.reports import PlanTask
from advisor.ui import navigation, queries
from advisor.ui.components.chart import show
from advisor.ui.components.table import show_table
from advisor.ui.decision.report import file_stem
from advisor.ui.server import store
from advisor.ui.state import PART
from advisor.ui.summary import card


def show_steps(study: Study, report: Report) -> None:
    """The calendar, its steps as a table to take along, and one step to edit."""
    entered, owners = list_plan_steps(store(), study.id), list_task_owners(store(), study.id)
    stints = timeline(report.plan, datetime.now(UTC).date(), entered)
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
    show(timeline_figure(stints), key="timeline")
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
    st.page_link(
        navigation.FILES,
        label="Files of these steps",
        icon=":material/deployed_code:",
        width="content",
        query_params={PART: Export.LITELLM.value},
    )
    _edit(study, stints, schedule_of(report, stints, card.flags(study.id), datetime.now(UTC).date(), owners).tasks)


def _when(stint: Stint) -> str:
    """The days of a step, and who decided what about it."""
    least = duration(stint.phase) if stint.phase.days is None else ""
    about = filter(None, (least, stint.entered.owner, GO.get(stint.entered.go)))
    return "\n".join(filter(None, (f"{day(stint.first)} – {day(stint.last)}", " · ".join(about))))


def _edit(study: Study, stints: tuple[Stint, ...], tasks: Sequence[PlanTask]) -> None:
    """One step's start, owner and decision, or a task's owner; each is saved at once."""
    named = {f"{stint.use_case} · {phase_name(stint.phase.traffic_share)}": stint for stint in stints}
    others = {what: task for what, _, task in task_rows(tuple(tasks))}
    with st.container(horizontal=True, vertical_alignment="bottom", key="edit_step"):
        chosen = st.selectbox("Edit step", [*named, *others], key="edited_step", width=300)
        if task := others.get(chosen):
            _ask(
                st.text_input,
                "Owner",
                task.owner,
                save=lambda owner: save_task_owner(store(), study.id, task.key, owner),
                max_chars=LONGEST,
                width=220,
            )
            return
        stint = named[chosen]
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


def _ask(widget: Callable[..., Any], label: str, value: Any, *, save: Callable[[Any], None], **more: Any) -> None:
    """A field that shows what is stored and saves what is entered."""
    key = f"plan_{label}"
    st.session_state[key] = value
    widget(label, key=key, on_change=lambda: save(st.session_state[key]), **more)


def _start_all(study: Study, stints: tuple[Stint, ...], day: object) -> None:
    """Every move starts on the day that was chosen; later steps follow."""
    for stint in stints:
        if not stint.phase.percent:
            _write(study, stint, starts_on=day)


def _own(study: Study, stints: tuple[Stint, ...], stint: Stint, owner: str) -> None:
    _write(study, stint, owner=owner)
    for other in stints:
        if other.use_case == stint.use_case and other.phase != stint.phase and not other.entered.owner:
            _write(study, other, owner=owner)


def _write(study: Study, stint: Stint, **changed: Any) -> None:
    ids = {case.name: case.id for case in queries.use_cases(study.id)}
    save_plan_step(store(), ids[stint.use_case], stint.phase.percent, **changed)
