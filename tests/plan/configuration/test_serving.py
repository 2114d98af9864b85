"""Commands of model servers: documented flags only, sized from the log; the built-in model answers by one of them."""

import json
import math
import shlex
import urllib.request
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest
import yaml  # type: ignore[import-untyped]

from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.servers import Server, documented, recipe_of
from advisor.llm.builtin import weights_file
from advisor.plan.configuration.served import MACHINE_GPUS, PARSERS, builtin, flag_of, recipe_gpus, served
from advisor.plan.configuration.serving import (
    llama_command,
    on_one_machine,
    serving_files,
    sglang_command,
    vllm_command,
)
from advisor.types.deployment import Load, Served, ServeGap, Serving
from advisor.types.ready.optimization import Optimization

MODELS = {model.id: model for model in candidates_catalog()}
LOAD = Load(3210, 1800, 40)


def made(model_id: str, load: Load = LOAD) -> Served:
    return served(MODELS[model_id], model_id, model_id.replace(".", "-"), ("Ticket triage",), load)


EVERY = [made(model_id) for model_id in MODELS]
NOTHING = Optimization(models=(), repeated=None, in_bulk=None)
FILES = serving_files(Serving(study="Help desk", models=tuple(EVERY), gaps=()), NOTHING)


@pytest.mark.parametrize(
    ("server", "command"),
    [(Server.VLLM, vllm_command), (Server.SGLANG, sglang_command), (Server.LLAMA_CPP, llama_command)],
)
def test_every_flag_is_documented(server: Server, command: Callable[[Served], list[str]]) -> None:
    taken = documented()[server]
    for model in EVERY:
        words = command(model)
        flags = [word for word in words if word.startswith("--")]
        assert {*flags} <= {*taken.flags}, model.name
        assert len({*flags}) == len(flags), model.name
        for kind, flag in PARSERS.items():
            assert flag_of(words, flag) in {None, *getattr(taken, kind).values()}, model.name


def test_every_parser_of_a_recipe_is_one_of_vllm() -> None:
    for model_id in MODELS:
        for kind, flag in PARSERS.items():
            assert flag_of(recipe_of(model_id).vllm, flag) in {None, *getattr(documented()[Server.VLLM], kind)}


def test_what_is_written_reads_back() -> None:
    by_alias = {model.alias: model for model in EVERY}
    for name, text in FILES.items():
        alias, _, file = name.partition("/")
        if file == "vllm.sh":
            assert shlex.split(text.splitlines()[1])[1:] == vllm_command(by_alias[alias])
        if file == "Modelfile":
            assert text == f"FROM {by_alias[alias].ollama}\nPARAMETER num_ctx 4096\n"
    services = yaml.safe_load(FILES["compose.yaml"])["services"]
    assert {*services} == {model.alias for model in EVERY if on_one_machine(model)}
    ports = [port for service in services.values() for port in service["ports"]]
    assert len({*ports}) == len(ports)
    assert all(port.startswith("127.0.0.1:") for port in ports)
    for alias, service in services.items():
        (gpus,) = service["deploy"]["resources"]["reservations"]["devices"]
        assert gpus["count"] == by_alias[alias].size.gpus == recipe_gpus(by_alias[alias].vllm)
        assert service["environment"] == ["HF_TOKEN", "HF_HOME=/weights"]
    assert all(model.repository and model.repository in FILES["README.md"] for model in EVERY)


def test_sizes_follow_the_log() -> None:
    model = made("gpt-oss-20b")
    bytes_a_token = 2 * 24 * 8 * 64 * 2
    assert model.size.kv_gb == pytest.approx(40 * 1800 * bytes_a_token / 1e9)
    assert (model.context, model.size.gpus) == (math.ceil(1.25 * 3210 / 1024) * 1024, 1)
    busier = made("gpt-oss-120b", Load(3210, 1800, 400))
    assert busier.size.gpus == 2
    assert flag_of(vllm_command(busier), "--tensor-parallel-size") == "2"
    assert flag_of(vllm_command(busier), "--max-num-seqs") == "256"


def test_what_the_log_or_the_catalog_does_not_tell_is_left_out() -> None:
    untold = made("gpt-oss-20b", Load(None, None, None))
    assert {ServeGap.NO_CONCURRENCY} == {gap.code for gap in untold.gaps}
    assert untold.size.kv_gb is None
    assert not {"--max-num-seqs", "--max-model-len"} & {*vllm_command(untold)}
    packed = made("kimi-k2.6")  # int4, whose bytes are not known
    assert packed.size.weights_gb is None
    assert made("qwen3.8-27b").size.kv_gb is None
    long = made("phi-4", Load(20_000, 9_000, 4))
    assert long.context == MODELS["phi-4"].can.context_tokens
    assert ServeGap.TOO_LONG in {gap.code for gap in long.gaps}


def test_a_repository_too_large_for_its_recipe_is_quantized_or_spread() -> None:
    llama = made("llama-3.3-70b")
    assert flag_of(llama.vllm, "--quantization") == flag_of(sglang_command(llama), "--quantization") == "fp8"
    assert ServeGap.ONLINE_FP8 in {gap.code for gap in llama.gaps}
    assert "--quantization" not in made("qwen3.8-27b").vllm  # BF16 fits
    wide = made("minimax-m3")
    assert wide.size.gpus == recipe_gpus(wide.vllm) == 2 * MACHINE_GPUS
    assert ServeGap.SEVERAL_MACHINES in {gap.code for gap in wide.gaps}


@pytest.mark.slow
def test_the_built_in_model_answers_by_the_command_of_llama_cpp() -> None:
    """The wheel has llama.cpp's server, and not its program: each flag is set as the program would."""
    import xllamacpp

    model = builtin("Built in", "built-in", ())
    assert weights_file().name == model.gguf
    words = llama_command(model, gguf=str(weights_file()), port=0)
    params = xllamacpp.CommonParams()
    flags = {word for word in words if word.startswith("--")}
    library = next(Path(xllamacpp.__file__).parent.glob("*.so")).read_bytes()
    assert all(flag.encode() + b"\0" in library for flag in flags)
    params.model.path = flag_of(words, "--model")
    params.model_alias = {flag_of(words, "--alias")}
    params.hostnames = [flag_of(words, "--host")]
    numbers = {"--port": "port", "--ctx-size": "n_ctx", "--parallel": "n_parallel"}
    switches = {"--kv-unified": "kv_unified", "--cache-prompt": "cache_prompt", "--jinja": "use_jinja"}
    for flag, field in numbers.items():
        setattr(params, field, int(flag_of(words, flag) or 0))
    for flag, field in switches.items():
        setattr(params, field, flag in words)
    assert flags == {"--model", "--alias", "--host", *numbers, *switches}
    params.ui = False
    params.verbosity = -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    body = {"model": "built-in", "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 8}
    url = f"{server.listening_address}/v1/chat/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    deadline = monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                answer = json.load(response)
            break
        except OSError:
            assert monotonic() < deadline
            sleep(0.1)
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["model"] == "built-in"
    del server


def test_the_readme_names_only_scripts_and_ports_that_are_there() -> None:
    model = builtin("Built in", "built-in", ())
    readme = serving_files(Serving(study="Help desk", models=(model,), gaps=()), NOTHING)["README.md"]
    assert "127.0.0.1:8080/v1" in readme
    assert not any(name in readme for name in ("8000", "ollama.sh", "vllm.sh", "HF_TOKEN", "- vLLM"))
    assert "127.0.0.1:8000/v1" in FILES["README.md"]
    assert "Start" not in serving_files(Serving(study="Help desk", models=(), gaps=()), NOTHING)["README.md"]
