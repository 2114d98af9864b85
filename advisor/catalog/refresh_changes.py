"""What is different between two copies of a list, and what must be looked at by a person before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.catalog.refresh_lists import Entries, Rates

LEAST_LEFT = 0.95
"""A list that lost more of its entries is taken for a broken one."""
MOST_TIMES = 10.0
"""A price that changed more is taken for a mistake until a person has looked."""


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """One price of a list, before and after."""

    model: str
    before: Rates
    after: Rates

    @property
    def is_jump(self) -> bool:
        """Whether any of the prices became more than ten times as large, or as small; free ones aside."""
        pairs = [(old, new) for old, new in zip(self.before, self.after, strict=True) if old and new]
        return any(max(old, new) > MOST_TIMES * min(old, new) for old, new in pairs)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that is different."""

    prices: tuple[PriceChange, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.prices or self.new or self.gone)


@dataclass(frozen=True, kw_only=True)
class LicenceChange:
    """A repository names another licence than before; the model is no candidate until a person has looked."""

    model: str
    """Id in the catalogue."""
    repo: str
    before: str
    after: str
    seen_on: str
    """The day, as in 2026-11-26."""
    reviewed_on: str | None = None


def compare(before: Entries, after: Entries) -> Changes:
    """What is different, in alphabetical order."""
    prices = []
    for model in sorted(before.keys() & after.keys()):
        old, new = before[model], after[model]
        if old is not None and new is not None and old != new:
            prices.append(PriceChange(model=model, before=old, after=new))
    return Changes(
        prices=tuple(prices),
        new=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
    )


def is_too_short(before: Entries, after: Entries, reviewed: int | None) -> bool:
    """Whether too many entries are missing; ``reviewed`` is a number of entries that a person has found right."""
    enough = len(before) if reviewed is None else min(len(before), reviewed)
    return len(after) < LEAST_LEFT * enough


def jumps(changes: Changes, reviewed: Mapping[str, Rates]) -> tuple[PriceChange, ...]:
    """The prices that jumped and that nobody has looked at: a review is of one price, not of a model."""
    return tuple(change for change in changes.prices if change.is_jump and reviewed.get(change.model) != change.after)


def compare_licences(
    before: Mapping[str, str], after: Mapping[str, str], models: Mapping[str, str], day: str
) -> tuple[LicenceChange, ...]:
    """The repositories that name another licence than before; ``models`` are the catalogue's ids by repository."""
    return tuple(
        LicenceChange(model=models[repo], repo=repo, before=before[repo], after=after[repo], seen_on=day)
        for repo in sorted(after)
        if repo in before and repo in models and before[repo] != after[repo]
    )
