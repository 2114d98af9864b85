"""What load tools measured on a server of one's own, out of their result files: AIPerf, GuideLLM, `vllm bench serve`.

The names are those of AIPerf 0.13.0, GuideLLM 0.8.1 and vLLM 0.33.0.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from advisor.errors import BadInput
from advisor.money.demand import Throughput
from advisor.types import HostingSource, Message

LARGEST = 200_000_000
"""Bytes: GuideLLM's files hold every request."""


def read_throughput(content: bytes) -> Throughput:
    """Output tokens per second; of several runs in a file the highest. Raises BadInput."""
    if len(content) > LARGEST:
        raise BadInput(f"This file is larger than {LARGEST // 10**6} MB. Take the summary that the tool writes.")
    try:
        result = orjson.loads(content)
    except orjson.JSONDecodeError:
        result = None
    found = max(_rates(result), default=None) if isinstance(result, dict) else None
    if found is None:
        raise BadInput(
            "This file has no output tokens per second. Take profile_export_aiperf.json of AIPerf, benchmarks.json of "
            "GuideLLM, or the JSON result of `vllm bench serve`."
        )
    tokens_per_s, tool = found
    return Throughput(tokens_per_s, Message.of(HostingSource.LOAD_TOOL, tool=tool), True)


def _rates(result: Mapping[str, Any]) -> Iterator[tuple[float, str]]:
    """(tokens a second, tool) wherever a tool writes them."""
    found = [("vLLM bench", result.get("output_throughput"))]
    found.append(("AIPerf", _inside(result, "output_token_throughput", "avg")))
    runs = result.get("benchmarks")
    for run in runs if isinstance(runs, list) else ():
        found.append(("GuideLLM", _inside(run, "metrics", "output_tokens_per_second", "successful", "mean")))
    for tool, value in found:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
            yield float(value), tool


def _inside(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
