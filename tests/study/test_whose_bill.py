"""Whose bill a decision speaks of: that of the models in the log, which may be others, or of no known price."""

from pathlib import Path

import pytest

from advisor.store import Store
from advisor.study.decisions import decide
from advisor.study.evidence import gather_evidence
from advisor.study.facts import RunFacts
from advisor.types import PriceOrigin, Role
from tests.server import TEXT
from tests.study.made_log import call
from tests.study.made_run import replayed


@pytest.mark.parametrize(("baseline", "is_other"), [("closed", True), ("gpt-4o", False)])
def test_whose_bill_it_is_and_who_is_compared_with(store: Store, tmp_path: Path, baseline: str, is_other: bool) -> None:
    rows = [call(n, answer=TEXT, target=TEXT) for n in range(100)]
    roles = {"open": Role.CANDIDATE, baseline: Role.BASELINE}
    study, _, _ = replayed(store, tmp_path, rows, roles, {name: lambda _: TEXT for name in roles})
    report = decide(store, study)
    warned = [text for text in report.recommendation.warnings if "asked anew" in text]
    noted = [text for move in report.plan.moves for text in move.risks if "asked anew" in text]
    assert report.recommendation.use_cases[0].chosen == "open"
    if not is_other:
        assert (warned, noted) == ([], [])
        return
    assert warned == [
        "Quality and latency are compared with closed, asked anew; today's bill, and what a move saves of it, is of "
        "the calls in the log and the models that answered them: Triage (gpt-4o)."
    ]
    assert noted == [
        "Its answers are compared with those of closed, asked anew; today's bill is of the calls in the log, which "
        "gpt-4o answered."
    ]


@pytest.mark.parametrize(("others", "told"), [(1, []), (8, [("gpt-4o", "gpt-4o-mini")])])
def test_a_bill_that_is_another_models_in_part(
    store: Store, tmp_path: Path, others: int, told: list[tuple[str, ...]]
) -> None:
    """The baseline answered the rest of the log: with few calls of others it stays its bill."""
    rows = [call(n, answer=TEXT, target=TEXT) for n in range(30)]
    for row in rows[:others]:
        row["request"]["model"] = row["response"]["model"] = "gpt-4o-mini"
    roles = {"open": Role.CANDIDATE, "gpt-4o": Role.BASELINE}
    study, run, _ = replayed(store, tmp_path, rows, roles, {name: lambda _: TEXT for name in roles})
    assert [case.billed for case in gather_evidence(RunFacts(store, study, run)) if case.billed] == told


def test_a_bill_that_is_assumed_in_good_part_is_told(store: Store, tmp_path: Path) -> None:
    """Nobody lists a price for the model of every second call."""
    rows = [call(n, answer=TEXT, target=TEXT) for n in range(20)]
    for row in rows[::2]:
        row["request"]["model"] = row["response"]["model"] = "house-model"
    rows[1]["response"]["usage"]["prompt_tokens_details"] = {"audio_tokens": 50}
    study, _, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: TEXT})
    report = decide(store, study)
    told = [text for text in report.recommendation.warnings if "cost" in text]
    listed = [source for source in report.price_sources if source.origin is PriceOrigin.GENAI_PRICES]
    assert len(listed) == 1, "a warning tells of the audio, no source of its own"
    assert not listed[0].text_only
    assert told == [
        "What many calls cost is not known: today's bill takes them to cost as much as the others of their use case: "
        "Triage (10 of 20).",
        "For one call of the log the provider bills more than tokens of text, such as web searches of its own or "
        "audio: that is in no cost here.",
    ]
