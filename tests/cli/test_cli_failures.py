"""The command line where a model cannot be asked: it blocks only itself, and what is missing has its reason."""

from pathlib import Path

import pytest

from tests.command import Advisor
from tests.made.log import call, write_log
from tests.made.run import verdict
from tests.server import MisbehavingServer

N = 100
UNSET = "NO_SUCH_TEST_API_KEY"
PRICES = ("--input-price", "1", "--output-price", "1")


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    advisor = Advisor(tmp_path)
    rows = [call(n, f"Sort ticket {n}, please.", target="billing") for n in range(N)]
    advisor.run("import", str(write_log(tmp_path / "log.jsonl", rows)), "--study", "S", "--no-redact")
    return advisor


def add(advisor: Advisor, name: str, *more: str) -> None:
    advisor.run("model", "add", name, "--study", "S", "--model", f"openai/{name}", *PRICES, *more)


def test_three_models_of_which_one_has_no_key_and_one_is_refused(advisor: Advisor) -> None:
    with MisbehavingServer(answers={"good": lambda _: "billing"}) as server:
        add(advisor, "good", "--api-base", server.url)
        add(advisor, "keyless", "--key-env", UNSET)
        add(advisor, "401", "--api-base", server.url)
        quote = advisor.run("quote", "--study", "S")
        assert quote["unaskable"] == [["keyless", f"{UNSET} isn't set", N]]
        assert (quote["calls"], quote["lost"]) == (3 * N, N)
        assert {name for name, *_ in quote["by_model"]} == {"good", "401"}
        run = advisor.run("replay", "--study", "S", code=3)
    assert (run["status"], run["partial"]) == ("succeeded", True)
    assert (run["planned"], run["succeeded"], run["failed"], run["skipped"]) == (2 * N, N, N, 0)
    assert "401 was given up: key missing or refused" in run["error"]
    candidates = {c["model"]: c for c in advisor.run("recommend", "--study", "S")["use_cases"][0]["candidates"]}
    assert {name: candidate["n"] for name, candidate in candidates.items()} == {"good": N, "401": 0}
    assert candidates["good"]["verdict"] == "switch"
    assert candidates["401"]["verdict"] == "need_more_data"


def test_the_missing_calls_are_made_once_the_key_is_there(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    with MisbehavingServer() as server:
        add(advisor, "good", "--api-base", server.url)
        add(advisor, "late", "--api-base", server.url, "--key-env", UNSET)
        run = advisor.run("replay", "--study", "S", code=3)
        assert (run["planned"], run["failed"], run["partial"]) == (N, 0, False), "it is left out, which the code says"
        monkeypatch.setenv(UNSET, "now-it-is-there")
        before = server.count("good")
        run = advisor.run("replay", "--study", "S")
        assert (run["succeeded"], run["failed"], run["partial"], run["error"]) == (2 * N, 0, False, None)
        assert server.count("good") == before


def test_without_any_key_nothing_is_planned(advisor: Advisor) -> None:
    add(advisor, "keyless", "--key-env", UNSET)
    assert advisor.run("quote", "--study", "S")["cost_usd"]["point"] > 0, "the price is known all the same"
    assert UNSET in advisor.complain("replay", "--study", "S")
    assert advisor.run("status", "--study", "S")["studies"][0]["runs"] == []


def test_a_judge_without_a_key_leaves_the_answers_complete(tmp_path: Path) -> None:
    advisor = Advisor(tmp_path)
    rows = [
        call(n, f"Write a friendly newsletter paragraph about topic {n}.", f"Dear all, topic {n} is here. " * 4)
        | {"metadata": {"use_case": "Newsletter drafts"}}
        for n in range(N)
    ]
    advisor.run("import", str(write_log(tmp_path / "log.jsonl", rows)), "--study", "S", "--no-redact")
    answers = {"good": lambda _: "Hello all, here it is.", "judge": lambda _: verdict("tie")}
    with MisbehavingServer(answers=answers) as server:
        add(advisor, "good", "--api-base", server.url)
        add(advisor, "judge", "--api-base", server.url, "--key-env", UNSET, "--role", "judge")
        quote = advisor.run("quote", "--study", "S")
        assert (quote["unaskable"], quote["judge_calls"]) == ([["judge", f"{UNSET} isn't set", 2 * N]], 0)
        run = advisor.run("replay", "--study", "S", code=3)
    assert (run["planned"], run["succeeded"], run["failed"]) == (N, N, 0)
    assert run["error"].startswith("judge was given up: ")
    assert UNSET in run["error"]
