"""Scoring again, interrupted and repeated: nothing is paid twice, and half a new rubric decides nothing."""

from pathlib import Path
from typing import Any

import pytest

from advisor.collect.use_cases import change
from advisor.decide.decisions import decide
from advisor.errors import BadInput
from advisor.judge.scores import in_use
from advisor.measure.registration import register_model
from advisor.measure.rejudging import Due, score_again, what_is_due
from advisor.measure.run_lifecycle import finish_run, requeue_run, start_run
from advisor.store import Store
from advisor.store.log.use_cases import add_rubric, list_use_cases
from advisor.store.models import set_probe
from advisor.store.run.runs import change_run, get_run, list_runs
from advisor.store.run.tallies import tally_run
from advisor.types import Endpoint, Message, Model, Probe, Role, Run, RunOptions, Status, Study, VersionCode
from tests.made.drafts import ROLES, drafting, writer
from tests.made.log import call
from tests.made.run import PRICES, asked, made_study, verdict
from tests.nested import nested
from tests.server import Body, MisbehavingServer

SIZE = 12


def judge(body: Body) -> str:
    if '"refusal"' in asked(body):
        return '{"claims": [{"claim": "14 shops", "supported": true}], "refusal": "answered"}'
    return verdict("tie")


def finished(store: Store, folder: Path, server: MisbehavingServer, **setup: Any) -> tuple[Study, Run]:
    study = made_study(store, folder, drafting(SIZE), server.url, ROLES)
    run = start_run(store, study, nested(RunOptions, {"sample_size": SIZE, "stream": False, **setup}))
    return study, finish_run(store, run.id)


def test_half_a_new_rubric_decides_nothing_and_is_finished_later(store: Store, tmp_path: Path) -> None:
    """The judge breaks after a few calls by the new rubric, and answers again later."""
    left = [5]

    def breaking(body: Body) -> str | Body:
        if "Is it short?" in asked(body):
            left[0] -= 1
            if left[0] < 0:
                return {"error": {"message": "no more today"}}
        return verdict("tie")

    with MisbehavingServer(answers={"open": writer, "judge": breaking}) as server:
        study, run = finished(store, tmp_path, server)
        add_rubric(store, list_use_cases(store, study.id)[0].id, ["Is it short?"])
        assert what_is_due(store, study, run).calls == 2 * SIZE
        first = score_again(store, study, judge=None)
        assert first["partial"]
        report = decide(store, study).recommendation
        assert report.use_cases[0].candidates[0].quality.n == SIZE, "the old judgements count until the new ones are in"
        assert Message.of(VersionCode.RUBRIC, use_case="Newsletter drafts", version=0) in report.remarks.versions
        due = what_is_due(store, study, run).calls
        assert 0 < due < 2 * SIZE
        left[0] = 1000
        second = score_again(store, study, judge=None)
        assert not second["partial"]
        assert what_is_due(store, study, run).calls == 0
        newest = Message.of(VersionCode.RUBRIC, use_case="Newsletter drafts", version=1)
        assert newest in decide(store, study).recommendation.remarks.versions


def test_judging_a_new_comparison_that_broke_off_is_due_again(store: Store, tmp_path: Path) -> None:
    """Right answers decided when the run was planned; the judge breaks after a few of the pairs."""
    left = [5]

    def breaking(body: Body) -> str | Body:
        left[0] -= 1
        return verdict("tie") if left[0] >= 0 else {"error": {"message": "no more today"}}

    rows = [call(n, f"Sort ticket {n}, please.", "billing", target="billing") for n in range(SIZE)]
    with MisbehavingServer(answers={"open": lambda _: "billing", "judge": breaking}) as server:
        study = made_study(store, tmp_path, rows, server.url, ROLES)
        run = finish_run(store, start_run(store, study, RunOptions(sample_size=SIZE, stream=False, audited=0)).id)
        assert server.count("judge") == 0
        change(store, list_use_cases(store, study.id)[0], endpoint=Endpoint.PAIRWISE)
        assert score_again(store, study, judge="judge")["partial"]
        due = what_is_due(store, study, run)
        assert [judge.name for judge in due.judges] == ["judge"]
        assert due.calls == 2 * SIZE - tally_run(store, run.id).judge.succeeded > 0
        left[0] = 1000
        assert not score_again(store, study, judge=None)["partial"]
        assert what_is_due(store, study, run) == Due(judges=(), calls=0)
        assert decide(store, study).recommendation.use_cases[0].candidates[0].quality.ties == SIZE


def test_nearly_all_pairs_must_be_judged_by_a_rubric_before_it_counts() -> None:
    old = {(n, 1) for n in range(100)}
    assert in_use({0: old}, 1) == 0
    assert in_use({0: old, 1: {(n, 1) for n in range(89)}}, 1) == 0
    assert in_use({0: old, 1: {(n, 1) for n in range(90)}}, 1) == 1
    assert in_use({0: {(1, 1)}, 1: old}, 2) == 1


def test_a_second_judge_does_not_read_single_answers_again(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": writer, "judge": judge, "second": judge}) as server:
        study, _ = finished(store, tmp_path, server, audited=4)
        read = sum('"refusal"' in asked(body) for body in server.requests)
        assert read == 8
        model = register_model(
            store,
            study,
            Model(name="second", litellm_id="openai/second", api_base=server.url, role=Role.JUDGE, **PRICES),
        )
        set_probe(store, model.id, Probe(reachable=True))
        assert score_again(store, study, judge="second")["judge_calls"] == 2 * SIZE
        assert sum('"refusal"' in asked(body) for body in server.requests) == read
        assert len(decide(store, study).recommendation.judging.judges) == 2
        add_rubric(store, list_use_cases(store, study.id)[0].id, ["Is it short?"])
        assert what_is_due(store, study, list_runs(store, study.id)[0]).calls == 2 * 2 * SIZE, "both are asked anew"


def test_a_run_keeps_its_status_when_judging_it_again_is_killed(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": writer, "judge": judge}) as server:
        study, run = finished(store, tmp_path, server)
        # As kill -9 leaves it: claimed by a process that is dead.
        change_run(
            store, run.id, status=Status.RUNNING, resting=Status.CANCELLED, owner="elsewhere:1", heartbeat_at=None
        )
        add_rubric(store, list_use_cases(store, study.id)[0].id, ["Is it short?"])
        score_again(store, study, judge=None)
        after = get_run(store, run.id)
        assert (after.state.status, after.state.resting) == (Status.CANCELLED, None)
        change_run(
            store, run.id, status=Status.RUNNING, resting=Status.SUCCEEDED, owner="elsewhere:1", heartbeat_at=None
        )
        requeue_run(store, get_run(store, run.id))
        assert get_run(store, run.id).state.resting is None


def test_a_run_that_waits_or_is_at_work_is_not_judged(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": writer, "judge": judge}) as server:
        study = made_study(store, tmp_path, drafting(SIZE), server.url, ROLES)
        start_run(store, study, RunOptions(sample_size=SIZE))
        with pytest.raises(BadInput, match="queued"):
            score_again(store, study, judge="judge")
        assert list_runs(store, study.id)[0].state.status is Status.QUEUED


def test_a_run_that_stops_early_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    """It is paused in the middle; what was decided stays decided, and no call is made twice."""
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(300)]
    seen: list[str] = []

    def right(body: Body) -> str:
        seen.append(asked(body))
        if len(seen) == 120:
            change_run(store, list_runs(store, study.id)[0].id, wanted=Status.PAUSED)
        return "billing"

    answers = {"bad": lambda _: "bug", "good": right, "closed": lambda _: "billing"}
    roles = {"bad": Role.CANDIDATE, "good": Role.CANDIDATE, "closed": Role.BASELINE}
    with MisbehavingServer(answers=answers, delay_s=0.03) as server:
        study = made_study(store, tmp_path, rows, server.url, roles)
        run = start_run(store, study, RunOptions(sample_size=300, stream=False, early_stop=True, concurrency=2))
        paused = finish_run(store, run.id)
        assert paused.state.status is Status.PAUSED
        bad = server.count("bad")
        requeue_run(store, paused)
        done = finish_run(store, run.id)
        assert done.state.status is Status.SUCCEEDED
        assert server.count("bad") == bad, "it was settled before the pause"
        assert len(seen) == len(set(seen)) or len(seen) - len(set(seen)) <= 4, "only what was in flight is asked again"
        assert done.settled
