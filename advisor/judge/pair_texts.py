"""The two answers of a pair as text, next to the request."""

from collections.abc import Collection
from dataclasses import dataclass

from advisor.collect.readable import text_of
from advisor.judge.agreement import PairKey
from advisor.store import Store
from advisor.store.engine import in_parts
from advisor.store.generations import load_generations
from advisor.store.logs import load_samples
from advisor.types import Lane, Run, Sample


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """One sample with the baseline's and a candidate's first answer as text; empty where there is none."""

    sample: Sample
    baseline: str
    candidate: str


def load_texts(store: Store, run: Run, pairs: Collection[PairKey]) -> dict[PairKey, SideBySide]:
    """The texts of some pairs of a run; nothing else is read."""
    ids = sorted({sample_id for sample_id, _ in pairs})
    samples = {sample.id or 0: sample for sample in load_samples(store, ids)}
    answers: dict[tuple[int, int | None], str] = {}
    for some in in_parts(ids):
        for key, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE, Lane.BASELINE], sample_ids=some):
            side = key.model_id if key.lane is Lane.CANDIDATE else None
            if key.epoch == 1:
                answers[(key.sample_id, side)] = text_of(generation.answer)
    recorded = run.baseline_lane is Lane.RECORDED
    return {
        pair: SideBySide(
            sample=samples[pair[0]],
            baseline=text_of(samples[pair[0]].answer) if recorded else answers.get((pair[0], None), ""),
            candidate=answers.get(pair, ""),
        )
        for pair in pairs
        if pair[0] in samples
    }
