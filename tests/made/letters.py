"""Letters to customers with texts of their own, and a judge that sees no difference between two of them."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.made.log import call
from tests.made.run import asked, verdict
from tests.server import Body

START = datetime(2026, 3, 2, tzinfo=UTC)


WORDS = [f"{a}{b}" for a in ("lo", "mi", "ra", "te", "su") for b in ("ban", "cor", "dus", "fel", "gan", "hol")]


NONSENSE = "the careful reader will find that every matter has two sides and that both of them deserve patience " * 2


def when(n: int) -> str:
    return (START + timedelta(hours=n)).isoformat()


def number_of(body: Body) -> int:
    return int(asked(body).split()[2])


def text_for(n: int, who: str) -> str:
    """An answer of forty words of its own."""
    return " ".join(random.Random(f"{who} {n}").choices(WORDS, k=40))


def letters(count: int) -> list[dict[str, Any]]:
    return [call(n, f"Answer customer {n} kindly.", text_for(n, "log"), timestamp=when(n)) for n in range(count)]


def coin(body: Body) -> str:
    """A judge that sees no difference, in either order, and no refusal."""
    if "ANSWER A" not in asked(body):
        return json.dumps({"claims": [], "refusal": "answered"})
    return verdict("tie")
