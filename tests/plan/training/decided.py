"""A study with a use case that is just short of a move: conversations, near-duplicates, addresses, wrong answers."""

import random
from pathlib import Path
from typing import Any, TypeAlias

from advisor.decide.decisions import decide
from advisor.store import Store
from advisor.types import Lane, Report, Role, Study
from tests.made.log import LABELS, call
from tests.made.run import replayed

WORDS = [f"{a}{b}{c}" for a in ("lo", "mi", "ra", "te") for b in ("ban", "cor", "dus") for c in ("el", "um", "ix")]
SYSTEM = (
    "You sort incoming tickets of a help desk. Answer with one word: billing, bug or other. Never explain yourself."
)
CALLS, SAMPLE = 360, 120


def ticket(n: int) -> str:
    """Every fifth is the one before with two words changed; every seventh holds an address."""
    base = n - 1 if n % 5 == 0 and n else n
    words = random.Random(base).choices(WORDS, k=40)
    if base != n:
        words[3], words[20] = "changed", "here"
    if n % 7 == 0:
        words[10] = f"jane.doe{n}@acme-mail.com"
    return " ".join(words)


def row(n: int) -> dict[str, Any]:
    """A third of the calls are turns of conversations of three; of recorded answers every ninth is wrong."""
    right = LABELS[n % 3]
    chat = [{"role": "user", "content": ticket(n)}]
    more: dict[str, Any] = {"metadata": {"use_case": "Triage"}}
    if n % 9 < 3:
        first = n - n % 9
        chat = [
            message
            for turn in range(first, n + 1)
            for message in (
                {"role": "user", "content": ticket(turn)},
                {"role": "assistant", "content": LABELS[turn % 3]},
            )
        ][:-1]
        more["metadata"]["session_id"] = f"chat {first}"
    made = call(n, answer="other" if n % 9 == 4 else right, target=right, **more)
    made["request"]["messages"] = [{"role": "system", "content": SYSTEM}, *chat]
    return made


NUMBERS = {ticket(n): n for n in range(CALLS)}


def candidate(body: Any) -> str:
    """Wrong on every tenth ticket."""
    n = NUMBERS.get(body["messages"][-1]["content"], 0)  # else the probe
    return LABELS[(n + (n % 10 == 3)) % 3]


Decided: TypeAlias = tuple[Store, Study, Report]


def decided_study(folder: Path) -> Decided:
    """Decided on a third of its calls."""
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    rows = [row(n) for n in range(CALLS)]
    study, run, _ = replayed(
        store, folder, rows, {"open": Role.CANDIDATE}, {"open": candidate}, baseline=Lane.RECORDED, sample_size=SAMPLE
    )
    return store, study, decide(store, study, run=run)
