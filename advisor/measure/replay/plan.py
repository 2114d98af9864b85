"""Which calls a run makes, as keys, in an order that is random but fixed by the seed; no text is loaded."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter

from advisor.analysis.sampling import asking_order, share_of_model
from advisor.judge.subject import AUDIT, Subject, both_orders
from advisor.store.generations import CallKey
from advisor.types import Lane, Model, Role, Run


def lanes_of(run: Run, models: Sequence[Model]) -> list[tuple[Lane, Model]]:
    """The lanes that are replayed: every candidate, and the baseline unless its recorded answers serve."""
    lanes = [(Lane.CANDIDATE, model) for model in models if model.role is Role.CANDIDATE]
    if run.baseline_lane is Lane.BASELINE:
        lanes += [(Lane.BASELINE, model) for model in models if model.role is Role.BASELINE]
    return lanes


def plan_calls(
    use_cases: Mapping[int, str], lanes: Sequence[tuple[Lane, Model]], *, epochs: int, repeated: int, seed: int
) -> list[CallKey]:
    """Every call of the baseline and candidate lanes; ``use_cases`` is by sample id, in order of id.

    With one epoch the baseline is asked about ``repeated`` samples a second time.
    """
    keys = [
        CallKey(sample_id, lane, model.id or 0, epoch)
        for lane, model in lanes
        for sample_id in share_of_model(use_cases, model.max_samples, seed)
        for epoch in range(1, epochs + 1)
    ]
    if epochs == 1:
        keys += [
            CallKey(sample_id, lane, model.id or 0, 2)
            for lane, model in lanes
            if lane is Lane.BASELINE
            for sample_id in share_of_model(use_cases, repeated, seed)
        ]
    random.Random(seed).shuffle(keys)
    return keys


def plan_audits(
    use_cases: Mapping[int, str], candidates: Iterable[Model], each: int, seed: int
) -> dict[int, tuple[int, ...]]:
    """Sample id -> the candidates with an answer to it that a judge reads: ``each`` answers of every candidate.

    A random part of each use case (by sample id), as many of one as of another as far as it has samples.
    """
    order = asking_order(use_cases, seed)
    found: dict[int, tuple[int, ...]] = {}
    for model in candidates:
        share = set(share_of_model(use_cases, model.max_samples, seed))
        place: Counter[str] = Counter()
        asked = []
        for sample_id in order:
            if sample_id in share:
                place[use_cases[sample_id]] += 1
                asked.append((place[use_cases[sample_id]], sample_id))
        for _, sample_id in sorted(asked, key=itemgetter(0))[:each]:
            found[sample_id] = (*found.get(sample_id, ()), model.id or 0)
    return found


def plan_judge_calls(asked: Iterable[tuple[int, Subject]], judges: Sequence[Model], seed: int) -> list[CallKey]:
    """The calls of every judge about these subjects, by sample id; both orders of what is compared."""
    keys = [
        CallKey(sample_id, Lane.JUDGE, judge.id or 0, 1, str(subject))
        for sample_id, about in asked
        for judge in judges
        for subject in ([about] if about.about == AUDIT else both_orders(about))
    ]
    random.Random(seed).shuffle(keys)
    return keys
