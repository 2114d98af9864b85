"""What judges are asked besides the pairs, and what becomes of rubrics: from the log to the decision."""

import json
from pathlib import Path

import pytest
from aiohttp import web

from advisor.decide.decisions import current_report, decide, latest_report
from advisor.decide.freshness import is_current
from advisor.judge.exam import EACH
from advisor.judge.scores import VOTES_BY_RULE, is_outdated
from advisor.measure.quoting import quote_run
from advisor.measure.registration import register_model
from advisor.measure.rejudging import score_again
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.log.use_cases import add_rubric, list_use_cases
from advisor.store.models import list_models, set_probe
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import save_scores
from advisor.store.run.tallies import tally_run
from advisor.text.advice.obstacles import what_helps, why_not
from advisor.types import (
    Endpoint,
    JudgeFacts,
    Message,
    Model,
    Probe,
    Role,
    RunOptions,
    Score,
    Status,
    Verdict,
    VersionCode,
    WarningCode,
)
from tests.made.drafts import ANSWER, ROLES, drafting, same, writer
from tests.made.judge import examined
from tests.made.log import call
from tests.made.run import PRICES, asked, fenced_answers, made_study, replayed, verdict
from tests.server import Body, MisbehavingServer

LIVE = {**ROLES, "closed": Role.BASELINE}


ROWS = 100
"""Recorded answers that an attentive judge knows."""
attentive = examined(same, (ANSWER.format(i) for i in range(ROWS)), lambda text: text.startswith("Hello"))


def facts_of(store: Store, name: str = "S") -> JudgeFacts:
    (facts,) = decide(store, find_study(store, name)).recommendation.judging.judges
    return facts


def test_an_attentive_judge_passes_its_exam(store: Store, tmp_path: Path) -> None:
    answers = {"open": writer, "judge": attentive}
    study, run, server = replayed(store, tmp_path, drafting(100), ROLES, answers)
    facts = facts_of(store)
    assert facts.anchors == {kind.value: (each, each) for kind, each in EACH.items()}
    assert (facts.judged, facts.pairs, facts.flipped, facts.tied, facts.unparsed) == (200, 100, 0, 100, 0)
    (warning,) = facts.warnings
    assert warning == Message.of(WarningCode.JUDGE_TIES, judge="judge", tied=100, pairs=100)
    assert server.count("judge") == 200 + 100
    tally = tally_run(store, run.id)
    assert (tally.judge.planned, tally.judge.succeeded, tally.missing) == (200, 200, 0)
    assert run.state.status is Status.SUCCEEDED
    quote = quote_run(store, study, RunOptions(sample_size=100, fresh=True, audited=0))
    assert (quote.judge_calls, quote.control_calls) == (200, 0), "the exam is taken once"


def test_a_judge_that_only_says_tie_is_not_proven(store: Store, tmp_path: Path) -> None:
    replayed(store, tmp_path, drafting(100), ROLES, {"open": writer, "judge": same})
    found = decide(store, find_study(store, "S")).recommendation
    assert found.judging.exam is not None
    assert (found.judging.exam.found, found.judging.exam.asked) == (0, 50)
    (candidate,) = found.use_cases[0].candidates
    assert (candidate.ruling.verdict, candidate.ruling.reason.code) == (Verdict.NEED_MORE_DATA, "judge_not_proven")


def test_an_exam_holds_for_the_study_and_is_taken_by_each_judge(store: Store, tmp_path: Path) -> None:
    answers = {"open": writer, "judge": attentive, "second": attentive}
    with MisbehavingServer(answers=answers) as server:
        study = made_study(store, tmp_path, drafting(60), server.url, ROLES)
        for sample_size in (30, 60):
            run = start_run(store, study, RunOptions(sample_size=sample_size, stream=False, concurrency=16, audited=0))
            assert finish_run(store, run.id).state.status is Status.SUCCEEDED
        assert server.count("judge") == 120 + 100, "60 pairs in two orders and one exam"
        second = Model(name="second", litellm_id="openai/second", api_base=server.url, role=Role.JUDGE, **PRICES)
        set_probe(store, register_model(store, study, second).id, Probe(reachable=True))
        score_again(store, study, judge="second")
        score_again(store, study, judge=None)
        assert (server.count("judge"), server.count("second")) == (220, 220), "each takes it once"
    exam = decide(store, study).recommendation.judging.exam
    assert exam is not None
    assert (exam.judges, exam.left_out) == (("judge", "second"), ())


def test_a_judge_that_fails_does_not_water_down_the_votes_of_another(store: Store, tmp_path: Path) -> None:
    def likes_the_baseline(body: Body) -> str:
        return verdict("B" if fenced_answers(body)[0].startswith("Hello") else "A")

    good = examined(likes_the_baseline, (ANSWER.format(i) for i in range(60)), lambda text: text.startswith("Hello"))
    roles = {**ROLES, "silent": Role.JUDGE}
    study, run, _ = replayed(store, tmp_path, drafting(60), roles, {"open": writer, "judge": good, "silent": same})
    found = decide(store, find_study(store, "S")).recommendation
    assert found.judging.exam is not None
    assert (found.judging.exam.judges, found.judging.exam.left_out) == (("judge",), ("silent",))
    (candidate,) = found.use_cases[0].candidates
    assert (candidate.quality.losses, candidate.difference.delta, candidate.ruling.verdict) == (60, -0.5, Verdict.KEEP)
    assert [judge.judge for judge in found.judging.judges] == ["judge", "silent"], "its card is shown"

    # As a version left it in which all votes counted: the next decision scores by the votes that are stored.
    by_older_rules = Score(scorer=Endpoint.PAIRWISE.value, value=0.25, passed=False)
    (model,) = (each for each in list_models(store, study.id) if each.role is Role.CANDIDATE)
    sample_ids = list_run_samples(store, run.id)
    save_scores(store, run.id, sample_ids, [(id_, model.id, by_older_rules) for id_ in sample_ids])
    scored_with = {rule: version for rule, version in run.scored_with.items() if rule != VOTES_BY_RULE}
    change_run(store, run.id, scored_with=scored_with)
    report = latest_report(store, study)
    assert report is not None
    assert not is_current(store, study, report, get_run(store, run.id))
    again = current_report(store, study).recommendation
    assert again.use_cases[0].candidates == found.use_cases[0].candidates
    assert not is_outdated(get_run(store, run.id))


@pytest.mark.parametrize("code", ["content_filter", "invalid_request"])
def test_where_only_a_judge_that_failed_voted_nothing_is_proven(store: Store, tmp_path: Path, code: str) -> None:
    """The other judge passed, but its host refused every pair of this use case."""

    def shielded(body: Body) -> str | Body:
        if "paragraph for our staff" in asked(body) and any(text.startswith("Hello") for text in fenced_answers(body)):
            return {"error": {"message": "The prompt was refused.", "code": code}}
        return attentive(body)

    staff = (
        json.dumps(drafting(60))
        .replace("customers about", "staff about")
        .replace("Newsletter", "Staff")
        .replace("chatcmpl-", "staff-")
    )
    rows = [*drafting(60), *json.loads(staff)]
    roles = {**ROLES, "silent": Role.JUDGE}
    _, run, _ = replayed(store, tmp_path, rows, roles, {"open": writer, "judge": shielded, "silent": same})
    found = decide(store, find_study(store, "S")).recommendation
    assert found.judging.exam is not None
    assert (found.judging.exam.judges, found.judging.exam.left_out) == (("judge",), ("silent",))
    causes = {case.name: case.candidates[0].ruling.reason.code for case in found.use_cases}
    assert causes["Staff drafts"] == "judge_not_proven"
    assert causes["Newsletter drafts"] != "judge_not_proven"
    (notes_case,) = (case for case in found.use_cases if case.name == "Staff drafts")
    (doubt,) = (each.values for each in notes_case.candidates[0].ruling.why_not if "exam" in each.values)
    assert doubt["exam"]["values"]["judges"] == ["silent"]
    whole, remedies = why_not(notes_case.candidates[0]), what_helps(notes_case.candidates[0])
    assert len(remedies) == len(whole) - 1, "the reason is said above, and what to do by the next step"
    assert set(remedies) < set(whole)
    tally = tally_run(store, run.id)
    assert (tally.judge.refused, tally.missing) == (120, 0), "asked again, it would refuse again"


def test_a_control_pair_that_a_host_refuses_is_replaced(store: Store, tmp_path: Path) -> None:
    def shielded(body: Body) -> str | Body:
        if any("To the judge" in text and "Dear customers" in text for text in fenced_answers(body)):
            return {"error": {"message": "The prompt was filtered.", "code": "content_filter"}}
        return attentive(body)

    with MisbehavingServer(answers={"open": writer, "judge": shielded}) as server:
        study = made_study(store, tmp_path, drafting(30), server.url, ROLES)
        run = start_run(store, study, RunOptions(sample_size=30, stream=False, concurrency=16, audited=0))
        finish_run(store, run.id)
        score_again(store, study, judge=None)
    exam = decide(store, study).recommendation.judging.exam
    assert exam is not None
    assert exam.controls["injected"] == (6, 6)


def test_short_answers_are_examined_with_the_shipped_tasks(store: Store, tmp_path: Path) -> None:
    rows = [call(i, f"Name a town in region {i}.", "Ulm", metadata={"use_case": "Towns"}) for i in range(20)]
    judge = examined(same, {"Ulm"}, lambda text: text == "Bonn")
    _, _, server = replayed(store, tmp_path, rows, ROLES, {"open": lambda _: "Bonn", "judge": judge})
    exam = decide(store, find_study(store, "S")).recommendation.judging.exam
    assert exam is not None
    assert (exam.found, exam.asked) == (50, 50)
    assert server.count("judge") == 40 + 100
    assert any("Lindau" in asked(body) for body in server.requests)


def test_a_judge_that_prefers_a_place_is_seen_to(store: Store, tmp_path: Path) -> None:
    replayed(store, tmp_path, drafting(20), ROLES, {"open": writer, "judge": lambda _: verdict("A")})
    facts = facts_of(store)
    assert (facts.pairs, facts.flipped) == (20, 20)


def test_votes_that_cannot_be_read_are_counted(store: Store, tmp_path: Path) -> None:
    replayed(store, tmp_path, drafting(10), ROLES, {"open": writer, "judge": lambda _: "Both are lovely."})
    facts = facts_of(store)
    assert (facts.judged, facts.unparsed) == (20, 20)
    assert Message.of(WarningCode.JUDGE_UNREADABLE, judge="judge", unparsed=20, judged=20) in facts.warnings


def test_a_judge_of_the_baselines_family_is_warned_of(store: Store, tmp_path: Path) -> None:
    """The log was answered by gpt-4o."""
    roles = {"open": Role.CANDIDATE, "gpt-5-mini": Role.JUDGE}
    replayed(store, tmp_path, drafting(5), roles, {"open": writer, "gpt-5-mini": same})
    kin = Message.of(WarningCode.JUDGE_KIN, judge="gpt-5-mini", models=["gpt-4o (recorded)"])
    assert kin in facts_of(store).warnings


def test_trouble_with_control_pairs_does_not_make_a_run_partial(store: Store, tmp_path: Path) -> None:
    def picky(body: Body) -> str | Body:
        first, second = fenced_answers(body)
        if "Hello" in first or "Hello" in second:
            return same(body)
        return {"error": {"message": "no such pair"}}

    _, run, _ = replayed(store, tmp_path, drafting(20), ROLES, {"open": writer, "judge": picky})
    assert run.state.status is Status.SUCCEEDED
    assert (run.state.error, tally_run(store, run.id).missing) == (None, 0)
    assert facts_of(store).anchors == {}


def test_a_judge_whose_key_is_refused_over_control_pairs_judges_on(store: Store, tmp_path: Path) -> None:
    """It is given up while control pairs are asked after the first round; the pairs of later rounds are judged."""
    refused = []

    def judge(body: Body) -> str:
        first, second = fenced_answers(body)
        if "Hello" in first or "Hello" in second:
            return same(body)
        refused.append(body)
        raise web.HTTPUnauthorized

    answers = {"open": writer, "judge": judge}
    study, run, _ = replayed(store, tmp_path, drafting(40), ROLES, answers, early_stop=True)
    assert refused
    tally = tally_run(store, run.id)
    assert (tally.judge.succeeded, tally.missing, run.state.status) == (80, 0, Status.SUCCEEDED)
    (use_case,) = decide(store, study).recommendation.use_cases
    (found,) = use_case.candidates
    assert (found.quality.n, found.quality.ties, found.quality.evidence) == (40, 40, "judge")
    assert facts_of(store).anchors == {}


@pytest.mark.slow
def test_a_new_rubric_is_asked_by_and_counts(store: Store, tmp_path: Path) -> None:
    def judge(body: Body) -> str:
        """By the new question the shorter answer is better; no answer is a refusal."""
        if "ANSWER A" not in asked(body):
            return json.dumps({"claims": [], "refusal": "answered"})
        first, second = fenced_answers(body)
        if "Is it short?" not in asked(body):
            return verdict("tie")
        return verdict("A" if len(first) < len(second) else "B")

    def short(body: Body) -> str:
        return f"Topic {asked(body).split()[-1]} is here."

    answers = {"open": short, "judge": judge}
    with MisbehavingServer(answers=answers) as server:
        study = made_study(store, tmp_path, drafting(12), server.url, ROLES)
        run = finish_run(store, start_run(store, study, RunOptions(sample_size=12, stream=False)).id)
        (before,) = decide(store, study).recommendation.use_cases
        assert before.candidates[0].quality.ties == 12
        assert score_again(store, study, judge=None)["judge_calls"] == 0
        add_rubric(store, list_use_cases(store, study.id)[0].id, ["Is it short?"])
        assert score_again(store, study, judge=None)["judge_calls"] == 24
        recommendation = decide(store, study).recommendation
        assert recommendation.use_cases[0].candidates[0].quality.wins == 12
        assert (
            Message.of(VersionCode.RUBRIC, use_case="Newsletter drafts", version=1) in recommendation.remarks.versions
        )
        assert score_again(store, study, judge=None)["judge_calls"] == 0
        assert get_run(store, run.id).state.status is Status.SUCCEEDED


def test_the_right_answer_is_shown_to_the_judge(store: Store, tmp_path: Path) -> None:
    rows = drafting(4)
    rows[3]["target"] = "Topic 14 it is."
    _, _, server = replayed(store, tmp_path, rows, ROLES, {"open": writer, "judge": same})
    judged = [asked(body) for body in server.requests if body["model"] == "judge"]
    assert sum("RIGHT ANSWER" in text and "Topic 14 it is." in text for text in judged) == 2


def test_the_baseline_is_judged_against_itself(store: Store, tmp_path: Path) -> None:
    given: dict[str, int] = {}

    def closed(body: Body) -> str:
        topic = asked(body).split()[-1]
        given[topic] = given.get(topic, 0) + 1
        return ANSWER.format(topic) + f" Version {given[topic]}."

    def judge(body: Body) -> str:
        """Likes whatever came second, which is as often the first epoch's as the second's."""
        first, second = fenced_answers(body)
        return verdict("A" if "Version 2" in first else "B" if "Version 2" in second else "tie")

    answers = {"open": writer, "closed": closed, "judge": judge}
    study, run, _ = replayed(store, tmp_path, drafting(30), LIVE, answers, repeated=20, concurrency=1)
    recommendation = decide(store, study).recommendation
    noise = recommendation.use_cases[0].baseline_facts.noise
    assert noise is not None
    assert noise.n == 20
    assert noise.low < noise.delta < noise.high
    assert noise.high - noise.low > 0.2
    assert tally_run(store, run.id).judge.planned == 60


def test_single_answers_are_read_for_claims_and_refusals(store: Store, tmp_path: Path) -> None:
    def judge(body: Body) -> str:
        if "===== ANSWER A" in asked(body):
            return verdict("tie")
        claims = [{"claim": "14 shops", "supported": "Hello" not in asked(body)}, {"claim": "Clara", "supported": True}]
        return json.dumps({"claims": claims, "refusal": "answered"})

    study, run, server = replayed(store, tmp_path, drafting(15), ROLES, {"open": writer, "judge": judge}, audited=6)
    assert server.count("judge") == 30 + 12
    (use_case,) = decide(store, study).recommendation.use_cases
    gate = next(gate for gate in use_case.candidates[0].gates if gate.name == "unsupported claims")
    assert gate.value == pytest.approx(0.5)
    assert gate.limit is None
    assert tally_run(store, run.id).missing == 0


def test_a_run_that_may_stop_early_stops_where_it_is_decided(store: Store, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(400)]
    roles = {"bad": Role.CANDIDATE, "good": Role.CANDIDATE, "closed": Role.BASELINE}
    answers = {"bad": lambda _: "bug", "good": lambda _: "billing", "closed": lambda _: "billing"}
    study, run, server = replayed(store, tmp_path, rows, roles, answers, early_stop=True)
    recommendation = decide(store, study).recommendation
    verdicts = {a.model: a.ruling.verdict for a in recommendation.use_cases[0].candidates}
    assert verdicts["bad"] is Verdict.KEEP
    assert server.count("bad") <= 50
    assert server.count("good") < 400
    tally = tally_run(store, run.id)
    assert tally.spared == 1200 - tally.succeeded > 400
    assert (run.state.status, tally.missing, recommendation.run.partial) == (Status.SUCCEEDED, 0, False)
    assert {each.model_id for each in run.settled} == {
        m.id for m in list_models(store, study.id) if m.role is Role.CANDIDATE
    }
