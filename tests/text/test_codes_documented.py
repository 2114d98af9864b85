"""docs/codes.md lists every code that ``--json`` publishes, where it says what the codes are of."""

from enum import StrEnum
from pathlib import Path

import pytest

from advisor.types import Cause, CaveatCode, Obstacle, RejectionCode
from advisor.types.business import Assumption, CaseOption, CostItem
from advisor.types.dossier import Ask, Danger, Doubt

DOCS = Path(__file__).resolve().parents[2] / "docs" / "codes.md"
HEADING = "## "


@pytest.mark.parametrize(
    ("codes", "place"),
    [
        (Cause, "## `reason_code`"),
        (Obstacle, "## `why_not_codes`"),
        (CaveatCode, "## `caveats[].code`"),
        (RejectionCode, "| `rejections[].reason_code` |"),
        (Ask, "| `ask` |"),
        (Danger, "| `risks` |"),
        (Doubt, "| `doubts` |"),
        (CostItem, "| `one_off_usd`, `one_off` |"),
        (CaseOption, "| `options[]` |"),
        (Assumption, "| `sensitivity[]` |"),
    ],
)
def test_every_published_code_is_documented(codes: type[StrEnum], place: str) -> None:
    """In its own row, or under its own heading."""
    _, found, rest = DOCS.read_text(encoding="utf-8").partition(f"\n{place}")
    assert found, place
    text = rest.partition(f"\n{HEADING}" if place.startswith(HEADING) else "\n")[0]
    assert [code for code in codes if f"`{code.value}`" not in text] == []
