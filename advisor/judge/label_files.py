"""People's reviews out to a file and back in: one row per review, JSONL or CSV by the file's name.

Digests of prompt and answers go with every row, so that a review is never taken for one of other answers: a model asked
again in a later run may have answered otherwise.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from advisor.errors import BadInput
from advisor.judge.label_pairs import Row, RunPairs, prompt_digest, shortened, text_digest, text_in
from advisor.judge.pairs import load_texts
from advisor.judge.run_facts import newest_answered
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.reviews import Review, list_reviews, load_reviews, put_reviews
from advisor.store.run.runs import list_runs
from advisor.types import Json, Preference, Run, Study
from advisor.types.texts import neutralise, restore

NEEDED = ("model", "preference", "reviewer")
"""Beside what tells the sample: one of ``sample_external_id`` and ``sample_id``."""


@dataclass(frozen=True, kw_only=True)
class LabelImport:
    """What became of the rows of a file."""

    taken: int
    replaced: int
    """Of those taken: reviews of the same reviewer and pair that were there before."""
    rejected: tuple[tuple[int, str], ...]
    """(row, reason); rows count from 1: the line of a JSONL, the data row of a CSV."""


def render_labels(store: Store, study: Study, suffix: str) -> tuple[bytes, int]:
    """Every review of a study as a file, CSV for the suffix ".csv", else JSONL; and its rows.

    Raises BadInput without a review.
    """
    rows = list(_rows(store, study))
    if not rows:
        raise BadInput(f"Study {study.name!r} has no reviews yet; judge some pairs on the Review page first.")
    text = _csv(rows) if suffix.lower() == ".csv" else "".join(f"{json.dumps(row)}\n" for row in rows)
    return text.encode(), len(rows)


def import_labels(store: Store, study: Study, path: Path, *, run: Run | None = None) -> LabelImport:
    """Take the reviews of a file into a run of a study, by default the newest with answers.

    A row belongs to a pair of the run when it names its model and its sample, by the team's own id or else by ours or
    the digest of the prompt, and when the digests it has are those of the pair's texts. Everything else is rejected
    with a reason. A review of the same reviewer and pair is replaced, save that a picked one never replaces one of the
    random subset.

    Raises BadInput when the file cannot be read, a needed column is missing, or nobody has answered yet.
    """
    run = run or newest_answered(store, study)
    listed = list(_read(path))
    pairs = RunPairs(store, study, run, [row for _, row in listed if isinstance(row, dict)])
    before = {(r.sample_id, r.model_id, r.reviewer): r for r in load_reviews(store, run.id)}
    taken: dict[tuple[int, int, str], Review] = {}
    first_row: dict[tuple[int, int, str], int] = {}
    rejected: list[tuple[int, str]] = []
    for number, row in listed:
        try:
            review = _review(row, pairs)
            key = (review.sample_id, review.model_id, review.reviewer)
            if key in taken:
                raise BadInput(f"row {first_row[key]} already has this reviewer's vote on this pair")
            if review.picked and key in before and not before[key].picked:
                raise BadInput("the reviewer has judged this pair in the random subset, which a picked review keeps")
        except BadInput as error:
            rejected.append((number, str(error)))
            continue
        taken[key], first_row[key] = review, number
    replaced = put_reviews(store, run.id, taken.values())
    return LabelImport(taken=len(taken), replaced=len(replaced), rejected=tuple(rejected))


def take_labels(store: Store, study: Study, path: Path) -> Json:
    """Import reviews for the command line: taken, replaced and rejected{row, reason}.

    Raises BadInput as import_labels does, and where no row can be used.
    """
    labels = import_labels(store, study, path)
    if not labels.taken:
        why = "".join(f" Row {row}: {reason}." for row, reason in labels.rejected[:1])
        raise BadInput(f"No review in {path.name} can be used.{why}")
    rejected = [{"row": row, "reason": reason} for row, reason in labels.rejected]
    return {"taken": labels.taken, "replaced": labels.replaced, "rejected": rejected}


def _rows(store: Store, study: Study) -> Iterator[Row]:
    names = {model.id: model.name for model in list_models(store, study.id)}
    for run in reversed(list_runs(store, study.id)):
        reviews = list_reviews(store, run.id)
        texts = load_texts(store, run, {(review.sample_id, review.model_id) for review in reviews})
        for review in reviews:
            pair = texts[(review.sample_id, review.model_id)]
            yield {
                "study": study.name,
                "run": run.number,
                "sample_external_id": pair.sample.ids.external_id,
                "sample_id": review.sample_id,
                "use_case": pair.sample.use_case,
                "model": names[review.model_id],
                "preference": review.preference.value,
                "reviewer": review.reviewer,
                "at": review.at.isoformat(),
                "picked": review.picked,
                "prompt_digest": prompt_digest(pair.sample),
                "baseline_digest": text_digest(pair.baseline),
                "candidate_digest": text_digest(pair.candidate),
            }


def _csv(rows: Sequence[Row]) -> str:
    """With the mark that makes spreadsheets read UTF-8, and nothing that they would run as a formula."""
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]), lineterminator="\r\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: neutralise(value) for name, value in row.items()})
    return "\ufeff" + written.getvalue()


def _read(path: Path) -> Iterator[tuple[int, Row | str]]:
    """Every row with its number; where it cannot be read, the reason in its place."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path.name} can't be read ({error.strerror}); give a file of exported reviews.") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path.name} is not UTF-8 text; give a file of exported reviews.") from None
    if path.suffix.lower() == ".csv":
        yield from _read_csv(path, text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield number, row if isinstance(row, dict) else "it is not a JSON object"


def _read_csv(path: Path, text: str) -> Iterator[tuple[int, Row | str]]:
    table = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in NEEDED if name not in (table.fieldnames or ())]
    if missing:
        raise BadInput(f"{path.name} has no column {missing[0]!r}; give a file of exported reviews.")
    try:
        for number, row in enumerate(table, 1):
            yield number, {name: restore(cell) for name, cell in row.items() if name is not None}
    except csv.Error as error:
        raise BadInput(f"{path.name} is not a CSV file ({error}); give a file of exported reviews.") from None


def _review(row: Row | str, pairs: RunPairs) -> Review:
    if isinstance(row, str):
        raise BadInput(row)
    preference, reviewer = text_in(row, "preference").lower(), text_in(row, "reviewer")
    if preference not in list(Preference):
        raise BadInput(f"unknown preference {shortened(preference)!r}; use {', '.join(Preference)}")
    if not reviewer:
        raise BadInput("no reviewer given")
    picked = text_in(row, "picked").lower()
    if picked not in ("", "true", "false"):
        raise BadInput(f"picked must be true or false, not {shortened(picked)!r}")
    sample_id, model_id = pairs.find(row)
    return Review(
        sample_id, model_id, Preference(preference), reviewer, picked=picked == "true", at=_time(text_in(row, "at"))
    )


def _time(text: str) -> datetime:
    if not text:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{shortened(text)!r} isn't a time") from None
    raise BadInput(f"the time {text!r} has no time zone")
