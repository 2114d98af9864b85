"""Registered models are edited on the command line; their answers stay."""

from pathlib import Path

import pytest

from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.runs import change_run
from advisor.types import Status
from tests.command import Advisor
from tests.made.log import call, write_log
from tests.server import MisbehavingServer

N = 20
COST_USD = N * (20 * 1.0 + 5 * 2.0) / 1e6
"""At $1 and $2 per million tokens, for the usage that the server reports."""


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    advisor = Advisor(tmp_path)
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(N)]
    advisor.run("import", str(write_log(tmp_path / "log.jsonl", rows)), "--study", "S", "--no-redact")
    return advisor


def test_an_unpriced_model_gets_its_costs_without_being_asked_again(advisor: Advisor, store: Store) -> None:
    with MisbehavingServer() as server:
        at = ("--study", "S", "--api-base", server.url, "--licence", "mit")
        advisor.run("model", "add", "ok", "--model", "openai/ok", *at)
        assert advisor.run("replay", "--study", "S", "--allow-unpriced")["cost_usd"] is None
        asked = len(server.requests)
        edited = advisor.run("model", "edit", "ok", "--study", "S", "--input-price", "1", "--output-price", "2")
        assert (edited["priced"], edited["licence"]) == (True, "mit")
        (run,) = advisor.run("status", "--study", "S")["studies"][0]["runs"]
        assert run["cost_usd"] == pytest.approx(COST_USD)
        candidate = advisor.run("recommend", "--study", "S")["use_cases"][0]["candidates"][0]
        assert candidate["cost_usd_per_1k"] == pytest.approx(1000 * COST_USD / N)
        advisor.run(
            "model", "edit", "ok", "--study", "S", "--name", "renamed", "--input-price", "", "--output-price", ""
        )
        (model,) = list_models(store, 1)
        assert (model.name, model.licence, model.api_base) == ("renamed", "mit", server.url)
        assert model.prices.input is None
        (run,) = advisor.run("status", "--study", "S")["studies"][0]["runs"]
        assert run["cost_usd"] is None
        candidate = advisor.run("recommend", "--study", "S")["use_cases"][0]["candidates"][0]
        assert (candidate["model"], candidate["n"], candidate["cost_usd_per_1k"]) == ("renamed", N, None)
        assert len(server.requests) == asked


def test_what_is_asked_is_fixed_once_there_are_answers(advisor: Advisor, store: Store) -> None:
    prices = ("--input-price", "1", "--output-price", "2")
    with MisbehavingServer() as server:
        at = ("--study", "S", "--api-base", server.url)
        advisor.run("model", "add", "ok", "--model", "openai/unauthorized", *at, *prices)
        advisor.run("model", "edit", "ok", "--study", "S", "--params", '{"temperature": 0.5}')
        advisor.run("model", "edit", "ok", "--study", "S", "--params", "{}", "--model", "openai/ok")
        advisor.run("replay", "--study", "S")
        before = list_models(store, 1)
        for change in (("--model", "openai/echo"), ("--api-base", ""), ("--params", '{"temperature": 0.5}')):
            said = advisor.complain("model", "edit", "ok", "--study", "S", "--input-price", "2", *change)
            assert "are fixed" in said
        assert list_models(store, 1) == before
        asked = server.count("ok")
        assert advisor.run("replay", "--study", "S")["reused"] == N
        assert server.count("ok") == asked
        advisor.run("model", "edit", "ok", "--study", "S", "--input-price", "2", "--output-price", "4")
    _, first = advisor.run("status", "--study", "S")["studies"][0]["runs"]
    assert first["cost_usd"] == pytest.approx(2 * COST_USD)


def test_another_id_has_the_licence_of_the_catalog(advisor: Advisor) -> None:
    edit = ("model", "edit", "M", "--study", "S")
    advisor.run("model", "add", "M", "--study", "S", "--model", "openai/unknown", "--licence", "mit")
    assert advisor.run(*edit, "--key-env", "M_API_KEY")["licence"] == "mit"
    assert advisor.run(*edit, "--model", "together_ai/Qwen/Qwen3.8-27B", "--key-env", "")["licence"] == "apache-2.0"
    assert advisor.run(*edit, "--model", "openai/gpt-4o")["licence"] is None
    assert advisor.run(*edit, "--model", "openai/unknown", "--licence", "mit")["licence"] == "mit"


def test_what_cannot_be_edited_is_said(advisor: Advisor, store: Store) -> None:
    with MisbehavingServer() as server:
        for name in ("ok", "echo"):
            advisor.run("model", "add", name, "--study", "S", "--model", f"openai/{name}", "--api-base", server.url)
        advisor.run("replay", "--study", "S", "--allow-unpriced", "--sample", "2")
    edit = ("model", "edit", "ok", "--study", "S")
    assert "no model 'nobody'" in advisor.complain("model", "edit", "nobody", "--study", "S", "--licence", "mit")
    assert "another model called 'echo'" in advisor.complain(*edit, "--name", "echo")
    assert "has answers" in advisor.complain(*edit, "--role", "judge")
    assert "both prices" in advisor.complain(*edit, "--input-price", "1")
    assert "JSON object" in advisor.complain(*edit, "--params", "3")
    change_run(store, 1, status=Status.QUEUED)
    assert "queued or running" in advisor.complain(*edit, "--licence", "mit")


def test_a_candidate_that_becomes_the_baseline_says_what_is_scored_then(advisor: Advisor, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n} into billing or bug.", ("billing", "bug")[n % 2]) for n in range(80)]
    advisor.run("import", str(write_log(tmp_path / "labels.jsonl", rows)), "--study", "Live", "--no-redact")
    advisor.run("model", "add", "m", "--study", "Live", "--model", "openai/x")
    edit = ("model", "edit", "m", "--study", "Live")
    advisor.run(*edit, "--licence", "mit")
    assert advisor.said == ""
    advisor.run(*edit, "--role", "baseline")
    assert "then scored by agreement with today's model" in advisor.said
    advisor.run(*edit, "--role", "baseline")
    assert advisor.said == "", "nothing changed"
