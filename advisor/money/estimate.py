"""The first savings range: the log's own tokens at the list prices of open models, before any call is made.

It compares the calls whose price and tokens are both known; all others stay out of it. Its dear end takes the dearest
of the models and supposes that another tokenizer makes TOKENS_MORE times as many tokens of the same text; its cheap end
takes the cheapest, as many tokens as logged, and an answer without the reasoning that the log names. A model that
reasons before it answers, where today's does not, costs more than either. Of quality it says nothing.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from advisor.analysis.money.cost import WORTH_USD
from advisor.catalog.hosts import HostedPrice
from advisor.catalog.rates import KINDS
from advisor.collect.volume import lacks_bill, logged_bill
from advisor.store.log.traffic import TOKENS
from advisor.types import Message, Money, SavingsCode, Usage

if TYPE_CHECKING:
    import pandas as pd

TOKENS_MORE = 1.3


@dataclass(frozen=True, kw_only=True)
class OpenCost:
    """What the compared calls would cost with one open model."""

    price: HostedPrice
    usd: float
    """For the calls in the log, with the tokens as logged."""
    monthly_usd: float | None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Today's bill against open models at list prices, for some calls of a log."""

    calls: int
    """Compared: price and tokens are known."""
    left_out: int
    """Of the calls that did not fail."""
    today_usd: float
    in_log: Money
    monthly_today_usd: float | None
    """None where the log has no times, as the range below."""
    monthly: Money | None
    models: tuple[OpenCost, ...]


def add_compared(traffic: "pd.DataFrame") -> "pd.DataFrame":
    """Rows of ``load_traffic`` with the calls of each that can be compared, their cost and their tokens.

    Adds ``compared``, ``compared_usd`` and ``compared_`` before every kind of tokens. Where some calls of an hour have
    a price and others tokens, as many are taken as have the rarer of both, at the averages of the hour.
    """
    compared = traffic[["priced", "with_usage"]].min(axis=1)
    added = {"compared": compared, "compared_usd": traffic["cost_usd"] * compared / traffic["priced"].clip(lower=1)}
    share = compared / traffic["with_usage"].clip(lower=1)
    return traffic.assign(**added, **{f"compared_{kind}": traffic[kind] * share for kind in TOKENS})


def estimate_savings(
    sums: Mapping[Hashable, Any], prices: Sequence[HostedPrice], a_month: float | None
) -> Estimate | None:
    """The savings range of some traffic; None where nothing can be compared.

    ``sums`` are those of the columns of ``add_compared``; ``a_month`` is how many calls a month one logged call stands
    for, None where that is not known.
    """
    calls = int(sums["compared"])
    if not calls or not prices:
        return None
    today = float(sums["compared_usd"])
    usage = Usage.of({kind: round(sums[f"compared_{kind}"]) for kind in TOKENS})
    spoken = max(usage.output_tokens - usage.reasoning_tokens, 0)
    plain = replace(usage, output_tokens=spoken, reasoning_tokens=0)
    costs = sorted(price.rates.cost_of(usage) for price in prices)
    cheapest = min(price.rates.cost_of(plain) for price in prices)
    there = Money(low=cheapest, point=costs[(len(costs) - 1) // 2], high=costs[-1] * TOKENS_MORE)
    in_log = there.taken_from(today)
    models = []
    for price in prices:
        usd = price.rates.cost_of(usage)
        models.append(OpenCost(price=price, usd=usd, monthly_usd=None if a_month is None else usd * a_month))
    return Estimate(
        calls=calls,
        left_out=max(int(sums["calls"] - sums["failed"]) - calls, 0),
        today_usd=today,
        in_log=in_log,
        monthly_today_usd=None if a_month is None else today * a_month,
        monthly=None if a_month is None else in_log.times(a_month),
        models=tuple(models),
    )


def is_worth(estimate: Estimate) -> bool | None:
    """Whether a month can save what is worth a migration, calls that were not compared included; None: not known."""
    if estimate.monthly is None or estimate.monthly_today_usd is None:
        return None
    most = estimate.monthly.high if estimate.monthly.high > 0 else estimate.monthly_today_usd
    return most * (1 + estimate.left_out / estimate.calls) >= WORTH_USD


def savings_message(estimate: Estimate, monthly_usd: float | None) -> Message:
    """What open models could save; ``monthly_usd`` is the bill of all calls, if known."""
    money, monthly = estimate.monthly or estimate.in_log, estimate.monthly is not None
    if is_worth(estimate) is False:
        return Message.of(SavingsCode.NOT_WORTH, usd=monthly_usd or estimate.monthly_today_usd or 0.0)
    if money.high <= 0:
        return Message.of(SavingsCode.COSTS_MORE, low=-money.high, high=-money.low, monthly=monthly)
    if money.low < 0:
        return Message.of(SavingsCode.MAY_COST_MORE, saved=money.high, more=-money.low, monthly=monthly)
    return Message.of(SavingsCode.SAVES, low=money.low, high=money.high, monthly=monthly)


def describe_open_cost(model: OpenCost) -> dict[str, Any]:
    """An open model with its prices in dollars per million tokens and what the log's tokens cost there."""
    told = asdict(model)
    price = told.pop("price")
    rates = model.price.rates._asdict()
    dollars = {f"{kind}_usd_per_mtok": round(rates[kind] * 1e6, 9) for kind in KINDS}
    source = asdict(model.price.rates.source)
    return {name: value for name, value in price.items() if name != "rates"} | dollars | {"source": source} | told


if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SliceTokens:
    """Of the calls whose usage is known. None: of none."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    input_tokens_per_call: float | None = None
    output_tokens_per_call: float | None = None

    @classmethod
    def of(cls, sums: Mapping[Hashable, Any]) -> "SliceTokens":
        """From the sums of the tokens and of the calls that have them."""
        calls, usage = int(sums["with_usage"]), Usage.of(sums)
        if not calls:
            return cls()
        return cls(
            input_tokens=usage.total_input_tokens,
            output_tokens=usage.output_tokens,
            input_tokens_per_call=usage.total_input_tokens / calls,
            output_tokens_per_call=usage.output_tokens / calls,
        )


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The traffic of one model or use case."""

    name: str | None
    """None: the log does not name the model."""
    calls: int
    share: float
    """Of the calls."""
    failed: int
    cost_usd: float | None
    """Of the priced calls in the log."""
    monthly_calls: float | None
    monthly_usd: float | None
    lacks_bill: bool
    """It has answers, and nobody knows what any of them cost."""
    tokens: SliceTokens
    savings: Estimate | None
    """Of use cases only."""


def slices_of(
    traffic: "pd.DataFrame", by: str, prices: Sequence[HostedPrice], monthly: float | None
) -> tuple[Slice, ...]:
    """The rows of ``add_compared`` by ``model`` or ``use_case``, the dearest first.

    ``monthly`` is how many calls a month one logged call stands for. Only use cases get a savings range.
    """
    total = int(traffic["calls"].sum())
    names = traffic[by].fillna("")
    sums = traffic.drop(columns=["hour", "use_case", "model"]).groupby(names).sum().to_dict("index")
    slices = [_slice(str(name), row, total, prices if by == "use_case" else (), monthly) for name, row in sums.items()]
    return tuple(sorted(slices, key=lambda found: (-(found.cost_usd or 0.0), -found.calls, found.name or "")))


def shares_of_spend(slices: Sequence[Slice]) -> dict[str | None, float]:
    """The share of each in what all of them cost; those without a cost are left out."""
    costs = {found.name: usd for found in slices if (usd := found.monthly_usd or found.cost_usd) is not None}
    total = sum(costs.values())
    return {name: round(usd / total, 2) for name, usd in costs.items()} if total else {}


def _slice(
    name: str, sums: Mapping[Hashable, Any], total: int, prices: Sequence[HostedPrice], monthly: float | None
) -> Slice:
    calls, usd = int(sums["calls"]), logged_bill(sums)
    return Slice(
        name=name or None,
        calls=calls,
        share=calls / total,
        failed=int(sums["failed"]),
        cost_usd=float(sums["cost_usd"]) if sums["priced"] else None,
        monthly_calls=None if monthly is None else calls * monthly,
        monthly_usd=None if monthly is None or usd is None else usd * monthly,
        lacks_bill=lacks_bill(sums),
        tokens=SliceTokens.of(sums),
        savings=estimate_savings(sums, prices, monthly),
    )
