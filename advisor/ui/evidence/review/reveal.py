"""Review: this session's choices, and, once finished, which model wrote which answer.

Names stay hidden until then: after a few reveals a model's style would give it away.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pandas as pd
import streamlit as st

from advisor.judge.reviews import BlindPair, Saved
from advisor.text import numbers
from advisor.text.advice.obstacles import what_helps
from advisor.text.advice.reasons import reason_alone, review_progress, review_purpose
from advisor.text.names import bare_name, decision_words
from advisor.text.scores import judge_check, preferred
from advisor.types import Run, Study
from advisor.ui import navigation, page, queries, stage, state
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.review.queries import review_facts
from advisor.ui.retirements import leave_days

NEITHER = "neither"
StudyKey = tuple[int, datetime]
"""Id and time of creation: SQLite gives the id of a deleted study to the next one."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One choice of this session."""

    study: StudyKey
    run_id: int
    """The run it was made in: a later run may lack the pair."""
    saved: Saved
    choice: str
    """``first``, ``second`` or ``tie``."""
    use_case: str
    first: str
    """The model that had written the first answer."""
    second: str


def history(run: Run) -> list[Said]:
    """This visitor's choices in a study that aren't revealed yet, newest last; they outlive a new replay."""
    return [said for said in _all() if said.study == _key(run)]


def add(run: Run, pair: BlindPair, choice: str, saved: Saved) -> None:
    """Keep a choice with the names that are shown at the end."""
    names = {model.id: model.name for model in queries.models(run.study_id)}
    first, second = names.get(pair.model_id, "the candidate"), run.baseline
    if not pair.candidate_first:
        first, second = second, first
    said = Said(
        study=_key(run),
        run_id=run.id,
        saved=saved,
        choice=choice,
        use_case=pair.use_case,
        first=first,
        second=second,
    )
    state.remember(state.REVIEWED, [*_all(), said])


def drop(said: Said) -> None:
    """Forget a choice that was taken back."""
    state.remember(state.REVIEWED, [one for one in _all() if one is not said])


def reveal(run: Run, use_case: str | None) -> None:
    """Finish: from now on these choices cannot be taken back. ``use_case``: the chosen one."""
    state.remember(state.REVEALED, (_judged(run, use_case), history(run)))
    state.remember(state.REVIEWED, [said for said in _all() if said.study != _key(run)])


def revealed(run: Run, use_case: str | None) -> list[Said]:
    """The choices to show with names; empty while judging goes on, and once another run, judge or use case has come."""
    judged, shown = cast(tuple[object, list[Said]], state.recall(state.REVEALED) or (None, []))
    return [said for said in shown if said.study == _key(run)] if judged == _judged(run, use_case) else []


def _judged(run: Run, use_case: str | None) -> tuple[int, int, str | None]:
    """What a reveal is about: the run, how much judges have said of it, and the chosen use case."""
    return run.id, queries.tally(run.id).judge.succeeded, use_case


def show(study: Study, run: Run, shown: list[Said]) -> None:
    """What the reviews did: agreement with the judge, and what they changed; then who wrote which answer."""
    verdicts.headline(tally(shown))
    names = list(dict.fromkeys(said.use_case for said in shown))
    show_judge(study, run, names)
    before = queries.report(study.id)
    if before is not None and stage.is_outdated(study, before):
        with say_errors():
            page.update(study)
            st.rerun()  # the whole page: its header says how far the study is
    page.show_told()
    _show_verdicts(study, names)
    with st.container(horizontal=True):
        st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")
        st.button("Review more pairs", key="review_more", on_click=state.remember, args=(state.REVEALED, None))
    show_table(rows(shown), key="review_revealed", alt="Your choices with the models' names.")


def _show_verdicts(study: Study, names: list[str]) -> None:
    """What the reviewed use cases are decided as by now, why, and what would change that."""
    report = queries.report(study.id)
    cases = report.recommendation.use_cases if report else ()
    days = leave_days(study.id, cases)
    for case in cases:
        if case.name in names and (a := case.shown):
            verdict = verdicts.tag(case, decision_words(case, days[case.name]))
            st.markdown(f"{verdict} · {inline(case.name)}: {inline(reason_alone(a))}")
            if (need := case.review_need) is not None:
                so_far = review_progress(case.name, need.made, need)
                st.markdown(inline(f"{so_far}. {review_purpose(case.name, need)}"))
            elif helps := what_helps(a):
                st.markdown(inline(helps[0]))


def show_judge(study: Study, run: Run, names: Collection[str]) -> None:
    """What the reviews of all people say of the judges of some use cases; nothing of one that has no reviewed pair."""
    facts = review_facts(study.id, run.id)
    for judges, theirs in facts.panels.items() if facts.is_judged else ():
        found = facts.with_judge(theirs)
        if found.n and not set(names).isdisjoint(theirs):
            said = {
                "is_contradicted": found.is_contradiction,
                "is_by_chance": found.is_by_chance,
                "is_tied": found.is_tied,
            }
            who = f"{numbers.listing([bare_name(judge) for judge in judges])}: " if len(facts.panels) > 1 else ""
            st.markdown(inline(who + judge_check(found.same, found.n, found.missing, **said)))


def tally(shown: list[Said]) -> str:
    """How often each model was preferred: "Of 10 pairs you preferred A in 6, B in 3 and neither in 1."."""
    counts = Counter(map(_preferred, shown))
    neither = counts.pop(NEITHER, 0)
    return preferred(len(shown), dict(counts.most_common()), neither)


def rows(shown: list[Said]) -> pd.DataFrame:
    """One row per choice."""
    return pd.DataFrame(
        {"Use case": said.use_case, "You preferred": _preferred(said), "First": said.first, "Second": said.second}
        for said in shown
    )


def _key(run: Run) -> StudyKey:
    return run.study_id, queries.study(run.study_id).created_at


def _preferred(said: Said) -> str:
    return {"first": said.first, "second": said.second}.get(said.choice, NEITHER)


def _all() -> list[Said]:
    return cast(list[Said], state.recall(state.REVIEWED) or [])
