"""The pre-recorded reviews of the sample study."""

import json
from pathlib import Path

from advisor.store import Store
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.reviews import add_reviews, load_reviews
from advisor.store.run_samples import list_run_samples
from advisor.types import Preference, Run

REVIEWS = "reviews.jsonl"
REVIEWER = "written for the sample"


def add_written_reviews(store: Store, run: Run, data_dir: Path) -> None:
    """Add the reviews that were written for the sample to a run of the sample study, once."""
    path = data_dir / "sample" / REVIEWS
    candidate = next((m for m in list_models(store, run.study_id) if m.illustrative and m.id in run.model_ids), None)
    if candidate is None or not path.is_file():
        return
    if any(review.reviewer == REVIEWER for review in load_reviews(store, run.id)):
        return
    written = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            written[row["id"]] = Preference(row["preference"])
    reviews = [
        (sample.id, candidate.id or 0, written[sample.external_id])
        for sample in load_samples(store, list_run_samples(store, run.id))
        if sample.external_id in written and sample.id is not None
    ]
    add_reviews(store, run.id, reviews, reviewer=REVIEWER)
