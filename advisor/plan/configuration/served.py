"""Which models of a study can be self-hosted, and with what load and memory."""

import math
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from advisor.analysis.money.hosting import CHOICES, OVERHEAD, USABLE, Memory, fits, gpus_needed, memory_of
from advisor.catalog.gpus import AS_SHIPPED, PRECISIONS
from advisor.catalog.open_models import OpenModel, open_model
from advisor.catalog.servers import Documented, Server, documented, recipe_of
from advisor.llm.builtin import BUILTIN_CONCURRENCY, BUILTIN_ID, CONTEXT_TOKENS
from advisor.money.demand import known_shape, measure_demand
from advisor.money.hosting_inputs import weights_of
from advisor.money.profile import load_facts
from advisor.plan.configuration.routes import alias_of
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.types import Message, Report, Role, Study
from advisor.types.deployment import Footprint, Load, Served, ServeGap, Serving

if TYPE_CHECKING:
    import pandas as pd

GPU_GB = 80.0
"""Of the GPUs that the recipes count."""
MACHINE_GPUS = 8
MOST_SEQUENCES = 256
"""Calls that one copy works on at once, at most; others wait."""
ROOM = 1.25
"""Another model may count a quarter more tokens in the same text."""
STEP = 1024
TENSOR, PIPELINE, QUANTIZATION = "--tensor-parallel-size", "--pipeline-parallel-size", "--quantization"
PARSERS = {"tool_parsers": "--tool-call-parser", "reasoning_parsers": "--reasoning-parser"}
BUILTIN_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
LOG_COLUMNS = ("use_case", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "error")


def make_serving(store: Store, study: Study, report: Report) -> Serving:
    """Every candidate that can be self-hosted; those that the plan moves to come first."""
    moved: dict[str, list[str]] = {}
    for case, move in report.moves:
        if move.phases and case.chosen:
            moved.setdefault(case.chosen, []).append(case.name)
    candidates = [model for model in report.models if model.role is Role.CANDIDATE]
    facts = load_sample_facts(store, study.id, LOG_COLUMNS)
    in_flight = measure_demand(load_facts(store, study), study.traffic_share).in_flight
    found: dict[str, Served] = {}
    gaps: list[Message] = []
    for model in sorted(candidates, key=lambda model: model.name not in moved):
        cases = tuple(moved.get(model.name, ()))
        known = None if model.illustrative else open_model(model.plain_id)
        alias = alias_of(model.name, {each.alias for each in found.values()})
        if model.plain_id == BUILTIN_ID:
            found[BUILTIN_ID] = builtin(model.name, alias, cases)
        elif known and known.hf_repo:
            if known.id not in found:  # else another host's entry of the same weights
                load = _load(facts, cases, in_flight.calls if in_flight else None)
                found[known.id] = served(known, model.name, alias, cases, load)
        elif cases:
            code = ServeGap.ILLUSTRATIVE if model.illustrative else ServeGap.NOT_OPEN
            gaps.append(Message.of(code, model=model.name))
    return Serving(study=study.name, models=tuple(found.values()), gaps=tuple(gaps))


def served(model: OpenModel, name: str, alias: str, cases: tuple[str, ...], load: Load) -> Served:
    """An open model of the catalog with its recipe, sized for a load."""
    recipe = recipe_of(model.id)
    flags = _fitting(model, recipe.vllm)
    size = _footprint(model, flags, load)
    context = None if load.longest is None else math.ceil(ROOM * load.longest / STEP) * STEP
    window = model.can.context_tokens
    gaps = [Message.of(code, model=name) for code in _lacks(model, flags, recipe.ollama, size, load)]
    if context is not None and window is not None and context > window:
        context = window
        if load.longest is not None and load.longest > window:
            gaps.append(Message.of(ServeGap.TOO_LONG, model=name, longest=load.longest, context=window))
    for server in (Server.VLLM, Server.SGLANG):
        lacking = _unknown_parsers(flags, documented()[server], wanted=bool(model.can.tools))
        gaps += [Message.of(ServeGap.NO_PARSER, model=name, server=server, parser=parser) for parser in lacking]
    return Served(
        name=name,
        alias=alias,
        repository=model.hf_repo,
        gguf=f"{alias}.gguf",
        licence=model.licence,
        use_cases=cases,
        context=context,
        load=load,
        size=size,
        vllm=_on_gpus(flags, size.gpus),
        ollama=recipe.ollama,
        gaps=tuple(gaps),
    )


def builtin(name: str, alias: str, cases: tuple[str, ...]) -> Served:
    """The built-in model as this program runs it."""
    return Served(
        name=name,
        alias=alias,
        repository=None,
        gguf=BUILTIN_GGUF,
        licence="apache-2.0",
        use_cases=cases,
        context=CONTEXT_TOKENS,
        load=Load(None, None, BUILTIN_CONCURRENCY),
        size=Footprint(None, None, None),
        vllm=(),
        ollama=None,
        gaps=(),
    )


def flag_of(flags: Collection[str], name: str) -> str | None:
    """The value of a flag; None: it isn't there."""
    found = [*flags]
    return found[found.index(name) + 1] if name in found else None


def recipe_gpus(flags: Collection[str]) -> int:
    """How many GPUs a recipe spreads one copy over."""
    return int(flag_of(flags, TENSOR) or 1) * int(flag_of(flags, PIPELINE) or 1)


def _load(facts: "pd.DataFrame", cases: Collection[str], at_once: int | None) -> Load:
    """Of the calls of these use cases, or of all where there are none."""
    mine = facts[facts["error"].isna() & facts["output_tokens"].notna()]
    mine = mine[mine["use_case"].isin([*cases])] if cases else mine
    tokens = mine[[*LOG_COLUMNS[1:-1]]].sum(axis=1).to_numpy()
    if not len(tokens):
        return Load(None, None, at_once)
    return Load(int(tokens.max()), math.ceil(np.percentile(tokens, 95)), at_once)


def _weights(model: OpenModel, flags: Collection[str]) -> float | None:
    """GB of the repository's weights as the flags load them; None: not known."""
    if model.size.total_b is None:
        return None
    told = flag_of(flags, QUANTIZATION) or model.size.published_precision.partition(" ")[0]
    if QUANTIZATION not in flags and model.size.checkpoint_gb is not None:
        told = AS_SHIPPED
    return weights_of(model, told)[0] if told in (AS_SHIPPED, *PRECISIONS) else None


def _fitting(model: OpenModel, flags: tuple[str, ...]) -> tuple[str, ...]:
    """The recipe; with FP8 made by the server, where it counts on FP8 and the repository's BF16 is too large for it."""
    weights = _weights(model, flags)
    is_fp8_meant = (model.size.precision or "").startswith("fp8") and model.size.published_precision.startswith("bf16")
    if weights is None or QUANTIZATION in flags or not is_fp8_meant or _on(weights) <= recipe_gpus(flags):
        return flags
    return (*flags, QUANTIZATION, "fp8")


def _on(weights_gb: float) -> int:
    """On how many GPUs weights fit, in whole machines beyond one."""
    least = weights_gb * (1 + OVERHEAD) / (USABLE * GPU_GB)
    return next((n for n in CHOICES if least <= n), math.ceil(least / MACHINE_GPUS) * MACHINE_GPUS)


def _footprint(model: OpenModel, flags: tuple[str, ...], load: Load) -> Footprint:
    """Memory as the flags load the weights, and the GPUs for it: never fewer than the recipe has."""
    weights = _weights(model, flags)
    if weights is None:
        return Footprint(None, None, recipe_gpus(flags))
    memory, heads = memory_at(model, weights, load)
    gpus = max(recipe_gpus(flags), _on(weights))
    if memory.kv_gb is not None and gpus <= MACHINE_GPUS:  # beyond one machine calls wait, or there are more copies
        gpus = max(gpus, gpus_needed(fits(memory, GPU_GB, heads)) or MACHINE_GPUS)
    return Footprint(weights, memory.kv_gb, gpus)


def memory_at(model: OpenModel, weights: float, load: Load) -> tuple[Memory, int | None]:
    """What one copy takes under a load with so many GB of weights, and the heads that its cache is split by."""
    known = known_shape(model.id)
    shape = known[0] if known else None
    tokens = None if load.p95 is None or load.at_once is None else float(load.p95 * min(load.at_once, MOST_SEQUENCES))
    return memory_of(weights, shape, tokens), shape.kv_heads if shape else None


def _on_gpus(flags: tuple[str, ...], gpus: int | None) -> tuple[str, ...]:
    """The recipe on more GPUs, where its own don't hold weights and cache."""
    if gpus is None or gpus <= recipe_gpus(flags):
        return flags
    spread = {TENSOR: min(gpus, MACHINE_GPUS), PIPELINE: gpus // MACHINE_GPUS}
    places = {place + step for place, flag in enumerate(flags) if flag in spread for step in (0, 1)}
    kept = [flag for place, flag in enumerate(flags) if place not in places]
    return (*kept, *(word for flag, number in spread.items() if number > 1 for word in (flag, str(number))))


def _lacks(model: OpenModel, flags: tuple[str, ...], ollama: str | None, size: Footprint, load: Load) -> list[ServeGap]:
    """What isn't known of a model or its load."""
    holds = {
        ServeGap.SEVERAL_MACHINES: (size.gpus or 1) > MACHINE_GPUS,
        ServeGap.NO_OLLAMA: ollama is None,
        ServeGap.NO_CACHE_SHAPE: known_shape(model.id) is None,
        ServeGap.NO_CONCURRENCY: load.at_once is None,
        ServeGap.LICENCE: model.licence in (None, "unknown"),
        ServeGap.REMOTE_CODE: "--trust-remote-code" in flags,
        ServeGap.ONLINE_FP8: QUANTIZATION in flags,
    }
    return [code for code, is_so in holds.items() if is_so]


def _unknown_parsers(flags: tuple[str, ...], server: Documented, *, wanted: bool) -> list[str]:
    """Flags of parsers that this server needs for the model, and whose value isn't known."""
    lacking = []
    for kind, flag in PARSERS.items():
        name = flag_of(flags, flag)
        if (name is not None and name not in getattr(server, kind)) or (
            name is None and wanted and kind == "tool_parsers"
        ):
            lacking.append(flag)
    return lacking
