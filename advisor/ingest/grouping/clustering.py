"""Clusters of what has no label and no template, by its words; what belongs nowhere stays together.

Average linkage of TF-IDF vectors tells by itself how many clusters there are: texts about a few things end in a few
large clusters, unrelated ones in very many small ones, of which none is kept.
"""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

from advisor.ingest.grouping.words import stems

FITTED = 2500
"""Texts that clusters are found among; the distance of each to each is held in memory."""
_CUT = 0.95
"""Two clusters whose texts are on average no more alike than this cosine distance are two."""
_FEWEST = 10
"""Texts of any cluster: fewer have a word in common by chance."""
_SHARE = 0.05
_LEAST = 30
"""A cluster of loosely related texts must hold this share of them, and as many; fewer are alike by chance."""
_LOOSE = 0.11
"""Texts of a cluster worth keeping are on average this much alike (cosine); unrelated ones are not."""
_TIGHT = 0.35
"""Texts of a tight cluster are on average this much alike (cosine)."""
_NEAR = 0.6
"""How near a text must be to a cluster, as a share of how near the cluster's own ones are."""
_BATCH = 5000
_MOST_WORDS = 20_000
_TOO_COMMON = 0.5
"""A word that more than this share of the texts holds tells none from another."""


class Vectors:
    """Knows the words that tell some texts apart, and makes a vector of length 1 of any text."""

    def __init__(self, texts: Sequence[str]) -> None:
        uses: Counter[str] = Counter()
        holders: Counter[str] = Counter()
        for text in texts:
            words = stems(text)
            uses.update(words)
            holders.update(set(words))
        often = max(2, len(texts) // 500)
        telling = [word for word, count in holders.items() if often <= count <= _TOO_COMMON * len(texts)]
        telling = sorted(sorted(telling, key=lambda word: (-uses[word], word))[:_MOST_WORDS])
        self._places = {word: place for place, word in enumerate(telling)}
        self._weights = [1 + math.log((1 + len(texts)) / (1 + holders[word])) for word in telling]

    def __bool__(self) -> bool:
        """Whether there is any such word."""
        return bool(self._places)

    def of(self, texts: Sequence[str]) -> Any:
        """A sparse row for each text; empty where it holds none of the words."""
        import numpy as np
        from scipy.sparse import csr_matrix

        values, places, ends = array("d"), array("i"), array("i", [0])
        for text in texts:
            counts = Counter(place for word in stems(text) if (place := self._places.get(word)) is not None)
            own = [(1 + math.log(count)) * self._weights[place] for place, count in counts.items()]
            length = math.hypot(*own)
            values.extend(value / length for value in own)
            places.extend(counts)
            ends.append(len(values))
        shape = (len(texts), len(self._places))
        return csr_matrix((np.array(values), np.array(places), np.array(ends)), shape)


class Clusters:
    """Some clusters, each given by texts of it."""

    def __init__(self, space: Vectors, centres: Any, nearest: Any) -> None:
        self._space, self._centres, self._nearest = space, centres, nearest

    def __len__(self) -> int:
        return len(self._nearest)

    def find(self, texts: Sequence[str], *, always: bool = False) -> list[int | None]:
        """The index of the nearest cluster of each text; None where none is near, unless ``always``."""
        if not len(self):
            return [None] * len(texts)
        found: list[int | None] = []
        for start in range(0, len(texts), _BATCH):
            likeness = (self._space.of(texts[start : start + _BATCH]) @ self._centres.T).toarray()
            best = likeness.argmax(axis=1)
            near = likeness[range(len(best)), best] >= self._nearest[best]
            found += [int(at) if always or is_near else None for at, is_near in zip(best, near, strict=True)]
        return found


def find_clusters(
    texts: Sequence[str], smallest: float, *, known: Sequence[Sequence[str]] = ()
) -> tuple[Clusters, list[int | None]]:
    """The clusters that are ``known`` by some texts of each, and then those found among the other texts.

    Returns the cluster of each text too. ``smallest`` is in texts.
    """
    everything = [*texts, *chain.from_iterable(known)]
    if not (space := Vectors(everything)):
        return Clusters(space, None, ()), [None] * len(texts)
    vectors = space.of(everything)
    members = _runs(known, len(texts))
    clusters = _clusters(space, vectors, members)
    placed = clusters.find(texts) if known else [None] * len(texts)
    left = [index for index, at in enumerate(placed) if at is None]
    fitted = left[:FITTED]
    members += _linked(vectors, fitted, smallest * len(fitted) / max(1, len(left)))
    clusters = _clusters(space, vectors, members)
    return clusters, clusters.find(texts)


def nearest_of(known: Sequence[Sequence[str]]) -> Clusters:
    """Clusters that are given by some texts of each, to find the nearest of for other texts."""
    everything = [*chain.from_iterable(known)]
    if not (space := Vectors(everything)):
        return Clusters(space, None, ())
    return _clusters(space, space.of(everything), _runs(known))


def _runs(known: Sequence[Sequence[str]], start: int = 0) -> list[list[int]]:
    """The places of the texts of each, where they stand one after the other."""
    ends = [*accumulate(map(len, known), initial=start)]
    return [[*range(*run)] for run in pairwise(ends)]


def split_texts(texts: Sequence[str], parts: int) -> tuple[Clusters, list[int | None]]:
    """Exactly ``parts`` clusters of the texts, or fewer where they have no more different words."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    if not (space := Vectors(texts)):
        return Clusters(space, None, ()), [None] * len(texts)
    vectors = space.of(texts)
    dimensions = min(50, vectors.shape[1] - 1, vectors.shape[0] - 1)
    dense = vectors.toarray()
    if dimensions > 1:
        dense = normalize(TruncatedSVD(dimensions, random_state=0).fit_transform(vectors))
    different = len({tuple(row) for row in dense.round(6)})
    labels = KMeans(min(parts, different), n_init=10, random_state=0).fit_predict(dense)
    by_size = [label for label, _ in sorted(Counter(labels.tolist()).items(), key=lambda item: (-item[1], item[0]))]
    members = [[index for index, own in enumerate(labels) if own == label] for label in by_size]
    clusters = _clusters(space, vectors, members)
    return clusters, clusters.find(texts, always=True)


def _clusters(space: Vectors, vectors: Any, members: Sequence[Sequence[int]]) -> Clusters:
    import numpy as np
    from scipy.sparse import csr_matrix

    if not members:
        return Clusters(space, None, ())
    means = np.vstack([np.asarray(vectors[own].mean(axis=0)) for own in members])
    centres = csr_matrix(means / np.maximum(1e-12, np.linalg.norm(means, axis=1, keepdims=True)))
    own = [(vectors[indices] @ centres[at].T).toarray() for at, indices in enumerate(members)]
    return Clusters(space, centres, np.array([max(1e-6, _NEAR * np.median(likeness)) for likeness in own]))


def _linked(vectors: Any, left: Sequence[int], smallest: float) -> list[list[int]]:
    """The clusters among some of the vectors that are worth telling apart, the largest first."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    told = [index for index in left if vectors[index].nnz]
    if len(told) < 2:
        return []
    labels = fcluster(linkage(_distances(vectors[told]), "average"), _CUT, "distance")
    groups = [[told[at] for at in np.flatnonzero(labels == label)] for label in range(1, labels.max() + 1)]
    many = max(_LEAST, _SHARE * len(left))
    kept = [
        own
        for own in groups
        if len(own) >= max(smallest, _FEWEST) and _likeness(vectors[own]) >= (_LOOSE if len(own) >= many else _TIGHT)
    ]
    return sorted(kept, key=lambda own: (-len(own), own))


def _distances(vectors: Any) -> Any:
    """The cosine distance of each vector to each after it, in the order that SciPy expects; some rows at a time."""
    import numpy as np

    count, step = vectors.shape[0], 100
    found, filled = np.empty(count * (count - 1) // 2), 0
    for start in range(0, count, step):
        likeness = (vectors[start : start + step] @ vectors[start:].T).toarray()
        for at, row in enumerate(likeness, 1):
            found[filled : filled + len(row) - at] = row[at:]
            filled += len(row) - at
    return np.maximum(np.subtract(1.0, found, out=found), 0.0, out=found)


def _likeness(vectors: Any) -> float:
    """The mean cosine of each vector with each other."""
    import numpy as np

    count = vectors.shape[0]
    return float((count * np.square(vectors.mean(axis=0)).sum() - 1) / max(1, count - 1))
