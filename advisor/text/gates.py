"""Caveats and gates in words: value, limit, result, what it was seen on, and what may help."""

from collections.abc import Mapping
from typing import Any

from advisor.text.messages import Words, worded
from advisor.text.names import FAILURES
from advisor.text.numbers import UNKNOWN, count, percent, points, pts, seconds, signed, signed_points
from advisor.types import Assessment, Caveat, CaveatCode, DetailCode, Evidence, FailureKind, Gate, GateName, Message


def caveat_words(caveat: Caveat, baseline: str) -> str:
    """What a mean hides, as one sentence."""
    c = caveat
    hits, theirs = round(c.value * c.n), round(c.baseline_value * c.n)
    match c.code:
        case CaveatCode.P95_FAR:
            times = f"{c.value / c.baseline_value:.1f} times that of {baseline} ({c.baseline_value:.1f} s)"
            return f"p95 latency is {c.value:.1f} s, {times}, and no limit is set."
        case CaveatCode.CLASS_NEVER_RIGHT:
            return f"Never right on {_quoted(c.where)}: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        case CaveatCode.FIELD_NEVER_RIGHT:
            return f"Never gets the field {_quoted(c.where)} right: 0 of {c.n:,} samples, {baseline} {theirs:,}."
        case CaveatCode.FALLS_LATELY:
            return f"Quality drops in the last fifth of the log: {_change(c, baseline)}."
        case CaveatCode.FALLS_SINCE:
            return f"Quality drops during the log: {_change(c, baseline)}."
        case CaveatCode.NEAR_CONSTANT:
            same = f"{hits:,} of {c.n:,} long answers are mostly the same text"
            return f"{same}, whatever the request. {baseline}: {theirs:,}."
        case CaveatCode.COPIED:
            copied = f"{hits:,} of {c.n:,} long answers repeat the recorded answer almost word for word"
            return f"{copied} ({theirs:,} expected)."


def hold_remedy(caveat: Caveat) -> str:
    """What may lift the hold of a caveat that holds a ``switch``; a clause."""
    if caveat.code is CaveatCode.FALLS_LATELY:
        return f"find out what changed in your traffic{_since(caveat)}, and replay newer samples"
    return f"give examples of {_quoted(caveat.where)} in the prompt, or fine-tune on some"


def _change(caveat: Caveat, baseline: str) -> str:
    now, before = signed(caveat.value - caveat.baseline_value), signed(caveat.before or 0.0)
    return f"{now} vs {baseline}{_since(caveat)} ({count(caveat.n, 'sample')}), {before} before"


def _since(caveat: Caveat) -> str:
    return f" since {caveat.at.day} {caveat.at:%b %Y %H:%M} UTC" if caveat.at else ""


def _quoted(name: str) -> str:
    return f"\u201c{name}\u201d"


REMEDIES = {
    GateName.VALIDITY: "A prompt or parameter that fixes the output format may help.",
    GateName.REFUSED: "Another prompt or model may help.",
    GateName.ANSWERED: "A prompt that says what to decline may help.",
    GateName.UNNEEDED: "A prompt that says when no tool is needed may help.",
    GateName.TRUNCATION: "A higher output token limit may help.",
    GateName.ERRORS: "Another host may help.",
    GateName.IDENTICAL: "Check how the model is set up.",
    GateName.STABILITY: "A lower temperature may help.",
    GateName.INSTRUCTING: "Read some of them: they address the judge, not your customers.",
    GateName.CHECKS: "Change its prompt, or the checks where they ask too much.",
    GateName.TTFT: "A faster host or a higher limit may help.",
    GateName.LATENCY: "A faster host or a higher limit may help.",
}
"""What may bring a failing gate back within its limit."""


def shown_gates(a: Assessment) -> list[Gate]:
    """The guardrails of a candidate; prompt injection against a judge only where one was asked, or where it fails."""
    judged = a.quality.evidence == Evidence.JUDGE or a.trust.orders_decided > 0
    return [gate for gate in a.gates if judged or gate.name is not GateName.INSTRUCTING or gate.passed is False]


def gate_value(gate: Gate) -> str:
    """What was measured, in the gate's own unit."""
    if gate.value is None:
        return UNKNOWN
    if gate.name.is_time:
        return seconds(gate.value)
    return percent(gate.value) if gate.name.is_share else signed_points(gate.value)


def gate_limit(gate: Gate) -> str:
    """The limit, in the gate's own unit."""
    if gate.limit is None:
        return "no limit set"
    if gate.name.is_time:
        return f"at most {seconds(gate.limit)}"
    if gate.name.is_share:
        return f"at most {percent(gate.limit)}"
    return f"at most {points(gate.limit)} more than the baseline"


def gate_words(gate: Gate) -> str:
    """Whether it holds, as symbol and word."""
    if gate.passed is None:
        return "– Not measured" if gate.value is None else "– No limit set"
    if gate.passed:
        return "✓ Within"
    return "✗ Outside" if gate.beyond_doubt else "? Outside, perhaps by chance"


def detail_words(detail: Message | None) -> str:
    """What a gate was seen on."""
    return worded(_DETAILS, detail) if detail else ""


def _failed(k: int, n: int, failures: Mapping[str, int]) -> str:
    kinds = ", ".join(f"{FAILURES[FailureKind(kind)]}: {calls:,}" for kind, calls in failures.items())
    return f"{k:,} of {count(n, 'call')} failed{f' ({kinds})' if kinds else ''}"


def _timed(n: int, least: int | None = None) -> str:
    return count(n, "call") + (f"; a reliable p95 needs {least}" if least else "")


_DETAILS: Words = {
    DetailCode.COUNTED: lambda k, n, baseline: f"{k:,} of {count(n, 'answer')}, baseline {baseline:,}",
    DetailCode.NOTHING_TO_CHECK: "nothing to check",
    DetailCode.NO_CHECKS: "none of your checks covers both answers",
    DetailCode.NOT_LOOKED_FOR: "not looked for",
    DetailCode.REFUSED: lambda k, n, baseline: (
        f"{k:,} of {count(n, 'answer')} read; the baseline answered {baseline:,}"
    ),
    DetailCode.ANSWERED: lambda k, n, baseline: (
        f"{k:,} of {count(n, 'answer')} read; the baseline declined {baseline:,}"
    ),
    DetailCode.REFUSED_BY_RULE: lambda k, n: f"at least {k:,} of {count(n, 'answer')}, as far as a rule finds refusals",
    DetailCode.NOT_READ: "no answer was read",
    DetailCode.FAILED: _failed,
    DetailCode.NOTHING_ASKED: "nothing was called yet",
    DetailCode.CONSTANT: "one answer to all {prompts:,} prompts; the baseline gave {baseline:,}",
    DetailCode.NO_CLAIMS: "no claims were read",
    DetailCode.CLAIMS: lambda share, baseline, n: (
        f"{percent(share)} of the claims, baseline {percent(baseline)}, in {count(n, 'answer')} of each"
    ),
    DetailCode.FLIPS: "{k:,} of {n:,} changed between calls, baseline {baseline:,} of {baseline_n:,}",
    DetailCode.FLIPS_ALONE: "{k:,} of {n:,} changed between calls; the baseline's own rate is unknown",
    DetailCode.NOT_MEASURED: "not measured",
    DetailCode.TIMED: _timed,
}


def failing(v: dict[str, Any], baseline: str) -> str:
    """A failing gate as a clause, with its value and limit."""
    name, value, limit = GateName(v["name"]), v["value"] or 0.0, v["limit"] or 0.0
    more = f"{pts(value, limit)} more than {baseline}, limit {pts(limit)}"
    share = f"{percent(value)}, limit {percent(limit)}"
    match name:
        case GateName.VALIDITY:
            return f"Too many invalid answers: {more}"
        case GateName.REFUSED:
            return f"Refuses too often where {baseline} answered: {share}"
        case GateName.ANSWERED:
            return f"Answers too often where {baseline} declined: {share}"
        case GateName.UNNEEDED:
            return f"Too many unneeded tool calls: {more}"
        case GateName.TRUNCATION:
            return f"Too many cut-off answers: {more}"
        case GateName.INSTRUCTING:
            return f"Too many prompt injections against the judge: {more}"
        case GateName.CHECKS:
            return f"Too many answers fail your own checks: {more}"
        case GateName.ERRORS:
            return f"Too many failed calls: {share}"
        case GateName.IDENTICAL:
            return f"Same answer to different prompts too often: {detail_words(Message(**v['detail']))}"
        case GateName.STABILITY:
            return f"Answers change too often between repeated calls: {more}"
        case GateName.TTFT:
            return f"Time to first token is too high: p95 {seconds(value)}, limit {seconds(limit)}"
        case GateName.LATENCY:
            return f"Latency is too high: p95 {seconds(value)}, limit {seconds(limit)}"
    return f"{name.value} is outside its limit"
