"""Use cases found in logs: the right ones, whatever the labels are and in whatever order the rows come."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study
from advisor.types import Exchange, Kind, Study
from tests.made.log import call, write_log
from tests.made.use_cases import (
    Row,
    members,
    sample_rows,
    share_right,
    snapshot,
    true_use_cases,
    without_label,
)

TOPICS = {
    "parcel": "parcel courier delivery tracking depot shipment doorstep address arrived parcels customs warehouse",
    "invoice": "invoice payment charged card refund billing receipt euros bank subscription tax amount",
    "login": "password login account reset email locked authenticator code username verification session browser",
}

FILLERS = ("please", "could", "we", "today", "again", "still", "maybe", "there")


def grouped(store: Store, tmp_path: Path, rows: list[Row], study: str = "x") -> Study:
    folder = tmp_path / f"log {len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    import_logs(store, study, [write_log(folder / "log.jsonl", rows)], ImportOptions(redact=False))
    return find_study(store, study)


def about(topic: str, n: int) -> Row:
    """A message of words about a topic, between words about nothing."""
    rng = random.Random(f"{topic} {n}")
    said = rng.sample(TOPICS[topic].split(), 6) + rng.sample(
        ["please", "could", "we", "today", "again", "still", "maybe", "there"], 4
    )
    rng.shuffle(said)
    return call(n, " ".join(said), answer="Thank you, we look into it now.", metadata={}, id=f"{topic} {n}")


def kinds(store: Store, study: Study) -> dict[str, Kind]:
    return {case.name: case.kind for case in list_use_cases(store, study.id)}


def test_labels_are_the_use_cases(store: Store, tmp_path: Path) -> None:
    study = grouped(store, tmp_path, sample_rows(lambda row: None))
    truth = true_use_cases()
    assert share_right(members(store, study), truth) == 1.0
    assert kinds(store, study) == {
        "Billing request extraction": Kind.EXTRACTION,
        "Ticket triage": Kind.CLASSIFICATION,
        "Agent actions": Kind.TOOL_USE,
        "Help article answers": Kind.QUESTION_ANSWERING,
        "Thread summary": Kind.SUMMARY,
        "Reply draft": Kind.DRAFTING,
    }


def id_of_the_row(row: Row) -> None:
    row["metadata"] = {"use_case": f"run {row['id']}"}


def one_of_many_users(row: Row) -> None:
    row["metadata"] = {"tags": [f"user {sum(map(ord, row['id'])) % 40}"]}


def environment(row: Row) -> None:
    row["metadata"] = {"use_case": "production"}


@pytest.mark.parametrize("change", [without_label, id_of_the_row, one_of_many_users, environment])
def test_without_labels_that_tell_the_words_do(store: Store, tmp_path: Path, change: Callable[[Row], None]) -> None:
    study = grouped(store, tmp_path, sample_rows(change))
    found = members(store, study)
    assert share_right(found, true_use_cases()) >= 0.95
    assert len(found) <= 8
    names = kinds(store, study)
    assert set(names.values()) == {
        Kind.EXTRACTION,
        Kind.CLASSIFICATION,
        Kind.TOOL_USE,
        Kind.QUESTION_ANSWERING,
        Kind.SUMMARY,
        Kind.DRAFTING,
    }
    assert all(len(name) <= 48 and name[0].isupper() for name in names)
    assert all(isinstance(case.description, Exchange) for case in list_use_cases(store, study.id))


def test_messages_without_a_system_prompt_are_told_apart_by_their_words(store: Store, tmp_path: Path) -> None:
    rows = [about(topic, n) for n in range(60) for topic in TOPICS]
    study = grouped(store, tmp_path, rows)
    found = members(store, study)
    truth = {row["id"]: row["id"].split()[0] for row in rows}
    assert share_right(found, truth) >= 0.9
    assert len(found) <= 4


def test_labels_that_differ_on_every_row_do_not_explode(store: Store, tmp_path: Path) -> None:
    rng = random.Random(3)
    words = [f"{a}{b}{c}o" for a in "bdfgklmnp" for b in "aeiou" for c in "rstvz"]
    rows = [call(n, " ".join(rng.sample(words, 8)), "Well.", metadata={"use_case": f"case {n}"}) for n in range(400)]
    study = grouped(store, tmp_path, rows)
    assert [(case.name, case.calls.total) for case in list_use_cases(store, study.id)] == [("General chat", 400)]


def test_small_labels_stay_together_beside_large_ones(store: Store, tmp_path: Path) -> None:
    rows = [call(n, metadata={"use_case": "Big" if n % 2 else "big"}) for n in range(600)]
    rows += [call(600 + n, metadata={"use_case": f"small {n}"}) for n in range(30)]
    study = grouped(store, tmp_path, rows)
    assert {case.name.casefold(): case.calls.total for case in list_use_cases(store, study.id)} == {
        "big": 600,
        "other chat": 30,
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_rows_makes_no_difference(store: Store, tmp_path: Path, seed: int) -> None:
    rows = sample_rows(without_label) + [about(topic, n) for n in range(40) for topic in TOPICS]
    shuffled = random.Random(seed).sample(rows, len(rows))
    first, second = grouped(store, tmp_path, rows), grouped(store, tmp_path, shuffled, "shuffled")
    assert members(store, first) == members(store, second)
    assert _seen(store, first) == _seen(store, second)


@pytest.mark.parametrize("log", ["made", pytest.param("real", marks=pytest.mark.shared)])
def test_the_order_of_a_log_makes_no_difference(
    store: Store, tmp_path: Path, log: str, request: pytest.FixtureRequest
) -> None:
    if log == "made":
        path = write_log(tmp_path / "log.jsonl", [about(topic, n) for topic in TOPICS for n in range(30)])
    else:
        path = request.getfixturevalue("shared") / "logs" / "wire_openai_chat.jsonl"
    lines = path.read_text(encoding="utf-8").strip("\n").split("\n")
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(random.Random(5).sample(lines, len(lines))), encoding="utf-8")
    for study, file in (("a", path), ("b", other)):
        import_logs(store, study, [file], ImportOptions(redact=False))
    first, second = find_study(store, "a"), find_study(store, "b")
    assert _seen(store, first) == _seen(store, second)
    assert members(store, first, by="digest") == members(store, second, by="digest")
    sizes = [case.calls.total for case in list_use_cases(store, first.id)]
    if log == "made":
        assert sizes == [30, 30, 30]
    else:
        assert 10 <= len(sizes) <= 25
        assert max(sizes) < 0.25 * sum(sizes), "a mixed bag"


def test_the_same_log_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    rows = sample_rows(without_label)
    study = grouped(store, tmp_path, rows)
    before = snapshot(store, study)
    grouped(store, tmp_path, list(reversed(rows)))
    assert snapshot(store, study) == before


def test_a_second_log_joins_the_use_cases_there_are(store: Store, tmp_path: Path) -> None:
    rows = sample_rows(without_label) + [about(topic, n) for n in range(80) for topic in TOPICS]
    study = grouped(store, tmp_path, rows[0::2])
    before = members(store, study)
    grouped(store, tmp_path, rows[1::2])
    after = members(store, study)
    assert after.keys() == before.keys()
    assert all(before[name] < after[name] for name in before)
    truth = true_use_cases() | {row["id"]: row["id"].split()[0] for row in rows if "-" not in row["id"]}
    assert share_right(after, truth) >= 0.95


def test_a_new_purpose_of_a_second_log_is_a_new_use_case(store: Store, tmp_path: Path) -> None:
    rows = sample_rows(without_label)
    truth = true_use_cases()
    study = grouped(store, tmp_path, [row for row in rows if truth[row["id"]] != "Thread summary"])
    before = set(members(store, study))
    grouped(store, tmp_path, [row for row in rows if truth[row["id"]] == "Thread summary"])
    (new,) = set(members(store, study)) - before
    assert kinds(store, study)[new] is Kind.SUMMARY


def _seen(store: Store, study: Study) -> list[tuple[str, object, Kind, int]]:
    return [(case.name, case.description, case.kind, case.calls.total) for case in list_use_cases(store, study.id)]
