"""Texts as vectors: as scikit-learn makes them."""

import random

from advisor.ingest.grouping.clustering import Vectors
from advisor.ingest.grouping.words import stems


def test_vectors_are_those_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rng = random.Random(5)
    words = [f"{a}{b}{c}" for a in "bdfg" for b in ("ara", "ono", "ili") for c in "klmn"]
    texts = [" ".join([*rng.choices(words, k=9), "parcel", f"only{'abcdefgh'[n % 8]}{n}"]) for n in range(120)]
    reference = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2, max_df=0.5)
    expected = reference.fit_transform(texts).toarray()
    assert abs(Vectors(texts).of(texts).toarray() - expected).max() < 1e-12


def test_texts_without_a_telling_word_have_empty_vectors() -> None:
    assert not Vectors(["the same words"] * 10)
    assert not Vectors([])
    assert Vectors(["parcel lost", "invoice paid", "parcel late", "invoice due"]).of(["Hello", ""]).nnz == 0
