"""One run that is killed at random moments and resumed, with what became of its calls."""

import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.measure.replay.witness import Asked, Name, Scene, Witness, finish, kill
from tests.waiting import wait_until

CALLS = 60
"""To each of two models."""
LAST_S = 0.05
"""How long an answer may wait for its commit."""


@dataclass
class Kill:
    """What one kill destroyed."""

    stored: int
    """Calls that had an answer by then."""
    in_flight: int = 0
    """Calls that had been asked and not been answered."""
    last: int = 0
    """Calls that had been answered within the 50 ms before it, and were not stored."""
    older: int = 0
    """Calls that had been answered before that, and were not stored: there should be none."""
    oldest_s: float = 0.0
    """How long before the kill the oldest of them was answered."""


@dataclass
class Survival:
    """What became of a run."""

    seed: int
    slots: int
    printed: dict[str, Any]
    """By the command that ended it."""
    planned: int
    stored: dict[Name, Asked]
    asked: list[Asked]
    kills: list[Kill] = field(default_factory=list)
    asked_although_stored: list[Name] = field(default_factory=list)

    @property
    def asked_twice(self) -> int:
        """Requests beyond the first of each call."""
        return len(self.asked) - len({each.name for each in self.asked})

    @property
    def lost(self) -> int:
        """What kills destroyed: in flight, and answered but not stored."""
        return sum(each.in_flight + each.last + each.older for each in self.kills)

    @property
    def stored_usd(self) -> float:
        """What the server took for the answers that are stored."""
        return sum(each.cost_usd for each in self.stored.values())


def survive(folder: Path, seed: int, *, kills: int | None = None) -> Survival:
    """Replay, kill at random moments (one to three times unless told), resume to the end."""
    chance = random.Random(seed)
    concurrency, stream = chance.choice((2, 4, 8)), chance.choice(("--stream", "--no-stream"))
    setup = ("--sample", str(CALLS), "--concurrency", str(concurrency), stream)
    destroyed: list[Kill] = []
    again: list[Name] = []
    stored: dict[Name, Asked] = {}
    with Witness(delay_s=chance.choice((0.02, 0.05, 0.1))) as server:
        scene = Scene(folder, server, calls=CALLS)
        for left in reversed(range(kills or chance.randint(1, 3))):
            begun = len(server.asked)
            share = chance.uniform(0, 1 / (left + 1))
            process = scene.replay(*setup)
            at = _kill_at(
                process, server, begun + int(share * (2 * CALLS - len(stored))), chance.uniform(0, LAST_S * 2)
            )
            again += [each.name for each in server.asked[begun:] if each.name in stored]
            stored = scene.stored()
            destroyed.append(_destroyed(server.asked[begun:], stored, at))
        begun = len(server.asked)
        printed = finish(scene.replay(*setup))
        again += [each.name for each in server.asked[begun:] if each.name in stored]
        stored = scene.stored()
        scene.store.close()
    return Survival(
        seed=seed,
        slots=2 * concurrency,
        printed=printed,
        planned=2 * CALLS,
        stored=stored,
        asked=server.asked,
        kills=destroyed,
        asked_although_stored=again,
    )


def _kill_at(process: subprocess.Popen[str], server: Witness, asked: int, then_s: float) -> float:
    """Kill a process some time after so many calls were asked."""
    wait_until(lambda: len(server.asked) >= asked, process)
    time.sleep(then_s)
    return kill(process)


def _destroyed(asked: list[Asked], stored: dict[Name, Asked], at: float) -> Kill:
    destroyed = Kill(stored=len(stored))
    for each in asked:
        if each.name in stored:
            continue
        if each.answered_at is None or each.answered_at >= at:
            destroyed.in_flight += 1
            continue
        age_s = at - each.answered_at
        destroyed.oldest_s = max(destroyed.oldest_s, age_s)
        destroyed.last += age_s <= LAST_S
        destroyed.older += age_s > LAST_S
    assert max(Counter(each.name for each in asked).values(), default=1) == 1, "one process asks each call once"
    return destroyed
