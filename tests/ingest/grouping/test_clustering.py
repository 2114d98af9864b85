"""Clusters of texts by their words."""

from advisor.ingest.grouping.clustering import find_clusters, nearest_of, split_texts


def test_texts_without_a_telling_word_are_in_no_cluster() -> None:
    for texts in ([], ["the same words"] * 10):
        for clusters, placed in (find_clusters(texts, 2), split_texts(texts, 2)):
            assert (len(clusters), placed) == (0, [None] * len(texts))
    assert nearest_of([]).find(["Hello"]) == [None]


def test_texts_are_near_those_that_share_their_words() -> None:
    clusters = nearest_of([["parcel lost", "parcel late"], ["invoice paid", "invoice due"]])
    assert clusters.find(["My parcel", "An invoice", "Hello", ""]) == [0, 1, None, None]
