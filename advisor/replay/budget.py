"""The budget of a run: what is in flight is reserved, so that the cap is never passed by more than one call a lane."""

from dataclasses import dataclass


@dataclass
class Budget:
    """Dollars; ``cap_usd`` None means no cap."""

    cap_usd: float | None
    spent_usd: float = 0.0
    reserved_usd: float = 0.0

    def reserve(self, estimate_usd: float) -> bool:
        """Set an estimate aside before a call is made; False if it does not fit any more."""
        if self.cap_usd is not None and self.spent_usd + self.reserved_usd + estimate_usd > self.cap_usd:
            return False
        self.reserved_usd += estimate_usd
        return True

    def settle(self, estimate_usd: float, cost_usd: float | None) -> None:
        """Replace an estimate by what the call cost."""
        self.reserved_usd -= estimate_usd
        self.spent_usd += cost_usd or 0.0
