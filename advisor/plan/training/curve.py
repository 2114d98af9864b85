"""How much more examples would bring, as far as it shows without training: the answer of the nearest example.

A model that is trained is better or worse than that; a curve that still rises says that examples are missing.
"""

import functools
import random
from collections.abc import Sequence

import numpy as np

from advisor.collect.readable import split_prompt
from advisor.scoring.target import score_target
from advisor.types import Answer, Endpoint, Kind, StoredSample
from advisor.types.ready import Point

FIRST = 25
"""Examples at the first point; each next one has twice as many."""
ORDERS = 5
"""Orders in which examples come, over which a point is the mean."""
LEAST_TESTED = 30


def learning_curve(
    kind: Kind, endpoint: Endpoint, known: Sequence[tuple[StoredSample, Answer]], tested: Sequence[StoredSample]
) -> tuple[Point, ...]:
    """For labels with reference answers; of other answers a copy says nothing. Empty: none can be drawn.

    ``known``: examples to train on, with their answers.
    """
    held = [sample for sample in tested if sample.reference is not None]
    if kind is not Kind.CLASSIFICATION or endpoint is not Endpoint.TARGET:
        return ()
    if len(known) < 2 * FIRST or len(held) < LEAST_TESTED:
        return ()
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [split_prompt(sample.request.messages)[1] for sample in (*(each for each, _ in known), *held)]
    vectors = TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts)
    likeness = (vectors[len(known) :] @ vectors[: len(known)].T).toarray()

    @functools.cache
    def is_right(place: int, text: str | None) -> float:
        sample = held[place]
        assert sample.reference is not None
        return score_target(kind, sample.request, sample.reference.value, Answer(text=text)).value or 0.0

    sizes = [FIRST * 2**step for step in range(len(known)) if FIRST * 2**step < len(known)] + [len(known)]
    scores = np.zeros((ORDERS, len(sizes)))
    for order in range(ORDERS):
        shuffled = random.Random(order).sample(range(len(known)), len(known))
        for column, size in enumerate(sizes):
            some = np.array(shuffled[:size])
            nearest = some[likeness[:, some].argmax(axis=1)]
            scores[order, column] = np.mean([is_right(n, known[each][1].text) for n, each in enumerate(nearest)])
    return tuple(Point(size, float(score)) for size, score in zip(sizes, scores.mean(axis=0), strict=True))
