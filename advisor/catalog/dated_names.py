"""Whether a model can be called by the day that its name ends in: makers date names by the day of a model's release."""

import functools
from datetime import UTC, date, datetime, timedelta

from advisor.catalog.identity import days_in, stem_of, without_ending
from advisor.catalog.refresh_kept import Kept
from advisor.catalog.refresh_lists import LITELLM
from advisor.catalog.refresh_used import in_use, listed_models

_HISTORY = date(2025, 7, 15)
"""The second list's history begins before: its first entry of a model tells no release until this day."""
_EARLIER = timedelta(days=90)
"""A name's day may be so long before the day on which the list first had the model."""


def is_of_a_possible_day(name: str, at: datetime) -> bool:
    """Whether the day in a name has come at ``at`` (aware) or today, and is none from before the model was there.

    A name without a day is. The release is known as far as the lists in use tell it.
    """
    latest = max(at, datetime.now(UTC)).date()
    days = days_in(name)
    if not days:
        return True
    earliest = _earliest(name.rpartition("/")[2], in_use(LITELLM))
    return all(earliest <= day <= latest for day in days)


def is_listed(name: str) -> bool:
    """Whether litellm's list in use spells just this name, whoever sells it."""
    return name.lower().rpartition("/")[2] in _listed(in_use(LITELLM))


@functools.lru_cache(4096)
def _earliest(name: str, copy: Kept | None) -> date:
    import model_prices  # type: ignore[import-untyped]

    if known := _first_days(copy).get(stem_of(name)):
        return known
    stem = without_ending(name)
    resolved = model_prices.resolve(stem.replace(".", "-") if stem.startswith("claude") else stem, strict=True)
    first = resolved and model_prices.rates(resolved[1], at=datetime(2020, 1, 1, tzinfo=UTC), provider=resolved[0])
    seen = datetime.fromisoformat(first.valid_from).date() if first else date.min
    return seen - _EARLIER if seen > _HISTORY else date.min


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
