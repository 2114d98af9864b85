"""What is read of the same pairs again and again, as by one what-if after another, is read once."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

_P = ParamSpec("_P")
_Of = TypeVar("_Of", bound="Kept")
_Found = TypeVar("_Found")
_MOST = 40
"""Results that pairs remember."""


class Kept:
    """Pairs that remember what is read of them, once they are told to."""

    known: dict[tuple[Any, ...], Any] | None = None

    def keep(self) -> Self:
        """The same pairs, which remember from now on."""
        if self.known is None:
            vars(self)["known"] = {}
        return self


def once(read: Callable[Concatenate[_Of, _P], _Found]) -> Callable[Concatenate[_Of, _P], _Found]:
    """Read the same of pairs that remember only once; what is made of such pairs remembers too."""

    @wraps(read)
    def ask(pairs: _Of, /, *args: _P.args, **kwargs: _P.kwargs) -> _Found:
        known = pairs.known
        if known is None:
            return read(pairs, *args, **kwargs)
        key = read, args, tuple(kwargs.items())
        with suppress(KeyError):
            found: _Found = known[key]
            return found
        found = read(pairs, *args, **kwargs)
        for each in found if isinstance(found, tuple) else (found,):
            if isinstance(each, Kept):
                each.keep()
        if len(known) >= _MOST:
            known.clear()
        known[key] = found
        return found

    return ask
