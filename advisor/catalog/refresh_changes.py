"""What is different between two copies of a list, and what must be looked at by a person before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.catalog.list_content import Entries, Prices

LEAST_LEFT = 0.95
"""A list that lost more of its entries is taken for a broken one."""
MOST_TIMES = 10.0
"""A price that changed more is taken for a mistake until a person has looked."""
ALWAYS = ("input", "cache_read", "output")
"""Prices that are told with every change."""


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """The prices of one model of a list, before and after: those that changed, beside today's of input and output."""

    model: str
    before: Prices
    after: Prices

    @property
    def jumps(self) -> Prices:
        """The new prices that are more than ten times as large or as small as before, or free where they were not.

        A price that is new is compared with today's of the same kind, and what a cache costs at most with input.
        """
        return {name: price for name, price in self.after.items() if self._is_jump(name, price)}

    def _is_jump(self, name: str, price: float) -> bool:
        kind = name.partition(" ")[0]
        old = self.before.get(name, self.before.get(kind))
        if old is None:
            return kind.startswith("cache_") and price > MOST_TIMES * self.after.get("input", price)
        return (old > 0) != (price > 0) or max(old, price) > MOST_TIMES * min(old, price)


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
            kinds = {name.partition(" ")[0] for name in new.keys() - old.keys()}
            shown = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} | kinds | set(ALWAYS)
            prices.append(PriceChange(model=model, before=_some(old, shown), after=_some(new, shown)))
    return Changes(
        prices=tuple(prices),
        new=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
    )


def is_too_short(before: Entries, after: Entries, reviewed: int | None) -> bool:
    """Whether too many entries are missing; ``reviewed`` is a number of entries that a person has found right."""
    enough = len(before) if reviewed is None else min(len(before), reviewed)
    return len(after) < LEAST_LEFT * enough


def jumps(changes: Changes, reviewed: Mapping[str, Prices]) -> tuple[PriceChange, ...]:
    """The models with prices that jumped and that nobody has looked at: a review is of one price, not of a model."""
    return tuple(
        change for change in changes.prices if not change.jumps.items() <= reviewed.get(change.model, {}).items()
    )


def _some(prices: Prices, names: set[str]) -> Prices:
    return {name: prices[name] for name in sorted(names & prices.keys())}


def compare_licences(
    before: Mapping[str, str], after: Mapping[str, str], models: Mapping[str, str], day: str
) -> tuple[LicenceChange, ...]:
    """The repositories that name another licence than before; ``models`` are the catalogue's ids by repository."""
    return tuple(
        LicenceChange(model=models[repo], repo=repo, before=before[repo], after=after[repo], seen_on=day)
        for repo in sorted(after)
        if repo in before and repo in models and before[repo] != after[repo]
    )
