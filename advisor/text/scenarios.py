"""A decision under other limits, traffic or prices, and what changed since one was made."""

from collections.abc import Iterable, Sequence

from advisor.text.business_case.case import payback_sentence
from advisor.text.names import Outcome, outcome
from advisor.text.numbers import count, dollars, listing, money_range, percent, pts, seconds, to_the_cent
from advisor.types import Endpoint, Recommendation, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.scenarios import Assumptions, Crossing, Limits, Scenario

DEFAULT = "5 or 10"
"""The acceptable drop that each way of comparing has by itself."""


def scenario_sentence(recommendation: Recommendation, case: BusinessCase) -> str:
    """What moves, what that saves and when it has paid for itself."""
    moved, total = sum(d.chosen is not None for d in recommendation.use_cases), len(recommendation.use_cases)
    if not moved:
        return f"Nothing moves: 0 of {count(total, 'use case')}"
    monthly = recommendation.bill.monthly
    saved = f"Save {money_range(monthly.savings_usd)} a month." if monthly else "The saving is unknown."
    back = f" {payback_sentence(case)}" if monthly else ""
    return f"Move {moved} of {count(total, 'use case')}. {saved}{back}"


def usual_drop(endpoints: Iterable[Endpoint]) -> str:
    """The same of these use cases alone, in points."""
    found = {"10" if endpoint is Endpoint.PAIRWISE else "5" for endpoint in endpoints}
    return found.pop() if len(found) == 1 else DEFAULT


def limit_words(limits: Limits, usual: str) -> dict[str, str]:
    """Label -> value. ``usual``: the drop where none is chosen, in points."""
    words = {
        "Acceptable drop": f"{usual} pts" if limits.margin is None else pts(limits.margin),
        "Confidence": percent(limits.confidence),
        "p95 latency": _most(limits.max_latency_p95_s),
        "p95 TTFT": _most(limits.max_ttft_p95_s),
    }
    return words | ({"Own limits": count(len(limits.use_cases), "use case")} if limits.use_cases else {})


def assumption_words(assumed: Assumptions) -> dict[str, str]:
    """The same of what differs from the run."""
    words = {
        "Traffic": f"x{assumed.traffic:g}" if assumed.traffic != 1 else "",
        "Candidate prices": price_words(assumed.price) if assumed.price != 1 else "",
        "One-off cost": dollars(assumed.one_off_usd) if assumed.one_off_usd else "",
    }
    return {label: value for label, value in words.items() if value}


def price_words(factor: float) -> str:
    """A change of prices: "+20%"."""
    return f"{(factor - 1) * 100:+.0f}%"


def changed_words(limits: Limits, planned: Limits | None, usual: str) -> str:
    """Which limits are others than before the run; empty where none is or nobody knows."""
    if planned is None or limits == planned:
        return ""
    now, then = limit_words(limits, usual), limit_words(planned, usual)
    changed = [
        f"{label[0].lower()}{label[1:]} {now.get(label, 'none')} (planned: {then.get(label, 'none')})"
        for label in {**then, **now}
        if now.get(label) != then.get(label)
    ]
    return f"Changed after the results were seen: {listing(changed) if changed else 'own limits of use cases'}"


def scenario_words(scenario: Scenario, planned: Limits | None, usual: str) -> str:
    """All of a scenario in a few sentences, with what was set before the run next to it."""
    changed = changed_words(scenario.limits, planned, usual)
    limits, assumed = (
        "; ".join(f"{label}: {value}" for label, value in words.items())
        for words in (limit_words(scenario.limits, usual), assumption_words(scenario.assumed))
    )
    apart = f" In the business case: {assumed}." if assumed else ""
    return f"{scenario.name}. {limits}.{apart}{f' {changed}.' if changed else ''}"


def frontier_title(crossings: Sequence[Crossing], moving: int) -> str:
    """The take-away: how far a wider drop leads. ``moving``: use cases that move already."""
    most = max((len(each.moves) for each in crossings), default=0)
    if not most:
        return "No acceptable drop up to here lets a use case move"
    first = next(each for each in crossings if len(each.moves) == most)
    saved = f" and saves {dollars(first.savings_usd.point)} a month" if first.savings_usd else ""
    if most <= moving:
        return f"A wider drop moves nothing more: {count(most, 'use case')} from {pts(first.margin)} on"
    return f"Accepting a drop of {pts(first.margin)} moves {count(most, 'use case')}{saved}"


def frontier_alt(crossings: Sequence[Crossing], moving: int) -> str:
    """The steps of the frontier in words."""
    steps = "; ".join(
        f"{pts(each.margin)}: {moves_words(each)}"
        for before, each in zip([None, *crossings], crossings, strict=False)
        if before is None or before.moves != each.moves
    )
    return f"{frontier_title(crossings, moving)}. By acceptable drop: {steps}."


def moves_words(crossing: Crossing) -> str:
    """The use cases that move."""
    return listing(crossing.moves) if crossing.moves else "nothing moves"


def _most(limit_s: float | None) -> str:
    return "no limit" if limit_s is None else f"up to {seconds(limit_s)}"


_PREDICATES = {
    Outcome.SWITCH: "moves to {}",
    Outcome.ROUTE: "is routed to {}",
    Outcome.KEEP: "stays",
    Outcome.NEED_MORE_DATA: "needs more data",
    Outcome.NEEDS_REVIEW: "needs review",
}


def predicate(decision: UseCaseDecision) -> str:
    """What a use case does, as a predicate: "moves to gpt-oss-20b"."""
    return _PREDICATES[outcome(decision)].format(decision.chosen or "an open model")


def new_costs(before: UseCaseDecision, now: UseCaseDecision) -> str:
    """What the models that a changed decision turns on cost at today's prices."""
    concerned = [a for a in now.candidates if a.model in (before.chosen, now.chosen)] or list(now.candidates[:1])
    costs = [f"{a.model} {_per_1k(a.costs.usd_per_1k)}" for a in concerned]
    baseline = next((a.costs.baseline_usd_per_1k for a in concerned), None)
    return f"Today's prices per 1,000 calls: {', '.join(costs)}, baseline {_per_1k(baseline)}."


def licence_change(before: str, after: str) -> str:
    """Why a new model must not be tested yet, as a clause."""
    return f"its license changed from {before} to {after}"


def found_in(snapshot: str | None) -> str:
    """Where a new model was found."""
    return f"models.dev {snapshot}" if snapshot else "the catalog"


def _per_1k(cost_usd: float | None) -> str:
    return "unknown" if cost_usd is None else to_the_cent(cost_usd)
