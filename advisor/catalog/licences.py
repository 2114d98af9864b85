"""Licences of open models: which one a model has, and what it asks of a company. Not legal advice."""

import functools
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA, OpenModel, candidates_catalog, open_model

__all__ = ["Licence", "OpenModel", "candidates_catalog", "licence", "licence_of", "licence_summary", "open_model"]

BUILTIN = "apache-2.0"
"""The built-in model's."""


class Fact(StrEnum):
    """What a licence asks of a company or of the model."""

    THIRD_PARTIES = "third_parties"
    """Others use the model itself through the company."""
    ASSISTANT = "assistant"
    """It sells a coding or office assistant."""
    EU = "eu"
    IMAGES = "images"
    """The model reads them."""
    MONTHLY_USERS = "monthly_users"
    REVENUE_MONTH = "revenue_month"
    """Dollars of the whole group, as is the next."""
    REVENUE_YEAR = "revenue_year"


LIMITS = (Fact.MONTHLY_USERS, Fact.REVENUE_MONTH, Fact.REVENUE_YEAR)
"""Facts with a limit; the first two can bring a duty."""


class Term(NamedTuple):
    """One fact about a company or the model."""

    fact: Fact
    limit: int | None = None
    """The fact holds above it; None for facts of yes and no."""


Case = tuple[Term, ...]
"""It applies where all of these hold; without any, to anyone."""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """What follows, and when."""

    cases: tuple[Case, ...]
    """It applies in each of them."""
    words: str

    @property
    def is_for_anyone(self) -> bool:
        """Whether it applies to everybody."""
        return () in self.cases


@dataclass(frozen=True, kw_only=True)
class Licence:
    """One row of licences.csv."""

    id: str
    name: str
    summary: str
    """The conditions in one or two sentences."""
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


def licence_of(litellm_id: str, data_dir: Path = DATA) -> str | None:
    """The licence id of the model behind ``litellm_id``; None for a closed or unknown model."""
    if litellm_id.startswith("builtin/"):
        return BUILTIN
    model = open_model(litellm_id, data_dir)
    return model.licence if model else None


def licence(licence_id: str, data_dir: Path = DATA) -> Licence | None:
    """What is known about a licence; None for an id that is not in the catalog."""
    return _read(data_dir / "catalog" / "licences.csv").get(licence_id.lower())


def licence_summary(licence_id: str, data_dir: Path = DATA) -> str | None:
    """Name and conditions of a licence in one line; None for an id that is not in the catalog."""
    found = licence(licence_id, data_dir)
    return f"{found.name}: {found.summary}" if found else None


@functools.cache
def _read(path: Path) -> dict[str, Licence]:
    return dict(read_rows(path, lambda row: (row["licence_id"].lower(), _licence(row))))


def _licence(row: dict[str, str]) -> Licence:
    return Licence(
        id=row["licence_id"],
        name=row["name"],
        summary=row["condition_summary"],
        not_allowed_if=(*_clause(row, "exclusion", row["exclusion_uses"], LIMITS), *_eu_exclusion(row)),
        conditions_if=_clause(row, "duty", "", LIMITS[:2]),
        unread=row["unread"] or None,
        output_restrictions=row["output_restrictions"] if row["output_restrictions"] not in ("", "none") else None,
        evidence=row["evidence"],
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
