"""Whether a company may use a model under its licence, as far as the catalog knows. Not legal advice.

The rule errs on the safe side: a condition that forbids is believed however it was read; that nothing forbids is
believed only where the conditions were read and every answer that matters was given.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from advisor.catalog.licences import Case, Clause, Fact, Licence, Term, licence
from advisor.catalog.open_models import DATA, OpenModel

STRONG = frozenset({"text", "text and readings", "readings by others", "tag", "tag and readings"})
"""Evidence of the licence a model has that is enough to go by; a word that stands neither here nor below is not."""
WEAK = {
    "unverified": "which licence the model has was not verified",
    "presumed": "the licence is presumed from the model before it; its text was not read for this one",
    "one source": "one source alone tells which licence the model has",
    "quoted in part": "only parts of the licence were seen",
}
"""Evidence of the licence a model has that lets nobody off reading it -> why."""
NEAR = 2.0
"""An average month this many times below a limit may still hide a single month above it."""
MONTHS = 12
_HOLDS = {
    Fact.REVENUE_YEAR: "revenue is over ${} a year",
    Fact.REVENUE_MONTH: "revenue is over ${} a month",
    Fact.MONTHLY_USERS: "there are more than {} users a month",
    Fact.THIRD_PARTIES: "others use the model itself through you",
    Fact.ASSISTANT: "you sell a coding or office assistant",
    Fact.EU: "your company is in the EU",
    Fact.IMAGES: "the model reads images",
}
_QUESTIONS = {
    Fact.REVENUE_YEAR: "your revenue",
    Fact.REVENUE_MONTH: "your revenue in the strongest month",
    Fact.MONTHLY_USERS: "how many users you have",
    Fact.THIRD_PARTIES: "whether others use the model itself through you",
    Fact.ASSISTANT: "whether you sell a coding or office assistant",
    Fact.EU: "whether your company is in the EU",
    Fact.IMAGES: "whether the model reads images",
}
Known = Callable[[Term], bool | None]
"""Says of a term whether it holds; None: not known."""


class Fit(StrEnum):
    """What a licence says to a company."""

    ALLOWED = "allowed"
    CONDITIONS = "conditions"
    """Allowed as long as something is done, such as showing a name."""
    NEEDS_REVIEW = "needs review"
    """Not known: a person has to read it, or an answer is missing."""
    NOT_ALLOWED = "not allowed"


@dataclass(frozen=True, kw_only=True)
class Company:
    """What licences ask of a company. None: not said."""

    revenue_usd: float | None = None
    """Of the whole group, a year."""
    monthly_users: int | None = None
    """Of its products."""
    third_parties: bool | None = None
    """Whether others use the model itself through it, as they would an API."""
    assistant: bool | None = None
    """Whether it sells a coding or office assistant."""
    eu: bool | None = None
    """Whether its principal place of business is in the EU."""


UNSAID = Company()
"""Nothing was said yet."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What a licence says to a company, and why."""

    fit: Fit
    reason: str
    """In words, the decisive one first."""
    is_unanswered: bool = False
    """Whether an answer about the company is all that is missing."""


def model_fit(company: Company, model: OpenModel, data_dir: Path = DATA, *, change: str | None = None) -> Permission:
    """What the licence of a model says to a company. Raises BadInput when the catalog is damaged.

    ``change`` tells of another licence that the model was seen to have since the catalog was made; nobody has read it.
    """
    if change:
        return Permission(fit=Fit.NEEDS_REVIEW, reason=_sentences([change]))
    found = licence(model.licence, data_dir) if model.licence else None
    if found is None:
        return Permission(fit=Fit.NEEDS_REVIEW, reason="The catalog does not hold this model's licence.")
    return licence_fit(company, found, reads_images=model.images, doubt=_doubt(model.licence_evidence))


def licence_fit(
    company: Company, found: Licence, *, reads_images: bool | None = None, doubt: str | None = None
) -> Permission:
    """What a licence says to a company that runs such a model itself.

    Args:
        company: The answers so far.
        found: The licence.
        reads_images: Whether the model does; some licences tell such models apart.
        doubt: Why it is not certain that the model has this licence; None: it is.
    """

    def known(term: Term) -> bool | None:
        return reads_images if term.fact is Fact.IMAGES else _known(company, term)

    forbidden = [(clause, _holds(clause, known)) for clause in found.not_allowed_if]
    forbids = [clause for clause, holds in forbidden if holds]
    if forbids:
        return Permission(fit=Fit.NOT_ALLOWED, reason=_sentences(_because(clause, known) for clause in forbids))
    duties = [_because(clause, known) for clause in found.conditions_if if _holds(clause, known)]
    unread = [reason for reason in (doubt, found.unread) if reason]
    if unread:
        so_far = [f"known so far: {duty}" for duty in duties]
        return Permission(fit=Fit.NEEDS_REVIEW, reason=_sentences([*unread, *so_far]))
    open_clauses = [clause for clause, holds in forbidden if holds is None]
    if open_clauses:
        told = [f"it depends on {_missing(open_clauses, known)}", *(_if(clause) for clause in open_clauses)]
        return Permission(fit=Fit.NEEDS_REVIEW, reason=_sentences(told), is_unanswered=True)
    open_duties = [clause for clause in found.conditions_if if _holds(clause, known) is None]
    if duties or open_duties:
        asked = [f"it depends on {_missing(open_duties, known)}"] if open_duties else []
        may = [_if(clause) for clause in open_duties]
        return Permission(
            fit=Fit.CONDITIONS, reason=_sentences([*duties, *asked, *may]), is_unanswered=bool(may) and not duties
        )
    ends = [f"it ends if {_when(clause.cases)}" for clause in found.not_allowed_if]
    later = [_if(clause) for clause in found.conditions_if]
    first = "No conditions beyond keeping the notices" if not ends and not later else "Allowed as you answered"
    return Permission(fit=Fit.ALLOWED, reason=_sentences([first, *ends, *later]))


def _doubt(evidence: str) -> str | None:
    if evidence in STRONG:
        return None
    return WEAK.get(evidence, f"how it is known that the model has this licence is not clear ({evidence or 'empty'})")


def _holds(clause: Clause, known: Known) -> bool | None:
    """Whether a clause applies; None where that depends on something not known."""
    answers = [_case_holds(case, known) for case in clause.cases]
    return True if True in answers else None if None in answers else False


def _case_holds(case: Case, known: Known) -> bool | None:
    """Whether all terms of a case hold; None where that is not known."""
    answers = [known(term) for term in case]
    return False if False in answers else None if None in answers else True


def _known(company: Company, term: Term) -> bool | None:
    match term.fact:
        case Fact.REVENUE_YEAR:
            return _over(company.revenue_usd, term.limit)
        case Fact.REVENUE_MONTH:
            return _over_in_a_month(company.revenue_usd, term.limit)
        case Fact.MONTHLY_USERS:
            return _over(company.monthly_users, term.limit)
    answer: bool | None = getattr(company, term.fact)
    return answer


def _over(value: float | None, limit: int | None) -> bool | None:
    return None if value is None or limit is None or not math.isfinite(value) else value > limit


def _over_in_a_month(year_usd: float | None, limit: int | None) -> bool | None:
    if year_usd is None or limit is None or not math.isfinite(year_usd):
        return None
    average = year_usd / MONTHS
    return True if average > limit else False if average * NEAR <= limit else None


def _missing(clauses: Iterable[Clause], known: Known) -> str:
    """The answers that would settle clauses: those of the cases that nothing rules out."""
    possible = [case for clause in clauses for case in clause.cases if _case_holds(case, known) is None]
    asked = dict.fromkeys(_QUESTIONS[term.fact] for case in possible for term in case if known(term) is None)
    return ", and on ".join(asked)


def _because(clause: Clause, known: Known) -> str:
    if clause.is_for_anyone:
        return clause.words
    return f"because {_when(case for case in clause.cases if _case_holds(case, known))}: {clause.words}"


def _if(clause: Clause) -> str:
    return f"if {_when(clause.cases)}: {clause.words}"


def _sentences(parts: Iterable[str]) -> str:
    return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts)


def _when(cases: Iterable[Case]) -> str:
    terms = ([_HOLDS[term.fact].format(_short(term.limit)) for term in case] for case in cases)
    return ", or ".join(" and ".join(case) for case in terms)


def _short(number: int | None) -> str:
    """A large round number: "20 million", "10 billion"."""
    number = number or 0
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.4g} {name}"
    return f"{number:,}"
