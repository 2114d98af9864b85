"""What the traffic of a study asks of a server, and how much one was seen to give."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from advisor.analysis.load_test import best_step
from advisor.analysis.money.hosting import Shape
from advisor.catalog.gpus import cache_shape
from advisor.catalog.hosts import is_served
from advisor.catalog.open_models import OpenModel, candidates_catalog, open_model
from advisor.catalog.prices import price_call
from advisor.collect.volume import lacks_bill, logged_bill
from advisor.llm.hosts import host_of
from advisor.money.profile import Facts, Profile, profile_of
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.load_tests import list_load_tests
from advisor.types import (
    FindingName,
    HostingNote,
    HostingSource,
    Message,
    Model,
    Money,
    Role,
    StoredModel,
    Study,
    Usage,
)

FEW_CALLS = 30
"""In the busiest hour: with fewer, chance makes it look busier than it is."""
PERIODS = ((0, HostingSource.ALL_HOURS), (168, HostingSource.HOURS_OF_WEEK), (24, HostingSource.HOURS_OF_DAY))
"""Hours after which the traffic is taken to repeat (0: it does not), the finest first."""
CHANCE = 3.0
"""Standard deviations above the average, of calls in flight that come independently of one another."""
DAY_HOURS, WEEK_HOURS = 24, 7 * 24


@dataclass(frozen=True, kw_only=True)
class Demand:
    """The load of a study. None: the log does not tell."""

    calls: int
    """In the log, without those that failed without tokens: they are no work for a server."""
    monthly_calls: float | None
    usage: Usage | None
    """Of an average call, rounded."""
    output_per_call: float | None
    monthly_usd: float | None
    """Today's bill; None too where a use case has answers without a price, since GPUs would serve them as well."""
    priced: int
    """Answers with a price."""
    peak: "Peak | None"
    in_flight: "InFlight | None"
    notes: tuple[Message, ...]


class InFlight(NamedTuple):
    """The most calls under way at one moment, of the whole traffic."""

    calls: int
    source: Message


class Peak(NamedTuple):
    """The busiest hour, of the whole traffic."""

    which: HostingSource
    """Of which hours."""
    calls: float
    tokens_per_s: float
    """Output tokens, on average over that hour."""
    mean_over_peak: float


class Throughput(NamedTuple):
    """How many output tokens a second one copy makes when it is kept busy."""

    tokens_per_s: float
    source: Message
    is_measured: bool


class Hosted(NamedTuple):
    """What hosts take for one average call: the cheapest, the one in the middle and the dearest."""

    usd_per_call: Money
    source: Message
    litellm_id: str
    """At the host in the middle."""


def measure_demand(facts: Facts, traffic_share: float) -> Demand:
    """What the log says about the load."""
    profile = profile_of(facts, traffic_share)
    used, usage = profile.tokens.with_usage, profile.tokens.usage
    answered = int(facts.traffic[["with_usage", "untold_answers"]].to_numpy().sum())
    peak, notes = _peak(facts, profile)
    if answered < profile.calls:
        lost = profile.calls - answered
        notes.append(Message.of(HostingNote.FAILED_LEFT_OUT, calls=lost, of=profile.calls))
    in_flight = _in_flight(facts, profile, peak)
    usd, unpriced = _logged_usd(facts)
    if usd is not None and unpriced:
        notes.append(Message.of(HostingNote.USE_CASES_WITHOUT_PRICE, use_cases=unpriced))
    if in_flight is None:
        notes.append(Message.of(HostingNote.IN_FLIGHT_UNKNOWN))
    return Demand(
        calls=answered,
        monthly_calls=profile.monthly_calls and profile.monthly_calls * answered / profile.calls,
        usage=Usage.of({kind: round(count / used) for kind, count in vars(usage).items()}) if usage else None,
        output_per_call=usage.output_tokens / used if usage and usage.output_tokens else None,
        monthly_usd=None
        if usd is None or unpriced or not profile.monthly_calls
        else usd / profile.calls * profile.monthly_calls,
        priced=int(facts.traffic["priced_answers"].sum()),
        peak=peak,
        in_flight=in_flight,
        notes=tuple(notes),
    )


def measured_throughput(store: Store, study: Study, model_id: str) -> Throughput | None:
    """From the newest ended load test of an open model of the catalogue; None: it was not measured."""
    same: dict[int, StoredModel] = {}
    for model in list_models(store, study.id):
        found = open_model(model.plain_id)
        if found is not None and found.id == model_id:
            same[model.id] = model
    for test in list_load_tests(store, study.id):
        step = best_step(test.steps)
        if test.model_id not in same or test.status.is_active or step is None or not step.output_tokens_per_s:
            continue
        model = same[test.model_id]
        source = Message.of(
            HostingSource.LOAD_TEST,
            test=test.id,
            model=model.name,
            concurrency=step.concurrency,
            host=host_of(model),
            machine_bound=step.is_machine_bound,
        )
        return Throughput(step.output_tokens_per_s, source, True)
    return None


def starting_model(store: Store, study: Study, chosen: Collection[str] = ()) -> str | None:
    """The id of the open model to begin with: the study's newest candidate that is one, else the most widely sold.

    Candidates that the plan moves to, by name, come before the others. None: the catalogue is empty.
    """
    for model in sorted(reversed(list_models(store, study.id)), key=lambda model: model.name not in chosen):
        found = open_model(model.plain_id) if model.role is Role.CANDIDATE else None
        if found is not None and found.size.total_b is not None:
            return found.id
    core = [model for model in candidates_catalog() if model.is_core and model.size.total_b is not None]
    return max(core, key=lambda model: (model.hosted.hosts, model.release_date or "")).id if core else None


def known_shape(model_id: str) -> tuple[Shape, str] | None:
    """The shape of a model's cache with its source; None: not known here."""
    found = cache_shape(model_id)
    return None if found is None else (Shape(found.layers, found.kv_heads, found.head_dim), found.source)


def hosted_price(model: OpenModel, usage: Usage, at: datetime) -> Hosted | None:
    """What hosts take for one call with this usage at ``at`` (aware); None: no host has a price."""
    priced = []
    for litellm_id in model.litellm_ids:
        if not is_served(litellm_id, at.date()):
            continue
        found = price_call(Model(name=litellm_id, litellm_id=litellm_id), usage, at)
        if found is not None and found[0] > 0:
            priced.append((found[0], litellm_id, found[1]))
    if not priced:
        return None
    priced.sort(key=lambda one: one[:2])
    low, point, high = priced[0], priced[(len(priced) - 1) // 2], priced[-1]
    cheapest, median = (one[1].partition("/")[0] for one in (low, point))
    source = Message.of(
        HostingSource.HOST_PRICES, prices=len(priced), cheapest=cheapest, median=median, source=point[2].code
    )
    return Hosted(Money(low=low[0], point=point[0], high=high[0]), source, point[1])


def _peak(facts: Facts, profile: Profile) -> tuple[Peak | None, list[Message]]:
    """The busiest hour; answers without usage are taken to have as many tokens as the others on average.

    Where the log is sparse, hours of the same time of the week or of the day are averaged: one hour with few calls
    would be the busiest by chance. A log shorter than a day is taken for a whole one, as its month is.
    """
    timed = facts.traffic[facts.traffic["hour"].notna()]
    if timed.empty or profile.tokens.usage is None or profile.monthly_calls is None:
        return None, []
    hour = timed["hour"].dt.tz_localize(None).to_numpy().astype("datetime64[h]").astype(np.int64)
    first, last = int(hour.min()), int(hour.max())
    average = profile.tokens.usage.output_tokens / profile.tokens.with_usage
    answered = (timed["with_usage"] + timed["untold_answers"]).to_numpy()
    made = timed["output_tokens"].to_numpy(dtype=float) + timed["untold_answers"].to_numpy() * average
    hours, whole = last - first + 1, profile.traffic_share
    mean = made.sum() / max(hours, DAY_HOURS)
    peak, notes = None, list[Message]()
    for period, which in PERIODS if mean else ():
        slot, slots = ((hour % period), np.arange(first, last + 1) % period) if period else (hour - first, range(hours))
        often = np.bincount(slots).clip(min=1)
        counts = np.bincount(slot, weights=answered, minlength=len(often))
        tokens = np.bincount(slot, weights=made, minlength=len(often)) / often
        top = int(tokens.argmax())
        share = min(float(mean / tokens[top]), 1.0)
        peak = Peak(which, float(counts[top] / often[top] / whole), float(tokens[top] / 3600 / whole), share)
        if counts[top] >= FEW_CALLS:
            break
    else:
        notes.append(Message.of(HostingNote.FEW_CALLS, least=FEW_CALLS))
    if hours < WEEK_HOURS:
        notes.append(Message.of(HostingNote.SHORT_LOG))
    return peak, notes


def _logged_usd(facts: Facts) -> tuple[float | None, list[str]]:
    """Dollars of the calls in the log, and the use cases that have answers, none of them with a price."""
    sums = facts.traffic.drop(columns=["hour", "model"]).groupby("use_case").sum().to_dict("index")
    bills = {str(name): logged_bill(row) for name, row in sums.items()}
    known = [bill for bill in bills.values() if bill is not None]
    lacking = [name for name in bills if lacks_bill(sums[name])]
    return (sum(known) if known else None), lacking


def _in_flight(facts: Facts, profile: Profile, peak: Peak | None) -> InFlight | None:
    """As the log shows it; from a part of the traffic by Little's law (1961), since gaps hide what overlaps."""
    seen = profile.findings[FindingName.PEAK_IN_FLIGHT].value
    if seen is None:
        return None
    if profile.traffic_share == 1 or peak is None:
        return InFlight(round(seen), Message.of(HostingSource.LOGGED_LATENCIES))
    latency = float(facts.calls.latency_s[facts.calls.latency_s >= 0].mean())
    load = peak.calls / 3600 * latency
    source = Message.of(HostingSource.LITTLES_LAW, latency_s=latency, deviations=CHANCE)
    return InFlight(max(math.ceil(load + CHANCE * math.sqrt(load)), 1), source)
