"""Use cases: change, merge, ignore, and the examples as plain text."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.use_cases import list_use_cases
from advisor.types import Endpoint, Study, UseCase

PAGE = "pages/collect/use_cases.py"
Open = Callable[..., AppTest]


def first(store: Store, study: Study) -> UseCase:
    return list_use_cases(store, study.id)[0]


def test_the_table_holds_every_use_case(open_page: Open, store: Store, sample_study: Study) -> None:
    cases = list_use_cases(store, sample_study.id)
    table = open_page(PAGE).dataframe[0].value
    assert list(table["Use case"]) == [case.name for case in cases]
    assert round(table["Share"].sum()) == 100
    assert set(table["How it is judged"]) == {"against right answers", "which answer is better"}


def test_a_change_is_kept(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    app = open_page(PAGE)
    app.text_input(key=f"name_{case.id}").set_value("Bills")
    app.selectbox(key=f"endpoint_{case.id}").set_value(Endpoint.PAIRWISE)
    app.number_input(key=f"limit_{case.id}").set_value(7.5)
    app.button(key=f"save_{case.id}").click().run()
    assert not app.exception
    changed = next(other for other in list_use_cases(store, sample_study.id) if other.id == case.id)
    assert (changed.name, changed.endpoint, changed.margin) == ("Bills", Endpoint.PAIRWISE, 0.075)


def test_a_name_in_use_is_refused(open_page: Open, store: Store, sample_study: Study) -> None:
    case, other, *_ = list_use_cases(store, sample_study.id)
    app = open_page(PAGE)
    app.text_input(key=f"name_{case.id}").set_value(other.name)
    app.button(key=f"save_{case.id}").click().run()
    assert "merge the two" in app.error[0].value
    assert first(store, sample_study).name == case.name


def test_an_ignored_use_case_has_no_share(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    app = open_page(PAGE)
    app.checkbox(key=f"ignored_{case.id}").check()
    app.button(key=f"save_{case.id}").click().run()
    table = app.dataframe[0].value.set_index("Use case")
    assert table.loc[case.name, "How it is judged"] == "ignored"
    assert round(table["Share"].sum()) == 100


def test_merging_moves_every_call(open_page: Open, store: Store, sample_study: Study) -> None:
    case, other, *_ = list_use_cases(store, sample_study.id)
    app = open_page(PAGE)
    app.selectbox(key=f"into_{case.id}").set_value(other.id)
    app.button(key=f"merge_now_{case.id}").click().run()
    assert not app.exception
    left = {left.id: left for left in list_use_cases(store, sample_study.id)}
    assert case.id not in left
    assert left[other.id].samples == case.samples + other.samples


def test_examples_are_code_and_never_markdown(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert len(app.code) >= 3
    assert all(block.language in ("", "plaintext", None) for block in app.code)


def test_answers_can_be_scored_again(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = open_page(PAGE)
    app.button(key="score_again").click().run()
    assert not app.exception
    assert [job.kind for job in list_jobs(store, replayed_study.id)] == ["score"]
    assert "score_again" not in [button.key for button in app.button]
