"""The answer cache: what an earlier run of the study was answered is not asked, and not paid, again."""

from collections.abc import Sequence
from dataclasses import replace

from advisor.replay.loading import BATCH, Loader
from advisor.store import Store
from advisor.store.generations import CallKey, save_generations
from advisor.store.known_answers import find_answers
from advisor.store.runs import list_runs
from advisor.types import Run


def reuse_answers(store: Store, run: Run, loader: Loader, keys: Sequence[CallKey]) -> list[CallKey]:
    """Store the answers that earlier runs have to these calls; returns the keys of the calls that must be made."""
    if run.fresh or len(list_runs(store, run.study_id)) < 2:
        return list(keys)
    known: set[CallKey] = set()
    for start in range(0, len(keys), BATCH):
        calls = loader.load(keys[start : start + BATCH])
        found = find_answers(store, run, [call.digest for call in calls])
        reused = [replace(found[call.digest], key=call.key) for call in calls if call.digest in found]
        save_generations(store, run.id, reused)
        known.update(stored.key for stored in reused)
    return [key for key in keys if key not in known]
