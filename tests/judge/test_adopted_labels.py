"""Labels in the log may serve as reference answers: the use case is then decided without a judge."""

import random
from pathlib import Path

from advisor.collect.use_cases import takes_labels
from advisor.decide.decisions import decide
from advisor.judge.endpoints import endpoint_of
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.log.use_cases import adopt_answers, list_use_cases
from advisor.types import Endpoint, Kind, Lane, Role, RunOptions, Verdict
from tests.made.drafts import drafting, writer
from tests.made.log import call
from tests.made.run import asked, made_study
from tests.server import Body, MisbehavingServer

LABELS = ("billing", "shipping", "returns")
ROWS = 120


def label_of(text: str) -> str:
    return LABELS[int(text.split()[1]) % len(LABELS)]


def tickets() -> list[dict[str, object]]:
    rng, rows = random.Random(1), []
    for n in range(ROWS):
        prompt = f"Ticket {n} is about {rng.random()}. Classify the ticket: billing, shipping or returns."
        rows.append(call(n, prompt, label_of(prompt), metadata={"use_case": "Router"}))
    return rows


def routing(body: Body) -> str:
    text = asked(body)
    return label_of(text).capitalize() + "." if text.startswith("Ticket") else writer(body)


def test_labels_of_the_log_decide_without_a_judge(store: Store, tmp_path: Path) -> None:
    with MisbehavingServer(answers={"open": routing}) as server:
        rows = [*tickets(), *drafting(20)]
        study = made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})
        before = {case.name: case for case in list_use_cases(store, study.id)}
        case = before["Router"]
        assert case.kind is Kind.CLASSIFICATION
        assert {name for name, each in before.items() if takes_labels(each)} == {"Router"}
        assert endpoint_of(case, Lane.RECORDED) is Endpoint.PAIRWISE
        assert adopt_answers(store, case.id) == ROWS
        assert adopt_answers(store, case.id) == 0, "a second time there is nothing to do"
        after = {case.name: case for case in list_use_cases(store, study.id)}
        assert not takes_labels(after["Router"])
        assert endpoint_of(after["Router"], Lane.RECORDED) is Endpoint.TARGET
        assert after["Newsletter drafts"] == before["Newsletter drafts"]
        run = finish_run(store, start_run(store, study, RunOptions(sample_size=140, stream=False)).id)
    assert int(load_sample_facts(store, study.id, ["has_target"], run_id=run.id)["has_target"].sum()) == ROWS
    decisions = {each.name: each for each in decide(store, study).recommendation.use_cases}
    (found,) = decisions["Router"].candidates
    assert (found.quality.n, found.quality.score, found.ruling.verdict) == (ROWS, 1.0, Verdict.SWITCH)
