"""One plain sentence about a use case: what goes in and what comes out."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from advisor.ingest.grouping.kinds import Example, labels_of
from advisor.types import Kind

_OUT = {
    Kind.SUMMARY: "a summary",
    Kind.DRAFTING: "a text",
    Kind.QUESTION_ANSWERING: "an answer",
    Kind.CODE: "code or an explanation of it",
    Kind.CHAT: "a reply",
    Kind.EXTRACTION: "structured data",
    Kind.CLASSIFICATION: "a label",
}
_NAMED = 4
_FIELDS_KNOWN = 0.8


def describe(kind: Kind, examples: Sequence[Example]) -> str:
    """Such as "A message of about 90 words goes in, one label comes out (such as billing, bug and other)."."""
    if not examples:
        return ""
    lengths = [example.user_words for example in examples]
    goes_in = f"A message of about {_words(median(lengths))}" if median(lengths) >= 1 else "A message"
    tools = round(median([example.tools for example in examples]))
    if tools:
        goes_in += f" with {tools} {'tool' if tools == 1 else 'tools'} to choose from"
    return f"{goes_in} goes in, {_out(kind, examples)}."


def _out(kind: Kind, examples: Sequence[Example]) -> str:
    answered = [example for example in examples if example.answer]
    called = Counter(example.called for example in examples if example.called)
    if kind is Kind.TOOL_USE and called:
        names = _listed([name for name, _ in called.most_common(_NAMED)])
        return f"a call of a tool (such as {names}) or a reply comes out"
    if not answered:
        return "the log has no answers to it"
    if kind is Kind.CLASSIFICATION:
        counts = labels_of([example.answer or "" for example in answered])
        if labels := [label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]:
            return f"one label comes out (such as {_listed(labels[:_NAMED])})"
    if kind is Kind.EXTRACTION and (fields := _fields(answered)):
        return f"an object with {len(fields)} fields comes out (such as {_listed(fields[:_NAMED])})"
    return f"{_OUT.get(kind, 'a reply')} of about {_words(median(e.answer_words for e in answered))} comes out"


def _fields(answered: Sequence[Example]) -> list[str]:
    objects = [example.fields for example in answered if example.fields is not None]
    if len(objects) < _FIELDS_KNOWN * len(answered):
        return []
    found = Counter(field for fields in objects for field in fields)
    return [field for field, count in found.items() if 2 * count >= len(objects)]


def _words(number: float) -> str:
    """Two digits are enough."""
    whole = max(1, round(number))
    rounded = whole if whole < 20 else round(whole, -1) if whole < 1000 else round(whole, -2)
    return "1 word" if rounded == 1 else f"{rounded:,} words"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
