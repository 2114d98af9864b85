"""What Quality reads of the pairs of answers, remembered until answers change."""

from dataclasses import replace
from typing import NamedTuple

from advisor.decide.failures import Uneven, tally_kinds, top_details
from advisor.decide.pairs import Pairs, Row, compare_pairs, even_rows, narrowed, rows_of
from advisor.store.engine import Change
from advisor.store.log.use_cases import samples_with
from advisor.text.names import FAILURE_KINDS, GAIN_KINDS
from advisor.types import Evidence, Report
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.text import inline
from advisor.ui.server import store

WORSE, BETTER, EVEN = "worse", "better", "even"


class Asked(NamedTuple):
    """One candidate in one use case of a decision: what its pairs are remembered by until answers change."""

    report: Report
    use_case: str
    model: str
    said: tuple[object, ...]
    """By the reviewers who didn't pick the pair, which counts."""

    @property
    def evidence(self) -> Evidence:
        """What decides about it."""
        found = {case.name: case for case in self.report.recommendation.use_cases}[self.use_case]
        return next(a.quality.evidence for a in found.candidates if a.model == self.model)


@cached(Change.ANSWERS, shared=True, most=16, spinner="Comparing answers ...")  # nobody changes them
def pairs_of(study_id: int, asked: Asked) -> Pairs | None:
    """The pairs of a candidate in a use case; None: the decision is older than the use case. Raises AdvisorError."""
    run = queries.run(asked.report.recommendation.run.id)
    by_people = asked.evidence is Evidence.REVIEWS
    return compare_pairs(store(), queries.study(study_id), run, asked.use_case, asked.model, by_people=by_people)


@cached(Change.ANSWERS, shared=True)
def kinds_of(study_id: int, asked: Asked, words: str, show: str, least: float) -> dict[str, str]:
    """Kinds of the pairs that are not even, each with how many have the words, as labels."""
    found = uneven(searched(study_id, asked, words), show, least)
    kinds = GAIN_KINDS if show == BETTER else FAILURE_KINDS
    named = {kind.value: kinds[kind] for kind in tally_kinds(uneven(pairs_of(study_id, asked), show, least))}
    return {name: f"{label} ({len(narrowed(found, cluster=name, least=0)):,})" for name, label in named.items()}


@cached(Change.ANSWERS, shared=True)
def details_of(
    study_id: int, asked: Asked, words: str, show: str, least: float, clusters: tuple[str, ...]
) -> dict[str, str]:
    """The same for what exactly was wrong."""
    found = uneven(searched(study_id, asked, words), show, least, clusters)
    details = [detail for detail, _ in top_details(uneven(pairs_of(study_id, asked), show, least, clusters))]
    return {each: f"{inline(each)} ({len(narrowed(found, cluster=each, least=0)):,})" for each in details}


@cached(Change.ANSWERS, shared=True)
def rows_shown(
    study_id: int, asked: Asked, words: str, show: str, least: float, clusters: tuple[str, ...]
) -> list[Row]:
    """The pairs of a list that the filters leave, repeats collapsed."""
    pairs = searched(study_id, asked, words)
    if pairs is None:  # deleted meanwhile
        return []
    return even_rows(pairs) if show == EVEN else rows_of(uneven(pairs, show, least, clusters), pairs.requests)


@cached(Change.ANSWERS, shared=True)
def searched(study_id: int, asked: Asked, words: str) -> Pairs | None:
    """The pairs with these words in the prompt; all without words."""
    pairs = pairs_of(study_id, asked)
    if pairs is None or not words:
        return pairs
    found = samples_with(store(), study_id, asked.use_case, words)
    return replace(
        pairs,
        worse=tuple(each for each in pairs.worse if each.sample_id in found),
        better=tuple(each for each in pairs.better if each.sample_id in found),
        even=tuple(sample_id for sample_id in pairs.even if sample_id in found),
    )


def uneven(pairs: Pairs | None, show: str, least: float = 0.0, clusters: tuple[str, ...] = ()) -> list[Uneven]:
    """The pairs of a list in which one answer is better by at least ``least``, of all these ``clusters``."""
    found = list(() if pairs is None else pairs.better if show == BETTER else pairs.worse)
    for cluster in ("", *clusters):
        found = narrowed(found, cluster=cluster, least=least)
    return found
