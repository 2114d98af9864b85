"""By which entry of genai-prices a name is priced: money follows the rules by which the list matches names."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from advisor.catalog.identity import is_same_model
from advisor.catalog.list_content import Unreadable

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

Moves = dict[str, tuple[str | None, str | None]]
"""A name, ``provider/name`` or bare -> the entries, ``provider/model``, that price it before and after; None: none."""


def is_spelled_out(clause: Any, name: str) -> bool:
    """Whether a match rule lists the name itself, rather than a beginning or a part of it."""
    if getattr(clause, "equals", None) is not None:
        return bool(clause.equals.lower() == name)
    return any(is_spelled_out(part, name) for part in getattr(clause, "or_", ()))


def tells(clause: Any, part: str) -> bool:
    """Whether a match rule has these letters in any word of it."""
    words = (getattr(clause, kind, None) for kind in ("equals", "starts_with", "ends_with", "contains"))
    parts = (*getattr(clause, "or_", ()), *getattr(clause, "and_", ()))
    return any(word and part in word for word in words) or any(tells(each, part) for each in parts)


def moved_names(before: list[Any], after: list[Any]) -> Moves:
    """The names that another entry prices in one copy of genai-prices' providers than in the other.

    Every name in a rule of either copy is asked for, at its provider, and without one where another provider would be
    taken for its maker. Raises Unreadable for rules that are none.
    """
    from genai_prices.data_snapshot import DataSnapshot

    old, new = _rules(before), _rules(after)
    changed = {provider for provider in old.keys() | new.keys() if old.get(provider) != new.get(provider)}
    changed |= {each.id for each in (*before, *after) if changed.intersection(each.fallback_model_providers or ())}
    if not changed:
        return {}
    copies = [DataSnapshot(providers, from_auto_update=False) for providers in (before, after)]
    found: Moves = {}
    try:
        for provider, name in {*_names(before), *_names(after)}:
            if provider in changed:
                was, now = (_entry(copy, provider, name) for copy in copies)
                found[f"{provider}/{name}"] = was, now
            maker_was, maker_now = (_maker(copy, name) for copy in copies)
            if maker_was != maker_now:
                found[name] = _entry(copies[0], None, name), _entry(copies[1], None, name)
    except re.error as error:
        raise Unreadable(f"a rule by which it matches names is none ({error})") from None
    return {name: (was, now) for name, (was, now) in found.items() if was != now}


def _rules(providers: list[Any]) -> dict[str, Any]:
    """By provider, all that the prices of its names depend on but prices, in the order in which it is tried."""
    return {
        each.id: (
            each.model_match,
            each.provider_match,
            each.fallback_model_providers,
            [(model.id, model.match) for model in each.models],
        )
        for each in providers
    }


def _names(providers: list[Any]) -> Iterator[tuple[str, str]]:
    """Provider and name, in small letters: every model's own, and those in its rule."""
    for provider in providers:
        for model in provider.models:
            for name in (model.id, *_spelled(model.match)):
                yield provider.id, name.lower()


def _spelled(clause: Any) -> Iterator[str]:
    for word in (getattr(clause, "equals", None), getattr(clause, "starts_with", None)):
        if word:
            yield word
    for part in (*getattr(clause, "or_", ()), *getattr(clause, "and_", ())):
        yield from _spelled(part)


def _entry(copy: "DataSnapshot", provider: str | None, name: str) -> str | None:
    try:
        at, model = copy.find_provider_model(name, None, provider, None)
    except LookupError:
        return None
    if not (is_spelled_out(model.match, name) or is_same_model(name, model.id)):
        return None
    sellers = (each for each in (at, *copy.providers) if any(model is one for one in each.models))
    return f"{next(sellers).id}/{model.id}"  # of another provider where this one has no price of its own


def _maker(copy: "DataSnapshot", name: str) -> str | None:
    try:
        return str(copy.find_provider(name, None, None).id)
    except LookupError:
        return None
