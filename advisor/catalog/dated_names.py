"""Whether a model can be called by the day that its name ends in: makers date names by the day of a model's release."""

import functools
from datetime import UTC, date, datetime

from advisor.catalog.identity import days_in, stem_of
from advisor.catalog.refresh_kept import Kept
from advisor.catalog.refresh_lists import LITELLM
from advisor.catalog.refresh_used import in_use, listed_models


def is_of_a_possible_day(name: str, at: datetime) -> bool:
    """Whether the day in a name has come at ``at`` (aware) or today, and is none from before the model was there.

    A name without a day is. The release is known as far as the dated names in litellm's list tell it.
    """
    latest = max(at, datetime.now(UTC)).date()
    days = days_in(name)
    if not days:
        return True
    earliest = _first_days(in_use(LITELLM)).get(stem_of(name.rpartition("/")[2]), date.min)
    return all(earliest <= day <= latest for day in days)


def is_listed(name: str) -> bool:
    """Whether litellm's list in use spells just this name, whoever sells it."""
    return name.lower().rpartition("/")[2] in _listed(in_use(LITELLM))


@functools.lru_cache(maxsize=1)
def _listed(_copy: Kept | None) -> frozenset[str]:
    """The names of litellm's list in use, which is this copy or the installed one."""
    return frozenset(name.lower().rpartition("/")[2] for name in listed_models())


@functools.lru_cache(maxsize=1)
def _first_days(copy: Kept | None) -> dict[str, date]:
    """The first day among the dated names that litellm's list has of a model, however its hosts spell them."""
    found: dict[str, date] = {}
    for name in _listed(copy):
        for day in days_in(name):
            stem = stem_of(name)
            found[stem] = min(day, found.get(stem, day))
    return found
