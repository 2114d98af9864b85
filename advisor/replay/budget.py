"""The budget of a run: what is in flight is reserved, so that the cap is never passed by more than one call a lane."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


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

    def settle(self, estimate_usd: float, cost_usd: float | None) -> None:
        """Replace an estimate by what the call cost."""
        self.in_flight -= 1
        self.reserved_usd = max(self.reserved_usd - estimate_usd, 0.0) if self.in_flight else 0.0
        self.spent_usd += cost_usd or 0.0

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is in flight that may turn out cheaper than reserved."""
        return not self.in_flight


class LeasedBudget(Budget):
    """What one of several workers may spend: a lease, granted anew with each of its beats."""

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

    def settle(self, estimate_usd: float, cost_usd: float | None) -> None:
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
