"""What an open model on GPUs of one's own would cost for the traffic of a study, with every input and its source."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from advisor.analysis.money.hosting import (
    THROUGHPUT_SPREAD,
    Fit,
    Fleet,
    Memory,
    Shape,
    fits,
    gpus_needed,
    memory_of,
    money_range,
    payback_months,
    usd_per_mtok,
)
from advisor.catalog.gpus import AS_SHIPPED, PRECISIONS, Gpu, rentable_gpus
from advisor.catalog.open_models import OpenModel, candidates_catalog
from advisor.money.demand import Demand, Hosted, Throughput, hosted_price, known_shape
from advisor.money.hosting_inputs import (
    Choices,
    Input,
    demand_inputs,
    missing,
    notes,
    price_inputs,
    size_inputs,
    weights_of,
)
from advisor.types import BillPoint, Message

CURVE_POINTS = 60
NEAR = 4.0
"""A break-even that lies so many times beyond the other one is told, not drawn: the nearer one would vanish."""


@dataclass(frozen=True, kw_only=True)
class Bills:
    """What the traffic would cost."""

    now: BillPoint
    doubled: BillPoint
    """When the traffic doubles."""
    utilisation: float
    usd_per_mtok: float
    """GPU dollars per million output tokens at that utilisation."""
    break_even_hosted: float | None
    """Calls a month from which hosts cost as much or more; None: at no volume, or no price."""
    break_even_closed: float | None
    payback_months: float | None
    curve: tuple[BillPoint, ...]
    """From nothing to beyond the break-even."""


@dataclass(frozen=True, kw_only=True)
class HostingCase:
    """The result; ``missing`` says why what is None is not known."""

    choices: Choices
    model: OpenModel
    gpu: Gpu
    memory: Memory
    fits: tuple[Fit, ...]
    gpus: int | None
    """Of one copy; None: one machine does not hold it."""
    bills: Bills | None
    inputs: tuple[Input, ...]
    missing: tuple[Message, ...]
    notes: tuple[Message, ...]


def sizable_models() -> list[OpenModel]:
    """The open models whose number of parameters is known. Raises BadInput when the catalogue is damaged."""
    return [model for model in candidates_catalog() if model.size.total_b is not None]


def sizable_gpus() -> tuple[Gpu, ...]:
    """The GPUs with a price. Raises BadInput when the catalogue is damaged."""
    return rentable_gpus()


def precisions(model: OpenModel) -> tuple[str, ...]:
    """What a server can be told to hold a model's weights in, the usual first."""
    if model.size.checkpoint_gb is not None:
        return (AS_SHIPPED, *PRECISIONS)
    told = f"{model.size.precision or ''} {model.size.published_precision}"
    named = sorted((told.find(name), name) for name in PRECISIONS if name in told)
    usual = named[0][1] if named else PRECISIONS[0]
    return tuple(dict.fromkeys((usual, *PRECISIONS)))


def make_case(demand: Demand, choices: Choices, *, now: datetime | None = None) -> HostingCase:
    """Size and price the choices for this demand. Raises BadInput when the catalogue is damaged."""
    model = next(model for model in sizable_models() if model.id == choices.model_id)
    gpu = next(gpu for gpu in rentable_gpus() if gpu.id == choices.gpu_id)
    known = known_shape(model.id)
    shape = Shape(*choices.shape) if choices.shape else known[0] if known else None
    tokens = _tokens_at_once(demand, choices.throughput)
    memory = memory_of(weights_of(model, choices.precision)[0], shape, tokens)
    spread = fits(memory, gpu.memory_gb, shape.kv_heads if shape else None)
    gpus = gpus_needed(spread)
    hosted = hosted_price(model, demand.usage, now or datetime.now(UTC)) if demand.usage else None
    return HostingCase(
        choices=choices,
        model=model,
        gpu=gpu,
        memory=memory,
        fits=spread,
        gpus=gpus,
        bills=_bills(demand, choices, gpu, gpus, hosted),
        inputs=(
            *demand_inputs(demand),
            *size_inputs(choices, model, gpu, shape, tokens),
            *price_inputs(choices, gpu, hosted),
        ),
        missing=missing(demand, choices, gpus, hosted),
        notes=(*demand.notes, *notes(model, gpu, choices.precision, shape, tokens)),
    )


def _bills(demand: Demand, choices: Choices, gpu: Gpu, gpus: int | None, hosted: Hosted | None) -> Bills | None:
    """None where any of what it takes is missing."""
    made, monthly, output = choices.throughput, demand.monthly_calls, demand.output_per_call
    if gpus is None or made is None or demand.peak is None or not monthly or not output:
        return None
    fleet = Fleet(
        gpu_usd_per_hour=gpu.usd_per_hour[1],
        gpus=gpus,
        copy_tokens_per_s=made.tokens_per_s,
        mean_over_peak=demand.peak.mean_over_peak,
        spare=choices.spare,
        people_usd=choices.engineer_hours * choices.engineer_usd_per_hour,
    )
    spread = 0.0 if made.is_measured else THROUGHPUT_SPREAD
    closed_usd = demand.monthly_usd / monthly if demand.monthly_usd else None  # a call

    def at(calls: float) -> BillPoint:
        return BillPoint(
            calls=calls,
            copies=fleet.copies(calls * output),
            own=money_range(fleet, calls * output, gpu.usd_per_hour, spread),
            hosted=hosted.usd_per_call.times(calls) if hosted else None,
            closed_usd=None if closed_usd is None else closed_usd * calls,
        )

    def break_even(usd_per_call: float | None) -> float | None:
        tokens = None if usd_per_call is None else fleet.break_even(usd_per_call / output * 1e6)
        return None if tokens is None else tokens / output

    now, use = at(monthly), fleet.utilisation(monthly * output)
    from_hosted, from_closed = break_even(hosted.usd_per_call.point if hosted else None), break_even(closed_usd)
    known = [calls for calls in (from_hosted, from_closed) if calls is not None]
    near = [1.3 * calls for calls in known if calls <= NEAR * min(known)]
    return Bills(
        now=now,
        doubled=at(2 * monthly),
        utilisation=use,
        usd_per_mtok=usd_per_mtok(gpu.usd_per_hour[1], gpus, made.tokens_per_s, use),
        break_even_hosted=from_hosted,
        break_even_closed=from_closed,
        payback_months=None
        if now.closed_usd is None
        else payback_months(choices.one_off_usd, now.closed_usd - now.own.point),
        curve=tuple(map(at, np.linspace(0, max([2 * monthly, *near]), CURVE_POINTS).tolist())),
    )


def _tokens_at_once(demand: Demand, throughput: Throughput | None) -> float | None:
    """In the cache of one copy, when as many calls are in flight as ever, spread evenly."""
    if demand.in_flight is None or demand.usage is None:
        return None
    busy = 1
    if throughput is not None and demand.peak is not None:
        busy = max(-int(-demand.peak.tokens_per_s // throughput.tokens_per_s), 1)
    a_call = demand.usage.total_input_tokens + demand.usage.output_tokens
    return float(-(-demand.in_flight.calls // busy) * a_call)
