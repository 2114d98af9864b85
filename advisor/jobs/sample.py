"""The sample study: a fictional help desk's log, so that everything can be seen without a key.

Beside the built-in model it holds an illustrative candidate whose answers, and some reviews of them, were written for
the sample. They are labelled so wherever they appear.
"""

from pathlib import Path

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.measure.registration import BUILTIN, register_model
from advisor.store import Store
from advisor.store.studies import find_study
from advisor.types import Model, Prices, Study

SAMPLE_STUDY = "Sample study"
LOG = "helpdesk.jsonl"


TRAFFIC_SHARE = 0.002
"""The fictional team logs one call in 500."""

ILLUSTRATIVE = Model(
    name="Larch 30B (illustrative)",
    litellm_id="written/sample",
    prices=Prices(input=0.10, output=0.40),
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
    import_logs(store, SAMPLE_STUDY, [log], ImportOptions(redact=False, traffic_share=TRAFFIC_SHARE, is_sample=True))
    study = find_study(store, SAMPLE_STUDY)
    for model in (ILLUSTRATIVE, BUILTIN):
        register_model(store, study, model)
    return study
