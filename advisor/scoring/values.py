"""Values as models write them: when two are the same, where two objects differ, which number a text gives."""

import math
import re

from advisor.scoring.labels import label_in
from advisor.scoring.reading import NotJson, plain, read_json
from advisor.types import Json

_NUMBER = re.compile(
    r"(?<![\w.])[-+−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)"  # "E12" is a name
)
_FINAL = re.compile(r"(?:####|\banswer\b(?: is)?\s*[:=]?|\bresult\b(?: is)?\s*[:=]?)", re.IGNORECASE)


def differing(target: Json, value: Json, path: str = "") -> list[str]:
    """Paths of the fields that differ after normalisation. A field that is null or empty is as good as absent."""
    if isinstance(target, dict) and isinstance(value, dict):
        keys = [*target, *(key for key in value if key not in target)]
        return [
            found
            for key in keys
            for found in differing(target.get(key), value.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(target, list) and isinstance(value, list):
        if len(target) != len(value):
            return [f"{path or 'list'} ({len(value)} items, not {len(target)})"]
        items = enumerate(zip(target, value, strict=True))
        return [found for i, (wanted, given) in items for found in differing(wanted, given, f"{path}[{i}]")]
    return [] if same_value(target, value) else [path or "value"]


def same_value(target: Json, value: Json, *, strict: bool = False) -> bool:
    """Equal after normalisation. Not ``strict``: a number may be written as a string."""
    if is_absent(target) and is_absent(value):
        return True
    if isinstance(target, bool) or isinstance(value, bool):
        return target is value
    if isinstance(target, int | float) and isinstance(value, int | float):
        return same_number(target, value)
    if isinstance(target, str) and isinstance(value, str):
        if plain(target) == plain(value):
            return True
        first, second = whole_number(target), whole_number(value)
        return not strict and first is not None and second is not None and same_number(first, second)
    if not strict and isinstance(target, str | int | float) and isinstance(value, str | int | float):
        first, second = whole_number(str(target)), whole_number(str(value))
        return first is not None and second is not None and same_number(first, second)
    return bool(target == value)


def is_absent(value: Json) -> bool:
    """Whether a field with this value is as good as not there."""
    return value is None or value == "" or value == [] or value == {}


def read_number(text: str) -> float | None:
    """The number an answer gives: alone, in JSON, after "answer", or the only one in the text."""
    try:
        label = label_in(read_json(text).value)
        return whole_number(label) if label is not None else None
    except NotJson:
        pass
    whole = whole_number(text)
    if whole is not None:
        return whole
    finals = list(_FINAL.finditer(text))
    for part in ([text[finals[-1].end() :]] if finals else []) + [text]:
        numbers = {_float(found) for found in _NUMBER.findall(part)}
        if len(numbers) == 1:
            return numbers.pop()
    return None


def whole_number(text: str) -> float | None:
    """The text as a number, if it is nothing else but a currency or percent sign."""
    bare = plain(text).strip("$€£¥% ")
    return _float(bare) if _NUMBER.fullmatch(bare) else None


def _float(written: str) -> float | None:
    """None where it is too large to be told from other large numbers, such as 1e999."""
    number = float(written.replace(",", "").replace("−", "-"))
    return number if math.isfinite(number) else None


def same_number(first: float, second: float) -> bool:
    """Equal but for rounding."""
    return is_near(first, second, 0.0)


def is_near(wanted: float, given: float, tolerance: float) -> bool:
    """Within a fraction of ``wanted``, or within ``tolerance`` itself where ``wanted`` is 0; rounding is forgiven."""
    try:
        wanted, given = float(wanted), float(given)
    except OverflowError:  # a number of hundreds of digits
        return wanted == given
    allowed = tolerance * (abs(wanted) or 1.0)
    return math.isclose(wanted, given, rel_tol=1e-9, abs_tol=1e-12) or abs(wanted - given) <= allowed * (1 + 1e-9)


def short(text: str) -> str:
    """The beginning of a text in quotes, on one line."""
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")
