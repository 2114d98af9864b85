"""What stands in the way of a switch, in words, each with its number and what would change it."""

from typing import Any

from advisor.text.advice.reasons import (
    Values,
    differing,
    doubt,
    doubt_of,
    no_evidence,
    not_read,
    not_timed,
    too_few,
    votes,
    who_decides,
    why_nothing,
)
from advisor.text.gates import REMEDIES, caveat_words, detail_words, failing, hold_remedy
from advisor.text.messages import Words, upper, worded
from advisor.text.names import SHARED_MANY
from advisor.text.numbers import about, count, listing, number, pts, to_the_cent
from advisor.types import (
    Assessment,
    Cause,
    ExclusionCode,
    GateName,
    Grouping,
    Message,
    Obstacle,
    Report,
    Step,
    TooFew,
    UseCaseDecision,
    Verdict,
)


def why_not(a: Assessment) -> list[str]:
    """What stands between a candidate and a switch, and what would change it; empty where it may take over."""
    return list(dict.fromkeys(worded(_OBSTACLES, message, a=a) for message in a.ruling.why_not))


def what_helps(a: Assessment) -> list[str]:
    """The same beneath the reason and next to the next step: what these say of a judge isn't said again."""
    told = a.ruling.reason.code
    lines = []
    for each in a.ruling.why_not:
        is_told = told in (each.code, each.values.get("cause"))
        if is_told and told in _SAID_BY_THE_STEP:
            continue
        if is_told and told in _DOUBT_REMEDIES:
            lines.append(f"{worded(_DOUBT_REMEDIES, Message(code=told, values=each.values))}.")
        else:
            lines.append(worded(_OBSTACLES, each, a=a))
    return list(dict.fromkeys(lines))


_SAID_BY_THE_STEP = (
    Cause.NO_EVIDENCE,
    Cause.JUDGE_NOT_PROVEN,
    Cause.JUDGE_CONTRADICTED,
    Cause.VOTES_MISSING,
    Cause.REFUSALS_NOT_READ,
)


def more_needed(a: Assessment) -> int | None:
    """How many more samples would decide; None: more of them would not, or nothing is known."""
    if a.ruling.n_needed is None:
        return None
    told = (message.values["still"] for message in a.ruling.why_not if "still" in message.values)
    return next(told, max(a.ruling.n_needed - a.quality.n, 1))


def log_lacks(decision: UseCaseDecision, a: Assessment) -> str:
    """That more samples would decide and the log has no more; empty where it has, or they wouldn't."""
    is_open = a.ruling.verdict is Verdict.NEED_MORE_DATA and (a.ruling.n_needed or 0) > decision.samples
    return f" · the log has only {decision.samples:,}" if is_open else ""


def samples_wanted(report: Report) -> str:
    """Which use cases need more calls in the log, and how many; empty where none does."""
    steps = [step.values for step in report.plan.next_steps if step.code == Step.IMPORT]
    wanted = {values["use_case"]: values["model"] for values in steps}
    lacking = {
        case.name: more
        for case in report.recommendation.use_cases
        for a in case.candidates
        if a.model == wanted.get(case.name) and (more := more_needed(a))
    }
    if not lacking:
        return ""
    parts = [f"{about(more, 'more sample')} of {name}" for name, more in lacking.items()]
    return f"Still needed: {listing(parts)}. Add a log with such calls. New requests help, repeats hardly do."


def needs_more(n: int) -> str:
    """As in "Needs about 824 more samples"."""
    return f"Needs {about(n, 'more sample')}"


def _nothing_scored(**v: Any) -> str:
    if v.get("excluded", {}).get("code") == ExclusionCode.NOT_ASKED or not v.keys() & {"gate", "excluded"}:
        return "It hasn't been replayed yet. Start a replay."
    return f"No answer could be scored{why_nothing(v)}. Check how the model is set up, then replay again."


def _differs(**v: Any) -> str:
    more = f", or collect {about(v['still'], 'more sample')}" if "still" in v else ""
    return f"{differing(v)}; {_accepted(v['margin'])}. {who_decides(v)}{more}."


def _not_after_correction(p_holm: float, alpha: float, tests: int, **v: Any) -> str:
    p = f"corrected p = {_told(p_holm, alpha)}, limit {alpha:.2g}"
    alone = f"Passes on its own, but not after correcting for {count(tests, 'test')} ({p})"
    return f"{alone}. {_more(v)} Testing fewer candidates or use cases also helps."


def _open_gate(a: Assessment, **v: Any) -> str:
    more = more_needed(a) if "n_needed" in v else None
    remedy = REMEDIES[GateName(v["name"])] if more is None else f"{needs_more(more)} to decide."
    return f"{_gate(v)}, perhaps by chance. {remedy}"


def _set_up(**v: Any) -> str:
    seen = detail_words(Message(**v["detail"]))
    return f"{_gate(v)} ({seen}). This is a setup error: check the key, model ID and parameters."


def _not_timed(**v: Any) -> str:
    how = "Replay with streaming to measure it" if v["name"] == GateName.TTFT else "Replay to measure it"
    return f"{upper(not_timed(v))}. {how}."


def _doubtful(cause: str, **v: Any) -> str:
    message = Message(code=cause, values=v)
    return f"{doubt(message)}. {worded(_DOUBT_REMEDIES, message)}."


def _caveat(a: Assessment, place: int, baseline: str, is_told: bool) -> str:
    caveat = a.caveats[place]
    remedy = f"{upper(hold_remedy(caveat))}."
    return remedy if is_told else f"{caveat_words(caveat, baseline)} {remedy}"


def _accepted(margin: float) -> str:
    return f"you accept a drop of {number(margin)}"


def _gate(v: Values) -> str:
    return failing(v, v["baseline"])


def _more(v: Values) -> str:
    """What more data would do for a verdict."""
    if v["has_gate"]:
        return "More samples may settle this, but not the failing guardrail."
    of = Grouping(v["of"]) if "of" in v else None
    if v["is_hopeless"]:
        if of is not None:
            return f"Samples from other {SHARED_MANY[of]} would help; more of the same would not."
        if v["gate_fails"]:
            return "Too close to settle with more samples, and a guardrail fails. Try another candidate."
        return "Too close to settle with more samples. Accept a larger drop or try another candidate."
    others = f" from other {SHARED_MANY[of]}" if of is not None else ""
    if "groups" in v:
        others = f" from {about(v['groups'], 'other conversation')}"
    reviewed = f", {v['reviews']:,} of them reviewed," if "reviews" in v else ""
    return f"{needs_more(v['still'])}{others}{reviewed} to decide."


def _few_independent(margin: float, n: int, effective: float = 0.0, least: int | None = None, **_: Any) -> str:
    if least is None:
        return ""
    return f" Effective sample size: {round(effective):,} of {n:,}; a drop of {number(margin)} needs at least {least}."


def _exam_remedy(reviews: int, is_taken: bool = True, **_: Any) -> str:
    remedy = "Add another judge" if is_taken else "Start a replay so it takes the exam"
    return f"{remedy}, or review {count(reviews, 'pair')}" if reviews else remedy


def _told(p: float, alpha: float) -> str:
    """A p-value with as many digits as tell it from ``alpha``."""
    return next((text for digits in range(2, 7) if (text := f"{p:.{digits}g}") != f"{alpha:.2g}"), f"{p:.2g}")


_TOO_FEW_REMEDIES: Words = {
    TooFew.SCORED: "Replay more samples.",
    TooFew.FRACTIONAL: "Replay more samples.",
    TooFew.DRIFTS: "Find out what changed, then replay again without stopping early.",
    TooFew.CONVERSATIONS: "Only samples from other conversations help.",
    TooFew.GROUPS: lambda of, **_: f"Only samples from other {SHARED_MANY[Grouping(of)]} help.",
}
_DOUBT_REMEDIES: Words = {
    Cause.NO_ROOM: lambda is_too_wide, **_: (
        "Accept a smaller drop" if is_too_wide else "Check the reference answers, or add a judge"
    ),
    Cause.JUDGE_CONTRADICTED: "Add another judge",
    Cause.JUDGE_NOT_PROVEN: _exam_remedy,
}
_OBSTACLES: Words = {
    Obstacle.NOISE_DIFFERS: (
        "{baseline}'s own answers differ between two calls, so these results can't be trusted. Find out what changed, "
        "then replay again."
    ),
    Obstacle.NO_EVIDENCE: lambda **v: (
        f"{upper(no_evidence(**v))}. Add another judge, or review pairs."
        if "unread" in v
        else "Its answers haven't been compared yet. Add a judge or review pairs."
    ),
    Obstacle.NOTHING_SCORED: _nothing_scored,
    Obstacle.TOO_FEW: lambda code, values, **_: (
        f"{too_few({'code': code, 'values': values})}. {worded(_TOO_FEW_REMEDIES, Message(code=code, values=values))}"
    ),
    Obstacle.DIFFERS: _differs,
    Obstacle.WORSE: lambda high, margin, **_: (
        f"It is at least {pts(high, margin)} worse; {_accepted(margin)}. More samples won't change that; another "
        "model or another prompt may."
    ),
    Obstacle.PROBABLY_WORSE: lambda delta, margin, **_: (
        f"It is {pts(delta, margin)} worse so far; {_accepted(margin)}. More samples are unlikely to help."
    ),
    Obstacle.NOT_AFTER_CORRECTION: _not_after_correction,
    Obstacle.NOT_SURE: lambda low, margin, **v: (
        f"It may be {pts(low, margin)} worse; {_accepted(margin)}. {_more(v)}{_few_independent(margin, **v)}"
    ),
    Obstacle.GATE: lambda name, **v: f"{_gate(v | {'name': name})}. {REMEDIES[GateName(name)]}",
    Obstacle.OPEN_GATE: _open_gate,
    Obstacle.SET_UP: _set_up,
    Obstacle.REFUSALS_DOUBTFUL: lambda **v: (
        f"{_gate(v)}, {doubt_of(v)}. Have a judge check more answers for refusals in the next run."
    ),
    Obstacle.NOT_TIMED: _not_timed,
    Obstacle.DOUBTFUL_MEASURE: _doubtful,
    Obstacle.CAVEAT: _caveat,
    Obstacle.VOTES_MISSING: lambda **v: f"{upper(votes(v))}. Start a replay, which asks for them, or review them.",
    Obstacle.REFUSALS_NOT_READ: lambda baseline, **v: (
        f"{upper(not_read(**v))}. "
        + ("Add another judge." if "unread" in v else "Start a replay: it reuses the answers and calls only the judge.")
    ),
    Obstacle.COSTS_MORE: lambda usd_per_1k, baseline_usd_per_1k, baseline, **_: (
        f"It isn't cheaper: {to_the_cent(usd_per_1k)} per 1,000 calls, {baseline} {to_the_cent(baseline_usd_per_1k)}. "
        "Another host may charge less."
    ),
}
