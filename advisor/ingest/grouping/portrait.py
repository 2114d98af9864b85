"""What a person reads about a use case: its name, its kind and one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from advisor.ingest.grouping.describing import describe
from advisor.ingest.grouping.kinds import Example, kind_of
from advisor.ingest.grouping.naming import name_of, name_of_marks, name_of_opening, name_of_texts
from advisor.ingest.grouping.openings import find_openings
from advisor.ingest.grouping.prompt import OPENING
from advisor.ingest.grouping.sorting import Source, Trait
from advisor.ingest.grouping.words import constant_text, tokens
from advisor.types import Kind

_NEARLY_ALL = 0.8
_REST = {Kind.TOOL_USE: "tool use", Kind.EXTRACTION: "structured output", Kind.CHAT: "chat"}
_ALL = {Kind.TOOL_USE: "Tool use", Kind.EXTRACTION: "Structured output", Kind.CHAT: "General chat"}


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """As a person reads it; the name may be one that another use case has."""

    name: str
    kind: Kind
    description: str


def portray(
    trait: Trait | str, examples: Sequence[tuple[Example, float]], *, others: Sequence[str] = (), is_all: bool = False
) -> Portrait:
    """Portray the calls of a trait, or of a label of the log.

    Each example comes with the calls it stands for. ``others`` are texts of other use cases; ``is_all``: there is no
    other one.
    """
    examples = _without_inserts(examples)
    kind = kind_of(examples)
    if isinstance(trait, Trait) and trait.source is Source.REST and trait.shape is Kind.CHAT:
        kind = Kind.CHAT  # whatever most of it is: nothing holds it together
    name = trait if isinstance(trait, str) else _name(trait, [example for example, _ in examples], others, is_all)
    said = describe(kind, [example for example, _ in examples])
    return Portrait(name=name, kind=kind, description=said)


def _name(trait: Trait, examples: Sequence[Example], others: Sequence[str], is_all: bool) -> str:
    fallback = _ALL[trait.shape]
    if trait.source is Source.REST:
        return fallback if is_all else f"Other {_REST[trait.shape]}"
    if trait.source is Source.MARKS:
        marks = trait.text.split("\n")
        return (_name_of_beginning(examples) if len(marks) > 1 else "") or name_of_marks(marks)
    if trait.source is Source.OPENING:
        return name_of_opening(trait.text.split(), [example.first for example in examples]) or fallback
    usual = next((example.system for example in examples if example.system), "")
    if trait.source is Source.TEMPLATE and (name := name_of(usual) or _name_of_beginning(examples)):
        return name
    return name_of_texts([example.first or example.user for example in examples], others) or fallback


def _name_of_beginning(examples: Sequence[Example]) -> str:
    """Where nearly all messages begin alike."""
    messages = [tokens(example.first, OPENING) for example in examples]
    openings = find_openings(messages, _NEARLY_ALL * len(messages))
    return name_of_opening(openings[0], [example.first for example in examples]) if openings else ""


def _without_inserts(examples: Sequence[tuple[Example, float]]) -> list[tuple[Example, float]]:
    """The examples with what their system prompts have in common, where they have much in common."""
    template = constant_text([example.system for example, _ in examples])
    return [(replace(example, system=template or example.system), calls) for example, calls in examples]
