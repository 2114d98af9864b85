"""Which calls a run makes, as keys, and in which order: random, but fixed by the seed; no text is loaded for it."""

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from advisor.analysis.sampling import asking_order, share_of_model
from advisor.store.run.generations import CallKey, Subject
from advisor.types import Lane, Repeats, Role, Run, Settled, StoredModel


def lanes_of(run: Run, models: Sequence[StoredModel]) -> list[tuple[Lane, StoredModel]]:
    """The lanes that are replayed: every candidate, and the baseline unless its recorded answers serve."""
    lanes = [(Lane.CANDIDATE, model) for model in models if model.role is Role.CANDIDATE]
    if run.baseline_lane is Lane.BASELINE:
        lanes += [(Lane.BASELINE, model) for model in models if model.role is Role.BASELINE]
    return lanes


def plan_calls(
    use_cases: Mapping[int, str], lanes: Sequence[tuple[Lane, StoredModel]], repeats: Repeats, seed: int
) -> list[CallKey]:
    """Every call of the baseline and candidate lanes; ``use_cases`` is by sample id, in order of id.

    With one epoch the baseline is asked about the repeated samples a second time.
    """
    keys = [
        CallKey(sample_id, lane, model.id, epoch)
        for lane, model in lanes
        for sample_id in share_of_model(use_cases, model.max_samples, seed)
        for epoch in range(1, repeats.epochs + 1)
    ]
    if repeats.epochs == 1:
        keys += [
            CallKey(sample_id, lane, model.id, 2)
            for lane, model in lanes
            if lane is Lane.BASELINE
            for sample_id in share_of_model(use_cases, repeats.repeated, seed)
        ]
    random.Random(seed).shuffle(keys)
    return _in_order(keys, asking_order(use_cases, seed))


def plan_audits(
    use_cases: Mapping[int, str], candidates: Iterable[StoredModel], each: int, seed: int
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
            found[sample_id] = (*found.get(sample_id, ()), model.id)
    return found


def plan_judge_calls(asked: Iterable[tuple[int, Subject]], judges: Sequence[StoredModel], seed: int) -> list[CallKey]:
    """The calls of every judge about these subjects, by sample id; both orders of what is compared.

    Sample by sample in the order given, in each at random.
    """
    asked = list(asked)
    keys = [
        CallKey(sample_id, Lane.JUDGE, judge.id, 1, subject)
        for sample_id, about in asked
        for judge in judges
        for subject in about.orders
    ]
    random.Random(seed).shuffle(keys)
    return _in_order(keys, [sample_id for sample_id, _ in asked])


def _in_order(keys: Iterable[CallKey], sample_ids: Iterable[int]) -> list[CallKey]:
    """The first in the order of asking first: these are looked at while the run goes on."""
    place = {sample_id: i for i, sample_id in enumerate(dict.fromkeys(sample_ids))}
    return sorted(keys, key=lambda key: place[key.sample_id])


FIRST = 25
GROWTH = 1.25
"""Each round ends when a use case has been asked about so many times as many samples: few looks, none of them late."""
FAST_GROWTH = 2.0
"""Where nothing is decided between rounds."""


def rounds(use_cases: Mapping[int, str], seed: int, growth: float = GROWTH) -> Iterator[list[int]]:
    """The samples in parts; in every part each use case has its next ones in the order of asking."""
    waiting: dict[str, list[int]] = {}
    for sample_id in asking_order(use_cases, seed):
        waiting.setdefault(use_cases[sample_id], []).append(sample_id)
    begin, end = 0, FIRST
    while any(len(ids) > begin for ids in waiting.values()):
        yield [sample_id for ids in waiting.values() for sample_id in ids[begin:end]]
        begin, end = end, max(end + FIRST, int(end * growth))


class Spared:
    """Which calls of a run that stops early need not be made any more."""

    def __init__(self, keys: Sequence[CallKey], use_case_ids: Mapping[int, int]) -> None:
        """``keys`` are all planned calls; ``use_case_ids`` is by sample."""
        self._use_cases = use_case_ids
        self._askers: dict[int, set[int]] = {}
        """Candidates that are asked about a sample."""
        for key in keys:
            if key.lane is Lane.CANDIDATE:
                self._askers.setdefault(key.sample_id, set()).add(key.model_id)
        self._done: dict[int, set[int]] = {}

    def settle(self, settled: Iterable[Settled]) -> None:
        """Take note of what is decided."""
        for each in settled:
            self._done.setdefault(each.use_case_id, set()).add(each.model_id)

    def __contains__(self, key: CallKey) -> bool:
        """The candidate that it asks or judges is settled there; of the baseline's, every candidate asked the same."""
        done = self._done.get(self._use_cases[key.sample_id], set())
        if key.lane is Lane.CANDIDATE:
            return key.model_id in done
        if key.lane is Lane.JUDGE:
            return key.subject.model_id in done
        return bool(done) and self._askers.get(key.sample_id, set()) <= done

    def would_change(self, key: CallKey, made: Collection[CallKey]) -> bool:
        """Whether a first answer of the baseline would add a pair to what is decided already.

        It would where a settled candidate was asked the same; ``made`` are the calls that were made so far.
        """
        done = self._done.get(self._use_cases[key.sample_id], ())
        first = key.lane is Lane.BASELINE and key.epoch == 1
        return first and any(key._replace(lane=Lane.CANDIDATE, model_id=model_id) in made for model_id in done)
