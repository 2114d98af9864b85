"""Makes use cases of the groups of a log: by its own labels first, then by the system prompts' templates.

What has neither a label that tells purposes apart nor such a template is left for the words of its calls (``sorting``).
Small groups are left too, so that labels which differ on nearly every row do not explode into use cases.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.ingest.grouping.prompt import Prompt
from advisor.ingest.grouping.templates import Template, Templates, fall_apart, find_templates
from advisor.types import GroupKey

SMALLEST_GROUP = 5
SMALLEST_SHARE = 0.01
ENOUGH = 100
"""A group with as many calls can be decided on, whatever its share."""
MOST = 60
"""More use cases of one source than anybody reads."""
_CLEAR = 0.8
_SOLE = 0.9
_COVERED = 0.5
"""Labels of which the large ones hold less than this share of the calls are ids of some kind."""
_TELLING = 0.2
"""Labels that tell less than this share of what there is to know about the template cut across purposes."""
_PRESENT = 0.05
"""A template with less than this share of the labelled calls is left out when that is judged."""
_SAME = re.compile(r"[\s_\-/.:]+")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Calls that the log treats alike."""

    key: GroupKey
    calls: int
    prompts: tuple[Prompt, ...]
    """Some of them, chosen without regard to their order."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the use cases of a study hold already; they are given by their ids."""

    labels: Mapping[str, int] = field(default_factory=dict)
    """As ``same_label`` writes them."""
    heads: Mapping[str, int] = field(default_factory=dict)
    """The templates of group keys."""
    templates: Sequence[tuple[Template, int | None]] = ()
    """None: a person split it, so that the words of each call decide."""


@dataclass(kw_only=True)
class Plan:
    """Where groups, given by their indices, belong."""

    joins: dict[int, int] = field(default_factory=dict)
    """Group -> the use case that it belongs to already."""
    by_label: list[list[int]] = field(default_factory=list)
    by_template: list[list[int]] = field(default_factory=list)
    templates: list[tuple[Template, list[int]]] = field(default_factory=list)
    """A template, and the list of ``by_label`` or ``by_template`` whose calls were made from it."""
    left: list[int] = field(default_factory=list)
    """To be told apart by the words of their calls."""
    rest_name: str | None = None
    """What the log calls all of it."""


def smallest_of(calls: int) -> float:
    """How many calls of a log of this size make a use case."""
    return max(SMALLEST_GROUP, min(SMALLEST_SHARE * calls, ENOUGH))


def plan_use_cases(groups: Sequence[Group], known: Known | None = None) -> Plan:
    """Every group in exactly one place."""
    return _Planning(groups, known or Known()).plan()


class _Planning:
    def __init__(self, groups: Sequence[Group], known: Known) -> None:
        self._groups = groups
        self._known = known
        self._smallest = smallest_of(sum(group.calls for group in groups))
        self._plan = Plan()
        self._open = sorted(range(len(groups)), key=self._rank)

    def plan(self) -> Plan:
        self._follow_labels()
        self._follow_heads()
        self._find_templates()
        self._plan.left += self._open
        for members in (*self._plan.by_label, *self._plan.by_template):
            members.sort(key=self._rank)
        return self._plan

    def _rank(self, at: int) -> tuple[int, str, str, str]:
        """The largest first, whatever the order of the log."""
        label, template, shape = self._groups[at].key
        return -self._groups[at].calls, label or "", template, shape

    def _follow_labels(self) -> None:
        keys = [(self._groups[at].key, self._groups[at].calls) for at in self._open]
        telling = telling_labels(keys, self._smallest, MOST)
        purposes: dict[str, list[int]] = defaultdict(list)
        for at in self._open:
            label = same_label(self._groups[at].key.label or "")
            if label in self._known.labels:
                self._plan.joins[at] = self._known.labels[label]
            elif label in telling:
                purposes[label].append(at)
        self._plan.by_label = list(purposes.values())
        if not purposes:
            self._plan.rest_name = self._sole_label()
        self._open = [at for at in self._open if at not in self._placed()]

    def _sole_label(self) -> str | None:
        calls: Counter[str] = Counter()
        for group in self._groups:
            calls[group.key.label or ""] += group.calls
        label, count = max(calls.items(), key=lambda item: (item[1], item[0]), default=("", 0))
        return label if label and count >= _SOLE * calls.total() else None

    def _placed(self) -> set[int]:
        made = (at for members in (*self._plan.by_label, *self._plan.by_template) for at in members)
        return {*self._plan.joins, *made}

    def _follow_heads(self) -> None:
        """A template that nearly always comes with one label belongs to it where the label is missing too."""
        homes: dict[str, Counter[int]] = defaultdict(Counter)
        for purpose, members in enumerate(self._plan.by_label):
            for at in members:
                homes[self._groups[at].key.template][purpose] += self._groups[at].calls
        for at in self._open:
            head = self._groups[at].key.template
            if head and head in self._known.heads:
                self._plan.joins[at] = self._known.heads[head]
            elif head in homes and head:
                purpose, calls = max(homes[head].items(), key=lambda item: (item[1], -item[0]))
                if calls >= _CLEAR * homes[head].total():
                    self._plan.by_label[purpose].append(at)
        self._open = [at for at in self._open if at not in self._placed()]

    def _find_templates(self) -> None:
        headed = [at for at in self._open if self._groups[at].key.template]
        homes: list[tuple[Template, list[int] | int | None]] = [*self._known.templates, *self._templates_of_labels()]
        homes += [(template, []) for template in find_templates(self._weighed(headed), self._smallest)]
        templates = Templates([template for template, _ in homes])
        members: dict[int, list[int]] = defaultdict(list)
        for at in headed:
            if (home := self._home(self._groups[at], templates)) is not None:
                members[home].append(at)
        for home, own in sorted(members.items()):
            template, place = homes[home]
            if isinstance(place, int):
                self._plan.joins |= dict.fromkeys(own, place)
            elif place:
                place += own
                self._plan.templates.append((template, place))
            elif place is not None and self._is_purpose(own):
                self._plan.by_template.append(own)
                self._plan.templates.append((template, own))
        self._open = [at for at in self._open if at not in self._placed()]

    def _is_purpose(self, members: Sequence[int]) -> bool:
        """Whether groups of one template are large enough, and not several tasks under one system prompt."""
        if sum(self._groups[at].calls for at in members) < self._smallest:
            return False
        return not fall_apart([prompt.opening for at in members for prompt in self._groups[at].prompts])

    def _templates_of_labels(self) -> list[tuple[Template, list[int]]]:
        """The templates that only one label comes with, and its groups."""
        owners: dict[Template, set[int]] = defaultdict(set)
        for purpose, members in enumerate(self._plan.by_label):
            calls = sum(self._groups[at].calls for at in members)
            for template in find_templates(self._weighed(members), max(3, _CLEAR / 2 * calls)):
                owners[template].add(purpose)
        sole = {template: min(purposes) for template, purposes in owners.items() if len(purposes) == 1}
        return [(template, self._plan.by_label[purpose]) for template, purpose in sole.items()]

    def _weighed(self, members: Sequence[int]) -> list[tuple[frozenset[str], float]]:
        """The sentences of examples, each with the calls that it stands for."""
        return [
            (prompt.sentences, group.calls / len(group.prompts))
            for at in members
            for group in (self._groups[at],)
            for prompt in group.prompts  # none: no weight
        ]

    def _home(self, group: Group, templates: Templates) -> int | None:
        """The template of nearly all examples of a group, or None."""
        found = Counter(templates.find(prompt.sentences) for prompt in group.prompts)
        home, count = max(
            found.items(), key=lambda item: (item[1], -1 if item[0] is None else -item[0]), default=(None, 0)
        )
        return home if count >= _CLEAR * found.total() else None


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
    of_labels = _entropy(sum(kept, Counter[str]()).values())
    of_both = _entropy([count for labels in kept for count in labels.values()])
    return of_templates + of_labels - of_both < _TELLING * of_templates


def _entropy(counts: Collection[int]) -> float:
    total = sum(counts)
    return -sum(count / total * math.log(count / total) for count in counts if count)
