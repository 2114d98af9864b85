"""The steps of the moves in the calendar: who owns each, when it starts, and whether it may."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any, cast

import pandas as pd
import streamlit as st

from advisor.charts.plan import timeline_figure
from advisor.plan.timeline import steps_csv, timeline
from advisor.store.plan_steps import LONGEST, list_plan_steps, save_plan_step
from advisor.text import numbers
from advisor.text.plan import GO, duration, phase_name
from advisor.types import Report, Stint, Study
from advisor.ui import queries, state
from advisor.ui.components.chart import show
from advisor.ui.decision.report import file_stem
from advisor.ui.server import store


def show_steps(study: Study, report: Report) -> None:
    """The calendar, and its steps as a table to edit and to take along."""
    entered = list_plan_steps(store(), study.id)
    stints = timeline(report.plan, datetime.now(UTC).date(), entered)
    version = _version()
    show(timeline_figure(stints), key="timeline")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = f"start_{study.id}_{version}"
        st.date_input(
            "Start all on",
            min(stint.first for stint in stints),
            key=start,
            format="YYYY-MM-DD",
            width=200,
            on_change=_start_all,
            args=(study, start, stints),
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
    key = f"steps_{study.id}_{version}"
    st.data_editor(
        pd.DataFrame(
            {
                "Use case": stint.use_case,
                "Step": phase_name(stint.phase.traffic_share),
                "Start": stint.first,
                "End": stint.last,
                "Owner": stint.entered.owner,
                "Go/no-go": GO.get(stint.entered.go),
                "Planned length": duration(stint.phase),
            }
            for stint in stints
        ),
        key=key,
        alt="Every step of every move with its dates, owner and decision.",
        hide_index=True,
        placeholder=numbers.UNKNOWN,
        disabled=["Use case", "Step", "End", "Planned length"],
        column_config={
            "Use case": st.column_config.TextColumn(pinned=True),
            "Start": st.column_config.DateColumn(format="D MMM YYYY"),
            "End": st.column_config.DateColumn(format="D MMM YYYY"),
            "Owner": st.column_config.TextColumn(max_chars=LONGEST, help="Also fills in the use case's other steps."),
            "Go/no-go": st.column_config.SelectboxColumn(options=list(GO.values())),
        },
        on_change=_save,
        args=(study, key, stints),
    )


def _start_all(study: Study, key: str, stints: tuple[Stint, ...]) -> None:
    """Every move starts on the day that was chosen; later steps follow."""
    for stint in stints:
        if not stint.phase.percent:
            _write(study, stint, starts_on=st.session_state[key])
    _redraw()


def _save(study: Study, key: str, stints: tuple[Stint, ...]) -> None:
    """Keep what was edited since the last time; the table shows all edits of this visit."""
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    saved = cast(dict[int, dict[str, Any]], state.recall(f"{state.ENTERED}{key}") or {})
    for row, cells in edited.items():
        for column, cell in cells.items():
            if column in saved.get(row, {}) and saved[row][column] == cell:
                continue
            _enter(study, stints, stints[row], column, cell)
    state.remember(f"{state.ENTERED}{key}", {row: dict(cells) for row, cells in edited.items()})


def _enter(study: Study, stints: tuple[Stint, ...], stint: Stint, column: str, cell: str | None) -> None:
    if column == "Owner":
        _write(study, stint, owner=cell)
        for other in stints:
            if other.use_case == stint.use_case and other.phase != stint.phase and not other.entered.owner:
                _write(study, other, owner=cell)
    elif column == "Start":
        _write(study, stint, starts_on=date.fromisoformat(cell) if cell else None)
        _redraw()
    else:
        _write(study, stint, go=next((go for go, word in GO.items() if word == cell), None))


def _write(study: Study, stint: Stint, **changed: Any) -> None:
    ids = {case.name: case.id for case in queries.use_cases(study.id)}
    save_plan_step(store(), ids[stint.use_case], stint.phase.percent, **changed)


def _redraw() -> None:
    """Show dates as they follow from each other, and not as they were typed."""
    state.remember(state.PLAN_VERSION, _version() + 1)


def _version() -> int:
    return cast(int, state.recall(state.PLAN_VERSION) or 0)
