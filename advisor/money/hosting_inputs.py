"""What the result of self-hosting rests on: choices, inputs with their sources, and what is missing."""

from dataclasses import dataclass
from typing import NamedTuple

from advisor.analysis.money.hosting import (
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
from advisor.catalog.gpus import AS_SHIPPED, Gpu
from advisor.catalog.open_models import OpenModel
from advisor.money.demand import Demand, Hosted, Throughput, known_shape
from advisor.types import HostingInput, HostingNote, HostingSource, Message


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
    shape: tuple[int, int, int] | None = None
    """None: as known here, if it is."""


class Input(NamedTuple):
    """One number that the result rests on."""

    value: Message
    """Of the family HostingInput."""
    source: Message
    """Of the family HostingSource."""


_ENTERED = Message.of(HostingSource.ENTERED)


def demand_inputs(demand: Demand) -> list[Input]:
    """What the log gives."""
    found = []
    if demand.monthly_calls is not None:
        calls = Message.of(HostingSource.LOGGED_CALLS, calls=demand.calls)
        found.append(Input(Message.of(HostingInput.CALLS, calls=demand.monthly_calls), calls))
    if demand.usage is not None:
        usage = {"input": demand.usage.total_input_tokens, "output": demand.usage.output_tokens}
        found.append(Input(Message.of(HostingInput.TOKENS, **usage), Message.of(HostingSource.LOGGED_TOKENS)))
    if demand.peak is not None:
        peak = demand.peak
        busiest = Message.of(HostingInput.BUSIEST_HOUR, calls=peak.calls, tokens_per_s=peak.tokens_per_s)
        average = Message.of(HostingInput.AVERAGE_HOUR, share=peak.mean_over_peak)
        found.append(Input(busiest, Message.of(peak.which)))
        found.append(Input(average, Message.of(HostingSource.QUIET_HOURS_TOO)))
    if demand.in_flight is not None:
        found.append(Input(Message.of(HostingInput.IN_FLIGHT, calls=demand.in_flight.calls), demand.in_flight.source))
    if demand.monthly_usd is not None:
        priced = Message.of(HostingSource.PRICED_ANSWERS, calls=demand.priced)
        found.append(Input(Message.of(HostingInput.BILL, usd=demand.monthly_usd), priced))
    return found


def weights_of(model: OpenModel, precision: str) -> tuple[float, Input]:
    """(GB of the weights, the same as an input). The reported size of the files is the better one."""
    checked = model.remarks.checked_on
    size = model.size.checkpoint_gb
    if precision == AS_SHIPPED and size is not None:
        value = Message.of(HostingInput.WEIGHTS_OF_FILES, gb=size, precision=model.size.published_precision)
        return size, Input(value, Message.of(HostingSource.MODEL_FILES, checked_on=checked))
    each, params = BYTES[precision], model.size.total_b or 0.0
    size = weights_gb(params, precision)
    value = Message.of(HostingInput.WEIGHTS, gb=size, billion=params, bytes_each=each, precision=precision)
    return size, Input(value, Message.of(HostingSource.MODEL_PARAMETERS, checked_on=checked))


def size_inputs(choices: Choices, model: OpenModel, gpu: Gpu, shape: Shape | None, tokens: float | None) -> list[Input]:
    """What the model takes, and what a GPU has."""
    memory = Message.of(HostingInput.GPU_MEMORY, gb=gpu.memory_gb, usable=USABLE)
    found = [
        weights_of(model, choices.precision)[1],
        Input(memory, Message.of(HostingSource.GPU_CATALOG, gpu=gpu.name)),
    ]
    if shape is not None:
        known = known_shape(model.id)
        cache = Message.of(
            HostingInput.CACHE_OF_TOKEN,
            size=kv_bytes_per_token(shape),
            layers=shape.layers,
            heads=shape.kv_heads,
            head_size=shape.head_dim,
            bytes_each=shape.bytes_each,
        )
        found.append(
            Input(cache, _ENTERED if choices.shape or not known else Message.of(HostingSource.CATALOG, words=known[1]))
        )
    if tokens is not None:
        cached = Message.of(HostingInput.CACHED_TOKENS, tokens=tokens)
        found.append(Input(cached, Message.of(HostingSource.CALLS_IN_FLIGHT)))
    return found


def price_inputs(choices: Choices, gpu: Gpu, hosted: Hosted | None) -> list[Input]:
    """What it costs, and what was entered."""
    low, typical, high = gpu.usd_per_hour
    prices = Message.of(HostingSource.GPU_PRICES, points=gpu.points, priced=gpu.priced, confidence=gpu.confidence)
    found = [Input(Message.of(HostingInput.GPU_HOUR, usd=typical, low=low, high=high), prices)]
    if (made := choices.throughput) is not None:
        spread = None if made.is_measured else THROUGHPUT_SPREAD
        found.append(Input(Message.of(HostingInput.THROUGHPUT, tokens=made.tokens_per_s, spread=spread), made.source))
    people = {"hours": choices.engineer_hours, "usd": choices.engineer_usd_per_hour}
    found.append(Input(Message.of(HostingInput.SPARE_COPIES, copies=choices.spare), _ENTERED))
    found.append(Input(Message.of(HostingInput.ENGINEERS, **people), _ENTERED))
    found.append(Input(Message.of(HostingInput.MIGRATION, usd=choices.one_off_usd), _ENTERED))
    if hosted is not None:
        one = hosted.usd_per_call
        call = Message.of(HostingInput.HOSTED_CALL, usd=one.point, low=one.low, high=one.high)
        found.append(Input(call, hosted.source))
    return found


def missing(demand: Demand, choices: Choices, gpus: int | None, hosted: Hosted | None) -> tuple[Message, ...]:
    """Why something of the result is not known."""
    reasons = []
    if gpus is None:
        reasons.append(Message.of(HostingNote.NOT_ONE_MACHINE, gpus=max(CHOICES)))
    if choices.throughput is None:
        reasons.append(Message.of(HostingNote.NO_THROUGHPUT))
    if demand.monthly_calls is None:
        reasons.append(Message.of(HostingNote.NO_TIMES))
    if demand.output_per_call is None:
        reasons.append(Message.of(HostingNote.NO_USAGE))
    if hosted is None and demand.usage is not None:
        reasons.append(Message.of(HostingNote.NO_HOST_PRICE))
    if demand.monthly_usd is None:
        reasons.append(Message.of(HostingNote.NO_BILL))
    return tuple(reasons)


def notes(model: OpenModel, gpu: Gpu, precision: str, shape: Shape | None, tokens: float | None) -> list[Message]:
    """What the result does not say."""
    told = []
    if shape is None or tokens is None:
        code = HostingNote.CACHE_GUESSED if shape is None else HostingNote.MEMORY_GUESSED
        told.append(Message.of(code, factor=FIRST_GUESS))
    is_native = {"fp8": gpu.native_fp8, "mxfp4": gpu.native_fp4, "nvfp4": gpu.native_fp4}.get(precision, True)
    if not is_native:
        told.append(Message.of(HostingNote.NO_NATIVE_PRECISION, gpu=gpu.name, precision=precision))
    if model.size.active_b and model.size.total_b and model.size.active_b < model.size.total_b:
        told.append(Message.of(HostingNote.ALL_EXPERTS))
    told.append(Message.of(HostingNote.AVERAGED, hours=HOURS_A_MONTH, overhead=OVERHEAD))
    return told
