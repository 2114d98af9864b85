"""What quantization, prefix caching, batching and a smaller model would save for the self-hosted models of a study."""

import re
from collections.abc import Iterator

from advisor.analysis.money.hosting import HOURS_A_MONTH, fits, gpus_needed
from advisor.catalog.gpus import rentable_gpus
from advisor.catalog.open_models import OpenModel, candidates_catalog, open_model
from advisor.money.hosting_inputs import weights_of
from advisor.money.profile import load_facts, profile_of
from advisor.plan.configuration.served import memory_at
from advisor.store import Store
from advisor.types import FindingName, Report, StoredModel, Study
from advisor.types.deployment import Load, Served, Serving, Trace
from advisor.types.ready import Copy, Lever, Optimization, Optimized, Tried, Variant

SERVER_GB = 40.0
"""Smaller GPUs are for desktops."""
LESS = 0.8
"""A variant is worth a line if its weights take at most so much of today's."""
FEWER_BITS = {
    "fp8": r"fp8|int8|w8a8|q8(?:_0)?|8bit",
    "q4_k_m": r"int4|w4a16|awq|gptq|nvfp4|mxfp4|q4(?:_k)?(?:_[msl])?|4bit",
}
"""Precision that is sized -> how repositories call it."""
_MARK = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(FEWER_BITS.values())}|gguf|bnb|quantized|quant)(?![a-z0-9])")


def make_optimization(store: Store, study: Study, report: Report, serving: Serving, trace: Trace) -> Optimization:
    """For the models that can be self-hosted; the built-in one is small and quantized already."""
    known = {model.hf_repo: model for model in candidates_catalog() if model.hf_repo}
    finding = profile_of(load_facts(store, study), study.traffic_share).findings[FindingName.NOT_INTERACTIVE]
    return Optimization(
        models=tuple(
            _optimized(model, known[model.repository], report) for model in serving.models if model.repository in known
        ),
        repeated=trace.repeated,
        in_bulk=finding.value,
    )


def _optimized(served: Served, model: OpenModel, report: Report) -> Optimized:
    if served.size.weights_gb is None:
        return Optimized(model=served.name, today=None, variants=())
    today = _copy(model, served.size.weights_gb, served.load)
    found = [*_quantized(model, served.load, report), *_smaller(model, served.load, report)]
    return Optimized(
        model=served.name,
        today=today,
        variants=tuple(each for each in found if each.copy.weights_gb <= LESS * today.weights_gb),
    )


def _quantized(model: OpenModel, load: Load, report: Report) -> Iterator[Variant]:
    for precision in FEWER_BITS:
        copy = _copy(model, weights_of(model, precision)[0], load)
        tried = _tried_quantized(model, precision, report)
        yield Variant(lever=Lever.QUANTIZATION, what=precision, copy=copy, tried=tried)


def _smaller(model: OpenModel, load: Load, report: Report) -> Iterator[Variant]:
    """The largest of the same maker with at most half the weights."""
    total = model.size.total_b or 0.0
    half = [
        each
        for each in candidates_catalog()
        if each.developer == model.developer and each.hf_repo and 0 < (each.size.total_b or 0.0) <= total / 2
    ]
    if not half:
        return
    student = max(half, key=lambda each: (each.size.total_b or 0.0, each.release_date or ""))
    told = student.size.published_precision.partition(" ")[0]
    weights = student.size.checkpoint_gb or weights_of(student, told if told in ("bf16", "fp8", "mxfp4") else "bf16")[0]
    tried = next((_tried(each, report) for each in report.models if open_model(each.plain_id) == student), None)
    yield Variant(lever=Lever.SMALLER, what=student.name, copy=_copy(student, weights, load), tried=tried)


def _tried_quantized(model: OpenModel, precision: str, report: Report) -> Tried | None:
    """The candidate whose repository is the model's own with a mark of this precision."""
    assert model.hf_repo
    own = _plain(model.hf_repo.rpartition("/")[2])
    for each in report.models:
        name = each.plain_id.rpartition("/")[2].lower()
        marks = _MARK.findall(name)
        if any(re.fullmatch(FEWER_BITS[precision], mark) for mark in marks) and _plain(_MARK.sub("", name)) == own:
            return _tried(each, report)
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _tried(model: StoredModel, report: Report) -> Tried:
    found = (
        (case.name, a.difference.delta)
        for case in report.recommendation.use_cases
        for a in case.candidates
        if a.model == model.name
    )
    return Tried(model.name, tuple((name, delta) for name, delta in found if delta is not None))


def _copy(model: OpenModel, weights: float, load: Load) -> Copy:
    memory, heads = memory_at(model, weights, load)
    held = [
        (gpus_needed(fits(memory, gpu.memory_gb, heads)), gpu) for gpu in rentable_gpus() if gpu.memory_gb >= SERVER_GB
    ]
    priced = [(gpus * gpu.usd_per_hour[1] * HOURS_A_MONTH, gpus, gpu.name) for gpus, gpu in held if gpus]
    usd, gpus, name = min(priced, default=(None, None, None))
    return Copy(weights, gpus, name, usd)
