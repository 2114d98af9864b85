"""The traffic of one model or one use case."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.catalog.hosted import HostedPrice
from advisor.study.estimate import Estimate, estimate_savings
from advisor.types import Usage

if TYPE_CHECKING:
    import pandas as pd

TOKENS = tuple(Usage.__dataclass_fields__)


@dataclass(frozen=True, kw_only=True)
class Part:
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
    input_tokens: int | None
    output_tokens: int | None
    input_tokens_per_call: float | None
    output_tokens_per_call: float | None
    savings: Estimate | None
    """Of use cases only."""


def parts_of(
    traffic: "pd.DataFrame", by: str, prices: Sequence[HostedPrice], monthly: float | None
) -> tuple[Part, ...]:
    """The rows of ``store.traffic.load_traffic`` by ``model`` or ``use_case``, the dearest first.

    ``monthly`` is how many calls a month one logged call stands for. Only use cases get a savings range.
    """
    total = int(traffic["calls"].sum())
    parts = []
    for name, rows in traffic.groupby(traffic[by].fillna("")):
        sums = rows[["calls", "failed", "priced", "with_usage", "cost_usd", *TOKENS]].sum()
        calls, cost = int(sums["calls"]), float(sums["cost_usd"]) if sums["priced"] else None
        known = monthly is not None and cost is not None
        usage = Usage(**{kind: int(sums[kind]) for kind in TOKENS}) if sums["with_usage"] else None
        parts.append(
            Part(
                name=str(name) or None,
                calls=calls,
                share=calls / total,
                failed=int(sums["failed"]),
                cost_usd=cost,
                monthly_calls=None if monthly is None else calls * monthly,
                monthly_usd=(cost or 0.0) / int(sums["priced"]) * calls * (monthly or 0.0) if known else None,
                input_tokens=usage.total_input_tokens if usage else None,
                output_tokens=usage.output_tokens if usage else None,
                input_tokens_per_call=usage.total_input_tokens / int(sums["with_usage"]) if usage else None,
                output_tokens_per_call=usage.output_tokens / int(sums["with_usage"]) if usage else None,
                savings=estimate_savings(rows, prices, monthly) if by == "use_case" else None,
            )
        )
    return tuple(sorted(parts, key=lambda part: (-(part.cost_usd or 0.0), -part.calls, part.name or "")))
