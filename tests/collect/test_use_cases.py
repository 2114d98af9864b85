"""Mending use cases: each change does what it says, holds for logs to come, and is undone exactly."""

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.use_cases import (
    change,
    last_edit,
    list_parts,
    merge,
    preview_split,
    split_by_groups,
    split_by_words,
)
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.log.edits import list_edits, undo_edit
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study
from advisor.types import Endpoint, Kind, Study, UseCase
from tests.made.log import call, write_log
from tests.made.use_cases import Row, members, snapshot

REFUND = "I was charged twice on my card, please send the refund for invoice number {}"
PARCEL = "The courier lost the parcel, the tracking page of shipment {} shows no delivery"


def support(start: int, size: int = 40) -> list[Row]:
    """Calls with one label about two things, and with two other labels."""
    both = [REFUND, PARCEL]
    rows = [(f"s{n}", "Support", both[n % 2].format(n)) for n in range(start, start + size)]
    rows += [(f"b{n}", "Billing", f"Set up the yearly bill of account {n}") for n in range(start, start + size // 2)]
    rows += [(f"m{n}", "Mail", f"Write a mail about {n}") for n in range(start, start + size // 2)]
    return [
        call(n, prompt, id=mark, metadata={"use_case": label}, response=_answer(mark))
        for n, (mark, label, prompt) in enumerate(rows, start)
    ]


def _answer(mark: str) -> Row:
    return {
        "id": f"chatcmpl-{mark}",
        "choices": [
            {"message": {"role": "assistant", "content": f"We look into it, {mark}."}, "finish_reason": "stop"}
        ],
    }


def imported(store: Store, tmp_path: Path, rows: list[Row]) -> Study:
    log = write_log(tmp_path / f"{rows[0]['id']}.jsonl", rows)
    import_logs(store, "x", [log], ImportOptions(redact=False))
    return find_study(store, "x")


@pytest.fixture
def study(store: Store, tmp_path: Path) -> Study:
    return imported(store, tmp_path, support(0))


def named(store: Store, study: Study, name: str) -> UseCase:
    return next(case for case in list_use_cases(store, study.id) if case.name == name)


def sizes(store: Store, study: Study) -> dict[str, int]:
    return {case.name: case.calls.total for case in list_use_cases(store, study.id)}


def rename(store: Store, study: Study) -> None:
    change(store, named(store, study, "Mail"), name="  Letters ")


def ignore(store: Store, study: Study) -> None:
    change(store, named(store, study, "Mail"), ignored=True)


def judge_otherwise(store: Store, study: Study) -> None:
    change(store, named(store, study, "Mail"), kind=Kind.SUMMARY, endpoint=Endpoint.PAIRWISE, margin=0.1)


def merge_two(store: Store, study: Study) -> None:
    merge(store, named(store, study, "Mail"), named(store, study, "Billing"))


def split_a_group(store: Store, study: Study) -> None:
    merge_two(store, study)
    case = named(store, study, "Billing")
    parts = list_parts(store, study, case)
    assert {part.name: part.calls for part in parts} == {"Billing": 20, "Mail": 20}
    assert all(part.examples for part in parts)
    split_by_groups(store, study, case, [part for part in parts if part.name == "Mail"], "Letters")


def split_words(store: Store, study: Study) -> None:
    case = named(store, study, "Support")
    preview = preview_split(store, study, case, 2)
    assert [part.calls for part in preview] == [20, 20]
    assert [preview[1].name] == split_by_words(store, study, case, 2)


CHANGES: dict[str, Callable[[Store, Study], None]] = {
    "Mail: renamed to Letters": rename,
    "Mail: ignored": ignore,
    "Mail: kind set to summary, scored by judge or reviews, acceptable drop 10 pts": judge_otherwise,
    "Merged Mail into Billing": merge_two,
    "Split Letters off Billing": split_a_group,
    "Split Support into 2 use cases": split_words,
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_told_and_undone_exactly(store: Store, study: Study, what: str) -> None:
    before = snapshot(store, study)
    CHANGES[what](store, study)
    edit = last_edit(store, study)
    assert edit is not None
    assert edit.what == what
    assert snapshot(store, study) != before
    while edit := last_edit(store, study):
        undo_edit(store, study.id, edit.id)
    assert snapshot(store, study) == before


def test_several_changes_are_undone_one_by_one(any_store: Store, tmp_path: Path) -> None:
    store, study = any_store, imported(any_store, tmp_path, support(0))
    seen = [snapshot(store, study)]
    for do in (rename, split_words, ignore_billing, merge_support):
        do(store, study)
        seen.append(snapshot(store, study))
    assert len(list_edits(store, study.id)) == 4
    for before in reversed(seen[:-1]):
        edit = last_edit(store, study)
        assert edit is not None
        undo_edit(store, study.id, edit.id)
        assert snapshot(store, study) == before


def ignore_billing(store: Store, study: Study) -> None:
    change(store, named(store, study, "Billing"), ignored=True)


def merge_support(store: Store, study: Study) -> None:
    merge(store, named(store, study, "Support"), named(store, study, "Billing"))


def test_calls_to_come_follow_renames_and_merges(store: Store, study: Study, tmp_path: Path) -> None:
    rename(store, study)
    merge(store, named(store, study, "Billing"), named(store, study, "Letters"))
    imported(store, tmp_path, support(100))
    assert sizes(store, study) == {"Support": 80, "Letters": 80}


def test_calls_to_come_follow_a_split_by_groups(store: Store, study: Study, tmp_path: Path) -> None:
    split_a_group(store, study)
    imported(store, tmp_path, support(100))
    assert sizes(store, study) == {"Support": 80, "Billing": 40, "Letters": 40}


def test_labels_that_begin_with_split_are_labels(store: Store, tmp_path: Path) -> None:
    labels = ("pdf", "split pdf", "split csv")
    rows = [call(n, id=f"r{n}", metadata={"use_case": labels[n % 3]}) for n in range(60)]
    study = imported(store, tmp_path, rows)
    merge(store, named(store, study, "split csv"), named(store, study, "pdf"))
    merge(store, named(store, study, "split pdf"), named(store, study, "pdf"))
    parts = list_parts(store, study, named(store, study, "pdf"))
    assert {part.name: part.calls for part in parts} == dict.fromkeys(labels, 20)
    more = [call(n, id=f"r{n}", metadata={"use_case": labels[n % 3]}) for n in range(100, 160)]
    imported(store, tmp_path, more)
    assert sizes(store, study) == {"pdf": 120}


def test_calls_to_come_follow_a_split_by_words(store: Store, study: Study, tmp_path: Path) -> None:
    split_words(store, study)
    imported(store, tmp_path, support(100))
    found = members(store, study)
    odd = [{int(mark[1:]) % 2 for mark in marks} for name, marks in found.items() if name not in ("Billing", "Mail")]
    assert sorted(len(marks) for marks in found.values()) == [40] * 4
    assert sorted(map(sorted, odd)) == [[0], [1]]


def test_an_import_between_a_split_and_its_undo_loses_no_call(store: Store, study: Study, tmp_path: Path) -> None:
    split_words(store, study)
    imported(store, tmp_path, support(100))
    edit = last_edit(store, study)
    assert edit is not None
    undo_edit(store, study.id, edit.id)
    assert sizes(store, study) == {"Support": 80, "Billing": 40, "Mail": 40}


def test_ignored_calls_stay_ignored(store: Store, study: Study, tmp_path: Path) -> None:
    ignore(store, study)
    imported(store, tmp_path, support(100))
    assert named(store, study, "Mail").ignored
    assert named(store, study, "Mail").calls.total == 40


def test_what_cannot_be_done_is_said_and_changes_nothing(store: Store, study: Study) -> None:
    mail, support_case = named(store, study, "Mail"), named(store, study, "Support")
    before = snapshot(store, study)
    with pytest.raises(BadInput, match="already"):
        change(store, mail, name="Billing")
    with pytest.raises(BadInput, match="needs a name"):
        change(store, mail, name=" ")
    with pytest.raises(BadInput, match="not all"):
        split_by_groups(store, study, mail, list_parts(store, study, mail), "All")
    with pytest.raises(BadInput, match="2 to"):
        preview_split(store, study, support_case, 1)
    merge(store, mail, mail)
    change(store, mail, name="Mail")
    assert last_edit(store, study) is None
    assert snapshot(store, study) == before


def test_only_the_newest_change_can_be_undone(store: Store, study: Study) -> None:
    rename(store, study)
    first = last_edit(store, study)
    assert first is not None
    ignore_billing(store, study)
    with pytest.raises(BadInput, match="have changed"):
        undo_edit(store, study.id, first.id)


def test_a_use_case_that_was_merged_away_cannot_be_changed(store: Store, study: Study) -> None:
    mail = named(store, study, "Mail")
    merge_two(store, study)
    with pytest.raises(BadInput, match="no longer exists"):
        change(store, mail, ignored=True)


def test_words_that_tell_nothing_apart(store: Store, tmp_path: Path) -> None:
    rows = [call(n, "The very same words", id=f"r{n}", metadata={"use_case": "One"}) for n in range(30)]
    study = imported(store, tmp_path, rows)
    with pytest.raises(BadInput, match="too similar"):
        preview_split(store, study, named(store, study, "One"), 2)
