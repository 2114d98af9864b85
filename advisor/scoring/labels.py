"""Labels: the few short answers of a classification, however a model dresses them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from advisor.scoring.reading import NotJson, plain, read_json
from advisor.types import Json

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
    try:
        return label_in(read_json(text).value)
    except NotJson:
        pass
    lines = [line.strip() for line in text.strip().strip("`").splitlines() if line.strip()]
    for line in lines:
        if found := _PREFIX.match(line):
            return found["label"].strip(" \t*_`")
    return lines[0] if len(lines) == 1 else None


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
    if given is None:
        return None
    return next((label for label in labels if normal_label(label) == normal_label(given)), None)


def _is_short(label: str) -> bool:
    return 0 < len(normal_label(label)) <= MAX_LENGTH and len(label.split()) <= MAX_WORDS


def _bare(label: str) -> str:
    return label.strip(" \t\r\n\"'`*.“”‘’")
