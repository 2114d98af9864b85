"""One module per vendor's wire format, each offering a ``VENDOR`` (see ``ingest/vendor.py``)."""

import importlib
import pkgutil
from functools import cache

from advisor.ingest.vendor import Vendor


@cache
def all_vendors() -> tuple[Vendor, ...]:
    """Every vendor of this package, the most telling wire formats first."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: list[Vendor] = [importlib.import_module(f"{__name__}.{name}").VENDOR for name in names]
    return tuple(sorted(found, key=lambda vendor: (vendor.rank, vendor.name)))
