"""The order in which the samples of a run are asked, and the rounds after which a run that may stop early is looked at.

The order is fixed by the seed alone, since a test that may stop at any look needs an order that no answer influences.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from advisor.analysis.sampling import asking_order
from advisor.judge.subject import read_subject
from advisor.store.generations import CallKey
from advisor.types import Lane, Settled

FIRST = 25
GROWTH = 1.25
"""Each round ends when a use case has been asked about so many times as many samples: few looks, none of them late."""


def rounds(use_cases: Mapping[int, str], seed: int) -> Iterator[list[int]]:
    """The samples in parts; in every part each use case has its next ones in the order of asking."""
    waiting: dict[str, list[int]] = {}
    for sample_id in asking_order(use_cases, seed):
        waiting.setdefault(use_cases[sample_id], []).append(sample_id)
    begin, end = 0, FIRST
    while any(len(ids) > begin for ids in waiting.values()):
        yield [sample_id for ids in waiting.values() for sample_id in ids[begin:end]]
        begin, end = end, max(end + FIRST, int(end * GROWTH))


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
            return read_subject(key.subject).model_id in done
        return bool(done) and self._askers.get(key.sample_id, set()) <= done

    def would_change(self, key: CallKey, made: Collection[CallKey]) -> bool:
        """Whether a first answer of the baseline would add a pair to what is decided already.

        It would where a settled candidate was asked the same; ``made`` are the calls that were made so far.
        """
        done = self._done.get(self._use_cases[key.sample_id], ())
        first = key.lane is Lane.BASELINE and key.epoch == 1
        return first and any(key._replace(lane=Lane.CANDIDATE, model_id=model_id) in made for model_id in done)
