"""One step of a load test: which calls count, and when there are enough of them.

The first round of answers (one for each call in flight) is not counted. After it a step lasts until it has
three more rounds, 59 calls (fewer cannot bound a 95th percentile) and ten seconds, but no longer than a minute (if one
round is through), and no longer than twenty rounds or 200 calls, so that the price can be told before. What is still in
flight then is awaited and not counted.
"""

from dataclasses import dataclass, field

from advisor.analysis.load_test import MOST_FAILED, between, ladder
from advisor.types import Generation, JobPhase, Progress
from advisor.types.assessments import MIN_N_P95

LEAST_ROUNDS, LEAST_CALLS, LEAST_S = 3, MIN_N_P95, 10.0
MOST_ROUNDS, MOST_CALLS, MOST_S = 20, 200, 60.0


@dataclass
class Step:
    """What comes in while so many calls are kept in flight. Times by the monotonic clock."""

    concurrency: int
    answers: list[Generation] = field(default_factory=list)
    """Counted: the first round and what was still in flight at the end are not."""
    heard: int = 0
    opened_at: float | None = None
    """The first round was over."""
    closed_at: float | None = None
    lags_s: list[float] = field(default_factory=list)

    @property
    def least(self) -> int:
        """Calls to count before it may end."""
        return max(LEAST_CALLS, LEAST_ROUNDS * self.concurrency)

    @property
    def most(self) -> int:
        """Calls after which it ends."""
        return max(MOST_CALLS, MOST_ROUNDS * self.concurrency)

    @property
    def is_open(self) -> bool:
        """Whether what comes in is counted."""
        return self.opened_at is not None and self.closed_at is None

    @property
    def wall_s(self) -> float:
        """Seconds that were counted."""
        return (self.closed_at or 0.0) - (self.opened_at or 0.0)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        phase = JobPhase.WARMING_UP if self.opened_at is None else JobPhase.MEASURING
        return Progress(phase=phase, subject=str(self.concurrency), done=len(self.answers))

    def take(self, generation: Generation, now: float) -> None:
        """One call ended, well or not."""
        if self.closed_at is not None:
            return
        self.heard += 1
        if self.opened_at is None:
            self.opened_at = now if self.heard >= self.concurrency else None
            return
        if generation.failure is None or generation.failure.is_retryable:
            self.answers.append(generation)
        if self._is_enough(now - self.opened_at):
            self.closed_at = now

    def _is_enough(self, passed_s: float) -> bool:
        counted = self.heard - self.concurrency
        if sum(answer.failure is not None for answer in self.answers) > MOST_FAILED * self.most:
            return True  # too many, however well the rest goes
        if passed_s >= MOST_S:
            return counted >= self.concurrency
        return counted >= self.most or (counted >= self.least and passed_s >= LEAST_S)


def count_calls(max_concurrency: int) -> tuple[int, int]:
    """How many calls a load test makes, from first to last step: (if every step ends early, at most)."""
    rungs = ladder(max_concurrency)
    steps = [Step(rung) for rung in rungs]
    middle = between(rungs[-2], rungs[-1]) if len(rungs) > 1 else None
    last = [Step(middle)] if middle else []
    return (
        sum(step.least + 2 * step.concurrency for step in steps),
        sum(step.most + 2 * step.concurrency for step in [*steps, *last]),
    )
