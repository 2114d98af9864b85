"""What is different between two copies of a list, and whether the newer one can be right."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.catalog.list_content import Entries, Prices, Unreadable

LEAST_LEFT = 0.95
"""A list that lost more of its entries is taken for a broken one."""
MUCH, MANY, LEAST_KNOWN = 1.5, 0.1, 50
"""So many times a price may change for a tenth of a list's models at once; shorter lists may change as they like."""
ALWAYS = ("input", "cache_read", "output")
"""Prices that are told with every change."""


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """The prices of one model of a list, before and after: those that changed, and today's of input and output."""

    model: str
    before: Prices
    after: Prices


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
    """A repository has another licence than before; the model can't be a candidate until a person has looked."""

    model: str
    """Id in the catalogue."""
    repo: str
    before: str
    after: str
    seen_on: str
    """The day, as in 2026-11-26."""
    reviewed_on: str | None = None


def check(before: Entries, after: Entries) -> None:
    """Raises Unreadable for a list that lost entries, or in which many prices changed much at once."""
    if len(after) < LEAST_LEFT * len(before):
        raise Unreadable(f"it has {len(after):,} entries where the last one had {len(before):,}; it looks cut off")
    both = [(old, new) for name in before.keys() & after.keys() if (old := before[name]) and (new := after[name])]
    moved = sum(_moved_much(old, new) for old, new in both)
    if len(both) >= LEAST_KNOWN and moved > MANY * len(both):
        raise Unreadable(f"prices of {moved:,} of {len(both):,} models changed by half or more at once")


def _moved_much(old: Prices, new: Prices) -> bool:
    pairs = ((old[name], new[name]) for name in old.keys() & new.keys())
    return any(max(pair) > MUCH * min(pair) for pair in pairs)


def compare(before: Entries, after: Entries) -> Changes:
    """What is different, in alphabetical order."""
    prices = []
    for model in sorted(before.keys() & after.keys()):
        old, new = before[model] or {}, after[model] or {}
        if old != new:
            shown = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} | set(ALWAYS)
            prices.append(PriceChange(model=model, before=_some(old, shown), after=_some(new, shown)))
    return Changes(
        prices=tuple(prices),
        new=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
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
