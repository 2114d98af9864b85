"""Page one: the verdict, what it saves, and the decision per use case."""

from advisor.analysis.verdict.exam import exam_result, grade
from advisor.text.headline import headline
from advisor.text.names import baselines_of, decision_verdict, on_hold
from advisor.text.numbers import UNKNOWN, before_after, day, dollars, money_range, percent, shorten
from advisor.text.results import NO_SPAN, difference, scores, share_of_traffic, why_no_saving
from advisor.text.scores import exam_words
from advisor.text.warnings import warning
from advisor.types import Evidence, Json, Lane, Money, Monthly, Recommendation, Report, UseCaseDecision, Verdict

SAMPLE_BANNER = (
    "This is the sample study of a fictional company. The illustrative candidate's answers, the judges' votes "
    "and the reviews are pre-recorded: they show how a decision reads, not what a model can do."
)


def front(report: Report) -> Json:
    """The texts of page one."""
    recommendation = report.recommendation
    return {
        "facts": [*_facts(recommendation), *([f"scenario {report.scenario.name}"] if report.scenario else [])],
        "banners": _banners(recommendation),
        "sentence": headline(recommendation),
        "figures": _figures(report),
        "rows": [
            _row(decision, is_worth=recommendation.bill.worth is not False) for decision in recommendation.use_cases
        ],
        "warnings": [
            *_about_judge(recommendation),
            *(warning(each) for each in (recommendation.remarks.noise_floor, *recommendation.remarks.warnings)),
        ],
    }


def _facts(recommendation: Recommendation) -> list[str]:
    candidates = {a.model for d in recommendation.use_cases for a in d.candidates}
    lane = "recorded answers" if recommendation.run.baseline_lane is Lane.RECORDED else "live"
    return [
        f"Baseline {shorten(baselines_of(recommendation), 120)}, {lane}",
        f"{len(candidates)} candidate{'s' * (len(candidates) != 1)}",
        f"sample of {recommendation.run.sample_size:,}",
        f"run {recommendation.run.number}",
        day(recommendation.created_at),
    ]


def _banners(recommendation: Recommendation) -> list[Json]:
    banners = []
    if recommendation.is_sample_study:
        banners.append({"word": "Sample data", "text": SAMPLE_BANNER})
    if recommendation.run.partial:
        status = recommendation.run.status.value.replace("_", " ")
        text = f"Some planned calls have no answer (run status: {status}). They may change the result."
        banners.append({"word": "Partial run", "text": text})
    return banners


def _about_judge(recommendation: Recommendation) -> list[str]:
    """That its votes can't be relied on, where they count."""
    if not recommendation.judging.judges or grade(recommendation.judging.exam).is_passed:
        return []
    return [exam_words(exam_result(recommendation.judging.exam))]


def _figures(report: Report) -> list[Json]:
    recommendation = report.recommendation
    monthly = recommendation.bill.monthly
    total = len(recommendation.use_cases)
    moved = sum(decision.chosen is not None for decision in recommendation.use_cases)
    stay = sum(decision.verdict is Verdict.KEEP for decision in recommendation.use_cases)
    rest = [f"{stay} stay{'s' * (stay == 1)}" * (stay > 0), on_hold(recommendation.use_cases)]
    figures = [{"label": "Use cases that move", "value": f"{moved} of {total}", "note": ", ".join(filter(None, rest))}]
    if monthly is None:
        reason = _why_no_bill(recommendation)
        labels = ("Bill today, a month", "With the plan", "Saved, a month")
        return [*({"label": label, "value": UNKNOWN, "note": reason} for label in labels), *figures]
    projected = f"projected: the log is {share_of_traffic(report.log)}"
    today, plan = before_after(monthly.baseline_usd, monthly.plan_usd)
    return [
        {"label": "Bill today, a month", "value": today, "note": projected},
        {"label": "With the plan", "value": plan, "note": "a month"},
        {"label": "Saved, a month"} | _saved(recommendation, monthly, moved=moved > 0),
        *figures,
    ]


def _saved(recommendation: Recommendation, monthly: Monthly, *, moved: bool) -> Json:
    """Only a range gets a confidence."""
    if recommendation.bill.worth is False:
        return {"value": UNKNOWN, "note": "not worth migrating"}
    value = money_range(monthly.savings_usd)
    is_range = value != dollars(monthly.savings_usd.low)
    sure = f"{percent(recommendation.confidence)} confidence interval" if is_range else "a month"
    return {"value": value, "note": sure if moved else "nothing moves"}


def _why_no_bill(recommendation: Recommendation) -> str:
    decisions = recommendation.use_cases
    if all(decision.monthly_calls is None for decision in decisions):
        return f"unknown: {NO_SPAN}"
    if all(decision.monthly_baseline_usd is None for decision in decisions):
        return "unknown: the baseline has no known cost"
    return "unknown: a model has no price"


def _row(decision: UseCaseDecision, *, is_worth: bool) -> Json:
    saved = decision.target.costs.savings_usd if decision.target else None
    return {
        "name": shorten(decision.name),
        "verdict": decision_verdict(decision),
        "candidate": _candidate(decision),
        "seen": _seen(decision),
        "saved": _row_saving(saved, decision) if is_worth else UNKNOWN,
    }


def _row_saving(saved: Money | None, decision: UseCaseDecision) -> str:
    return money_range(saved) if saved is not None else f"{UNKNOWN} {why_no_saving(decision)}"


def _candidate(decision: UseCaseDecision) -> str:
    if decision.shown is None:
        return f"{UNKNOWN} {_why_nobody(decision)}"
    name = shorten(decision.shown.model, 80)
    return name if decision.target else f"closest: {name}"


def _why_nobody(decision: UseCaseDecision) -> str:
    """Why no candidate is reported."""
    if not decision.candidates:
        return "none tested"
    return "no evidence yet" if decision.is_unmeasured else "not enough samples"


def _seen(decision: UseCaseDecision) -> str:
    assessment = decision.shown
    if assessment is None:
        is_none = all(a.quality.evidence == Evidence.NONE for a in decision.candidates)
        return f"{UNKNOWN} no evidence yet" if is_none else f"{UNKNOWN} too few scored samples"
    if assessment.difference.delta is None:
        return f"{UNKNOWN} no evidence yet"
    return f"{scores(assessment)}; {difference(assessment)}, n {assessment.quality.n:,}"
