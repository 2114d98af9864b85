"""What a run takes over from stored answers, and what it counts of a process that died."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from advisor.measure.replay.budget import likely_usd
from advisor.measure.replay.calls import Call
from advisor.measure.replay.loading import BATCH, Loader
from advisor.measure.replay.writer import BEHIND_S
from advisor.store import Store
from advisor.store.run.generations import CallKey, Subject, load_generations, save_generations
from advisor.store.run.known_answers import KnownAnswer, list_known, load_known
from advisor.store.run.runs import list_runs
from advisor.store.run.samples import map_requests
from advisor.store.run.tallies import list_without_usage, median_latency_s
from advisor.types import Lane, Run


class Reuse:
    """What the calls of a run take over from stored answers.

    Each draw of a request has an answer of its own: no stored one serves two draws of a run, and a draw's own earlier
    answer goes before any other to the same request. A judge's word on a pair holds for all equal pairs.
    """

    def __init__(self, store: Store, run: Run, planned: Collection[CallKey]) -> None:
        """``planned`` are the run's calls to models but judges, whose own earlier answers are kept for them."""
        self._store, self._run, self._planned = store, run, planned
        self._taken: dict[tuple[str, datetime], CallKey] = {}
        self._has_earlier = not run.options.fresh and len(list_runs(store, run.study_id)) > 1
        requests = map_requests(store, run.id)
        counts = Counter(requests.values())
        self._repeated = {sample_id for sample_id, digest in requests.items() if counts[digest] > 1}

    def find(self, calls: Iterable[Call]) -> dict[CallKey, KnownAnswer]:
        """The stored answers that these calls take; none that an earlier call of this method took."""
        keys: dict[str, list[CallKey]] = {}
        for call in calls:
            keys.setdefault(call.digest, []).append(call.key)
        found: dict[CallKey, KnownAnswer] = {}
        for digest, answers in list_known(self._store, self._run, keys).items():
            if keys[digest][0].lane is not Lane.JUDGE:
                found |= {} if self._run.options.fresh else self._draw_by_draw(keys[digest], answers)
            elif usable := [each for each in answers if each.key_here or not self._run.options.fresh]:
                found |= dict.fromkeys(keys[digest], usable[0])
        return found

    def _draw_by_draw(self, keys: Collection[CallKey], answers: Sequence[KnownAnswer]) -> dict[CallKey, KnownAnswer]:
        own: dict[CallKey, KnownAnswer] = {}
        others: list[KnownAnswer] = []
        has_one = {self._taken.get(each.mark) or each.key_here for each in answers}
        for each in answers:
            if each.key_here or each.mark in self._taken:
                continue
            waiting = (k for k in sorted(each.keys) if k in self._planned and k not in own and k not in has_one)
            if (owner := next(waiting, None)) is not None:
                own[owner] = each
            else:
                others.append(each)
        found = {key: own[key] for key in keys if key in own}
        found |= zip(sorted(set(keys) - own.keys()), others, strict=False)
        self._taken |= {each.mark: key for key, each in found.items()}
        return found

    def take_over(self, keys: Sequence[CallKey], loader: Loader) -> tuple[list[CallKey], list[CallKey]]:
        """Store the answers that there are to these calls; returns those that must be made.

        The second list are judges' calls that ask the same of another draw as one of the first: its answer will be
        theirs.
        """
        may_know = [
            key for key in keys if self._has_earlier or (key.lane is Lane.JUDGE and key.sample_id in self._repeated)
        ]
        may_know.sort()
        known: set[CallKey] = set()
        asked: dict[CallKey, tuple[str, Subject]] = {}
        for start in range(0, len(may_know), BATCH):
            calls = loader.load(may_know[start : start + BATCH])
            found = self.find(calls)
            rows = load_known(self._store, {answer.id for answer in found.values()})
            reused = [replace(rows[answer.id], key=key) for key, answer in found.items() if answer.id in rows]
            save_generations(self._store, self._run, reused)
            known.update(stored.key for stored in reused)
            asked |= {call.key: asked_of_judge(call) for call in calls if call.key.lane is Lane.JUDGE}
        first: list[CallKey] = []
        equal: list[CallKey] = []
        seen: set[tuple[str, Subject]] = set()
        for key in keys:
            if key not in known:
                what = asked.get(key)
                (equal if what in seen else first).append(key)
                if what is not None:
                    seen.add(what)
        return first, equal


def asked_of_judge(call: Call) -> tuple[str, Subject]:
    """Equal for a judge's calls about equal pairs, each order on its own."""
    return call.digest, call.key.subject


LATE_S = 0.1
"""Within which an answer is stored: 50 ms, and what the commit takes."""


def last_unstored_s(before: Run) -> float:
    """Of how many last seconds the answers may be lost: 0 where the last process that worked on a run ended it."""
    if before.state.owner is None or before.state.finished_at is not None:
        return 0.0
    is_store_shut = (
        before.state.error is not None
    )  # else it was killed; calls went on until the store was seen to refuse
    return LATE_S + BEHIND_S if is_store_shut else LATE_S


def most_lost(store: Store, run: Run, *, in_flight: int, unstored_s: float) -> int:
    """The most calls that a killed process can lose: those in flight, and answers on their way to the store."""
    latency_s = median_latency_s(store, run.id) or LATE_S / 2
    return in_flight + math.ceil(in_flight * unstored_s / latency_s)


def untold_usd(store: Store, run: Run, loader: Loader) -> float:
    """What the stored answers of a run are likely to have cost, in dollars, beside those whose cost is known.

    0 where the run has no budget.
    """
    keys = list_without_usage(store, run.id) if run.options.budget_usd is not None else []
    total = 0.0
    for start in range(0, len(keys), BATCH):
        calls = {call.key: call for call in loader.load(keys[start : start + BATCH])}
        samples = sorted({key.sample_id for key in calls})
        stored = load_generations(store, run.id, lanes=list(Lane), sample_ids=samples)
        total += sum(likely_usd(calls[key], generation) for key, generation in stored if key in calls)
    return total
