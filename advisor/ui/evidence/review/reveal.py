"""Review: this session's choices, and, once finished, which model wrote which answer.

Names stay hidden until then: after a few reveals a model's style would give it away.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import pandas as pd
import streamlit as st

from advisor.judge.reviews import BlindPair, Saved
from advisor.text.scores import judge_check, preferred
from advisor.types import Run, Study
from advisor.ui import navigation, page, queries, stage, state
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.evidence.review.queries import review_facts

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


def reveal(run: Run) -> None:
    """Finish: from now on these choices cannot be taken back."""
    state.remember(state.REVEALED, history(run))
    state.remember(state.REVIEWED, [said for said in _all() if said.study != _key(run)])


def revealed(run: Run) -> list[Said]:
    """The choices to show with names; empty while judging goes on."""
    shown = cast(list[Said], state.recall(state.REVEALED) or [])
    return [said for said in shown if said.study == _key(run)]


def show(study: Study, run: Run, shown: list[Said]) -> None:
    """What the reviews did: agreement with the judge, and what they changed; then who wrote which answer."""
    verdicts.headline(tally(shown))
    show_judge(study, run)
    before = queries.report(study.id)
    if before is not None and stage.is_outdated(study, before):
        with say_errors():
            page.update(study)
        if state.recall(state.DECIDED) is None:
            page.tell("No verdict changed.")
    page.show_told()
    with st.container(horizontal=True):
        st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")
        st.button("Review more pairs", key="review_more", on_click=state.remember, args=(state.REVEALED, None))
    show_table(rows(shown), key="review_revealed", alt="Your choices with the models' names.")


def show_judge(study: Study, run: Run) -> None:
    """What the reviews of all people say of the judge; nothing where none has voted on a reviewed pair."""
    facts = review_facts(study.id, run.id)
    found = facts.with_judge() if facts.is_judged else None
    if found is not None and found.n:
        said = {"is_contradicted": found.is_contradiction, "is_by_chance": found.is_by_chance}
        st.markdown(judge_check(found.same, found.n, found.missing, **said))


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
