"""A study with a log and a model for each role."""

from pathlib import Path
from typing import Any

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.registration import register_model
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.types import Model, Role, Study
from tests.made.log import write_log
from tests.made.pairs import OWN
from tests.made.run import PRICES


def study_with(store: Store, folder: Path, rows: list[dict[str, Any]], *roles: Role) -> tuple[Study, list[int]]:
    """A study with one model per role, and their ids."""
    import_logs(store, "S", [write_log(folder / "log.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, "S")
    models = [
        register_model(store, study, Model(name=f"m{n}", litellm_id=f"openai/m{n}", api_base=OWN, role=role, **PRICES))
        for n, role in enumerate(roles)
    ]
    return study, [model.id for model in models]
