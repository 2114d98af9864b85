"""What reviews of a study are for, how many are there, and what they say once none is left."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from advisor.judge.agreement import Agreement, PairKey, ReviewFacts
from advisor.judge.endpoints import endpoint_of
from advisor.text import numbers
from advisor.text.advice.reasons import all_reviewed, review_progress, review_purpose
from advisor.types import Endpoint, Report, ReviewNeed, Run, Study
from advisor.ui import address, navigation, queries
from advisor.ui.components import verdicts
from advisor.ui.components.text import inline
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review.reveal import show_judge
from advisor.ui.stage import review_needs


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What the reviews of one use case are for, or of all that rest on the judge; what people said is read once."""

    study: Study
    run: Run
    use_case: str | None
    use_cases: tuple[str, ...]
    """Those with pairs to review; empty: all."""
    need: ReviewNeed | None

    @property
    def model_id(self) -> int | None:
        """The candidate with pairs that decide; None: all candidates."""
        models = queries.models(self.study.id) if self.need and not self.need.checks else ()
        return next((model.id for model in models if self.need and model.name == self.need.model), None)

    @property
    def made(self) -> int:
        """Pairs reviewed by hand that count for it."""
        if (found := self.checked) is not None:
            return found.n
        made = [pair for name in self._counted for pair in self._facts.made[name]]
        return sum(self.model_id in (None, model_id) for _, model_id in made)

    @cached_property
    def checked(self) -> Agreement | None:
        """How reviewers agree with the judge that they check; None where they check none."""
        if self.need is None or not self.need.checks:
            return None
        return self._facts.with_judge(self._counted)

    def made_by(self, reviewer: str) -> int:
        """Those among them that one reviewer has judged."""
        own = {(r.sample_id, r.model_id) for r in self._facts.reviews if r.reviewer == reviewer and not r.picked}
        return sum(pair in own for name in self._counted for pair in self._facts.made[name])

    @cached_property
    def _facts(self) -> ReviewFacts:
        return queries_review.review_facts(self.study.id, self.run.id)

    @property
    def _counted(self) -> list[str]:
        """The use cases with reviews that count: where they check a judge, all that it decides."""
        if self.need is not None and self.need.checks:
            return next(names for names in self._facts.panels.values() if self.use_cases[0] in names)
        return [name for name in self._facts.made if not self.use_cases or name in self.use_cases]

    @property
    def is_reached(self) -> bool:
        """Whether there are enough reviews by now, and the decision hasn't used them yet."""
        return self.need is not None and self.made >= self.need.of and not self.is_by_chance

    @property
    def is_by_chance(self) -> bool:
        """Whether there are enough reviews, and they don't confirm the judge."""
        found = self.checked
        return found is not None and found.is_by_chance

    @property
    def _doubt(self) -> str:
        found = self.checked
        if found is None or not found.is_by_chance:
            return ""
        return "nearly all pairs are ties" if found.is_tied else "agreement may be chance"

    @property
    def words(self) -> str:
        """How many reviews there are, and how many decide."""
        return review_progress(self.use_case or "", self.made, self.need, doubt=self._doubt)


def purpose_of(study: Study, run: Run, use_case: str | None) -> Purpose:
    """What reviews of a use case decide."""
    report = queries.report(study.id)
    use_cases = on_judge(report, judged_by_people(study, run)) if use_case is None else (use_case,)
    decisions = report.recommendation.use_cases if report else ()
    first = next((decision for decision in decisions if decision.name in use_cases[:1]), None)
    need = (first.judge_check or first.review_need) if first else None
    return Purpose(study=study, run=run, use_case=use_case, use_cases=use_cases, need=need)


def on_judge(report: Report | None, names: Collection[str]) -> tuple[str, ...]:
    """Those of ``names`` with a provisional move, on a judge's votes alone; the largest bill first."""
    cases = report.recommendation.use_cases if report else ()
    largest = sorted(cases, key=lambda case: -(case.monthly_baseline_usd or 0.0))
    return tuple(case.name for case in largest if case.provisional and case.name in names)


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
    if purpose.need is not None:
        st.progress(min(purpose.made / max(purpose.need.of, 1), 1.0))
        st.markdown(inline(review_purpose(purpose.use_case or "", purpose.need)))
        if purpose.is_by_chance:
            show_judge(purpose.study, purpose.run, purpose.use_cases)
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
