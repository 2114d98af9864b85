"""The noise floor: the live baseline beside its own second answers, and how often a lane changes its mind."""

from collections.abc import Iterator

from advisor.analysis.statistics.noise import NoiseFloor, noise_floor
from advisor.judge.endpoints import endpoint_of
from advisor.judge.pairs import score_against
from advisor.judge.run_facts import RunFacts
from advisor.scoring.judge import parse_judgement, score_panel
from advisor.store.run.generations import CallKey
from advisor.types import Answer, Endpoint, Judgement, Lane, StoredSample, UseCase
from advisor.types.enums import About

Round = tuple[float | None, float | None]
"""Scores of the first and the second answer; by a judge a tie and what it says of the second."""


def noise_of(facts: RunFacts, use_case: UseCase) -> NoiseFloor | None:
    """The floor of one use case; None where the baseline was not asked twice."""
    return noise_floor(_rounds(facts, use_case))


def measure_noise(facts: RunFacts) -> NoiseFloor | None:
    """Pooled over the run; None where the baseline was not asked twice."""
    known = [use_case for use_case in facts.use_cases if not use_case.ignored]
    return noise_floor(each for use_case in known for each in _rounds(facts, use_case))


def _rounds(facts: RunFacts, use_case: UseCase) -> Iterator[Round]:
    if facts.run.baseline_lane is Lane.RECORDED or (
        facts.run.options.repeats.epochs < 2 and not facts.run.options.repeats.repeated
    ):
        return
    endpoint = endpoint_of(use_case, facts.run.baseline_lane)
    if endpoint is Endpoint.PAIRWISE:
        yield from _judged(facts, use_case)
        return
    for sample in facts.samples_of(use_case):
        answers = [facts.baseline(sample, epoch).answer for epoch in (1, 2)]
        if all(answer is not None for answer in answers):
            first, second = (score_against(endpoint, use_case, sample, answer) for answer in answers)
            if first is not None and second is not None:
                yield first.value, second.value


def _judged(facts: RunFacts, use_case: UseCase) -> Iterator[Round]:
    said: dict[int, dict[int, list[Judgement]]] = {}
    for key, generation in facts.besides.items():
        sample = facts.samples.get(key.sample_id)
        if (
            key.subject.about is About.REPEAT
            and sample is not None
            and sample.use_case == use_case.name
            and generation.answer
        ):
            judgement = parse_judgement(generation.answer.text, candidate_first=key.subject.candidate_first)
            said.setdefault(key.sample_id, {}).setdefault(key.model_id, []).append(judgement)
    for by_judge in said.values():
        yield 0.5, score_panel(list(by_judge.values())).value


def flips_of(
    facts: RunFacts, use_case: UseCase, endpoint: Endpoint, samples: list[StoredSample], lane: Lane, model_id: int
) -> tuple[int, int] | None:
    """(samples on which a lane changed its mind, samples answered repeatedly); None where nothing was.

    Where right answers decide, a change is another score; elsewhere another text, but for case and white space.
    """
    changed = repeated = 0
    for sample in samples:
        keys = (CallKey(sample.id, lane, model_id, epoch) for epoch in range(1, facts.run.options.repeats.epochs + 1))
        given = [facts.generations[key].answer for key in keys if key in facts.generations]
        answers = [answer for answer in given if answer is not None]
        if len(answers) < 2 or (endpoint is Endpoint.TARGET and sample.reference is None):
            continue
        if endpoint is Endpoint.TARGET:
            scores = (score_against(endpoint, use_case, sample, answer) for answer in answers)
            different = len({score.value for score in scores if score is not None}) > 1
        else:
            different = len({_normalised(answer) for answer in answers}) > 1
        changed, repeated = changed + different, repeated + 1
    return (changed, repeated) if repeated else None


def _normalised(answer: Answer) -> tuple[object, ...]:
    return (" ".join((answer.text or "").casefold().split()), answer.tool_calls)
