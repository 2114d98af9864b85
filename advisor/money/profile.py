"""The traffic profile: what a log tells at once, before any call is made. Days and hours are UTC.

Sums come from what was rolled up at import; what they cannot tell (load, repeats, rhythm) from the calls one by one.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import orjson

from advisor.analysis.money.cost import monthly_calls
from advisor.analysis.money.traffic import Finding, week_hours
from advisor.catalog.hosts import HostedPrice, hosted_prices
from advisor.collect.billed import billed_of, describe_billed
from advisor.collect.contract_prices import given_costs
from advisor.errors import BadInput
from advisor.money.estimate import (
    TOKENS_MORE,
    Estimate,
    Slice,
    add_compared,
    describe_open_cost,
    estimate_savings,
    is_worth,
    savings_message,
    slices_of,
)
from advisor.money.findings import find_all
from advisor.store import Store
from advisor.store.log.calls import Calls, load_calls
from advisor.store.log.traffic import load_traffic, sum_traffic
from advisor.text.traffic import assumed, finding_note, savings_words
from advisor.types import FindingName, Json, Message, SavingsCode, Study, Usage

if TYPE_CHECKING:
    import pandas as pd

BATCH_FORMATS = ("anthropic_batch", "openai_batch")
MEASURES = ("calls", "tokens", "cost_usd")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that a profile is made of, read once for every range of days."""

    traffic: "pd.DataFrame"
    """By hour, use case and model, as ``add_compared`` returns it."""
    calls: Calls
    first_at: datetime | None
    last_at: datetime | None
    prices: tuple[HostedPrice, ...]
    given: tuple[tuple[str, str | None], ...]
    """Models of the log that are billed at prices given for the study, with the listed model that costs the same."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Which days, and what of them the log covers."""

    start: date | None
    end: date | None
    """The range that was asked for, both days within; None: from the first, to the last."""
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What the calls of the log cost."""

    cost_usd: float | None
    """Of the priced calls."""
    priced: int
    logged: int
    """Of the priced calls those whose cost the log itself tells."""
    logged_usd: float | None
    monthly_usd: float | None
    """Calls without a cost are taken to cost as much as the others of their use case on average."""
    left_out: tuple[str, ...]
    """Use cases whose answers have no cost at all: ``monthly_usd`` lacks them."""
    beside_text: int
    """Priced calls for which more was billed than tokens of text, as for web searches or audio: no cost holds that."""
    given: tuple[tuple[str, str | None], ...]
    """As ``Facts`` has them; a cost that the log itself tells wins."""

    @property
    def listed(self) -> int:
        """Of the priced calls those that are priced from their tokens: at a given price, else the list's of the day."""
        return self.priced - self.logged

    @property
    def listed_usd(self) -> float | None:
        """Their cost."""
        return None if self.cost_usd is None else self.cost_usd - (self.logged_usd or 0.0)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens of the calls whose usage is known."""

    with_usage: int
    """Calls."""
    usage: Usage | None
    monthly_tokens: float | None
    """Input and output, of all calls."""


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """The traffic over time."""

    days: tuple[date, ...]
    per_day: dict[str, tuple[float, ...]]
    """For each of MEASURES the sum of each of the days."""
    per_hour: dict[str, tuple[tuple[float | None, ...], ...]]
    """For each of MEASURES the average by weekday (Monday first) and hour, 7 x 24."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The traffic of a study in a range of days. None: the log does not tell."""

    period: Period
    traffic_share: float
    calls: int
    undated: int
    """Calls without a time that can be right, which are in no range of days; without a range ``calls`` holds them."""
    monthly_calls: float | None
    bill: Bill
    tokens: Tokens
    rhythm: Rhythm
    models: tuple[Slice, ...]
    use_cases: tuple[Slice, ...]
    findings: dict[FindingName, Finding]
    savings: Estimate | Message
    """Or why nothing can be estimated."""

    @property
    def unpriced(self) -> int:
        """Calls whose cost is not known."""
        return self.calls - self.bill.priced


def load_facts(store: Store, study: Study, *, now: datetime | None = None) -> Facts:
    """Read what the profiles of a study are made of; the prices are those of ``now``."""
    sums, given = sum_traffic(store, study.id), given_costs(store, study)
    return Facts(
        traffic=add_compared(load_traffic(store, study.id, given)),
        calls=load_calls(store, study.id, batch_formats=BATCH_FORMATS),
        first_at=sums.first_at,
        last_at=sums.last_at,
        prices=hosted_prices(now or datetime.now(UTC)),
        given=tuple(sorted({cost.model: cost.source.note for cost in given}.items())),
    )


def profile_of(facts: Facts, traffic_share: float, start: date | None = None, end: date | None = None) -> Profile:
    """The days from ``start`` to ``end``, both within; None: no bound. Raises BadInput when the range is empty."""
    if start is not None and end is not None and start > end:
        raise BadInput(f"The first day ({start}) is after the last ({end}). Swap them.")
    traffic, calls = _within(facts, start, end)
    first_at, last_at = _covered(facts, start, end)
    monthly = monthly_calls(1, first_at, last_at, traffic_share)  # what one logged call stands for
    use_cases = slices_of(traffic, "use_case", facts.prices, monthly)
    sums = traffic.drop(columns=["hour", "use_case", "model"]).sum().to_dict()
    n, with_usage = int(sums["calls"]), int(sums["with_usage"])
    usage = Usage.of(sums) if with_usage else None
    logged = calls.logged_cost_usd[~np.isnan(calls.logged_cost_usd)]
    spend = [found.monthly_usd for found in use_cases if found.monthly_usd is not None]
    return Profile(
        period=Period(start=start, end=end, first_at=first_at, last_at=last_at),
        traffic_share=traffic_share,
        calls=n,
        undated=int(facts.traffic.loc[facts.traffic["hour"].isna(), "calls"].sum()),
        monthly_calls=None if monthly is None else n * monthly,
        bill=Bill(
            cost_usd=float(sums["cost_usd"]) if sums["priced"] else None,
            priced=int(sums["priced"]),
            logged=len(logged),
            logged_usd=float(logged.sum()) if len(logged) else None,
            monthly_usd=sum(spend) if spend else None,
            left_out=tuple(found.name or "" for found in use_cases if found.lacks_bill),
            beside_text=int(calls.text_only.sum()),
            given=facts.given,
        ),
        tokens=Tokens(
            with_usage=with_usage,
            usage=usage,
            monthly_tokens=_monthly_tokens(usage, int(sums["untold_answers"]), with_usage, monthly),
        ),
        rhythm=_rhythm(traffic, first_at, last_at, end),
        models=slices_of(traffic, "model", facts.prices, monthly),
        use_cases=use_cases,
        findings=find_all(calls, usage, with_usage=with_usage, failed=int(sums["failed"]), traffic_share=traffic_share),
        savings=estimate_savings(sums, facts.prices, monthly) or _why_no_savings(with_usage, facts.prices),
    )


def logged_latency(facts: Facts, start: date | None, end: date | None) -> tuple[float, float] | None:
    """Median and p95 in seconds of the calls in a range of days; None: the log has no latencies."""
    calls = _within(facts, start, end)[1]
    timed = calls.latency_s[~np.isnan(calls.latency_s) & (calls.failed == 0)]
    return tuple(np.percentile(timed, (50, 95)).tolist()) if len(timed) else None


def describe_profile(store: Store, study: Study, start: date | None = None, end: date | None = None) -> dict[str, Json]:
    """The profile as JSON, for the command line. Raises BadInput when the range is empty."""
    profile = profile_of(load_facts(store, study), study.traffic_share, start, end)
    told = asdict(profile) | {"study": study.name, "time_zone": "UTC", "savings": None, "savings_unknown": ""}
    for part in ("period", "bill", "tokens", "rhythm"):
        told |= told.pop(part)
    for name in ("tokens",) * (not told["with_usage"]) + ("cost_usd",) * (told["cost_usd"] is None):
        told["per_day"][name] = told["per_hour"][name] = None
    for row in (*told["models"], *told["use_cases"]):
        savings = row.pop("savings")
        row |= row.pop("tokens") | {"savings_usd": savings and (savings["monthly"] or savings["in_log"])}
    for name, finding in profile.findings.items():
        told["findings"][name] |= {"note": finding_note(finding.note), "note_code": finding.note.code}
    found = profile.savings
    if isinstance(found, Message):
        told["savings_unknown"] = savings_words(found)
    else:
        told["savings"] = asdict(found) | {
            "sentence": savings_words(savings_message(found, profile.bill.monthly_usd)),
            "assumed": assumed(TOKENS_MORE - 1),
            "quality_measured": False,
            "worth": is_worth(found),
            "models": [describe_open_cost(model) for model in found.models],
        }
    told["billed"] = describe_billed(billed_of(store, study))
    described: dict[str, Json] = orjson.loads(orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS))
    return described


def _within(facts: Facts, start: date | None, end: date | None) -> "tuple[pd.DataFrame, Calls]":
    """Rows and calls in the range."""
    if start is None and end is None:
        return facts.traffic, facts.calls
    begin = None if start is None else _midnight(start)
    stop = None if end is None else _midnight(end) + timedelta(days=1)
    hours, at = facts.traffic["hour"], facts.calls.at
    rows, chosen = hours.notna(), ~np.isnat(at)
    if begin is not None:
        rows, chosen = rows & (hours >= begin), chosen & (at >= np.datetime64(begin.replace(tzinfo=None)))
    if stop is not None:
        rows, chosen = rows & (hours < stop), chosen & (at < np.datetime64(stop.replace(tzinfo=None)))
    some = {name: getattr(facts.calls, name)[chosen] for name in Calls.__dataclass_fields__}
    return facts.traffic[rows], Calls(**some)


def _covered(facts: Facts, start: date | None, end: date | None) -> tuple[datetime | None, datetime | None]:
    """The part of the range that lies between the first and the last call of the log."""
    if facts.first_at is None or facts.last_at is None:
        return None, None
    first = facts.first_at if start is None else max(facts.first_at, _midnight(start))
    last = facts.last_at if end is None else min(facts.last_at, _midnight(end) + timedelta(days=1))
    return (first, last) if first <= last else (None, None)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _monthly_tokens(usage: Usage | None, untold: int, with_usage: int, monthly: float | None) -> float | None:
    """Answers without usage are taken to use the others' average; failed calls use what the log says."""
    if usage is None or monthly is None:
        return None
    return (usage.total_input_tokens + usage.output_tokens) / with_usage * (with_usage + untold) * monthly


def _rhythm(traffic: "pd.DataFrame", first_at: datetime | None, last_at: datetime | None, end: date | None) -> Rhythm:
    timed = traffic[traffic["hour"].notna()]
    if timed.empty or first_at is None or last_at is None:
        return Rhythm(days=(), per_day=dict.fromkeys(MEASURES, ()), per_hour=dict.fromkeys(MEASURES, ()))
    first, last = first_at.date(), last_at.date() if end is None else min(last_at.date(), end)
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    hours = timed["hour"].dt.tz_localize(None).to_numpy()
    place = (hours.astype("datetime64[D]") - days[0]).astype(int)
    sums = (timed["calls"], timed[list(Usage.BILLED)].sum(axis=1), timed["cost_usd"])
    amounts = {measure: series.to_numpy(dtype=float) for measure, series in zip(MEASURES, sums, strict=True)}
    weeks = {measure: week_hours(hours, found, days[0], days[-1]).tolist() for measure, found in amounts.items()}
    return Rhythm(
        days=tuple(days.tolist()),
        per_day={name: tuple(np.bincount(place, found, len(days)).tolist()) for name, found in amounts.items()},
        per_hour={
            measure: tuple(tuple(None if math.isnan(cell) else cell for cell in row) for row in week)
            for measure, week in weeks.items()
        },
    )


def _why_no_savings(with_usage: int, prices: Sequence[HostedPrice]) -> Message:
    if not prices:
        return Message.of(SavingsCode.NO_OPEN_PRICE)
    return Message.of(SavingsCode.NO_PRICE if with_usage else SavingsCode.NO_USAGE)
