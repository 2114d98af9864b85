"""What a person reads about a use case: name, kind, what goes in and comes out, from words, parameters and answers."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import orjson

from advisor.ingest.grouping.naming import name_of, name_of_marks, name_of_opening, name_of_texts
from advisor.ingest.grouping.prompt import OPENING, cut_system
from advisor.ingest.grouping.sorting import Source, Trait
from advisor.ingest.grouping.templates import find_openings
from advisor.ingest.grouping.words import constant_text, fits_anything, tokens
from advisor.types import Exchange, Kind

_NEARLY_ALL = 0.8
_REST = {Kind.TOOL_USE: "tool use", Kind.EXTRACTION: "structured output", Kind.CHAT: "chat"}
_ALL = {Kind.TOOL_USE: "Tool use", Kind.EXTRACTION: "Structured output", Kind.CHAT: "General chat"}
_HEAD_CHARS = 600
_LABEL_CHARS = 40
_MOST_FIELDS = 200
_LABELS_PER_ANSWER = 0.2
_ENOUGH_ANSWERS = 10
_MOSTLY = 0.8
_WORDS = {
    kind: re.compile(pattern, re.I)
    for kind, pattern in (
        (Kind.SUMMARY, r"summar|tl;?dr|\bcondense|key points|\brecap\b|zusammenfass|résum|resum(e|ir)\b"),
        (
            Kind.CLASSIFICATION,
            r"classif|categori[sz]|sentiment|\bintent of|triage|(exactly )?one (of the following )?labels?\b|"
            r"label the|klassifizier",
        ),
        (Kind.EXTRACTION, r"\bextract|\bparse the|return (only )?(valid )?json|json object|\bentities\b|extrahier"),
        (
            Kind.QUESTION_ANSWERING,
            r"answers? (the|any|all|user|users'?|customers?|your|their|each)?\s*(customer |user |the )?questions?|"
            r"`question`|\bquestion:|based on the (context|following)|context information|knowledge base|\bfaq|"
            r"from (one|the|these|this) (help )?(article|document|passage|text)s?|"
            r"using (only )?the (provided )?(context|article|document)",
        ),
        (
            Kind.DRAFTING,
            r"translat|\bdraft|\brewrite|rephrase|\bcompose|e-?mail (to|for|reply)|blog post|proofread|"
            r"\bwrite (a|an|the|me|your)\b(?! (\w+ ){0,3}(function|script|program|code|query|class))|"
            r"\bpoem|\bpoet|\bstor(y|ies)\b|\bjokes?\b|übersetz|marketing copy",
        ),
        (
            Kind.CODE,
            r"```|\bcode (review|assist|for|that|in)|\b(python|javascript|typescript|java|rust|bash|c\+\+|php|sql)\b|"
            r"programm|\bfunction that\b|\bunit tests?\b|stack ?trace|\bregex\b|pull request",
        ),
    )
}

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_QUESTION = re.compile(r"\W*(what|who|when|where|which|why|how|is|are|does|did|can)\b[^\n]{3,200}\?", re.I)
_NAMED = 4
_FIELDS_KNOWN = 0.8


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """As a person reads it; the name may be one that another use case has."""

    name: str
    kind: Kind
    exchange: Exchange | None


@dataclass(frozen=True, kw_only=True)
class Example:
    """A call of a use case, as far as its kind and its description need it; texts are cut, ``make_example`` does it."""

    system: str
    user: str
    """The beginning of the last user message."""
    user_words: int
    """Of the whole message."""
    answer: str | None
    """Its beginning; None: none was recorded."""
    answer_words: int
    fields: tuple[str, ...] | None
    """Those of an answer that is an object of JSON."""
    shape: Kind = Kind.CHAT
    """What the parameters alone tell."""
    label: str = ""
    first: str = ""
    """The first user message."""
    tools: int = 0
    """How many are offered."""
    called: str | None = None
    """The tool that the answer calls."""


def make_example(*, system: str, user: str, answer: str | None, **more: Any) -> Example:
    """An example of whole texts; ``more`` are the other fields."""
    return Example(
        system=cut_system(system),
        user=user[:_HEAD_CHARS],
        user_words=len(user.split()),
        answer=None if answer is None else answer[: 2 * _LABEL_CHARS],
        answer_words=len((answer or "").split()),
        fields=_fields(answer or ""),
        **more,
    )


def portray(
    trait: Trait | str, examples: Sequence[tuple[Example, float]], *, others: Sequence[str] = (), is_all: bool = False
) -> Portrait:
    """Portray the calls of a trait, or of a label of the log.

    Each example comes with the calls it stands for. ``others`` are texts of other use cases; ``is_all``: there is no
    other one.
    """
    # Without what is put into their system prompts, where these have much in common.
    template = constant_text([example.system for example, _ in examples])
    examples = [(replace(example, system=template or example.system), calls) for example, calls in examples]
    kind = kind_of(examples)
    if isinstance(trait, Trait) and trait.source is Source.REST and trait.shape is Kind.CHAT:
        kind = Kind.CHAT  # whatever most of it is: nothing holds it together
    name = trait if isinstance(trait, str) else _name(trait, [example for example, _ in examples], others, is_all)
    return Portrait(name=name, kind=kind, exchange=exchange_of(kind, [example for example, _ in examples]))


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


def _fields(answer: str) -> tuple[str, ...] | None:
    if answer.lstrip()[:1] != "{":
        return None
    try:
        return tuple(sys.intern(str(field)[:_LABEL_CHARS]) for field in list(orjson.loads(answer))[:_MOST_FIELDS])
    except orjson.JSONDecodeError:
        return None


def kind_of(examples: Sequence[tuple[Example, float]]) -> Kind:
    """What most of the examples do, each given with the calls it stands for.

    Few distinct short answers mean classification, whatever the words say.
    """
    guesses: Counter[Kind] = Counter()
    for example, calls in examples:
        guesses[_guess_of(example)] += calls  # type: ignore[assignment]
    if not guesses:
        return Kind.CHAT
    most, count = sorted(guesses.items(), key=lambda item: (-item[1], item[0]))[0]
    if most is Kind.TOOL_USE:
        return most
    if _are_labels([example.answer for example, _ in examples if example.answer is not None]):
        return Kind.CLASSIFICATION
    if count * 2 <= guesses.total() or most is Kind.CHAT:
        objects = [example.fields is not None for example, _ in examples if example.answer]
        return Kind.EXTRACTION if objects and sum(objects) >= _MOSTLY * len(objects) else Kind.CHAT
    return most


def _labels_of(answers: Sequence[str]) -> Counter[str]:
    """The short answers among these, without case and quotes."""
    return Counter(answer.strip(" \n\"'.`").casefold() for answer in answers if len(answer) <= _LABEL_CHARS)


def _label_in(answer: str) -> str:
    """Of an object with one text, such as ``{"category": "bug"}``, that text; else the answer."""
    try:
        values = list(orjson.loads(answer).values()) if answer.lstrip()[:1] == "{" else []
    except orjson.JSONDecodeError:
        return answer
    return values[0] if len(values) == 1 and isinstance(values[0], str) else answer


def _are_labels(answers: Sequence[str]) -> bool:
    short = _labels_of(answers)
    is_short = len(answers) >= _ENOUGH_ANSWERS and short.total() >= 0.95 * len(answers)
    return is_short and 2 <= len(short) <= max(2, _LABELS_PER_ANSWER * len(answers))


def _guess_of(example: Example) -> Kind:
    if example.shape is Kind.TOOL_USE:
        return example.shape
    purpose = "\n".join(said for said in _SENTENCE.split(example.system[:_HEAD_CHARS]) if not fits_anything(said))
    texts = (
        f"{example.label}\n{purpose}",
        example.first[:_HEAD_CHARS],
        example.user[:_HEAD_CHARS],
    )
    said = next((kind for text in texts if (kind := _guess(text))), None)
    if example.shape is Kind.EXTRACTION:
        return said if said is Kind.CLASSIFICATION and len(example.answer or "") < 2 * _LABEL_CHARS else example.shape
    if said is None and _QUESTION.match(example.first or example.user):
        return Kind.QUESTION_ANSWERING
    return said or Kind.CHAT


def _guess(words: str) -> Kind | None:
    """The kind whose words come first."""
    found = [(match.start(), kind) for kind, pattern in _WORDS.items() if (match := pattern.search(words))]
    return min(found, key=lambda item: item[0])[1] if found else None


def exchange_of(kind: Kind, examples: Sequence[Example]) -> Exchange | None:
    """What goes into the examples and what comes out; None where there are none."""
    if not examples:
        return None
    answered = [example for example in examples if example.answer]
    fields = _usual_fields(answered) if answered and kind is Kind.EXTRACTION else []
    names = fields
    if kind is Kind.TOOL_USE:
        called = Counter(example.called for example in examples if example.called)
        names = [name for name, _ in called.most_common()]
    elif kind is Kind.CLASSIFICATION:
        counts = _labels_of([_label_in(example.answer or "") for example in answered])
        names = [label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return Exchange(
        kind=kind,
        words_in=median(example.user_words for example in examples),
        tools=round(median(example.tools for example in examples)),
        words_out=median(example.answer_words for example in answered) if answered else None,
        names=tuple(names[:_NAMED]),
        fields=len(fields),
    )


def _usual_fields(answered: Sequence[Example]) -> list[str]:
    objects = [example.fields for example in answered if example.fields is not None]
    if len(objects) < _FIELDS_KNOWN * len(answered):
        return []
    found = Counter(field for fields in objects for field in fields)
    return [field for field, count in found.items() if 2 * count >= len(objects)]
