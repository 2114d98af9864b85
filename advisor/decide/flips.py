"""How often a lane changes its mind when the same sample is asked again."""

from advisor.judge.pairs import score_against
from advisor.judge.run_facts import RunFacts
from advisor.store.run.generations import CallKey
from advisor.types import Answer, Endpoint, Lane, StoredSample, UseCase


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
