"""A verdict in words: one plain sentence that begins with the finding, and what stands in the way of a switch."""

from collections.abc import Iterator

from advisor.analysis.caveats import HELD, caveat_words, obstacles
from advisor.analysis.difference import PPI
from advisor.analysis.doubts import doubt_words, remedy_for
from advisor.analysis.gate_words import describe, gate_obstacles, not_timed
from advisor.analysis.gates import is_of_set_up
from advisor.analysis.more_data import more_words, unit_of
from advisor.analysis.notes import few_independent
from advisor.analysis.verdict import Cause, Facts, Ruling, doubt_about_measure, what_is_missing
from advisor.analysis.wording import certainty, count, number, points, to_the_cent
from advisor.types import Evidence, Verdict

NO_EVIDENCE = "No evidence yet: add a judge or review pairs by hand."


def reason(facts: Facts, ruling: Ruling) -> str:
    """The verdict in one plain sentence."""
    if ruling.cause is Cause.NO_EVIDENCE:
        return NO_EVIDENCE
    if ruling.cause is Cause.NOTHING_SCORED:
        return f"No answer could be scored{_why_nothing(facts)}."
    if ruling.cause is Cause.GATE:
        return f"{describe(facts.doubtless[0].gate, facts.baseline)}, and that is sure."
    if ruling.cause in (Cause.NO_ROOM, Cause.JUDGE_NOT_PROVEN, Cause.JUDGE_CONTRADICTED):
        return f"{doubt_words(facts, ruling.cause)}."
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
        yield from gate_obstacles(facts)
        doubt = doubt_about_measure(facts, ruling) if facts.quality.n else None
        if doubt is not None:
            yield f"{doubt_words(facts, doubt)}: {remedy_for(facts, doubt)}."
        yield from obstacles(facts, ruling.cause)
        if ruling.verdict is Verdict.NEED_MORE_DATA and facts.lacks_votes:
            yield f"{_no_votes(facts)}: score the run again with its judge, or review them by hand."
        if ruling.verdict is Verdict.NEED_MORE_DATA and facts.lacks_refusals:
            yield (
                "No answer was read for refusals: run `score --audit 150`, or start a replay, which reuses the answers "
                "and asks only the judge."
            )
    if facts.costs_more:
        assert facts.cost_usd_per_1k is not None
        assert facts.baseline_cost_usd_per_1k is not None
        yield (
            f"It is not cheaper: 1,000 calls cost {to_the_cent(facts.cost_usd_per_1k)}, with {facts.baseline} "
            f"{to_the_cent(facts.baseline_cost_usd_per_1k)}; another host may ask less."
        )


def _quality(facts: Facts, ruling: Ruling) -> Iterator[str]:
    q, limit = facts.quality, number(facts.quality.margin)
    if ruling.cause in (Cause.NO_ROOM, Cause.JUDGE_NOT_PROVEN, Cause.JUDGE_CONTRADICTED):
        return  # the numbers count for nothing
    if facts.basis == Evidence.NONE and what_is_missing(facts) is Cause.NO_EVIDENCE:
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


def _no_votes(facts: Facts) -> str:
    pairs = facts.quality.n + facts.without_vote
    return f"{facts.without_vote:,} of {count(pairs, 'pair')} {'has' if facts.without_vote == 1 else 'have'} no vote"


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


def _finding(facts: Facts) -> str:
    q = facts.quality
    if q.differing is not None:
        seen = f"gave the same answer as {facts.baseline} in {q.not_worse:,}"
    elif q.wins is None:
        seen = f"was as good as {facts.baseline} or better in {q.not_worse:,}"
    else:
        seen = f"won or tied {q.not_worse:,}"
    alone = " by people (the judge isn't counted)" if facts.basis == Evidence.REVIEWS and facts.doubt else ""
    return f"Of {q.n:,} {unit_of(facts)}{'s' * (q.n != 1)}{alone}, {facts.model} {seen}"


def _conclusion(facts: Facts, ruling: Ruling) -> str:
    if held := _held(facts, ruling):
        return f", which is good enough{held}"
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


def _held(facts: Facts, ruling: Ruling) -> str:
    """What holds a candidate whose answers are good enough; empty where nothing does."""
    if ruling.cause is Cause.OPEN_GATE:
        failing = describe(facts.open_gates[0].gate, facts.baseline)
        why = "by how they are asked" if is_of_set_up(facts.open_gates[0]) else "and that may be chance"
        return f", but {failing[:1].lower()}{failing[1:]}, {why}"
    if ruling.cause is Cause.NOT_TIMED:
        return f", but {not_timed(facts.not_timed[0])}"
    if facts.held_by is not None and ruling.cause in HELD:
        return f" on average. {caveat_words(facts.held_by, facts.baseline).rstrip('.')}"
    if ruling.cause is Cause.VOTES_MISSING:
        return f", but {_no_votes(facts)}"
    if ruling.cause is Cause.REFUSALS_NOT_READ:
        return ", but no answer was read for refusals: have a judge read some (`score --audit 150`)"
    return ""


def _why_nothing(facts: Facts) -> str:
    if facts.open_gates:
        return f": {facts.open_gates[0].gate.detail}"
    excluded = facts.quality.excluded
    return f" yet: {max(excluded, key=lambda why: excluded[why]) if excluded else 'nothing was asked'}"
