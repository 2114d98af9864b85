"""Blind judging of pairs by people."""

import random
from dataclasses import dataclass

from advisor.store import Store
from advisor.store.scores import add_reviews, load_reviews
from advisor.study.endpoints import endpoint_of
from advisor.study.evidence import RunFacts
from advisor.study.examples import prompt_text
from advisor.study.results import text_of
from advisor.types import Endpoint, Preference, Run, Study


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
    facts = RunFacts(store, study, run)
    reviews = load_reviews(store, run.id)
    mine = {(sample_id, model_id) for sample_id, model_id, _, by in reviews if by == reviewer}
    anyone = {(sample_id, model_id) for sample_id, model_id, *_ in reviews}
    names = {
        case.name
        for case in facts.use_cases
        if endpoint_of(case, run.baseline_lane) is Endpoint.PAIRWISE and not case.ignored
    }
    rng = random.Random(f"{run.id}:{reviewer}")
    pairs = []
    for sample in facts.samples.values():
        if sample.use_case not in names or (use_case and sample.use_case != use_case):
            continue
        baseline = text_of(facts.baseline(sample).answer)
        for model in facts.candidates:
            candidate = text_of(facts.candidate(sample, model).answer)
            if baseline and candidate:
                pairs.append((sample, model.id or 0, baseline, candidate))
    rng.shuffle(pairs)
    open_pairs = [pair for pair in pairs if (pair[0].id or 0, pair[1]) not in mine]
    open_pairs.sort(key=lambda pair: (pair[0].id or 0, pair[1]) in anyone)
    if not open_pairs:
        return None
    sample, model_id, baseline, candidate = open_pairs[0]
    candidate_first = random.Random(f"{run.id}:{reviewer}:{sample.id}:{model_id}").random() < 0.5
    first, second = (candidate, baseline) if candidate_first else (baseline, candidate)
    return BlindPair(
        sample_id=sample.id or 0,
        model_id=model_id,
        use_case=sample.use_case or "",
        prompt=prompt_text(sample.request.messages),
        first=first,
        second=second,
        candidate_first=candidate_first,
        done=len(pairs) - len(open_pairs),
        left=len(open_pairs),
    )


def save_review(store: Store, run: Run, pair: BlindPair, choice: str, *, reviewer: str) -> None:
    """Keep a reviewer's choice: ``first``, ``second`` or ``tie``."""
    if choice == "tie":
        preference = Preference.TIE
    else:
        preference = Preference.CANDIDATE if (choice == "first") == pair.candidate_first else Preference.BASELINE
    add_reviews(store, run.id, [(pair.sample_id, pair.model_id, preference)], reviewer=reviewer)
