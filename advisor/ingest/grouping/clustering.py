"""Clusters of what has no label and no template, by its words; what belongs nowhere stays together.

Average linkage of TF-IDF vectors tells by itself how many clusters there are: texts about a few things end in a few
large clusters, unrelated ones in very many small ones, of which none is kept.
"""

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


class Clusters:
    """Some clusters, each given by texts of it."""

    def __init__(self, vectorizer: Any = None, centres: Any = None, nearest: Any = ()) -> None:
        self._vectorizer, self._centres, self._nearest = vectorizer, centres, nearest

    def __len__(self) -> int:
        return len(self._nearest)

    def find(self, texts: Sequence[str], *, always: bool = False) -> list[int | None]:
        """The index of the nearest cluster of each text; None where none is near, unless ``always``."""
        if not len(self):
            return [None] * len(texts)
        found: list[int | None] = []
        for start in range(0, len(texts), _BATCH):
            likeness = (self._vectorizer.transform(texts[start : start + _BATCH]) @ self._centres.T).toarray()
            best = likeness.argmax(axis=1)
            near = likeness[range(len(best)), best] >= self._nearest[best]
            found += [int(at) if always or is_near else None for at, is_near in zip(best, near, strict=True)]
        return found


def _vectorized(texts: Sequence[str]) -> tuple[Any, Any]:
    """What makes a vector of length 1 of any text by the words that tell these texts apart, and their own vectors.

    None where no word tells them apart.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    often = max(2, len(texts) // 500)
    vectorizer = TfidfVectorizer(
        analyzer=stems, min_df=often, max_df=_TOO_COMMON, max_features=_MOST_WORDS, sublinear_tf=True
    )
    try:
        return vectorizer, vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn refuses texts that have none
        return None, None


def find_clusters(
    texts: Sequence[str], smallest: float, *, known: Sequence[Sequence[str]] = ()
) -> tuple[Clusters, list[int | None]]:
    """The clusters that are ``known`` by some texts of each, and then those found among the other texts.

    Returns the cluster of each text too. ``smallest`` is in texts.
    """
    vectorizer, vectors = _vectorized([*texts, *chain.from_iterable(known)])
    if vectorizer is None:
        return Clusters(), [None] * len(texts)
    members = _runs(known, len(texts))
    placed = _clusters(vectorizer, vectors, members).find(texts)
    left = [index for index, at in enumerate(placed) if at is None]
    fitted = left[:FITTED]
    members += _linked(vectors, fitted, smallest * len(fitted) / max(1, len(left)))
    clusters = _clusters(vectorizer, vectors, members)
    return clusters, clusters.find(texts)


def nearest_of(known: Sequence[Sequence[str]]) -> Clusters:
    """Clusters that are given by some texts of each, to find the nearest of for other texts."""
    vectorizer, vectors = _vectorized([*chain.from_iterable(known)])
    return Clusters() if vectorizer is None else _clusters(vectorizer, vectors, _runs(known))


def _runs(known: Sequence[Sequence[str]], start: int = 0) -> list[list[int]]:
    """The places of the texts of each, where they stand one after the other."""
    ends = [*accumulate(map(len, known), initial=start)]
    return [[*range(*run)] for run in pairwise(ends)]


def split_texts(texts: Sequence[str], parts: int) -> tuple[Clusters, list[int | None]]:
    """Exactly ``parts`` clusters of the texts, or fewer where they have no more different words."""
    from sklearn.cluster import KMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.preprocessing import normalize

    vectorizer, vectors = _vectorized(texts)
    if vectorizer is None:
        return Clusters(), [None] * len(texts)
    dimensions = min(50, vectors.shape[1] - 1, vectors.shape[0] - 1)
    dense = vectors.toarray()
    if dimensions > 1:
        dense = normalize(TruncatedSVD(dimensions, random_state=0).fit_transform(vectors))
    different = len({tuple(row) for row in dense.round(6)})
    labels = KMeans(min(parts, different), n_init=10, random_state=0).fit_predict(dense)
    by_size = [label for label, _ in sorted(Counter(labels.tolist()).items(), key=lambda item: (-item[1], item[0]))]
    members = [[index for index, own in enumerate(labels) if own == label] for label in by_size]
    clusters = _clusters(vectorizer, vectors, members)
    return clusters, clusters.find(texts, always=True)


def _clusters(vectorizer: Any, vectors: Any, members: Sequence[Sequence[int]]) -> Clusters:
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.preprocessing import normalize

    if not members:
        return Clusters()
    centres = csr_matrix(normalize(np.vstack([np.asarray(vectors[own].mean(axis=0)) for own in members])))
    own = [(vectors[indices] @ centres[at].T).toarray() for at, indices in enumerate(members)]
    return Clusters(vectorizer, centres, np.array([max(1e-6, _NEAR * np.median(likeness)) for likeness in own]))


def _linked(vectors: Any, left: Sequence[int], smallest: float) -> list[list[int]]:
    """The clusters among some of the vectors that are worth telling apart, the largest first."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform
    from sklearn.metrics.pairwise import cosine_distances

    told = [index for index in left if vectors[index].nnz]
    if len(told) < 2:
        return []
    distances = squareform(cosine_distances(vectors[told]), checks=False)
    labels = fcluster(linkage(distances, "average"), _CUT, "distance")
    groups = [[told[at] for at in np.flatnonzero(labels == label)] for label in range(1, labels.max() + 1)]
    many = max(_LEAST, _SHARE * len(left))
    kept = [
        own
        for own in groups
        if len(own) >= max(smallest, _FEWEST) and _likeness(vectors[own]) >= (_LOOSE if len(own) >= many else _TIGHT)
    ]
    return sorted(kept, key=lambda own: (-len(own), own))


def _likeness(vectors: Any) -> float:
    """The mean cosine of each vector with each other."""
    import numpy as np

    count = vectors.shape[0]
    return float((count * np.square(vectors.mean(axis=0)).sum() - 1) / max(1, count - 1))
