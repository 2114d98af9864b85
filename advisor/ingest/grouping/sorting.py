"""Sorts calls that have neither a telling label nor a large template, each by its own words.

First by what is constant in them: the system prompt's sentences, the tools or fields, the beginning of the message;
then by clusters; what belongs nowhere stays together, by the kind of call.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from advisor.ingest.grouping.clustering import find_clusters
from advisor.ingest.grouping.prompt import Prompt
from advisor.ingest.grouping.templates import (
    Templates,
    fall_apart,
    find_openings,
    find_templates,
    opening_of,
    template_of_text,
    text_of_template,
)
from advisor.ingest.grouping.words import holders
from advisor.types import Kind

LOOKED_AT = 10_000
"""Calls among which traits are looked for; they are a random sample of all, so that a trait of 1 % is 100 of them."""
_TEMPLATE_SHARE = 0.002
_SHARE = 0.02
"""Tools, openings and clusters are less certain than a system prompt: they must hold this share of the calls."""
_TELLING = 8
"""Words that name a cluster."""


class Source(StrEnum):
    """What a trait consists of."""

    TEMPLATE = "template"
    MARKS = "marks"
    OPENING = "opening"
    CLUSTER = "cluster"
    REST = "rest"


class Trait(NamedTuple):
    """What calls that belong together have in common."""

    source: Source
    shape: Kind
    text: str
    """What is constant, a line for each sentence, tool or field; the words of an opening; a cluster's telling words."""


class KnownTrait(NamedTuple):
    """A trait that an earlier import found."""

    trait: Trait
    texts: tuple[str, ...]
    """Of some of its calls, for clusters."""


class Sorter:
    """Tells the trait of every call; which traits there are it has learnt from some of the calls."""

    def __init__(self, prompts: Sequence[Prompt], smallest: float, known: Sequence[KnownTrait] = ()) -> None:
        """``smallest``: how many of the calls given make a trait. ``known`` traits come first."""
        old = [item.trait for item in known]
        self._templated = _Constant(Source.TEMPLATE, old)
        self._marks = _Constant(Source.MARKS, old)
        certain, less = (max(smallest, share * len(prompts)) for share in (_TEMPLATE_SHARE, _SHARE))
        left = self._templated.learn(prompts, [prompt.sentences for prompt in prompts], certain)
        left = self._marks.learn(left, [prompt.marks for prompt in left], less)
        self._by_shape = {
            shape: _Worded(shape, [prompt for prompt in left if prompt.shape is shape], less, known)
            for shape in (Kind.CHAT, Kind.EXTRACTION, Kind.TOOL_USE)
        }

    @property
    def finds_any(self) -> bool:
        """Whether there is any trait but the rest."""
        return bool(self._templated or self._marks or any(self._by_shape.values()))

    def sort(self, prompts: Sequence[Prompt]) -> list[Trait]:
        """The trait of each."""
        found: list[Trait | None] = [
            self._templated.find(prompt.sentences) or self._marks.find(prompt.marks) for prompt in prompts
        ]
        waiting: dict[Kind, list[int]] = defaultdict(list)
        for at, trait in enumerate(found):
            if trait is None:
                waiting[prompts[at].shape].append(at)
        for shape, places in waiting.items():
            for at, trait in zip(places, self._by_shape[shape].sort([prompts[at] for at in places]), strict=True):
                found[at] = trait
        return [trait for trait in found if trait is not None]


class _Constant:
    """Sentences, tools or fields that are the same in all calls of a trait."""

    def __init__(self, source: Source, known: Sequence[Trait]) -> None:
        self._source = source
        self._traits = [trait for trait in known if trait.source is source]
        self._templates = Templates([template_of_text(trait.text) for trait in self._traits])

    def __len__(self) -> int:
        return len(self._traits)

    def learn(self, prompts: Sequence[Prompt], held: Sequence[frozenset[str]], smallest: float) -> list[Prompt]:
        """Find more traits; returns the prompts that are in none."""
        new = [(own, 1.0) for own in held if self._templates.find(own) is None]
        found = find_templates(new, smallest)
        homes = Templates(found)
        messages: dict[int | None, list[tuple[str, ...]]] = defaultdict(list)
        for prompt, own in zip(prompts, held, strict=True):
            messages[homes.find(own)].append(prompt.opening)
        for at, template in enumerate(found):
            if self._source is Source.TEMPLATE and fall_apart(messages[at]):
                continue
            text = text_of_template(template)
            shape = Kind.CHAT
            if self._source is Source.MARKS:
                shape = Kind.TOOL_USE if text.startswith("tool ") else Kind.EXTRACTION
            self._traits.append(Trait(self._source, shape, text))
        self._templates = Templates([template_of_text(trait.text) for trait in self._traits])
        return [prompt for prompt, own in zip(prompts, held, strict=True) if self._templates.find(own) is None]

    def find(self, held: frozenset[str]) -> Trait | None:
        at = self._templates.find(held)
        return None if at is None else self._traits[at]


class _Worded:
    """Openings and clusters among calls of one shape."""

    def __init__(self, shape: Kind, prompts: Sequence[Prompt], smallest: float, known: Sequence[KnownTrait]) -> None:
        self._shape = shape
        mine = [item for item in known if item.trait.shape is shape]
        self._openings = [tuple(item.trait.text.split()) for item in mine if item.trait.source is Source.OPENING]
        new = [prompt.opening for prompt in prompts if opening_of(prompt.opening, self._openings) is None]
        self._openings += find_openings(new, smallest)
        left = [prompt.words for prompt in prompts if opening_of(prompt.opening, self._openings) is None]
        old = [item for item in mine if item.trait.source is Source.CLUSTER]
        self._clusters, placed = find_clusters(left, smallest, known=[item.texts for item in old])
        self._names = [item.trait.text for item in old]
        for cluster in range(len(old), len(self._clusters)):
            counts = holders(text for text, at in zip(left, placed, strict=True) if at == cluster)
            telling = sorted(counts, key=lambda stem: (-counts[stem], stem))[:_TELLING]
            self._names.append(" ".join(telling))

    def __len__(self) -> int:
        return len(self._openings) + len(self._names)

    def sort(self, prompts: Sequence[Prompt]) -> list[Trait]:
        begun = [opening_of(prompt.opening, self._openings) for prompt in prompts]
        left = [prompt.words for prompt, at in zip(prompts, begun, strict=True) if at is None]
        near = iter(self._clusters.find(left))
        return [self._trait(at, None if at is not None else next(near)) for at in begun]

    def _trait(self, opening: int | None, cluster: int | None) -> Trait:
        if opening is not None:
            return Trait(Source.OPENING, self._shape, " ".join(self._openings[opening]))
        if cluster is not None:
            return Trait(Source.CLUSTER, self._shape, self._names[cluster])
        return Trait(Source.REST, self._shape, "")
