"""One module per format. Each offers a ``READER``; adding a format is adding a module."""

import importlib
import pkgutil
from functools import cache

from advisor.ingest.reader import Reader


@cache
def all_readers() -> tuple[Reader, ...]:
    """Every reader of this package, exact formats before general ones."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = [importlib.import_module(f"{__name__}.{name}").READER for name in names]
    return tuple(sorted(found, key=lambda reader: (reader.rank, reader.name)))
