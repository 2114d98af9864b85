"""The verdict on one candidate in one use case, with its reason in one plain sentence."""

from collections.abc import Sequence
from typing import NamedTuple

from advisor.analysis import gates as g
from advisor.analysis.gates import Checked
from advisor.analysis.quality import Quality
from advisor.analysis.wording import count, difference, percent, points
from advisor.types import Gate, Verdict

MIN_KAPPA = 0.4
MIN_REVIEWS = 30
MIN_ROOM = 2
"""The baseline must score above this many margins: else a candidate that is never right would pass too."""

NO_EVIDENCE = "No evidence yet: add a judge or review pairs by hand."


HOPELESS = 10_000
"""Answers still needed from which on more data is no advice."""


class Ruling(NamedTuple):
    """A verdict, why, and how many answers would settle it."""

    verdict: Verdict
    reason: str
    n_needed: int | None = None


def rule(
    quality: Quality,
    gates: Sequence[Checked],
    *,
    p_holm: float | None,
    confidence: float,
    evidence: str,
    kappa: float | None,
    reviews: int,
) -> Ruling:
    """Decide by METHOD 1.6: quality first excludes, gates may veto, what is not sure needs more data."""
    doubtless = next((checked.gate for checked in gates if checked.gate.beyond_doubt), None)
    open_gates = [checked for checked in gates if checked.gate.passed is False]
    if evidence == "none":
        failed = {reason: n for reason, n in quality.excluded.items() if "failed" in reason}
        if failed and sum(failed.values()) == sum(quality.excluded.values()):
            return Ruling(Verdict.NEED_MORE_DATA, _nothing_scored(quality, []))
        return Ruling(Verdict.NEED_MORE_DATA, NO_EVIDENCE)
    if doubtless is not None:
        return Ruling(Verdict.KEEP, f"{describe(doubtless)}. More data would not change that.")
    if quality.n == 0:
        return Ruling(Verdict.NEED_MORE_DATA, _nothing_scored(quality, [checked.gate for checked in open_gates]))
    if quality.too_few is not None:
        return Ruling(Verdict.NEED_MORE_DATA, f"Not sure yet: {quality.too_few}.", quality.n_needed(confidence))
    assert quality.high is not None
    if quality.high < -quality.margin:
        return Ruling(Verdict.KEEP, f"Worse than the limit of {points(quality.margin)} allows: {_spread(quality)}.")
    passes = p_holm is not None and p_holm <= (1 - confidence) / 2 + 1e-12
    if not passes:
        return _not_sure(quality, open_gates, p_holm, confidence)
    if open_gates:
        needed = [checked.n_needed for checked in open_gates if checked.n_needed is not None]
        reason = f"Quality is good enough, but {lower_first(describe(open_gates[0].gate))}, and that is not yet sure."
        return Ruling(Verdict.NEED_MORE_DATA, reason, max([*needed, quality.n + 1]) if needed else None)
    return _guarded(quality, evidence, kappa, reviews)


def _guarded(quality: Quality, evidence: str, kappa: float | None, reviews: int) -> Ruling:
    """A pass counts only where the measure can tell good from bad."""
    # "Not at least", since a kappa that is not a number must not pass.
    if evidence == "judge" and kappa is not None and reviews >= MIN_REVIEWS and not kappa >= MIN_KAPPA:
        return Ruling(
            Verdict.NEED_MORE_DATA,
            f"The judge agrees too little with the {reviews} reviews by people (kappa {kappa:.2f}, at least "
            f"{MIN_KAPPA} is needed): use another judge or review more pairs.",
        )
    if quality.wins is None and (quality.baseline_score or 0.0) <= MIN_ROOM * quality.margin:
        return Ruling(
            Verdict.NEED_MORE_DATA,
            f"The baseline itself is right on only {percent(quality.baseline_score or 0.0)}, so this measure cannot "
            "tell a good answer from a bad one: check the right answers, or add a judge.",
        )
    if (quality.low or 0.0) > 0:
        return Ruling(Verdict.SWITCH, f"Better: {_spread(quality)}.")
    return Ruling(Verdict.SWITCH, f"Good enough: {_spread(quality)}; the limit is {points(quality.margin)} worse.")


def _not_sure(quality: Quality, open_gates: Sequence[Checked], p_holm: float | None, confidence: float) -> Ruling:
    assert quality.delta is not None
    if quality.delta <= -quality.margin:
        reason = (
            f"So far {points(quality.delta)} worse, and the limit is {points(quality.margin)}, but that is not sure: "
            f"{_spread(quality)}. More data would rather confirm it than change it."
        )
        return Ruling(Verdict.NEED_MORE_DATA, reason)
    needed = quality.n_needed(_per_test(quality.p, p_holm, confidence))
    needed = max([needed or 0, quality.n + 1, *(checked.n_needed or 0 for checked in open_gates)])
    still = needed - quality.n
    gate = f" Also, {lower_first(describe(open_gates[0].gate))}." if open_gates else ""
    reason = f"Not sure yet: {_spread(quality)}; the limit is {points(quality.margin)} worse."
    if still > HOPELESS:
        reason += " It seems to lie so close to the limit that more data will hardly tell: change the limit, or keep."
    else:
        reason += f" About {count(still, 'more answer')} needed."
    return Ruling(Verdict.NEED_MORE_DATA, reason + gate, needed)


def _per_test(p: float | None, p_holm: float | None, confidence: float) -> float:
    """The confidence one test must reach on its own after Holm's correction."""
    if not p or not p_holm:
        return confidence
    return 1 - (1 - confidence) * min(p / p_holm, 1.0)


def _nothing_scored(quality: Quality, failing: Sequence[Gate]) -> str:
    if failing:
        return f"No answer could be scored: {failing[0].detail}. Check the model's set-up and run it again."
    if quality.excluded:
        why = max(quality.excluded, key=lambda reason: quality.excluded[reason])
        return f"No answer could be scored yet: {why}."
    return "No answer could be scored yet: nothing was asked."


def _spread(quality: Quality) -> str:
    assert quality.low is not None
    assert quality.high is not None
    of = count(quality.n, "comparison" if quality.wins is not None else "answer")
    return f"{difference(quality.low, quality.high)} than the baseline, seen on {of}"


def describe(gate: Gate) -> str:
    """A failing gate as a clause, with its value and limit."""
    value, limit = gate.value or 0.0, gate.limit or 0.0
    more = f"{points(value)} more than the baseline, limit {points(limit)}"
    words = {
        g.VALIDITY: f"Too many invalid answers: {more}",
        g.REFUSALS: f"Too many refusals: {more}",
        g.UNNEEDED: f"Too many tool calls where none is right: {more}",
        g.TRUNCATION: f"Too many cut-off answers: {more}",
        g.ERRORS: f"Too many calls fail: {percent(value)}, limit {percent(limit)}",
        g.IDENTICAL: f"The same answer to different prompts too often: {gate.detail}",
        g.STABILITY: f"Answers change too often when asked again: {more}",
        g.TTFT: f"One answer in twenty takes more than {value:.1f} s to start, limit {limit:.1f} s",
        g.LATENCY: f"One answer in twenty takes more than {value:.1f} s, limit {limit:.1f} s",
    }
    return words.get(gate.name, f"{gate.name} is outside its limit")


def lower_first(text: str) -> str:
    """For a sentence that goes on inside another."""
    return text[:1].lower() + text[1:]
