"""Pairs of answers as text: any that are asked for, and three for the report (a loss, a win and a draw)."""

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.collect.readable import prompt_text, reference_text, text_of
from advisor.judge.run_facts import RunFacts
from advisor.types import (
    Endpoint,
    Evidence,
    Example,
    Recommendation,
    StoredModel,
    StoredSample,
    UseCaseDecision,
)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A pair with who was better: 1 the candidate, 0 the baseline, 0.5 neither."""

    sample: StoredSample
    model: StoredModel
    outcome: float


def choose_examples(facts: RunFacts, recommendation: Recommendation) -> tuple[Example, ...]:
    """A loss, a win and a draw: from use cases that move where they have one, and from different ones."""
    moving = {decision.name: decision.chosen for decision in recommendation.use_cases if decision.target}
    shortest: dict[tuple[float, str], tuple[int, Compared]] = {}
    for pair in compared_pairs(facts, recommendation):
        if moving.get(pair.sample.use_case or "", pair.model.name) != pair.model.name:
            continue
        length, group = len(prompt_text(pair.sample.request.messages)), (pair.outcome, pair.sample.use_case or "")
        if group not in shortest or length < shortest[group][0]:
            shortest.pop(group, None)  # in the order of pairs
            shortest[group] = length, pair
    examples: list[Example] = []
    used: set[str] = set()
    for outcome in (0.0, 1.0, 0.5):
        found = [(each[1].sample.use_case, *each) for (how, _), each in shortest.items() if how == outcome]
        if found:
            *_, pair = min(found, key=lambda each: (each[0] not in moving, each[0] in used, each[1]))
            used.add(pair.sample.use_case or "")
            examples.append(show_pair(facts, pair))
    return tuple(examples)


def compared_pairs(facts: RunFacts, recommendation: Recommendation) -> Iterator[Compared]:
    """Every pair with an outcome, the chosen candidates first."""
    by_name = {decision.name: decision for decision in recommendation.use_cases}
    chosen = {decision.chosen for decision in recommendation.use_cases}
    for model in sorted(facts.candidates, key=lambda model: model.name not in chosen):
        for sample in facts.samples.values():
            decision = by_name.get(sample.use_case or "")
            outcome = _outcome(facts, sample, model, decision) if decision else None
            if outcome is not None:
                yield Compared(sample=sample, model=model, outcome=outcome)


def show_pair(facts: RunFacts, pair: Compared) -> Example:
    """A pair as text."""
    return Example(
        use_case=pair.sample.use_case or "",
        model=pair.model.name,
        prompt=prompt_text(pair.sample.request.messages),
        baseline=text_of(facts.baseline(pair.sample).answer),
        candidate=text_of(facts.candidate(pair.sample, pair.model).answer),
        outcome=pair.outcome,
        reference=reference_text(pair.sample.reference.value) if pair.sample.reference else "",
        illustrative=pair.model.illustrative,
    )


def _outcome(facts: RunFacts, sample: StoredSample, model: StoredModel, decision: UseCaseDecision) -> float | None:
    source = next((a.quality.evidence for a in decision.candidates if a.model == model.name), Evidence.NONE)
    y = facts.candidate_y(sample, model.id, decision.endpoint, source)
    if source in (Evidence.JUDGE, Evidence.REVIEWS):
        judged = facts.score(sample, model.id, Endpoint.PAIRWISE.value)
        return facts.reviews.get((sample.id, model.id), judged.value if judged else None)
    if y is None or not text_of(facts.candidate(sample, model).answer):
        return None
    if decision.endpoint is Endpoint.PAIRWISE:
        return y
    score = facts.score(sample, facts.baseline_id, decision.endpoint.value)
    if score is None or score.value is None:
        return None
    return 0.5 if y == score.value else float(y > score.value)
