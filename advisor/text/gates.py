"""Caveats and gates in words: value, limit, result, what it was seen on, and what may help."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from advisor.text.messages import Words, worded
from advisor.text.names import FAILURES, short_name
from advisor.text.numbers import UNKNOWN, count, dollars, percent, pts, seconds, signed
from advisor.types import (
    Assessment,
    Caveat,
    CaveatCode,
    Condition,
    DetailCode,
    Evidence,
    FailureKind,
    Gate,
    GateName,
    Message,
    Move,
)


def caveat_words(caveat: Caveat, baseline: str) -> str:
    """What a mean hides, as one sentence."""
    c = caveat
    return worded(
        _CAVEATS,
        Message.of(c.code, n=c.n, value=c.value, beside=c.baseline_value, baseline=baseline),
        hits=round(c.value * c.n),
        theirs=round(c.baseline_value * c.n),
        where=_quoted(c.where),
        change=_change(c, short_name(baseline)),
    )


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


_CAVEATS: Words = {
    CaveatCode.P95_FAR: lambda value, beside, baseline, **_: (
        f"p95 latency is {value:.1f} s, {value / beside:.1f} times that of {baseline} ({beside:.1f} s), and no limit "
        "is set."
    ),
    CaveatCode.CLASS_NEVER_RIGHT: "Never right on {where}: 0 of {n:,} samples, {baseline} {theirs:,}.",
    CaveatCode.FIELD_NEVER_RIGHT: "Never gets the field {where} right: 0 of {n:,} samples, {baseline} {theirs:,}.",
    CaveatCode.FALLS_LATELY: "Quality drops in the last fifth of the log: {change}.",
    CaveatCode.FALLS_SINCE: "Quality drops during the log: {change}.",
    CaveatCode.NEAR_CONSTANT: (
        "{hits:,} of {n:,} long answers are mostly the same text, whatever the request. {baseline}: {theirs:,}."
    ),
    CaveatCode.COPIED: (
        "{hits:,} of {n:,} long answers repeat the recorded answer almost word for word ({theirs:,} expected)."
    ),
}
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
    return percent(gate.value) if gate.name.is_share else signed(gate.value)


def gate_limit(gate: Gate) -> str:
    """The limit, in the gate's own unit."""
    if gate.limit is None:
        return "none, since labels and values repeat" if gate.name is GateName.IDENTICAL else "none"
    if gate.name.is_time:
        return f"at most {seconds(gate.limit)}"
    if gate.name.is_share:
        return f"at most {percent(gate.limit)}"
    return f"at most {pts(gate.limit)} more than the baseline"


def gate_words(gate: Gate) -> str:
    """Whether it holds, as symbol and word."""
    if gate.passed is None:
        return "– Not measured" if gate.value is None else "– No limit set"
    if gate.passed:
        return "✓ Within"
    return "✗ Outside" if gate.beyond_doubt else "? Outside, perhaps by chance"


def guardrail_words(a: Assessment) -> str:
    """How the guardrails stand: "Guardrails: 9 passed, 1 outside, 2 without a limit, 3 not measured"."""
    counts = Counter((gate.passed, gate.passed is None and gate.value is None) for gate in shown_gates(a))
    states = {
        (True, False): "passed",
        (False, False): "outside",
        (None, False): "without a limit",
        (None, True): "not measured",
    }
    told = ", ".join(f"{counts[state]:,} {words}" for state, words in states.items() if counts[state])
    return f"Guardrails: {told or 'none'}"


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
    DetailCode.NO_CHECKS: "no check of yours applies to both answers",
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
    value, limit = v["value"] or 0.0, v["limit"] or 0.0
    return worded(
        _FAILING,
        Message(code=v["name"]),
        baseline=baseline,
        more=f"{pts(value, limit)} more than {baseline}, limit {pts(limit)}",
        share=f"{percent(value)}, limit {percent(limit)}",
        waited=f"p95 {seconds(value)}, limit {seconds(limit)}",
        detail=detail_words(Message(**v["detail"])) if v["detail"] else "",
    )


_FAILING: Words = {
    GateName.VALIDITY: "Too many invalid answers: {more}",
    GateName.REFUSED: "Refuses too often where {baseline} answered: {share}",
    GateName.ANSWERED: "Answers too often where {baseline} declined: {share}",
    GateName.UNNEEDED: "Too many unneeded tool calls: {more}",
    GateName.TRUNCATION: "Too many cut-off answers: {more}",
    GateName.INSTRUCTING: "Too many prompt injections against the judge: {more}",
    GateName.CHECKS: "Too many answers fail your own checks: {more}",
    GateName.ERRORS: "Too many failed calls: {share}",
    GateName.IDENTICAL: "Same answer to different prompts too often: {detail}",
    GateName.STABILITY: "Answers change too often between repeated calls: {more}",
    GateName.TTFT: "Time to first token is too high: {waited}",
    GateName.LATENCY: "Latency is too high: {waited}",
}


_MEASURED = {
    Condition.QUALITY: "Quality drop",
    Condition.WIN_RATE: "Quality drop",
    Condition.FAULTS: "Invalid or cut-off answers",
    Condition.ERRORS: "Failed calls",
    Condition.TTFT: "p95 TTFT",
    Condition.LATENCY: "p95 latency",
    Condition.COST: "Cost per 1,000 of its calls",
}
_LIMITS: Words = {
    Condition.QUALITY: lambda baseline, margin, calls, sure=0: f"under {pts(margin)} on {max(calls, sure):,}+ calls",
    Condition.WIN_RATE: lambda baseline, margin, pairs: f"under {pts(margin)} on {pairs:,}+ pairs",
    Condition.FAULTS: lambda baseline, limit: f"at most +{pts(limit)}",
    Condition.ERRORS: lambda limit: f"at most {percent(limit)}",
    Condition.TTFT: lambda limit: f"under {seconds(limit)}",
    Condition.LATENCY: lambda limit: f"under {seconds(limit)}",
    Condition.COST: lambda usd: f"at most {dollars(usd)}",
}


def criteria(move: Move) -> tuple[dict[str, str], dict[str, str]]:
    """What ends each step of a move, and what takes one back, in short: what is measured -> its limit."""
    exits = {each.code: each for phase in move.phases for each in phase.exit}
    back = next(phase.rollback for phase in move.phases if phase.rollback.code == Condition.ROLLBACK).values
    return (
        {label: worded(_LIMITS, exits[code]) for code, label in _MEASURED.items() if code in exits},
        {_MEASURED[Condition.QUALITY]: f"clearly {pts(back['margin'])} or more", **back_if(back)},
    )


def back_if(back: Mapping[str, Any]) -> dict[str, str]:
    """What takes a step back besides quality."""
    return {
        _MEASURED[Condition.FAULTS]: f"over +{pts(back['faults'])}",
        _MEASURED[Condition.ERRORS]: f"over {percent(back['errors'])} in any hour",
    }
