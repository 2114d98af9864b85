"""Which of the tokens written to a cache are kept for an hour, as every tool tells it."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import kept_an_hour, read_usage, with_long_kept
from advisor.ingest.reading import read_log
from advisor.types import Sample, Usage
from tests.ingest.made_records import CLAUDE_MESSAGE, CLAUDE_REQUEST, CONVERSE, CONVERSED

SPLIT = {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 30}
WRITTEN = Usage(input_tokens=2, cache_write_tokens=40, output_tokens=1)


@pytest.mark.parametrize(
    "usage",
    [
        # Anthropic
        {"input_tokens": 2, "cache_creation_input_tokens": 40, "cache_creation": SPLIT, "output_tokens": 1},
        # LiteLLM
        {
            "prompt_tokens": 42, "completion_tokens": 1, "cache_creation_input_tokens": 40,
            "prompt_tokens_details": {"cache_creation_tokens": 40, "cache_creation_token_details": SPLIT},
        },
        # LangChain, which has 0 for the sum where it has the parts
        {"input_tokens": 42, "output_tokens": 1, "input_token_details": {"cache_creation": 0, **SPLIT}},
        # Bedrock's Converse
        {
            "inputTokens": 2, "cacheWriteInputTokens": 40, "outputTokens": 1,
            "cacheDetails": [{"inputTokens": 10, "ttl": "5m"}, {"inputTokens": 30, "ttl": "1h"}],
        },
    ],
)  # fmt: skip
def test_what_is_kept_for_an_hour_is_told_apart(usage: dict[str, Any]) -> None:
    found = read_usage(usage)
    assert found == with_long_kept(WRITTEN, 30)
    assert kept_an_hour(found) == 30


@pytest.mark.parametrize("split", [None, {}, "none", {"ephemeral_1h_input_tokens": None}, {**SPLIT, "x": 1}])
def test_without_writes_or_a_split_nothing_is_kept_for_an_hour(split: Any) -> None:
    usage = {"input_tokens": 2, "cache_creation_input_tokens": 0, "cache_creation": split, "output_tokens": 1}
    assert read_usage(usage) == Usage(input_tokens=2, output_tokens=1)
    assert kept_an_hour(None) == 0


def test_no_more_is_kept_for_an_hour_than_was_written() -> None:
    assert kept_an_hour(with_long_kept(WRITTEN, 400)) == 40


def test_a_claude_stream_and_a_bedrock_record_tell_it(tmp_path: Path) -> None:
    told = {"input_tokens": 2, "cache_creation_input_tokens": 40, "cache_creation": SPLIT, "output_tokens": 1}
    started = {"type": "message_start", "message": CLAUDE_MESSAGE | {"usage": told, "stop_reason": None}}
    ended = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
    stream = "".join(f"data: {json.dumps(event)}\n\n" for event in (started, ended))
    details = [{"inputTokens": 30, "ttl": "1h"}]
    usage = {"inputTokens": 2, "cacheWriteInputTokens": 40, "outputTokens": 1, "cacheDetails": details}
    bedrock = {
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": "2026-03-01T10:00:00Z",
        "requestId": "r-1", "operation": "Converse", "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "input": {"inputBodyJson": CONVERSE, "inputTokenCount": 2, "cacheWriteInputTokenCount": 40},
        "output": {"outputBodyJson": CONVERSED | {"usage": usage}, "outputTokenCount": 1},
    }  # fmt: skip
    for n, record in enumerate([{"request": CLAUDE_REQUEST, "response": stream}, bedrock]):
        path = tmp_path / f"{n}.jsonl"
        path.write_text(json.dumps(record) + "\n")
        [(_, sample)] = read_log(open_log(path))
        assert isinstance(sample, Sample)
        assert (
            sample.metered.usage and sample.metered.usage.cache_write_tokens,
            kept_an_hour(sample.metered.usage),
        ) == (
            40,
            30,
        )
