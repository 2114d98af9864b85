"""What to tell of answers that could not be checked: a limit that they fall under rests on the others alone."""

from collections.abc import Iterator, Mapping

from advisor.scoring.checks import VALIDITY
from advisor.scoring.own_checks import CHECKS
from advisor.store import Store
from advisor.store.scores import read_findings
from advisor.store.unchecked import Unchecked, list_unchecked
from advisor.text.numbers import count
from advisor.text.scores import findings_words
from advisor.types import Endpoint, Json

PERSONAL_DATA = "personal_data"

_WORDS = {
    VALIDITY: ("as to the form asked for", "correct the schema or the tools that these calls ask for"),
    CHECKS: ("in full by your own checks", "mend those on the page Use cases"),
    Endpoint.TARGET.value: ("against the right answers", "correct those, or let a judge compare the answers"),
    Endpoint.AGREEMENT.value: ("against today's answers", "give right answers, or let a judge compare the answers"),
    PERSONAL_DATA: ("for personal data", "look at some of them yourself"),
}
"""Scorer -> what it could not do, and what may help."""


def find_unchecked(store: Store, run_id: int) -> list[Unchecked]:
    """What the scorers could not check among the scored answers of a run, the most first."""
    return list_unchecked(store, run_id, _WORDS)


def unchecked_warnings(scored_with: Mapping[str, Json]) -> list[str]:
    """One sentence for each check of a use case that could not say all, with what to do."""
    return [
        f"{count(each.answers, 'answer')} in {each.use_case} could not be checked {what} "
        f"({findings_words(each.findings)}), so what is said of this rests on what could be checked: {help_by}, then "
        "score again."
        for each, what, help_by in _told(scored_with)
    ]


def unchecked_reasons(scored_with: Mapping[str, Json]) -> dict[str, int]:
    """Why answers do not count in one of the checks -> how many."""
    return {
        f"answer in {each.use_case} could not be checked {what} ({findings_words(each.findings)})": each.answers
        for each, what, _ in _told(scored_with)
    }


def _told(scored_with: Mapping[str, Json]) -> Iterator[tuple[Unchecked, str, str]]:
    for stored in scored_with.get("unchecked") or ():
        use_case, scorer, answers, findings = stored
        each = Unchecked(use_case, scorer, answers, read_findings(findings))
        yield each, *_WORDS[each.scorer]
