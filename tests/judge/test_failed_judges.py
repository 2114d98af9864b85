"""Judges that are of no use: what every page advises is another judge, and it is asked then."""

import json
from pathlib import Path

from advisor.decide.decisions import decide, latest_report
from advisor.judge.trust import failed_judges_of
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.replies import count_unread
from advisor.store.studies import change_study
from advisor.types import GateName, Model, Probe, Report, Role, RunOptions, Step, Study
from advisor.types.codes import JudgeState
from tests.made.drafts import ANSWER, ROLES, drafting, same, writer
from tests.made.judge import examined
from tests.made.run import PRICES, asked, made_study, replayed, verdict
from tests.server import Body, MisbehavingServer

ROWS = 60
PROSE = "Both read well."
good = examined(same, (ANSWER.format(i) for i in range(ROWS)), lambda text: text.startswith("Hello"))


def is_pair(body: Body) -> bool:
    return "===== ANSWER A" in asked(body)


def prose(_: Body) -> str:
    return PROSE


def always_a(body: Body) -> str:
    return verdict("A") if is_pair(body) else json.dumps({"claims": [], "refusal": "answered"})


def no_refusals(body: Body) -> str | Body:
    """Votes as it should; what it says of single answers can't be read."""
    return good(body) if is_pair(body) else PROSE


def decided(store: Store, study: Study) -> Report:
    """With a bill that is worth a move."""
    change_study(store, study.id, traffic_share=0.00001)
    return decide(store, find_study(store, study.name))


def first_step(store: Store, study: Study) -> tuple[str, str | None, list[str]]:
    """(code, state of the judge, judges) of what the plan advises first of judges."""
    report = latest_report(store, study)
    assert report is not None
    step = next(step for step in report.plan.next_steps if "judges" in step.values)
    return step.code, step.values.get("state"), step.values["judges"]


def test_prose_is_said_with_an_example_and_not_asked_for_again(store: Store, tmp_path: Path) -> None:
    study, _, _ = replayed(store, tmp_path, drafting(ROWS), ROLES, {"open": writer, "judge": prose})
    report = decided(store, study)
    assert first_step(store, study) == (Step.BETTER_JUDGE, JudgeState.UNREADABLE, ["judge"])
    assert Step.FINISH_RUN not in {step.code for step in report.plan.next_steps}, "it would meet the same replies"
    (a,) = report.recommendation.use_cases[0].candidates
    assert PROSE in a.ruling.reason.values["example"]


def test_a_judge_that_fails_its_exam_is_to_have_company(store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(store, tmp_path, drafting(ROWS), ROLES, {"open": writer, "judge": always_a})
    (failed,) = failed_judges_of(store, run)
    assert (failed.name, failed.state) == ("judge", JudgeState.FAILED)
    decided(store, study)
    assert first_step(store, study) == (Step.BETTER_JUDGE, JudgeState.FAILED, ["judge"])


def test_another_judge_reads_refusals_where_the_first_cannot_be_read(store: Store, tmp_path: Path) -> None:
    answers = {"open": writer, "judge": no_refusals, "second": good}
    with MisbehavingServer(answers=answers) as server:
        study = made_study(store, tmp_path, drafting(ROWS), server.url, ROLES)
        setup = RunOptions(sample_size=ROWS, stream=False, concurrency=16, audited=ROWS)
        run = finish_run(store, start_run(store, study, setup).id)
        (replies,) = count_unread(store, run.id).values()
        assert replies.votes == (0, 2 * ROWS)
        assert replies.audits[0] == replies.audits[1] >= 30
        (failed,) = failed_judges_of(store, run)
        assert (failed.state, failed.unread) == (JudgeState.UNREADABLE, replies.audits)
        decided(store, study)
        assert first_step(store, study) == (Step.BETTER_JUDGE, JudgeState.UNREADABLE, ["judge"])
        second = Model(name="second", litellm_id="openai/second", api_base=server.url, role=Role.JUDGE, **PRICES)
        set_probe(store, register_model(store, study, second).id, Probe(reachable=True))
        assert first_step(store, study) == (Step.ASK_JUDGE, None, ["second"])
        run = finish_run(store, start_run(store, study, setup).id)
        report = decided(store, study)
        (a,) = report.recommendation.use_cases[0].candidates
        refused = next(gate for gate in a.gates if gate.name is GateName.REFUSED)
        assert refused.n, "the second judge has read them"
        assert not {Step.BETTER_JUDGE, Step.ASK_JUDGE} & {step.code for step in report.plan.next_steps}
