"""Fine-tuning in numbers: where it could decide, which examples hang together, what it takes.

Sources: LoRA keeps the weights in BF16 (2 bytes) and trains up to 1 % of their number at 16 bytes each (ZeRO,
Rajbhandari et al. 2020, section 3.1), with 20 % on top for activations as `accelerate estimate-memory` adds it. QLoRA:
0.52 GB a billion weights (Dettmers et al. 2023, section 3), rounded up to 0.6, and 4 GB for activations. A token
takes 2 floating point operations a weight forwards and 4 backwards (Kaplan et al. 2020, arXiv:2001.08361, section 2.1);
that LoRA has no gradients of frozen weights makes up for computing activations twice. QLoRA takes 1.39 times as long
(Raschka 2023, "Practical Tips for Finetuning LLMs Using LoRA"). DPO reads each pair with the frozen model as well. An
H100 does 989e12 operations a second in BF16 (NVIDIA's data sheet, dense); that 20 to 40 % of them are reached is an
assumption.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from advisor.analysis.money.hosting import CHOICES, USABLE
from advisor.analysis.quality.columns import Array
from advisor.types import Assessment, Cause, Money, UseCaseDecision
from advisor.types.assessments import Difference
from advisor.types.ready import REACH, Needs, Split, Trainee, Tuned

ENOUGH = 30
"""Samples for a difference to be compared with others."""
LARGEST_B = 250.0
"""Billions of weights that are trained at all: beyond, prompts or a host's own tuning."""
FEW = 100
"""With fewer examples little is learned."""
GPU_GB = 80.0
OPERATIONS = 989e12
REACHED = (0.20, 0.40)
PASSES = {Tuned.LORA: 6.0, Tuned.QLORA: 6.0 * 1.39, Tuned.DPO: 8.0}
"""Operations a weight and token."""
EPOCHS = ((1_000, 3), (10_000, 2))
"""Up to so many examples so many epochs; one beyond."""
VALID, TEST = 0.1, 0.2
COMMON, MIN_COMMON = 0.1, 5
"""What more of the requests hold belongs to a template, and makes no two of them alike."""
KEPT = 256
"""Runs by which a text is compared."""
ALIKE = 0.4
"""Share of the pairs of words in two requests that both hold, template aside: one word in five may differ."""
_BLOCK = 1000


def just_short(case: UseCaseDecision) -> Assessment | None:
    """The candidate that is closest to a move of a use case that stays: undecided, or within its reach.

    None: the use case moves, nothing was measured, or every candidate is too far off or lacks something else.
    """
    if case.target is not None:
        return None
    near = [a for a in case.candidates if is_just_short(a.difference) and a.ruling.reason.code != Cause.GATE]
    return max(near, key=lambda a: (a.quality.n >= ENOUGH, a.difference.delta or 0.0), default=None)


def is_just_short(difference: Difference) -> bool:
    """Whether a difference isn't proven to be within the accepted drop, and is at most REACH beyond it."""
    if difference.delta is None:
        return False
    is_proven = difference.low is not None and difference.low > -difference.margin
    return not is_proven and difference.delta >= -(difference.margin + REACH)


def clusters(keys: Sequence[Sequence[str]], runs: Sequence[Array]) -> Array:
    """For each of n examples the code of all that hang together with it, by a shared key or by alike texts.

    ``runs``: hashes of the runs of words of each text, sorted and each once.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    first: dict[str, int] = {}
    edges = [(first.setdefault(key, place), place) for place, own in enumerate(keys) for key in own]
    edges += _alike(runs)
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    graph = csr_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(len(keys), len(keys)))
    found: Array = connected_components(graph, directed=False)[1]
    return found


def rare(keys: Sequence[str]) -> list[bool]:
    """Of each key, whether few enough hold it to say that they belong together."""
    counts = Counter(keys)
    most = most_shared(len(keys))
    return [counts[key] <= most for key in keys]


def most_shared(n: int) -> float:
    """How many of n requests may hold something that isn't a template's."""
    return max(MIN_COMMON, COMMON * n)


def _alike(runs: Sequence[Array]) -> list[tuple[int, int]]:
    """Pairs of texts that share ALIKE of their runs, those of templates aside, by the smallest (Broder 1997)."""
    from scipy.sparse import csr_array

    if not sum(map(len, runs)):
        return []
    values, counts = np.unique(np.concatenate(list(runs)), return_counts=True)
    own = values[counts <= most_shared(len(runs))]
    kept = [mine[np.isin(mine, own, assume_unique=True)][:KEPT] for mine in runs]
    sizes = np.array([len(mine) for mine in kept])
    columns = np.searchsorted(own, np.concatenate(kept)) if sizes.sum() else np.zeros(0, dtype=np.int64)
    holders: Any = csr_array(
        (np.ones(len(columns), dtype=np.int32), columns, np.concatenate([[0], np.cumsum(sizes)])),
        shape=(len(runs), len(own)),
    )
    found: list[tuple[int, int]] = []
    for start in range(0, len(runs), _BLOCK):
        shared = (holders[start : start + _BLOCK] @ holders.T).tocoo()
        one, other = shared.row + start, shared.col
        close = (one < other) & (shared.data >= ALIKE * (sizes[one] + sizes[other] - shared.data))
        found += zip(one[close].tolist(), other[close].tolist(), strict=True)
    return found


def split(codes: Array, tested: Array, names: Sequence[str], *, with_tested: bool) -> list[Split | None]:
    """What each example is for; None: it is left out, since it hangs together with one that was tested.

    Clusters stay whole. ``names`` put them in an order that chance makes and that stays the same. Without
    ``with_tested`` what was tested is the test split, and a tenth of the others is for validation; with it a fifth of
    all is the test split.
    """
    groups: dict[int, list[int]] = {}
    for place, code in enumerate(codes.tolist()):
        groups.setdefault(code, []).append(place)
    placed: list[Split | None] = [None] * len(names)
    free = []
    for members in groups.values():
        if with_tested or not tested[members].any():
            free.append(members)
            continue
        for place in members:
            placed[place] = Split.TEST if tested[place] else None
    n = sum(map(len, free))
    room = {Split.TEST: int(TEST * n) if with_tested else 0, Split.VALID: int(VALID * n)}
    for members in sorted(free, key=lambda members: min(_mixed(names[place]) for place in members)):
        to = next((each for each, left in room.items() if len(members) <= left), Split.TRAIN)
        if to in room:
            room[to] -= len(members)
        for place in members:
            placed[place] = to
    return placed


def _mixed(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def epochs_of(examples: int) -> int:
    """How often all examples are read."""
    return next((epochs for most, epochs in EPOCHS if examples <= most), 1)


def needs(
    trainee: Trainee, how: Tuned, examples: int, tokens: int | None, usd_an_hour: tuple[float, float, float] | None
) -> Needs | None:
    """What training takes; ``usd_an_hour`` is one GPU's: low, typical, high. None: no size, or too large."""
    total = trainee.total_b
    if total is None or total > LARGEST_B:
        return None
    memory = 0.6 * total + 4 if how is Tuned.QLORA else 1.2 * (2 * total + 0.01 * total * 16)
    gpus = next((n for n in CHOICES if memory <= n * USABLE * GPU_GB), None)
    if gpus is None:
        return None
    epochs = epochs_of(examples)
    hours = None
    if tokens:
        work = PASSES[how] * (trainee.active_b or total) * 1e9 * tokens * epochs
        slow, fast = (work / (OPERATIONS * share) / 3600 for share in REACHED)  # several GPUs work one after another
        hours = (fast, slow)
    usd = None
    if hours and usd_an_hour:
        low, typical, high = (gpus * price for price in usd_an_hour)
        usd = Money(low=low * hours[0], point=typical * math.sqrt(hours[0] * hours[1]), high=high * hours[1])
    return Needs(how=how, memory_gb=memory, gpus=gpus, tokens=tokens, epochs=epochs, hours=hours, usd=usd)
