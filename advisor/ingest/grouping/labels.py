"""Which labels of a log say what a call is for, and which only who made it, when or where."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from advisor.types import GroupKey

_COVERED = 0.5
"""Labels of which the large ones hold less than this share of the calls are ids of some kind."""
_TELLING = 0.2
"""Labels that tell less than this share of what there is to know about the template cut across purposes."""
_PRESENT = 0.05
"""A template with less than this share of the labelled calls is left out when that is judged."""
_SAME = re.compile(r"[\s_\-/.:]+")


def same_label(label: str) -> str:
    """Two labels that differ in case, hyphens or spaces only are one."""
    return _SAME.sub(" ", label.casefold()).strip()


def telling_labels(groups: Sequence[tuple[GroupKey, int]], smallest: float, most: int) -> set[str]:
    """The labels, as ``same_label`` writes them, that are worth a use case each: at most ``most``.

    None of them where there are too many, or where they and the templates have nothing to do with each other: users,
    dates, environments and the like are spread over all purposes.
    """
    calls: Counter[str] = Counter()
    together: dict[str, Counter[str]] = defaultdict(Counter)
    for key, count in groups:
        if key.label:
            calls[same_label(key.label)] += count
            if key.template:
                together[key.template][same_label(key.label)] += count
    by_size = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    large = [(label, count) for label, count in by_size if count >= smallest][:most]
    if sum(count for _, count in large) < _COVERED * calls.total():
        return set()
    return set() if _cut_across(together) else {label for label, _ in large}


def _cut_across(together: Mapping[str, Counter[str]]) -> bool:
    total = sum(labels.total() for labels in together.values())
    kept = [labels for labels in together.values() if labels.total() >= _PRESENT * total]
    if len(kept) < 2:
        return False
    of_templates = _entropy([labels.total() for labels in kept])
    by_label: dict[str, list[int]] = defaultdict(list)
    for labels in kept:
        for label, count in labels.items():
            by_label[label].append(count)
    size = sum(labels.total() for labels in kept)
    unknown = sum(sum(counts) / size * _entropy(counts) for counts in by_label.values())
    return of_templates - unknown < _TELLING * of_templates


def _entropy(counts: Sequence[int]) -> float:
    total = sum(counts)
    return -sum(count / total * math.log(count / total) for count in counts if count)
