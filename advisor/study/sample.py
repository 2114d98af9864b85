"""The sample study: a fictional help desk's log, so that everything can be seen without a key.

Beside the built-in model it holds an illustrative candidate whose answers, and some reviews of them, were written for
the sample. They are labelled so wherever they appear.
"""

import json
from pathlib import Path

from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.reviews import add_reviews, load_reviews
from advisor.store.runs import list_run_samples
from advisor.store.studies import find_study
from advisor.study.imports import import_logs
from advisor.study.models import BUILTIN, register_model
from advisor.types import Model, Preference, Run, Study

SAMPLE_STUDY = "Sample study"
LOG = "helpdesk.jsonl"
REVIEWS = "reviews.jsonl"
REVIEWER = "written for the sample"
TRAFFIC_SHARE = 0.002
"""The fictional team logs one call in 500."""

ILLUSTRATIVE = Model(
    name="Larch 30B (illustrative)",
    litellm_id="written/sample",
    input_price_usd_per_mtok=0.10,
    output_price_usd_per_mtok=0.40,
    licence="apache-2.0",
    illustrative=True,
)
"""Its price is illustrative too."""


def load_sample(store: Store, data_dir: Path) -> Study:
    """Import the sample log and register both candidates; loading it again adds nothing.

    Its personal data are invented, so that they are kept as they are.

    Raises BadInput when the files of the sample are missing.
    """
    log = data_dir / "sample" / LOG
    if not log.is_file():
        raise BadInput(f"The sample log {log.name} is missing from {log.parent}; restore data/sample/ and try again.")
    import_logs(store, SAMPLE_STUDY, [log], redact=False, traffic_share=TRAFFIC_SHARE, is_sample=True)
    study = find_study(store, SAMPLE_STUDY)
    for model in (ILLUSTRATIVE, BUILTIN):
        register_model(store, study, model)
    return study


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
