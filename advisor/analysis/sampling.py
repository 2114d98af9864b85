"""Which samples a run asks: calls drawn at random within a use case, repeats as often as they come, by a seed."""

import math
import random
from collections.abc import Mapping

import numpy as np
import pandas as pd

from advisor.types import Endpoint, UseCase

NEED = {Endpoint.TARGET: 73, Endpoint.AGREEMENT: 73, Endpoint.PAIRWISE: 36}
"""The least number of samples at which each endpoint can pass its default margin at all: Tango's interval without a
single difference (METHOD 2)."""


def count_calls(facts: pd.DataFrame) -> dict[str, int]:
    """Calls by use case that can be drawn."""
    return {str(name): int(count) for name, count in facts["use_case"].value_counts().items()}


def draw_samples(facts: pd.DataFrame, needs: dict[str, int], size: int, seed: int) -> list[int]:
    """Ids of ``size`` samples (fewer if there are not so many), in random order.

    ``facts`` has the columns id and use_case of what can be replayed; ``needs`` says how many samples a use case needs
    for a decision. Places are shared in proportion to the needs, also beyond them.
    """
    rng = np.random.default_rng(seed)
    strata = {str(name): rng.permutation(group["id"].to_numpy()) for name, group in facts.groupby("use_case")}
    places = share_places({name: len(ids) for name, ids in strata.items()}, needs, size)
    drawn = np.concatenate([strata[name][:count] for name, count in places.items()]) if places else np.array([], int)
    return [int(sample_id) for sample_id in rng.permutation(drawn)]


def share_of_model(use_cases: Mapping[int, str], max_samples: int | None, seed: int) -> list[int]:
    """The part of a run's samples (use case by sample id) that a model with a limit is asked about, by the seed.

    Every use case gets the same number of places as far as it has samples.
    """
    if max_samples is None or max_samples >= len(use_cases):
        return list(use_cases)
    by_use_case: dict[str, list[int]] = {}
    for sample_id in sorted(use_cases):
        by_use_case.setdefault(use_cases[sample_id], []).append(sample_id)
    rng = random.Random(seed)
    even = dict.fromkeys(by_use_case, math.ceil(max_samples / len(by_use_case)))
    places = share_places({name: len(group) for name, group in by_use_case.items()}, even, max_samples)
    return [sample_id for name in sorted(by_use_case) for sample_id in rng.sample(by_use_case[name], places[name])]


def share_places(available: dict[str, int], needs: dict[str, int], size: int) -> dict[str, int]:
    """How many of ``size`` places each use case gets: in proportion to its need, never more than it has.

    Every use case gets at least one place while there are places.
    """
    places = dict.fromkeys(available, 0)
    size = min(size, sum(available.values()))
    while (left := size - sum(places.values())) > 0:
        open_names = [name for name in available if places[name] < available[name]]
        missing = {name: max(needs.get(name, 1) - places[name], 0) for name in open_names}
        weights = missing if any(missing.values()) else {name: needs.get(name, 1) for name in open_names}
        total = sum(weights.values())
        by_need = sorted(open_names, key=lambda name: (-weights[name], name))
        gained = 0
        for name in by_need:
            most = missing[name] or available[name]
            extra = min(int(left * weights[name] / total), most, available[name] - places[name])
            places[name] += extra
            gained += extra
        if gained == 0:
            for name in by_need[:left]:
                places[name] += 1
    return places


def needs_of(use_cases: list[UseCase], endpoints: dict[str, Endpoint]) -> dict[str, int]:
    """The need of each use case by its endpoint."""
    return {use_case.name: NEED[endpoints[use_case.name]] for use_case in use_cases}


def asking_order(use_cases: Mapping[int, str], seed: int) -> list[int]:
    """Ids of the samples (use case by id), in the order in which they are asked."""
    order = sorted(use_cases)
    random.Random(seed).shuffle(order)
    return order
