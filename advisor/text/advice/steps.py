"""The next steps in words; each says the same on every page."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from advisor.text.advice.judges import judge_clause
from advisor.text.advice.obstacles import more_needed
from advisor.text.advice.reasons import or_review
from advisor.text.gates import REMEDIES, hold_remedy
from advisor.text.messages import Words, worded
from advisor.text.names import GATES, SHARED_MANY, bare_id, short_name
from advisor.text.numbers import about, all_of, count, day_of, dollars, listing, saving
from advisor.types import GateName, Grouping, Message, Money, Report, Step, UseCaseDecision
from advisor.types.reports import cases_of


def next_steps(report: Report) -> list[str]:
    """What to do now."""
    return [step_words(report, step) for step in report.plan.next_steps]


def step_words(report: Report, step: Message) -> str:
    """One of the next steps of a report."""
    if step.code not in _OF_USE_CASE:
        return worded(_STEPS, step)
    decisions = {decision.name: decision for decision in report.recommendation.use_cases}
    return worded(_OF_USE_CASE, step, decision=decisions[step.values["use_case"]])


def step_for(report: Report, use_case: str) -> Message | None:
    """The next step that a use case waits for; None: it waits for none."""
    steps = (step for step in report.plan.next_steps if step.code not in _OF_MODELS)
    return next((step for step in steps if use_case in cases_of(step)), None)


def _import(decision: UseCaseDecision, **v: Any) -> str:
    more, reviewed = _more_samples(decision, **v)
    return f"{decision.name} needs {more}, and the log has too few. Import more, then replay {v['model']}.{reviewed}"


def _replay(decision: UseCaseDecision, **v: Any) -> str:
    more, reviewed = _more_samples(decision, **v)
    return f"Replay {v['model']} on {more} of {decision.name}.{reviewed}"


def _more_samples(decision: UseCaseDecision, model: str, n: int, reviews: int | None, **_: Any) -> tuple[str, str]:
    """(the same number as next to the candidate's verdict, how many pairs to review)."""
    tried = next((a for a in decision.candidates if a.model == model), None)
    still = (tried and more_needed(tried)) or n
    reviewed = "" if reviews is None else f" Review {about(math.ceil(still * reviews / n), 'pair')}."
    return about(still, "more sample"), reviewed


def _mend(decision: UseCaseDecision, **_: Any) -> str:
    """What may lift the hold on a move."""
    shown = decision.shown
    assert shown is not None
    held = next(caveat for caveat in shown.caveats if caveat.holds)
    return f"Before {decision.name} can move to {shown.model}, {hold_remedy(held)}."


def _shadow(use_case: str, model: str, savings_usd: Mapping[str, float] | None) -> str:
    gain = f" (would {saving(Money(**savings_usd))})" if savings_usd else ""
    return f"Start the shadow phase of {use_case} with {model}{gain}."


def _review(pairs: int, more: bool, use_cases: Sequence[str]) -> str:
    """``pairs``: 0 where nobody knows how many, as nearly all so far were ties."""
    names = f"{listing(use_cases)} {'is' if len(use_cases) == 1 else 'are'}"
    if not pairs:
        return f"Review more pairs blind: nearly all so far are ties, so {names} still provisional."
    wanted = count(pairs, "more pair" if more else "pair")
    return f"Review {wanted} blind. Until then {names} provisional, on the judge's votes alone."


def _better_judge(pairs: int, use_cases: Sequence[str], state: str = "", judges: Sequence[str] = (), **v: Any) -> str:
    why = f": {judge_clause(state, judges, **(v | {'example': ''}))}" if state else ""
    return f"Add another judge for {listing(use_cases)}{or_review(pairs, use_cases)}{why}."


def _other_candidate(use_cases: Sequence[str], model: str | None = None, gate: str | None = None) -> str:
    tried = f"Try another candidate for {listing(use_cases)}"
    if gate is not None:
        name = GateName(gate)
        return f"{tried}: the guardrail “{GATES[name]}” blocks {model}. {REMEDIES[name]}"
    return f"{tried}: more samples won't prove {model}." if model else f"{tried}."


_OF_MODELS = (Step.TEST_CHEAPER, Step.SHADOW, Step.REAL_CANDIDATE, Step.SUCCESSOR, Step.FINE_TUNE)
"""They name use cases, but don't decide them."""


_FIXES = {
    GateName.VALIDITY: "Fix the output format (by prompt or parameters)",
    GateName.TRUNCATION: "Raise the output token limit",
}


def _test_cheaper(model: str, use_cases: Sequence[str], of: int, baseline: str = "", on: str | None = None) -> str:
    where = all_of(of) if 1 < len(use_cases) == of else listing(use_cases)
    return f"Test {bare_id(model)} on {where}{f': {short_name(baseline)} ends on {day_of(on)}' if on else ''}."


_OF_USE_CASE: Words = {Step.CAVEAT: _mend, Step.IMPORT: _import, Step.REPLAY: _replay}
_STEPS: Words = {
    Step.STAY: lambda baselines, usd: (
        f"Stay on {listing([short_name(each) for each in baselines])}: a move saves less than {dollars(usd)} a month."
    ),
    Step.FINISH_RUN: "Finish the run. Only missing calls are made and paid for.",
    Step.REVIEW: _review,
    Step.BETTER_JUDGE: _better_judge,
    Step.ASK_JUDGE: lambda judges, use_cases: (
        f"Ask {listing(judges)} about {listing(use_cases)}. A replay reuses the answers and calls only the judge."
    ),
    Step.EXAMINE: lambda least, use_cases: (
        f"Start a replay, so the judge takes its exam for {listing(use_cases)} ({least} control pairs)."
    ),
    Step.SHADOW: _shadow,
    Step.REAL_CANDIDATE: lambda use_cases: (
        f"Test a real model on {listing(use_cases)}: these answers are pre-recorded."
    ),
    Step.TEST_CHEAPER: _test_cheaper,
    Step.SUCCESSOR: lambda baseline, successor, on, use_cases: (
        f"Test {successor} on {listing(use_cases or ['your log'])}: {short_name(baseline)} ends on {day_of(on)}."
    ),
    Step.LICENCE: "Have the license conditions checked before customer traffic moves.",
    Step.ADD_JUDGE: lambda use_cases: f"Add a judge or review pairs for {listing(use_cases)}.",
    Step.DIFFERING: lambda use_cases: (
        f"Add a judge for {listing(use_cases)}, or review the answers that differ from the baseline's."
    ),
    Step.REVIEW_PAIRS: lambda pairs, use_case, model: f"Review {count(pairs, 'more pair')} of {use_case} with {model}.",
    Step.MISSING_VOTES: lambda use_cases: (
        f"Start a replay for {listing(use_cases)}: it asks the judge for the votes that are missing."
    ),
    Step.OTHER_LIMIT: lambda model, use_cases, smaller=False: (
        f"Accept a smaller drop for {listing(use_cases)}: at this one, a model that is mostly wrong could pass."
        if smaller
        else f"Accept a larger drop for {listing(use_cases)}, or try another candidate. {model} is too close to settle "
        "with more samples."
    ),
    Step.OTHER_CANDIDATE: _other_candidate,
    Step.FIX_CALLS: lambda model, use_cases: (
        f"Check the key, model ID and parameters of {model}, then replay {listing(use_cases)}."
    ),
    Step.OTHER_SAMPLES: lambda of, use_cases: (
        f"Import samples of {listing(use_cases)} from other {SHARED_MANY[Grouping(of)]}. More of the same don't help."
    ),
    Step.STEADY: lambda use_cases: (
        f"Answers of {listing(use_cases)} changed during the run. Find out why, then replay without stopping early."
    ),
    Step.REFERENCES: lambda model, use_cases: (
        f"Check the reference answers of {listing(use_cases)}, or add a judge: they can't tell good answers from bad."
    ),
    Step.READ_REFUSALS: lambda use_cases, more=False: (
        f"Have a judge check {'more ' if more else ''}answers of {listing(use_cases)} for refusals. A replay reuses "
        "the answers."
    ),
    Step.MEASURE_TIMES: lambda use_cases: (
        f"Replay {listing(use_cases)} through a model with measurable latency, or remove the latency limit. Time to "
        "first token needs streaming."
    ),
    Step.FIX_FORM: lambda model, gate, use_cases: (
        f"{_FIXES[GateName(gate)]} of {model} for {listing(use_cases)}, then replay: it fails on "
        f"{GATES[GateName(gate)].lower()}."
    ),
    Step.FINE_TUNE: lambda use_cases: f"Or fine-tune a candidate for {listing(use_cases)}.",
    Step.NEW_CANDIDATE: "Try another candidate when one appears. The study reruns with the same samples.",
}
