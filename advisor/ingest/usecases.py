"""Names the use case of every Sample and guesses what it asks a model to do.

The log's own labels come first, then the constant system prompt, then the kind of call. Groups that are too small to
decide on are merged, so that labels which differ on nearly every row do not explode into use cases.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.types import Json, Kind, Sample

SMALLEST_GROUP = 5
SMALLEST_SHARE = 0.01
_KEY_CHARS = 160
_HEAD_CHARS = 400
_LABEL_CHARS = 40
_LABELS_PER_ANSWER = 0.2
_NAMES = {Kind.TOOL_USE: "Tool use", Kind.EXTRACTION: "Structured output"}
_GENERIC = re.compile(
    r"(you are|you're) (a|an|the)? ?(very )?(helpful|friendly|useful|kind|concise)?,? ?(ai |virtual )?"
    r"(assistant|chatbot|ai)?\W*$"
)
_OPENING = re.compile(
    r"^(you are|you're|act as|your (task|job|role) is( to)?|please|i want you to|as)\s+((a|an|the)\s+)?(helpful\s+)?",
    re.I,
)
_WORDS = {
    kind: re.compile(pattern, re.I)
    for kind, pattern in (
        (Kind.SUMMARY, r"summar|tl;?dr|condense|key points|recap"),
        (Kind.CLASSIFICATION, r"classif|categori[sz]|sentiment|intent of|triage|one of the following labels|label the"),
        (Kind.EXTRACTION, r"\bextract|\bparse the|return (only )?(valid )?json|entities"),
        (Kind.CODE, r"```|\bcode\b|\bpython\b|javascript|\bsql\b|programm|\bfunction that\b|\bunit tests?\b|\bbash\b"),
        (Kind.DRAFTING, r"translat|\bdraft|rewrite|\bwrite (a|an|the|me)\b|compose|e-?mail (to|for|reply)|blog post"),
        (
            Kind.QUESTION_ANSWERING,
            r"answer (the|any|all|user|customer)?\s*questions?|based on the (context|following)|knowledge base|\bfaq",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class _Trait:
    """What grouping needs of a Sample, so that the samples themselves need not stay in memory."""

    label: str | None
    template: str | None
    """The constant part of the system prompt, normalised; None when it says nothing."""
    template_name: str
    shape: Kind
    """From the parameters alone: tool use, structured output or chat."""
    guess: Kind
    answer: str | None
    """The answer when it is short enough to be a class."""
    has_answer: bool


def name_use_cases(samples: Iterable[Sample]) -> list[tuple[str, Kind]]:
    """The use case's name and kind for every sample, in order."""
    traits = [_trait(sample) for sample in samples]
    smallest = max(SMALLEST_GROUP, SMALLEST_SHARE * len(traits))
    labels = Counter(trait.label.casefold() for trait in traits if trait.label)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, trait in enumerate(traits):
        groups[_group_key(trait, labels, smallest)].append(index)
    named: list[tuple[str, list[int]]] = []
    rest: dict[Kind, list[int]] = defaultdict(list)
    for (source, _), members in groups.items():
        first = traits[members[0]]
        if source == "shape" or len(members) < smallest:
            for index in members:
                rest[traits[index].shape].append(index)
        else:
            named.append((first.label or "" if source == "label" else first.template_name, members))
    return _spread(named + _name_rest(rest, traits, smallest, is_all=not named), traits)


def _name_rest(
    rest: dict[Kind, list[int]], traits: list[_Trait], smallest: float, *, is_all: bool
) -> list[tuple[str, list[int]]]:
    """One group per shape for what has no group of its own; those still too small join the largest."""
    by_size = sorted(rest.items(), key=lambda item: -len(item[1]))
    kept = [(shape, members) for shape, members in by_size if len(members) >= smallest] or by_size[:1]
    for shape, members in by_size:
        if shape not in dict(kept):
            kept[0][1].extend(members)
    result = []
    for shape, members in kept:
        name = _NAMES.get(shape, "Chat")
        nameless = sum(not traits[index].label and not traits[index].template for index in members)
        result.append((name if is_all or 2 * nameless > len(members) else f"Other {name.lower()}", members))
    return result


def _spread(named: list[tuple[str, list[int]]], traits: list[_Trait]) -> list[tuple[str, Kind]]:
    result: list[tuple[str, Kind]] = [("", Kind.CHAT)] * len(traits)
    taken: Counter[str] = Counter()
    for name, members in sorted(named, key=lambda group: -len(group[1])):
        taken[name.casefold()] += 1
        unique = name if taken[name.casefold()] == 1 else f"{name} ({taken[name.casefold()]})"
        kind = _kind([traits[index] for index in members])
        for index in members:
            result[index] = (unique, kind)
    return result


def _group_key(trait: _Trait, labels: Counter[str], smallest: float) -> tuple[str, str]:
    if trait.label and labels[trait.label.casefold()] >= smallest:
        return "label", trait.label.casefold()
    if trait.template:
        return "template", trait.template
    return "shape", trait.shape


def _trait(sample: Sample) -> _Trait:
    messages, params = sample.request.messages, sample.request.params
    system = next((_text(m) for m in messages if m.get("role") in ("system", "developer")), "")
    user = next((_text(m) for m in reversed(messages) if m.get("role") == "user"), "")
    template = _normalise(system)
    shape = _shape(params)
    guess = _guess(f"{sample.use_case or ''} {system[:_HEAD_CHARS]}") or _guess(user[:_HEAD_CHARS]) or Kind.CHAT
    answer = sample.answer.text if sample.answer and sample.answer.text else None
    return _Trait(
        label=sample.use_case,
        template=template,
        template_name=_name_of(system) if template else "",
        shape=shape,
        guess=guess if shape is Kind.CHAT else shape,
        answer=answer.strip().casefold() if answer and len(answer) <= _LABEL_CHARS else None,
        has_answer=sample.answer is not None,
    )


def _guess(words: str) -> Kind | None:
    return next((kind for kind, pattern in _WORDS.items() if pattern.search(words)), None)


def _shape(params: dict[str, Json]) -> Kind:
    if params.get("tools"):
        return Kind.TOOL_USE
    form = params.get("response_format")
    return Kind.EXTRACTION if isinstance(form, dict) and "json" in str(form.get("type")) else Kind.CHAT


def _kind(members: list[_Trait]) -> Kind:
    """What most of the group does; few distinct short answers mean classification, whatever the words say."""
    guesses = Counter(trait.guess for trait in members)
    most, count = guesses.most_common(1)[0]
    if most is Kind.TOOL_USE:
        return most
    answered = [trait.answer for trait in members if trait.has_answer]
    short = {answer for answer in answered if answer is not None}
    is_short = len(answered) >= 10 and answered.count(None) <= 0.05 * len(answered)
    if is_short and len(short) <= max(2, _LABELS_PER_ANSWER * len(answered)):
        return Kind.CLASSIFICATION
    return most if count * 2 > len(members) else Kind.CHAT


def _text(message: dict[str, Json]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _normalise(system: str) -> str | None:
    """The start of the prompt without case, numbers and spacing: dates and names come later in most templates."""
    plain = re.sub(r"[\d#*_`]+", " ", system[: 2 * _KEY_CHARS].casefold())
    plain = " ".join(plain.split())[:_KEY_CHARS].strip()
    return None if len(plain) < 8 or _GENERIC.fullmatch(plain) else plain


def _name_of(system: str) -> str:
    line = next((line for line in system.split("\n") if re.search(r"\w", re.sub(r"<[^>]*>", "", line))), "")
    line = re.sub(r"<[^>]*>|[#*_`>]+", " ", line).strip()
    line = _OPENING.sub("", " ".join(line.split()))
    words = re.split(r"[.!?:;\n(]", line, maxsplit=1)[0].split()[:6]
    while len(words) > 2 and words[-1].casefold() in (
        "a",
        "an",
        "the",
        "and",
        "or",
        "to",
        "of",
        "for",
        "with",
        "that",
        "in",
    ):
        words.pop()
    name = " ".join(words).strip(" ,-")
    return name[:1].upper() + name[1:] if name else "Chat"
