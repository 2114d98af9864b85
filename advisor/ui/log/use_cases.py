"""Use cases: the groups of calls in the log and how each is judged."""

import pandas as pd
import streamlit as st

from advisor.analysis.quality.evidence import DEFAULT_MARGINS
from advisor.errors import AdvisorError
from advisor.judge.endpoints import endpoint_of
from advisor.measure.rejudging import file_score
from advisor.text import numbers
from advisor.types import Endpoint, Lane, Role, Run, Status, Study, UseCase
from advisor.ui import queries, stage, state
from advisor.ui.components import progress
from advisor.ui.components.text import inline, plain
from advisor.ui.log import use_case_queries as queries_use_cases
from advisor.ui.server import store

JUDGED = {
    Endpoint.TARGET: "against reference answers",
    Endpoint.AGREEMENT: "same answer as the live baseline",
    Endpoint.PAIRWISE: "which answer is better",
}
IGNORED = "✕ ignored"
EXAMPLES = 3
_LINE = 44
"""Characters on a line of half the page."""
_SPARE = 44
"""Pixels: two extra lines don't need scrolling."""


def headline(cases: list[UseCase]) -> None:
    """How many there are and how many have reference answers."""
    used = [case for case in cases if not case.ignored]
    proven = sum(case.with_target * 2 >= case.samples for case in used)
    ignored = len(cases) - len(used)
    also = f" {ignored} more {'is' if ignored == 1 else 'are'} ignored." if ignored else ""
    st.markdown(
        f"The log holds {numbers.count(len(used), 'use case')}; "
        f"{proven or 'none'} of them {'have' if proven != 1 else 'has'} reference answers.{also}"
    )


def show_table(study: Study, cases: list[UseCase]) -> None:
    """All use cases, the largest first, those that are ignored last."""
    cases = sorted(cases, key=lambda case: case.ignored)
    total = sum(case.samples for case in cases if not case.ignored)
    costs = queries_use_cases.cost_shares(study.id)
    lane = lane_of(study)
    table = pd.DataFrame(
        {
            "Use case": [case.name for case in cases],
            "Kind": [kind_words(case) for case in cases],
            "Calls": [case.samples for case in cases],
            "A month": [case.monthly_calls for case in cases],
            "Of calls": [None if case.ignored else 100 * case.samples / total for case in cases],
            "Of cost": [100 * costs[case.name] if case.name in costs else None for case in cases],
            "How it is judged": [IGNORED if case.ignored else JUDGED[endpoint_of(case, lane)] for case in cases],
            "Limit": [None if case.ignored else 100 * limit_of(study, case, lane) for case in cases],
            "Right answers": [case.with_target for case in cases],
            "Replayable": [case.replayable for case in cases],
            "What it is": [case.description or None for case in cases],
        }
    ).astype({name: float for name in ("A month", "Of calls", "Of cost", "Limit")})
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        key="use_cases",
        placeholder=numbers.UNKNOWN,
        alt="Use cases with their calls, their shares of calls and cost, and how they are judged",
        column_config={
            "Use case": st.column_config.TextColumn(pinned=True, width=200),
            "Calls": number(format="localized", help="In the log"),
            "A month": number(format="%,.0f", help="Calls a month, where the log has times"),
            "Of calls": number(format="%.1f %%", help="Share of calls, ignored ones excluded"),
            "Of cost": number(format="%.1f %%", help="Share of the known cost"),
            "Limit": number("Acceptable drop, pts", format="%g", help="Drop from today's answers that you accept"),
            "Right answers": number(format="localized", help="Calls with a reference answer in the log"),
            "Replayable": number(format="localized", help="Calls that can be sent to another model unchanged"),
            "What it is": st.column_config.TextColumn(width=500),
        },
    )


def pick(cases: list[UseCase]) -> UseCase:
    """The use case to look at."""
    by_id = {case.id: case for case in cases}
    wanted = st.session_state.pop(state.USE_CASE_WANTED, None)
    if wanted in by_id:
        st.session_state[state.USE_CASE] = wanted
    elif st.session_state.get(state.USE_CASE) not in by_id:
        st.session_state.pop(state.USE_CASE, None)
    chosen = st.selectbox(
        "Use case", list(by_id), format_func=lambda case_id: label_of(by_id[case_id]), key=state.USE_CASE, width=500
    )
    return by_id.get(chosen or 0, cases[0])


def describe(study: Study, case: UseCase) -> None:
    """What a use case is, in a sentence and a few numbers."""
    lane = lane_of(study)
    said = [kind_words(case), numbers.count(case.samples, "call"), f"{case.replayable:,} replayable"]
    if not case.ignored:
        limit = f"{100 * limit_of(study, case, lane):g}"
        said.append(f"judged: {JUDGED[endpoint_of(case, lane)]}, acceptable drop {limit} pts")
    st.markdown(inline(case.description))
    st.caption(inline(" · ".join(said)))
    if case.ignored:
        st.info("Ignored: excluded from volume, cost, replays and decisions.", icon=":material/visibility_off:")


def show_examples(study: Study, case: UseCase) -> None:
    """Some calls of a use case as plain text."""
    for index, example in enumerate(queries_use_cases.examples(study, case, EXAMPLES), start=1):
        with st.container(border=True, key=f"example_{case.id}_{index}"):
            st.caption(f"Example {index}")
            parts = (
                ("System prompt", "system", example.system or None, 110),
                ("Prompt", "prompt", example.prompt, 150),
                ("Answer in the log", "answer", example.answer, 110),
                ("Reference answer", "target", example.target, 150),
            )
            for title, name, text, height in parts:
                if text is not None:
                    scrolled(text, title=title, height=height, key=f"{name}_{case.id}_{index}")


def scrolled(text: str, *, height: int, key: str, title: str = "") -> None:
    """Logged text as plain text, as high as it is but at most ``height`` pixels; then it says that there is more."""
    lines = sum(1 + len(line) // _LINE for line in text.splitlines())
    is_cut = lines * 22 + 30 > height + _SPARE
    words = [*([title] if title else []), *([f"about {lines} lines, scroll for more"] if is_cut else [])]
    if words:
        st.caption(" · ".join(words))
    plain(text, height=height if is_cut else None, key=key)


def offer_scoring(study: Study) -> None:
    """Where answers are in: score them again after a change of how they are judged."""
    run = scorable_run(study)
    if run is None:
        return
    job = next((job for job in queries.jobs(study.id, "score") if job.status.is_active), None)
    if job is not None:
        _watch(job.id)
        return
    _tell_failed(study)
    st.caption(f"After changing use cases or how they are judged, score the answers again. {_who_is_asked(study, run)}")
    new = queries_use_cases.new_judges(study, run)
    judge = None
    if new:
        judge = st.selectbox("Add another judge", new, index=None, width=420)
    _score_button(study, run, key="score_again", judge=judge)


def _tell_failed(study: Study) -> None:
    """Why the last scoring failed; what one that did not changes is on the pages with the decision."""
    job = next(iter(queries.jobs(study.id, "score")), None)
    if job is not None and job.status is Status.FAILED:
        st.error(f"Couldn't score the answers again. {inline(job.error or '')}", icon=":material/error:")


def warn_unscored(study: Study) -> None:
    """Where a change came after the answers were scored: say so, with the button beside it."""
    run = scorable_run(study)
    if run is None or not queries_use_cases.changed_since_scored(study, run):
        return
    if any(job.status.is_active for job in queries.jobs(study.id, "score")):
        return
    st.warning(
        f"This changed after scoring. Score the answers again to apply it. {_who_is_asked(study, run)}",
        icon=":material/update:",
    )
    _score_button(study, run, key="score_again_here")


def scorable_run(study: Study) -> Run | None:
    """The newest run with answers, unless it is still at work."""
    run = stage.answered_run(study.id)
    return None if run is None or run.state.status.is_active else run


def _who_is_asked(study: Study, run: Run) -> str:
    due = queries_use_cases.judging_due(study, run)
    if not due.calls:
        return "This makes no calls."
    names = inline(", ".join(judge.name for judge in due.judges))
    return f"This makes about {numbers.count(due.calls, 'call')} to {names}."


def _score_button(study: Study, run: Run, *, key: str, judge: str | None = None) -> None:
    if st.button("Score again", key=key, icon=":material/grading:"):
        try:
            file_score(store(), study, run, judge=judge)
        except AdvisorError as error:
            st.error(inline(str(error)))
            return
        st.rerun()


def label_of(case: UseCase) -> str:
    """The name in a list to choose from, marked where it is ignored."""
    return f"{case.name} (ignored)" if case.ignored else case.name


def kind_words(case: UseCase) -> str:
    """The kind as a person reads it."""
    return case.kind.replace("_", " ")


def lane_of(study: Study) -> Lane:
    """Where today's answers come from."""
    live = any(model.role is Role.BASELINE for model in queries.models(study.id))
    return Lane.BASELINE if live else Lane.RECORDED


def limit_of(study: Study, case: UseCase, lane: Lane) -> float:
    """How much worse than today's answers is still acceptable, as a fraction."""
    chosen = case.margin if case.margin is not None else study.margin
    return chosen if chosen is not None else DEFAULT_MARGINS[endpoint_of(case, lane)]


def _watch(job_id: int) -> None:
    def line() -> bool:
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            return False
        progress.job_line(job, "Scoring the answers again", waits_long=queries.is_waiting_long(job))
        return True

    progress.poll(line)
