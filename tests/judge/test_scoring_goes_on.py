"""One stored sample that no scorer can cope with does not cost the others their scores."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import update

from advisor.decide.decisions import decide
from advisor.judge.scores import score_run
from advisor.measure.rejudging import score_again
from advisor.store import Store
from advisor.store.log_tables import SampleTextRow
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import load_scores
from advisor.text.warnings import warning
from advisor.types import LeftOut, Message, Role, ScoreCode, WarningCode
from tests.made.log import call
from tests.made.run import replayed


def test_an_unexpected_error_leaves_one_answer_without_a_score(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [call(n, f"Sort ticket {n}, please.", "billing", target="billing") for n in range(12)]
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda _: "billing"})
    before = load_scores(store, run.id)
    broken = list_run_samples(store, run.id)[3]
    with store.write(None) as session:  # as a damaged file or another program may leave it
        request = {"messages": [], "params": ["secret words"]}
        session.execute(update(SampleTextRow).where(SampleTextRow.sample_id == broken).values(request=request))
    with caplog.at_level(logging.WARNING):
        warnings = score_run(store, run).warnings
    after = load_scores(store, run.id)
    assert after.keys() == before.keys()
    lost = {key: score for key, score in after.items() if score != before[key]}
    assert {(key.sample_id, key.scorer) for key in lost} == {(broken, "target"), (broken, "validity")}
    for score in lost.values():
        assert (score.value, score.passed) == (None, None)
        assert score.findings == ((ScoreCode.SCORER_FAILED, ("AttributeError",), 0),), (
            "the message may quote the answer"
        )
    of = {"use_case": "Triage", "findings": [["scorer_failed", ["AttributeError"], 0]]}
    unchecked = [Message.of(WarningCode.UNCHECKED, scorer=scorer, answers=2, **of) for scorer in ("target", "validity")]
    assert list(warnings) == unchecked
    assert caplog.messages == [
        f"Run id {run.id}: answers in 'Triage' that could not be checked ({scorer}): 2"
        for scorer in ("target", "validity")
    ]
    report = decide(store, study).recommendation
    assert all(warning in report.remarks.warnings for warning in unchecked)
    excluded = Message.of(LeftOut.UNCHECKED, scorer="validity", calls=2, **of)
    assert excluded in report.remarks.excluded, "the recorded answer and the candidate's"
    assert score_again(store, study, judge=None)["warnings"] == [warning(each) for each in unchecked]
