"""Which pairs judges leave in doubt: the database says the same as a count by hand."""

import pytest

from advisor.store import Store
from advisor.store.models import add_model
from advisor.store.run.reviews import list_doubts
from advisor.store.run.scores import Vote, save_judgements, save_scores
from advisor.types import Judgement, Model, Preference, Role, Score
from tests.store.fill import fill

BETTER, WORSE, TIE = Preference.CANDIDATE, Preference.BASELINE, Preference.TIE


@pytest.mark.parametrize(
    ("words", "value", "doubts"),
    [
        ([(BETTER, BETTER)], 1.0, None),
        ([(BETTER, BETTER), (BETTER, BETTER)], 1.0, None),
        ([(TIE, TIE)], 0.5, 1),  # a draw
        ([(BETTER, WORSE)], 0.5, 2),  # turned, so a draw
        ([(WORSE, BETTER), (BETTER, WORSE)], 0.5, 2),  # both turned, in the same two words
        ([(BETTER, BETTER), (WORSE, WORSE)], 0.5, 2),  # they differ
        ([(BETTER, BETTER), (BETTER, TIE)], 0.75, 2),  # one turned, so that they differ
        ([(BETTER, WORSE), (TIE, TIE)], 0.5, 3),
        ([(BETTER, WORSE)], None, None),  # not scored
    ],
)
def test_doubts_are_counted(
    any_store: Store, words: list[tuple[Preference, Preference]], value: float | None, doubts: int | None
) -> None:
    study, model, run = fill(any_store, 3)
    candidate = model.id
    judges = [
        add_model(any_store, study.id, Model(name=f"J{n}", litellm_id="openai/j", role=Role.JUDGE))
        for n in range(len(words))
    ]
    votes = [
        Vote(1, candidate, Judgement(candidate_first=first, preference=word), judge.id)
        for judge, said in zip(judges, words, strict=True)
        for first, word in zip((True, False), said, strict=True)
    ]
    save_judgements(any_store, run.id, [1], votes, prompt_version="2")
    save_scores(any_store, run.id, [1], [(1, candidate, Score(scorer="pairwise", value=value))])
    save_scores(any_store, run.id, [2], [(2, candidate, Score(scorer="pairwise", value=1.0))])
    save_scores(any_store, run.id, [3], [(3, candidate, Score(scorer="target", value=0.5))])
    assert list_doubts(any_store, run.id, "pairwise") == ({} if doubts is None else {(1, candidate): doubts})
