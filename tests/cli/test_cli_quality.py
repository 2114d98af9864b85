"""The command line where it is about quality: stopping early, reading answers, labels out and in, scoring again."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from advisor.cli.main import main
from advisor.store import Store
from advisor.store.run.reviews import add_reviews, load_reviews, remove_review
from advisor.types import Preference, Role
from tests.command import Advisor
from tests.made.log import call, write_log
from tests.made.run import asked, fenced_answers, made_study, verdict
from tests.server import Body, MisbehavingServer

PRICES = ("--input-price", "1", "--output-price", "1")


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    return Advisor(tmp_path)


def add(advisor: Advisor, name: str, url: str, role: str = "candidate") -> None:
    advisor.run(
        "model", "add", name, "--study", "S", "--model", f"openai/{name}", "--api-base", url, "--role", role, *PRICES
    )


def test_a_run_that_stops_early_says_what_it_spared(advisor: Advisor, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(200)]
    log = write_log(tmp_path / "log.jsonl", rows)
    with MisbehavingServer(answers={"bad": lambda _: "bug"}) as server:
        advisor.run("import", str(log), "--study", "S", "--no-redact")
        add(advisor, "bad", server.url)
        run = advisor.run("replay", "--study", "S", "--early-stop", "--no-stream")
    assert (run["status"], run["planned"], run["skipped"], run["failed"]) == ("succeeded", 200, 0, 0)
    assert run["spared"] == 200 - run["succeeded"] > 100
    decision = advisor.run("recommend", "--study", "S")
    (candidate,) = decision["use_cases"][0]["candidates"]
    assert (candidate["verdict"], candidate["method"], decision["partial"]) == ("keep", "e-process", False)
    assert (candidate["reason_code"], candidate["reason_values"]["n"]) == ("worse", candidate["n"])
    assert candidate["why_not"]


def test_what_cannot_stop_early_is_said_before_anything_is_asked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("advisor.cli.measure.say", told.append)
    monkeypatch.setenv("ADVISOR_DATABASE_URL", f"sqlite:///{tmp_path / 'advisor.db'}")
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    passage = "Our return policy has many parts. " * 10
    rows = [call(n, f"{passage}\n\nSort {n}." if n < 2 else f"Sort {n}.", target="billing") for n in range(20)]
    with MisbehavingServer(answers={"open": lambda _: "billing"}) as server:
        made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})
        assert main(["replay", "--study", "S", "--early-stop", "--no-stream"]) == 0
    assert "No early stop for Triage" in " ".join(told)


def test_labels_go_out_and_come_in(advisor: Advisor, tmp_path: Path) -> None:
    def judge(body: Body) -> str:
        if "===== ANSWER A" not in asked(body):
            return json.dumps({"claims": [{"claim": "it is made", "supported": False}], "refusal": "answered"})
        first, _ = fenced_answers(body)
        return verdict("A" if "better" in first else "B")

    rows = [
        call(n, f"Write a friendly newsletter paragraph about topic {n}.", f"Dear all, here is topic {n}.", **NEWS)
        for n in range(6)
    ]
    log = write_log(tmp_path / "log.jsonl", rows)
    with MisbehavingServer(answers={"open": lambda body: f"A better {asked(body)[-8:]}", "judge": judge}) as server:
        advisor.run("import", str(log), "--study", "S", "--no-redact")
        add(advisor, "open", server.url)
        add(advisor, "judge", server.url, "judge")
        quote = advisor.run("quote", "--study", "S", "--audit", "2")
        assert (quote["judge_calls"], quote["control_calls"]) == (12, 4)
        advisor.run("replay", "--study", "S", "--audit", "2", "--no-stream")
        assert advisor.run("score", "--study", "S", "--audit", "5")["answers_read"] == 6, "three more of each"
    (candidate,) = advisor.run("recommend", "--study", "S")["use_cases"][0]["candidates"]
    assert candidate["wins"] == 6
    assert {gate["name"]: gate["value"] for gate in candidate["gates"]}["unsupported claims"] == 0.0
    refused = next(gate for gate in candidate["gates"] if gate["name"] == "refused where the baseline answered")
    assert (refused["value"], refused["limit"], refused["n"], refused["passed"]) == (0.0, 0.02, 5, True)
    store = Store(f"sqlite:///{advisor.database}")
    pairs = [(sample_id, 1, Preference.BASELINE) for sample_id in (1, 2)]
    add_reviews(store, 1, pairs, reviewer="ann")
    out = tmp_path / "labels.jsonl"
    assert advisor.run("export", "--study", "S", "--what", "labels", "-o", str(out))["rows"] == 2
    for sample_id, model_id, _ in pairs:
        remove_review(store, 1, sample_id, model_id, reviewer="ann")
    with out.open("a") as lines:
        lines.write('{"model": "open"}\n')
    taken = advisor.run("score", "--study", "S", "--labels", str(out))["labels"]
    assert (taken["taken"], taken["replaced"], [row["row"] for row in taken["rejected"]]) == (2, 0, [3])
    assert [review.reviewer for review in load_reviews(store, 1)] == ["ann", "ann"]
    store.close()
    assert "missing.jsonl" in advisor.complain("score", "--study", "S", "--labels", "missing.jsonl")
    out.write_text('{"model": "open"}\n{"model": "nobody"}\n')
    assert "Row 1: unknown preference ''" in advisor.complain("score", "--study", "S", "--labels", str(out))
    out.write_text("")
    assert "No review in labels.jsonl" in advisor.complain("score", "--study", "S", "--labels", str(out))


NEWS: dict[str, Any] = {"metadata": {"use_case": "Newsletter drafts"}}
