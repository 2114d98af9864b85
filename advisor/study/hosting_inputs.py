"""What the result of self-hosting rests on, in words: choices, inputs with their sources, and what is missing."""

from dataclasses import dataclass
from typing import NamedTuple

from advisor.analysis.hosting import (
    BYTES,
    CHOICES,
    FIRST_GUESS,
    HOURS_A_MONTH,
    OVERHEAD,
    THROUGHPUT_SPREAD,
    USABLE,
    Shape,
    kv_bytes_per_token,
    weights_gb,
)
from advisor.catalog.gpus import AS_SHIPPED, Gpu, as_shipped
from advisor.catalog.open_models import OpenModel
from advisor.study.demand import Demand, Hosted, Throughput, known_shape
from advisor.text.results import NO_TIMES


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chooses."""

    model_id: str
    """Of the catalogue."""
    gpu_id: str
    precision: str
    spare: int = 1
    """Copies beside those that the busiest hour needs."""
    engineer_hours: float = 0.0
    """A month."""
    engineer_usd_per_hour: float = 0.0
    one_off_usd: float = 0.0
    throughput: Throughput | None = None
    shape: Shape | None = None
    """None: as known here, if it is."""


class Input(NamedTuple):
    """One number that the result rests on."""

    name: str
    value: str
    source: str


def demand_inputs(demand: Demand) -> list[Input]:
    """What the log gives."""
    found = []
    if demand.monthly_calls is not None:
        calls = f"{demand.calls:,} calls of the log, without those that failed"
        found.append(Input("Answered calls a month", f"{demand.monthly_calls:,.0f}", calls))
    if demand.usage is not None:
        words = f"{demand.usage.total_input_tokens:,} in, {demand.usage.output_tokens:,} out"
        found.append(Input("Tokens of an average call", words, "as the log tells them, with today's tokenizer"))
    if demand.peak is not None:
        peak = demand.peak
        words = f"{peak.calls:,.0f} calls, {peak.tokens_per_s:,.2f} output tokens a second"
        found.append(Input("The busiest hour", words, f"{peak.which}; the whole traffic"))
        found.append(
            Input("Average hour over the busiest", f"{peak.mean_over_peak:.1%}", "the log's hours, quiet ones included")
        )
    if demand.in_flight is not None:
        found.append(Input("Most calls in flight", f"{demand.in_flight.calls:,}", demand.in_flight.source))
    if demand.monthly_usd is not None:
        words = (
            f"{demand.priced:,} answers with a known price, the others taken to cost as much as those of their use case"
        )
        found.append(Input("Today's bill, a month", f"${demand.monthly_usd:,.2f}", words))
    return found


def weights_of(model: OpenModel, precision: str) -> tuple[float, str, str]:
    """(GB of the weights, the same in words, its source). The reported size of the files is the better one."""
    checked = f"catalogue of open models, checked {model.checked_on or 'on an unknown day'}"
    shipped = as_shipped(model.id) if precision == AS_SHIPPED else None
    if shipped is not None and shipped.checkpoint_gb is not None:
        return (
            shipped.checkpoint_gb,
            f"{shipped.checkpoint_gb:,g} GB ({shipped.precision})",
            f"size of its files, {checked}",
        )
    each, params = BYTES[precision], model.params_total_b or 0.0
    size = weights_gb(params, precision)
    return size, f"{size:,.1f} GB = {params:,g} billion × {each:g} bytes ({precision})", f"parameters: {checked}"


def size_inputs(choices: Choices, model: OpenModel, gpu: Gpu, shape: Shape | None, tokens: float | None) -> list[Input]:
    """What the model takes, and what a GPU has."""
    found = [
        Input("Weights", *weights_of(model, choices.precision)[1:]),
        Input("Memory of a GPU", f"{gpu.memory_gb:g} GB, {USABLE:.0%} of it used", f"catalogue of GPUs: {gpu.name}"),
    ]
    if shape is not None:
        words = f"{kv_bytes_per_token(shape):,.0f} bytes = 2 × {shape.layers} layers × {shape.kv_heads} heads × "
        words += f"{shape.head_dim} × {shape.bytes_each:g} bytes"
        known = known_shape(model.id)
        found.append(Input("Cache of a token", words, "entered" if choices.shape or not known else known[1]))
    if tokens is not None:
        found.append(
            Input("Tokens in the cache of one copy", f"{tokens:,.0f}", "most calls in flight × tokens of a call")
        )
    return found


def price_inputs(choices: Choices, gpu: Gpu, hosted: Hosted | None) -> list[Input]:
    """What it costs, and what was entered."""
    low, typical, high = gpu.usd_per_hour
    found = [Input("A GPU, an hour", f"${typical:g} (${low:g} to ${high:g})", gpu.source)]
    if choices.throughput is not None:
        spread = "" if choices.throughput.is_measured else f", ±{THROUGHPUT_SPREAD:.0%}"
        words = f"{choices.throughput.tokens_per_s:,g} a second{spread}"
        found.append(Input("Output tokens of one copy", words, choices.throughput.source))
    found.append(Input("Spare copies", f"{choices.spare}", "entered"))
    people = f"{choices.engineer_hours:g} h a month × ${choices.engineer_usd_per_hour:g}"
    found.append(Input("Engineers", people, "entered"))
    found.append(Input("The move, once", f"${choices.one_off_usd:,.0f}", "entered"))
    if hosted is not None:
        one = hosted.usd_per_call
        words = f"${one.point:.6f} (${one.low:.6f} to ${one.high:.6f})"
        found.append(Input("An average call at hosts", words, hosted.source))
    return found


def missing(demand: Demand, choices: Choices, gpus: int | None, hosted: Hosted | None) -> tuple[str, ...]:
    """Why something of the result is not known, and what to do."""
    reasons = []
    if gpus is None:
        reasons.append(
            f"One machine with {max(CHOICES)} of these GPUs does not hold the model; several machines are not sized "
            "here. Choose a larger GPU or fewer bytes for a weight."
        )
    if choices.throughput is None:
        reasons.append(
            "How many tokens a second one copy makes is not known: run a load test of it (page Latency), or enter a "
            "number with its source."
        )
    if demand.monthly_calls is None:
        reasons.append(f"{NO_TIMES[0].upper()}{NO_TIMES[1:]}; its calls cannot be counted by the month.")
    if demand.output_per_call is None:
        reasons.append("The log does not tell how many tokens its calls made.")
    if hosted is None and demand.usage is not None:
        reasons.append("No host of this model has a list price, so that hosted and own cannot be compared.")
    if demand.monthly_usd is None:
        reasons.append("What today's calls cost a month is not known, so that nothing can be said about payback.")
    return tuple(reasons)


def notes(model: OpenModel, gpu: Gpu, precision: str, shape: Shape | None, tokens: float | None) -> list[str]:
    """What the result does not say."""
    told = []
    if shape is None or tokens is None:
        lacks = "the shape of its cache" if shape is None else "the number of calls in flight"
        told.append(
            f"Memory is a first guess, {FIRST_GUESS:g} × the weights, since {lacks} is not known. Long prompts and "
            "many calls at a time need more."
        )
    is_native = {"fp8": gpu.native_fp8, "mxfp4": gpu.native_fp4, "nvfp4": gpu.native_fp4}.get(precision, True)
    if not is_native:
        told.append(f"{gpu.name} does not reckon in {precision}: it saves memory there, not time.")
    if model.params_active_b and model.params_total_b and model.params_active_b < model.params_total_b:
        told.append("All experts must be in memory, though only some are used for a token.")
    told.append(
        "A copy is counted busy by output tokens, averaged over the busiest hour; bursts within an hour wait longer. "
        f"Machines are paid {HOURS_A_MONTH:g} hours a month, busy or not; memory has {OVERHEAD:.0%} on top."
    )
    return told
