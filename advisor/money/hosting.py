"""What an open model on GPUs of one's own would cost for the traffic of a study, with every input and its source."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from advisor.analysis.money.hosting import (
    THROUGHPUT_SPREAD,
    Fit,
    Fleet,
    Memory,
    fits,
    gpus_needed,
    memory_of,
    money_range,
    payback_months,
    usd_per_mtok,
)
from advisor.catalog.gpus import AS_SHIPPED, PRECISIONS, Gpu, as_shipped, rentable_gpus
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
from advisor.types import Message, Money

CURVE_POINTS = 60
NEAR = 4.0
"""A break-even that lies so many times beyond the other one is told, not drawn: the nearer one would vanish."""


class Volume(NamedTuple):
    """The three bills a month at one volume."""

    calls: float
    copies: int
    own: Money
    hosted: Money | None
    closed_usd: float | None


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
    now: Volume | None
    doubled: Volume | None
    """When the traffic doubles."""
    utilisation: float | None
    usd_per_mtok: float | None
    """GPU dollars per million output tokens at that utilisation."""
    break_even_hosted: float | None
    """Calls a month from which hosts cost as much or more; None where ``now`` is known: at no volume, or no price."""
    break_even_closed: float | None
    payback_months: float | None
    curve: tuple[Volume, ...]
    """From nothing to beyond the break-even."""
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
    shipped = as_shipped(model.id)
    if shipped is not None and shipped.checkpoint_gb is not None:
        return (AS_SHIPPED, *PRECISIONS)
    told = f"{model.size.precision or ''} {shipped.precision if shipped else ''}"
    named = sorted((told.find(name), name) for name in PRECISIONS if name in told)
    usual = named[0][1] if named else PRECISIONS[0]
    return tuple(dict.fromkeys((usual, *PRECISIONS)))


def make_case(demand: Demand, choices: Choices, *, now: datetime | None = None) -> HostingCase:
    """Size and price the choices for this demand. Raises BadInput when the catalogue is damaged."""
    model = next(model for model in sizable_models() if model.id == choices.model_id)
    gpu = next(gpu for gpu in rentable_gpus() if gpu.id == choices.gpu_id)
    known = known_shape(model.id)
    shape = choices.shape or (known[0] if known else None)
    tokens = _tokens_at_once(demand, choices.throughput)
    memory = memory_of(weights_of(model, choices.precision)[0], shape, tokens)
    spread = fits(memory, gpu.memory_gb, shape.kv_heads if shape else None)
    gpus = gpus_needed(spread)
    hosted = hosted_price(model, demand.usage, now or datetime.now(UTC)) if demand.usage else None
    bills = _Bills.of(demand, choices, gpu, gpus, hosted)
    volume = bills.at(bills.monthly_calls) if bills else None
    use = bills.fleet.utilisation(bills.monthly_calls * bills.output_per_call) if bills else None
    from_hosted = bills.break_even(bills.hosted.usd_per_call.point) if bills and bills.hosted else None
    from_closed = bills.break_even(bills.closed_usd) if bills and bills.closed_usd else None
    return HostingCase(
        choices=choices,
        model=model,
        gpu=gpu,
        memory=memory,
        fits=spread,
        gpus=gpus,
        now=volume,
        doubled=bills.at(2 * bills.monthly_calls) if bills else None,
        utilisation=use,
        usd_per_mtok=usd_per_mtok(gpu.usd_per_hour[1], bills.fleet.gpus, bills.fleet.copy_tokens_per_s, use)
        if bills and use
        else None,
        break_even_hosted=from_hosted,
        break_even_closed=from_closed,
        payback_months=payback_months(choices.one_off_usd, volume.closed_usd - volume.own.point)
        if volume and volume.closed_usd is not None
        else None,
        curve=bills.curve(from_hosted, from_closed) if bills else (),
        inputs=(
            *demand_inputs(demand),
            *size_inputs(choices, model, gpu, shape, tokens),
            *price_inputs(choices, gpu, hosted),
        ),
        missing=missing(demand, choices, gpus, hosted),
        notes=(*demand.notes, *notes(model, gpu, choices.precision, shape, tokens)),
    )


@dataclass(frozen=True, kw_only=True)
class _Bills:
    """All that the three bills at any volume are made of."""

    fleet: Fleet
    gpu_prices: tuple[float, float, float]
    spread: float
    monthly_calls: float
    output_per_call: float
    hosted: Hosted | None
    closed_usd: float | None
    """A call."""

    @classmethod
    def of(cls, demand: Demand, choices: Choices, gpu: Gpu, gpus: int | None, hosted: Hosted | None) -> "_Bills | None":
        """None where any of what it takes is missing."""
        if gpus is None or choices.throughput is None or demand.peak is None:
            return None
        if not demand.monthly_calls or not demand.output_per_call:
            return None
        fleet = Fleet(
            gpu_usd_per_hour=gpu.usd_per_hour[1],
            gpus=gpus,
            copy_tokens_per_s=choices.throughput.tokens_per_s,
            mean_over_peak=demand.peak.mean_over_peak,
            spare=choices.spare,
            people_usd=choices.engineer_hours * choices.engineer_usd_per_hour,
        )
        return cls(
            fleet=fleet,
            gpu_prices=gpu.usd_per_hour,
            spread=0.0 if choices.throughput.is_measured else THROUGHPUT_SPREAD,
            monthly_calls=demand.monthly_calls,
            output_per_call=demand.output_per_call,
            hosted=hosted,
            closed_usd=demand.monthly_usd / demand.monthly_calls if demand.monthly_usd else None,
        )

    def at(self, calls: float) -> Volume:
        """The bills at so many calls a month."""
        tokens = calls * self.output_per_call
        return Volume(
            calls=calls,
            copies=self.fleet.copies(tokens),
            own=money_range(self.fleet, tokens, self.gpu_prices, self.spread),
            hosted=self.hosted.usd_per_call.times(calls) if self.hosted else None,
            closed_usd=None if self.closed_usd is None else self.closed_usd * calls,
        )

    def break_even(self, usd_per_call: float) -> float | None:
        """Calls a month."""
        tokens = self.fleet.break_even(usd_per_call / self.output_per_call * 1e6)
        return None if tokens is None else tokens / self.output_per_call

    def curve(self, *break_evens: float | None) -> tuple[Volume, ...]:
        """The bills over volume, up to twice today's and beyond the nearest break-even, the other one if it is near."""
        known = [calls for calls in break_evens if calls is not None]
        near = [calls for calls in known if calls <= NEAR * min(known)]
        ends = np.linspace(0, max([2 * self.monthly_calls, *(1.3 * calls for calls in near)]), CURVE_POINTS)
        return tuple(self.at(float(calls)) for calls in ends)


def _tokens_at_once(demand: Demand, throughput: Throughput | None) -> float | None:
    """In the cache of one copy, when as many calls are in flight as ever, spread evenly."""
    if demand.in_flight is None or demand.usage is None:
        return None
    busy = 1
    if throughput is not None and demand.peak is not None:
        busy = max(-int(-demand.peak.tokens_per_s // throughput.tokens_per_s), 1)
    a_call = demand.usage.total_input_tokens + demand.usage.output_tokens
    return float(-(-demand.in_flight.calls // busy) * a_call)
