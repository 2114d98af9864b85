"""The order in which the samples of a run are asked, and the rounds after which a run that may stop early is looked at.

The order is fixed by the seed alone, since a test that may stop at any look needs an order that no answer influences.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence

from advisor.store.generations import CallKey
from advisor.types import Lane, Settled

FIRST = 25
GROWTH = 1.25
"""Each round ends when a use case has been asked about so many times as many samples: few looks, none of them late."""


def asking_order(use_cases: Mapping[int, str], seed: int) -> list[int]:
    """Ids of the samples (use case by id), in the order in which they are asked."""
    order = sorted(use_cases)
    random.Random(seed).shuffle(order)
    return order


def rounds(use_cases: Mapping[int, str], seed: int) -> Iterator[list[int]]:
    """The samples in parts; in every part each use case has its next ones in the order of asking."""
    waiting: dict[str, list[int]] = {}
    for sample_id in asking_order(use_cases, seed):
        waiting.setdefault(use_cases[sample_id], []).append(sample_id)
    begin, end = 0, FIRST
    while any(len(ids) > begin for ids in waiting.values()):
        yield [sample_id for ids in waiting.values() for sample_id in ids[begin:end]]
        begin, end = end, max(end + FIRST, int(end * GROWTH))


def is_spared(
    key: CallKey, use_cases: Mapping[int, str], settled: Sequence[Settled], candidate_ids: Collection[int]
) -> bool:
    """Whether a call need not be made: its candidate is settled there, or of the baseline's all candidates are."""
    name = use_cases[key.sample_id]
    done = {each.model_id for each in settled if each.use_case == name}
    return key.model_id in done if key.lane is Lane.CANDIDATE else done >= set(candidate_ids)
