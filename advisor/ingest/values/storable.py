"""Values that can be written down: half emoji, NUL characters and python objects are in logs, but in no database."""

import math
import re
from dataclasses import fields, is_dataclass, replace

import orjson

from advisor.types import Json, Sample, clean

HALF_EMOJI = re.compile(r"\\u[dD][89a-fA-F]")
"""What may be a lone surrogate in JSON text."""
_NUL = b"\\u0000"


def storable(sample: Sample) -> Sample:
    """The Sample as any database takes it; the same one where nothing is odd, which is fast to see.

    Raises TypeError for what cannot be written at all: a value nested without an end.
    """
    try:
        if _NUL not in orjson.dumps(sample):
            return sample
    except TypeError:
        pass
    cleaned: Sample = plain(sample)
    orjson.dumps(cleaned)
    return cleaned


def plain(value: Json) -> Json:
    """The value, also one of ours, as JSON with real characters; halves of an emoji that belong together are joined."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, dict):
        return {plain(key) if isinstance(key, str) else str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: plain(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, bytes):
        return plain(value.decode(errors="replace"))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 10**300 else str(value)
    return value
