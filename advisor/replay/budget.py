"""The budget of a run: what is in flight is reserved, so that the cap is never passed by more than one call a lane."""

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
