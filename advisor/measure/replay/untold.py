"""Answers whose provider told no usage: what they cost is not known, and still counts against a budget."""

from advisor.measure.replay.budget import likely_usd
from advisor.measure.replay.loading import BATCH, Loader
from advisor.store import Store
from advisor.store.generations import load_generations
from advisor.store.tallies import list_without_usage
from advisor.types import Lane, Run


def untold_usd(store: Store, run: Run, loader: Loader) -> float:
    """What the stored answers of a run are likely to have cost, in dollars, beside those whose cost is known.

    0 where the run has no budget.
    """
    keys = list_without_usage(store, run.id) if run.budget_usd is not None else []
    total = 0.0
    for start in range(0, len(keys), BATCH):
        calls = {call.key: call for call in loader.load(keys[start : start + BATCH])}
        samples = sorted({key.sample_id for key in calls})
        stored = load_generations(store, run.id, lanes=list(Lane), sample_ids=samples)
        total += sum(likely_usd(calls[key], generation) for key, generation in stored if key in calls)
    return total
