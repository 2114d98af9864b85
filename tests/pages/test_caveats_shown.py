"""What a mean hides is shown next to the verdict and in the PDF in the same words."""

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from advisor.decide.decisions import decide
from advisor.plan.exports import make_pdf
from advisor.store import Store
from advisor.text.gates import caveat_words
from advisor.types import CaveatCode, Role
from tests.made.letters import NONSENSE, coin, letters, number_of
from tests.made.run import replayed
from tests.pages.conftest import Open


@pytest.mark.slow
def test_one_text_to_all_is_shown_with_the_verdict(store: Store, open_page: Open, tmp_path: Path) -> None:
    answers = {"Larch": lambda body: f"Dear customer {number_of(body)}, {NONSENSE}", "judge": coin}
    roles = {"Larch": Role.CANDIDATE, "judge": Role.JUDGE}
    study, _, _ = replayed(store, tmp_path, letters(60), roles, answers)
    report = decide(store, study)
    (decision,) = report.recommendation.use_cases
    (caveat,) = decision.candidates[0].caveats
    assert caveat.code is CaveatCode.NEAR_CONSTANT
    words = caveat_words(caveat, decision.baseline)
    page = open_page("pages/evidence/quality.py", study=study.name)
    assert any(words in element.value.replace("\\", "") for element in page.markdown)
    pdf = " ".join(" ".join(p.extract_text() for p in PdfReader(BytesIO(make_pdf(store, study))).pages).split())
    assert words in pdf
