"""The command `load-test` and the option `--fresh`."""

import json
import signal
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import Advisor
from tests.made.log import call, write_log
from tests.server import MisbehavingServer
from tests.waiting import wait_until

PRICES = ("--input-price", "1", "--output-price", "2")


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    """A study S with a log of ten calls."""
    advisor = Advisor(tmp_path)
    advisor.run(
        "import", str(write_log(tmp_path / "log.jsonl", [call(n) for n in range(10)])), "--study", "S", "--no-redact"
    )
    return advisor


def register(advisor: Advisor, server: MisbehavingServer, name: str = "ok", *more: str) -> None:
    advisor.run("model", "add", name, "--study", "S", "--model", f"openai/{name}", "--api-base", server.url, *more)


def test_a_load_test_prints_its_steps(advisor: Advisor) -> None:
    with MisbehavingServer() as server:
        register(advisor, server, "ok", *PRICES)
        result = advisor.run(
            "load-test", "--study", "S", "--model", "ok", "--max-concurrency", "2", "--max-latency-p95", "9"
        )
        asked = len(server.requests)
    assert (result["model"], result["status"], result["max_latency_p95_s"]) == ("ok", "succeeded", 9.0)
    assert [step["concurrency"] for step in result["steps"]] == [1, 2]
    assert sum(step["calls"] for step in result["steps"]) <= asked
    for step in result["steps"]:
        assert step["within_limits"] is True
        assert step["failed"] == 0
        assert step["goodput_per_s"] == pytest.approx(step["requests_per_s"])
        assert step["calls"] == pytest.approx(step["requests_per_s"] * step["wall_s"])
        assert 0 < step["ttft_p50_s"] <= step["ttft_p95_s"] <= step["latency_p95_s"]
        assert step["output_tokens_per_s"] == pytest.approx(5 * step["requests_per_s"])
        assert {"tpot_p50_s", "latency_p50_s", "loop_lag_p99_s", "machine_bound"} <= set(step)
    best = max(result["steps"], key=lambda step: step["goodput_per_s"])
    assert (result["goodput_per_s"], result["best_concurrency"]) == (best["goodput_per_s"], best["concurrency"])
    assert result["ended_because"] == "2 calls in flight stayed within the limits; more weren't tested."
    assert result["ended_code"] == "within_limits"
    assert result["cost_usd"] == pytest.approx(asked * (20 * 1 + 5 * 2) / 1e6)
    assert advisor.count("generation") == advisor.count("run") == advisor.count("job") == 0


def test_the_limits_of_the_study_hold_unless_told_otherwise(advisor: Advisor) -> None:
    with closing(sqlite3.connect(advisor.database)) as database, database:
        database.execute("UPDATE study SET max_latency_p95_s = 0.000001, max_ttft_p95_s = 30")
    with MisbehavingServer() as server:
        register(advisor, server)
        place = ("load-test", "--study", "S", "--model", "ok", "--max-concurrency", "1")
        own = advisor.run(*place)
        told = advisor.run(*place, "--no-stream", "--max-latency-p95", "30")
    assert (own["max_ttft_p95_s"], own["max_latency_p95_s"], own["stream"]) == (30.0, 0.000001, True)
    assert (own["steps"][0]["within_limits"], own["best_concurrency"]) == (False, None)
    assert (told["max_ttft_p95_s"], told["max_latency_p95_s"], told["stream"]) == (None, 30.0, False)
    assert told["best_concurrency"] == 1
    assert told["cost_usd"] is None, "no price is known"


def test_a_budget_that_ends_it_ends_with_3(advisor: Advisor) -> None:
    with MisbehavingServer() as server:
        register(advisor, server, "ok", "--input-price", "1000", "--output-price", "1000")
        result = advisor.run("load-test", "--study", "S", "--model", "ok", "--budget", "0.5", code=3)
    assert (result["status"], result["steps"]) == ("budget_exceeded", [])
    assert 0 < result["cost_usd"] <= 0.5


def test_a_model_that_cannot_be_used_ends_with_1(advisor: Advisor) -> None:
    with MisbehavingServer() as server:
        register(advisor, server, "401")
        result = advisor.run("load-test", "--study", "S", "--model", "401", code=1)
        assert server.count("401") == 1
    assert result["status"] == "failed"
    assert "Incorrect API key" in result["ended_because"]


def test_a_wrong_load_test_ends_with_2_and_a_remedy(advisor: Advisor) -> None:
    with MisbehavingServer() as server:
        register(advisor, server)
        for arguments, expected in (
            (("--model", "nobody"), "has no model 'nobody'"),
            (("--model", "ok", "--no-stream", "--max-ttft-p95", "1"), "--no-stream"),
            (("--model", "ok", "--budget", "1"), "--allow-unpriced"),
            ((), "--model"),
        ):
            assert expected in advisor.complain("load-test", "--study", "S", *arguments)
        assert server.requests == []
    assert advisor.count("load_test") == 0


def test_one_that_is_interrupted_keeps_its_steps(advisor: Advisor) -> None:
    def stop_it() -> None:
        try:
            wait_until(lambda: advisor.count("load_step") > 0)
        finally:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    with MisbehavingServer() as server:  # enough answers for the first step, too few for the test to end by itself
        register(advisor, server, "until-202", *PRICES)
        stopping = threading.Thread(target=stop_it)
        stopping.start()
        advisor.run("load-test", "--study", "S", "--model", "until-202", "--max-concurrency", "1000", code=3)
        stopping.join()
    assert advisor.count("load_step") >= 1
    with closing(sqlite3.connect(advisor.database)) as database:
        (row,) = database.execute("select status, ended_because, cost_usd from load_test")
    assert (row[0], json.loads(row[1])["code"]) == ("cancelled", "interrupted")
    assert row[2] > 0


def test_fresh_makes_every_call_again(advisor: Advisor) -> None:
    with MisbehavingServer() as server:
        register(advisor, server, "ok", *PRICES)
        advisor.run("replay", "--study", "S")
        assert advisor.run("quote", "--study", "S")["reused"] == 10
        assert advisor.run("quote", "--study", "S", "--fresh")["reused"] == 0
        before = asked_of(server)
        advisor.run("replay", "--study", "S")
        assert asked_of(server) == before
        advisor.run("replay", "--study", "S", "--fresh")
        assert asked_of(server) == before + 10


def asked_of(server: MisbehavingServer) -> int:
    """How many calls of the log a server got."""
    return sum("Question" in str(body["messages"]) for body in server.requests)
