"""The budget of a run: what is in flight is reserved, so that the cap is never passed by more than one call a lane."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from advisor.catalog.prices import price_call
from advisor.measure.replay.calls import CHARACTERS_PER_TOKEN, Call
from advisor.types import Generation, Usage


@dataclass
class Budget:
    """Dollars; ``cap_usd`` None means no cap."""

    cap_usd: float | None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0
    in_flight: int = 0
    """Calls with a reservation."""

    def reserve(self, estimate_usd: float) -> bool:
        """Set an estimate aside before a call is made; False if it does not fit any more."""
        if self.cap_usd is not None and self.spent_usd + self.reserved_usd + estimate_usd > self.cap_usd:
            return False
        self.reserved_usd += estimate_usd
        self.in_flight += 1
        return True

    def settle(self, estimate_usd: float, cost_usd: float) -> None:
        """Replace an estimate by what the call cost."""
        self.in_flight -= 1
        self.reserved_usd = max(self.reserved_usd - estimate_usd, 0.0) if self.in_flight else 0.0
        self.spent_usd += cost_usd

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is in flight that may turn out cheaper than reserved."""
        return not self.in_flight


class LeasedBudget(Budget):
    """What one of several workers may spend: a lease, renewed with each of its beats."""

    def __init__(self, call: Callable[[], None]) -> None:
        """``call`` asks for a beat now."""
        super().__init__(cap_usd=None)
        self._call = call
        self._lock = threading.Lock()
        self._needed_usd = 0.0
        self._is_final = False

    def reserve(self, estimate_usd: float) -> bool:
        """As with a budget of one's own; False also where the lease has to be renewed first."""
        with self._lock:
            if super().reserve(estimate_usd):
                return True
            self._needed_usd = estimate_usd
        self._call()
        return False

    def settle(self, estimate_usd: float, cost_usd: float) -> None:
        """Replace an estimate by what the call cost."""
        with self._lock:
            super().settle(estimate_usd, cost_usd)

    def open_lease(self) -> tuple[float, float]:
        """What was spent or is set aside, and the estimate of a call that waits; nothing more is until the grant."""
        with self._lock:
            used, needed = self.spent_usd + self.reserved_usd, self._needed_usd
            self.cap_usd, self._needed_usd, self._is_final = used, 0.0, False
            return used, needed

    def grant(self, lease_usd: float | None, *, is_last_word: bool) -> None:
        """Go on with so many dollars more; None: without a cap. ``is_last_word``: nobody can give any back."""
        with self._lock:
            self.cap_usd = None if lease_usd is None else (self.cap_usd or 0.0) + lease_usd
            self._is_final = is_last_word

    @property
    def is_used_up(self) -> bool:
        """Whether neither a call in flight nor another worker can make room any more."""
        return self._is_final and not self.in_flight


def price_of(call: Call, usage: Usage) -> float | None:
    """Dollars of one call made now; None: unpriced."""
    priced = price_call(call.model, usage, datetime.now(UTC))
    return priced[0] if priced else None


def estimate_usd(call: Call) -> float:
    """What a call is likely to cost, known before it is made; 0 where it is not sent or has no price."""
    if call.obstacle is not None:
        return 0.0
    return price_of(call, Usage(input_tokens=call.input_tokens, output_tokens=call.output_tokens)) or 0.0


def likely_usd(call: Call, generation: Generation) -> float:
    """What a call took from the budget: its cost, or where its provider tells no usage what it is likely to have cost.

    A judge's reply that can't be read took time, and is paid each time it was asked for. 0 for a call that failed
    otherwise, or that has no price.
    """
    answer = generation.answer
    if generation.cost_usd is not None or generation.usage is not None:
        return generation.cost_usd or 0.0
    if answer is None:
        return min(generation.sending.attempts, 2) * estimate_usd(call) if generation.latency_s is not None else 0.0
    characters = len(answer.text or "") + sum(len(made.name) + len(made.arguments) for made in answer.tool_calls)
    output_tokens = max(int(characters / CHARACTERS_PER_TOKEN), 1)
    return price_of(call, Usage(input_tokens=call.input_tokens, output_tokens=output_tokens)) or 0.0
