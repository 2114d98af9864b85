"""What a call took, in whichever object beside its texts it lies."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table

USAGE = {"input_tokens": 49, "output_tokens": 4}


@pytest.mark.parametrize("facts", [
    {"model": "gpt-4o", "usage": {**USAGE, "total_tokens": 53, "latency_ms": 4857}},
    {"usage": {**USAGE, "model": "gpt-4o", "duration_s": 4.857}},
    {"model": "gpt-4o", "usage": {"in_tok": 49, "out_tok": 4, "ms": 4857}},
    {"llm": {"name": "gpt-4o"}, "metrics": {"latency": {"total_ms": 4857}, "tokens": {"in": 49, "out": 4}}},
    {"model": {"name": "gpt-4o"}, "timing": {"elapsed": {"value": 4857}}, "tokens": {"prompt": 49, "completion": 4}},
    {"model": None, "latency_ms": None, "meta": {"model": "gpt-4o", "latency_ms": 4857, "usage": USAGE}},
    {"config": {"model": {"id": "gpt-4o"}}, "meta": {"took_ms": 4857, "usage": USAGE}},
    {"modello": "gpt-4o", "secondi": 4.857, "token_usati": {"input": 49, "output": 4}},
    {"model": "gpt-4o", "usage": {"prompt_tokens": 49, "completion_tokens": 4, "prompt_time": 1, "total_time": 4.857}},
    {"model": "gpt-4o", "latency": 4.857, "usage": {"in": 49, "out": 4, "prompt_cost": 0.01, "completion_ms": 800}},
])  # fmt: skip
def test_model_tokens_and_latency(tmp_path: Path, facts: dict[str, Any]) -> None:
    log = [{"inputs": {"frage": asked}, "outputs": {"antwort": said}, **facts} for asked, said in PAIRS]
    for call in calls_in(tmp_path / "a.json", json.dumps({"traces": log})):
        usage = call.metered.usage
        assert usage is not None
        assert (call.model, usage.input_tokens, usage.output_tokens) == ("gpt-4o", 49, 4)
        assert call.metered.latency_s == pytest.approx(4.857)


@pytest.mark.parametrize(("sent", "taken"), [
    *((f"{a}_{unit}", f"{b}_{unit}") for a, b in [("input", "output"), ("prompt", "completion")] for unit in (
        "ms", "ns", "chars", "words", "credits", "bytes", "images", "audio", "rate", "cents", "characters")),
    ("prompt_eval_ns", "eval_ns"), ("prompt_time", "completion_time"), ("prompt_time_ms", "queue_time_ms"),
])  # fmt: skip
@pytest.mark.parametrize("names", [("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")])
def test_what_an_object_of_counts_holds_beside_them(
    tmp_path: Path, names: tuple[str, str], sent: str, taken: str
) -> None:
    usage = {sent: 40, taken: 900, names[0]: 9, names[1]: 20}
    log = [{"question": asked, "answer": said, "model": "gpt-4o", "usage": usage} for asked, said in PAIRS]
    for call in calls_in(tmp_path / "a.json", json.dumps(log)):
        counts = call.metered.usage
        assert counts is not None
        assert (counts.input_tokens, counts.output_tokens, call.metered.latency_s) == (9, 20, None)


def test_metadata_of_the_response_in_a_cell(tmp_path: Path) -> None:
    told = json.dumps({"model_name": "gpt-4o", "elapsed_ms": 812, "token_usage": {"prompt_tokens": 9}})
    log = [{"query": asked, "reply": said, "response_metadata": told} for asked, said in PAIRS]
    assert {(call.model, call.metered.latency_s) for call in table(tmp_path / "a.csv", log)} == {("gpt-4o", 0.812)}


def test_ids_of_conversations_and_users_in_objects(tmp_path: Path) -> None:
    log = [
        {"session": {"id": f"s{at // 2}"}, "user": {"id": f"u{at}"}, "input": asked, "output": said}
        for at, (asked, said) in enumerate(PAIRS)
    ]
    found = calls_in(tmp_path / "a.json", json.dumps(log))
    assert [call.ids.session for call in found] == ["s0", "s0", "s1", "s1"]
