"""What models answered: a support agent, and a model in an arena."""

import json
from pathlib import Path

LOGS = ("tau_bench_airline_gpt-4o.calls.jsonl", "arena_hard_v01_gpt-4-0613.jsonl")


def real_answers(logs: Path) -> list[str]:
    """The texts, some of them empty."""
    rows = [json.loads(line) for name in LOGS for line in (logs / name).read_text("utf-8").splitlines()]
    return [
        row["response"]["choices"][0]["message"].get("content") or ""
        if "response" in row
        else row["messages"][1]["content"]["answer"]
        for row in rows
    ]
