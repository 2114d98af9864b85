"""What is different between two copies of a list, and what must be looked at by a person before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.catalog.list_content import Entries, Prices
from advisor.catalog.list_names import Moves

LEAST_LEFT = 0.95
"""A list that lost more of its entries is taken for a broken one."""
MOST_TIMES = 10.0
"""A price that changed more is taken for a mistake until a person has looked."""
MUCH = 1.5
"""How many times a price changes that moved much: one may, but not many of a list at once."""
MANY, LEAST_KNOWN = 0.1, 50
"""Share of a list's models that is many, and how many models a list must have had for that."""
Jumps = dict[str, float | None]
"""New prices by name; None: it has none any more."""
ALWAYS = ("input", "cache_read", "output")
"""Prices that are told with every change."""


@dataclass(frozen=True, kw_only=True)
class PriceChange:
    """The prices of one model of a list, before and after: those that changed, beside today's of input and output."""

    model: str
    before: Prices
    after: Prices

    @property
    def jumps(self) -> Jumps:
        """The new prices that are more than ten times as large or as small as before, or free where they were not.

        A price that is new or gone is compared with today's of the same kind, and what a cache costs at most with
        input, which it costs without a price of its own. That there is none for input or output any more is a jump.
        """
        names = sorted(self.before.keys() | self.after.keys())
        return {name: self.after.get(name) for name in names if self._is_jump(name)}

    @property
    def moves(self) -> Jumps:
        """The new prices of what had one before that are more than half as much again, or that much less."""
        both = ((name, self.before[name], self.after[name]) for name in sorted(self.before.keys() & self.after.keys()))
        return {name: new for name, old, new in both if max(old, new) > MUCH * min(old, new)}

    def _is_jump(self, name: str) -> bool:
        kind = name.partition(" ")[0]
        instead = self.after.get("input") if kind.startswith("cache_") else None
        old, new = (prices.get(name, prices.get(kind)) for prices in (self.before, self.after))
        if old is None:
            return new is not None and instead is not None and new > MOST_TIMES * instead
        new = instead if new is None else new
        if new is None:
            return name in ("input", "output") and old > 0
        return (old > 0) != (new > 0) or max(old, new) > MOST_TIMES * min(old, new)


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


def compare(before: Entries, after: Entries, moves: Moves) -> Changes:
    """What is different, in alphabetical order: of entries, and of names that other entries price than before.

    A name that came or went with the only entry that ever priced it is told by that entry.
    """
    moved = {name: (was, now) for name, (was, now) in moves.items() if (was or now in before) and (now or was in after)}
    before = _by_name(before, {name: was for name, (was, _) in moved.items()})
    after = _by_name(after, {name: now for name, (_, now) in moved.items()})
    prices = []
    for model in sorted(before.keys() & after.keys()):
        old, new = before[model] or {}, after[model] or {}
        if old != new:
            kinds = {name.partition(" ")[0] for name in new.keys() ^ old.keys()}
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


def jumps(changes: Changes, reviewed: Mapping[str, Jumps], known: int) -> tuple[PriceChange, ...]:
    """The models with prices that jumped and that nobody has looked at: a review is of one price, not of a model.

    Where many of the ``known`` models of a list moved much at once, all of these.
    """

    def waits(change: PriceChange, moved: Jumps) -> bool:
        return not moved.items() <= reviewed.get(change.model, {}).items()

    moved = tuple(change for change in changes.prices if waits(change, change.moves))
    if known >= LEAST_KNOWN and len(moved) > MANY * known:
        return moved
    return tuple(change for change in changes.prices if waits(change, change.jumps))


def _by_name(entries: Entries, moved: Mapping[str, str | None]) -> Entries:
    """The entries, and what the names that moved cost by this copy."""
    named = {name: entries.get(entry) for name, entry in moved.items() if entry is not None}
    return {name: prices for name, prices in entries.items() if name not in moved} | named


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
