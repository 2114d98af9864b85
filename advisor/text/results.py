"""One candidate's figures in words: score, difference, cost, waiting, and what a reader should know next to them."""

from collections.abc import Mapping, Sequence

from advisor.text.advice.judges import judge_clause
from advisor.text.messages import Words, worded
from advisor.text.names import GATES, SHARED, SHARED_MANY, candidate_words, exclusion_words
from advisor.text.numbers import (
    UNKNOWN,
    count,
    dollars,
    listing,
    money_range,
    number,
    percent,
    pts,
    seconds,
    signed,
    to_the_cent,
)
from advisor.text.scores import why_unconfirmed
from advisor.types import (
    Assessment,
    Cause,
    Endpoint,
    Evidence,
    GateName,
    Grouping,
    Json,
    NoteCode,
    Preference,
    Recommendation,
    Verdict,
)
from advisor.types.reports import judge_state

NO_SPAN = "the log has no times, or one alone"
"""Why nothing is known by the month, in short."""
NO_TIMES = f"{NO_SPAN}, or none that can be believed: before 2015, or in the future"


_PREFERRED = {
    Preference.BASELINE: "the candidate's answer is worse",
    Preference.CANDIDATE: "the candidate's answer is better",
    Preference.TIE: "it's equally good",
}


def provisional_note(r: Recommendation) -> str:
    """Why verdicts are provisional and what makes them final; empty where none is."""
    if not any(a.ruling.provisional for d in r.use_cases for a in d.candidates):
        return ""
    unconfirmed = f", and reviews don't confirm them yet{why_unconfirmed(r.judging.exam)}"
    until = f" {wanted}" if (wanted := until_reviewed(r)) else unconfirmed
    return f"Provisional: a judge's votes alone decide{until}."


def until_reviewed(r: Recommendation) -> str:
    """What makes provisional verdicts final; empty where reviews haven't confirmed the judge so far."""
    if r.judging.exam and r.judging.exam.is_by_chance:
        return ""
    more = "more pair" if r.judging.exam and r.judging.exam.reviews else "pair"
    return f"until people review {count(max(r.judging.reviews_wanted, 1), more)}"


def quality(a: Assessment) -> str:
    """Score against baseline with its range and n."""
    q, d = a.quality, a.difference
    if q.n == 0 or q.score is None or q.baseline_score is None or d.low is None or d.ci_high is None:
        return "no evidence yet"
    low = d.low if d.better_by is None else d.better_by
    votes = f"won {q.wins}, tied {q.ties} and lost {q.losses} of {count(q.n, 'comparison')}"
    return f"{result(a) if q.wins is None else votes}; {between(low, d.ci_high, d.margin)}"


def result(a: Assessment) -> str:
    """Score against baseline alone, for next to the difference."""
    q = a.quality
    if q.n == 0 or q.score is None or q.baseline_score is None:
        return "no evidence yet"
    if q.wins is not None:
        return f"win rate {percent(q.score)} in {count(q.n, 'comparison')}, ties count half"
    what = "agrees with the recorded answer" if q.endpoint is Endpoint.AGREEMENT else "right"
    return f"{what} on {percent(q.score)} of {count(q.n, 'answer')}, baseline {percent(q.baseline_score)}"


def between(low: float, high: float, margin: float | None = None) -> str:
    """Where a difference from the baseline lies, in points; on which side of ``margin`` is told by the digits."""
    if high < 0:
        return f"{number(high, margin)} to {pts(low, margin)} worse"
    if low > 0:
        return f"{number(low)} to {pts(high)} better"
    return f"between {pts(low, margin)} worse and {pts(high)} better"


NOT_COUNTED = "not counted"
"""Of what rests on a judge that isn't trusted."""


def difference(a: Assessment) -> str:
    """The difference from the baseline with its range: "-2 pts (-5 to +1)"; a dash where there is none."""
    d = a.difference
    if not a.counts:
        return NOT_COUNTED
    if d.delta is None or d.low is None or d.ci_high is None:
        return UNKNOWN
    low, high = (signed(bound, d.margin).split()[0] for bound in (d.low, d.ci_high))
    return f"{signed(d.delta, d.margin)} ({low} to {high})"


FEW = 30
"""Below so many samples a difference is read with its n."""


def few(a: Assessment) -> str:
    """How many samples, where they are few, and what else than the difference decides: a guardrail, or the judge."""
    n = f" · n {a.quality.n}" if 0 < a.quality.n < FEW else ""
    reason = a.ruling.reason
    if reason.code == Cause.GATE:
        return f"{n} · fails on {GATES[GateName(reason.values['gate']['name'])].lower()}"
    return f"{n} · {judge_clause(judge_state(reason), ['judge'])}" if reason.code == Cause.JUDGE_NOT_PROVEN else n


def would_save(a: Assessment) -> str:
    """Dollars a month of a move to a candidate, with what speaks against it."""
    saved = money_range(a.costs.savings_usd)
    is_plain = a.costs.savings_usd is None or a.ruling.verdict is Verdict.SWITCH
    return saved if is_plain else f"{saved} ({candidate_words(a).lower()})"


def pair_words(by: float | None, times: int, endpoint: Endpoint) -> str:
    """How a pair went, in points of its score, and how often its request was asked. None: both are equally good."""
    went = "equally good" if by is None else f"{pts(abs(by))} {'better' if by > 0 else 'worse'}"
    if by is not None and abs(by) == 1 and endpoint is Endpoint.TARGET:
        went = "right, baseline wrong" if by > 0 else "wrong, baseline right"
    elif by is not None and endpoint is Endpoint.PAIRWISE:
        went = f"judged {'better' if by > 0 else 'worse'}"
    return f"{went} · asked {times:,} times" if times > 1 else went


def review_words(said: Preference, counted: Preference, *, picked: bool) -> str:
    """Whether a reviewer agrees with how a pair counts, and whether the reviewer had picked it."""
    agrees = "agree" if said is counted else "disagree"
    return f"You {agrees}: {_PREFERRED[said]}.{'' if picked else ' You reviewed it blind.'}"


def cost_and_time(cost_usd: float | None, latency_s: float | None) -> str:
    """Cost and latency of one answer."""
    cost = "cost unknown" if cost_usd is None else f"{dollars(cost_usd * 1000)} per 1,000"
    return f"{cost}, {'latency not measured' if latency_s is None else seconds(latency_s)}"


def difference_and_n(a: Assessment) -> str:
    """The difference with its range and n, or that there is none."""
    return "no evidence yet" if difference(a) == UNKNOWN else f"{difference(a)}, n {a.quality.n:,}"


def scores(a: Assessment) -> str:
    """Score and, in parentheses, the baseline's on the same samples."""
    if a.quality.score is None or a.quality.baseline_score is None or not a.counts:
        return UNKNOWN
    return f"{percent(a.quality.score)} ({percent(a.quality.baseline_score)})"


def cost(a: Assessment) -> str:
    """Dollars per 1,000 calls and, in parentheses, the baseline's; what is missing is named."""
    if a.costs.usd_per_1k is None:
        return f"{UNKNOWN} no price"
    return f"{to_the_cent(a.costs.usd_per_1k)} ({to_the_cent(a.costs.baseline_usd_per_1k)})"


def waiting(p50: float | None, p95: float | None, n: int) -> str:
    """Median, 95th percentile and the number of timed answers."""
    if p50 is None or p95 is None:
        return f"{UNKNOWN} not timed"
    return f"{seconds(p50)} / {seconds(p95)}, n {n:,}"


def share_of_traffic(log: Mapping[str, Json]) -> str:
    """How much of the traffic the log is, by the import facts of a report: "0.2% of the traffic"."""
    share = log.get("traffic_share")
    if not isinstance(share, int | float) or share >= 1:
        return "all of the traffic"
    return f"{percent(share)} of the traffic"


def is_part_of_traffic(log: Mapping[str, Json]) -> bool:
    """Whether a bill is more than what was logged."""
    share = log.get("traffic_share")
    return isinstance(share, int | float) and share < 1


def compared_words(recommendation: Recommendation) -> str:
    """Which answers are among those compared, and why the others are not."""
    waiting: list[str] = []
    other: dict[str, int] = {}
    for decision in recommendation.use_cases:
        unread = [a.model for a in decision.candidates if a.quality.evidence == Evidence.NONE]
        if unread:
            of = "" if len(unread) == len(decision.candidates) else f" ({listing(unread)})"
            waiting.append(f"{decision.name}{of}")
        for a in decision.candidates:
            for each in a.quality.excluded if a.quality.evidence != Evidence.NONE else ():
                why = exclusion_words(each)
                other[why] = other.get(why, 0) + each.n
    text = "Each candidate answer is compared with the baseline's answer to the same sample."
    if waiting:
        text += f" Needs a judge or human review: {listing(waiting)}."
    if other:
        reasons = listing([f"{number:,} ({reason})" for reason, number in other.items()])
        text += f" Excluded: {reasons}."
    return text


def test_words(recommendation: Recommendation, *, strengths: bool) -> str:
    """How the p values of a run were tested. ``strengths``: whether any candidate has one."""
    run = recommendation.run
    return (
        "p: one-sided paired test against the acceptable drop. After Holm's correction it must be at most "
        f"{(1 - recommendation.confidence) / 2:.3g}. {run.sample_size:,} samples, seed {run.seed}, run {run.number}."
        + (" Strength: log odds of beating the baseline (Bradley-Terry)." if strengths else "")
    )


EXAMPLE_NOTES = {
    0.0: "Worst: the new answer is worse.",
    1.0: "Best: the new answer is better.",
    0.5: "Typical: both answers are equally good.",
}
"""By the candidate's outcome of a pair."""


def notes(a: Assessment) -> list[str]:
    """All notes on a candidate."""
    return [worded(_NOTES, message) for message in a.notes]


def _grouped(of: str, number: int | None, n: int, effective: float) -> str:
    shared = Grouping(of)
    if number == 1:
        return f"All samples share {SHARED[shared]}; the confidence interval accounts for that."
    if number is not None:
        return f"The samples come from {number:,} {SHARED_MANY[shared]}; the confidence interval accounts for that."
    size = f"effective sample size {round(effective):,} of {n:,}"
    return f"Samples share {SHARED[shared]}: {size}, which the confidence interval accounts for."


def _billed(baseline: str, models: Sequence[str]) -> str:
    return f"Its answers are compared with a live {baseline}; today's bill is for {listing(models)}, as in the log."


def _repeated(prompt: str, draws: int, of: int, score: float, baseline: str, baseline_score: float | None) -> str:
    own = f"win rate {percent(score)}"
    if baseline_score is not None:
        own = f"score {percent(score)}, {baseline} {percent(baseline_score)}"
    return f"{percent(draws / of)} of samples ({draws:,}) are the same request, \u201c{prompt}\u201d: {own}."


_NOTES: Words = {
    NoteCode.ILLUSTRATIVE: "Its answers are pre-recorded for the sample study, not generated.",
    NoteCode.JUDGE_NOT_REVIEWED: "People haven't checked the judge yet ({reviews} of {least} reviews).",
    NoteCode.JUDGE_NOT_CONFIRMED: "{reviews} reviews don't confirm the judge: their agreement may be chance.",
    NoteCode.LATER_TURNS: (
        "Each turn is replayed with its logged history: results hold per turn, not for whole conversations."
    ),
    NoteCode.BILLED: _billed,
    NoteCode.CORRECTED: "The judge's votes are corrected by {reviews} human reviews.",
    NoteCode.NOT_CORRECTED: "{reviews} human reviews don't correct the judge's votes, since the run may stop early.",
    NoteCode.GROUPED: _grouped,
    NoteCode.P95_NOT_SURE: lambda n: f"Only {count(n, 'timed answer')}: a reliable p95 needs 59.",
    NoteCode.NOT_TIMED: "Its latency wasn't measured.",
    NoteCode.NO_COST: "Its cost is unknown: it has no price, or no answer reported tokens.",
    NoteCode.PROMPT_TOO_LONG: "Some prompts don't fit its context window.",
    NoteCode.UNSUPPORTED: "Some prompts contain images or need tools, which it doesn't support.",
    NoteCode.LACKS: lambda what: f"It can't {' or '.join(what)}.",
    NoteCode.REPEATED_REQUEST: _repeated,
    NoteCode.FEW_DISTINCT: lambda requests: (
        f"Only {count(requests, 'distinct request')}: this verdict holds for these prompts only."
    ),
}


def right_labels(model: str, right: int, scored: int, otherwise: int) -> str:
    """How often a candidate gave the right label; ``otherwise``: named it in another form."""
    if not scored:
        return "These answers aren't scored yet. Rescore them on the page Use cases."
    more = f" {otherwise:,} more name it in another form, which counts as wrong." if otherwise else ""
    return f"{model} gave the right label in {right:,} of {count(scored, 'answer')}.{more}"


def logged_labels(model: str, same: int, n: int) -> str:
    """How often a candidate gave the label that the log has, which may be wrong."""
    return f"{model} gave the logged label in {same:,} of {count(n, 'answer')}. The logged label may be wrong."


def label_rates(precision: float, recall: float, f1: float) -> str:
    """How good the labels are when a rare one counts as much as a frequent one."""
    return f"Macro average: precision {percent(precision)}, recall {percent(recall)}, F1 {f1:.2f}."
