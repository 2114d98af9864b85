"""Result files of load tools, in the shape that each writes."""

import json

import pytest

from advisor.errors import BadInput
from advisor.money.load_results import read_throughput


def guidellm(*means: float) -> dict[str, object]:
    runs = [{"metrics": {"output_tokens_per_second": {"successful": {"mean": mean, "median": 1.0}}}} for mean in means]
    return {"metadata": {"version": 1}, "benchmarks": runs}


@pytest.mark.parametrize(
    ("result", "tool", "tokens_per_s"),
    [
        (
            {"output_token_throughput": {"unit": "tokens/sec", "avg": 812.5}, "aiperf_version": "0.13.0"},
            "AIPerf",
            812.5,
        ),
        (guidellm(301.0, 977.25, 640.0), "GuideLLM", 977.25),
        ({"backend": "vllm", "completed": 100, "output_throughput": 1204, "max_concurrency": 32}, "vLLM bench", 1204.0),
    ],
)
def test_a_result_is_read(result: dict[str, object], tool: str, tokens_per_s: float) -> None:
    read = read_throughput(json.dumps(result).encode())
    assert (read.tokens_per_s, read.source.values["tool"], read.is_measured) == (tokens_per_s, tool, True)


@pytest.mark.parametrize(
    "content",
    [b"", b"[1]", b"not JSON", b'{"output_throughput": 0}', b'{"output_throughput": "12"}', b'{"benchmarks": [1, {}]}'],
)
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        read_throughput(content)
