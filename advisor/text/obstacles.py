"""What stands in the way of a switch, in words, each with its number and what would change it."""

from advisor.text.gates import REMEDIES, caveat_words, detail_words, failing, hold_remedy
from advisor.text.names import SHARED_MANY
from advisor.text.numbers import about, count, number, pts, to_the_cent
from advisor.text.reasons import (
    Values,
    differing,
    doubt,
    doubt_of,
    not_timed,
    too_few,
    upper,
    votes,
    who_decides,
    why_nothing,
)
from advisor.types import Assessment, Cause, ExclusionCode, GateName, Grouping, Message, Obstacle, RunOptions, TooFew


def why_not(a: Assessment) -> list[str]:
    """What stands between a candidate and a switch, and what would change it; empty where it may take over."""
    return list(dict.fromkeys(_obstacle(message, a) for message in a.ruling.why_not))


def more_needed(a: Assessment) -> int | None:
    """How many more samples would decide; None: more of them would not, or nothing is known."""
    if a.ruling.n_needed is None:
        return None
    told = (message.values["still"] for message in a.ruling.why_not if "still" in message.values)
    return next(told, max(a.ruling.n_needed - a.quality.n, 1))


def needs_more(n: int) -> str:
    """As in "Needs about 824 more samples"."""
    return f"Needs {about(n, 'more sample')}"


def _obstacle(message: Message, a: Assessment) -> str:
    v = message.values
    limit = f"you accept a drop of {number(v['margin'])}" if "margin" in v else ""
    gate = failing(v, v["baseline"]) if "value" in v else ""
    match Obstacle(message.code):
        case Obstacle.NOISE_DIFFERS:
            return (
                f"{v['baseline']}'s own answers differ between two calls, so these results can't be trusted. Find out "
                "what changed, then replay again."
            )
        case Obstacle.NO_EVIDENCE:
            return "Its answers haven't been compared yet. Add a judge or review pairs."
        case Obstacle.NOTHING_SCORED:
            if v.get("excluded", {}).get("code") == ExclusionCode.NOT_ASKED or not v.keys() & {"gate", "excluded"}:
                return "It hasn't been replayed yet. Start a replay."
            return f"No answer could be scored{why_nothing(v)}. Check how the model is set up, then replay again."
        case Obstacle.TOO_FEW:
            return _too_few_remedy(v)
        case Obstacle.DIFFERS:
            more = f", or collect {about(v['still'], 'more sample')}" if "still" in v else ""
            return f"{differing(v)}; {limit}. {who_decides(v)}{more}."
        case Obstacle.WORSE:
            return (
                f"It is at least {pts(v['high'], v['margin'])} worse; {limit}. More samples won't change that; "
                "another model, another prompt or a larger drop may."
            )
        case Obstacle.PROBABLY_WORSE:
            return f"It is {pts(v['delta'], v['margin'])} worse so far; {limit}. More samples are unlikely to help."
        case Obstacle.NOT_AFTER_CORRECTION:
            p = f"corrected p = {_told(v['p_holm'], v['alpha'])}, limit {v['alpha']:.2g}"
            alone = f"Passes on its own, but not after correcting for {count(v['tests'], 'test')} ({p})"
            return f"{alone}. {_more(v)} Testing fewer candidates or use cases also helps."
        case Obstacle.NOT_SURE:
            return f"It may be {pts(v['low'], v['margin'])} worse; {limit}. {_more(v)}{_few_independent(v)}"
        case Obstacle.GATE:
            return f"{gate}. {REMEDIES[GateName(v['name'])]}"
        case Obstacle.OPEN_GATE:
            more = max(v.get("n_needed", 0) - a.quality.n, 1)
            needed = f"{needs_more(more)} to decide." if "n_needed" in v else REMEDIES[GateName(v["name"])]
            return f"{gate}, perhaps by chance. {needed}"
        case Obstacle.SET_UP:
            seen = detail_words(Message(**v["detail"]))
            return f"{gate} ({seen}). This is a setup error: check the key, model ID and parameters."
        case Obstacle.REFUSALS_DOUBTFUL:
            return f"{gate}, {doubt_of(v)}. Have a judge read more answers (`score --audit {RunOptions.audited}`)."
        case Obstacle.NOT_TIMED:
            how = "Replay with streaming to measure it" if v["name"] == GateName.TTFT else "Replay to measure it"
            return f"{upper(not_timed(v))}. {how}."
        case Obstacle.DOUBTFUL_MEASURE:
            return f"{doubt(Cause(v['cause']), v)}. {_doubt_remedy(Cause(v['cause']), v)}."
        case Obstacle.CAVEAT:
            caveat = a.caveats[v["place"]]
            remedy = f"{upper(hold_remedy(caveat))}."
            return remedy if v["is_told"] else f"{caveat_words(caveat, v['baseline'])} {remedy}"
        case Obstacle.VOTES_MISSING:
            return f"{upper(votes(v))}. Score the run again with its judge, or review them."
        case Obstacle.REFUSALS_NOT_READ:
            return (
                f"No judge has checked the answers for refusals. Run `score --audit {RunOptions.audited}`, or start a "
                "replay: it reuses the answers and calls only the judge."
            )
        case Obstacle.COSTS_MORE:
            ours, theirs = to_the_cent(v["usd_per_1k"]), to_the_cent(v["baseline_usd_per_1k"])
            return f"It isn't cheaper: {ours} per 1,000 calls, {v['baseline']} {theirs}. Another host may charge less."


def _more(v: Values) -> str:
    """What more data would do for a verdict."""
    if v["has_gate"]:
        return "More samples may settle this, but not the failing guardrail."
    of = Grouping(v["of"]) if "of" in v else None
    if v["is_hopeless"]:
        if of is not None:
            return f"Samples from other {SHARED_MANY[of]} would help; more of the same would not."
        return "Too close to settle with more samples. Accept a larger drop or try another candidate."
    others = f" from other {SHARED_MANY[of]}" if of is not None else ""
    if "groups" in v:
        others = f" from {about(v['groups'], 'other conversation')}"
    reviewed = f", {v['reviews']:,} of them reviewed," if "reviews" in v else ""
    return f"{needs_more(v['still'])}{others}{reviewed} to decide."


def _few_independent(v: Values) -> str:
    if "least" not in v:
        return ""
    effective = f"{round(v['effective']):,} of {v['n']:,}"
    return f" Effective sample size: {effective}; a drop of {number(v['margin'])} needs at least {v['least']}."


def _too_few_remedy(message: Values) -> str:
    what = f"{too_few(message)}."
    match TooFew(message["code"]):
        case TooFew.DRIFTS:
            return f"{what} Find out what changed, then replay again without stopping early."
        case TooFew.CONVERSATIONS:
            return f"{what} Only samples from other conversations help."
        case TooFew.GROUPS:
            return f"{what} Only samples from other {SHARED_MANY[Grouping(message['values']['of'])]} help."
    return f"{what} Replay more samples."


def _doubt_remedy(cause: Cause, v: Values) -> str:
    if cause is Cause.NO_ROOM:
        return "Accept a smaller drop" if v["is_too_wide"] else "Check the reference answers, or add a judge"
    if cause is Cause.JUDGE_CONTRADICTED:
        return "Try another judge"
    if not v.get("is_taken", True):
        return f"Score the run again, so that it takes the exam, or review at least {v['reviews']} pairs"
    return f"Use a better judge or a panel, or review at least {v['reviews']} pairs"


def _told(p: float, alpha: float) -> str:
    """A p-value with as many digits as tell it from ``alpha``."""
    return next((text for digits in range(2, 7) if (text := f"{p:.{digits}g}") != f"{alpha:.2g}"), f"{p:.2g}")
