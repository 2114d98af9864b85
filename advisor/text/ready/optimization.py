"""What makes a self-hosted model cheaper, in words."""

from collections.abc import Collection, Iterator, Mapping

from advisor.text.numbers import UNKNOWN, dollars, listing, percent, shorten, signed
from advisor.types.ready import Copy, Lever, Optimization, Optimized, Variant

TITLE = "What makes it cheaper"
COLUMNS = ("Lever", "Effect", "Quality", "How")
PRECISIONS = {"fp8": "FP8 weights", "q4_k_m": "4-bit weights"}
HOW: Mapping[str, Mapping[str, str]] = {
    "fp8": {
        "vllm": "`--quantization fp8`",
        "sglang": "`--quantization fp8`",
        "llama.cpp": "`llama-quantize ... Q8_0`",
        "ollama": "a `q8_0` tag",
    },
    "q4_k_m": {
        "vllm": "a 4-bit repository (AWQ, GPTQ), which it detects",
        "sglang": "a 4-bit repository",
        "llama.cpp": "`llama-quantize ... Q4_K_M`",
        "ollama": "its default",
    },
    "prefixes": {
        "vllm": "`--enable-prefix-caching`",
        "sglang": "always on",
        "llama.cpp": "`--cache-prompt`",
        "ollama": "always on",
    },
    "batches": {
        "vllm": "`vllm run-batch`, `--max-num-seqs`",
        "sglang": "`--max-running-requests`",
        "llama.cpp": "`--parallel`",
        "ollama": "`OLLAMA_NUM_PARALLEL`",
    },
}
"""Lever -> server -> what switches it on."""
SERVERS = {"vllm": "vLLM", "sglang": "SGLang", "llama.cpp": "llama.cpp", "ollama": "Ollama"}
NOTE = "Cheapest GPUs: for servers (40 GB or more), rented all month. Speed isn't compared."
SAME = "not affected"


def optimization_rows(found: Optimization, servers: Collection[str]) -> list[tuple[str, str, str, str]]:
    """Lever, effect, quality, and what switches it on in these servers: each model's, then those of the whole log."""
    rows = [row for model in found.models for row in _of_model(model, servers)]
    return [*rows, _prefixes(found.repeated, servers), _batches(found.in_bulk, servers)]


def _how(lever: str, servers: Collection[str]) -> str:
    names: dict[str, list[str]] = {}
    for server, name in SERVERS.items():
        if server in servers:
            names.setdefault(HOW[lever][server], []).append(name)
    return "; ".join(f"{', '.join(same)}: {how}" for how, same in names.items())


def _of_model(model: Optimized, servers: Collection[str]) -> Iterator[tuple[str, str, str, str]]:
    name = shorten(model.model)
    if model.today is None:
        yield (f"{name}, fewer bits", "unknown: its size isn't in the catalog", UNKNOWN, "see its repository")
        return
    levers = {variant.lever for variant in model.variants}
    if Lever.QUANTIZATION not in levers:
        yield (f"{name}, fewer bits", "none: few bits already", SAME, "as served")
    for variant in model.variants:
        yield _variant(name, model.today, variant, servers)
    if Lever.SMALLER not in levers:
        yield (
            f"{name}, smaller model",
            "unknown: its maker has none of half the size",
            UNKNOWN,
            "add a smaller candidate",
        )


def _variant(name: str, today: Copy, variant: Variant, servers: Collection[str]) -> tuple[str, str, str, str]:
    is_student = variant.lever is Lever.SMALLER
    what = f"smaller model {variant.what}" if is_student else PRECISIONS[variant.what]
    how = "fine-tune it on the larger one's answers: `export --what finetune`, `distill.py`"
    copy = variant.copy
    before, after = rented(today), rented(copy)
    gpus = f"still {after}" if before == after else f"{before} to {after}"
    effect = f"weights {today.weights_gb:,.0f} to {copy.weights_gb:,.0f} GB; cheapest GPUs: {gpus}"
    return (f"{name}, {what}", effect, _quality(variant), how if is_student else _how(variant.what, servers))


def rented(copy: Copy) -> str:
    """The GPUs of one copy and their price."""
    return "none" if copy.gpus is None else f"{copy.gpus} × {copy.gpu}, {dollars(copy.usd_a_month)}/month"


def _quality(variant: Variant) -> str:
    if variant.tried is None:
        return "unknown: add it as a candidate"
    if not variant.tried.deltas:
        return f"not measured yet: replay {variant.tried.candidate}"
    told = listing([f"{signed(delta)} in {shorten(case)}" for case, delta in variant.tried.deltas], most=6)
    return f"measured as {variant.tried.candidate}: {told}"


def _prefixes(repeated: float | None, servers: Collection[str]) -> tuple[str, str, str, str]:
    effect = (
        "unknown: the log has no times or tokens"
        if repeated is None
        else f"at most {percent(repeated)} of the input repeats"
    )
    return ("Prefix caching", effect, SAME, _how("prefixes", servers))


def _batches(in_bulk: float | None, servers: Collection[str]) -> tuple[str, str, str, str]:
    effect = (
        "unknown: no bulk calls found"
        if in_bulk is None
        else f"at least {percent(in_bulk)} of the calls are made in bulk: run them off-peak, with fewer copies"
    )
    return ("Batching", effect, SAME, _how("batches", servers))
