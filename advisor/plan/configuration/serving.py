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
    PORT,
    QUANTIZATION,
    TENSOR,
    flag_of,
)
from advisor.text.ready.serving import ASK, another, ask_script, readme, to_gguf
from advisor.types.deployment import Served, ServeGap, Serving
from advisor.types.ready import Optimization

LOOPBACK = "127.0.0.1"
BIND = f"${{BIND:-{LOOPBACK}}}"
"""Where a server listens: an environment variable opens it to other machines."""
SLOTS = 8
"""Most calls at once for llama.cpp and Ollama: each one more slows them all."""
WEIGHTS = "/weights"
"""Where a container keeps what it downloads."""
TOKEN = "HF_TOKEN"  # noqa: S105 - the name of an environment variable
KEY_FLAG = "--api-key"


def serving_files(serving: Serving, found: Optimization) -> dict[str, str]:
    """A folder of scripts per model, one compose file, and README.md."""
    files: dict[str, str] = {}
    for model in serving.models:
        for name, text in {**_scripts(model), ASK: ask_script(model)}.items():
            files[f"{model.alias}/{name}"] = text
    if composed := [model for model in serving.models if on_one_machine(model) and model.repository]:
        files["compose.yaml"] = yaml.safe_dump(compose(composed), sort_keys=False, allow_unicode=True, width=120)
    versions = {server.value: each.version for server, each in documented().items()}
    most = {Server.VLLM.value: MOST_SEQUENCES, Server.LLAMA_CPP.value: SLOTS, Server.OLLAMA.value: SLOTS}
    return {"README.md": readme(serving, versions, tuple(files), most, found), **files}


def vllm_command(model: Served, *, is_contained: bool = False) -> list[str]:
    """`vllm serve`, with the flags of vLLM's recipe; in a container the port is always the same."""
    assert model.repository
    where = ["--port", str(PORT)] if is_contained else _where(model)
    sized = [*_flag("--max-model-len", model.context), *_flag("--max-num-seqs", _at_once(model, MOST_SEQUENCES))]
    named = ["--served-model-name", model.called.name]
    return ["vllm", "serve", model.repository, *named, *where, *sized, "--enable-prefix-caching", *model.vllm]


def sglang_command(model: Served) -> list[str]:
    """SGLang's server, which caches prefixes by default."""
    assert model.repository
    taken = documented()[Server.SGLANG]
    command = ["python3", "-m", "sglang.launch_server", "--model-path", model.repository]
    command += ["--served-model-name", model.called.name, *_where(model)]
    command += [
        *_flag("--context-length", model.context),
        *_flag("--max-running-requests", _at_once(model, MOST_SEQUENCES)),
    ]
    for flag in (TENSOR, PIPELINE, QUANTIZATION):
        command += _flag(flag, flag_of(model.vllm, flag))
    for kind, flag in PARSERS.items():
        command += _flag(flag, getattr(taken, kind).get(flag_of(model.vllm, flag)))
    return [*command, *(flag for flag in model.vllm if flag == "--trust-remote-code")]


def llama_command(model: Served, gguf: str | None = None) -> list[str]:
    """llama.cpp's `llama-server`; all calls share one cache, with room for the longest next to others."""
    at_once = _at_once(model, SLOTS) or SLOTS
    cache = None if model.context is None else model.context + (model.load.p95 or 0) * (at_once - 1)
    return [
        *("llama-server", "--model", gguf or model.gguf, "--alias", model.called.name),
        *(*_where(model), *_flag("--ctx-size", cache), "--parallel", str(at_once)),
        *("--kv-unified", "--cache-prompt", "--jinja"),
    ]


def modelfile(model: Served) -> str:
    """What `ollama create` reads."""
    context = [f"PARAMETER num_ctx {model.context}"] if model.context else []
    return "\n".join([f"FROM {model.ollama}", *context]) + "\n"


def compose(models: list[Served]) -> dict[str, Any]:
    """A server for each model, on loopback unless BIND is set."""
    return {"services": {model.alias: _service(model) for model in models}, "volumes": {"huggingface": {}}}


def on_one_machine(model: Served) -> bool:
    """Whether one machine has the GPUs of one copy."""
    return (model.size.gpus or 1) <= MACHINE_GPUS


def _at_once(model: Served, most: int) -> int | None:
    return None if model.load.at_once is None else min(model.load.at_once, most)


def _service(model: Served) -> dict[str, Any]:
    entry, serve, *command = vllm_command(model, is_contained=True)
    gpus = {"driver": "nvidia", "count": model.size.gpus or 1, "capabilities": ["gpu"]}
    return {
        "image": f"vllm/vllm-openai:v{documented()[Server.VLLM].version}",
        "entrypoint": [entry, serve],
        "command": command,
        "environment": [TOKEN, f"HF_HOME={WEIGHTS}", f"VLLM_API_KEY=${{{model.called.key_env}:-}}"],
        "ports": [f"{BIND}:{model.called.port}:{PORT}"],
        "volumes": [f"huggingface:{WEIGHTS}"],
        "ipc": "host",
        "deploy": {"resources": {"reservations": {"devices": [gpus]}}},
        "restart": "unless-stopped",
    }


def _scripts(model: Served) -> dict[str, str]:
    if not model.repository:
        return {"llama-cpp.sh": _script(model, llama_command(model))}
    scripts = {"llama-cpp.sh": _script(model, llama_command(model), to_gguf(model.repository, model.gguf))}
    if not on_one_machine(model):
        scripts = {}
    scripts |= {"vllm.sh": _script(model, vllm_command(model)), "sglang.sh": _script(model, sglang_command(model))}
    if model.ollama:
        scripts["Modelfile"] = modelfile(model)
        scripts["ollama.sh"] = _ollama_script(model)
    return scripts


def _script(model: Served, command: list[str], comment: str = "") -> str:
    """Asks for a key where its variable is set."""
    line = shlex.join(command).replace(f"--host {LOOPBACK}", f'--host "{BIND}"')
    key = f'${{{model.called.key_env}:+{KEY_FLAG} "${model.called.key_env}"}}'
    said = f"# {comment}\n" if comment else ""
    return f'#!/bin/sh\n{said}cd "$(dirname "$0")" || exit\nexec {line} {key}\n'


def _ollama_script(model: Served) -> str:
    """Starts Ollama's server, and makes the model there as soon as it answers."""
    at_once = _at_once(model, SLOTS)
    several = "" if at_once is None else f" OLLAMA_NUM_PARALLEL={at_once}"
    is_tested = any(gap.code == ServeGap.OLLAMA_API for gap in model.gaps)
    name = model.called.name if is_tested else f"{model.called.name}-ollama"
    create = shlex.join(["ollama", "create", name, "-f", "Modelfile"])
    said = "" if is_tested else f"# {another(name)}\n"
    return (
        f'#!/bin/sh\n{said}cd "$(dirname "$0")" || exit\n'
        f'export OLLAMA_HOST="{BIND}:{model.called.port}"{several}\n'
        "ollama serve &\ntrap 'kill $!' INT TERM\n"
        "while kill -0 $! && ! ollama list; do sleep 1; done > /dev/null 2>&1\n"
        f"{create} || kill $!\nwait\n"
    )


def _where(model: Served) -> list[str]:
    return ["--host", LOOPBACK, "--port", str(model.called.port)]


def _flag(name: str, value: str | int | None) -> list[str]:
    return [] if value is None else [name, str(value)]
