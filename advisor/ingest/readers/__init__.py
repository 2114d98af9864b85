"""One module per format, which defines a Reader, an Opener or a Joiner; adding a format is adding a module."""

import importlib
import pkgutil
from functools import cache
from typing import TypeVar

from advisor.ingest.reader import Joiner, Opener, Reader

_Kind = TypeVar("_Kind", Reader, Opener, Joiner)


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader of this package, exact formats before general ones."""
    return tuple(sorted(_defined(Reader), key=lambda reader: (reader.rank, reader.name)))


@cache
def all_openers() -> tuple[Opener, ...]:
    """Every opener of this package."""
    return tuple(_defined(Opener))


@cache
def all_joiners() -> tuple[Joiner, ...]:
    """Every joiner of this package."""
    return tuple(_defined(Joiner))


def _defined(kind: type[_Kind]) -> list[_Kind]:
    """In the order of the modules' names."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [value for module in modules for value in vars(module).values() if isinstance(value, kind)]
