"""How fast a large log is imported: megabytes a second, the ratio to only parsing it, and memory.

``ADVISOR_BENCH_CALLS`` sets the size; 500,000 calls are 1 GB.
"""

import os
import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.store import Store

CALLS = int(os.environ.get("ADVISOR_BENCH_CALLS", "100000"))
SYSTEMS = (
    "You are a support agent. Classify the ticket into one of the labels refund, shipping, billing, other.",
    "You summarise meeting notes for managers in three bullet points.",
    "Extract invoice number, amount and due date as JSON from the text.",
    "You draft polite replies for the sales team.",
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls of 2.1 kB, four use cases, no two alike."""
    path = tmp_path_factory.mktemp("import") / "log.jsonl"
    with path.open("wb") as file:
        for call in _calls():
            file.write(orjson.dumps(call) + b"\n")
    return path


@pytest.mark.parametrize("redact", [False, True])
def test_import(log: Path, tmp_path: Path, redact: bool) -> None:
    size = log.stat().st_size / 1e6
    started = time.perf_counter()
    with log.open("rb") as lines:
        for line in lines:
            orjson.loads(line)
    parsed_s = time.perf_counter() - started
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    started = time.perf_counter()
    report = import_logs(store, "S", [log], ImportOptions(redact=redact))
    took_s = time.perf_counter() - started
    store.close()
    assert report.counts.accepted == CALLS
    own, others = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        f"\n{'redacted' if redact else 'as it is'}: {size:,.0f} MB in {took_s:.1f} s = {size / took_s:.0f} MB/s, "
        f"{took_s / parsed_s:.1f} x parsing alone; most memory {own:,.0f} MB here, {others:,.0f} MB in another process"
    )


def _calls() -> Iterator[dict[str, object]]:
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9))) for _ in range(3000)]
    first = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(CALLS):
        messages = [
            {"role": "system", "content": SYSTEMS[n % len(SYSTEMS)]},
            {"role": "user", "content": " ".join(draw.choices(words, k=150))},
        ]
        answer = {"role": "assistant", "content": " ".join(draw.choices(words, k=75)), "refusal": None}
        yield {
            "timestamp": (first + timedelta(seconds=5 * n)).isoformat(),
            "latency_ms": draw.randint(200, 3000),
            "request": {"model": "gpt-4o", "messages": messages, "temperature": 0.2},
            "response": {
                "id": f"chatcmpl-{n:020d}",
                "object": "chat.completion",
                "model": "gpt-4o-2024-08-06",
                "choices": [{"index": 0, "message": answer, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 200 + n % 7, "completion_tokens": 100, "total_tokens": 300 + n % 7},
            },
        }
