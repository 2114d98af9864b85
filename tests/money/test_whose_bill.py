"""Whose bill a decision speaks of: that of the models in the log, which may be others, or of no known price."""

from pathlib import Path

import pytest

from advisor.decide.decisions import decide
from advisor.decide.evidence import gather_evidence
from advisor.judge.run_facts import RunFacts
from advisor.store import Store
from advisor.types import Message, NoteCode, PriceOrigin, Role, WarningCode
from tests.made.log import call
from tests.made.run import replayed
from tests.server import TEXT


@pytest.mark.parametrize(("baseline", "is_other"), [("closed", True), ("gpt-4o", False)])
def test_whose_bill_it_is_and_who_is_compared_with(store: Store, tmp_path: Path, baseline: str, is_other: bool) -> None:
    rows = [call(n, answer=TEXT, target=TEXT) for n in range(100)]
    roles = {"open": Role.CANDIDATE, baseline: Role.BASELINE}
    study, _, _ = replayed(store, tmp_path, rows, roles, {name: lambda _: TEXT for name in roles})
    report = decide(store, study)
    warned = [each for each in report.recommendation.remarks.warnings if each.code == WarningCode.OTHER_BILL]
    (assessed,) = report.recommendation.use_cases[0].candidates
    noted = [note.values for note in assessed.notes if note.code == NoteCode.BILLED]
    assert report.recommendation.use_cases[0].chosen == "open"
    if not is_other:
        assert (warned, noted) == ([], [])
        return
    assert warned == [Message.of(WarningCode.OTHER_BILL, baseline="closed", use_cases={"Triage": ["gpt-4o"]})]
    assert noted == [{"models": ["gpt-4o"], "baseline": "closed"}]


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
    assert [case.log.billed for case in gather_evidence(RunFacts(store, study, run)) if case.log.billed] == told


@pytest.mark.slow
def test_a_bill_that_is_assumed_in_good_part_is_told(store: Store, tmp_path: Path) -> None:
    """Nobody lists a price for the model of every second call."""
    rows = [call(n, answer=TEXT, target=TEXT) for n in range(20)]
    for row in rows[::2]:
        row["request"]["model"] = row["response"]["model"] = "house-model"
    rows[1]["response"]["usage"]["prompt_tokens_details"] = {"audio_tokens": 50}
    study, _, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: TEXT})
    report = decide(store, study)
    told = report.recommendation.remarks.warnings
    listed = [source for source in report.price_sources if source.origin is PriceOrigin.GENAI_PRICES]
    assert len(listed) == 1, "a warning tells of the audio, no source of its own"
    assert not listed[0].text_only
    assert Message.of(WarningCode.ASSUMED_COSTS, use_cases={"Triage": [10, 20]}) in told
    assert Message.of(WarningCode.BESIDE_TEXT, calls=1) in told
