"""One module per format, offering a ``READER``, an ``OPENER`` or a ``JOINER``; adding a format is adding a module."""

import importlib
import pkgutil
from functools import cache
from typing import Any

from advisor.ingest.reader import Joiner, Opener, Reader


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader of this package, exact formats before general ones."""
    return tuple(sorted(_offered("READER"), key=lambda reader: (reader.rank, reader.name)))


@cache
def all_openers() -> tuple[Opener, ...]:
    """Every opener of this package."""
    return tuple(_offered("OPENER"))


@cache
def all_joiners() -> tuple[Joiner, ...]:
    """Every joiner of this package."""
    return tuple(_offered("JOINER"))


def _offered(name: str) -> list[Any]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [getattr(module, name) for module in modules if hasattr(module, name)]
