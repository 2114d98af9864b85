"""The conditions of a licence as a company can be held against them, read from small cells of licences.csv.

A cell holds clauses such as ``third_parties and revenue_year > 20000000: needs an agreement first``, separated by
``|``. ``and`` binds before ``or``. An answer that is not known makes a clause unknown, never false.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LIMITS = {
    "revenue_year": "revenue is over ${} a year",
    "revenue_month": "revenue is over ${} a month",
    "monthly_users": "there are more than {} users a month",
}
"""Facts with a limit, in words."""
YES_NO = {
    "anyone": "anyone",
    "third_parties": "others use the model itself through you",
    "assistant": "you sell a coding or office assistant",
    "eu": "your company is in the EU",
    "images": "the model reads images",
}
"""Facts that hold or do not, in words."""
_TERM = re.compile(r"(?P<fact>[a-z_]+)(?: > (?P<limit>\d+))?")


@dataclass(frozen=True, kw_only=True)
class Term:
    """One fact about a company or the model."""

    fact: str
    limit: int | None
    """The fact holds above it; None for facts of yes and no."""

    @property
    def words(self) -> str:
        """For a person."""
        return YES_NO[self.fact] if self.limit is None else LIMITS[self.fact].format(short(self.limit))


Known = Callable[[Term], bool | None]
"""Says of a term whether it holds; None: not known."""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """What follows, and when."""

    cases: tuple[tuple[Term, ...], ...]
    """It applies in each of these cases, where all terms of the case hold."""
    words: str

    def holds(self, known: Known) -> bool | None:
        """Whether it applies; None where that depends on something not known."""
        return _any([case_holds(case, known) for case in self.cases])

    @property
    def is_for_anyone(self) -> bool:
        """Whether it applies to everybody."""
        return self.when == YES_NO["anyone"]

    @property
    def when(self) -> str:
        """All cases in words."""
        return when(self.cases)


def case_holds(case: tuple[Term, ...], known: Known) -> bool | None:
    """Whether all terms of a case hold; None where that is not known."""
    answers = [known(term) for term in case]
    return False if False in answers else None if None in answers else True


def when(cases: Iterable[tuple[Term, ...]]) -> str:
    """Cases in words."""
    return ", or ".join(" and ".join(term.words for term in case) for case in cases)


def read_clauses(cell: str) -> tuple[Clause, ...]:
    """The clauses in a cell; none in an empty one. Raises ValueError for anything that is not a clause."""
    return tuple(_clause(part.strip()) for part in cell.split("|")) if cell.strip() else ()


def short(number: float) -> str:
    """A large round number: "20 million", "10 billion"."""
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:,.4g} {name}"
    return f"{number:,.0f}"


def _clause(text: str) -> Clause:
    test, colon, words = text.partition(": ")
    if not colon or not words.strip():
        raise ValueError(f"{text!r} is no clause: write conditions, a colon and what follows")
    cases = tuple(tuple(_term(term) for term in case.split(" and ")) for case in test.split(" or "))
    return Clause(cases=cases, words=words.strip())


def _term(text: str) -> Term:
    match = _TERM.fullmatch(text.strip())
    fact, limit = (match["fact"], match["limit"]) if match else ("", None)
    if (limit is None and fact not in YES_NO) or (limit is not None and fact not in LIMITS):
        raise ValueError(f"{text!r} is no condition that is known here")
    return Term(fact=fact, limit=None if limit is None else int(limit))


def _any(known: list[bool | None]) -> bool | None:
    return True if True in known else None if None in known else False
