"""Presidio's checksums of cards, accounts and national numbers."""

from functools import cache
from typing import Any


def is_valid(recogniser: str, found: str) -> bool:
    """Whether ``found`` passes the check of presidio's recogniser of that class name."""
    return bool(recogniser_of(recogniser).validate_result(found))


@cache
def recogniser_of(name: str) -> Any:
    """One of presidio's recognisers, made at the first use: the import takes a second."""
    from presidio_analyzer import predefined_recognizers

    return getattr(predefined_recognizers, name)()
