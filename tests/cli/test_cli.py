"""The command line: contract, exit codes, kill and resume."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import Advisor
from tests.made.log import call, write_log
from tests.server import MisbehavingServer
from tests.waiting import wait_until


@pytest.fixture
def advisor(tmp_path: Path) -> Advisor:
    return Advisor(tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(tmp_path / "log.jsonl", [call(n) for n in range(40)])


@pytest.mark.slow
def test_from_a_log_to_a_report(advisor: Advisor, log: Path) -> None:
    imported = advisor.run_process("import", str(log), "--study", "S", "--no-redact")
    assert (imported["rows"], imported["accepted"], imported["rejected"], imported["duplicates"]) == (40, 40, 0, 0)
    assert imported["usage"]["input_tokens"] == 4000
    assert advisor.run("import", str(log), "--study", "S", "--no-redact")["duplicates"] == 40
    with MisbehavingServer() as server:
        place = ("--study", "S", "--api-base", server.url, "--input-price", "1", "--output-price", "2")
        added = advisor.run("model", "add", "ok", "--model", "openai/ok", *place)
        assert added == {"name": "ok", "model": "openai/ok", "role": "candidate", "priced": True, "licence": None}
        advisor.run("model", "add", "j", "--model", "openai/judge", "--role", "judge", *place)
        quote = advisor.run("quote", "--study", "S", "--sample", "10")
        assert (quote["calls"], quote["judge_calls"]) == (10, 20)
        assert quote["cost_usd"]["low"] <= quote["cost_usd"]["point"] <= quote["cost_usd"]["high"]
        run = advisor.run_process("replay", "--study", "S", "--sample", "10")
        assert (run["status"], run["planned"], run["succeeded"], run["skipped"]) == ("succeeded", 10, 10, 0)
        assert sum("Question " in str(body["messages"]) for body in server.requests) == 10 + 20 + 2 * 20, (
            "answered, judged, read; this judge reads nothing, and is asked once more"
        )
    decision = advisor.run("recommend", "--study", "S", "--margin", "0.1", "--confidence", "0.9")
    (candidate,) = decision["use_cases"][0]["candidates"]
    assert candidate["n"] == candidate["answered"] == 10
    assert candidate["wins"] + candidate["ties"] + candidate["losses"] == 10
    assert (candidate["margin"], candidate["endpoint"]) == (0.1, "pairwise")
    assert decision["monthly"]["baseline_usd"] > 0
    report = advisor.run_process("report", "--study", "S", "-o", str(advisor.folder / "r.pdf"))
    assert report["pages"] >= 3
    assert (advisor.folder / "r.pdf").read_bytes().startswith(b"%PDF")
    assert advisor.run("export", "--study", "S", "--what", "results", "-o", str(advisor.folder / "r.csv"))["rows"] == 10
    advisor.run("export", "--study", "S", "--what", "study", "-o", str(advisor.folder / "s.toml"))
    scored = advisor.run("score", "--study", "S")
    assert scored["scored"] > 0
    assert scored["judge_calls"] == 0
    (study,) = advisor.run("status")["studies"]
    assert study["samples"] == 40
    assert study["runs"][0]["succeeded"] == 10


def test_a_study_from_one_file(advisor: Advisor, log: Path) -> None:
    with MisbehavingServer() as server:
        (advisor.folder / "STUDY.toml").write_text(
            f"""
study = "From a file"
logs = ["{log.name}"]
redact = false
sample = 12
margin = 0.08
report = "out.pdf"
[baseline]
lane = "recorded"
[[candidates]]
name = "ok"
model = "openai/ok"
api_base = "{server.url}"
input_price = 1
output_price = 2
params = {{ temperature = 0 }}
"""
        )
        result = advisor.run("run", str(advisor.folder / "STUDY.toml"))
        assert all(body["temperature"] == 0 for body in server.requests if "Question" in str(body["messages"]))
    assert result["report"].endswith("out.pdf")
    assert result["use_cases"][0]["candidates"][0]["margin"] == 0.08
    exported = advisor.folder / "again.toml"
    advisor.run("export", "--study", "From a file", "--what", "study", "-o", str(exported))
    assert 'model = "openai/ok"' in exported.read_text()


@pytest.mark.slow
def test_a_killed_replay_repeats_no_stored_call(advisor: Advisor, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", [call(n) for n in range(120)])
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    with MisbehavingServer(delay_s=0.05) as server:
        advisor.run("model", "add", "ok", "--study", "S", "--model", "openai/ok", "--api-base", server.url)
        process = advisor.start("replay", "--study", "S", "--sample", "120", "--concurrency", "4")
        wait_until(lambda: len(server.requests) >= 40, process)
        process.send_signal(signal.SIGKILL)
        assert "Run 1 (id 1): 120 calls" in process.communicate()[1]
        with closing(sqlite3.connect(advisor.database)) as database:
            stored = {row[0] for row in database.execute("select sample_id from generation where failure is null")}
        asked_before = len(server.requests)
        assert 0 < len(stored) < 120
        run = advisor.run("replay", "--study", "S", "--resume", "latest")
        asked_after = len(server.requests) - asked_before
    assert (run["status"], run["succeeded"], run["failed"], run["skipped"]) == ("succeeded", 120, 0, 0)
    assert asked_after == 120 - len(stored), "exactly what was not stored is asked again"


@pytest.mark.slow
def test_a_killed_import_is_unseen_and_goes_on_where_it_was(advisor: Advisor, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", [call(n, prompt=f"Order {n} " + "x" * 1200) for n in range(24_000)])
    process = advisor.start("import", str(log), "--study", "S", "--no-redact")
    wait_until(lambda: advisor.count("sample") > 0, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stored = advisor.count("sample")
    assert 0 < stored < 24_000
    assert advisor.run("status", "--study", "S")["studies"][0]["samples"] == 0
    result = advisor.run("import", str(log), "--study", "S", "--no-redact")
    assert (result["rows"], result["accepted"], result["duplicates"]) == (24_000, 24_000, 0)
    assert advisor.count("sample") == 24_000


def test_a_redacted_import_keeps_no_address(advisor: Advisor, tmp_path: Path) -> None:
    rows = [call(n, prompt=f"Write to anna{n}@example.com about order {n}") for n in range(6)]
    result = advisor.run("import", str(write_log(tmp_path / "log.jsonl", rows)), "--study", "S", "--redact")
    assert result["redactions"]
    assert b"anna1@example.com" not in advisor.database.read_bytes()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\xff\xfe\x00" * 500, "binary"),
        (b"just some prose without any structure\nand another line\n", ""),
        (b"[1, 2, 3]", ""),
    ],
)
def test_a_file_that_cannot_be_used_says_why(advisor: Advisor, tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad.log"
    path.write_bytes(content)
    message = advisor.complain("import", str(path), "--study", "S", "--no-redact")
    assert "bad.log" in message
    assert expected in message.lower()
    assert advisor.run("status")["studies"] == [], "nothing is half written"


def test_what_a_file_leaves_open_is_set_by_importing_into_a_new_study(advisor: Advisor, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", [{"prompt": f"Q{n}?", "response": "A.", "latency": 90} for n in range(4)])
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    for flag, told in (("--durations", "s"), ("--model", "gpt-4o")):
        assert f"import into a new study with {flag}." in advisor.said
        again = ("import", str(log), "--no-redact", flag, told, "--study")
        assert advisor.run(*again, "S")["accepted"] == 0, "these calls are there"
        assert advisor.run(*again, f"S with {flag}")["accepted"] == 4
        advisor.run("import", str(log), "--study", "S", "--no-redact")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("import", "LOG", "--study", "S"), "--redact"),
        (("import", "missing.jsonl", "--study", "S", "--no-redact"), "missing.jsonl"),
        (("import", "LOG", "--study", "S", "--no-redact", "--format", "nonsense"), "nonsense"),
        (("import", "LOG", "--study", "S", "--no-redact", "--columns", "prompt"), "--columns"),
        (("replay", "--study", "Nowhere"), "Nowhere"),
        (("nonsense",), "nonsense"),
        (("quote", "--study"), "--study"),
        (("recommend", "--study", "Here"), "replay"),
        (("report", "--study", "Here", "-o", "r.pdf"), "replay"),
        (("replay", "--study", "Here"), "model add"),
        (("replay", "--study", "Here", "--baseline", "live"), "baseline"),
        (("model", "add", "x", "--study", "Here", "--model", "nosuchprovider/x"), "nosuchprovider"),
        (("model", "add", "x", "--study", "Here", "--model", "openai/x", "--input-price", "1"), "both prices"),
        (("run", "missing.toml"), "missing.toml"),
        (("replay", "--study", "Here", "--resume", "latest"), "no run"),
        (("score", "--study", "Here"), "no run"),
    ],
)
def test_a_wrong_command_ends_with_2_and_a_remedy(
    advisor: Advisor, log: Path, arguments: tuple[str, ...], expected: str
) -> None:
    advisor.run("import", str(log), "--study", "Here", "--no-redact")
    assert expected in advisor.complain(*(str(log) if part == "LOG" else part for part in arguments))


def test_a_missing_key_is_named_and_its_value_never_wanted(advisor: Advisor, log: Path) -> None:
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    advisor.run("model", "add", "m", "--study", "S", "--model", "openai/gpt-4o", "--key-env", "NO_SUCH_TEST_API_KEY")
    assert "NO_SUCH_TEST_API_KEY" in advisor.complain("replay", "--study", "S", "--sample", "2")


def test_a_key_goes_to_a_foreign_host_only_when_allowed(advisor: Advisor, log: Path) -> None:
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    add = ("model", "add", "m", "--study", "S", "--model", "openai/x", "--api-base", "https://llm.example/v1")
    assert "AWS_SECRET" not in advisor.complain(*add, "--key-env", "AWS_SECRET_ACCESS_KEY")
    refused = advisor.complain(*add, "--key-env", "OPENAI_API_KEY")
    assert "OPENAI_API_KEY" in refused
    assert "llm.example" in refused
    advisor.run(*add, "--key-env", "OPENAI_API_KEY", "--allow-key-host")
    other = (*add[:-1], "https://other.example/v1", "--key-env", "OPENAI_API_KEY")
    assert "other.example" in advisor.complain(*other)


def test_scoring_is_kept_for_the_live_baseline_that_is_added_alone(advisor: Advisor, tmp_path: Path) -> None:
    rows = [call(n, f"Sort ticket {n} into billing or bug.", ("billing", "bug")[n % 2]) for n in range(80)]
    advisor.run("import", str(write_log(tmp_path / "labels.jsonl", rows)), "--study", "S", "--no-redact")

    def chosen() -> list[str | None]:
        with closing(sqlite3.connect(advisor.database)) as database:
            return [endpoint for (endpoint,) in database.execute("SELECT endpoint FROM use_case")]

    add = ("model", "add", "m", "--study", "S", "--keep-scoring", "--model")
    assert "nosuchprovider" in advisor.complain(*add, "nosuchprovider/x", "--role", "baseline")
    assert chosen() == [None]
    advisor.run(*add, "openai/x")
    assert chosen() == [None], "a candidate changes no scoring"
    advisor.run("model", "add", "live", *add[3:], "openai/y", "--role", "baseline")
    assert chosen() == ["pairwise"]


def test_a_budget_needs_prices(advisor: Advisor, log: Path) -> None:
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    with MisbehavingServer() as server:
        advisor.run("model", "add", "ok", "--study", "S", "--model", "openai/unknown-model", "--api-base", server.url)
        message = advisor.complain("replay", "--study", "S", "--budget", "1")
        assert "--allow-unpriced" in message
        run = advisor.run("replay", "--study", "S", "--sample", "3", "--budget", "1", "--allow-unpriced")
    assert run["cost_usd"] is None, "an unpriced call has no cost, not a cost of nothing"


def test_a_budget_that_ends_a_run_ends_with_3(advisor: Advisor, log: Path) -> None:
    advisor.run("import", str(log), "--study", "S", "--no-redact")
    with MisbehavingServer() as server:
        prices = ("--input-price", "1000", "--output-price", "1000")
        advisor.run("model", "add", "ok", "--study", "S", "--model", "openai/ok", "--api-base", server.url, *prices)
        run = advisor.run("replay", "--study", "S", "--budget", "0.5", code=3)
    assert run["status"] == "budget_exceeded"
    assert run["skipped"] > 0
    assert advisor.run("recommend", "--study", "S")["partial"] is True
