"""Where answers should agree, only those that differ go to the judge or to people: from the log to the decision."""

from pathlib import Path
from typing import Any

import pytest

from advisor.decide.decisions import decide
from advisor.judge.endpoints import endpoint_of
from advisor.judge.reviews import Reviewing, list_queue, next_pair, save_review
from advisor.measure.quoting import quote_run
from advisor.measure.registration import keep_scoring, rescored_live
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.tallies import tally_run
from advisor.types import Assessment, Endpoint, Lane, Role, RunOptions, Study, Verdict
from tests.made.judge import examined
from tests.made.log import call
from tests.made.run import asked, fenced_answers, made_study, replayed, verdict
from tests.server import Body

LIVE = {"open": Role.CANDIDATE, "closed": Role.BASELINE}
LABELS = ("billing", "bug")
CALLS = 80


def ticket(n: int) -> str:
    return f"Sort ticket {n} into billing or bug. Answer with the label only."


def log() -> list[dict[str, Any]]:
    return [call(n, ticket(n), LABELS[n % 2], metadata={"use_case": "Triage"}) for n in range(CALLS)]


def number_of(body: Body) -> int:
    return int(asked(body).split()[2])


def closed(body: Body) -> str:
    """Wrong on every eighth ticket."""
    n = number_of(body)
    return LABELS[(n + (n % 8 == 0)) % 2]


def right(body: Body) -> str:
    return f"{LABELS[number_of(body) % 2].capitalize()}."


def judge(body: Body) -> str:
    first, second = fenced_answers(body)
    assert first.casefold().strip(".") != second.casefold().strip("."), "equal answers are nothing to judge"
    return verdict("A" if first.endswith(".") else "B")


def decided(store: Store, study: Study) -> Assessment:
    (decision,) = decide(store, study).recommendation.use_cases
    assert decision.endpoint is Endpoint.AGREEMENT
    return decision.candidates[0]


@pytest.mark.slow
def test_a_candidate_that_gives_the_same_answers_moves(any_store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(any_store, tmp_path, log(), LIVE, {"open": closed, "closed": closed})
    found = decided(any_store, study)
    assert (found.ruling.verdict, found.quality.evidence, found.quality.n) == (Verdict.SWITCH, "agreement", CALLS)
    assert list_queue(any_store, study, run) == ()


def test_people_are_offered_the_answers_that_differ(any_store: Store, tmp_path: Path) -> None:
    study, run, _ = replayed(any_store, tmp_path, log(), LIVE, {"open": right, "closed": closed})
    before = decided(any_store, study)
    assert (before.ruling.verdict, before.ruling.n_needed) == (Verdict.NEED_MORE_DATA, None)
    assert before.ruling.reason.values["differing"] == 10
    assert len(list_queue(any_store, study, run)) == 10
    for _ in range(5):
        pair = next_pair(any_store, study, run, Reviewing(reviewer="r"))
        assert pair is not None
        save_review(any_store, run, pair, "first" if pair.first.endswith(".") else "second", reviewer="r")
    half = decided(any_store, study)
    assert (half.quality.evidence, half.quality.n, half.quality.wins, half.quality.ties, half.quality.losses) == (
        "reviews",
        40,
        5,
        35,
        0,
    )
    while (pair := next_pair(any_store, study, run, Reviewing(reviewer="r"))) is not None:
        save_review(any_store, run, pair, "first" if pair.first.endswith(".") else "second", reviewer="r")
    after = decided(any_store, study)
    assert (after.ruling.verdict, after.quality.evidence, after.quality.wins, after.quality.ties) == (
        Verdict.SWITCH,
        "reviews",
        10,
        70,
    )
    assert after.difference.delta == pytest.approx(10 / 80)


def test_a_judge_is_asked_about_answers_that_differ_alone(store: Store, tmp_path: Path) -> None:
    roles = {**LIVE, "judge": Role.JUDGE}
    proven = examined(judge, LABELS, lambda text: text in ("Billing.", "Bug."))
    answers = {"open": right, "closed": closed, "judge": proven}
    study, run, _ = replayed(store, tmp_path, log(), roles, answers)
    tally = tally_run(store, run.id)
    assert (tally.judge.planned, tally.judge.succeeded, tally.missing) == (20, 20, 0)
    found = decided(store, study)
    assert (found.ruling.verdict, found.quality.evidence, found.quality.n) == (Verdict.SWITCH, "judge", CALLS)
    assert (found.quality.wins, found.quality.ties, found.quality.losses) == (10, 70, 0)
    again = quote_run(store, study, RunOptions(sample_size=CALLS))
    assert (again.judge_calls, again.judge_reused) == (0, 20), "stored answers are known to be equal or not"
    assert quote_run(store, study, RunOptions(sample_size=CALLS, fresh=True)).judge_calls == 2 * CALLS, "at most"


def test_a_live_baseline_can_leave_the_scoring_alone(store: Store, tmp_path: Path) -> None:
    study = made_study(store, tmp_path, log(), "http://127.0.0.1:9", {"open": Role.CANDIDATE})
    assert rescored_live(store, study) == (["Triage"], {(0.10, 0.05)})
    keep_scoring(store, study)
    assert rescored_live(store, study) is None
    (case,) = list_use_cases(store, study.id)
    assert endpoint_of(case, Lane.BASELINE) is Endpoint.PAIRWISE
