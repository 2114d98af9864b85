"""A verdict in words: one plain sentence that begins with the finding, and what stands in the way of a switch."""

from collections.abc import Iterator

from advisor.analysis import gates as g
from advisor.analysis.caveats import HELD, caveat_words, obstacles
from advisor.analysis.difference import PPI
from advisor.analysis.judging import MIN_KAPPA, MIN_REVIEWS
from advisor.analysis.more_data import HOPELESS, more_words, unit_of
from advisor.analysis.notes import few_independent
from advisor.analysis.quality import MIN_ROOM
from advisor.analysis.verdict import Cause, Facts, Ruling, doubt_about_measure, what_is_missing
from advisor.analysis.wording import certainty, count, listing, number, percent, points, to_the_cent
from advisor.types import Gate, Verdict

NO_EVIDENCE = "No evidence yet: add a judge or review pairs by hand."

REMEDIES = {
    g.VALIDITY: "a prompt or parameter that fixes the form of the answer may help",
    g.REFUSALS: "another prompt or model may help",
    g.UNNEEDED: "a prompt that says when no tool is needed may help",
    g.TRUNCATION: "a higher limit on the length of its answers may help",
    g.ERRORS: "another host may help",
    g.IDENTICAL: "check how the model is set up",
    g.STABILITY: "a lower temperature may help",
    g.INSTRUCTING: "read some of them; they speak to whoever compares answers, not to your customers",
    g.CHECKS: "change its prompt, or the checks where they ask too much",
    g.TTFT: "a faster host may help, or a higher limit",
    g.LATENCY: "a faster host may help, or a higher limit",
}
"""What may bring a failing gate back within its limit."""


def reason(facts: Facts, ruling: Ruling) -> str:
    """The verdict in one plain sentence."""
    if ruling.cause is Cause.NO_EVIDENCE:
        return NO_EVIDENCE
    if ruling.cause is Cause.NOTHING_SCORED:
        return f"No answer could be scored{_why_nothing(facts)}."
    if ruling.cause is Cause.GATE:
        return f"{describe(facts.doubtless[0].gate, facts.baseline)}, and that is sure."
    if ruling.cause is Cause.NO_ROOM or ruling.cause.name.startswith("JUDGE"):
        return f"{_doubt(facts, ruling.cause)}."
    if ruling.cause is Cause.DIFFERS:
        return f"{_differing(facts)}: {_who_tells(facts)}."
    return f"{_finding(facts)}{_conclusion(facts, ruling)}."


def why_not(facts: Facts, ruling: Ruling) -> tuple[str, ...]:
    """What stands between this candidate and a switch, each with its number and what would change it."""
    return tuple(dict.fromkeys(_obstacles(facts, ruling)))


def _obstacles(facts: Facts, ruling: Ruling) -> Iterator[str]:
    if ruling.verdict is not Verdict.SWITCH:
        if facts.noise_differs:
            yield (
                f"{facts.baseline} differs from itself when asked twice, so nothing measured in this run can be "
                "trusted: find out what changed meanwhile, and run it again."
            )
        yield from _quality(facts, ruling)
        yield from _gates(facts)
        doubt = doubt_about_measure(facts) if facts.quality.n else None
        if doubt is not None:
            help_by = (
                "set a narrower one"
                if doubt is Cause.NO_ROOM and facts.quality.margin * MIN_ROOM >= 1
                else "check the right answers, or let a judge compare the answers"
                if doubt is Cause.NO_ROOM
                else "another judge may do better"
                if doubt is Cause.JUDGE_CONTRADICTED
                else f"use another judge, or review at least {MIN_REVIEWS} pairs by hand to confirm this one"
            )
            yield f"{_doubt(facts, doubt)}: {help_by}."
        yield from obstacles(facts, ruling.cause)
    if facts.costs_more:
        assert facts.cost_usd_per_1k is not None
        assert facts.baseline_cost_usd_per_1k is not None
        yield (
            f"It is not cheaper: 1,000 calls cost {to_the_cent(facts.cost_usd_per_1k)}, with {facts.baseline} "
            f"{to_the_cent(facts.baseline_cost_usd_per_1k)}; another host may ask less."
        )


def _quality(facts: Facts, ruling: Ruling) -> Iterator[str]:
    q, limit = facts.quality, number(facts.quality.margin)
    if ruling.cause is Cause.NO_ROOM:
        return
    if facts.basis == "none" and what_is_missing(facts) is Cause.NO_EVIDENCE:
        yield "Nothing has compared its answers yet: add a judge, or review pairs by hand."
    elif q.n == 0:
        yield f"No answer could be scored{_why_nothing(facts)}: check how the model is set up, and run it again."
    elif q.drifts:
        yield (
            f"{(q.too_few or '').capitalize()}: find out what changed meanwhile, and run it again without stopping "
            "early."
        )
    elif q.too_few is not None and q.groups is not None and q.groups.are_too_few:
        yield f"{q.too_few[:1].upper()}{q.too_few[1:]}: only calls that share nothing with these can change that."
    elif q.too_few is not None:
        yield f"{q.too_few[:1].upper()}{q.too_few[1:]}: there are {count(q.n, unit_of(facts))}."
    elif ruling.cause is Cause.DIFFERS:
        more = f"; or {more_words(facts, ruling)}" if ruling.n_needed is not None else ""
        yield f"{_differing(facts)}, and your limit is {limit}: {_who_tells(facts)}{more}."
    elif q.high is not None and q.high < -q.margin:
        yield (
            f"It is surely at least {points(q.high, q.margin)} worse and your limit is {limit}: more answers would not "
            "change that, but another model or prompt or a wider limit may."
        )
    elif not facts.passes and q.delta is not None and q.delta <= -q.margin:
        yield (
            f"So far it is {points(q.delta, q.margin)} worse and your limit is {limit}: more answers would rather "
            "confirm that than change it."
        )
    elif facts.passes_alone and not facts.passes:
        assert q.p is not None
        assert facts.p_holm is not None
        yield (
            f"It would pass alone, but not after the correction for {count(facts.tests, 'test')} (p "
            f"{_told(q.p, facts.alpha)}, corrected {_told(facts.p_holm, facts.alpha)}, at most {facts.alpha:.2g} is "
            f"needed): {more_words(facts, ruling)}, as would fewer candidates or use cases at a time."
        )
    elif not facts.passes and facts.low is not None:
        far = f"It may be {number(facts.low, q.margin)} points worse and you accept {limit}"
        yield f"{far}: {more_words(facts, ruling)}.{few_independent(q, facts.confidence)}"


def _differing(facts: Facts) -> str:
    q = facts.quality
    differ = "differs" if q.differing == 1 else "differ"
    return f"{q.differing:,} of {q.n:,} answers {differ} from {facts.baseline}'s"


def _who_tells(facts: Facts) -> str:
    return f"add a judge or review {'it' if facts.quality.differing == 1 else 'them'} to see which are better"


def _told(p: float, alpha: float) -> str:
    """A p-value with as many digits as tell it from ``alpha``."""
    texts = (f"{p:.{digits}g}" for digits in range(2, 7))
    return next((text for text in texts if text != f"{alpha:.2g}"), f"{p:.2g}")


def _gates(facts: Facts) -> Iterator[str]:
    for checked in facts.doubtless:
        remedy = REMEDIES.get(checked.gate.name, "it must come back within its limit")
        yield f"{describe(checked.gate, facts.baseline)}, and that is sure: {remedy}."
    for gate in facts.not_timed:
        told = _not_timed(gate)
        how = "streamed answers" if gate.name == g.TTFT else "answers that the model gives in a replay"
        yield f"{told[:1].upper()}{told[1:]}: {how} are timed."
    for checked in facts.open_gates:
        failing = describe(checked.gate, facts.baseline)
        if g.is_of_set_up(checked):
            yield f"{failing}, by how they are asked ({checked.gate.detail}): check its key, its id and its parameters."
            continue
        more = (
            f"about {count(checked.n_needed, 'answer')} in all would tell"
            if checked.n_needed is not None and checked.n_needed <= HOPELESS
            else REMEDIES.get(checked.gate.name, "more answers would tell")
        )
        yield f"{failing}, perhaps by chance: {more}."


def _not_timed(gate: Gate) -> str:
    what = "the first word" if gate.name == g.TTFT else "the whole answer"
    return f"how long {what} takes was not measured and your limit is {gate.limit or 0:.1f} s"


def _finding(facts: Facts) -> str:
    q = facts.quality
    if q.differing is not None:
        seen = f"gave the same answer as {facts.baseline} in {q.not_worse:,}"
    elif q.wins is None:
        seen = f"was as good as {facts.baseline} or better in {q.not_worse:,}"
    else:
        seen = f"won or tied {q.not_worse:,}"
    alone = " by people (the judge isn't counted)" if facts.basis == "reviews" and facts.doubt else ""
    return f"Of {q.n:,} {unit_of(facts)}{'s' * (q.n != 1)}{alone}, {facts.model} {seen}"


def _conclusion(facts: Facts, ruling: Ruling) -> str:
    q, limit = facts.quality, f"your limit is {number(facts.quality.margin)}"
    by = f"; corrected by {q.corrected_by} reviews of people" if q.method.startswith(PPI) else ""
    sure = f"{by}{',' if by else ';'} we are {certainty(facts.confidence)} sure it is"
    if ruling.cause is Cause.TOO_FEW:
        return f", but {q.too_few}"
    if ruling.cause is Cause.WORSE:
        return f"{sure} at least {points(q.high or 0.0, q.margin)} worse; {limit}"
    if ruling.cause is Cause.PROBABLY_WORSE:
        return f"{by}; so far it is {points(q.delta or 0.0, q.margin)} worse and {limit}, but that is not sure yet"
    low = q.low if ruling.cause is Cause.NOT_SURE and facts.passes_alone else facts.low
    assert low is not None
    bound = f"at most {points(low, q.margin)} worse"
    if ruling.cause is Cause.OPEN_GATE:
        failing = describe(facts.open_gates[0].gate, facts.baseline)
        why = "by how they are asked" if g.is_of_set_up(facts.open_gates[0]) else "and that may be chance"
        return f", which is good enough, but {failing[:1].lower()}{failing[1:]}, {why}"
    if ruling.cause is Cause.NOT_TIMED:
        return f", which is good enough, but {_not_timed(facts.not_timed[0])}"
    if facts.held_by is not None and ruling.cause in HELD:
        return f", which is good enough on average. {caveat_words(facts.held_by, facts.baseline).rstrip('.')}"
    if ruling.cause is Cause.NOT_SURE:
        if facts.passes_alone:
            return f"{sure} {bound}, but not after the correction for {count(facts.tests, 'test')}; {limit}"
        return f"{by}; it may still be {points(low, q.margin)} worse and {limit}"
    better = (facts.better_by or 0.0) if facts.passes else 0.0
    if low > 0 and number(better) != "0":
        bound = f"at least {points(better)} better"
    elif low > 0 or number(low) == "0":
        bound = "not worse"
    dearer = ", but it is not cheaper" if facts.costs_more else ""
    return f"{sure} {bound}; {limit}{dearer}"


def _doubt(facts: Facts, cause: Cause) -> str:
    turned, both_orders = facts.turned
    if cause is Cause.JUDGE_CONTRADICTED:
        return (
            f"The judge contradicts the {facts.reviews} human reviews (kappa {facts.kappa:.2f}, 95% CI up to "
            f"{facts.kappa_high:.2f}; it must reach {MIN_KAPPA})"
        )
    if cause is Cause.JUDGE_TURNS:
        return (
            f"The judge's word turned with the order of the answers in {turned:,} of {both_orders:,} comparisons, so "
            "it is led by the order and not by the answers"
        )
    if cause is Cause.JUDGE_OBEYS:
        return (
            f"The judge {listing(facts.obeying)} prefers an answer that tells it to, as planted pairs show, so that "
            "its word cannot be believed"
        )
    if facts.quality.margin * MIN_ROOM >= 1:
        return f"Your limit of {points(facts.quality.margin)} is so wide that a model that is mostly wrong could pass"
    return (
        f"{facts.baseline} itself is right on only {percent(facts.quality.baseline_score or 0.0)}, so this measure "
        "cannot tell a good answer from a bad one"
    )


def _why_nothing(facts: Facts) -> str:
    if facts.open_gates:
        return f": {facts.open_gates[0].gate.detail}"
    excluded = facts.quality.excluded
    return f" yet: {max(excluded, key=lambda why: excluded[why]) if excluded else 'nothing was asked'}"


def describe(gate: Gate, baseline: str) -> str:
    """A failing gate as a clause, with its value and limit."""
    value, limit = gate.value or 0.0, gate.limit or 0.0
    more = f"{points(value, limit)} more than {baseline}, limit {points(limit)}"
    words = {
        g.VALIDITY: f"Too many invalid answers: {more}",
        g.REFUSALS: f"Too many refusals: {more}",
        g.UNNEEDED: f"Too many tool calls where none is right: {more}",
        g.TRUNCATION: f"Too many cut-off answers: {more}",
        g.INSTRUCTING: f"Too many answers that tell the judge what to say: {more}",
        g.CHECKS: f"Too many answers that fail your own checks: {more}",
        g.ERRORS: f"Too many calls fail: {percent(value)}, limit {percent(limit)}",
        g.IDENTICAL: f"The same answer to different prompts too often: {gate.detail}",
        g.STABILITY: f"Answers change too often when asked again: {more}",
        g.TTFT: f"One answer in twenty takes more than {value:.1f} s to start, limit {limit:.1f} s",
        g.LATENCY: f"One answer in twenty takes more than {value:.1f} s, limit {limit:.1f} s",
    }
    return words.get(gate.name, f"{gate.name} is outside its limit")
