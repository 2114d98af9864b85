"""What reviews of a study are for, how many are there, and what they say once none is left."""

import streamlit as st

from advisor.judge.agreement import Milestone, milestone
from advisor.judge.endpoints import endpoint_of
from advisor.judge.reviews import Queue
from advisor.text import numbers
from advisor.text.scores import milestone_words
from advisor.types import Endpoint, Run, Study
from advisor.ui import navigation, queries
from advisor.ui.components import verdicts
from advisor.ui.components.text import inline
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review.reveal import show_judge
from advisor.ui.state import USE_CASE


def judged_by_people(study: Study, run: Run) -> list[str]:
    """The use cases in which people compare answers."""
    cases = queries.use_cases(study.id)
    return [
        case.name for case in cases if endpoint_of(case, run.baseline_lane) is not Endpoint.TARGET and not case.ignored
    ]


def show_purpose(study: Study, run: Run, names: list[str]) -> None:
    """What reviews are for, and how many of them are there; before a reviewer has started."""
    ids = queries.case_ids(study.id)
    chosen = next((name for name in names if ids.get(name) == st.query_params.get(USE_CASE)), None)
    listed = queries_review.queue(study.id, run.id, reviewer="", use_case=chosen, kind=Queue.RANDOM)
    is_judged = queries.tally(run.id).judge.succeeded > 0
    if is_judged:
        found = milestone(queries_review.count_checked(study.id, run.id, chosen), len(listed))
    else:
        found = Milestone(queries_review.count_judged(run.id, listed), len(listed), None)
    verdicts.headline((f"{chosen}: " if chosen else "") + milestone_words(*found))
    st.progress(min(found.n / max(found.of, 1), 1.0))
    use = "show whether the judge can be trusted" if is_judged else f"decide {numbers.listing(names)}"
    st.markdown(f"Compare two answers without knowing who wrote which. Your reviews {inline(use)}.")
    if not is_judged:
        st.page_link(navigation.CANDIDATES, label="Add a judge instead", icon=":material/gavel:", width="content")


def show_unneeded() -> None:
    """Where scores need no person."""
    verdicts.headline("No reviews needed")
    st.markdown("Every use case has reference answers. Reviews are for use cases where a judge or a person compares.")
    st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")


def show_end(study: Study, run: Run, pairs: int) -> None:
    """Nothing is left to review: what that says of the judge, and where it shows."""
    verdicts.headline(f"All {numbers.count(pairs, 'pair')} reviewed")
    show_judge(study, run)
    st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")
