"""Reading what models write: JSON with and without a code fence, labels however they are dressed, one spelling."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from advisor.types import Json

_FENCE = re.compile(r"```[\w+-]*+[ \t]*+\r?+\n?+(.*?)```", re.DOTALL)  # possessive: a fence never closed ends soon
_EDGES = " \t\r\n\"'`*_“”‘’«».,;:!"


class NotJson(ValueError):
    """The text is not one JSON value."""


class ReadJson(NamedTuple):
    """A JSON value and whether it had to be taken out of a code fence."""

    value: Json
    fenced: bool


def parse_json(text: str) -> Json:
    """Decode strict JSON: NaN and Infinity, which Python accepts, are refused. Raises NotJson."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def read_json(text: str) -> ReadJson:
    """Decode the whole text, else the one code fence in it. Raises NotJson."""
    try:
        return ReadJson(parse_json(text), fenced=False)
    except NotJson:
        fences = _FENCE.findall(text)
        if len(fences) != 1:
            raise
        return ReadJson(parse_json(fences[0]), fenced=True)


def json_in(text: str) -> ReadJson | None:
    """The JSON value that the whole text is, or the one code fence in it; None where neither is JSON."""
    try:
        return read_json(text)
    except NotJson:
        return None


def plain(text: str) -> str:
    """One spelling to compare: no case, no surrounding quotes or punctuation, single spaces; ".5" keeps its point."""
    line = " ".join(text.casefold().split())
    bare = line.strip(_EDGES)
    before = line[: len(line) - len(line.lstrip(_EDGES))]
    return f".{bare}" if bare[:1].isdecimal() and before.endswith(".") and not before.endswith("..") else bare


def as_text(target: Json, *, indent: int | None = None) -> str:
    """A right answer as text: a string as it is, anything else as JSON."""
    return target if isinstance(target, str) else json.dumps(target, ensure_ascii=False, indent=indent)


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is not JSON")


LABEL_KEYS = (
    "label", "category", "class", "classification", "intent", "sentiment", "answer", "result", "output",
    "prediction", "topic", "type", "priority", "queue", "route",
)  # fmt: skip
MAX_LABELS = 100
MAX_LENGTH = 40
MAX_WORDS = 5

_PREFIX = re.compile(
    rf"^\W*+(?:the\s++)?(?:final\s++|predicted\s++)?(?:{'|'.join(LABEL_KEYS)})"
    r"(?:\W*+(?<=\s)is\b|\W*(?:[:=]|->))\s*+(?P<label>.+)$",  # possessive: thousands of blanks end soon
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s_/-]+")


def normal_label(label: str) -> str:
    """One spelling for a label: case, quotes, punctuation, and kinds of separators do not matter."""
    return _SEPARATORS.sub(" ", plain(label)).strip()


def read_label(text: str) -> str | None:
    """The label a model gave: bare, quoted, fenced, ``Label: x`` or JSON ``{"label": x}``; None if it gave none."""
    if (found := json_in(text)) is not None:
        return label_in(found.value)
    lines = [line.strip() for line in text.strip().strip("`").splitlines() if line.strip()]
    for line in lines:
        if prefixed := _PREFIX.match(line):
            return prefixed["label"].strip(" \t*_`")
    return lines[0] if len(lines) == 1 else None


def is_same_label(given: str | None, label: str) -> bool:
    """Whether a label was given and is this one, however both are spelled."""
    return given is not None and normal_label(given) == normal_label(label)


def label_in(value: Json) -> str | None:
    """The label in a decoded JSON value: a scalar, the only item of a list, a known key, or the only key."""
    while isinstance(value, list | dict):  # in a loop: an answer may be nested a thousand times
        if isinstance(value, list):
            inner = value[0] if len(value) == 1 else None
        else:
            keys = {str(key).casefold(): key for key in value}
            known = [keys[key] for key in LABEL_KEYS if key in keys]
            inner = value[known[0] if known else next(iter(value))] if known or len(value) == 1 else None
            inner = None if isinstance(inner, dict) else inner
        value = inner
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def find_labels(answers: Iterable[str]) -> tuple[str, ...] | None:
    """The set of labels in use, most frequent spelling each, sorted; None if the answers are not few and short.

    One answer in twenty may be something else. Every label must have been used twice on average.
    """
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    total = odd = 0
    for text in answers:
        total += 1
        label = read_label(text)
        if label is None or not _is_short(label):
            odd += 1
        else:
            spellings[normal_label(label)][_bare(label)] += 1
    if not spellings or odd > total / 20 or len(spellings) > min(MAX_LABELS, max(total / 2, 1)):
        return None
    return tuple(sorted(counts.most_common(1)[0][0] for counts in spellings.values()))


def match_label(text: str, labels: Sequence[str]) -> str | None:
    """The one of ``labels`` that the text gives, or None."""
    given = read_label(text)
    return next((label for label in labels if is_same_label(given, label)), None)


def _is_short(label: str) -> bool:
    return 0 < len(normal_label(label)) <= MAX_LENGTH and len(label.split()) <= MAX_WORDS


def _bare(label: str) -> str:
    return label.strip(" \t\r\n\"'`*.“”‘’")
