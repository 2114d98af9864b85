"""What a run would cost, before anything is spent."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from advisor.catalog.prices import price_call
from advisor.replay.calls import Obstacle
from advisor.types import Model, Money, Usage

LONGER = 1.5
"""How much longer than the recorded answer a candidate's may be, where the request sets no limit."""
SHORTER = 0.6


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Calls, tokens and dollars of a run."""

    samples: int
    """Drawn: requests that are exactly alike are asked once."""
    calls: int
    judge_calls: int
    """About pairs of answers."""
    control_calls: int
    """What judges are asked besides, at most: planted pairs, the baseline against itself, single answers."""
    reused: int
    """Of the calls those that an earlier run has an answer to: they are not made and cost nothing."""
    input_tokens: int
    output_tokens: int
    cost_usd: Money | None
    """None while a model has no price."""
    unpriced: tuple[str, ...]
    """Models without a price."""
    by_model: tuple[tuple[str, int, float | None], ...]
    """(model, calls to be made, dollars)."""
    not_sent: tuple[tuple[str, str, int], ...]
    """(model, reason, calls) of what a model is known not to take: they cost nothing and count against it."""
    unaskable: tuple[tuple[str, str, int], ...] = ()
    """(model, reason, calls) of models and judges that can't be asked from here, such as for want of a key.

    Their calls would fail, so the price leaves them out; where no candidate can be asked it is that of all.
    """
    lost: int = 0
    """Of the calls those that would fail for that reason."""

    @property
    def to_make(self) -> int:
        """Calls to models but judges that can be made and that no earlier run has the answer to."""
        return self.calls - self.reused - self.lost


class Bill:
    """Adds up calls that are planned but not made."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)
        self._low = self._point = self._high = 0.0
        self._input_tokens = self._output_tokens = 0
        self._count: dict[str, int] = {}
        self._spend: dict[str, float | None] = {}
        self._not_sent: Counter[tuple[str, str]] = Counter()
        self._unaskable: Counter[tuple[str, str]] = Counter()

    def add(self, model: Model, input_tokens: int, output_tokens: int, limit: int | None = None) -> None:
        """One call with its estimated tokens; ``limit`` is the most output it may have."""
        self._count[model.name] = self._count.get(model.name, 0) + 1
        self._input_tokens += input_tokens
        self._output_tokens += output_tokens
        longest = int(output_tokens * LONGER) + 1
        longest = max(min(limit, longest) if limit else longest, output_tokens)
        prices = [
            price_call(model, Usage(input_tokens=input_tokens, output_tokens=tokens), self._now)
            for tokens in (int(output_tokens * SHORTER), output_tokens, longest)
        ]
        costs = [price[0] for price in prices if price]
        if len(costs) < len(prices):
            self._spend[model.name] = None
            return
        self._low, self._point, self._high = self._low + costs[0], self._point + costs[1], self._high + costs[2]
        self._spend[model.name] = (self._spend.get(model.name) or 0.0) + costs[1]

    def leave_out(self, model: Model, obstacle: Obstacle) -> None:
        """One call that is not sent."""
        self._not_sent[model.name, obstacle.reason] += 1

    def shut_out(self, model: Model, why: str, calls: int = 1) -> None:
        """Calls to a model that can't be asked."""
        self._unaskable[model.name, why] += calls

    def count(self, model: Model) -> int:
        """Calls of a model that were added."""
        return self._count.get(model.name, 0)

    def quote(
        self, *, samples: int, calls: int, judge_calls: int, control_calls: int = 0, reused: int, lost: int = 0
    ) -> Quote:
        """The sum of what was added."""
        unpriced = tuple(sorted(name for name, dollars in self._spend.items() if dollars is None))
        return Quote(
            samples=samples,
            calls=calls,
            judge_calls=judge_calls,
            control_calls=control_calls,
            reused=reused,
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
            cost_usd=None if unpriced else Money(low=self._low, point=self._point, high=self._high),
            unpriced=unpriced,
            by_model=tuple((name, count, self._spend[name]) for name, count in self._count.items()),
            not_sent=tuple((name, reason, count) for (name, reason), count in self._not_sent.items()),
            unaskable=tuple((name, why, count) for (name, why), count in sorted(self._unaskable.items()) if count),
            lost=lost,
        )
