"""Blind judging of pairs by people."""

import random
from dataclasses import dataclass

from advisor.store import Store
from advisor.store.generations import list_pairs, load_generations
from advisor.store.logs import load_samples
from advisor.store.scores import add_reviews, load_reviews
from advisor.store.use_cases import list_use_cases
from advisor.study.endpoints import endpoint_of
from advisor.study.examples import prompt_text
from advisor.study.results import text_of
from advisor.types import Endpoint, Lane, Preference, Run, Sample, Study


@dataclass(frozen=True, kw_only=True)
class BlindPair:
    """Two answers in a random order that the reviewer cannot tell apart."""

    sample_id: int
    model_id: int
    use_case: str
    prompt: str
    first: str
    second: str
    candidate_first: bool
    done: int
    """Pairs this reviewer has judged."""
    left: int


def next_pair(store: Store, study: Study, run: Run, *, reviewer: str, use_case: str | None = None) -> BlindPair | None:
    """A pair that nobody has reviewed, else one this reviewer has not; None when all are done.

    Only use cases that are decided pairwise are offered; the order of pairs is random but fixed for each
    reviewer, so that the reviewed ones are a random subset.
    """
    reviews = load_reviews(store, run.id)
    mine = {(sample_id, model_id) for sample_id, model_id, _, by in reviews if by == reviewer}
    anyone = {(sample_id, model_id) for sample_id, model_id, *_ in reviews}
    names = [
        case.name
        for case in list_use_cases(store, study.id)
        if endpoint_of(case, run.baseline_lane) is Endpoint.PAIRWISE
        and not case.ignored
        and use_case in (None, case.name)
    ]
    pairs = list_pairs(store, run.id, names)
    random.Random(f"{run.id}:{reviewer}").shuffle(pairs)
    open_pairs = sorted((pair for pair in pairs if pair not in mine), key=lambda pair: pair in anyone)
    for place, (sample_id, model_id) in enumerate(open_pairs):
        sample, baseline, candidate = _load_pair(store, run, sample_id, model_id)
        if not baseline or not candidate:
            continue  # one side has nothing to show
        candidate_first = random.Random(f"{run.id}:{reviewer}:{sample_id}:{model_id}").random() < 0.5
        return BlindPair(
            sample_id=sample_id,
            model_id=model_id,
            use_case=sample.use_case or "",
            prompt=prompt_text(sample.request.messages),
            first=candidate if candidate_first else baseline,
            second=baseline if candidate_first else candidate,
            candidate_first=candidate_first,
            done=len(pairs) - len(open_pairs),
            left=len(open_pairs) - place,
        )
    return None


def _load_pair(store: Store, run: Run, sample_id: int, model_id: int) -> tuple[Sample, str, str]:
    """One sample with the baseline's and the candidate's first answer as text; empty where there is none."""
    (sample,) = load_samples(store, [sample_id])
    answers = {
        key.lane: text_of(generation.answer)
        for key, generation in load_generations(
            store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=[sample_id]
        )
        if key.epoch == 1 and (key.lane is Lane.BASELINE or key.model_id == model_id)
    }
    recorded = run.baseline_lane is Lane.RECORDED
    baseline = text_of(sample.answer) if recorded else answers.get(Lane.BASELINE, "")
    return sample, baseline, answers.get(Lane.CANDIDATE, "")


def save_review(store: Store, run: Run, pair: BlindPair, choice: str, *, reviewer: str) -> None:
    """Keep a reviewer's choice: ``first``, ``second`` or ``tie``."""
    if choice == "tie":
        preference = Preference.TIE
    else:
        preference = Preference.CANDIDATE if (choice == "first") == pair.candidate_first else Preference.BASELINE
    add_reviews(store, run.id, [(pair.sample_id, pair.model_id, preference)], reviewer=reviewer)
