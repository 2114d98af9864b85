"""What a model is known not to take is not sent: no attempt, no cost, a failure of the model with its reason."""

from pathlib import Path
from typing import Any

import pytest

from advisor.catalog.listed_models import Capabilities, capabilities_of
from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.quoting import quote_run
from advisor.measure.registration import register_model
from advisor.measure.replay.calls import sample_call
from advisor.measure.replay.probing import known_of, obstacle_of
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.models import set_probe
from advisor.store.run.generations import CallKey, load_generations
from advisor.store.run.tallies import count_dropped, count_reused, tally_run
from advisor.types import (
    FailureKind,
    Generation,
    Lane,
    Metered,
    Model,
    Prices,
    Probe,
    Request,
    Role,
    Run,
    RunOptions,
    Sample,
    Status,
    StoredModel,
    Study,
    Usage,
)
from tests.made.log import call, write_log
from tests.server import MisbehavingServer

PRICES: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
KEY = CallKey(1, Lane.CANDIDATE, 1, 1)
PIXEL = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0KGgo=" * 10_000}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
PROSE = "The quick brown fox jumps over the lazy dog. "
TOO_LONG, LONG = PROSE * 2200, PROSE * 1600
"""22,000 and 16,000 tokens as most tokenizers count them."""
PHI_4 = "microsoft/phi-4"
"""An open model of the catalogue whose context window is 16,384 tokens."""


def logged(n: int, content: Any = None, **params: Any) -> dict[str, Any]:
    row = call(n)
    row["request"] = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": content or f"Question {n}?"}],
        **params,
    }
    del row["response"]["usage"]
    return row


def a_study(store: Store, tmp_path: Path, rows: list[dict[str, Any]]) -> Study:
    import_logs(store, "S", [write_log(tmp_path / "log.jsonl", rows)], ImportOptions(redact=False))
    return find_study(store, "S")


def a_model(store: Store, study: Study, server: MisbehavingServer, name: str = "ok", **more: Any) -> StoredModel:
    probe = more.pop("probe", Probe(reachable=True))
    model = Model(name=name, litellm_id=f"openai/{name}", api_base=server.url, **{**PRICES, **more})
    model = register_model(store, study, model)
    set_probe(store, model.id, probe)
    return model


def answers(store: Store, run: Run) -> list[Generation]:
    return [generation for _, generation in load_generations(store, run.id, lanes=[Lane.CANDIDATE])]


def obstacle(content: Any, known: Capabilities, usage: Usage | None = None, **params: Any) -> FailureKind | None:
    request = Request(messages=[{"role": "user", "content": content}], params=params)
    found = obstacle_of(
        sample_call(
            KEY, StoredModel(id=1, name="m", litellm_id="x/m"), Sample(request=request, metered=Metered(usage=usage))
        ),
        known,
    )
    return found.kind if found else None


def test_a_prompt_that_is_too_long_is_not_sent_and_counts_against_the_model(store: Store, tmp_path: Path) -> None:
    study = a_study(store, tmp_path, [logged(1), logged(2, TOO_LONG), logged(3, LONG)])
    with MisbehavingServer() as server:
        a_model(store, study, server, PHI_4)
        quote = quote_run(store, study, RunOptions())
        run = finish_run(store, start_run(store, study, RunOptions()).id)
        lengths = [len(body["messages"][0]["content"]) for body in server.requests]
    assert len(TOO_LONG) not in lengths
    assert len(LONG) in lengths
    (failed,) = [generation for generation in answers(store, run) if generation.failure]
    assert failed.failure is FailureKind.CONTEXT_OVERFLOW
    assert failed.failure.is_model_fault
    assert failed.error == "Not sent: about 28,300 tokens, and the model takes 16,384."
    assert (failed.sending.attempts, failed.cost_usd, failed.latency_s) == (0, None, None)
    assert run.state.status is Status.SUCCEEDED
    tally = tally_run(store, run.id)
    assert (tally.planned, tally.succeeded, tally.failed, tally.skipped, tally.lost) == (3, 2, 1, 0, 0)
    assert quote.calls == 3
    assert quote.not_sent == ((PHI_4, "the prompt is too long for it", 1),)
    assert [(name, calls) for name, calls, _ in quote.by_model] == [(PHI_4, 2)]
    assert quote.input_tokens == int(len(LONG) / 3.5) + 8 + int(len("Question 1?") / 3.5) + 8


def test_what_is_not_sent_takes_nothing_from_the_budget(store: Store, tmp_path: Path) -> None:
    study = a_study(store, tmp_path, [logged(n, f"{n} {TOO_LONG}") for n in range(5)])
    with MisbehavingServer() as server:
        a_model(store, study, server, PHI_4)
        run = finish_run(store, start_run(store, study, RunOptions(budget_usd=0.001)).id)
    assert run.state.status is not Status.BUDGET_EXCEEDED
    tally = tally_run(store, run.id)
    assert (tally.failed, tally.cost_usd) == (5, None)


def test_a_model_that_called_no_tool_when_probed_is_asked_all_the_same(store: Store, tmp_path: Path) -> None:
    study = a_study(store, tmp_path, [logged(1), logged(2, tools=[TOOL])])
    with MisbehavingServer() as server:
        a_model(store, study, server, "ok", probe=Probe(reachable=True, tools=False))
        assert quote_run(store, study, RunOptions()).not_sent == ()
        run = finish_run(store, start_run(store, study, RunOptions()).id)
    assert tally_run(store, run.id).succeeded == 2


def test_judges_are_not_paid_for_pairs_that_cannot_be(store: Store, tmp_path: Path) -> None:
    rows = [logged(n, f"Write letter {n}. {TOO_LONG if n == 1 else ''}") for n in range(3)]
    study = a_study(store, tmp_path, rows)
    with MisbehavingServer() as server:
        a_model(store, study, server, PHI_4)
        a_model(store, study, server, "judge", role=Role.JUDGE)
        run = start_run(store, study, RunOptions())
        quoted = run.plan.planned_judge
        run = finish_run(store, run.id)
    assert quoted == run.plan.planned_judge == 2 * 2


NOTHING = Capabilities()
SMALL = Capabilities(context_tokens=1000)


@pytest.mark.parametrize(
    ("content", "known", "usage", "expected"),
    [
        (PROSE * 1000, NOTHING, None, None),
        (PROSE * 1000, SMALL, None, FailureKind.CONTEXT_OVERFLOW),
        (PROSE * 120, SMALL, None, None),  # a little over, by an estimate that is too rough for so much
        (PROSE * 130, SMALL, None, FailureKind.CONTEXT_OVERFLOW),
        (" " * 50_000, SMALL, Usage(input_tokens=800), None),  # the log knows better
        ("short", SMALL, Usage(input_tokens=80_000), None),  # images or tools in another vendor's tokens
        ([PIXEL], SMALL, None, None),  # its bytes are no text
        ([PIXEL, {"type": "text", "text": PROSE * 1000}], SMALL, None, FailureKind.CONTEXT_OVERFLOW),
        ([PIXEL], NOTHING, None, None),
        ([PIXEL], Capabilities(images=True), None, None),
        ([PIXEL], Capabilities(images=False), None, FailureKind.UNSUPPORTED),
        ("short", Capabilities(images=False, tools=False), None, None),
    ],
)
def test_only_what_cannot_fit_is_held_back(
    content: Any, known: Capabilities, usage: Usage | None, expected: FailureKind | None
) -> None:
    assert obstacle(content, known, usage) is expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [({"tools": [TOOL]}, FailureKind.UNSUPPORTED), ({"tools": []}, None), ({"temperature": 0}, None)],
)
def test_tools_are_held_back_from_a_model_without(params: dict[str, Any], expected: FailureKind | None) -> None:
    assert obstacle("short", Capabilities(tools=False), **params) is expected


def known(litellm_id: str, api_base: str | None = None) -> Capabilities:
    return known_of(Model(name="m", litellm_id=litellm_id, api_base=api_base))


def test_what_is_known_is_known_of_exactly_this_model() -> None:
    assert known("openai/gpt-4").context_tokens == 8192
    assert known("gpt-4") == known("openai/gpt-4") == known("litellm/openai/gpt-4")
    assert known("openai/gpt-4-of-our-own") == NOTHING
    assert known("groq/gpt-4") == NOTHING, "another provider's model of the same name"
    assert known("anthropic/claude-haiku-4-5").images is True
    assert known("builtin/smollm2-135m-instruct") == Capabilities(context_tokens=8192, images=False)


def test_a_server_of_ones_own_may_call_anything_gpt_4() -> None:
    at = "http://127.0.0.1:8000/v1"
    assert known("openai/gpt-4", at) == NOTHING
    assert known("azure/gpt-4") == NOTHING
    assert capabilities_of(Model(name="m", litellm_id="ollama/llama3")) == NOTHING
    assert known(f"openai/{PHI_4}", at).context_tokens == 16384
    assert known("openai/phi-4-of-our-own", at) == NOTHING


def test_dropped_parameters_and_reused_answers_are_counted(any_store: Store, tmp_path: Path) -> None:
    rows = [logged(1, top_k=4), logged(2, top_k=4, made_up=1), logged(3)]
    study = a_study(any_store, tmp_path, rows)
    with MisbehavingServer() as server:
        model = a_model(any_store, study, server)
        first = finish_run(any_store, start_run(any_store, study, RunOptions(sample_size=2)).id)
        assert quote_run(any_store, study, RunOptions()).reused == 2
        assert quote_run(any_store, study, RunOptions(fresh=True)).reused == 0
        second = finish_run(any_store, start_run(any_store, study, RunOptions()).id)
        third = finish_run(any_store, start_run(any_store, study, RunOptions()).id)
        fresh = finish_run(any_store, start_run(any_store, study, RunOptions(fresh=True)).id)
        last = finish_run(any_store, start_run(any_store, study, RunOptions()).id)
    assert count_dropped(any_store, fresh.id) == [(model.id, "top_k", 2), (model.id, "made_up", 1)]
    assert count_dropped(any_store, third.id) == count_dropped(any_store, fresh.id)
    assert count_reused(any_store, first) == count_reused(any_store, fresh) == []
    assert count_reused(any_store, second) == [(first.id, 2)]
    assert count_reused(any_store, third) == [(first.id, 2), (second.id, 1)], "where each was asked"
    assert count_reused(any_store, last) == [(fresh.id, 3)]
