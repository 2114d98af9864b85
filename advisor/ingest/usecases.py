"""Makes use cases of the groups of a log, and names them from their own words.

The log's own labels come first, then the constant system prompt, then the kind of call. Groups that are too small to
decide on are merged, so that labels which differ on nearly every row do not explode into use cases.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.types import GroupKey, Kind

SMALLEST_GROUP = 5
SMALLEST_SHARE = 0.01
_HEAD_CHARS = 400
_LABEL_CHARS = 40
_LABELS_PER_ANSWER = 0.2
_NAMES = {Kind.TOOL_USE: "Tool use", Kind.EXTRACTION: "Structured output"}
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
_WEAK_ENDS = ("a", "an", "the", "and", "or", "to", "of", "for", "with", "that", "in")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A call of a group, as far as names and kinds need it."""

    system: str
    user: str
    answer: str | None
    """None: none was recorded."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Calls that the log treats alike."""

    key: GroupKey
    calls: int
    examples: tuple[Example, ...]
    """Some of them, chosen without regard to their order."""


@dataclass(frozen=True, kw_only=True)
class NamedUseCase:
    """Groups that serve one purpose."""

    name: str
    kind: Kind
    groups: tuple[int, ...]
    """Indices of the groups given."""


def name_use_cases(groups: Sequence[Group]) -> list[NamedUseCase]:
    """Every group in one use case, the largest first."""
    smallest = max(SMALLEST_GROUP, SMALLEST_SHARE * sum(group.calls for group in groups))
    labels: Counter[str] = Counter()
    for group in groups:
        if group.key.label:
            labels[group.key.label.casefold()] += group.calls
    by_source: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, group in enumerate(groups):
        by_source[_source(group.key, labels, smallest)].append(index)
    named: list[tuple[str, list[int]]] = []
    rest: dict[Kind, list[int]] = defaultdict(list)
    for (source, _), members in by_source.items():
        if source == "shape" or sum(groups[index].calls for index in members) < smallest:
            for index in members:
                rest[groups[index].key.shape].append(index)
            continue
        largest = max(members, key=lambda index: (groups[index].calls, groups[index].key))
        named.append((_name(groups[largest], source), members))
    return _spread(named + _name_rest(rest, groups, smallest, is_all=not named), groups)


def _source(key: GroupKey, labels: Counter[str], smallest: float) -> tuple[str, str]:
    if key.label and labels[key.label.casefold()] >= smallest:
        return "label", key.label.casefold()
    return ("template", key.template) if key.template else ("shape", key.shape)


def _name(group: Group, source: str) -> str:
    if source == "label" and group.key.label:
        return group.key.label
    return name_of(group.examples[0].system if group.examples else group.key.template)


def _name_rest(
    rest: dict[Kind, list[int]], groups: Sequence[Group], smallest: float, *, is_all: bool
) -> list[tuple[str, list[int]]]:
    """One use case per shape for what has none of its own; those still too small join the largest."""
    sizes = {shape: sum(groups[index].calls for index in members) for shape, members in rest.items()}
    by_size = sorted(rest.items(), key=lambda item: (-sizes[item[0]], item[0]))
    kept = [(shape, members) for shape, members in by_size if sizes[shape] >= smallest] or by_size[:1]
    for shape, members in by_size:
        if shape not in dict(kept):
            kept[0][1].extend(members)
    result = []
    for shape, members in kept:
        name = _NAMES.get(shape, "Chat")
        calls = sum(groups[index].calls for index in members)
        nameless = sum(
            groups[index].calls for index in members if not groups[index].key.label and not groups[index].key.template
        )
        result.append((name if is_all or 2 * nameless > calls else f"Other {name.lower()}", members))
    return result


def _spread(named: list[tuple[str, list[int]]], groups: Sequence[Group]) -> list[NamedUseCase]:
    result = []
    taken: Counter[str] = Counter()
    for name, members in sorted(named, key=lambda item: (-sum(groups[index].calls for index in item[1]), item[0])):
        taken[name.casefold()] += 1
        unique = name if taken[name.casefold()] == 1 else f"{name} ({taken[name.casefold()]})"
        result.append(
            NamedUseCase(name=unique, kind=kind_of([groups[index] for index in members]), groups=tuple(members))
        )
    return result


def kind_of(groups: Sequence[Group]) -> Kind:
    """What most of the groups do; few distinct short answers mean classification, whatever the words say."""
    guesses: Counter[Kind] = Counter()
    for group in groups:
        own = Counter(_guess_of(group.key, example) for example in group.examples)
        for kind, count in own.items():
            guesses[kind] += count * group.calls / max(1, own.total())  # type: ignore[assignment]
    if not guesses:
        return Kind.CHAT
    most, count = guesses.most_common(1)[0]
    if most is Kind.TOOL_USE:
        return most
    answered = [example.answer for group in groups for example in group.examples if example.answer is not None]
    short = [answer.strip().casefold() for answer in answered if len(answer) <= _LABEL_CHARS]
    is_short = len(answered) >= 10 and len(short) >= 0.95 * len(answered)
    if is_short and len(set(short)) <= max(2, _LABELS_PER_ANSWER * len(answered)):
        return Kind.CLASSIFICATION
    return most if count * 2 > guesses.total() else Kind.CHAT


def _guess_of(key: GroupKey, example: Example) -> Kind:
    if key.shape is not Kind.CHAT:
        return key.shape
    said = f"{key.label or ''} {example.system[:_HEAD_CHARS]}"
    return _guess(said) or _guess(example.user[:_HEAD_CHARS]) or Kind.CHAT


def _guess(words: str) -> Kind | None:
    return next((kind for kind, pattern in _WORDS.items() if pattern.search(words)), None)


def name_of(prompt: str) -> str:
    """A short name from the first words of a prompt that say something."""
    line = next((line for line in prompt.split("\n") if re.search(r"\w", re.sub(r"<[^>]*>", "", line))), "")
    line = re.sub(r"<[^>]*>|[#*_`>]+", " ", line).strip()
    line = _OPENING.sub("", " ".join(line.split()))
    words = re.split(r"[.!?:;\n(]", line, maxsplit=1)[0].split()[:6]
    while len(words) > 2 and words[-1].casefold() in _WEAK_ENDS:
        words.pop()
    name = " ".join(words).strip(" ,-")
    return name[:1].upper() + name[1:] if name else "Chat"
