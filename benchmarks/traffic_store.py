"""Fills a store with made traffic, to look at pages with many calls: python -m benchmarks.traffic_store URL CALLS."""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np

from advisor.collect.grouping import group_study
from advisor.store import Store
from advisor.store.log.imports import BATCH, LogWriter, complete_logs
from advisor.store.log.traffic import roll_up
from advisor.store.studies import create_study
from advisor.types import GroupKey, Kind, NewSample, PriceOrigin, PriceSource, stored_time

DAYS = 60
BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
NAMES = ("Triage", "Replies", "Summaries", "Extraction", "Search", "Translation")
MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5")
SOURCE = PriceSource(origin=PriceOrigin.GENAI_PRICES)
TEXT = '{"messages":[{"role":"user","content":"Hello"}],"params":{}}'


def fill(store: Store, calls: int, *, seed: int = 1) -> int:
    """A study with so many calls in office hours, a nightly job, conversations and repeats; returns its id."""
    study = create_study(store, f"{calls:,} calls")
    writer = LogWriter(store, study.id, name="made.jsonl", format="openai_chat", redacted=False)
    made = _samples(calls, np.random.default_rng(seed))
    while batch := list(islice(made, 4 * BATCH)):
        writer.add(batch)
    writer.finish(rows=calls, accepted=calls, rejected=0, duplicates=0, not_replayable=0, redactions={})
    group_study(store, study.id)
    roll_up(store, [writer.log_id])
    complete_logs(store, study.id, [writer.log_id], traffic_share=0.25)
    return study.id


def _samples(calls: int, rng: np.random.Generator) -> Iterator[NewSample]:
    hours = np.clip(rng.normal(13, 3.5, calls), 0, 23.99)
    seconds = rng.integers(0, DAYS, calls) * 86_400 + hours * 3600
    latency = rng.lognormal(0.3, 0.6, calls)
    cases, models = rng.integers(0, len(NAMES), calls), rng.choice(len(MODELS), calls, p=(0.6, 0.3, 0.1))
    requests = rng.integers(0, max(calls * 9 // 10, 1), calls)
    failed = rng.random(calls) < 0.01
    for n in range(calls):
        tokens = (900 + n % 700, 200 * (n % 3), 0, 40 + n % 200, 0)
        yield NewSample(
            digest=hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest(),  # spread, as digests are
            group=GroupKey(NAMES[cases[n]], "", Kind.CHAT),
            facts=(
                f"{requests[n]:064x}",
                f"{requests[n] // 2:016x}",
                f"id-{n}",
                f"session-{n // 4}" if n % 3 == 0 else None,
                MODELS[models[n]],
                *(tokens if not failed[n] else (None,) * 5),
                None,
                None if failed[n] else 0.004,
                None if failed[n] else SOURCE.code,
                float(latency[n]),
                None,
                stored_time(BEGIN + timedelta(seconds=float(seconds[n]))),
                not failed[n],
                False,
                "HTTP 500: overloaded" if failed[n] else None,
                None,
            ),
            request=TEXT,
            answer='{"text":"Hello","tool_calls":[],"finish_reason":"stop"}',
            target="null",
        )


if __name__ == "__main__":
    fill(Store(sys.argv[1]), int(sys.argv[2]))
