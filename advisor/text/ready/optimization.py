"""What makes a self-hosted model cheaper, in words."""

from collections.abc import Iterator

from advisor.text.numbers import UNKNOWN, dollars, listing, percent, shorten, signed
from advisor.types.ready.optimization import Copy, Lever, Optimization, Optimized, Variant

TITLE = "What makes it cheaper"
COLUMNS = ("Lever", "Effect", "Quality", "How")
PRECISIONS = {"fp8": "FP8 weights", "q4_k_m": "4-bit weights"}
HOW = {
    "fp8": "`--quantization fp8` in vLLM and SGLang; Q8_0 in llama.cpp and Ollama",
    "q4_k_m": "serve a 4-bit repository (AWQ, GPTQ) in vLLM and SGLang, which detect it; `llama-quantize ... Q4_K_M` "
    "for llama.cpp; Ollama's default",
}
NOTE = "Cheapest GPUs: of those with 40 GB or more, at the catalog's typical price, all month. Speed isn't compared."
SAME = "not affected"


def optimization_rows(found: Optimization) -> list[tuple[str, str, str, str]]:
    """Lever, effect, quality, and the flag that switches it on: each model's, then those of the whole log."""
    rows = [row for model in found.models for row in _of_model(model)]
    return [*rows, _prefixes(found.repeated), _batches(found.in_bulk)]


def _of_model(model: Optimized) -> Iterator[tuple[str, str, str, str]]:
    name = shorten(model.model)
    if model.today is None:
        yield (f"{name}, fewer bits", "unknown: its size isn't in the catalog", UNKNOWN, "see its repository")
        return
    levers = {variant.lever for variant in model.variants}
    if Lever.QUANTIZATION not in levers:
        yield (f"{name}, fewer bits", "nothing to gain: its weights have few bits already", SAME, "as served")
    for variant in model.variants:
        yield _variant(name, model.today, variant)
    if Lever.SMALLER not in levers:
        yield (
            f"{name}, smaller model",
            "unknown: the catalog has none of its maker with at most half the weights",
            UNKNOWN,
            "add a smaller candidate",
        )


def _variant(name: str, today: Copy, variant: Variant) -> tuple[str, str, str, str]:
    is_student = variant.lever is Lever.SMALLER
    what = f"smaller model {variant.what}" if is_student else PRECISIONS[variant.what]
    how = "fine-tune it on the larger one's answers: `export --what finetune`, `distill.py`"
    copy = variant.copy
    before, after = _gpus(today), _gpus(copy)
    gpus = f"still {after}" if before == after else f"{before} to {after}"
    effect = f"weights {today.weights_gb:,.0f} to {copy.weights_gb:,.0f} GB; cheapest GPUs: {gpus}"
    return (f"{name}, {what}", effect, _quality(variant), how if is_student else HOW[variant.what])


def _gpus(copy: Copy) -> str:
    return "none" if copy.gpus is None else f"{copy.gpus} × {copy.gpu}, {dollars(copy.usd_a_month)}/month"


def _quality(variant: Variant) -> str:
    if variant.tried is None:
        return "unknown: add it as a candidate"
    if not variant.tried.deltas:
        return f"not measured yet: replay {variant.tried.candidate}"
    told = listing([f"{signed(delta)} in {shorten(case)}" for case, delta in variant.tried.deltas], most=6)
    return f"measured as {variant.tried.candidate}: {told}"


def _prefixes(repeated: float | None) -> tuple[str, str, str, str]:
    effect = (
        "unknown: the log has no times or tokens"
        if repeated is None
        else f"at most {percent(repeated)} of the input came before and needs no computing; measure it with the trace"
    )
    how = "on: `--enable-prefix-caching` in vLLM, `--cache-prompt` in llama.cpp, always in SGLang and Ollama"
    return ("Prefix caching", effect, SAME, how)


def _batches(in_bulk: float | None) -> tuple[str, str, str, str]:
    effect = (
        "unknown: no calls in bulk were found, or the log has no times"
        if in_bulk is None
        else f"at least {percent(in_bulk)} of the calls are made in bulk: run them off-peak, with fewer copies"
    )
    how = "`vllm run-batch` for files; `--max-num-seqs` in vLLM, `--max-running-requests` in SGLang, `--parallel` in "
    return ("Batching", effect, SAME, f"{how}llama.cpp, `OLLAMA_NUM_PARALLEL` for Ollama")
