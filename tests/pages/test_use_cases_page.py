"""Use cases: the table, the examples as plain text, and every change with its undo."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.use_cases import list_use_cases
from advisor.study.decisions import decide
from advisor.study.imports import import_logs
from advisor.study.splitting import list_parts
from advisor.study.use_cases import change, merge
from advisor.types import Endpoint, Kind, Study, UseCase
from advisor.ui import stage
from advisor.ui.views.use_case_edits import BY_WORDS, MERGE, SPLIT

PAGE = "pages/collect/use_cases.py"
HOSTILE = "![x](http://127.0.0.1:9/x.png) **Loud**"
Open = Callable[..., AppTest]


def first(store: Store, study: Study) -> UseCase:
    return list_use_cases(store, study.id)[0]


def save(app: AppTest, case: UseCase) -> None:
    app.button(key=f"save_{case.id}").click().run()
    assert not app.exception


def undo(app: AppTest) -> None:
    app.button(key="undo").click().run()
    assert not app.exception
    assert app.toast[-1].value.startswith("Taken back")


def merged(store: Store, study: Study) -> UseCase:
    """The first two in one, which the log itself tells apart."""
    case, other, *_ = list_use_cases(store, study.id)
    merge(store, case, other)
    return first(store, study)


def test_the_table_holds_every_use_case(open_page: Open, store: Store, sample_study: Study) -> None:
    cases = list_use_cases(store, sample_study.id)
    table = open_page(PAGE).dataframe[0].value
    assert list(table["Use case"]) == [case.name for case in cases]
    assert list(table["What it is"]) == [case.description for case in cases]
    assert table["Of calls"].sum() == pytest.approx(100)
    assert table["Of cost"].sum() == pytest.approx(100)
    assert (table["A month"] > 0).all()
    assert set(table["How it is judged"]) == {"against right answers", "which answer is better"}


def test_every_field_is_changed_and_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = first(store, sample_study)
    app = open_page(PAGE)
    app.text_input(key=f"name_{before.id}_{before.name}").set_value("  Bills ")
    app.selectbox(key=f"kind_{before.id}_{before.kind}").set_value(Kind.CHAT)
    app.selectbox(key=f"endpoint_{before.id}_None").set_value(Endpoint.PAIRWISE)
    app.number_input(key=f"margin_{before.id}_None").set_value(7.0)
    app.checkbox(key=f"ignored_{before.id}_False").check()
    save(app, before)
    after = first(store, sample_study)
    assert (after.name, after.kind, after.endpoint, after.margin, after.ignored) == (
        *("Bills", Kind.CHAT, Endpoint.PAIRWISE, 0.07, True),
    )
    assert "Bills" in app.toast[0].value
    undo(app)
    assert first(store, sample_study) == before
    assert app.text_input(key=f"name_{before.id}_{before.name}").value == before.name
    assert not app.checkbox(key=f"ignored_{before.id}_False").value
    assert before.name in list(app.dataframe[0].value["Use case"])
    assert "undo" not in [button.key for button in app.button]


def test_saving_nothing_new_says_so(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    change(store, case, margin=0.0005)  # less than the box would let a person choose
    app = open_page(PAGE)
    save(app, case)
    assert any("Nothing was changed" in note.value for note in app.info)
    assert first(store, sample_study).margin == 0.0005


def test_a_renamed_use_case_stays_chosen(open_page: Open, store: Store, sample_study: Study) -> None:
    case = list_use_cases(store, sample_study.id)[3]
    app = open_page(PAGE, use_case=case.id)
    app.text_input(key=f"name_{case.id}_{case.name}").set_value(HOSTILE)
    save(app, case)
    assert app.selectbox(key="use_case").value == case.id
    assert HOSTILE in list(app.dataframe[0].value["Use case"])
    shown = [element.value for kind in (app.markdown, app.caption, app.toast) for element in kind]
    assert [text for text in shown if "![" in text or "**Loud**" in text] == []
    undo(app)
    assert app.selectbox(key="use_case").value == case.id


@pytest.mark.parametrize(("name", "said"), [("  ", "1 to 200 characters"), ("ticket triage", "merge the two")])
def test_a_bad_name_is_refused(open_page: Open, store: Store, sample_study: Study, name: str, said: str) -> None:
    case = first(store, sample_study)
    taken = next((c.name for c in list_use_cases(store, sample_study.id) if c.name.casefold() == name), name)
    app = open_page(PAGE)
    app.text_input(key=f"name_{case.id}_{case.name}").set_value(taken)
    save(app, case)
    assert said in app.error[0].value
    assert first(store, sample_study).name == case.name
    assert "undo" not in [button.key for button in app.button]


def test_an_ignored_use_case_is_marked_and_has_no_share(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    app = open_page(PAGE)
    app.checkbox(key=f"ignored_{case.id}_False").check()
    save(app, case)
    table = app.dataframe[0].value.set_index("Use case")
    assert list(table.index)[-1] == case.name
    assert table.loc[case.name, "How it is judged"] == "✕ ignored"
    assert table.loc[case.name, ["Of calls", "Of cost", "A month", "Limit"]].isna().all()
    assert table["Of calls"].sum() == pytest.approx(100)
    assert "1 more is ignored" in app.markdown[0].value
    assert any("counts in no volume" in note.value for note in app.info)
    assert f"{case.name} (ignored)" in app.selectbox(key="use_case").options


def test_merging_moves_every_call_and_is_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = list_use_cases(store, sample_study.id)
    case, other = before[0], before[2]
    app = open_page(PAGE, mend=MERGE)
    app.selectbox(key=f"into_{case.id}").set_value(other.id)
    app.button(key=f"merge_now_{case.id}").click().run()
    assert not app.exception
    left = {left.id: left for left in list_use_cases(store, sample_study.id)}
    assert case.id not in left
    assert left[other.id].samples == case.samples + other.samples
    assert app.selectbox(key="use_case").value == other.id
    assert case.name not in list(app.dataframe[0].value["Use case"])
    undo(app)
    assert list_use_cases(store, sample_study.id) == before


def test_splitting_by_what_the_log_tells(open_page: Open, store: Store, sample_study: Study) -> None:
    case = merged(store, sample_study)
    part = list_parts(store, sample_study, case)[1]
    app = open_page(PAGE, mend=SPLIT)
    box = app.checkbox(key=f"part_{case.id}_{part.group_ids[0]}")
    assert f"{part.calls} calls" in box.label
    box.check()
    app.text_input(key=f"split_name_{case.id}").set_value("Apart")
    app.button(key=f"split_now_{case.id}").click().run()
    assert not app.exception
    sizes = {left.name: left.samples for left in list_use_cases(store, sample_study.id)}
    assert (sizes["Apart"], sizes[case.name]) == (part.calls, case.samples - part.calls)
    assert sizes["Apart"] in list(app.dataframe[0].value["Calls"])
    undo(app)
    assert first(store, sample_study).samples == case.samples


@pytest.mark.parametrize("chosen", [0, 2])
def test_a_split_of_nothing_or_all_is_refused(open_page: Open, store: Store, sample_study: Study, chosen: int) -> None:
    case = merged(store, sample_study)
    app = open_page(PAGE, mend=SPLIT)
    for part in list_parts(store, sample_study, case)[:chosen]:
        app.checkbox(key=f"part_{case.id}_{part.group_ids[0]}").check()
    app.button(key=f"split_now_{case.id}").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert first(store, sample_study).samples == case.samples


def test_a_split_by_words_is_previewed_done_and_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = list_use_cases(store, sample_study.id)
    case = merged(store, sample_study)
    app = open_page(PAGE, mend=SPLIT)
    app.radio(key=f"split_by_{case.id}").set_value(BY_WORDS).run()
    app.number_input(key=f"split_count_{case.id}").set_value(3).run()
    titles = [text.value for text in app.markdown if text.value.endswith(" calls") and "· about" in text.value]
    assert len(titles) == 3
    assert len(list_use_cases(store, sample_study.id)) == len(before) - 1, "a preview changes nothing"
    app.button(key=f"split_words_{case.id}").click().run()
    assert not app.exception
    after = list_use_cases(store, sample_study.id)
    assert len(after) == len(before) + 1
    assert sum(other.samples for other in after) == sum(other.samples for other in before)
    assert list(app.dataframe[0].value["Use case"]) == [other.name for other in after]
    undo(app)
    undo(app)
    assert list_use_cases(store, sample_study.id) == before


def test_what_nothing_tells_apart_is_said(open_page: Open, store: Store, tmp_path: Path) -> None:
    asked = [{"role": "user", "content": "Where is my parcel?"}]
    rows = [{"request": {"model": "m", "messages": asked}, "response": answered(n)} for n in range(12)]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    import_logs(store, "Parcels", [log], redact=False)
    app = open_page(PAGE, mend=SPLIT)
    assert any("no labels, system prompts or tools" in text.value for text in app.caption)
    assert any("nothing to split by" in note.value for note in app.info)
    assert not [button.key for button in app.button if button.key and button.key.startswith("split_words")]
    table = app.dataframe[0].value
    assert table[["A month", "Of cost"]].isna().all(axis=None), "the log has neither times nor prices"


def answered(n: int) -> dict[str, object]:
    message = {"role": "assistant", "content": "It is on its way."}
    return {"id": f"parcel-{n}", "model": "m", "choices": [{"message": message, "finish_reason": "stop"}]}


def test_undo_takes_back_only_what_it_said(open_page: Open, store: Store, sample_study: Study) -> None:
    change(store, first(store, sample_study), name="Bills")
    app = open_page(PAGE)
    assert "Bills" in app.button(key="undo").help
    change(store, first(store, sample_study), name="Invoices")
    app.button(key="undo").click().run()
    assert not app.exception
    assert "changed meanwhile" in app.toast[0].value
    assert "Invoices" in list(app.dataframe[0].value["Use case"])
    assert "Invoices" in app.button(key="undo").help


def test_examples_are_code_and_never_markdown(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert len(app.code) >= 3
    assert len({block.value for block in app.code}) >= 3
    assert all(block.language in ("", "plaintext", None) for block in app.code)


def test_a_merge_after_the_decision_makes_it_stale(store: Store, replayed_study: Study) -> None:
    decide(store, replayed_study)
    assert stage.standing(replayed_study).stage is stage.Stage.DECIDED
    cases = list_use_cases(store, replayed_study.id)
    merge(store, cases[-1], cases[0])
    assert stage.standing(replayed_study).stage is stage.Stage.OUTDATED


def test_answers_can_be_scored_again(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = open_page(PAGE)
    app.button(key="score_again").click().run()
    assert not app.exception
    assert [job.kind for job in list_jobs(store, replayed_study.id)] == ["score"]
    assert "score_again" not in [button.key for button in app.button]
