"""promptfoo's files of every kind give the same calls; grades are never taken for failures."""

import json
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Reference, Rejection, Sample, ToolCall, Usage

SYSTEM = "You sort tickets of a workshop. Answer with JSON {label, confidence}."


def read(path: Path) -> list[Sample]:
    log = open_log(path)
    assert log.format == "promptfoo"
    rows = list(read_log(log))
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    assert not [item for _, item in rows if isinstance(item, Rejection)]
    return [item for _, item in rows if isinstance(item, Sample)]


def write(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def result(**more: object) -> dict[str, object]:
    return {
        "prompt": {"raw": "Classify: refund", "label": "classify"}, "vars": {"ticket": "refund"}, "success": True,
        "provider": {"id": "openai:chat:gpt-4o-mini", "label": ""}, "response": {"output": "refund"},
        "failureReason": 0, "testCase": {},
    } | more  # fmt: skip


def one(tmp_path: Path, **more: object) -> Sample:
    (sample,) = read(write(tmp_path / "one.jsonl", json.dumps(result(**more))))
    return sample


@pytest.mark.parametrize("name", ["promptfoo_results.json", "promptfoo_results.jsonl"])
def test_samples(fixtures: Path, name: str) -> None:
    samples = read(fixtures / "samples" / name)
    assert len(samples) == 8
    first, second = samples[0], samples[1]
    assert first.request.messages == [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "The brake squeaks, ticket #77."},
    ]
    assert first.answer is not None
    assert json.loads(str(first.answer.text)) == {"label": "repair", "confidence": 0.9}
    assert first.answer.finish_reason == "stop"
    assert first.metered.usage == Usage(input_tokens=52, output_tokens=9)
    assert (first.metered.cost_usd, first.metered.latency_s) == (1.32e-05, 0.087)
    assert (first.model, first.use_case) == ("gpt-4o-mini", "chat.json")
    assert first.ids.external_id == "00000000-0000-4000-8000-000000000f01"
    assert second.use_case == "sort-plain"
    assert second.request.messages[0]["content"].startswith("Sort this ticket into repair")
    failed = [sample for sample in samples if sample.error]
    assert len(failed) == 1
    assert failed[0].error == (
        "RateLimitExhaustedError: Rate limit exceeded for openai:chat:gpt-4o-mini after 4 attempts"
    )
    assert (
        failed[0].answer is failed[0].metered.usage is failed[0].metered.cost_usd is failed[0].metered.latency_s is None
    )
    assert failed[0].not_replayable is None
    assert not any(sample.reference for sample in samples), "contains is no right answer"


def test_the_file_knows_more_than_the_lines(fixtures: Path) -> None:
    samples = read(fixtures / "samples" / "promptfoo_results.json")
    assert {json.dumps(sample.request.params) for sample in samples} == {'{"temperature": 0, "max_tokens": 50}'}
    assert all(sample.metered.at and sample.metered.at.year == 2026 for sample in samples)


def test_the_table(fixtures: Path) -> None:
    samples = read(fixtures / "samples" / "promptfoo_results.csv")
    assert len(samples) == 8, "four tests, two prompts"
    named, filled = samples[0::2], samples[1::2]
    assert all("only the name of the prompt" in str(sample.not_replayable) for sample in named)
    assert {sample.answer.text for sample in named if sample.answer} == {"repair"}
    assert {sample.use_case for sample in named} == {"sort-plain"}
    assert filled[2].request.messages == [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": 'What is the "lock fee" on my bill?'},
    ]
    assert [sample.not_replayable for sample in filled] == [None] * 4
    assert [bool(sample.error) for sample in filled] == [False, False, False, True]
    assert {sample.model for sample in samples} == {"gpt-4o-mini"}


def test_the_table_of_older_versions(tmp_path: Path) -> None:
    rows = (
        'name,lang,[openai:gpt-4] Say {{name}} in {{lang}},"[anthropic:claude] {{name | upper}}"\n'
        '"it\'s me",fr,"[PASS] (1.00)\n\nc\'est moi\n\nPass Reason: All passed","[FAIL] (0.00, tone: 0.20)\n\n'
        'no\nway\n\nFail Reason: too short"\n'
        'Ann,de,"[ERROR] (0.00)\n\nAPI error: 429","[PASS] (1.00)\n\nANN"\n'
    )
    samples = read(write(tmp_path / "old.csv", rows))
    assert len(samples) == 4
    assert samples[0].request.messages == [{"role": "user", "content": "Say it's me in fr"}]
    assert [sample.answer and sample.answer.text for sample in samples] == ["c'est moi", "no\nway", None, "ANN"]
    assert samples[2].error == "API error: 429"
    assert "template" in str(samples[1].not_replayable)
    assert samples[1].error is None
    assert samples[0].model == "gpt-4"


def test_a_table_of_ones_own_with_a_status_is_none_of_promptfoo(tmp_path: Path) -> None:
    path = write(tmp_path / "own.csv", "prompt,response,Status,Score,[a] b\nHi,Hello,PASS,1,x\n")
    log = open_log(path)
    assert log.format == "table"
    ((_, sample),) = read_log(log)
    assert isinstance(sample, Sample)


def test_version_2_with_a_list_and_with_a_table_only(tmp_path: Path) -> None:
    old = {
        "prompt": {"raw": "Say hi", "display": "greet"}, "vars": {}, "provider": {"id": "openai:gpt-4"}, "score": 0,
        "success": False, "latencyMs": 300, "error": "Expected output to contain \"hello\"", "cost": 0.002,
        "response": {"output": "hi", "tokenUsage": {"total": 9, "prompt": 7, "completion": 2}},
        "gradingResult": {"pass": False},
    }  # fmt: skip
    failed = old | {"error": "API error: 500", "response": None, "gradingResult": None}
    results = {"version": 2, "results": [old, failed], "stats": {"successes": 0}, "table": {"head": {}, "body": []}}
    file = {"results": results, "config": {"providers": ["openai:gpt-4"], "description": "x"}, "shareableUrl": None}
    first, second = read(write(tmp_path / "v2.json", file))
    assert first.error is None, "an assertion failed, not the call"
    assert first.answer is not None
    assert (first.model, first.metered.latency_s, first.metered.cost_usd, first.use_case) == (
        "gpt-4",
        0.3,
        0.002,
        "greet",
    )
    assert second.error == "API error: 500"
    output = {"text": "hi", "prompt": "Say hi to Ann", "provider": "openai:gpt-4", "pass": True, "latencyMs": 200,
              "tokenUsage": {"prompt": 3, "completion": 1}, "cost": 0, "score": 1}  # fmt: skip
    table = {
        "head": {"vars": ["name"], "prompts": []},
        "body": [{"vars": ["Ann"], "outputs": [output, output], "test": {}}],
    }
    only = {"version": 2, "results": [], "stats": {}, "table": table}
    samples = read(write(tmp_path / "table.json", only))
    assert len(samples) == 2
    assert samples[0].request.messages == [{"role": "user", "content": "Say hi to Ann"}]
    assert samples[0].metered.usage == Usage(input_tokens=3, output_tokens=1)
    assert samples[0].metered.cost_usd is None


def test_answers_out_of_the_cache_cost_nothing_and_take_no_time(tmp_path: Path) -> None:
    response = {"output": "x", "cached": True, "tokenUsage": {"cached": 61, "total": 61}}
    sample = one(tmp_path, response=response, latencyMs=2, cost=0.01)
    assert (sample.metered.latency_s, sample.metered.cost_usd, sample.metered.usage) == (None, None, None)
    assert sample.answer is not None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain text", [{"role": "user", "content": "plain text"}]),
        ('{"messages": [{"role": "user", "content": "in an object"}]}', [{"role": "user", "content": "in an object"}]),
        ("- role: system\n  content: Be kind\n- role: user\n  content: |\n    Hi\n    there\n",
         [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi\nthere\n"}]),
        ("- role: user\n  content: &a x\n- role: user\n  content: *a\n", None),
        ("- role: [broken", None),
        ('{"label": "json that is no message"}', None),
        ("[1, 2]", None),
    ],
)  # fmt: skip
def test_prompts(tmp_path: Path, raw: str, expected: object) -> None:
    sample = one(tmp_path, prompt={"raw": raw, "label": raw})
    assert sample.request.messages == (expected or [{"role": "user", "content": raw}])
    assert sample.use_case is None, "the prompt itself is no name"


@pytest.mark.parametrize(
    ("asserts", "expected"),
    [
        ([{"type": "equals", "value": "refund"}], Reference("refund")),
        ([{"type": "contains", "value": "re"}, {"type": "equals", "value": {"a": 1}}], Reference({"a": 1})),
        ([{"type": "equals", "value": "{{ticket}}"}], Reference("refund")),
        ([{"type": "equals", "value": "{{ other }}"}], None),
        ([{"type": "equals", "value": "file://answer.txt"}], None),
        (
            [{"type": "not-equals", "value": "x"}, {"type": "is-json"}, {"type": "llm-rubric", "value": "x"}],
            None,
        ),
        (None, None),
    ],
)
def test_only_equality_tells_the_right_answer(tmp_path: Path, asserts: object, expected: object) -> None:
    sample = one(tmp_path, testCase={"assert": asserts})
    assert sample.reference == expected


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai:gpt-4o", "gpt-4o"),
        ({"id": "openai:responses:gpt-5"}, "gpt-5"),
        ({"id": "bedrock:anthropic.claude-3-sonnet-20240229-v1:0"}, "anthropic.claude-3-sonnet-20240229-v1:0"),
        ({"id": "openrouter:meta-llama/llama-3:free"}, "meta-llama/llama-3:free"),
        ({"id": "anthropic:messages:claude-sonnet-4", "label": "mine"}, "claude-sonnet-4"),
        ({"id": "file://provider.js", "label": "gpt-4o-mini"}, "gpt-4o-mini"),
        ({"id": "https://example.com/api"}, "https://example.com/api"),
        ({"label": "only a label"}, "only a label"),
    ],
)
def test_models(tmp_path: Path, provider: object, model: str) -> None:
    assert one(tmp_path, provider=provider).model == model


def test_other_kinds_of_models_are_no_calls(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", json.dumps(result(provider={"id": "openai:embedding:text-embedding-3-small"})))
    ((_, rejection),) = read_log(open_log(path))
    assert isinstance(rejection, Rejection)
    assert "embedding" in rejection.reason


def test_tool_calls_and_tools(tmp_path: Path) -> None:
    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    sample = one(tmp_path, response={"output": calls}, prompt={"raw": "Hi", "config": {"tools": tools, "apiKey": "x"}})
    assert sample.answer is not None
    assert sample.answer.tool_calls == (ToolCall(name="f", arguments='{"x":1}'),)
    assert sample.answer.text is None
    assert sample.request.params == {"tools": tools}
    elsewhere = one(tmp_path, prompt={"raw": "Hi", "config": {"tools": "file://tools.json"}})
    assert "tools is in another file" in str(elsewhere.not_replayable)


def test_labels_and_sessions(tmp_path: Path) -> None:
    sample = one(tmp_path, testCase={"metadata": {"feature": "returns"}}, metadata={"sessionId": "s1"})
    assert (sample.use_case, sample.ids.session) == ("returns", "s1")


def test_usage_with_reasoning_and_cache(tmp_path: Path) -> None:
    usage = {"prompt": 100, "completion": 50, "total": 150,
             "completionDetails": {"reasoning": 30, "cacheReadInputTokens": 40}}  # fmt: skip
    sample = one(tmp_path, response={"output": "x", "tokenUsage": usage})
    assert sample.metered.usage == Usage(input_tokens=60, cache_read_tokens=40, output_tokens=50, reasoning_tokens=30)
