"""Use cases: the table, the examples as plain text, how answers are judged, and every change with its undo."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import change, list_parts, merge
from advisor.decide.decisions import decide
from advisor.judge.checks import set_checks
from advisor.judge.rubrics import rubric_of
from advisor.judge.scores import RULE_VERSIONS
from advisor.measure.rejudging import file_score
from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import add_model
from advisor.store.run.runs import change_run, list_runs
from advisor.store.studies import list_studies
from advisor.types import Check, CheckKind, Endpoint, Kind, Match, Matching, Model, Role, Study, UseCase
from advisor.types.studies import Stage
from advisor.ui import queries, stage
from advisor.ui.log import checks
from advisor.ui.log.use_case_edits import BY_WORDS, MERGE, SPLIT
from tests.made.log import call, write_log
from tests.pages.tables import tables

PAGE = "pages/log/use_cases.py"
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
    assert app.toast[-1].value.startswith("Undone")


def merged(store: Store, study: Study) -> UseCase:
    """The first two in one, which the log itself tells apart."""
    case, other, *_ = list_use_cases(store, study.id)
    merge(store, case, other)
    return first(store, study)


def test_the_table_holds_every_use_case(open_page: Open, store: Store, sample_study: Study) -> None:
    cases = list_use_cases(store, sample_study.id)
    table = tables(open_page(PAGE))[0]
    assert set(table["Use case"]) == {case.name for case in cases}
    shares = table["Share of spend"].str.rstrip("%").astype(int)
    assert shares.is_monotonic_decreasing
    assert shares.sum() == pytest.approx(100, abs=3)
    assert (table["Calls/month"] > 0).all()
    assert set(table["Scored by"]) == {"reference answers", "judge or reviews"}
    assert (table["Needs"].ne("") == (table["Scored by"] == "judge or reviews")).all()
    add_model(store, sample_study.id, Model(name="Judge", litellm_id="openai/judge", role=Role.JUDGE))
    assert "Needs" not in tables(open_page(PAGE))[0]


def test_every_field_is_changed_and_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = first(store, sample_study)
    app = open_page(PAGE, {"use_case": "1"})
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
    assert before.name in list(tables(app)[0]["Use case"])
    assert "undo" not in [button.key for button in app.button]


def test_saving_nothing_new_says_so(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    change(store, case, margin=0.0005)  # less than the box would let a person choose
    app = open_page(PAGE, {"use_case": "1"})
    save(app, case)
    assert any("No changes to save" in note.value for note in app.info)
    assert first(store, sample_study).margin == 0.0005


def test_an_emptied_limit_is_the_usual_one_again(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    change(store, case, margin=0.2)
    app = open_page(PAGE, {"use_case": "1"})
    box = app.number_input(key=f"margin_{case.id}_0.2")
    assert box.value == 20.0
    assert not box.proto.HasField("default"), "with a default of its own a box shows no cross and snaps back"
    box.set_value(None)
    save(app, case)
    assert first(store, sample_study).margin is None


def test_a_renamed_use_case_stays_chosen(open_page: Open, store: Store, sample_study: Study) -> None:
    case = list_use_cases(store, sample_study.id)[3]
    app = open_page(PAGE, {"use_case": str(case.id)})
    app.text_input(key=f"name_{case.id}_{case.name}").set_value(HOSTILE)
    save(app, case)
    assert app.selectbox(key="use_case").value == str(case.id)
    assert HOSTILE in list(tables(app)[0]["Use case"])
    shown = [element.value for kind in (app.markdown, app.caption, app.toast) for element in kind]
    assert [text for text in shown if "![" in text or "**Loud**" in text] == []
    undo(app)
    assert app.selectbox(key="use_case").value == str(case.id)


@pytest.mark.parametrize(("name", "said"), [("  ", "1 to 200 characters"), ("ticket triage", "Merge the two")])
def test_a_bad_name_is_refused(open_page: Open, store: Store, sample_study: Study, name: str, said: str) -> None:
    case = first(store, sample_study)
    taken = next((c.name for c in list_use_cases(store, sample_study.id) if c.name.casefold() == name), name)
    app = open_page(PAGE, {"use_case": "1"})
    app.text_input(key=f"name_{case.id}_{case.name}").set_value(taken)
    save(app, case)
    assert said in app.error[0].value
    assert first(store, sample_study).name == case.name
    assert "undo" not in [button.key for button in app.button]


def test_an_ignored_use_case_is_marked_and_has_no_share(open_page: Open, store: Store, sample_study: Study) -> None:
    case = first(store, sample_study)
    app = open_page(PAGE, {"use_case": "1"})
    app.checkbox(key=f"ignored_{case.id}_False").check()
    save(app, case)
    table = tables(app)[0].set_index("Use case")
    assert list(table.index)[-1] == case.name
    assert table.loc[case.name, "Scored by"] == "✕ ignored"
    assert set(table.loc[case.name, ["Share of spend", "Calls/month", "Acceptable drop, pts"]]) == {"–"}
    assert any("1 more is ignored" in text.value for text in app.markdown)
    assert any("excluded from volume" in note.value for note in app.info)
    assert f"{case.name} (ignored)" in app.selectbox(key="use_case").options


def test_merging_moves_every_call_and_is_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = list_use_cases(store, sample_study.id)
    case, other = before[0], before[2]
    app = open_page(PAGE, {"use_case": "1"}, mend=MERGE)
    app.selectbox(key=f"into_{case.id}").set_value(other.id)
    app.button(key=f"merge_now_{case.id}").click().run()
    assert not app.exception
    left = {left.id: left for left in list_use_cases(store, sample_study.id)}
    assert case.id not in left
    assert left[other.id].calls.total == case.calls.total + other.calls.total
    assert app.selectbox(key="use_case").value == str(other.id)
    assert case.name not in list(tables(app)[0]["Use case"])
    undo(app)
    assert list_use_cases(store, sample_study.id) == before


@pytest.mark.slow
def test_splitting_by_what_the_log_tells(open_page: Open, store: Store, sample_study: Study) -> None:
    case = merged(store, sample_study)
    part = list_parts(store, sample_study, case)[1]
    app = open_page(PAGE, {"use_case": str(case.id)}, mend=SPLIT)
    box = app.checkbox(key=f"part_{case.id}_{part.group_ids[0]}")
    assert f"{part.calls} calls" in box.label
    box.check()
    app.text_input(key=f"split_name_{case.id}").set_value("Apart")
    app.button(key=f"split_now_{case.id}").click().run()
    assert not app.exception
    sizes = {left.name: left.calls.total for left in list_use_cases(store, sample_study.id)}
    assert (sizes["Apart"], sizes[case.name]) == (part.calls, case.calls.total - part.calls)
    assert sizes["Apart"] in list(tables(app)[0]["Calls"])
    undo(app)
    assert first(store, sample_study).calls.total == case.calls.total


@pytest.mark.parametrize("chosen", [0, 2])
def test_a_split_of_nothing_or_all_is_refused(open_page: Open, store: Store, sample_study: Study, chosen: int) -> None:
    case = merged(store, sample_study)
    app = open_page(PAGE, {"use_case": str(case.id)}, mend=SPLIT)
    for part in list_parts(store, sample_study, case)[:chosen]:
        app.checkbox(key=f"part_{case.id}_{part.group_ids[0]}").check()
    app.button(key=f"split_now_{case.id}").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert first(store, sample_study).calls.total == case.calls.total


@pytest.mark.slow
def test_a_split_by_words_is_previewed_done_and_taken_back(open_page: Open, store: Store, sample_study: Study) -> None:
    before = list_use_cases(store, sample_study.id)
    case = merged(store, sample_study)
    app = open_page(PAGE, {"use_case": str(case.id)}, mend=SPLIT)
    app.radio(key=f"split_by_{case.id}").set_value(BY_WORDS).run()
    app.number_input(key=f"split_count_{case.id}").set_value(3).run()
    titles = [text.value for text in app.markdown if text.value.endswith(" calls") and "· about" in text.value]
    assert len(titles) == 3
    assert len(list_use_cases(store, sample_study.id)) == len(before) - 1, "a preview changes nothing"
    app.button(key=f"split_words_{case.id}").click().run()
    assert not app.exception
    after = list_use_cases(store, sample_study.id)
    assert len(after) == len(before) + 1
    assert sum(other.calls.total for other in after) == sum(other.calls.total for other in before)
    assert set(tables(app)[0]["Use case"]) == {other.name for other in after}
    undo(app)
    undo(app)
    assert list_use_cases(store, sample_study.id) == before


def test_what_nothing_tells_apart_is_said(open_page: Open, store: Store, tmp_path: Path) -> None:
    asked = [{"role": "user", "content": "Where is my parcel?"}]
    rows = [{"request": {"model": "m", "messages": asked}, "response": answered(n)} for n in range(12)]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    import_logs(store, "Parcels", [log], ImportOptions(redact=False))
    app = open_page(PAGE, {"use_case": "1"}, mend=SPLIT)
    assert any("No labels, system prompts or tools" in text.value for text in app.caption)
    assert any("too similar to split" in note.value for note in app.info)
    assert not [button.key for button in app.button if button.key and button.key.startswith("split_words")]
    table = tables(app)[0]
    assert set(table[["Calls/month", "Share of spend"]].iloc[0]) == {"–"}, "the log has neither times nor prices"


def test_assorted_questions_are_split_by_topic_with_one_click(open_page: Open, store: Store, tmp_path: Path) -> None:
    asked = ("Sort {n} rows with python", "A recipe for {n} people", "Translate {n} words", "Hello {n}")
    rows = [{"prompt": text.format(n=n), "response": "Sure.", "task": "chat"} for n in range(15) for text in asked]
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    import_logs(store, "Assorted", [log], ImportOptions(redact=False))
    app = open_page(PAGE)
    assert dict(table_with(app, "Topic")[["Topic", "Calls"]].to_numpy().tolist()) == {
        "Python": 15, "Travel and food": 15, "Translation and languages": 15, "Other questions": 15,
    }  # fmt: skip
    app.button(key="split_topics").click().run()
    assert not app.exception
    (study,) = list_studies(store)
    cases = {case.name: case.calls.total for case in list_use_cases(store, study.id)}
    assert cases == dict.fromkeys(["Other questions", "Python", "Travel and food", "Translation and languages"], 15)
    assert not [frame for frame in tables(app) if "Topic" in frame]


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
    assert "have changed" in app.toast[0].value
    assert "Invoices" in list(tables(app)[0]["Use case"])
    assert "Invoices" in app.button(key="undo").help


def test_examples_are_code_and_never_markdown(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE, {"use_case": "1"})
    before = [block.value for block in app.code]
    app.selectbox(key="sample").select_index(1).run()
    assert len(before) >= 2
    assert [block.value for block in app.code] != before
    assert all(block.language in ("", "plaintext", None) for block in app.code)


def test_an_example_that_is_cut_says_how_to_read_on(open_page: Open, sample_study: Study) -> None:
    titles = [note.value for note in open_page(PAGE, {"use_case": "1"}).caption]
    assert re.search(r"^Prompt · about \d+ lines, scroll for more$", "\n".join(titles), re.MULTILINE)


def test_a_merge_after_the_decision_makes_it_stale(store: Store, replayed_study: Study) -> None:
    decide(store, replayed_study)
    assert stage.standing(replayed_study).stage is Stage.DECIDED
    cases = list_use_cases(store, replayed_study.id)
    merge(store, cases[-1], cases[0])
    assert stage.standing(replayed_study).stage is Stage.OUTDATED


@pytest.mark.slow
def test_answers_can_be_scored_again(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = open_page(PAGE)
    app.button(key="score_again").click().run()
    assert not app.exception
    assert [job.kind for job in list_jobs(store, replayed_study.id)] == ["score"]
    assert "score_again" not in [button.key for button in app.button]


@pytest.mark.slow
def test_what_is_scored_again_is_decided_by_the_worker(
    open_page: Open, store: Store, replayed_study: Study, do_jobs: Callable[[], None]
) -> None:
    (run,) = list_runs(store, replayed_study.id)
    report = decide(store, replayed_study)
    file_score(store, replayed_study, run)
    do_jobs()
    assert queries.report(replayed_study.id) != report
    assert stage.standing(replayed_study).stage is Stage.DECIDED
    now = queries.report(replayed_study.id)
    open_page("pages/evidence/quality.py")
    assert queries.report(replayed_study.id) == now


def opened(open_page: Open, case: UseCase, part: str) -> AppTest:
    """The page with one part of how the answers of a use case are judged."""
    return open_page(PAGE, {"use_case": str(case.id)}, tab=part)


def labelled(boxes: Iterable[Any], label: str) -> Any:
    """The one input with this label."""
    (found,) = [box for box in boxes if box.label == label]
    return found


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    """The one table with this column."""
    (found,) = [frame for frame in tables(app) if column in frame]
    return found


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def draft(app: AppTest, kind: CheckKind, value: str | None = None) -> None:
    """Fill in a check without saving it."""
    labelled(app.selectbox, "An answer").set_value(kind).run()
    if value is not None:
        labelled(app.text_input, "Which").set_value(value).run()
    assert not app.exception


def of_kind(store: Store, study: Study, kind: Kind) -> UseCase:
    return next(case for case in list_use_cases(store, study.id) if case.kind is kind)


@pytest.mark.slow
def test_a_check_is_tried_added_changed_removed_and_taken_back(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    case = of_kind(store, sample_study, Kind.SUMMARY)
    app = opened(open_page, case, checks.OWN)
    assert app.button(key=f"save_check_{case.id}").disabled, "nothing was written yet"
    draft(app, CheckKind.MOST_WORDS, "40")
    tried = table_with(app, "Result")
    answered = len(tried)
    assert 15 <= answered <= 20, "of the first 20 calls"
    assert tried["Result"].iloc[0].endswith("words, more than 40")
    assert any("in the log: " in text.value and f"of {answered} pass" in text.value for text in app.markdown)
    assert of_kind(store, sample_study, Kind.SUMMARY).checks == (), "a preview changes nothing"
    click(app, f"save_check_{case.id}")
    assert of_kind(store, sample_study, Kind.SUMMARY).checks == (Check(kind=CheckKind.MOST_WORDS, value="40"),)
    table = table_with(app, "Passes")
    assert list(table["An answer"]) == ["at most 40 words"]
    assert table["Passes"].iloc[0].endswith(f" of {answered}")

    labelled(app.selectbox, "Add or change a check").set_value(0).run()
    assert labelled(app.text_input, "Which").value == "40"
    labelled(app.text_input, "Which").set_value("60").run()
    click(app, f"save_check_{case.id}")
    assert of_kind(store, sample_study, Kind.SUMMARY).checks == (Check(kind=CheckKind.MOST_WORDS, value="60"),)
    labelled(app.selectbox, "Add or change a check").set_value(0).run()
    click(app, f"remove_check_{case.id}")
    assert of_kind(store, sample_study, Kind.SUMMARY).checks == ()
    for left in ("60", "40"):
        undo(app)
        assert of_kind(store, sample_study, Kind.SUMMARY).checks == (Check(kind=CheckKind.MOST_WORDS, value=left),)
    undo(app)
    assert of_kind(store, sample_study, Kind.SUMMARY) == case


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (CheckKind.REGEX, "(Done", "missing"),
        (CheckKind.EXPRESSION, "text.lower() == 'x'", "lower"),
        (CheckKind.EXPRESSION, "__import__('os')", "unknown function"),
        (CheckKind.MOST_WORDS, "few", "not a whole number"),
    ],
)
def test_a_check_that_cannot_be_used_is_explained(
    open_page: Open, store: Store, sample_study: Study, kind: CheckKind, value: str, said: str
) -> None:
    case = of_kind(store, sample_study, Kind.SUMMARY)
    app = opened(open_page, case, checks.OWN)
    draft(app, kind, value)
    assert "can't be used" in app.error[0].value
    assert said in app.error[0].value.replace("\\", "")
    assert app.button(key=f"save_check_{case.id}").disabled


def test_a_suggested_check_is_one_click_away(open_page: Open, store: Store, sample_study: Study) -> None:
    case = of_kind(store, sample_study, Kind.SUMMARY)
    app = opened(open_page, case, checks.OWN)
    offered = {b.label.replace("\\", ""): b.key for b in app.button if (b.key or "").startswith("suggested_check_")}
    assert {"contains “Problem:”", "contains “Next:”", "never contains “```”"} <= offered.keys()
    click(app, offered["contains “Problem:”"] or "")
    assert of_kind(store, sample_study, Kind.SUMMARY).checks == (Check(kind=CheckKind.CONTAINS, value="Problem:"),)
    left = [b.label.replace("\\", "") for b in app.button if (b.key or "").startswith("suggested_check_")]
    assert "contains “Problem:”" not in left
    assert len(left) == len(offered) - 1
    undo(app)
    assert of_kind(store, sample_study, Kind.SUMMARY) == case


def test_how_answers_are_compared_is_tried_saved_and_taken_back(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    case = of_kind(store, sample_study, Kind.EXTRACTION)
    app = opened(open_page, case, checks.RIGHT)
    assert any("field by field" in text.value for text in app.markdown), "the log suggests it"
    way = labelled(app.selectbox, "How answers are matched with the reference answer")
    way.set_value(Matching.FIELDS).run()
    results = list(table_with(app, "Result")["Result"])
    assert any("% right: wrong: " in result for result in results)
    assert results[-1] == "right"
    labelled(app.selectbox, "How answers are matched with the reference answer").set_value(Matching.NUMERIC).run()
    assert "can't be compared" in table_with(app, "Result")["Result"].iloc[0]
    labelled(app.number_input, "Tolerance (% of the reference number)").set_value(5.0).run()
    click(app, f"save_match_{case.id}")
    assert of_kind(store, sample_study, Kind.EXTRACTION).match == Match(how=Matching.NUMERIC, tolerance=0.05)
    click(app, f"save_match_{case.id}")
    assert any("No changes" in note.value for note in app.info)
    assert not [box for box in app.checkbox if box.label.startswith("Ignore punctuation")]
    labelled(app.selectbox, "How answers are matched with the reference answer").set_value(checks.AUTOMATIC).run()
    labelled(app.checkbox, "Ignore punctuation and date formats").check().run()
    click(app, f"save_match_{case.id}")
    assert of_kind(store, sample_study, Kind.EXTRACTION).match == Match(how=None, loose=True)
    assert labelled(app.checkbox, "Ignore punctuation and date formats").value
    undo(app)
    click(app, f"suggested_match_{case.id}")
    assert of_kind(store, sample_study, Kind.EXTRACTION).match == Match(how=Matching.FIELDS)
    assert labelled(app.selectbox, "How answers are matched with the reference answer").value == Matching.FIELDS
    undo(app)
    undo(app)
    assert of_kind(store, sample_study, Kind.EXTRACTION) == case


def test_several_right_answers_are_shown_as_such(open_page: Open, store: Store, tmp_path: Path) -> None:
    rows = [call(n, answer="bug", expected=["bug", "crash"]) for n in range(3)]
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    app = open_page(PAGE, {"use_case": "1"})
    assert "bug\nor crash" in {block.value for block in app.code}


def test_right_answers_are_asked_about_only_where_there_are_some(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    case = of_kind(store, sample_study, Kind.SUMMARY)
    app = open_page(PAGE, {"use_case": str(case.id)})
    assert checks.RIGHT not in [tab.label for tab in app.tabs]
    assert not [box for box in app.selectbox if box.label == "How answers are matched with the reference answer"]


def test_the_judges_questions_are_saved_as_versions(open_page: Open, store: Store, sample_study: Study) -> None:
    case = of_kind(store, sample_study, Kind.DRAFTING)
    suggestion = rubric_of(store, case)
    app = opened(open_page, case, checks.QUESTIONS)
    assert (app.text_area[0].value or "").splitlines() == list(suggestion.questions)
    assert "suggestion for drafting" in app.text_area[0].label
    click(app, f"save_rubric_{case.id}")
    assert any("No changes" in note.value for note in app.info)
    app.text_area[0].set_value(f"Is it friendly?\n\n{HOSTILE}?")
    click(app, f"save_rubric_{case.id}")
    assert (rubric_of(store, case).version, rubric_of(store, case).questions) == (1, ("Is it friendly?", f"{HOSTILE}?"))
    assert "version 1" in app.text_area[0].label
    assert "\n".join(suggestion.questions) in [block.value for block in app.code]
    app.text_area[0].set_value("\n".join("Is it this?" for _ in range(2)))
    click(app, f"save_rubric_{case.id}")
    assert "twice" in app.error[0].value
    click(app, f"suggested_rubric_{case.id}")
    assert (rubric_of(store, case).version, rubric_of(store, case).questions) == (2, suggestion.questions)
    assert f"Is it friendly?\n{HOSTILE}?" in [block.value for block in app.code]
    assert f"suggested_rubric_{case.id}" not in [button.key for button in app.button]
    assert no_markup(app)


def test_text_from_the_log_and_from_checks_is_never_markup(open_page: Open, store: Store, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    lines = [f'"{HOSTILE} {n}","{HOSTILE} number {n}","{HOSTILE} {n}"' for n in range(30)]
    log.write_text("\n".join(["prompt,answer,expected", *lines]), encoding="utf-8")
    import_logs(store, "Hostile", [log], ImportOptions(redact=False))
    study = next(study for study in list_studies(store) if study.name == "Hostile")
    case = first(store, study)
    set_checks(store, case, [Check(kind=CheckKind.LACKS, value=HOSTILE)])
    app = opened(open_page, case, checks.OWN)
    assert [b.label for b in app.button if "Loud" in b.label], "words that every answer has are suggested"
    draft(app, CheckKind.REGEX, f"({HOSTILE}")
    assert app.error
    assert no_markup(app)
    draft(app, CheckKind.CONTAINS, "nowhere")
    assert HOSTILE in table_with(app, "Result")["Answer"].iloc[0]
    assert HOSTILE in table_with(app, "Passes")["An answer"].iloc[0]
    click(app, f"save_check_{case.id}")
    assert no_markup(app)
    assert no_markup(opened(open_page, case, checks.RIGHT))


def no_markup(app: AppTest) -> bool:
    """Whether nothing that Streamlit reads as Markdown holds the hostile text as it is."""
    kinds = (app.markdown, app.caption, app.toast, app.error, app.info, app.warning)
    shown = [element.value for kind in kinds for element in kind]
    shown += [element.label for element in (*app.button, *app.text_area, *app.expander)]
    return not [text for text in shown if "![x]" in text or "**Loud" in text]


def test_a_change_after_the_scoring_asks_for_another(open_page: Open, store: Store, replayed_study: Study) -> None:
    case = of_kind(store, replayed_study, Kind.SUMMARY)
    app = opened(open_page, case, checks.OWN)
    assert "score_again_here" not in [button.key for button in app.button]
    draft(app, CheckKind.MOST_WORDS, "60")
    assert set(table_with(app, "Result")["Whose"]) > {"in the log"}
    click(app, f"save_check_{case.id}")
    assert any("Rescore the answers" in note.value for note in app.warning)
    click(app, "score_again_here")
    assert [job.kind for job in list_jobs(store, replayed_study.id)] == ["score"]
    assert "score_again_here" not in [button.key for button in app.button]


def test_new_questions_ask_for_new_verdicts(open_page: Open, store: Store, replayed_study: Study) -> None:
    case = of_kind(store, replayed_study, Kind.DRAFTING)
    run = list_runs(store, replayed_study.id)[0]
    kept = {"use_cases": {case.id: [0, asdict(case.marking)]}}
    change_run(store, run.id, scored_with=RULE_VERSIONS | kept)
    app = opened(open_page, case, checks.QUESTIONS)
    assert not [note for note in app.warning if "Current votes" in note.value]
    app.text_area[0].set_value("Is it friendly?")
    click(app, f"save_rubric_{case.id}")
    assert any("Current votes used the suggested questions" in note.value for note in app.warning)
    assert "score_again_here" not in [button.key for button in app.button], "it would ask no judge"
