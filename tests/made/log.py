"""Makes small logs for tests."""

import json
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
