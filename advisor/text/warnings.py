"""What limits a decision, what it was scored with, and which calls don't count, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from advisor.text.messages import Words, worded
from advisor.text.names import KINDS, MEASURES
from advisor.text.numbers import aged, count, listing, pts
from advisor.text.runs import busy_machine
from advisor.text.scores import findings_words
from advisor.types import (
    Change,
    Endpoint,
    Finding,
    Json,
    Kind,
    LeftOut,
    Match,
    Matching,
    Message,
    ScoreCode,
    VersionCode,
    WarningCode,
)

WAYS = {
    Matching.EXACT: "exact text",
    Matching.NORMALISED: "same text, whatever the case, spaces and punctuation around it",
    Matching.NUMERIC: "same number",
    Matching.LABEL: "same label, however it is formatted",
    Matching.FIELDS: "field by field: how many fields of an object are right",
}
_AUTOMATIC = "automatic, by the kind of use case and the format of the reference answer"
_UNCHECKED = {
    "validity": ("for the required format", "Correct the schema or the tools of these calls"),
    "checks": ("fully by your own checks", "Fix the checks on the Use cases page"),
    "target": ("against the reference answers", "Correct those, or add a judge"),
    "agreement": ("against the baseline's answers", "Add reference answers or a judge"),
    "personal_data": ("for personal data", "Read some of them yourself"),
}
"""Scorer -> what it couldn't do, and what may help."""
_FRESH = "To check, replay with \u201cAsk everything again\u201d under More settings, or with --fresh"


def warning(message: Message) -> str:
    """What limits a decision."""
    return worded(_WARNINGS, message)


def change(message: Message) -> str:
    """What a decision rests on that its run was not planned with; a clause."""
    return worded(_CHANGES, message)


def version(message: Message) -> str:
    """What scores were made with."""
    return worded(_VERSIONS, message)


def left_out(message: Message) -> str:
    """Why calls of the log don't count."""
    return worded(_LEFT_OUT, message)


def data_replaced(pieces: int) -> str:
    """What an import replaced; empty where it replaced nothing."""
    return f"{count(pieces, 'piece')} of personal data replaced." if pieces else ""


def beside_text(calls: int) -> str:
    """That costs lack what the provider bills besides text; empty without such calls."""
    if not calls:
        return ""
    return (
        f"For {count(calls, 'call')} the provider also bills more than text, such as web searches or audio. Costs "
        "here leave that out."
    )


def match_words(match: Match | None) -> str:
    """How answers are compared with reference answers."""
    way = _AUTOMATIC if match is None or match.how is None else WAYS[match.how]
    if match is None:
        return way
    within = f", within {100 * match.tolerance:g}%" if match.tolerance else ""
    return f"{way}{within}{', whatever the punctuation and date format' if match.loose else ''}"


def _mixed(use_cases: Mapping[str, Mapping[str, int]]) -> str:
    mixed = [f"{name} ({', '.join(f'{m} {n:,}' for m, n in models.items())})" for name, models in use_cases.items()]
    return f"Several models gave the recorded answers, compared here as one baseline: {listing(mixed)}."


def _unchecked(use_case: str, scorer: str, answers: int, findings: Sequence[Sequence[Json]]) -> str:
    what, remedy = _UNCHECKED[scorer]
    verb = f"{count(answers, 'answer')} in {use_case} couldn't be checked {what}"
    return f"{verb} ({_found(findings)}). {remedy}, then rescore."


def _found(findings: Sequence[Sequence[Json]]) -> str:
    return findings_words([Finding(ScoreCode(code), tuple(details), more) for code, details, more in findings])


def _stale(at: str, days: int, is_older: bool) -> str:
    oldest = aged(datetime.fromisoformat(at), days)
    whose = f"some answers come from earlier runs, the oldest from {oldest}"
    whose = whose if is_older else f"the oldest answer is from {oldest}"
    return f"Stale evidence: {whose}. Models and prices may have changed. {_FRESH}."


def _changed(changes: Sequence[Mapping[str, Json]]) -> str:
    return (
        f"Changed after the replay was planned: {listing([change(Message(**each)) for each in changes], most=12)}. "
        "Settings chosen after seeing the answers prove less. A new replay with them reuses these answers."
    )


def _other_bill(baseline: str, use_cases: Mapping[str, Sequence[str]]) -> str:
    billed = listing([f"{name} ({listing(models)})" for name, models in use_cases.items()])
    return (
        f"Quality and latency are compared with a live {baseline}. Today's bill and the saving are for the models in "
        f"the log: {billed}."
    )


def _assumed(use_cases: Mapping[str, Sequence[int]]) -> str:
    assumed = listing([f"{name} ({n:,} of {of:,})" for name, (n, of) in use_cases.items()])
    return f"Many calls have no known cost and count at the average of their use case: {assumed}."


def _input_tokens(models: Mapping[str, Sequence[int]]) -> str:
    told = [
        f"{name}'s server reports {n:,} input tokens a call, the log {logged:,}" for name, (n, logged) in models.items()
    ]
    return f"{listing(told, most=len(told))}. Cost and saving rest on what the server reports: check it first."


def _long_prompts(calls: int, tokens: int) -> str:
    verb = "exceeds" if calls == 1 else "exceed"
    return (
        f"{count(calls, 'call')} {verb} {tokens:,} input tokens, where list prices are higher. Your contract prices "
        "are used unchanged."
    )


def _kin(judge: str, models: Sequence[str]) -> str:
    kin = "it" if len(models) == 1 else "them"
    return f"The judge {judge} is from the same family as {listing(models)} and may favor {kin}."


_WARNINGS: Words = {
    WarningCode.NOISE_UNKNOWN: (
        "The baseline wasn't called twice, so part of any difference may be random variation in its answers."
    ),
    WarningCode.NOISE_DIFFERS: (
        "Called twice, the baseline differs from itself ({better:,} better, {worse:,} worse of {n:,}). Don't trust "
        "these results yet."
    ),
    WarningCode.NOISE_SAME: lambda better, worse, n: (
        f"Called twice, the baseline scored differently on {better + worse:,} of {count(n, 'sample')}, with no lean "
        "to either side."
    ),
    WarningCode.NO_MONTH: "Monthly figures are unknown: the log has no usable times.",
    WarningCode.SHORT_LOG: "The log covers only {days:.1f} days. Monthly figures are projected from them.",
    WarningCode.RECORDED_BASELINE: (
        "The baseline's answers and latency come from the log, at other times and load than the replay."
    ),
    WarningCode.MIXED_ANSWERS: _mixed,
    WarningCode.ILLUSTRATIVE: (
        "The illustrative candidate's answers, the illustrative judges' votes, and the reviews are invented for this "
        "sample."
    ),
    WarningCode.BUSY: busy_machine,
    WarningCode.ENDED_EARLY: lambda status: (
        f"The run ended early ({status.replace('_', ' ')}), so its results are partial."
    ),
    WarningCode.UNCHECKED: _unchecked,
    WarningCode.STALE: _stale,
    WarningCode.CHANGED: _changed,
    WarningCode.OTHER_BILL: _other_bill,
    WarningCode.ASSUMED_COSTS: _assumed,
    WarningCode.INPUT_TOKENS: _input_tokens,
    WarningCode.LONG_PROMPTS: _long_prompts,
    WarningCode.BESIDE_TEXT: beside_text,
    WarningCode.LACKS_BILL: lambda use_cases: (
        f"Monthly figures leave out {listing(use_cases)}: the bill or the saving is unknown."
    ),
    WarningCode.JUDGE_UNREADABLE: (
        "{unparsed:,} of {judged:,} votes of the judge {judge} couldn't be read, even when asked twice."
    ),
    WarningCode.JUDGE_TIES: (
        "The judge {judge} scored {tied:,} of {pairs:,} pairs as ties, before invalid and cut-off answers count as "
        "lost. Review some to see whether the answers are that close."
    ),
    WarningCode.JUDGE_KIN: _kin,
}


def _seconds(limit: float | None) -> str:
    return "no limit" if limit is None else f"{limit:g} s"


def _checks(use_case: str, added: Sequence[str], removed: Sequence[str]) -> str:
    moves = (("added", added), ("removed", removed))
    return f"checks of {use_case} ({'; '.join(f'{what}: {listing(checks)}' for what, checks in moves if checks)})"


def _rubric(number: int) -> str:
    return f"version {number}" if number else "the suggested questions"


def _match(stored: Mapping[str, Json] | None) -> str:
    return match_words(None if stored is None else Match(**stored))


_CHANGES: Words = {
    Change.CONFIDENCE: lambda before, now: f"confidence level (from {100 * before:.4g}% to {100 * now:.4g}%)",
    Change.LATENCY: lambda before, now: f"p95 latency limit (from {_seconds(before)} to {_seconds(now)})",
    Change.TTFT: lambda before, now: f"p95 time to first token limit (from {_seconds(before)} to {_seconds(now)})",
    Change.IGNORED: "{use_case} is ignored",
    Change.ENDPOINT: lambda use_case, before, now: (
        f"measure of {use_case} (from {MEASURES[Endpoint(before)]} to {MEASURES[Endpoint(now)]})"
    ),
    Change.MARGIN: lambda use_case, before, now: (
        f"acceptable drop for {use_case} (from {pts(before, now)} to {pts(now, before)})"
    ),
    Change.RUBRIC: lambda use_case, before, now: (
        f"judge questions for {use_case} (from {_rubric(before)} to {_rubric(now)})"
    ),
    Change.KIND: lambda use_case, before, now: f"kind of {use_case} (from {KINDS[Kind(before)]} to {KINDS[Kind(now)]})",
    Change.MATCH: lambda use_case, before, now: (
        f"how answers of {use_case} are compared with reference answers (from \u201c{_match(before)}\u201d to "
        f"\u201c{_match(now)}\u201d)"
    ),
    Change.CHECKS: _checks,
    Change.USE_CASES: "which calls belong to which use case",
}
_VERSIONS: Words = {
    VersionCode.JUDGE_PROMPT: "Judge prompt: version {version}.",
    VersionCode.RUBRIC: lambda use_case, version: f"Judge questions for {use_case}: {_rubric(version)}.",
    VersionCode.CHECKS: lambda use_case, checks, digest: (
        f"{use_case} has {count(len(checks), 'check')} of your own (version {digest}): "
        f"{listing(checks, most=len(checks))}."
    ),
    VersionCode.MATCH: lambda use_case, match: f"Reference answers of {use_case} are compared by: {_match(match)}.",
}
_LEFT_OUT: Words = {
    LeftOut.NOT_REPLAYABLE: "{reason}",
    LeftOut.UNREADABLE: "unreadable row of the file",
    LeftOut.UNCHECKED: lambda use_case, scorer, findings, calls: (
        f"answer in {use_case} not checked {_UNCHECKED[scorer][0]} ({_found(findings)})"
    ),
}
