"""Makes small logs for tests."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

LABELS = ("billing", "bug", "other")


def write_log(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A JSONL file of these rows."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def call(n: int, prompt: str | None = None, answer: str = "billing", **more: Any) -> dict[str, Any]:
    """One logged call with usage, time and a use case."""
    return {
        "timestamp": f"2026-11-{1 + n % 20:02d}T10:{n % 60:02d}:00Z",
        "latency_ms": 300 + n,
        "request": {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": prompt or f"Question {n}?"}],
            "max_tokens": 20,
        },
        "response": {
            "id": f"chatcmpl-{n}",
            "model": "gpt-4o",
            "choices": [{"message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 5},
        },
        "metadata": {"use_case": "Triage"},
        **more,
    }


TASKS: dict[str, tuple[str, str, tuple[str, ...], int]] = {
    "triage": (
        "gpt-4o-2024-08-06",
        "You sort incoming tickets of a help desk. Answer with one word: billing, bug, access or other.",
        ("billing", "bug", "access", "other"),
        40,
    ),
    "sentiment": (
        "gpt-4o-mini",
        "Rate the mood of the customer review. Reply only with positive, negative or neutral.",
        ("positive", "negative", "neutral"),
        25,
    ),
    "invoice": (
        "gpt-4o-2024-08-06",
        'Extract the invoice as JSON with the keys "number", "total" and "currency". Return nothing else.',
        ('{{"number": "INV-{n}", "total": {n}.50, "currency": "EUR"}}',),
        20,
    ),
    "reply": (
        "gpt-4o-2024-08-06",
        "Write a friendly reply to the customer's message, at most 60 words, in the name of Fernwick Desk.",
        ("Thanks for writing about order {n}. We have looked at it and a new part leaves us tomorrow, for free.",),
        15,
    ),
}
"""Use case -> model, system prompt, answers, and how many of a hundred calls."""
ISSUES = (
    "the printer on floor {n} is out of paper again and nobody can open tray two",
    "I was charged twice for order {n} and would like one payment back",
    "since the update the export of report {n} stops at half and shows a blank page",
    "my colleague from office {n} left and I need to get into her shared folder",
    "great service, parcel {n} came a day early and was packed with care",
    "we wait for delivery {n} since last week and the hotline hangs up on us",
)


def desk_log(path: Path, *, calls: int = 1_200, days: float = 2.0, tokens: int = 1_800) -> Path:
    """A help desk's log without labels: four use cases, two models, so many input tokens a call."""
    names = [name for name, (*_, share) in TASKS.items() for _ in range(share)]
    start, rows = datetime(2026, 11, 2, 7, tzinfo=UTC), []
    for n in range(calls):
        model, system, answers, _ = TASKS[names[n * 37 % len(names)]]
        issue = ISSUES[n % len(ISSUES)].format(n=n)
        answer = answers[n % len(answers)].format(n=n)
        rows.append(call(n, issue, answer, timestamp=(start + timedelta(days=days * n / calls)).isoformat()))
        rows[-1]["latency_ms"] = 700 + n * 17 % 900
        messages = [{"role": "system", "content": system}, {"role": "user", "content": issue}]
        rows[-1]["request"] |= {"model": model, "messages": messages, "max_tokens": 200}
        rows[-1]["response"] |= {"model": model, "usage": {"prompt_tokens": tokens, "completion_tokens": 40}}
        del rows[-1]["metadata"]
    return write_log(path, rows)
