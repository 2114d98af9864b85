"""Reviews go out to a file and come back in: the same ones, into the pairs they were given for, no row lost unsaid."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.judge.label_files import import_labels
from advisor.measure.run_lifecycle import start_run
from advisor.plan.exports import export
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.run.reviews import add_reviews, load_reviews
from advisor.store.run.runs import change_run
from advisor.store.run.samples import list_run_samples
from advisor.types import Lane, Run, RunOptions, Status, Study
from advisor.types.dossier import Export
from tests.made.pairs import BETTER, REPLAYED, TIE, WORSE, answer, drafts, paired_run

WORDS = (BETTER, TIE, WORSE)


def reviewed(
    store: Store, folder: Path, rows: list[dict[str, Any]] | None = None, reviewer: str = "Ann"
) -> tuple[Study, Run, int]:
    """A run of five pairs, three of them judged at random and one picked."""
    study, run, candidate, _ = paired_run(store, folder, rows or drafts(5))
    samples = list_run_samples(store, run.id)
    words = [(sample, candidate, word) for sample, word in zip(samples, WORDS, strict=False)]
    add_reviews(store, run.id, words, reviewer=reviewer)
    add_reviews(store, run.id, [(samples[3], candidate, WORSE)], reviewer=reviewer, picked=True)
    return study, run, candidate


def elsewhere(folder: Path) -> Store:
    """Another database."""
    return Store(f"sqlite:///{folder / 'elsewhere.db'}")


def without(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def exported(store: Store, study: Study, folder: Path) -> list[dict[str, Any]]:
    export(store, study, Export.LABELS, folder / "labels.jsonl")
    return [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("suffix", "has_ids"), [(".csv", True), (".jsonl", False)])
def test_what_comes_back_elsewhere_is_what_went_out(
    any_store: Store, tmp_path: Path, suffix: str, has_ids: bool
) -> None:
    rows = [{**row, "id": f"row {n}"} if has_ids else row for n, row in enumerate(drafts(5))]
    study, *_ = reviewed(any_store, tmp_path, rows, reviewer='=HYPERLINK("x")')
    path = tmp_path / f"labels{suffix}"
    assert export(any_store, study, Export.LABELS, path) == 4
    other = elsewhere(tmp_path)
    paired_run(other, tmp_path, drafts(1), name="Another study, so that ids differ")
    same_study, *_ = paired_run(other, tmp_path, rows)
    found = import_labels(other, same_study, path)
    assert (found.taken, found.replaced, found.rejected) == (4, 0, ())
    ours, theirs = exported(any_store, study, tmp_path), exported(other, same_study, tmp_path)
    assert [row["sample_id"] for row in ours] != [row["sample_id"] for row in theirs]
    assert all(bool(row["sample_external_id"]) is has_ids for row in ours)
    own = {"run", "sample_id"}
    assert [without(row, own) for row in ours] == [without(row, own) for row in theirs]
    again = import_labels(other, same_study, path)
    assert (again.taken, again.replaced, exported(other, same_study, tmp_path)) == (4, 4, theirs)
    other.close()


def test_a_run_has_the_number_that_pages_show(store: Store, tmp_path: Path) -> None:
    paired_run(store, tmp_path, drafts(1), name="Another study, so that ids differ")
    study, run, _ = reviewed(store, tmp_path)
    assert (run.id, run.number) == (2, 1)
    assert {row["run"] for row in exported(store, study, tmp_path)} == {run.number}


def test_no_cell_of_a_csv_runs_as_a_formula(store: Store, tmp_path: Path) -> None:
    study, *_ = reviewed(store, tmp_path, reviewer='=HYPERLINK("x")')
    export(store, study, Export.LABELS, tmp_path / "labels.csv")
    text = (tmp_path / "labels.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == list(exported(store, study, tmp_path)[0])
    assert {row["reviewer"] for row in rows} == {'\'=HYPERLINK("x")'}


def test_a_later_run_takes_the_reviews_of_answers_that_are_the_same(store: Store, tmp_path: Path) -> None:
    study, run, candidate = reviewed(store, tmp_path)
    rows = exported(store, study, tmp_path)
    change_run(store, run.id, status=Status.SUCCEEDED)
    later = start_run(store, study, RunOptions(sample_size=5, baseline=Lane.RECORDED))
    first, *others = list_run_samples(store, later.id)
    names = {sample.id: sample.ids.external_id for sample in load_samples(store, others)}
    texts = {sample: f"{REPLAYED} {name}" for sample, name in names.items()}
    answer(store, later, candidate, texts | {first: "Other words."})
    found = import_labels(store, study, written(tmp_path / "in.jsonl", rows))
    assert found.taken == 3
    assert found.rejected == ((1, "the candidate's answer in the run differs from the reviewed one"),)
    assert {review.sample_id for review in load_reviews(store, later.id)} == set(others[:3])
    assert len(load_reviews(store, run.id)) == 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model": "nobody"}, "the run has no candidate 'nobody'"),
        ({"preference": "yes"}, "unknown preference 'yes'; use candidate, baseline, tie"),
        ({"reviewer": " "}, "no reviewer given"),
        ({"reviewer": None}, "no reviewer given"),
        ({"picked": "perhaps"}, "picked must be true or false, not 'perhaps'"),
        ({"at": "yesterday"}, "'yesterday' isn't a time"),
        ({"at": "2026-11-01T10:00:00"}, "has no time zone"),
        ({"sample_external_id": "unknown"}, "the run has no sample 'unknown'"),
        ({"sample_external_id": None, "sample_id": 99_999, "prompt_digest": None}, "the run has no sample '99999'"),
        ({"sample_external_id": None, "sample_id": "9" * 5000, "prompt_digest": None}, "the run has no sample"),
        ({"sample_external_id": None, "sample_id": None}, "no sample given"),
        ({"prompt_digest": "0" * 32}, "this sample has a different prompt in the run"),
        ({"baseline_digest": "0" * 32}, "the baseline's answer in the run differs"),
        ({"run": 77, "candidate_digest": None}, "unknown which answers were reviewed"),
        ({"picked": True}, "the reviewer has judged this pair in the random subset"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_with_the_reason(
    store: Store, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    study, run, _ = reviewed(store, tmp_path)
    first, second, *_ = exported(store, study, tmp_path)
    before = load_reviews(store, run.id)
    found = import_labels(store, study, written(tmp_path / "in.jsonl", [second, first | change]))
    assert (found.taken, found.replaced) == (1, 1)
    assert [row for row, _ in found.rejected] == [2]
    assert reason in found.rejected[0][1]
    assert load_reviews(store, run.id) == before


def test_lines_that_are_no_objects_and_repeated_rows_are_named(store: Store, tmp_path: Path) -> None:
    study, *_ = reviewed(store, tmp_path)
    row = json.dumps(exported(store, study, tmp_path)[0])
    path = tmp_path / "in.jsonl"
    path.write_text(f'{row}\n\n[1]\n{{"broken\n{row}\n')
    assert import_labels(store, study, path).rejected == (
        (3, "it is not a JSON object"),
        (4, "it is not a JSON object"),
        (5, "row 1 already has this reviewer's vote on this pair"),
    )


def test_a_row_by_hand_needs_no_digests_within_its_run(store: Store, tmp_path: Path) -> None:
    study, run, _, _ = paired_run(store, tmp_path, drafts(2))
    sample = list_run_samples(store, run.id)[0]
    row = {"study": "S", "run": run.id, "sample_id": sample, "model": "Larch", "preference": "Tie", "reviewer": "Bo"}
    assert import_labels(store, study, written(tmp_path / "in.jsonl", [row])).taken == 1
    (kept,) = load_reviews(store, run.id)
    assert (kept.sample_id, kept.preference, kept.picked) == (sample, TIE, False)


def test_what_is_no_such_file_is_refused(store: Store, tmp_path: Path) -> None:
    study, *_ = paired_run(store, tmp_path, drafts(1))
    with pytest.raises(BadInput, match="has no reviews yet; judge some pairs"):
        export(store, study, Export.LABELS, tmp_path / "labels.csv")
    for name, content, reason in (
        ("missing.csv", None, "can't be read"),
        ("binary.csv", b"\xff\xfe\x00", "is not UTF-8 text"),
        ("other.csv", b"a,b\n1,2\n", "has no column 'model'"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInput, match=reason):
            import_labels(store, study, tmp_path / name)
