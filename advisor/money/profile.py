"""The traffic profile: what a log tells at once, before any call is made. Days and hours are UTC.

Sums come from what was rolled up at import; what they cannot tell (load, repeats, rhythm) from the calls one by one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.analysis.money import traffic as analysis
from advisor.analysis.money.cost import monthly_calls
from advisor.analysis.money.traffic import Array, Finding
from advisor.catalog.hosts import HostedPrice, hosted_prices
from advisor.collect.contract_prices import given_costs
from advisor.errors import BadInput
from advisor.money.breakdown import Slice, slices_of
from advisor.money.estimate import (
    TOKENS_MORE,
    Estimate,
    add_compared,
    describe_open_cost,
    estimate_savings,
    is_worth,
    savings_message,
)
from advisor.money.findings import find_all
from advisor.store import Store
from advisor.store.log.calls import Calls, load_calls
from advisor.store.log.traffic import load_traffic, sum_traffic
from advisor.text.traffic import assumed, finding_note, savings_words
from advisor.types import BILLED_TOKENS, FindingName, Json, Message, SavingsCode, Study, Usage

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
    given: tuple[str, ...]
    """Models of the log that are billed at prices given for the study."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The traffic of a study in a range of days. None: the log does not tell."""

    start: date | None
    end: date | None
    """The range that was asked for, both days within; None: from the first, to the last."""
    first_at: datetime | None
    last_at: datetime | None
    """What of the range the log covers."""
    traffic_share: float
    calls: int
    undated: int
    """Calls without a time that can be right, which are in no range of days; without a range ``calls`` holds them."""
    monthly_calls: float | None
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
    with_usage: int
    usage: Usage | None
    monthly_tokens: float | None
    """Input and output."""
    days: tuple[date, ...]
    per_day: dict[str, tuple[float, ...]]
    """For each of MEASURES the sum of each of the days."""
    per_hour: dict[str, tuple[tuple[float | None, ...], ...]]
    """For each of MEASURES the average by weekday (Monday first) and hour, 7 x 24."""
    given: tuple[str, ...]
    """Models of the log that are billed at the prices given for the study where the log tells no cost itself."""
    models: tuple[Slice, ...]
    use_cases: tuple[Slice, ...]
    findings: dict[FindingName, Finding]
    savings: Estimate | None
    savings_unknown: Message | None
    """Why the estimate is missing; None where there is one."""

    @property
    def listed(self) -> int:
        """Of the priced calls those that are priced from their tokens: at a given price, else the list's of the day."""
        return self.priced - self.logged

    @property
    def listed_usd(self) -> float | None:
        """Their cost."""
        return None if self.cost_usd is None else self.cost_usd - (self.logged_usd or 0.0)

    @property
    def unpriced(self) -> int:
        """Calls whose cost is not known."""
        return self.calls - self.priced


def load_facts(store: Store, study: Study, *, now: datetime | None = None) -> Facts:
    """Read what the profiles of a study are made of; the prices are those of ``now``."""
    sums, given = sum_traffic(store, study.id), given_costs(store, study)
    return Facts(
        traffic=add_compared(load_traffic(store, study.id, given)),
        calls=load_calls(store, study.id, batch_formats=BATCH_FORMATS),
        first_at=sums.first_at,
        last_at=sums.last_at,
        prices=hosted_prices(now or datetime.now(UTC)),
        given=tuple(sorted({cost.model for cost in given})),
    )


def profile_of(facts: Facts, traffic_share: float, start: date | None = None, end: date | None = None) -> Profile:
    """The profile of the days from ``start`` to ``end``, both within; None: from the first, to the last.

    Raises BadInput when the range is empty.
    """
    if start is not None and end is not None and start > end:
        raise BadInput(f"The first day ({start}) is after the last ({end}). Swap them.")
    traffic, calls = _within(facts, start, end)
    first_at, last_at = _covered(facts, start, end)
    monthly = monthly_calls(1, first_at, last_at, traffic_share)  # what one logged call stands for
    use_cases = slices_of(traffic, "use_case", facts.prices, monthly)
    sums = traffic.drop(columns=["hour", "use_case", "model"]).sum().to_dict()
    n = int(sums["calls"])
    usage = Usage.of(sums) if sums["with_usage"] else None
    logged = calls.logged_cost_usd[~np.isnan(calls.logged_cost_usd)]
    spend = [found.monthly_usd for found in use_cases if found.monthly_usd is not None]
    savings = estimate_savings(sums, facts.prices, monthly)
    days, per_day = _by_day(traffic, first_at, last_at, end)
    return Profile(
        start=start,
        end=end,
        first_at=first_at,
        last_at=last_at,
        traffic_share=traffic_share,
        calls=n,
        undated=int(facts.traffic.loc[facts.traffic["hour"].isna(), "calls"].sum()),
        monthly_calls=None if monthly is None else n * monthly,
        cost_usd=float(sums["cost_usd"]) if sums["priced"] else None,
        priced=int(sums["priced"]),
        logged=len(logged),
        logged_usd=float(logged.sum()) if len(logged) else None,
        monthly_usd=sum(spend) if spend else None,
        left_out=tuple(found.name or "" for found in use_cases if found.lacks_bill),
        beside_text=int(calls.text_only.sum()),
        with_usage=int(sums["with_usage"]),
        usage=usage,
        monthly_tokens=_monthly_tokens(usage, int(sums["untold_answers"]), int(sums["with_usage"]), monthly),
        days=days,
        per_day=per_day,
        per_hour=_by_hour(traffic, days),
        given=facts.given,
        models=slices_of(traffic, "model", facts.prices, monthly),
        use_cases=use_cases,
        findings=find_all(
            calls,
            usage,
            with_usage=int(sums["with_usage"]),
            failed=int(sums["failed"]),
            traffic_share=traffic_share,
        ),
        savings=savings,
        savings_unknown=None if savings else _why_no_savings(sums, facts.prices),
    )


def describe_profile(store: Store, study: Study, start: date | None = None, end: date | None = None) -> dict[str, Json]:
    """The profile as JSON, for the command line. Raises BadInput when the range is empty."""
    profile = profile_of(load_facts(store, study), study.traffic_share, start, end)
    told = asdict(profile) | {"study": study.name, "time_zone": "UTC"}
    for row in (*told["models"], *told["use_cases"]):
        savings = row.pop("savings")
        row["savings_usd"] = savings and (savings["monthly"] or savings["in_log"])
    why = profile.savings_unknown
    told["savings_unknown"] = savings_words(why) if why else ""
    for name, finding in profile.findings.items():
        told["findings"][name] |= {"note": finding_note(finding.note), "note_code": finding.note.code}
    if profile.savings:
        words = {
            "sentence": savings_words(savings_message(profile.savings, profile.monthly_usd)),
            "assumed": assumed(TOKENS_MORE - 1),
            "quality_measured": False,
        }
        words["worth"] = is_worth(profile.savings)
        told["savings"] |= words | {"models": [describe_open_cost(model) for model in profile.savings.models]}
    described: dict[str, Json] = _plain(told)
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


def _by_day(
    traffic: "pd.DataFrame", first_at: datetime | None, last_at: datetime | None, end: date | None
) -> tuple[tuple[date, ...], dict[str, tuple[float, ...]]]:
    timed = traffic[traffic["hour"].notna()]
    if timed.empty or first_at is None or last_at is None:
        return (), {measure: () for measure in MEASURES}
    first, last = first_at.date(), last_at.date() if end is None else min(last_at.date(), end)
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    place = (_days(timed) - np.datetime64(first)).astype(int)
    sums = {
        measure: tuple(np.bincount(place, weights=amounts, minlength=len(days)).tolist())
        for measure, amounts in _amounts(timed).items()
    }
    return days, sums


def _by_hour(traffic: "pd.DataFrame", days: Sequence[date]) -> dict[str, tuple[tuple[float | None, ...], ...]]:
    if not days:
        return {measure: () for measure in MEASURES}
    timed = traffic[traffic["hour"].notna()]
    hours = timed["hour"].dt.tz_localize(None).to_numpy()
    first, last = np.datetime64(days[0], "D"), np.datetime64(days[-1], "D")
    return {
        measure: tuple(
            tuple(None if np.isnan(cell) else float(cell) for cell in row)
            for row in analysis.week_hours(hours, amounts, first, last)
        )
        for measure, amounts in _amounts(timed).items()
    }


def _amounts(timed: "pd.DataFrame") -> dict[str, Array]:
    tokens = timed[list(BILLED_TOKENS)].sum(axis=1)
    amounts = (timed["calls"], tokens, timed["cost_usd"])
    return {measure: series.to_numpy(dtype=float) for measure, series in zip(MEASURES, amounts, strict=True)}


def _days(timed: "pd.DataFrame") -> Array:
    days: Array = timed["hour"].dt.tz_localize(None).to_numpy().astype("datetime64[D]")
    return days


def _why_no_savings(sums: Any, prices: Sequence[HostedPrice]) -> Message:
    if not prices:
        return Message.of(SavingsCode.NO_OPEN_PRICE)
    return Message.of(SavingsCode.NO_PRICE if sums["with_usage"] else SavingsCode.NO_USAGE)


def _plain(value: Any) -> Any:
    """Dates as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
