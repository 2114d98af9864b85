"""Report: six questions to open, and an executive summary that a model writes on a click."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from advisor.decide.decisions import decide
from advisor.store.models import add_model
from advisor.store.reports import read_narrative
from advisor.store.studies import list_studies
from advisor.types import Model, Prices, Role
from advisor.ui import server
from tests.pages.decided_study import assert_calm, open_page, sample_database
from tests.server import MisbehavingServer


def shown(elements: Iterable[Any]) -> str:
    """Texts without what keeps them from being Markdown."""
    return " ".join(each.value for each in elements).replace("\\", "")


def test_questions_open_and_a_summary_is_written_on_a_click(tmp_path: Path) -> None:
    decision = sample_database(tmp_path / "advisor.db").recommendation
    store = server.store()
    (study,) = list_studies(store)
    summary = f"{len(decision.use_cases)} use cases were compared on {decision.run.sample_size:,} samples."
    said = ["It saves $9,999 a month.", summary]
    with MisbehavingServer(answers={"writer": lambda _: said.pop(0)}) as fake:
        prices = Prices(input=1.0, output=2.0)
        writer = Model(name="Writer", litellm_id="openai/writer", role=Role.JUDGE, api_base=fake.url, prices=prices)
        add_model(store, study.id, writer)
        decided = decide(store, study).recommendation.created_at
        at = open_page("pages/decision/report.py")
        assert_calm(at)
        assert sum(expander.label.endswith("?") for expander in at.expander) == 6

        at.selectbox(key="summary_model").set_value("Writer").run()
        assert "Sends page 1 to Writer: about" in shown(at.caption)
        assert not fake.requests
        at.button(key="write_summary").click().run()
        assert "9,999, which no fact supports" in shown(at.error)
        assert read_narrative(store, study.id, decided) is None

        at.button(key="write_summary").click().run()
        assert_calm(at)
    assert "Written by Writer from the facts of this report, numbers checked" in shown(at.caption)
    kept = read_narrative(store, study.id, decided)
    assert kept
    assert kept.text == summary
