"""Templates: what prompts of one purpose have word for word in common, wherever names, dates and texts are put in."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from advisor.ingest.grouping.slots import are_slots

ALIKE = 0.75
"""Two templates with this share of their words in common are one with optional sentences or another version of it."""
HELD = 0.7
"""A prompt that holds this share of a template's words was made from it."""
_MOST = 0.6
_LONGEST = 30
_LEAST = 4
"""Words that prompts must share beside what is put into a sentence."""


@dataclass(frozen=True)
class Template:
    """The sentences that stay the same from call to call."""

    sentences: frozenset[str]

    def weight_in(self, sentences: frozenset[str]) -> int:
        """Words of the template that a prompt with these sentences holds."""
        return weight(self.sentences & sentences)


def weight(sentences: Iterable[str]) -> int:
    """The words of sentences; a very long one counts no more than a long one."""
    return sum(min(_LONGEST, 1 + sentence.count(" ")) for sentence in sentences)


def find_templates(prompts: Sequence[tuple[frozenset[str], float]], smallest: float) -> list[Template]:
    """The templates of prompts given by their sentences, and of how many calls each stands for; the most used first.

    Sentences that fewer than ``smallest`` calls hold are what is put into a template.
    """
    common: Counter[str] = Counter()
    for sentences, calls in prompts:
        for sentence in sentences:
            common[sentence] += calls  # type: ignore[assignment]
    constant = frozenset(sentence for sentence, calls in common.items() if calls >= smallest)
    variants: Counter[frozenset[str]] = Counter()
    for sentences, calls in prompts:
        if kept := sentences & constant:
            variants[kept] += calls  # type: ignore[assignment]
    by_use = sorted(variants.items(), key=lambda item: (-item[1], sorted(item[0])))
    families: list[_Family] = []
    for kept, calls in by_use:
        home = next((family for family in families if _alike(family.sentences, kept) >= ALIKE), None)
        home = home or next((family for family in families if family.fills(kept)), None)
        if home is None:
            families.append(_Family(kept, calls))
        else:
            home.calls += calls
    return [Template(family.sentences) for family in families if family.calls >= smallest]


@dataclass
class _Family:
    """Prompts of one template so far."""

    sentences: frozenset[str]
    calls: float
    _filled: list[list[str]] = field(default_factory=list)
    """Sentences that something is put into, one for each."""

    def fills(self, others: frozenset[str]) -> bool:
        """Whether a prompt is this one with something else put in, "The customer is Ann." for "... is Bob.".

        What both have in common is the template from then on.
        """
        common = self.sentences & others
        if weight(common) < _LEAST:
            return False
        own = [sentence.split() for sentence in sorted(self.sentences - common)]
        for sentence in map(str.split, sorted(others - common)):
            like = next((mine for mine in own if are_slots(mine, sentence)), None)
            if like is not None:
                own.remove(like)
            elif not any(are_slots(mine, sentence) for mine in self._filled):
                return False
        if own:
            return False
        self._filled += [sentence.split() for sentence in sorted(self.sentences - common)]
        self.sentences = common
        return True


def constant_template(prompts: Sequence[frozenset[str]]) -> Template | None:
    """What most prompts of one purpose have in common, or None."""
    found = find_templates([(sentences, 1.0) for sentences in prompts], max(1.0, _MOST * len(prompts)))
    return found[0] if found else None


class Templates:
    """Finds the template that a prompt was made from."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._templates = templates
        self._weights = [weight(template.sentences) for template in templates]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for index, template in enumerate(templates):
            for sentence in template.sentences:
                self._holders[sentence].append(index)
        self._known: dict[frozenset[str], int | None] = {}

    def find(self, sentences: frozenset[str]) -> int | None:
        """The index of the template that these sentences hold most of, or None."""
        held = frozenset(sentence for sentence in sentences if sentence in self._holders)
        if held not in self._known:
            self._known[held] = self._best(held)
        return self._known[held]

    def _best(self, held: frozenset[str]) -> int | None:
        candidates = {index for sentence in held for index in self._holders[sentence]}
        scored = []
        for index in candidates:
            words = self._templates[index].weight_in(held)
            if words >= HELD * self._weights[index]:
                scored.append((words, words / self._weights[index], -index))
        return -max(scored)[2] if scored else None


def _alike(some: frozenset[str], others: frozenset[str]) -> float:
    shared = weight(some & others)
    return shared / (weight(some) + weight(others) - shared) if shared else 0.0
