"""What reviews of a study are for, how many are there, and what they say once none is left."""

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from advisor.judge.agreement import PairKey, ReviewFacts
from advisor.judge.endpoints import endpoint_of
from advisor.text import numbers
from advisor.text.advice.reasons import all_reviewed, review_progress, review_purpose
from advisor.types import Endpoint, ReviewNeed, Run, Study
from advisor.ui import address, navigation, queries
from advisor.ui.components import verdicts
from advisor.ui.components.text import inline
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review.reveal import show_judge
from advisor.ui.stage import review_needs


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What the reviews of one use case are for; of all without a need."""

    study: Study
    run: Run
    use_case: str | None
    need: ReviewNeed | None

    @property
    def model_id(self) -> int | None:
        """The candidate with pairs that decide; None: all candidates."""
        models = queries.models(self.study.id) if self.need and not self.need.checks else ()
        return next((model.id for model in models if self.need and model.name == self.need.model), None)

    @property
    def made(self) -> int:
        """Pairs reviewed by hand that count for it, as of now."""
        facts = queries_review.review_facts(self.study.id, self.run.id)
        if self.need is not None and self.need.checks:
            return facts.with_judge(self._counted(facts)).n
        made = [pair for name in self._counted(facts) for pair in facts.made[name]]
        return sum(self.model_id in (None, model_id) for _, model_id in made)

    def made_by(self, reviewer: str) -> int:
        """Those among them that one reviewer has judged."""
        facts = queries_review.review_facts(self.study.id, self.run.id)
        own = {(r.sample_id, r.model_id) for r in facts.reviews if r.reviewer == reviewer and not r.picked}
        return sum(pair in own for name in self._counted(facts) for pair in facts.made[name])

    def _counted(self, facts: ReviewFacts) -> list[str]:
        """The use cases with reviews that count: where they check a judge, all that it decides."""
        if self.need is not None and self.need.checks:
            return next(names for names in facts.panels.values() if self.use_case in names)
        return [name for name in facts.made if self.use_case in (None, name)]

    @property
    def is_reached(self) -> bool:
        """Whether there are enough reviews by now, and the decision hasn't used them yet."""
        return self.need is not None and self.made >= self.need.of

    @property
    def words(self) -> str:
        """How many reviews there are, and how many decide."""
        return review_progress(self.use_case or "", self.made, self.need)


def purpose_of(study: Study, run: Run, use_case: str | None) -> Purpose:
    """What reviews of a use case decide."""
    need = review_needs(queries.report(study.id)).get(use_case or "")
    return Purpose(study=study, run=run, use_case=use_case, need=need)


def judged_by_people(study: Study, run: Run) -> list[str]:
    """The use cases in which people compare answers."""
    cases = queries.use_cases(study.id)
    return [
        case.name for case in cases if endpoint_of(case, run.baseline_lane) is not Endpoint.TARGET and not case.ignored
    ]


def show_purpose(purpose: Purpose, names: list[str]) -> None:
    """What reviews are for, and how many of them are there; before a reviewer has started."""
    verdicts.headline(purpose.words)
    is_judged = queries.tally(purpose.run.id).judge.succeeded > 0
    if purpose.need is not None and purpose.use_case is not None:
        st.progress(min(purpose.made / max(purpose.need.of, 1), 1.0))
        st.markdown(inline(review_purpose(purpose.use_case, purpose.need)))
    elif is_judged:
        st.markdown("No more reviews are needed. Further ones show how far the judge agrees with people.")
    else:
        decide = inline(numbers.listing(names))
        st.markdown(f"Compare two answers without knowing who wrote which. Your reviews decide {decide}.")
    if not is_judged:
        st.page_link(navigation.CANDIDATES, label="Add a judge instead", icon=":material/gavel:", width="content")


def show_unneeded() -> None:
    """Where scores need no person."""
    verdicts.headline("No reviews needed")
    st.markdown("Every use case has reference answers. Reviews are for use cases where a judge or a person compares.")
    st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")


def show_end(purpose: Purpose, listed: Collection[PairKey]) -> None:
    """Nothing is left to review here: what that says of the judge, and where more pairs wait."""
    study, run = purpose.study, purpose.run
    facts = queries_review.review_facts(study.id, run.id)
    compared = {pair for pairs in facts.pairs.values() for pair in pairs}.intersection(listed)
    verdicts.headline(all_reviewed(len(listed), len(compared)))
    show_judge(study, run, judged_by_people(study, run))
    waiting = next((name for name in review_needs(queries.report(study.id)) if name != purpose.use_case), None)
    with st.container(horizontal=True):
        if waiting is not None and purpose.use_case is not None:
            case_id = queries.case_ids(study.id).get(waiting, "")
            address.link(navigation.REVIEW, f"Review {inline(waiting)}", icon="rate_review", use_case=case_id)
        st.page_link(navigation.QUALITY, label="See the decision", icon=":material/arrow_forward:", width="content")
