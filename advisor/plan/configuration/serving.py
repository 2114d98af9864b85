"""Commands and a compose file that self-host open models on GPUs."""

import shlex
from typing import Any

import yaml  # type: ignore[import-untyped]

from advisor.catalog.servers import Server, documented
from advisor.plan.configuration.served import (
    MACHINE_GPUS,
    MOST_SEQUENCES,
    PARSERS,
    PIPELINE,
    QUANTIZATION,
    TENSOR,
    flag_of,
)
from advisor.text.ready.serving import readme
from advisor.types.deployment import Served, Serving
from advisor.types.ready.optimization import Optimization

LOOPBACK = "127.0.0.1"
PORTS = {Server.VLLM: 8000, Server.SGLANG: 30000, Server.LLAMA_CPP: 8080}
SLOTS = 8
"""Most calls at once for llama.cpp: each one more slows them all."""
WEIGHTS = "/weights"
"""Where a container keeps what it downloads."""
TOKEN = "HF_TOKEN"  # noqa: S105 - the name of an environment variable


def serving_files(serving: Serving, found: Optimization) -> dict[str, str]:
    """A folder of scripts per model, one compose file, and README.md."""
    files: dict[str, str] = {}
    for model in serving.models:
        for name, text in _scripts(model).items():
            files[f"{model.alias}/{name}"] = text
    if composed := [model for model in serving.models if on_one_machine(model) and model.repository]:
        files["compose.yaml"] = yaml.safe_dump(compose(composed), sort_keys=False, allow_unicode=True, width=120)
    versions = {server.value: (each.version, each.checked_on) for server, each in documented().items()}
    ports = {server.value: port for server, port in PORTS.items()}
    return {"README.md": readme(serving, versions, tuple(files), ports, MOST_SEQUENCES, found), **files}


def vllm_command(model: Served, *, host: str | None = LOOPBACK, port: int = PORTS[Server.VLLM]) -> list[str]:
    """`vllm serve`, with the flags of vLLM's recipe."""
    assert model.repository
    where = [*(["--host", host] if host else []), "--port", str(port)]
    sized = [*_flag("--max-model-len", model.context), *_flag("--max-num-seqs", _at_once(model, MOST_SEQUENCES))]
    named = ["--served-model-name", model.alias]
    return ["vllm", "serve", model.repository, *named, *where, *sized, "--enable-prefix-caching", *model.vllm]


def sglang_command(model: Served) -> list[str]:
    """SGLang's server, which caches prefixes by default."""
    assert model.repository
    taken = documented()[Server.SGLANG]
    command = ["python3", "-m", "sglang.launch_server", "--model-path", model.repository]
    command += ["--served-model-name", model.alias, "--host", LOOPBACK, "--port", str(PORTS[Server.SGLANG])]
    command += [
        *_flag("--context-length", model.context),
        *_flag("--max-running-requests", _at_once(model, MOST_SEQUENCES)),
    ]
    for flag in (TENSOR, PIPELINE, QUANTIZATION):
        command += _flag(flag, flag_of(model.vllm, flag))
    for kind, flag in PARSERS.items():
        command += _flag(flag, getattr(taken, kind).get(flag_of(model.vllm, flag)))
    return [*command, *(flag for flag in model.vllm if flag == "--trust-remote-code")]


def llama_command(model: Served, gguf: str | None = None, port: int = PORTS[Server.LLAMA_CPP]) -> list[str]:
    """llama.cpp's `llama-server`; all calls share one cache, of at least the longest call."""
    at_once = _at_once(model, SLOTS) or SLOTS
    cache = None if model.context is None else max(model.context, (model.load.p95 or 0) * at_once)
    return [
        *("llama-server", "--model", gguf or model.gguf, "--alias", model.alias),
        *("--host", LOOPBACK, "--port", str(port), *_flag("--ctx-size", cache), "--parallel", str(at_once)),
        *("--kv-unified", "--cache-prompt", "--jinja"),
    ]


def modelfile(model: Served) -> str:
    """What `ollama create` reads."""
    context = [f"PARAMETER num_ctx {model.context}"] if model.context else []
    return "\n".join([f"FROM {model.ollama}", *context]) + "\n"


def compose(models: list[Served]) -> dict[str, Any]:
    """A server for each model on loopback only, each on the next port."""
    return {
        "services": {model.alias: _service(model, PORTS[Server.VLLM] + place) for place, model in enumerate(models)},
        "volumes": {"huggingface": {}},
    }


def on_one_machine(model: Served) -> bool:
    """Whether one machine has the GPUs of one copy."""
    return (model.size.gpus or 1) <= MACHINE_GPUS


def _at_once(model: Served, most: int) -> int | None:
    return None if model.load.at_once is None else min(model.load.at_once, most)


def _service(model: Served, port: int) -> dict[str, Any]:
    entry, serve, *command = vllm_command(model, host=None)
    gpus = {"driver": "nvidia", "count": model.size.gpus or 1, "capabilities": ["gpu"]}
    return {
        "image": f"vllm/vllm-openai:v{documented()[Server.VLLM].version}",
        "entrypoint": [entry, serve],
        "command": command,
        "environment": [TOKEN, f"HF_HOME={WEIGHTS}"],
        "ports": [f"{LOOPBACK}:{port}:{PORTS[Server.VLLM]}"],
        "volumes": [f"huggingface:{WEIGHTS}"],
        "ipc": "host",
        "deploy": {"resources": {"reservations": {"devices": [gpus]}}},
        "restart": "unless-stopped",
    }


def _scripts(model: Served) -> dict[str, str]:
    scripts = {"llama-cpp.sh": _script(llama_command(model))}
    if not model.repository:
        return scripts
    if not on_one_machine(model):
        scripts = {}
    scripts |= {"vllm.sh": _script(vllm_command(model)), "sglang.sh": _script(sglang_command(model))}
    if model.ollama:
        scripts["Modelfile"] = modelfile(model)
        scripts["ollama.sh"] = _script(["ollama", "create", model.alias, "-f", "Modelfile"])
    return scripts


def _script(command: list[str]) -> str:
    return f"#!/bin/sh\nexec {shlex.join(command)}\n"


def _flag(name: str, value: str | int | None) -> list[str]:
    return [] if value is None else [name, str(value)]
