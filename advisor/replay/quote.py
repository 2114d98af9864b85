"""What a run would cost, before anything is spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from advisor.catalog.prices import price_call
from advisor.replay.calls import Call, output_limit
from advisor.types import Model, Money, Usage

LONGER = 1.5
"""How much longer than the recorded answer a candidate's may be, where the request sets no limit."""
SHORTER = 0.6


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Calls, tokens and dollars of a run."""

    calls: int
    judge_calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Money | None
    """None while a model has no price."""
    unpriced: tuple[str, ...]
    """Models without a price."""
    by_model: tuple[tuple[str, int, float | None], ...]
    """(model, calls, dollars)."""


def quote_calls(calls: Sequence[Call], judge_calls: Sequence[tuple[Model, int, int]]) -> Quote:
    """Price planned calls; ``judge_calls`` are (judge, input tokens, output tokens), one for each call."""
    now = datetime.now(UTC)
    low = point = high = 0.0
    unpriced: set[str] = set()
    spend: dict[str, float | None] = {}
    count: dict[str, int] = {}
    planned = [(call.model, call.input_tokens, call.output_tokens, output_limit(call.request)) for call in calls]
    planned += [(model, given, answered, None) for model, given, answered in judge_calls]
    for model, given, answered, limit in planned:
        count[model.name] = count.get(model.name, 0) + 1
        longest = min(limit, int(answered * LONGER) + 1) if limit else int(answered * LONGER) + 1
        prices = [
            price_call(model, Usage(input_tokens=given, output_tokens=tokens), now)
            for tokens in (int(answered * SHORTER), answered, max(longest, answered))
        ]
        if any(price is None for price in prices):
            unpriced.add(model.name)
            spend[model.name] = None
            continue
        costs = [price[0] for price in prices if price]
        low, point, high = low + costs[0], point + costs[1], high + costs[2]
        spend[model.name] = (spend.get(model.name) or 0.0) + costs[1]
    return Quote(
        calls=len(calls),
        judge_calls=len(judge_calls),
        input_tokens=sum(given for _, given, _, _ in planned),
        output_tokens=sum(answered for _, _, answered, _ in planned),
        cost_usd=None if unpriced else Money(low=low, point=point, high=high),
        unpriced=tuple(sorted(unpriced)),
        by_model=tuple((name, count[name], spend.get(name)) for name in count),
    )
