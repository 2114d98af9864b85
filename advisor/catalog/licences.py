"""Licences of open models: which one a model has, and what it asks of a company. Not legal advice."""

import functools
from dataclasses import dataclass
from pathlib import Path

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.licence_terms import Clause, read_clauses
from advisor.catalog.open_models import DATA, OpenModel, candidates_catalog, open_model

__all__ = ["Licence", "OpenModel", "candidates_catalog", "licence", "licence_of", "licence_summary", "open_model"]

BUILTIN = "apache-2.0"
"""The built-in model's."""


@dataclass(frozen=True, kw_only=True)
class Licence:
    """One row of licences.csv."""

    id: str
    name: str
    osi_approved: bool
    commercial_use: str
    """``yes``, ``no``, ``conditions`` ..., as read."""
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
    territory_limits: str | None
    needs_legal_review: str
    evidence: str
    """How it was read: the text itself, readings by others, a tag."""
    source_url: str | None
    checked_on: str


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
        osi_approved=row["osi_approved"] == "yes",
        commercial_use=row["commercial_use"],
        summary=row["condition_summary"],
        not_allowed_if=read_clauses(row["not_allowed_if"]),
        conditions_if=read_clauses(row["conditions_if"]),
        unread=row["unread"] or None,
        output_restrictions=_told(row["output_restrictions"]),
        territory_limits=_told(row["territory_limits"]),
        needs_legal_review=row["needs_legal_review"],
        evidence=row["evidence"],
        source_url=row["source_url"] or None,
        checked_on=row["checked_on"],
    )


def _told(cell: str) -> str | None:
    return cell if cell not in ("", "none") else None
