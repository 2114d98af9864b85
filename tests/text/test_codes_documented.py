"""docs/codes.md lists every code that ``--json`` publishes."""

from enum import StrEnum
from pathlib import Path

import pytest

from advisor.types import Cause, CaveatCode, Obstacle, RejectionCode
from advisor.types.business import Assumption, CaseOption, CostItem
from advisor.types.dossier import Ask, Danger, Doubt

DOCS = Path(__file__).resolve().parents[2] / "docs" / "codes.md"


@pytest.mark.parametrize(
    "codes", [Cause, Obstacle, CaveatCode, RejectionCode, Ask, Danger, Doubt, CostItem, CaseOption, Assumption]
)
def test_every_published_code_is_documented(codes: type[StrEnum]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [code for code in codes if f"`{code.value}`" not in text] == []
