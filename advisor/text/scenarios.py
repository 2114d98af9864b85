"""A decision under other limits, traffic or prices, and what changed since one was made."""

from collections.abc import Iterable, Sequence, Set

from advisor.text.business_case.case import payback_sentence
from advisor.text.headline import saves, unpaid
from advisor.text.messages import upper
from advisor.text.names import Outcome, bare_id, outcome
from advisor.text.numbers import count, dollars, listing, number, percent, pts, seconds, to_the_cent
from advisor.types import Endpoint, Recommendation, UseCaseDecision
from advisor.types.business import BusinessCase
from advisor.types.scenarios import Assumptions, Crossing, Limits, Scenario

DEFAULT = " or ".join(number(endpoint.usual_margin) for endpoint in (Endpoint.TARGET, Endpoint.PAIRWISE))
"""The acceptable drop that each way of comparing has by itself."""


def scenario_sentence(recommendation: Recommendation, case: BusinessCase) -> str:
    """What moves, what that saves and when it has paid for itself."""
    moved, total = sum(d.chosen is not None for d in recommendation.use_cases), len(recommendation.use_cases)
    if not moved:
        return f"Nothing moves: 0 of {count(total, 'use case')}"
    monthly = recommendation.bill.monthly
    if monthly and unpaid(recommendation, case):
        return f"{moved} of {count(total, 'use case')} can move and {saves(recommendation, case)}."
    unless = f", unless {bare_id(case.inputs.tested_first)} passes its test" if case.inputs.tested_first else ""
    saved = f"{upper(saves(recommendation, case))}{unless}." if monthly else "The saving is unknown."
    back = f" {payback_sentence(case)}" if monthly else ""
    return f"Move {moved} of {count(total, 'use case')}. {saved}{back}"


def usual_drop(endpoints: Iterable[Endpoint]) -> str:
    """The same of these use cases alone, in points."""
    found = {number(endpoint.usual_margin) for endpoint in endpoints}
    return found.pop() if len(found) == 1 else DEFAULT


def accepted_words(drops: Sequence[tuple[str, Endpoint, float]]) -> str:
    """The drop that each use case (name, endpoint, fraction) accepts, before a run is started."""
    groups: dict[float, list[str]] = {}
    for name, _, margin in drops:
        groups.setdefault(margin, []).append(name)
    parts = [
        f"{pts(margin)} in {names[0] if len(names) == 1 else count(len(names), 'use case')}"
        for margin, names in groups.items()
    ]
    drop = pts(drops[0][2]) if len(groups) == 1 else listing(parts)
    return f"You accept a quality drop of {drop}. A use case that may drop further stays on today's model."


def point_words(endpoints: Iterable[Endpoint]) -> str:
    """What a point of that drop is in answers; a win rate falls by one where 2 more of 100 are worse than better."""
    found, wrong, worse = set(endpoints), "1 more is wrong", "it loses 2 more than it wins"
    if found == {Endpoint.PAIRWISE}:
        return f"1 pt: of 100 comparisons, {worse}."
    return f"1 pt: of 100 answers, {wrong}{f' (compared by a judge: {worse})' * (Endpoint.PAIRWISE in found)}."


def labels_note(drops: Set[tuple[float, float]]) -> str:
    """What taking logged labels as right changes; the acceptable drops now and then of the use cases, as fractions."""
    text = "Needs no judge, but every other label counts as wrong, even a better one."
    changed = [(drop, then) for drop, then in drops if then != drop]
    if not changed:
        return text
    if len(drops) > 1:
        return f"{text} The acceptable drop changes, so a run needs more samples."
    drop, then = changed[0]
    return f"{text} Acceptable drop: {pts(then)} instead of {pts(drop)}, so a run needs more samples."


def baseline_note(use_cases: Sequence[str], drops: Set[tuple[float, float]]) -> str:
    """What asking today's model live changes; ``drops``: accepted by now, as fractions, and then."""
    changed = [f", with an acceptable drop of {pts(then)} instead of {pts(now)}" for now, then in drops if now != then]
    is_are, drop = "is" if len(use_cases) == 1 else "are", changed[0] if len(changed) == len(drops) == 1 else ""
    return f"{listing(use_cases)} {is_are} then scored by agreement with today's model{drop}."


def labels_taken(use_cases: Sequence[str], drops: Set[float]) -> str:
    """What the click did; ``drops``: those that are acceptable now."""
    told = f", acceptable drop {pts(next(iter(drops)))}" if len(drops) == 1 else ""
    return (
        f"The logged labels of {listing(use_cases)} are reference answers now{told}. "
        "Run shows what that changes in samples and price. You can go back to a judge under Change on Use cases."
    )


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
    if not changed and limits.use_cases == planned.use_cases:  # the usual drop, and the same one chosen
        return ""
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


def frontier_title(crossings: Sequence[Crossing], moving: int, last: str = "") -> str:
    """The take-away: how far a wider drop leads. ``moving``: use cases that move already; ``last``: until when."""
    most = max((len(each.moves) for each in crossings), default=0)
    if not most:
        return "No acceptable drop up to here lets a use case move"
    first = next(each for each in crossings if len(each.moves) == most)
    who = f"{count(most, 'use case')} can move from a drop of {pts(first.margin)} on"
    if most <= moving:
        return f"{who}, no more up to {pts(crossings[-1].margin)}"
    return f"{who}{f' and save {dollars(first.savings_usd.point)} a month{last}' if first.savings_usd else ''}"


def frontier_alt(crossings: Sequence[Crossing], title: str) -> str:
    """The steps of the frontier in words."""
    steps = "; ".join(
        f"{pts(each.margin)}: {moves_words(each)}"
        for before, each in zip([None, *crossings], crossings, strict=False)
        if before is None or before.moves != each.moves
    )
    return f"{title}. By acceptable drop: {steps}."


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
