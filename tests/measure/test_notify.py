"""A run that ended by itself is told to a webhook: briefly, once, and never at the cost of the run."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure import notify
from advisor.measure.notify import VARIABLE, tell_end
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.runs import change_run, get_run
from advisor.store.studies import change_study
from advisor.types import Model, Probe, Run, RunOptions, Status
from tests.made.log import call, write_log
from tests.server import MisbehavingServer
from tests.store.fill import fill

SECRET = "T0K3N-of-the-hook"


class Hook:
    """Somebody's web server: what it heard, and what it does."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 200
        self.drips = False
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer()

            def do_GET(self) -> None:
                self.answer()

            def answer(self) -> None:
                hook.paths.append(self.path)
                if hook.drips:
                    for _ in range(100):
                        self.wfile.write(b"H")
                        time.sleep(0.05)
                self.send_response(hook.status)
                self.send_header("Location", f"{hook.url}/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # the other side hung up
        self.url = f"http://127.0.0.1:{self._server.server_port}/{SECRET}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    hook = Hook()
    monkeypatch.setenv(VARIABLE, hook.url)
    yield hook
    hook.close()


def a_run(store: Store, name: str = "S") -> Run:
    study, _, run = fill(store)
    change_study(store, study.id, name=name)
    return run


def end(store: Store, run: Run, status: Status) -> None:
    change_run(store, run.id, status=status, finished_at=datetime.now(UTC), error="Question 1 was given up")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.SUCCEEDED, "Run 1 of S is finished: 0 of 5 calls answered, 0 failed, for $0."),
        (Status.BUDGET_EXCEEDED, "Run 1 of S stopped, because its budget is used up: 0 of 5 calls answered"),
        (Status.FAILED, "Run 1 of S failed: 0 of 5 calls answered"),
    ],
)
def test_how_a_run_ended_is_told(store: Store, hook: Hook, status: Status, words: str) -> None:
    run = a_run(store)
    end(store, run, status)
    tell_end(store, run)
    (heard,) = hook.heard
    assert heard.pop("text").startswith(words)
    assert heard == {
        "study": "S",
        "run": run.id,
        "status": status.value,
        "planned": 5,
        "succeeded": 0,
        "failed": 0,
        "cost_usd": heard["cost_usd"],
    }


@pytest.mark.parametrize("status", [Status.PAUSED, Status.CANCELLED, Status.RUNNING])
def test_what_a_person_did_is_not_told(store: Store, hook: Hook, status: Status) -> None:
    run = a_run(store)
    end(store, run, status)
    tell_end(store, run)
    assert hook.heard == []


def test_an_end_is_told_once(store: Store, hook: Hook) -> None:
    run = a_run(store)
    end(store, run, Status.SUCCEEDED)
    tell_end(store, run)
    tell_end(store, get_run(store, run.id))
    assert len(hook.heard) == 1


def test_a_name_is_no_command_to_a_chat(store: Store, hook: Hook) -> None:
    run = a_run(store, "<!channel> & co")
    end(store, run, Status.SUCCEEDED)
    tell_end(store, run)
    assert "of &lt;!channel&gt; &amp; co is finished" in hook.heard[0]["text"]
    assert hook.heard[0]["study"] == "<!channel> & co"


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_a_refusal_is_said_and_no_redirect_is_followed(
    store: Store, hook: Hook, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = a_run(store)
    end(store, run, Status.SUCCEEDED)
    hook.status = status
    tell_end(store, run)
    said = capsys.readouterr().err
    assert f"run id {run.id} ended: it answered with HTTP status {status}" in said
    assert SECRET not in said
    assert hook.paths == [f"/{SECRET}"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://127.0.0.1:9/{SECRET}", "can't reach it (ConnectionRefusedError)"),
        (f"http://127.0.0.1:9/{SECRET} with a space", "can't use the address (InvalidURL)"),
        (f"http://[{SECRET}/", "can't use the address (ValueError)"),
        (f"https:///{SECRET}", "can't reach it"),
        (f"file:///etc/{SECRET}", "must begin with http:// or https://"),
        (SECRET, "must begin with http:// or https://"),
    ],
)
def test_an_address_of_nobody_breaks_nothing_and_is_not_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str, why: str
) -> None:
    run = a_run(store)
    end(store, run, Status.SUCCEEDED)
    monkeypatch.setenv(VARIABLE, url)
    tell_end(store, run)
    said = capsys.readouterr().err
    assert why in said
    assert SECRET not in said


def test_one_that_never_ends_its_answer_is_not_waited_for(
    store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(notify, "TIMEOUT_S", 0.3)  # each of its bytes comes in time
    hook.drips = True
    run = a_run(store)
    end(store, run, Status.SUCCEEDED)
    tell_end(store, run)
    assert "took longer than 0.3 s" in capsys.readouterr().err


def test_a_replay_tells_its_end_without_a_text_or_a_key(
    store: Store, tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MODEL_API_KEY", "sk-" + "test" * 8)
    with MisbehavingServer() as server:
        import_logs(
            store, "S", [write_log(tmp_path / "log.jsonl", [call(n) for n in range(3)])], ImportOptions(redact=False)
        )
        study = find_study(store, "S")
        model = Model(name="ok", litellm_id="openai/ok", api_base=server.url, key_env="TEST_MODEL_API_KEY")
        set_probe(store, register_model(store, study, model).id, Probe(reachable=True))
        run = finish_run(store, start_run(store, study, RunOptions()).id)
    (heard,) = hook.heard
    assert (heard["run"], heard["status"], heard["succeeded"]) == (run.id, "succeeded", 3)
    assert heard["cost_usd"] is None
    assert heard["text"].endswith("3 of 3 calls answered, 0 failed, at an unknown cost.")
    assert "Question" not in str(heard)
    assert "sk-test" not in str(heard)
    store.close()
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
