"""The exported configuration in a real LiteLLM proxy, between local servers, in an environment of its own."""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from scipy.stats import binomtest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.plan.configuration.archive import KEY, URL, source
from advisor.plan.configuration.litellm_proxy import MASTER_KEY, PAIRS, UNMEASURED_S, proxy_files
from advisor.text.ready.criteria import criteria_file
from advisor.types import Sample
from advisor.types.deployment import Deployment, Route, Upstream
from tests.made.deployment import DEPLOYMENT, OWN
from tests.server import MisbehavingServer

pytestmark = pytest.mark.slow
LOCK = Path(__file__).with_name("proxy.lock")
CALLS = 2000
SERVED_BY = "x-litellm-model-id"


@dataclass(frozen=True, kw_only=True)
class Proxies:
    """A proxy for the step of 5 % and one for the last, with the servers behind them."""

    folder: Path
    urls: dict[str, str]
    key: str
    today: MisbehavingServer
    candidate: MisbehavingServer

    def ask(self, step: str, alias: str, times: int = 1) -> list[tuple[str, str]]:
        """(answer, id of the deployment that gave it) of each call."""
        return asyncio.run(self._ask(f"{self.urls[step]}/v1/chat/completions", alias, times))

    async def _ask(self, url: str, alias: str, times: int) -> list[tuple[str, str]]:
        body = {"model": alias, "messages": [{"role": "user", "content": "Where is my parcel?"}]}
        at_once = asyncio.Semaphore(16)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.key}"}) as session:

            async def one() -> tuple[str, str]:
                async with at_once, session.post(url, json=body) as response:
                    answer = await response.json()
                    assert response.status == 200, answer
                    return answer["choices"][0]["message"]["content"], response.headers[SERVED_BY]

            return await asyncio.gather(*(one() for _ in range(times)))


def to_servers(today: str, candidate: str) -> Deployment:
    """The made decision with hosts on this machine; the models of two more use cases only fail and hang."""

    def moved(route: Route) -> Route:
        there = replace(route, today=replace(route.today, api_base=today))
        if not route.ramp:
            return there
        target = replace(route.ramp.target, api_base=candidate, litellm_id=f"hosted_vllm/{route.alias}")
        return replace(there, ramp=replace(route.ramp, target=target))

    triage = DEPLOYMENT.routes[0]
    assert triage.ramp
    failing = [
        replace(triage, alias=alias, ramp=replace(triage.ramp, latency_p95_s=None, target=_named(behaviour, candidate)))
        for alias, behaviour in (("broken", "500"), ("hanging", "hang"))
    ]
    failing = [replace(each, today=replace(each.today, api_base=today)) for each in failing]
    return replace(DEPLOYMENT, routes=(*map(moved, DEPLOYMENT.routes), *failing))


def _named(model: str, api_base: str) -> Upstream:
    return replace(OWN, litellm_id=f"hosted_vllm/{model}", api_base=api_base)


@pytest.fixture(scope="module")
def proxies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxies]:
    folder = tmp_path_factory.mktemp("proxy")
    _install(folder / "environment")
    answers = {name: (lambda _: "candidate") for name in ("ticket-triage", "thread-summary")}
    with ExitStack() as stack:
        today = stack.enter_context(MisbehavingServer(answers={"gpt-4o-2024-08-06": lambda _: "today"}))
        candidate = stack.enter_context(MisbehavingServer(answers=answers))
        files = proxy_files(to_servers(today.url, candidate.url))
        key = f"sk-{secrets.token_hex(32)}"
        urls = {}
        (folder / PAIRS).write_text(files[PAIRS])
        for step in ("5.yaml", "100.yaml"):
            (folder / step).write_text(files[step].replace(f"timeout: {UNMEASURED_S}\n", "timeout: 1\n"))
            proxy = stack.enter_context(_Proxy(folder, step, key))
            proxy.wait()  # one after the other: the first compiles what the second imports
            urls[step] = proxy.url
        yield Proxies(folder=folder, urls=urls, key=key, today=today, candidate=candidate)


def _install(folder: Path) -> None:
    uv: list[str | Path] = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", "--require-hashes", "-r", LOCK]
    subprocess.run(install, check=True)


class _Proxy:
    def __init__(self, folder: Path, step: str, key: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder, self._step, self._key = folder, step, key

    def __enter__(self) -> "_Proxy":
        command: list[str | Path] = [
            self._folder / "environment" / "bin" / "litellm",
            "--config",
            self._folder / self._step,
        ]
        keys = {MASTER_KEY: self._key, "OPENAI_API_KEY": "today", "VLLM_API_KEY": "own", "TOGETHERAI_API_KEY": "host"}
        settings = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "PATH": os.environ["PATH"]}
        self._log = (self._folder / f"{self._step}.log").open("wb")
        self._process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self.port)],
            env={**keys, **settings, "HOME": str(self._folder)},
            cwd=self._folder,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        return self

    def wait(self) -> None:
        """Until it answers. Raises AssertionError with its log when it ends before."""
        while self._process.poll() is None:
            try:
                if asyncio.run(self._is_up()):
                    return
            except aiohttp.ClientError:
                time.sleep(0.3)
        raise AssertionError(Path(self._log.name).read_text()[-3000:])

    async def _is_up(self) -> bool:
        url = f"{self.url}/health/liveliness"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status == 200

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._log.close()


def test_each_use_case_goes_where_the_plan_sends_it(proxies: Proxies) -> None:
    assert proxies.ask("5.yaml", "agent-actions", 20) == [("today", "agent-actions-today")] * 20
    assert proxies.ask("100.yaml", "agent-actions") == [("today", "agent-actions-today")]
    for alias in ("ticket-triage", "thread-summary"):
        answers = proxies.ask("100.yaml", alias, 10)
        assert {(answer, served.removesuffix("-mirrored")) for answer, served in answers} == {
            ("candidate", f"{alias}-candidate")
        }
    (body,) = [body for body in proxies.candidate.requests if body["model"] == "ticket-triage"][:1]
    assert body["temperature"] == 0
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    # Whoever still asks for today's model by its own name gets it.
    assert proxies.ask("100.yaml", "gpt-4o-2024-08-06") == [("today", "gpt-4o-2024-08-06")]


def test_the_patched_client_asks_the_gateway(proxies: Proxies, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, f"{proxies.urls['100.yaml']}/v1")
    monkeypatch.setenv(KEY, proxies.key)
    client: dict[str, Any] = {}
    exec(source(DEPLOYMENT, moved=True), client)
    answer = client["ticket_triage"]([{"role": "user", "content": "Where is my parcel?"}], max_tokens=5)
    assert answer.choices[0].message.content == "candidate"
    client["client"].close()


def test_the_shadow_asks_both_models_answers_with_todays_and_logs_pairs(proxies: Proxies, tmp_path: Path) -> None:
    before = proxies.candidate.count("thread-summary")
    answers = proxies.ask("5.yaml", "thread-summary", 100)
    assert {answer for answer, _ in answers} == {"today"}
    mirrored = Counter(served for _, served in answers)["thread-summary-today-mirrored"]
    assert binomtest(mirrored, 100, 0.25).pvalue > 1e-6
    end = time.monotonic() + 30
    while proxies.candidate.count("thread-summary") - before < mirrored and time.monotonic() < end:
        time.sleep(0.1)
    assert proxies.candidate.count("thread-summary") - before == mirrored
    for log, group, answer in (("today", "thread-summary", "today"), ("new", "thread-summary-candidate", "candidate")):
        file = proxies.folder / f"{log}.jsonl"
        while (mine := _of_group(file, group)).count("\n") < mirrored and time.monotonic() < end:
            time.sleep(0.1)
        (tmp_path / file.name).write_text(mine)
        samples = [sample for _, sample in read_log(open_log(tmp_path / file.name))]
        assert [sample.answer.text for sample in samples if isinstance(sample, Sample) and sample.answer] == (
            [answer] * mirrored
        )


def _of_group(log: Path, group: str) -> str:
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    return "".join(line for line in lines if f'"model_group": "{group}"' in line)


def test_after_the_last_step_todays_model_answers_some_calls_too(proxies: Proxies) -> None:
    before = proxies.today.count("gpt-4o-2024-08-06")
    answers = Counter(served for _, served in proxies.ask("100.yaml", "ticket-triage", 200))
    mirrored = answers["ticket-triage-candidate-mirrored"]
    assert binomtest(mirrored, 200, 0.1).pvalue > 1e-6
    end = time.monotonic() + 30
    while proxies.today.count("gpt-4o-2024-08-06") - before < mirrored and time.monotonic() < end:
        time.sleep(0.1)
    assert proxies.today.count("gpt-4o-2024-08-06") - before == mirrored


def test_five_percent_go_to_the_new_model(proxies: Proxies) -> None:
    log, id = proxies.folder / "new.jsonl", "ticket-triage-candidate"
    before = len(_logged(log, model_id=id))
    answers = proxies.ask("5.yaml", "ticket-triage", CALLS)
    by_model: Counter[Any] = Counter(answers)
    new = by_model.pop(("candidate", id))
    assert by_model == {("today", "ticket-triage-today"): CALLS - new}
    assert binomtest(new, CALLS, 0.05).pvalue > 1e-6
    end = time.monotonic() + 30
    while len(lines := _logged(log, model_id=id)) < before + new and time.monotonic() < end:
        time.sleep(0.1)
    assert len(lines) >= before + new  # the other proxy may still log earlier calls
    assert {line["status"] for line in lines} == {"success"}
    assert all(line["startTime"] <= line["completionStartTime"] <= line["endTime"] for line in lines)
    assert not any("messages" in line or "response" in line for line in lines)


@pytest.mark.parametrize(("step", "calls"), [("5.yaml", 200), ("100.yaml", 10)])
def test_todays_model_answers_where_the_new_one_fails(proxies: Proxies, step: str, calls: int) -> None:
    before = proxies.candidate.count("500")
    assert {answer for answer, _ in proxies.ask(step, "broken", calls)} == {"today"}
    assert proxies.candidate.count("500") > before
    end = time.monotonic() + 30
    while not (logged := _logged(proxies.folder / "new.jsonl", status="failure")) and time.monotonic() < end:
        time.sleep(0.1)
    assert {line["model_id"].removesuffix("-mirrored") for line in logged} == {"broken-candidate"}


def test_todays_model_answers_where_the_new_one_hangs_and_each_such_call_is_a_failed_one(proxies: Proxies) -> None:
    log, times = proxies.folder / "new.jsonl", 12
    assert {answer for answer, _ in proxies.ask("100.yaml", "hanging", times)} == {"today"}
    assert proxies.candidate.count("hang")
    end = time.monotonic() + 30
    while len(_logged(log, fallback_for="hanging")) < times and time.monotonic() < end:
        time.sleep(0.1)
    assert len({line["trace_id"] for line in _logged(log, fallback_for="hanging")}) == times
    assert not any("messages" in line or "response" in line for line in _logged(log, fallback_for="hanging"))
    command = criteria_file(DEPLOYMENT).split("```")[1].replace("ALIAS", "hanging")
    summed = subprocess.run(["/bin/sh", "-c", command], cwd=proxies.folder, capture_output=True, check=True)
    told = json.loads(summed.stdout)
    assert (told["calls"], told["failed_percent"], told["usd_per_1000"]) == (times, 100, None)


def _logged(log: Path, **told: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [line for line in lines if told.items() <= line.items()]
