"""The traffic broken down by model or by use case."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from advisor.catalog.hosts import HostedPrice
from advisor.collect.volume import lacks_bill, logged_bill
from advisor.money.estimate import Estimate, estimate_savings
from advisor.types import Usage

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
