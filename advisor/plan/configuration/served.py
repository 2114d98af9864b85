"""Which models of a study can be self-hosted, and with what load and memory."""

import json
import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from advisor.analysis.money.hosting import CHOICES, OVERHEAD, USABLE, Memory, fits, gpus_needed, memory_of
from advisor.catalog.gpus import AS_SHIPPED, PRECISIONS
from advisor.catalog.open_models import OpenModel, open_model
from advisor.catalog.servers import Documented, Server, documented, recipe_of
from advisor.llm.builtin import BUILTIN_CONCURRENCY, BUILTIN_ID, CONTEXT_TOKENS
from advisor.llm.hosts import is_own_server
from advisor.money.demand import known_shape, measure_demand
from advisor.money.hosting_inputs import weights_of
from advisor.money.profile import load_facts
from advisor.plan.configuration.routes import alias_of
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.run.generations import load_generation_facts
from advisor.types import Json, Message, Model, Report, Role, Study, UseCaseDecision
from advisor.types.deployment import OWN_KEY, Called, Footprint, Load, Served, ServeGap, Serving

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
THOUGHTS, ENOUGH = 4096, 30
"""Tokens more for a model that thinks before it answers; from so many tested answers on, those of the longest one."""
PORT = 8000
"""Of the first server without an address; others have the next ones."""
TENSOR, PIPELINE, QUANTIZATION = "--tensor-parallel-size", "--pipeline-parallel-size", "--quantization"
PARSERS = {"tool_parsers": "--tool-call-parser", "reasoning_parsers": "--reasoning-parser"}
THINKING = ("chat_template_kwargs", "enable_thinking", "reasoning", "reasoning_effort", "think", "thinking")
TOKENS = ["input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"]


def make_serving(store: Store, study: Study, report: Report) -> Serving:
    """Every candidate that can be self-hosted; those that the plan moves to come first.

    A server of one's own is itself; other hosts' entries of the same weights are one model, or none next to a server of
    one's own.
    """
    moved: dict[str, list[UseCaseDecision]] = {}
    for case, move in report.moves:
        if move.phases and case.chosen:
            moved.setdefault(case.chosen, []).append(case)
    candidates = [model for model in report.models if model.role is Role.CANDIDATE]
    log = load_sample_facts(store, study.id, ("id", "use_case", "error", *TOKENS))
    measured = load_generation_facts(store, report.recommendation.run.id, ("sample_id", "model_id", "failure", *TOKENS))
    in_flight = measure_demand(load_facts(store, study), study.traffic_share).in_flight
    found: list[Served] = []
    gaps: list[Message] = []
    weights = {known.id for model in candidates if _is_own(model) and (known := _open(model))}
    ports = {_port(model) for model in candidates}
    for model in sorted(candidates, key=lambda model: model.name not in moved):
        cases = tuple(case.name for case in moved.get(model.name, ()))
        known = _open(model)
        alias = alias_of(model.name, {each.alias for each in found})
        called = _called(model, alias, ports | {each.called.port for each in found})
        if called.at:
            called = called._replace(usd_a_month=_planned(moved.get(model.name, ())))
        if model.plain_id == BUILTIN_ID:
            found.append(replace(builtin(model.name, alias, cases), called=called))
        elif known:
            if _is_own(model) or known.id not in weights:
                weights.add(known.id)
                mine = log[log["use_case"].isin([*cases])] if cases else log
                own = measured[(measured["model_id"] == model.id) & measured["sample_id"].isin(mine["id"])]
                load = _load(mine, own, in_flight.calls if in_flight else None)
                made = served(known, model.name, alias, cases, load)
                lacks = (*made.gaps, *(_at_its_address(model, candidates) if called.at else ()))
                sent = _on_thinking(model)
                if PARSERS["reasoning_parsers"] in made.vllm:
                    lacks += (Message.of(ServeGap.THINKING, sent=json.dumps(sent) if sent else ""),)
                found.append(replace(made, called=called, gaps=lacks, sent=sent))
        elif model.illustrative and cases:
            gaps.append(Message.of(ServeGap.ILLUSTRATIVE, model=model.name))
        elif cases:
            gaps.append(Message.of(ServeGap.NOT_OPEN, model=model.name, at=called.at))
    return Serving(study=study.name, models=tuple(found), gaps=tuple(gaps))


def served(model: OpenModel, name: str, alias: str, cases: tuple[str, ...], load: Load) -> Served:
    """An open model of the catalog with its recipe, sized for a load."""
    recipe = recipe_of(model.id)
    flags = _fitting(model, recipe.vllm)
    size = _footprint(model, flags, load)
    gaps = [Message.of(code, model=name) for code in _lacks(model, flags, recipe.ollama, size, load)]
    context = None if load.longest is None else _stepped(ROOM * load.longest)
    if context is not None and PARSERS["reasoning_parsers"] in flags:
        context += THOUGHTS if load.answer is None else _stepped(load.answer)
        if load.answer is None:
            gaps.append(Message.of(ServeGap.UNTESTED_THOUGHTS, tokens=THOUGHTS))
    window = model.can.context_tokens
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
        called=Called(alias, PORT, None),
        repository=model.hf_repo,
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
        called=Called(alias, PORT, None),
        repository=None,
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


def _is_own(model: Model) -> bool:
    """Whether the study calls it at the address of a server of one's own."""
    return bool(model.api_base) and is_own_server(model.plain_id.partition("/")[0], model.api_base)


def _open(model: Model) -> OpenModel | None:
    """The open model of the catalog that a candidate is, if its weights can be had."""
    known = None if model.illustrative else open_model(model.plain_id)
    return known if known and known.hf_repo else None


def _port(model: Model) -> int | None:
    """Of a server of one's own; None: it has none, or something in front of it has the address."""
    at = urlsplit(model.api_base or "")
    return at.port if _is_own(model) and at.scheme == "http" else None


def _called(model: Model, alias: str, taken: Collection[int | None]) -> Called:
    """A server of one's own that the study calls has a name and port already, which the gateway's files ask for."""
    port = _port(model) or next(port for port in count(PORT) if port not in taken)
    if not _is_own(model):
        return Called(alias, port, None)
    return Called(model.plain_id.partition("/")[2], port, model.api_base, model.key_env or OWN_KEY)


def _on_thinking(model: Model) -> dict[str, Json]:
    """What a call's body says about thinking."""
    extra = model.params.get("extra_body")
    body = {**model.params, **(extra if isinstance(extra, dict) else {})}
    return {name: body[name] for name in THINKING if name in body}


def _planned(moved: Collection[UseCaseDecision]) -> float | None:
    """Dollars a month of a server in the plan; None: not known, or nothing moves to it."""
    usd = [case.usd_a_month(case.target) if case.target else None for case in moved]
    known = [each for each in usd if each is not None]
    return sum(known) if known and len(known) == len(usd) else None


def _at_its_address(model: Model, candidates: Collection[Model]) -> Iterator[Message]:
    """What to know of the address of a server of one's own; Ollama serves many models there."""
    if model.plain_id.startswith("ollama"):
        yield Message.of(ServeGap.OLLAMA_API)
    elif others := [each.name for each in candidates if each.api_base == model.api_base and each is not model]:
        yield Message.of(ServeGap.SAME_ADDRESS, others=others)


def _load(log: "pd.DataFrame", measured: "pd.DataFrame", at_once: int | None) -> Load:
    """Of the logged calls or the model's own, whichever are longer: it may think before it answers."""
    calls = (log[log["error"].isna()], measured[measured["failure"].isna()])
    known = [each.loc[each["output_tokens"].notna(), TOKENS].sum(axis=1).to_numpy() for each in calls]
    tokens = [each for each in known if len(each)]
    if not tokens:
        return Load(None, None, at_once)
    longest, p95 = max(each.max() for each in tokens), max(np.percentile(each, 95) for each in tokens)
    answers = calls[1]["output_tokens"].dropna()
    return Load(int(longest), math.ceil(p95), at_once, int(answers.max()) if len(answers) >= ENOUGH else None)


def _stepped(tokens: float) -> int:
    return math.ceil(tokens / STEP) * STEP


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
