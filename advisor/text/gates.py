"""Caveats and gates in words: value, limit, result, what it was seen on, and what may help."""

from typing import Any

from advisor.text.names import FAILURES
from advisor.text.numbers import UNKNOWN, count, percent, points, pts, seconds, signed, signed_points
from advisor.types import Caveat, CaveatCode, DetailCode, FailureKind, Gate, GateName, Message


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
    return "✗ Outside" if gate.beyond_doubt else "? Outside, not sure yet"


def detail_words(detail: Message | None) -> str:
    """What a gate was seen on."""
    if detail is None:
        return ""
    v = detail.values
    match DetailCode(detail.code):
        case DetailCode.COUNTED:
            return f"{v['k']:,} of {count(v['n'], 'answer')}, baseline {v['baseline']:,}"
        case DetailCode.NOTHING_TO_CHECK:
            return "nothing to check"
        case DetailCode.NO_CHECKS:
            return "none of your checks covers both answers"
        case DetailCode.NOT_LOOKED_FOR:
            return "not looked for"
        case DetailCode.REFUSED:
            return f"{v['k']:,} of {count(v['n'], 'answer')} read; the baseline answered {v['baseline']:,}"
        case DetailCode.ANSWERED:
            return f"{v['k']:,} of {count(v['n'], 'answer')} read; the baseline declined {v['baseline']:,}"
        case DetailCode.REFUSED_BY_RULE:
            return f"at least {v['k']:,} of {count(v['n'], 'answer')}, as far as a rule finds refusals"
        case DetailCode.NOT_READ:
            return "no answer was read"
        case DetailCode.FAILED:
            failures = ", ".join(f"{FAILURES[FailureKind(kind)]}: {n:,}" for kind, n in v["failures"].items())
            return f"{v['k']:,} of {count(v['n'], 'call')} failed{f' ({failures})' if failures else ''}"
        case DetailCode.NOTHING_ASKED:
            return "nothing was called yet"
        case DetailCode.CONSTANT:
            return f"one answer to all {v['prompts']:,} prompts; the baseline gave {v['baseline']:,}"
        case DetailCode.NO_CLAIMS:
            return "no claims were read"
        case DetailCode.CLAIMS:
            both = f"{percent(v['share'])} of the claims, baseline {percent(v['baseline'])}"
            return f"{both}, in {count(v['n'], 'answer')} of each"
        case DetailCode.FLIPS:
            ours = f"{v['k']:,} of {v['n']:,} changed between calls"
            return f"{ours}, baseline {v['baseline']:,} of {v['baseline_n']:,}"
        case DetailCode.FLIPS_ALONE:
            return f"{v['k']:,} of {v['n']:,} changed between calls; the baseline's own rate is unknown"
        case DetailCode.NOT_MEASURED:
            return "not measured"
        case DetailCode.TIMED:
            return count(v["n"], "call") + (f"; a reliable p95 needs {v['least']}" if "least" in v else "")


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
