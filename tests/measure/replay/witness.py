"""A server that knows which call it was asked when, and a study whose replay it witnesses: for tests that break things.

Every answer is unlike any other: its text and its price tell which request it belongs to.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import web

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.registration import register_model
from advisor.measure.replay.timing import HELLO
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.log.logs import load_samples
from advisor.store.models import list_models, set_probe
from advisor.store.run.generations import load_generations
from advisor.store.run.runs import get_run, list_runs
from advisor.store.run.samples import list_run_samples
from advisor.types import Lane, Model, Prices, Probe, Run
from tests.made.log import call, write_log
from tests.server import BEHAVIOURS, DONE, MisbehavingServer, chunk, completion, stream

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "data"
USD_PER_MTOK = 1000.0
INPUT_TOKENS = 20


class Name(NamedTuple):
    """What tells one call of a run from another: prompts are unique."""

    model: str
    prompt: str


@dataclass
class Asked:
    """One request as the server saw it."""

    name: Name
    number: int
    """Of the request; each answer shows its own."""
    at: float
    """On the monotonic clock, as ``answered_at``: None while, or if, it got no whole answer."""
    answered_at: float | None = None

    @property
    def cost_usd(self) -> float:
        """What a whole answer costs."""
        return (INPUT_TOKENS + _output_tokens(self.number)) * USD_PER_MTOK / 1e6


Misbehave = Callable[[Name, int], str | None]
"""A call and how often it was asked before -> a key of ``BEHAVIOURS``, or None for a good answer."""


class Witness(MisbehavingServer):
    """``asked`` holds every request but the first call of each start, which is not counted. Answers take ``delay_s``,
    give or take a half."""

    def __init__(self, *, delay_s: float = 0.0, misbehave: Misbehave = lambda _name, _times: None) -> None:
        super().__init__(delay_s=delay_s)
        self.misbehave = misbehave
        self.asked: list[Asked] = []
        self._random = random.Random(1)
        self._runner: web.AppRunner
        self._port = 0

    def times(self, name: Name) -> int:
        """How often a call was asked."""
        return sum(each.name == name for each in list(self.asked))

    def refuse(self) -> None:
        """Go down: connections break and new ones are refused."""
        asyncio.run_coroutine_threadsafe(self._stop_listening(), self._loop).result(10)

    def accept(self) -> None:
        """Come back at the same address."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def __enter__(self) -> "Witness":
        super().__enter__()
        return self

    async def _run(self) -> None:
        self._over = asyncio.Event()
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen()
        self._ready.set()
        await self._over.wait()
        await self._runner.cleanup()
        hanging = asyncio.all_tasks() - {asyncio.current_task()}
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _listen(self) -> None:
        await web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}/v1"

    async def _stop_listening(self) -> None:
        for site in list(self._runner.sites):
            await site.stop()
        assert self._runner.server is not None
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        name = Name(body["model"], body["messages"][-1]["content"])
        if body["messages"] == HELLO.messages:
            return await _say(request, body, "Hello.", 1)
        times = self.times(name)
        asked = Asked(name=name, number=len(self.asked), at=time.monotonic())
        self.asked.append(asked)
        await asyncio.sleep(self.delay_s * self._random.uniform(0.5, 1.5))
        if (behaviour := self.misbehave(name, times)) is not None:
            return await BEHAVIOURS[behaviour](request, body, "")
        response = await _say(request, body, f"{asked.number} {name.prompt}", _output_tokens(asked.number))
        asked.answered_at = time.monotonic()
        return response


def _output_tokens(number: int) -> int:
    return 1 + number % 17


async def _say(request: web.Request, body: dict[str, Any], text: str, tokens: int) -> web.StreamResponse:
    usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": tokens, "total_tokens": INPUT_TOKENS + tokens}
    if not body.get("stream"):
        return web.json_response(completion(text, usage=usage))
    words = [chunk({"role": "assistant", "content": ""}), *(chunk({"content": part}) for part in (text[:3], text[3:]))]
    return await stream(request, [*words, chunk({}, "stop"), chunk(None, usage=usage), DONE])


class Scene:
    """A study with one priced candidate for each name, a database of its own, and a server to ask."""

    def __init__(self, folder: Path, server: Witness, *, calls: int, models: tuple[str, ...] = ("a", "b")) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.server = folder, server
        self.database = folder / "advisor.db"
        self.store = Store(f"sqlite:///{self.database}")
        rows = [call(n, prompt=f"Question {n}, unlike any other?") for n in range(calls)]
        import_logs(self.store, "S", [write_log(folder / "log.jsonl", rows)], ImportOptions(redact=False))
        self.study = find_study(self.store, "S")
        for name in models:
            price: dict[str, Any] = {"prices": Prices(input=USD_PER_MTOK, output=USD_PER_MTOK)}
            model = Model(name=name, litellm_id=f"openai/{name}", api_base=server.url, **price)
            set_probe(self.store, register_model(self.store, self.study, model).id, Probe(reachable=True))

    @property
    def run(self) -> Run | None:
        """The newest run."""
        return next(iter(list_runs(self.store, self.study.id)), None)

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        """``python -m advisor`` on this database, running."""
        env = {**os.environ, "ADVISOR_DATABASE_URL": f"sqlite:///{self.database}"}
        line = [sys.executable, "-m", "advisor", *arguments]
        return subprocess.Popen(line, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def replay(self, *setup: str) -> subprocess.Popen[str]:
        """The command that begins the run, or goes on with it."""
        how = setup if self.run is None else ("--resume", "latest")
        return self.command("replay", "--study", "S", *how, "--json")

    def stored(self) -> dict[Name, Asked]:
        """The calls of the run that have an answer, each with the request that was answered.

        An answer that is filed under another call than it was given to fails the test.
        """
        if self.run is None:
            return {}
        models = {model.id: model.name for model in list_models(self.store, self.study.id)}
        prompts = {
            sample.id: str(sample.request.messages[-1]["content"])
            for sample in load_samples(self.store, list_run_samples(self.store, self.run.id))
        }
        found: dict[Name, Asked] = {}
        for key, generation in load_generations(self.store, self.run.id, lanes=[Lane.CANDIDATE]):
            if generation.answer is None:
                assert generation.failure is not None, "a call without its answer"
                continue
            number, _, prompt = str(generation.answer.text).partition(" ")
            name = Name(str(models[key.model_id]), prompt)
            asked = self.server.asked[int(number)]
            assert asked.name == name == Name(name.model, prompts[key.sample_id]), "an answer of another call"
            assert generation.cost_usd is not None
            assert abs(generation.cost_usd - asked.cost_usd) < 1e-9, "the price of another answer"
            found[name] = asked
        return found

    def ended(self) -> Run:
        """The run as it stands now."""
        assert self.run is not None
        return get_run(self.store, self.run.id)


def finish(process: subprocess.Popen[str], *, code: int = 0, within_s: float = 600) -> dict[str, Any]:
    """What a command printed as JSON; it must end with ``code`` and without a traceback."""
    out, err = process.communicate(timeout=within_s)
    assert process.returncode == code, err or out
    assert "Traceback" not in err, err
    printed: dict[str, Any] = json.loads(out)
    return printed


def kill(process: "subprocess.Popen[str]") -> float:
    """As a power cut does to a process; returns when, on the monotonic clock."""
    at = time.monotonic()
    process.kill()
    process.communicate()
    time.sleep(0.1)  # what it had sent reaches the server
    return at
