"""Review: blind until it is saved, and saved the right way round."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.runs import list_runs
from advisor.store.scores import load_reviews
from advisor.study.reviews import next_pair
from advisor.types import Preference, Study

PAGE = "pages/measure/review.py"
Open = Callable[..., AppTest]


def reviewed(store: Store, study: Study, name: str) -> dict[tuple[int, int], Preference]:
    (run,) = list_runs(store, study.id)
    return {(sample, model): preference for sample, model, preference, by in load_reviews(store, run.id) if by == name}


def begin(open_page: Open) -> AppTest:
    app = open_page(PAGE)
    return app.text_input(key="reviewer").set_value("Dana").run()


def test_a_name_comes_first(open_page: Open, replayed_study: Study) -> None:
    app = open_page(PAGE)
    app.text_input(key="reviewer").set_value(" ").run()
    assert "Give your name" in app.caption[-1].value
    assert not app.code


def test_nothing_tells_which_is_which_until_it_is_saved(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    assert len(app.code) == 3
    below = str([app.main.markdown, app.code, app.button, app.caption]).replace("\\", "")
    assert "30B" not in below
    assert "gpt-4o" not in below
    app.button(key="review_tie").click().run()
    told = app.info[-1].value.replace("\\", "")
    assert "30B" in told
    assert "gpt-4o" in told


def test_a_choice_is_kept_for_the_answer_that_was_shown(open_page: Open, store: Store, replayed_study: Study) -> None:
    (run,) = list_runs(store, replayed_study.id)
    app = begin(open_page)
    for choice in ("first", "second", "tie", "first", "second"):
        pair = next_pair(store, replayed_study, run, reviewer="Dana")
        assert pair is not None
        assert [block.value for block in app.code] == [pair.prompt, pair.first, pair.second]
        app.button(key=f"review_{choice}").click().run()
        assert not app.exception
        if choice == "tie":
            expected = Preference.TIE
        else:
            expected = Preference.CANDIDATE if (choice == "first") == pair.candidate_first else Preference.BASELINE
        assert reviewed(store, replayed_study, "Dana")[(pair.sample_id, pair.model_id)] is expected
    assert len(reviewed(store, replayed_study, "Dana")) == 5


def test_skipping_shows_another_pair_and_saves_nothing(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    before = app.code[0].value
    app.button(key="review_skip").click().run()
    assert not app.exception
    assert app.code[0].value != before
    assert reviewed(store, replayed_study, "Dana") == {}


def test_one_use_case_can_be_chosen(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    name = app.selectbox(key="review_use_case").options[-1]
    app.selectbox(key="review_use_case").set_value(name).run()
    assert any(f"Use case: {name}" in caption.value for caption in app.caption)


def test_without_answers_it_says_what_to_do(open_page: Open, sample_study: Study) -> None:
    assert "no answers to compare yet" in open_page(PAGE).markdown[0].value
