"""A verdict in words: one sentence that begins with the finding, and what stands in the way of a switch."""

from collections.abc import Sequence
from functools import partial
from typing import Any, TypeAlias

from advisor.text.advice.judges import exam_words, judge_clause, unread_words
from advisor.text.gates import caveat_words, detail_words, failing
from advisor.text.messages import Words, upper, worded
from advisor.text.names import SHARED_MANY, bare_name, exclusion_words
from advisor.text.numbers import count, number, percent, pts, seconds
from advisor.types import (
    Assessment,
    Cause,
    DetailCode,
    Exclusion,
    GateName,
    Grouping,
    Message,
    Quality,
    ReviewNeed,
    TooFew,
)
from advisor.types.codes import JudgeState

Values: TypeAlias = dict[str, Any]

_LEADS = {
    Cause.GOOD: "Good enough",
    Cause.NOT_SURE: "Need more data",
    Cause.PROBABLY_WORSE: "Probably not good enough",
    Cause.WORSE: "Not good enough",
}


def reason(a: Assessment) -> str:
    """Why a candidate has its verdict, in a sentence or two."""
    message = a.ruling.reason
    if message.code in _HOLDS:
        return f"Good enough on average, but {worded(_HOLDS, message, a=a)}."
    return f"{doubt(message)}." if message.code in _DOUBTS else worded(_REASONS, message, a=a)


def in_context(a: Assessment) -> str:
    """The reason as a sentence about the candidate: "Larch 30B is good enough: ..."."""
    text = reason(a)
    if text.startswith(_LEADS[Cause.NOT_SURE]):
        return f"{a.model} needs more data{text.removeprefix(_LEADS[Cause.NOT_SURE])}"
    is_verdict = text.startswith(tuple(_LEADS.values()))
    return f"{a.model} is {_lower(text)}" if is_verdict else f"{a.model}: {text}"


def reason_alone(a: Assessment) -> str:
    """The reason for next to the verdict: "1.1 pts below ..." without "Need more data" before it."""
    text = reason(a)
    lead = next((words for words in _LEADS.values() if text.startswith(f"{words}: ")), None)
    return upper(text.removeprefix(f"{lead}: "))


def _compared(lead: str, a: Assessment, **v: Any) -> str:
    if lead == _LEADS[Cause.GOOD] and v["costs_more"]:
        lead += ", but not cheaper"
    corrected = f", not proven after correction for {count(v['tests'], 'test')}" if "tests" in v else ""
    return f"{lead}: {_difference(a, v)}{corrected}. You accept a drop of {number(v['margin'])}."


def _difference(a: Assessment, v: Values) -> str:
    """As in "1.8 pts below gpt-4o on 164 samples (95% CI -7.5 to +3.6)"."""
    delta, margin = v.get("delta", 0.0), v["margin"]
    size = number(delta, margin if delta < 0 else None)
    where = f"level with {v['baseline']}"
    if size != "0":
        where = f"{size} {'pt' if size == '1' else 'pts'} {'above' if delta > 0 else 'below'} {v['baseline']}"
    high = v.get("high", 0.0)
    low, end = _end(v.get("low", 0.0), margin), _end(high, margin if high < 0 else None)
    votes = "" if a.quality.wins is None else f", {_votes_of(a.quality)}"
    reviews = a.trust.reviews
    n = count(v["n"], "sample" if a.quality.wins is None else "comparison")
    if v["by_people"]:
        n = count(reviews, "human review") if reviews == v["n"] else f"{n}, {count(reviews, 'human review')} among them"
    return f"{where} on {n}{votes} (CI {low} to {end})"


def _votes_of(q: Quality) -> str:
    """What votes said; of answers that are mostly the same text and never better or worse, how many differ."""
    if q.ties == q.n < 2 * q.same_texts:
        return f"{q.n - q.same_texts:,} of {q.n:,} answers differ, judged equal"
    return f"{q.wins} won, {q.ties} tied, {q.losses} lost"


def review_progress(use_case: str, made: int, need: ReviewNeed | None, *, doubt: str = "") -> str:
    """How many pairs people reviewed, and how many decide. ``use_case``: empty for all.

    ``doubt``: why enough of them don't confirm the judge.
    """
    where = f" of {use_case}" if use_case else ""
    if need is None:
        return f"{count(made, 'review')}{where}"
    if need.checks:  # with pairs of every use case that it judges
        where = " to check the judge"
    if doubt:
        return f"{count(made, 'review')}{where}: not enough yet, {doubt}"
    if made >= need.of:
        return f"{count(made, 'review')}{where}: enough to decide"
    return f"{made:,} of {count(need.of, 'review')}{where}"


def all_reviewed(pairs: int, compared: int) -> str:
    """That no pair is left; ``compared``: those that people looked at, the others being equal."""
    if same := pairs - compared:
        return f"All {count(pairs, 'pair')} done: {compared:,} reviewed, {same:,} with the same answers"
    return f"All {count(pairs, 'pair')} reviewed"


def review_purpose(use_case: str, need: ReviewNeed) -> str:
    """What reviews decide, before anybody starts."""
    pairs = count(need.of, "pair")
    if need.checks:
        return (
            f"{pairs} of answers show if the judge can be trusted; it takes more where nearly all are ties. "
            "Until then, what rests on its votes is provisional."
        )
    decide = f"{pairs} of answers show if {use_case} can move to {bare_name(need.model)}; a close result needs more."
    if not need.votes:
        return decide
    return f"{decide} The judge isn't trusted here, so reviews replace its {count(need.votes, 'vote')}."


def or_review(pairs: int, use_cases: Sequence[str]) -> str:
    """What people can do instead of a better judge; empty where they have done it."""
    return f", or review {count(pairs, 'pair')}{' of each' * (len(use_cases) > 1)}" if pairs else ""


def _end(fraction: float, margin: float | None) -> str:
    """An end of an interval in points, with its sign; the digits tell it from the ``margin``."""
    text = number(fraction, margin)
    return text if text == "0" else f"{'+' if fraction > 0 else '-'}{text}"


def _outside(gate: Values, baseline: str, **_: Any) -> str:
    why = "because of its setup" if gate["is_set_up"] else doubt_of(gate)
    return f"{_lower(failing(gate, baseline))}, {why}"


def _hidden(a: Assessment, baseline: str, **_: Any) -> str:
    held_by = next(caveat for caveat in a.caveats if caveat.holds)
    return _lower(caveat_words(held_by, baseline)).rstrip(".")


def too_few(message: Values) -> str:
    return worded(_TOO_FEW, Message(**message))


def _too_few_groups(n: int, least: int, of: str) -> str:
    shared = SHARED_MANY[Grouping(of)]
    return f"Too few independent samples: they share {shared} (effective sample size {n}, at least {least} needed)"


_TOO_FEW: Words = {
    TooFew.SCORED: "Too few samples: {n} scored, at least {least} needed",
    TooFew.FRACTIONAL: "Too few samples: {n} graded scores, at least {least} needed",
    TooFew.DRIFTS: "Answers changed so much during the run that no single difference fits",
    TooFew.CONVERSATIONS: lambda n, least: (
        f"Too few samples: all come from {count(n, 'conversation')}, at least {least} needed"
    ),
    TooFew.GROUPS: _too_few_groups,
}


def not_timed(v: Values) -> str:
    what = "time to first token" if v["name"] == GateName.TTFT else "latency"
    return f"{what} wasn't measured and your limit is {seconds(v['limit'] or 0.0)}"


def not_read(judges: Sequence[str] = (), unread: int = 0, of: int = 0, example: str = "", **_: Any) -> str:
    """Why refusals aren't measured."""
    if unread:
        return f"{unread_words(judges, unread, of, example)} when checking for refusals"
    return "no judge has checked the answers for refusals"


def no_evidence(judges: Sequence[str] = (), unread: int = 0, of: int = 0, example: str = "", **_: Any) -> str:
    """Why nothing compares the answers."""
    return unread_words(judges, unread, of, example) if unread else "add a judge or review pairs"


def doubt_of(v: Values) -> str:
    is_rule = v["detail"] is not None and v["detail"]["code"] == DetailCode.REFUSED_BY_RULE
    return "as far as a rule can tell" if is_rule else "perhaps by chance"


def votes(v: Values) -> str:
    return f"judge votes are missing for {v['without_vote']:,} of {count(v['pairs'], 'pair')}"


def differing(v: Values) -> str:
    verb = "differs" if v["differing"] == 1 else "differ"
    return f"{v['differing']:,} of {v['n']:,} answers {verb} from {v['baseline']}'s"


def who_decides(v: Values) -> str:
    return f"Add a judge or review {'it' if v['differing'] == 1 else 'them'} to see which are better"


def doubt(message: Message) -> str:
    """Why the measure can't tell good answers from bad ones, as a clause; the code is a Cause."""
    return worded(_DOUBTS, message)


def _contradicted(reviews: int, kappa: float, kappa_high: float, least: float, **_: Any) -> str:
    numbers = f"kappa {kappa:.2f}, 95% CI up to {kappa_high:.2f}; at least {least:.2f} needed"
    return f"{upper(judge_clause(JudgeState.CONTRADICTED))} ({count(reviews, 'pair')}, {numbers})"


def _not_proven(**v: Any) -> str:
    if "exam" in v:
        return exam_words(Message(**v["exam"])).rstrip(".")
    of = f"{v['agreed']:,} of {count(v['decided'], 'pair')} with a winner"
    return f"{upper(judge_clause(JudgeState.BIASED))}: its two orders agree in only {of}"


def _no_room(margin: float, is_too_wide: bool, baseline: str, baseline_score: float | None = None, **v: Any) -> str:
    if is_too_wide:
        is_what = "loses most comparisons" if v.get("is_compared") else "is mostly wrong"
        return f"A drop of {pts(margin)} is so large that a model that {is_what} could pass"
    right = f"is itself right on only {percent(baseline_score or 0.0)}"
    return f"{baseline} {right}, so this measure can't tell good answers from bad ones"


_DOUBTS: Words = {
    Cause.JUDGE_CONTRADICTED: _contradicted,
    Cause.JUDGE_NOT_PROVEN: _not_proven,
    Cause.NO_ROOM: _no_room,
}


def why_nothing(v: Values) -> str:
    if "gate" in v:
        return f": {detail_words(Message(**v['gate']['detail']))}"
    if "excluded" in v:
        return f": {exclusion_words(Exclusion(**v['excluded']))}"
    return ": nothing was called yet"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


_HOLDS: Words = {
    Cause.OPEN_GATE: _outside,
    Cause.NOT_TIMED: lambda gate, **_: not_timed(gate),
    Cause.VOTES_MISSING: lambda **v: votes(v),
    Cause.REFUSALS_NOT_READ: not_read,
    Cause.CLASS_NEVER_RIGHT: _hidden,
    Cause.FALLS_LATELY: _hidden,
}
"""The answers are good enough, and something else holds the switch; a clause."""
_REASONS: Words = {
    Cause.NO_EVIDENCE: lambda **v: f"No evidence yet: {no_evidence(**v)}.",
    Cause.NOTHING_SCORED: lambda **v: f"No answer could be scored{why_nothing(v)}.",
    Cause.GATE: lambda gate, baseline, **_: f"{failing(gate, baseline)}.",
    Cause.DIFFERS: lambda **v: f"{differing(v)}. {who_decides(v)}.",
    Cause.TOO_FEW: lambda **v: f"{too_few(v['too_few'])}.",
    **{cause: partial(_compared, lead) for cause, lead in _LEADS.items()},
}
