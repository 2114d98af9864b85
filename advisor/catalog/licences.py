"""Licences of open models: what each asks of a company, and whether a company may use a model. Not legal advice.

The rule errs on the safe side: a condition that forbids is believed however it was read; that nothing forbids is
believed only where the conditions were read and every answer that matters was given.
Also what providers say about training other models on the answers of theirs.
"""

import functools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.list_copies import LicenceChange
from advisor.catalog.open_models import OpenModel, open_model
from advisor.settings import DATA
from advisor.types import BUILTIN, Fact, LicenceCode, Message
from advisor.types.licences import UNSAID, Company, Fit, LicenceNote

BUILTIN_LICENCE = "apache-2.0"
"""The built-in model's."""
LIMITS = (Fact.MONTHLY_USERS, Fact.REVENUE_MONTH, Fact.REVENUE_YEAR)
"""Facts with a limit; the first two can bring a duty."""
STRONG = frozenset({"text", "text and readings", "readings by others", "tag", "tag and readings"})
"""Evidence of the licence a model has that is enough to go by; with any other a person has to read it."""
NEAR = 2.0
"""An average month this many times below a limit may still hide a single month above it."""
MONTHS = 12


class Term(NamedTuple):
    """One fact about a company or the model."""

    fact: Fact
    limit: int | None = None
    """The fact holds above it; None for facts of yes and no."""


Case = tuple[Term, ...]
"""It applies where all of these hold; without any, to anyone."""
Known = Callable[[Term], bool | None]
"""Says of a term whether it holds; None: not known."""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """What follows, and when."""

    cases: tuple[Case, ...]
    """It applies in each of them."""
    words: str


@dataclass(frozen=True, kw_only=True)
class Licence:
    """One row of licences.csv."""

    id: str
    name: str
    summary: str
    """The conditions in one or two sentences."""
    is_permissive: bool
    """Nothing is asked for but to keep the notices."""
    not_allowed_if: tuple[Clause, ...]
    """Who gets no rights from it."""
    conditions_if: tuple[Clause, ...]
    """Who has to do something beyond keeping notices."""
    unread: str | None
    """Why a person has to read it before anybody relies on it; None: its conditions are known."""
    output_restrictions: str | None
    """What may not be done with a model's answers; None: nothing found."""
    evidence: str
    """How it was read: the text itself, readings by others, a tag."""
    source_url: str
    checked_on: str


@dataclass(frozen=True, kw_only=True)
class Permission:
    """What a licence says to a company, and why."""

    fit: Fit
    reasons: tuple[Message, ...]
    """Of ``LicenceCode``, the decisive one first."""
    is_unanswered: bool = False
    """Whether an answer about the company is all that is missing."""


def licence_of(litellm_id: str) -> str | None:
    """The licence id of the model behind ``litellm_id``; None for a closed or unknown model."""
    if litellm_id.startswith(BUILTIN):
        return BUILTIN_LICENCE
    model = open_model(litellm_id)
    return model.licence if model else None


def licence(licence_id: str) -> Licence | None:
    """What is known about a licence; None for an id that is not in the catalog."""
    return _read(DATA / "catalog" / "licences.csv").get(licence_id.lower())


def licence_note(company: Company, litellm_id: str, licence_id: str) -> LicenceNote | None:
    """What a licence asks for, and what it says to the company; None where it asks for nothing, or isn't known."""
    found = licence(licence_id)
    if found is None or found.is_permissive:
        return None
    permission = permission_of(company, litellm_id, licence_id) if company != UNSAID else None
    return LicenceNote(f"{found.name}: {found.summary}", permission.fit if permission else None)


def model_fit(company: Company, model: OpenModel, *, change: LicenceChange | None = None) -> Permission:
    """What the licence of a model says to a company. Raises BadInput when the catalog is damaged.

    ``change`` is another licence that the model was seen to have since the catalog was made; nobody has read it.
    """
    found = licence(model.licence) if model.licence and not change else None
    if found is not None:
        return licence_fit(company, found, reads_images=model.can.images, evidence=model.remarks.licence_evidence)
    if change:
        values = {"before": change.before, "after": change.after, "seen_on": change.seen_on}
        reason = Message(code=LicenceCode.CHANGED, values=values)
    else:
        reason = Message.of(LicenceCode.NOT_LISTED)
    return Permission(fit=Fit.NEEDS_REVIEW, reasons=(reason,))


def permission_of(company: Company, litellm_id: str, licence_id: str) -> Permission | None:
    """What a license says to a company about the model behind an id; None where the catalog doesn't have the license.

    Where the catalog has another license for the model, or none, that of the id is believed: a person gave it.
    """
    found, model = licence(licence_id), open_model(litellm_id)
    if found is None:
        return None
    if model is None or model.licence != licence_id:
        return licence_fit(company, found)
    return licence_fit(company, found, reads_images=model.can.images, evidence=model.remarks.licence_evidence)


def licence_fit(
    company: Company, found: Licence, *, reads_images: bool | None = None, evidence: str = "text"
) -> Permission:
    """What a licence says to a company that runs such a model itself.

    Args:
        company: The answers so far.
        found: The licence.
        reads_images: Whether the model does; some licences tell such models apart.
        evidence: How it is known that the model has this licence, in the catalog's words.
    """

    def known(term: Term) -> bool | None:
        return reads_images if term.fact is Fact.IMAGES else _known(company, term)

    def open_among(clauses: Iterable[Clause]) -> list[Clause]:
        return [clause for clause in clauses if _holds(clause, known) is None]

    forbids = [clause for clause in found.not_allowed_if if _holds(clause, known)]
    if forbids:
        return Permission(fit=Fit.NOT_ALLOWED, reasons=tuple(_applies(clause, known) for clause in forbids))
    duties = [clause for clause in found.conditions_if if _holds(clause, known)]
    unread = [] if evidence in STRONG else [Message.of(LicenceCode.EVIDENCE, evidence=evidence)]
    unread += [Message.of(LicenceCode.UNREAD, words=found.unread)] if found.unread else []
    if unread:
        so_far = (_applies(duty, known, LicenceCode.SO_FAR) for duty in duties)
        return Permission(fit=Fit.NEEDS_REVIEW, reasons=(*unread, *so_far))
    if open_clauses := open_among(found.not_allowed_if):
        return Permission(fit=Fit.NEEDS_REVIEW, reasons=_open(open_clauses, known), is_unanswered=True)
    open_duties = open_among(found.conditions_if)
    if duties or open_duties:
        reasons = (*(_applies(duty, known) for duty in duties), *_open(open_duties, known))
        return Permission(fit=Fit.CONDITIONS, reasons=reasons, is_unanswered=bool(open_duties) and not duties)
    ends = [Message.of(LicenceCode.ENDS_IF, cases=clause.cases) for clause in found.not_allowed_if]
    later = [_would_apply(clause) for clause in found.conditions_if]
    first = LicenceCode.AS_ANSWERED if ends or later else LicenceCode.NO_CONDITIONS
    return Permission(fit=Fit.ALLOWED, reasons=(Message.of(first), *ends, *later))


def _applies(clause: Clause, known: Known, code: LicenceCode = LicenceCode.BECAUSE) -> Message:
    return Message.of(code, words=clause.words, cases=[case for case in clause.cases if _case_holds(case, known)])


def _would_apply(clause: Clause) -> Message:
    return Message.of(LicenceCode.IF, words=clause.words, cases=clause.cases)


def _open(clauses: list[Clause], known: Known) -> tuple[Message, ...]:
    """The answers that would settle clauses, those of the cases that nothing rules out, and the clauses."""
    if not clauses:
        return ()
    possible = [case for clause in clauses for case in clause.cases if _case_holds(case, known) is None]
    facts = dict.fromkeys(term.fact for case in possible for term in case if known(term) is None)
    return (Message.of(LicenceCode.DEPENDS_ON, facts=list(facts)), *map(_would_apply, clauses))


def _holds(clause: Clause, known: Known) -> bool | None:
    """Whether a clause applies; None where that depends on something not known."""
    answers = [_case_holds(case, known) for case in clause.cases]
    return True if True in answers else None if None in answers else False


def _case_holds(case: Case, known: Known) -> bool | None:
    """Whether all terms of a case hold; None where that is not known."""
    answers = [known(term) for term in case]
    return False if False in answers else None if None in answers else True


def _known(company: Company, term: Term) -> bool | None:
    if term.limit is None:
        answer: bool | None = getattr(company, term.fact)
        return answer
    value = company.monthly_users if term.fact is Fact.MONTHLY_USERS else company.revenue_usd
    if value is None or not math.isfinite(value):
        return None
    if term.fact is not Fact.REVENUE_MONTH:
        return value > term.limit
    average = value / MONTHS
    return True if average > term.limit else False if average * NEAR <= term.limit else None


@functools.cache
def _read(path: Path) -> dict[str, Licence]:
    return dict(read_rows(path, lambda row: (row["licence_id"].lower(), _licence(row))))


def _licence(row: dict[str, str]) -> Licence:
    return Licence(
        id=row["licence_id"],
        name=row["name"],
        summary=row["condition_summary"],
        is_permissive=row["family"] == "permissive",
        not_allowed_if=(*_clause(row, "exclusion", row["exclusion_uses"], LIMITS), *_eu_exclusion(row)),
        conditions_if=_clause(row, "duty", "", LIMITS[:2]),
        unread=row["unread"] or None,
        output_restrictions=row["output_restrictions"] if row["output_restrictions"] not in ("", "none") else None,
        evidence=row["evidence"],
        source_url=row["source_url"],
        checked_on=row["checked_on"],
    )


def _clause(row: dict[str, str], name: str, uses: str, limited: tuple[Fact, ...]) -> tuple[Clause, ...]:
    """What is in some columns: each use above each limit. Raises ValueError where the words are missing."""
    used = [Term(Fact(use)) for use in uses.split()]
    limits = [Term(fact, int(limit)) for fact in limited if (limit := row[f"{name}_{fact}"])]
    if not row[name] and (used or limits):
        raise ValueError(f"{name} has limits or uses, but no words")
    cases = tuple(product(*filter(None, (used, limits))))
    return (Clause(cases=cases, words=row[name]),) if row[name] else ()


def _eu_exclusion(row: dict[str, str]) -> tuple[Clause, ...]:
    if not row["eu_exclusion"]:
        return ()
    case = {"all": (Term(Fact.EU),), "images": (Term(Fact.EU), Term(Fact.IMAGES))}[row["eu_exclusion_models"]]
    return (Clause(cases=(case,), words=row["eu_exclusion"]),)


class OutputTerms(NamedTuple):
    """One row of output_terms.csv."""

    name: str
    """Of the contract."""
    rule: str
    source_url: str
    evidence: str
    """How it was read."""
    checked_on: str


def output_terms(provider: str) -> OutputTerms | None:
    """Of a provider as litellm spells it; None: not in the catalog. Raises BadInput when the file is damaged."""
    rows = read_rows(DATA / "catalog" / "output_terms.csv", _terms)
    return next((terms for hosts, terms in rows if provider in hosts), None)


def _terms(row: dict[str, str]) -> tuple[list[str], OutputTerms]:
    return row.pop("host").split("|"), OutputTerms(**row)
