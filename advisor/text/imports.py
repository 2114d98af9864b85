"""A column mapping, use cases and their changes, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.text.numbers import count, listing, pts
from advisor.types import Endpoint, Exchange, Kind, UseCase

READ_AS = {
    "time": "a time",
    "latency": "a duration",
    "ttft": "a duration",
    "cost": "an amount of money",
    "params": "an object with parameters",
    "messages": "a list of messages",
    **dict.fromkeys(
        ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
        "a whole number",
    ),
}
"""What a value of these roles has to be; any text will do for the others."""
NO_PROMPT = "No column holds the prompt. Choose the one with the text or the conversation that was sent."
NOT_UNDERSTOOD = "(can't read this row)"

_OUT = {
    Kind.SUMMARY: "a summary",
    Kind.DRAFTING: "a text",
    Kind.QUESTION_ANSWERING: "an answer",
    Kind.CODE: "code or an explanation of it",
    Kind.CHAT: "a reply",
    Kind.EXTRACTION: "structured data",
    Kind.CLASSIFICATION: "a label",
}


def use_cases_words(used: int, proven: int, *, ignored: int) -> str:
    """How many use cases a log has, and how many of them mostly have reference answers."""
    also = f" {ignored} more {'is' if ignored == 1 else 'are'} ignored." if ignored else ""
    return f"{count(used, 'use case')}. {proven or 'None'} {'have' if proven != 1 else 'has'} reference answers.{also}"


ADD_REFERENCES = (
    "Reference answers come with the log: add a column with the correct answer, such as “expected”, and import the "
    "file again. Without them a judge or reviews decide. Labels and JSON can also be compared with today's model."
)


def give_labels(use_cases: Sequence[str]) -> str:
    """That these use cases may be scored by the labels in the log."""
    return f"{listing(use_cases)} {'gives' if len(use_cases) == 1 else 'give'} labels that the log already has."


SCORED_BY = {
    Endpoint.TARGET: "reference answers",
    Endpoint.AGREEMENT: "agreement with the live baseline",
    Endpoint.PAIRWISE: "judge or reviews",
}
NEEDS_JUDGE = "⚠ a judge or reviews"
CASE_NOTES = {
    "Share of spend": "Of the known cost",
    "Needs": "The log has no reference answers",
    "Calls": "In the log",
    "Replayable": "Calls that can be sent to another model unchanged",
    "Reference answers": "Calls with a reference answer in the log",
    "Calls/month": "Projected; needs times in the log",
    "Acceptable drop, pts": "How much worse than the baseline still counts as good enough",
}
"""What a column about use cases means."""
IGNORED_NOTE = "Ignored: excluded from volume, cost, replays and decisions."


def use_case_facts(case: UseCase, endpoint: Endpoint, margin: float) -> str:
    """Kind and calls of a use case, and how its answers are scored."""
    facts = [case.kind.replace("_", " "), count(case.calls.total, "call"), f"{case.calls.replayable:,} replayable"]
    if not case.ignored:
        facts.append(f"scored by {SCORED_BY[endpoint]}, acceptable drop {100 * margin:g} pts")
    return " · ".join(facts)


def rescoring_words(calls: int, judges: Sequence[str]) -> str:
    """When to score again, and what that asks of judges."""
    return f"After changing use cases or how they are scored, rescore the answers. {_judge_calls(calls, judges)}"


def unscored_words(calls: int, judges: Sequence[str]) -> str:
    """That a change came after the answers were scored."""
    return f"This changed after scoring. Rescore the answers to apply it. {_judge_calls(calls, judges)}"


def _judge_calls(calls: int, judges: Sequence[str]) -> str:
    return f"This makes about {count(calls, 'call')} to {', '.join(judges)}." if calls else "This makes no calls."


def scoring_failed(why: str | None) -> str:
    """That stored answers weren't scored again."""
    return f"Couldn't rescore the answers. {why or ''}".strip()


def chosen_twice(column: str) -> str:
    """A column that two roles were given."""
    return f"{column!r} is used twice. Choose another column for one of them."


def empty_column(column: str, rows: int) -> str:
    """A column without a value in the first rows."""
    return f"{column!r} is empty in the first {rows} rows."


def unread_column(column: str, role: str, *, read: int, filled: int, example: str) -> str:
    """A column of which only ``read`` of the ``filled`` values are what the role needs."""
    how_many = "none" if not read else f"only {read}"
    return (
        f"{column!r}: {how_many} of {filled} values can be read as {READ_AS[role]} (not, for example: {example!r}). "
        "Choose another column or leave it out."
    )


def rejected_row(reason: str) -> str:
    """What stands for a value of a row that is skipped."""
    return f"(skipped row: {reason})"


def use_case_change(name: str, values: Mapping[str, Any]) -> str:
    """What was changed in a use case, for the list of changes."""
    done = []
    if "name" in values:
        done.append(f"renamed to {values['name']}")
    if "kind" in values:
        done.append(f"kind set to {values['kind'].replace('_', ' ')}")
    if "endpoint" in values:
        done.append(f"scored by {SCORED_BY.get(values['endpoint'], 'what its samples allow')}")
    if "margin" in values:
        done.append(f"acceptable drop {'as usual' if values['margin'] is None else pts(values['margin'])}")
    if "ignored" in values:
        done.append("ignored" if values["ignored"] else "no longer ignored")
    if "match" in values:
        done.append("comparison with reference answers changed")
    if "checks" in values:
        done.append("checks changed" if values["checks"] else "checks removed")
    return f"{name}: {', '.join(done)}"


def use_case_split(name: str, parts: int) -> str:
    """A split, for the list of changes."""
    return f"Split {name} into {parts} use cases"


OTHER_ROWS = "other trace spans or log lines"
"""Rows that aren't LLM calls."""


def import_outcome(study: str, counts: Mapping[str, int], repeated: Sequence[str], skipped: Sequence[str]) -> str:
    """What happened to the rows of an import; Markdown, in which the names have to be safe already.

    ``counts`` are those of the import, with ``no_calls`` of the ``named`` rejected rows, and ``turns`` in rows of their
    own; ``repeated``: files listed more than once; ``skipped``: files of unknown format.
    """
    if not counts["rows"]:
        return f"Imported the usage or cost export into {study}."
    rejected, joined = counts["rejected"], counts["joined"]
    told = f"Imported into {study}: {count(counts['accepted'], 'call')}"
    told += f" from {count(counts['turns'], 'row')}" if counts["turns"] else ""
    told += f" (rejected rows: {rejected:,}, duplicates: {counts['duplicates']:,})."
    if calls := counts["no_calls"]:
        which = "the rejected rows" if counts["named"] == rejected else f"the first {counts['named']:,} rejected rows"
        verb = "isn't an LLM call" if calls == 1 else "aren't LLM calls"
        told += f" Of {which}, {calls:,} {verb} but {OTHER_ROWS}: skipped, nothing is lost."
    if joined:
        further = f"{count(joined, 'further row')} {'was' if joined == 1 else 'were'}"
        told += f" {further} joined with these as parts of the same calls."
    if repeated:
        told += f" Listed more than once, read once: {', '.join(repeated[:5])}."
    if skipped:
        more = f" and {len(skipped) - 5} more" if len(skipped) > 5 else ""
        told += f" **Skipped (unknown format):** {', '.join(skipped[:5])}{more}. Import these files one at a time."
    return told


def not_replayable(calls: int, accepted: int) -> str:
    """How many of the imported calls count for volume only; empty without any."""
    if calls and calls == accepted:
        return "None of the calls can be replayed; they count for volume, cost and latency."
    return f"{count(calls, 'call')} can't be replayed but count for volume and cost." if calls else ""


def use_case_description(told: Exchange | str) -> str:
    """Such as "A message of about 90 words goes in, one label comes out (such as billing, bug and other)."."""
    if isinstance(told, str):
        return told
    goes_in = f"A message of about {_words(told.words_in)}" if told.words_in >= 1 else "A message"
    if told.tools:
        goes_in += f" with {count(told.tools, 'tool')} to choose from"
    return f"{goes_in} goes in, {_comes_out(told)}."


def _comes_out(told: Exchange) -> str:
    names = listing(told.names) if told.names else ""
    if told.kind is Kind.TOOL_USE and names:
        return f"a call of a tool (such as {names}) or a reply comes out"
    if told.words_out is None:
        return "the log has no answers to it"
    if told.kind is Kind.CLASSIFICATION and names:
        return f"one label comes out (such as {names})"
    if told.kind is Kind.EXTRACTION and names:
        return f"an object with {told.fields} fields comes out (such as {names})"
    return f"{_OUT.get(told.kind, 'a reply')} of about {_words(told.words_out)} comes out"


def _words(number: float) -> str:
    """Two digits are enough."""
    whole = max(1, round(number))
    return count(whole if whole < 20 else round(whole, -1) if whole < 1000 else round(whole, -2), "word")
