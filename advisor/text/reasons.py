"""A verdict in words: one sentence that begins with the finding, and what stands in the way of a switch."""

from typing import Any, TypeAlias

from advisor.text.gates import caveat_words, detail_words, failing
from advisor.text.names import SHARED_MANY, candidate_verdict, exclusion_words
from advisor.text.numbers import count, number, percent, pts, seconds
from advisor.text.scores import exam_words
from advisor.types import (
    Assessment,
    Cause,
    Caveat,
    DetailCode,
    Exclusion,
    GateName,
    Grouping,
    Message,
    TooFew,
)

Values: TypeAlias = dict[str, Any]

_LEADS = {
    Cause.GOOD: "Good enough",
    Cause.NOT_SURE: "Need more data",
    Cause.PROBABLY_WORSE: "Probably not good enough",
    Cause.WORSE: "Not good enough",
}
_HELD = (
    Cause.OPEN_GATE,
    Cause.NOT_TIMED,
    Cause.VOTES_MISSING,
    Cause.REFUSALS_NOT_READ,
    Cause.CLASS_NEVER_RIGHT,
    Cause.FALLS_LATELY,
)
"""The answers are good enough, and something else holds the switch."""


def reason(a: Assessment) -> str:
    """Why a candidate has its verdict, in a sentence or two."""
    cause, v = Cause(a.ruling.reason.code), a.ruling.reason.values
    match cause:
        case Cause.NO_EVIDENCE:
            return "No evidence yet: add a judge or review pairs."
        case Cause.NOTHING_SCORED:
            return f"No answer could be scored{why_nothing(v)}."
        case Cause.GATE:
            return f"{failing(v['gate'], v['baseline'])}."
        case Cause.NO_ROOM | Cause.JUDGE_NOT_PROVEN | Cause.JUDGE_CONTRADICTED:
            return f"{doubt(cause, v)}."
        case Cause.DIFFERS:
            return f"{differing(v)}. {who_decides(v)}."
        case Cause.TOO_FEW:
            return f"{too_few(v['too_few'])}."
        case _ if cause in _HELD:
            return f"Good enough on average, but {_hold(a, cause, v)}."
    lead = _LEADS[cause]
    if cause is Cause.GOOD and v["costs_more"]:
        lead += ", but not cheaper"
    corrected = f", not proven after correcting for {count(v['tests'], 'test')}" if "tests" in v else ""
    return f"{lead}: {_difference(a, v)}{corrected}. You accept a drop of {number(v['margin'])}."


def in_context(a: Assessment) -> str:
    """The reason behind the candidate's name."""
    return f"{a.model}: {reason(a)}"


def verdict_and_reason(a: Assessment) -> str:
    """Both, each once: "? Need more data · 1.1 pts below ..."."""
    text = reason(a)
    lead = next((words for words in _LEADS.values() if text.startswith(f"{words}: ")), None)
    return f"{candidate_verdict(a)} · {upper(text.removeprefix(f'{lead}: '))}"


def _difference(a: Assessment, v: Values) -> str:
    """As in "1.8 pts below gpt-4o on 164 samples (95% CI -7.5 to +3.6)"."""
    delta, margin = v.get("delta", 0.0), v["margin"]
    size = number(delta, margin if delta < 0 else None)
    where = f"level with {v['baseline']}"
    if size != "0":
        where = f"{size} {'pt' if size == '1' else 'pts'} {'above' if delta > 0 else 'below'} {v['baseline']}"
    high = v.get("high", 0.0)
    low, end = _end(v.get("low", 0.0), margin), _end(high, margin if high < 0 else None)
    votes = (
        f", {a.quality.wins} won, {a.quality.ties} tied, {a.quality.losses} lost" if a.quality.wins is not None else ""
    )
    n = count(v["n"], "human review" if v["by_people"] else "sample" if a.quality.wins is None else "comparison")
    return f"{where} on {n}{votes} (CI {low} to {end})"


def _end(fraction: float, margin: float | None) -> str:
    """An end of an interval in points, with its sign; the digits tell it from the ``margin``."""
    text = number(fraction, margin)
    return text if text == "0" else f"{'+' if fraction > 0 else '-'}{text}"


def _hold(a: Assessment, cause: Cause, v: Values) -> str:
    match cause:
        case Cause.OPEN_GATE:
            why = "because of its setup" if v["gate"]["is_set_up"] else doubt_of(v["gate"])
            return f"{_lower(failing(v['gate'], v['baseline']))}, {why}"
        case Cause.NOT_TIMED:
            return not_timed(v["gate"])
        case Cause.VOTES_MISSING:
            return votes(v)
        case Cause.REFUSALS_NOT_READ:
            return "no judge has checked the answers for refusals"
    return _lower(caveat_words(_held_by(a), v["baseline"])).rstrip(".")


def _held_by(a: Assessment) -> Caveat:
    return next(caveat for caveat in a.caveats if caveat.holds)


def too_few(message: Values) -> str:
    v = message["values"]
    match TooFew(message["code"]):
        case TooFew.SCORED:
            return f"Too few samples: {v['n']} scored, at least {v['least']} needed"
        case TooFew.FRACTIONAL:
            return f"Too few samples: {v['n']} graded scores, at least {v['least']} needed"
        case TooFew.DRIFTS:
            return "Answers changed so much during the run that no single difference fits"
        case TooFew.CONVERSATIONS:
            return f"Too few samples: all come from {count(v['n'], 'conversation')}, at least {v['least']} needed"
        case TooFew.GROUPS:
            shared = SHARED_MANY[Grouping(v["of"])]
            size = f"the effective sample size is {v['n']}, at least {v['least']} needed"
            return f"Too few samples: so many share {shared} that {size}"


def not_timed(v: Values) -> str:
    what = "time to first token" if v["name"] == GateName.TTFT else "latency"
    return f"{what} wasn't measured and your limit is {seconds(v['limit'] or 0.0)}"


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


def doubt(cause: Cause, v: Values) -> str:
    """Why the measure can't tell good answers from bad ones, as a clause."""
    if cause is Cause.JUDGE_CONTRADICTED:
        kappa = f"kappa {v['kappa']:.2f}, 95% CI up to {v['kappa_high']:.2f}; at least {v['least']:.2f} needed"
        return f"The judge contradicts the {v['reviews']} human reviews ({kappa})"
    if cause is Cause.JUDGE_NOT_PROVEN:
        if "exam" in v:
            return exam_words(Message(**v["exam"])).rstrip(".")
        of = f"{v['agreed']:,} of the {v['decided']:,} pairs in which either names one"
        same = f"both orders name the same winner in {of}"
        return f"The judge shows position bias: {same}, too few to rely on"
    if v["is_too_wide"]:
        return f"A drop of {pts(v['margin'])} is so large that a model that is mostly wrong could pass"
    right = f"is itself right on only {percent(v['baseline_score'] or 0.0)}"
    return f"{v['baseline']} {right}, so this measure can't tell good answers from bad ones"


def why_nothing(v: Values) -> str:
    if "gate" in v:
        return f": {detail_words(Message(**v['gate']['detail']))}"
    if "excluded" in v:
        return f": {exclusion_words(Exclusion(**v['excluded']))}"
    return ": nothing was called yet"


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
