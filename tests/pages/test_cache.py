"""What pages remember of a study is read again when the study changes, and not before."""

from collections.abc import Callable

import pytest

from advisor.store import Store
from advisor.store.engine import Change
from advisor.store.run.reviews import add_reviews
from advisor.store.run.runs import change_run, get_run
from advisor.store.studies import change_study, create_study
from advisor.types import Preference, Run, Study
from advisor.ui.cache import cached
from tests.store.fill import fill

asked: list[object] = []


@cached()
def of_anything(study_id: int, word: str = "") -> int:
    asked.append(word)
    return study_id


@cached(Change.ANSWERS)
def of_answers(run: Run) -> int:
    asked.append(run.id)
    return run.id


@cached(Change.SETUP, shared=True)
def of_setup(study: Study) -> list[str]:
    asked.append(study.name)
    return [study.name]


@pytest.fixture
def filled(store: Store) -> tuple[Study, Run]:
    asked.clear()
    study, _, run = fill(store)
    return study, run


CHANGES: dict[str, tuple[Callable[[Store, Study, Run], object], int]] = {
    "a review": (lambda s, _, run: add_reviews(s, run.id, [(1, 1, Preference.TIE)], reviewer="Ann"), 1),
    "an answer": (lambda s, _, run: change_run(s, run.id, wall_s=1.0), 2),
    "a limit": (lambda s, study, _: change_study(s, study.id, margin=0.1), 3),
    "another study": (lambda s, *_: change_study(s, create_study(s, "Other").id, margin=0.1), 0),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed_where_it_matters(store: Store, filled: tuple[Study, Run], what: str) -> None:
    study, run = filled
    for _ in range(2):
        assert (of_anything(study.id), of_answers(run), of_setup(study)) == (study.id, run.id, ["S"])
    assert len(asked) == 3
    change, expected = CHANGES[what]
    change(store, study, run)
    of_anything(study.id), of_answers(get_run(store, run.id)), of_setup(study)
    assert len(asked) == 3 + expected


def test_arguments_tell_results_apart(filled: tuple[Study, Run]) -> None:
    study, _ = filled
    for word in ("a", "b", "a"):
        of_anything(study.id, word)
    assert asked == ["a", "b"]
