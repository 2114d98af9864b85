"""Commands of model servers: documented flags only, sized from the log; the built-in model answers by one of them."""

import json
import math
import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from socket import socket

import pytest
import yaml  # type: ignore[import-untyped]

from advisor.catalog.open_models import candidates_catalog
from advisor.catalog.servers import Server, documented, recipe_of
from advisor.llm.builtin import weights_file
from advisor.plan.configuration.served import MACHINE_GPUS, PARSERS, THOUGHTS, builtin, flag_of, recipe_gpus, served
from advisor.plan.configuration.serving import (
    KEY_FLAG,
    llama_command,
    on_one_machine,
    serving_files,
    sglang_command,
    vllm_command,
)
from advisor.text.ready.optimization import SERVERS
from advisor.text.ready.serving import ASK
from advisor.types.deployment import Called, Load, Served, ServeGap, Serving
from advisor.types.ready import Optimization
from tests.server import MisbehavingServer

MODELS = {model.id: model for model in candidates_catalog()}
LOAD = Load(3210, 1800, 40)


def made(model_id: str, load: Load = LOAD) -> Served:
    return served(MODELS[model_id], model_id, model_id.replace(".", "-"), ("Ticket triage",), load)


EVERY = [replace(made(each), called=Called(each, 8000 + place, None)) for place, each in enumerate(MODELS)]
NOTHING = Optimization(models=(), repeated=None, in_bulk=None)
FILES = serving_files(Serving(study="Help desk", models=tuple(EVERY), gaps=()), NOTHING)


@pytest.mark.parametrize(
    ("server", "command"),
    [(Server.VLLM, vllm_command), (Server.SGLANG, sglang_command), (Server.LLAMA_CPP, llama_command)],
)
def test_every_flag_is_documented(server: Server, command: Callable[[Served], list[str]]) -> None:
    taken = documented()[server]
    assert KEY_FLAG in taken.flags
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
            words = text.replace("${BIND:-127.0.0.1}", "127.0.0.1").splitlines()[-1]
            assert shlex.split(words.partition(" ${")[0])[1:] == vllm_command(by_alias[alias])
        if file == "Modelfile":
            assert text == f"FROM {by_alias[alias].ollama}\nPARAMETER num_ctx {by_alias[alias].context}\n"
    services = yaml.safe_load(FILES["compose.yaml"])["services"]
    assert {*services} == {model.alias for model in EVERY if on_one_machine(model)}
    ports = [port for service in services.values() for port in service["ports"]]
    assert len({*ports}) == len(ports)
    assert all(port.startswith("${BIND:-127.0.0.1}:") for port in ports)
    for alias, service in services.items():
        (gpus,) = service["deploy"]["resources"]["reservations"]["devices"]
        assert gpus["count"] == by_alias[alias].size.gpus == recipe_gpus(by_alias[alias].vllm)
        assert service["environment"] == ["HF_TOKEN", "HF_HOME=/weights", "VLLM_API_KEY=${OWN_API_KEY:-}"]
    assert all(model.repository and model.repository in FILES["README.md"] for model in EVERY)


def test_scripts_listen_where_the_gateway_calls_and_open_up_when_asked(tmp_path: Path) -> None:
    model = replace(made("gpt-oss-20b"), called=Called("openai/gpt-oss-20b", 9530, "http://127.0.0.1:9530/v1"))
    files = serving_files(Serving(study="Help desk", models=(model,), gaps=()), NOTHING)
    for program, script in (("vllm", "vllm.sh"), ("python3", "sglang.sh"), ("llama-server", "llama-cpp.sh")):
        (tmp_path / program).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
        (tmp_path / program).chmod(0o755)
        (tmp_path / script).write_text(files[f"{model.alias}/{script}"])
        told = {"BIND": "0.0.0.0", "OWN_API_KEY": "a key"}
        for opened, host, key in ((dict[str, str](), "127.0.0.1", None), (told, "0.0.0.0", "a key")):
            env = {"PATH": f"{tmp_path}:/usr/bin:/bin", **opened}
            ran = subprocess.run(
                ["/bin/sh", str(tmp_path / script)], env=env, capture_output=True, text=True, check=True
            )
            words = ran.stdout.splitlines()
            assert (flag_of(words, "--host"), flag_of(words, "--port")) == (host, "9530")
            assert flag_of(words, KEY_FLAG) == key
    assert yaml.safe_load(files["compose.yaml"])["services"][model.alias]["ports"] == ["${BIND:-127.0.0.1}:9530:8000"]
    assert "Start the gateway" in files["README.md"]
    assert "under Candidates" not in files["README.md"]


def test_ollamas_script_starts_its_server_for_several_calls_and_makes_the_model(tmp_path: Path) -> None:
    model = replace(made("gpt-oss-20b"), called=Called("openai/gpt-oss-20b", 9530, "http://127.0.0.1:9530/v1"))
    (tmp_path / "ollama").write_text('#!/bin/sh\necho "$OLLAMA_HOST $OLLAMA_NUM_PARALLEL $*" >> said\n')
    (tmp_path / "ollama").chmod(0o755)
    (tmp_path / "ollama.sh").write_text(
        serving_files(Serving(study="Help desk", models=(model,), gaps=()), NOTHING)[f"{model.alias}/ollama.sh"]
    )
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", str(tmp_path / "ollama.sh")], env=env, check=True, timeout=20)
    said = {*(tmp_path / "said").read_text().splitlines()}
    assert {f"127.0.0.1:9530 8 {what}" for what in ("serve", "create openai/gpt-oss-20b-ollama -f Modelfile")} <= said


def test_weights_for_llama_cpp_keep_their_bits_and_the_longest_call_fits_next_to_others() -> None:
    model = made("gpt-oss-20b")
    assert "quantize" not in FILES["gpt-oss-20b/llama-cpp.sh"]
    assert model.context
    assert int(flag_of(llama_command(model), "--ctx-size") or 0) == model.context + 7 * 1800


def test_a_model_that_answers_with_its_thoughts_has_them_parsed_by_every_server() -> None:
    for model_id in ("gpt-oss-20b", "gpt-oss-120b"):
        assert flag_of(sglang_command(made(model_id)), "--reasoning-parser") == "gpt-oss"
        assert flag_of(vllm_command(made(model_id)), "--reasoning-parser") == "openai_gptoss"


def test_sizes_follow_the_log() -> None:
    model = made("gpt-oss-20b")
    bytes_a_token = 2 * 24 * 8 * 64 * 2
    assert model.size.kv_gb == pytest.approx(40 * 1800 * bytes_a_token / 1e9)
    needed = math.ceil(1.25 * 3210 / 1024) * 1024
    assert (model.context, model.size.gpus) == (needed + THOUGHTS, 1)
    assert made("phi-4", model.load).context == needed  # which doesn't think
    assert ServeGap.UNTESTED_THOUGHTS in {gap.code for gap in model.gaps}
    tested = made("gpt-oss-20b", LOAD._replace(answer=1500))
    assert tested.context == needed + 2048
    assert ServeGap.UNTESTED_THOUGHTS not in {gap.code for gap in tested.gaps}
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
def test_the_built_in_model_answers_by_the_command_of_llama_cpp(tmp_path: Path) -> None:
    """The wheel has llama.cpp's server, and not its program: each flag is set as the program would."""
    import xllamacpp

    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = replace(builtin("Built in", "built-in", ()), called=Called("built-in", port, None))
    assert weights_file().name == model.gguf
    words = llama_command(model, gguf=str(weights_file()))
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
    params.api_keys = ["a key"]  # of --api-key
    params.ui = False
    params.verbosity = -1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    (tmp_path / ASK).write_text(
        serving_files(Serving(study="Help desk", models=(model,), gaps=()), NOTHING)[f"built-in/{ASK}"]
    )
    env = {**os.environ, "OWN_API_KEY": "a key"}
    asked = subprocess.run(["/bin/sh", str(tmp_path / ASK)], env=env, capture_output=True, check=True, timeout=60)
    answer = json.loads(asked.stdout)
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["model"] == "built-in"
    del server


@pytest.mark.parametrize(("behaviour", "code", "calls"), [("ok", 0, 1), ("flaky-2", 0, 3), ("401", 1, 1)])
def test_asking_ends_with_an_answer_or_with_what_a_server_says_to_a_refused_key(
    tmp_path: Path, behaviour: str, code: int, calls: int
) -> None:
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with MisbehavingServer() as server:
        model = replace(made("gpt-oss-20b"), called=Called(behaviour, 8000, server.url))
        (tmp_path / ASK).write_text(
            serving_files(Serving(study="S", models=(model,), gaps=()), NOTHING)[f"{model.alias}/{ASK}"]
        )
        asked = subprocess.run(["/bin/sh", str(tmp_path / ASK)], env=env, capture_output=True, text=True, timeout=20)
    assert (asked.returncode, server.count(behaviour)) == (code, calls)
    if code:
        assert behaviour in asked.stderr
        assert "error" in asked.stderr
    else:
        assert json.loads(asked.stdout)["choices"]


def test_asking_says_that_nothing_answers_and_the_readme_that_the_port_must_be_open(tmp_path: Path) -> None:
    for program, does in (("curl", "printf ' 000'; printf '%s\\n' \"$@\" >> asked"), ("seq", "echo 1"), ("sleep", ":")):
        (tmp_path / program).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / program).chmod(0o755)
    sent = {"chat_template_kwargs": {"enable_thinking": False}}
    called = Called("a'b", 8000, "http://10.0.0.5:8000/v1")
    model = replace(made("gpt-oss-20b"), called=called, sent=sent)
    files = serving_files(Serving(study="S", models=(model,), gaps=()), NOTHING)
    (tmp_path / ASK).write_text(files[f"{model.alias}/{ASK}"])
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    for name, words in (("a'b", ()), ("other", ("other",))):
        asked = subprocess.run(
            ["/bin/sh", ASK, *words], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=20
        )
        body = json.loads(
            next(line for line in (tmp_path / "asked").read_text().splitlines()[::-1] if "messages" in line)
        )
        assert (asked.returncode, body["model"], body["chat_template_kwargs"]) == (
            1,
            name,
            sent["chat_template_kwargs"],
        )
        assert (
            "Nothing answers at http://10.0.0.5:8000/v1 yet. Was the server started with BIND=0.0.0.0?" in asked.stderr
        )
    assert "For calls at 10.0.0.5, first export `BIND=0.0.0.0` and `OWN_API_KEY`" in files["README.md"]
    assert "For a gateway on another machine, first export" in FILES["README.md"]


def test_the_readme_names_only_scripts_and_ports_that_are_there() -> None:
    model = builtin("Built in", "built-in", ())
    readme = serving_files(Serving(study="Help desk", models=(model,), gaps=()), NOTHING)["README.md"]
    assert "127.0.0.1:8000/v1" in readme
    assert not any(name in readme for name in ("ollama.sh", "vllm.sh", "HF_TOKEN", "- vLLM"))
    assert all(f"127.0.0.1:{model.called.port}/v1" in FILES["README.md"] for model in EVERY)
    assert not any(each in readme for each in ("SGLang", "Ollama", "--enable-prefix-caching"))
    assert all(f"- {name}: " in FILES["README.md"] for name in SERVERS.values())
    assert "Start" not in serving_files(Serving(study="Help desk", models=(), gaps=()), NOTHING)["README.md"]
