"""A log of assorted questions: the topics in it, and a use case for each by one click."""

import json
from pathlib import Path

import pytest

from advisor.collect import use_cases
from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.grouping.subjects import OTHER, Subjects, subject_of
from advisor.store import Store
from advisor.store.log.edits import undo_edit
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study

ASKED = {
    "SQL and databases": ["Join two tables {n} in PostgreSQL", "Why is my sql query {n} slow?"],
    "Python": ["Write a python script that counts to {n}", "Sort {n} rows of a pandas dataframe"],
    "Stories and creative writing": ["Write a poem about {n} cats", "A short story with {n} dragons"],
    "Travel and food": ["A recipe for {n} people", "Plan a trip of {n} days, hotel and itinerary"],
}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Use javascript to read a json file", "Web development"),
        ("def f(x):\n    return x", "Other code"),
        ("How many days are 40 hours?", "Mathematics"),
        ("Who are you", OTHER),
        ("Prove the theorem of Pythagoras", "Mathematics"),
    ],
)
def test_a_text_is_about_what_its_words_say(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_what_is_too_small_goes_to_its_family() -> None:
    texts = ["Write a poem about rain"] * 3 + ["Rewrite this essay"] * 3 + ["Fix my python loop"] * 40 + ["Hm"] * 40
    subjects = Subjects(texts)
    assert subjects.names == [OTHER, "Python", "Other writing and language"]
    assert subjects.find(["Write a poem", "python?", "?"]) == [2, 1, 0]


def imported(store: Store, tmp_path: Path, asked: list[str]) -> tuple[list[str], dict[str, int]]:
    path = tmp_path / "log.jsonl"
    path.write_text(
        "".join(json.dumps({"prompt": text, "response": "Sure.", "task": "assistant"}) + "\n" for text in asked)
    )
    report = import_logs(store, "Mixed", [path], ImportOptions(redact=False))
    return [case.name for case in report.use_cases], {case.name: case.calls.total for case in report.use_cases}


def test_assorted_questions_show_their_topics_and_are_split_by_them(store: Store, tmp_path: Path) -> None:
    asked = [line.format(n=n) for n in range(6) for own in ASKED.values() for line in own]
    asked += [f"Hello number {n}" for n in range(10)]
    (name,), _ = imported(store, tmp_path, asked)
    study = find_study(store, "Mixed")
    (case,) = list_use_cases(store, study.id)
    topics = use_cases.list_topics(store, study, case)
    assert {part.name: part.calls for part in topics} == dict.fromkeys(ASKED, 12) | {OTHER: 10}
    assert topics[-1].name == OTHER
    use_cases.split_by_topics(store, study, case)
    found = {each.name: each.calls.total for each in list_use_cases(store, study.id)}
    assert found == dict.fromkeys(ASKED, 12) | {OTHER: 10}
    edit = use_cases.last_edit(store, study)
    assert edit is not None
    undo_edit(store, study.id, edit.id)
    assert [(each.name, each.calls.total) for each in list_use_cases(store, study.id)] == [(name, 58)]


def test_questions_of_one_kind_have_no_topics(store: Store, tmp_path: Path) -> None:
    imported(store, tmp_path, [f"Where is my parcel {n}?" for n in range(60)])
    study = find_study(store, "Mixed")
    assert [use_cases.list_topics(store, study, case) for case in list_use_cases(store, study.id)] == [[]]
