"""One prompt with the answers of several models: a call of each, with what that model took."""

from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.homemade.nested import look_within
from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, talk

MODELS = ("gpt-4o", "vicuna-13b")
KNOWN = ("gpt-4o", "claude-3-haiku")


def expected(models: tuple[str, str]) -> list[tuple[Any, ...]]:
    return [
        (asked, said if place == 0 else f"Sure. {said}", model, (place + 1) / 10)
        for asked, said in PAIRS
        for place, model in enumerate(models)
    ]


@pytest.mark.parametrize(("model", "answer", "latency"), [
    ("model_{}", "response_{}", "latency_ms_{}"), ("{}_model", "{}_reply", "{}_latency_ms"),
    ("{} Model", "{} Output", "{} duration_ms"),
])  # fmt: skip
@pytest.mark.parametrize("sides", [("a", "b"), ("1", "2"), ("left", "right"), ("baseline", "candidate")])
def test_columns_of_two_sides(tmp_path: Path, model: str, answer: str, latency: str, sides: tuple[str, str]) -> None:
    one, other = sides
    rows = [
        {
            "prompt": asked, model.format(one): MODELS[0], model.format(other): MODELS[1], answer.format(one): said,
            answer.format(other): f"Sure. {said}", latency.format(one): 100, latency.format(other): 200,
            f"winner_model_{one}": 1, f"winner_model_{other}": 0,
        }
        for asked, said in PAIRS
    ]  # fmt: skip
    found = samples(tmp_path, rows)
    assert [(*talk(call), call.model, call.metered.latency_s) for call in found] == expected(MODELS)


def test_objects_by_model_and_lists_of_models(tmp_path: Path) -> None:
    one, other = KNOWN
    for more in (
        lambda said: {"answers": {one: said, other: f"Sure. {said}"}, "latencies_ms": {one: 100, other: 200}},
        lambda said: {"by_model": {m: {"text": t, "latency_ms": n} for m, t, n in sides(said)}},
        lambda said: {"id": said, "outputs": [{"model": m, "text": t, "latency_ms": n} for m, t, n in sides(said)]},
    ):
        found = samples(tmp_path, [{"prompt": asked, **more(said)} for asked, said in PAIRS])
        assert [(*talk(call), call.model, call.metered.latency_s) for call in found] == expected(KNOWN)
        assert {call.ids.session for call in found} == {None}


def sides(said: str) -> list[tuple[str, str, int]]:
    return [(KNOWN[0], said, 100), (KNOWN[1], f"Sure. {said}", 200)]


def test_conversations_of_two_models(tmp_path: Path) -> None:
    rows = [
        {"model_a": MODELS[0], "model_b": MODELS[1]}
        | {
            f"conversation_{side}": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
            for side in "ab"
        }
        for asked, said in PAIRS
    ]
    assert [call.model for call in samples(tmp_path, rows)] == [*MODELS] * len(PAIRS)


@pytest.mark.parametrize("others", [("requested_model", "actual_model"), ("llm_model", "embedding_model")])
def test_two_models_of_one_answer(tmp_path: Path, others: tuple[str, str]) -> None:
    rows = [{"prompt": asked, "response": said, **dict(zip(others, MODELS, strict=True))} for asked, said in PAIRS]
    assert [talk(call) for call in samples(tmp_path, rows)] == PAIRS


@pytest.mark.parametrize("other", ["gpt-4o", "mistral-large"])
def test_several_answers_of_one_model_are_asked_about(other: str) -> None:
    rows = [
        {
            "prompt": asked,
            "responses": [{"model": model, "text": f"{said} {n}"} for n, model in enumerate(("gpt-4o", other))],
        }
        for asked, said in PAIRS
    ]
    layout = look_within(rows)
    assert layout is not None
    assert layout.is_sure is (other != "gpt-4o")


@pytest.mark.parametrize("verdict", [{"preferred": "a"}, {"expected": "Hold"}, {}])
@pytest.mark.parametrize("names", [("response_gpt4o", "response_claude"), ("base_output", "finetuned_output")])
def test_answers_of_two_that_no_name_tells_apart_are_asked_about(
    names: tuple[str, str], verdict: dict[str, str]
) -> None:
    rows = [{"question": asked, names[0]: said, names[1]: f"Sure. {said}", **verdict} for asked, said in PAIRS]
    layout = look_within(rows)
    assert layout is not None
    assert not layout.is_sure
