"""Texts as vectors of their telling words (TF-IDF).

Written here because an import needs no more of scikit-learn than this, and that takes 130 MB with all it brings.
"""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

from advisor.ingest.grouping.words import stems

_MOST = 20_000
_COMMON = 0.5
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
        telling = [word for word, count in holders.items() if often <= count <= _COMMON * len(texts)]
        telling = sorted(sorted(telling, key=lambda word: (-uses[word], word))[:_MOST])
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
