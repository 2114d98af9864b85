"""Latency, how much load a model takes: the price and the place before anything is spent, then the steps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide
from advisor.measure.replay import load_step
from advisor.store import Store
from advisor.store.jobs import list_jobs
from advisor.store.models import add_model, list_models
from advisor.store.run.load_tests import (
    add_step,
    change_load_test,
    claim_load_test,
    create_load_test,
    get_load_test,
    list_load_tests,
)
from advisor.store.studies import change_study
from advisor.text.runs import load_note
from advisor.types import LoadEnd, LoadLimits, LoadStep, LoadTest, Message, Model, Prices, Status, Study
from advisor.ui.evidence.latency.load_test import sentence
from tests.made.load_test import STEP
from tests.nested import changed
from tests.pages.tables import tables
from tests.server import MisbehavingServer

PAGE = "pages/evidence/latency.py"
PRICES: dict[str, Any] = {"prices": Prices(input=1.0, output=2.0)}
Open = Callable[..., AppTest]
Jobs = Callable[[], None]

STEPS = (
    STEP,
    replace(STEP, concurrency=2, requests_per_s=4.0, goodput_per_s=4.0),
    replace(STEP, concurrency=4, requests_per_s=6.4, goodput_per_s=6.4),
    changed(STEP, concurrency=8, goodput_per_s=0.1, latency_p95_s=5.1, within_limits=False),
)


@pytest.fixture
def study(store: Store, replayed_study: Study) -> Study:
    """A decided study with a model somewhere else."""
    add_model(
        store,
        replayed_study.id,
        Model(name="Far *off*", litellm_id="openai/far", api_base="https://far.example/v1", **PRICES),
    )
    decide(store, replayed_study)
    return replayed_study


BROKE = Message.of(LoadEnd.OTHER, error="It broke.")


def made(store: Store, study: Study, steps: tuple[LoadStep, ...] = STEPS, **changes: Any) -> LoadTest:
    """A load test of the newest model."""
    model = list_models(store, study.id)[-1]
    limits = {"max_ttft_p95_s": None, "max_latency_p95_s": 5.0}
    test = create_load_test(store, study.id, model.id, stream=True, budget_usd=None, **limits)
    claim_load_test(store, test.id)
    for step in steps:
        add_step(store, test.id, step, 0.25)
    change_load_test(store, test.id, **({"status": Status.SUCCEEDED, "ended_because": BROKE} | changes))
    return get_load_test(store, test.id)


def said(app: AppTest) -> str:
    texts = [part.value for kind in (app.markdown, app.caption, app.warning, app.error) for part in kind]
    return "\n".join(texts).replace("\\", "")


def keys(app: AppTest) -> list[str | None]:
    return [button.key for button in app.button]


def test_only_written_answers_take_no_load(open_page: Open, replayed_study: Study) -> None:
    app = open_page(PAGE, tab="Load test")
    assert "nothing to load test" in said(app)
    assert "load_start" not in keys(app)


def test_price_and_place_are_told_before_anything_is_filed(open_page: Open, store: Store, study: Study) -> None:
    app = open_page(PAGE, tab="Load test")
    assert "Far *off* has no load test yet" in said(app)
    assert "837 to 4,350 calls, $" in said(app).replace("**", "")
    assert "as logged, personal data included**, to: far.example." in said(app)
    assert list_load_tests(store, study.id) == []
    app.number_input(key="load_most").set_value(1).run()
    assert "61 to 202 calls" in said(app)


def test_limits_are_those_of_the_study_until_changed(open_page: Open, store: Store, study: Study) -> None:
    change_study(store, study.id, max_ttft_p95_s=0.8, max_latency_p95_s=4.0)
    app = open_page(PAGE, tab="Load test")
    assert app.number_input(key="load_latency_limit").value == 4.0
    assert app.number_input(key="load_ttft_limit_True").value == 0.8
    app.number_input(key="load_latency_limit").set_value(3.0).run()
    app.checkbox(key="load_stream").uncheck().run()
    assert app.number_input(key="load_ttft_limit_False").disabled
    app.button(key="load_start").click().run()
    assert not app.exception
    (test,) = list_load_tests(store, study.id)
    assert (test.limits, test.stream) == (LoadLimits(None, 3.0), False)


def test_an_unpriced_model_needs_a_yes(open_page: Open, store: Store, study: Study) -> None:
    add_model(store, study.id, Model(name="Unpriced", litellm_id="openai/x", api_base="https://far.example/v1"))
    app = open_page(PAGE, tab="Load test")
    app.selectbox(key="load_model").set_value("Unpriced").run()
    assert "price unknown" in said(app)
    assert app.button(key="load_start").disabled
    app.number_input(key="load_budget").set_value(1.0)
    app.checkbox(key="load_unpriced").check().run()
    app.button(key="load_start").click().run()
    assert not app.exception
    assert not app.error
    assert len(list_load_tests(store, study.id)) == 1


def test_from_start_to_the_steps(
    open_page: Open, store: Store, study: Study, do_jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LEAST_CALLS", 4), ("LEAST_S", 0.0), ("MOST_CALLS", 20)):
        monkeypatch.setattr(load_step, name, value)
    with MisbehavingServer() as server:
        add_model(store, study.id, Model(name="Near", litellm_id="openai/ok", api_base=server.url, **PRICES))
        app = open_page(PAGE, tab="Load test")
        app.selectbox(key="load_model").set_value("Near").run()
        assert "Nothing leaves this machine, unless the server of Near passes it on." in said(app)
        app.number_input(key="load_most").set_value(2).run()
        app.button(key="load_start").click().run()
        assert not app.exception
        assert server.requests == []
        (job,) = list_jobs(store, study.id, kind="load_test")
        assert job.arguments["max_concurrency"] == 2
        assert "load_start" not in keys(app), "one load test at a time"
        do_jobs()
        app.run()
    assert not app.exception
    assert "Near handles 2 concurrent calls" in said(app)
    table = next(table for table in tables(app) if "Concurrent calls" in table)
    assert list(table["Concurrent calls"]) == [1, 2]
    assert list(table["Limits"]) == ["✓ within", "✓ within"]
    assert len(app.get("plotly_chart")) == 1


def test_a_running_test_shows_its_steps_and_can_be_cancelled(open_page: Open, store: Store, study: Study) -> None:
    app = open_page(PAGE, tab="Load test")
    app.button(key="load_start").click().run()
    (test,) = list_load_tests(store, study.id)
    claim_load_test(store, test.id)
    add_step(store, test.id, STEP, 0.1)
    app.run()
    table = next(table for table in tables(app) if "Concurrent calls" in table)
    assert list(table["Calls"]) == [100]
    app.button(key="load_cancel").click().run()
    assert not app.exception
    assert get_load_test(store, test.id).wanted is Status.CANCELLED
    assert app.button(key="load_cancel").disabled
    assert "Stopping once running calls finish" in said(app)


def test_one_of_a_command_line_can_be_cancelled_too(open_page: Open, store: Store, study: Study) -> None:
    test = made(store, study, status=Status.RUNNING, ended_because=None)
    app = open_page(PAGE, tab="Load test")
    assert "started from a command line" in app.status[0].label
    app.button(key="load_cancel").click().run()
    assert not app.exception
    assert get_load_test(store, test.id).status is Status.CANCELLED
    assert "The load test cancelled" in said(app)


def test_the_newest_test_of_a_model_is_shown_and_its_name_is_no_markup(
    open_page: Open, store: Store, study: Study
) -> None:
    made(store, study, steps=STEPS[:1])
    made(store, study)
    app = open_page(PAGE, tab="Load test")
    assert not app.exception
    assert any("Far \\*off\\* handles 4 concurrent calls" in part.value for part in app.markdown)
    assert "It broke. · streamed · cost $0.25" in said(app)
    table = next(table for table in tables(app) if "Concurrent calls" in table)
    assert list(table["Limits"]) == ["✓ within", "✓ within", "✓ within", "✗ exceeded"]


@pytest.mark.parametrize(
    ("steps", "limits", "text"),
    [
        (STEPS, LoadLimits(None, 5.0), "Q handles 4 concurrent calls, 6.4/s, before p95 latency exceeded 5 s."),
        (
            (*STEPS[:3], replace(STEPS[3], failed=10)),
            LoadLimits(None, 5.0),
            "Q handles 4 concurrent calls, 6.4/s, before more than 5% of the calls failed.",
        ),
        (
            (*STEPS[:3], changed(STEPS[3], ttft_p95_s=2.0)),
            LoadLimits(1.0, 5.0),
            "Q handles 4 concurrent calls, 6.4/s, before p95 time to first token exceeded 1 s.",
        ),
        (
            (*STEPS[:3], replace(STEPS[3], loop_lag_p99_s=0.1)),
            LoadLimits(None, 5.0),
            "Q handles 4 concurrent calls, 6.4/s, before p95 latency exceeded 5 s. This machine was the bottleneck.",
        ),
        (
            STEPS[:3],
            LoadLimits(None, 5.0),
            "Q handles 4 concurrent calls, 6.4/s within the limits; more wasn't tested.",
        ),
        (
            (*STEPS[:3], replace(STEPS[2], concurrency=8, goodput_per_s=6.5)),
            LoadLimits(None, 5.0),
            "Q handles 8 concurrent calls, 6.5/s within the limits; more wasn't tested. Beyond 4 throughput no "
            "longer grows.",
        ),
        (STEPS[3:], LoadLimits(None, 5.0), "Q never stayed within the limits. It broke."),
        ((), LoadLimits(None, 5.0), "Q never stayed within the limits. It broke."),
    ],
)
def test_one_sentence_says_how_much_it_takes(steps: tuple[LoadStep, ...], limits: LoadLimits, text: str) -> None:
    test = LoadTest(
        id=1,
        study_id=1,
        model_id=1,
        status=Status.SUCCEEDED,
        wanted=None,
        stream=True,
        limits=limits,
        budget_usd=None,
        cost_usd=None,
        ended_because=BROKE,
        steps=steps,
    )
    assert sentence("Q", test) == text


def test_a_step_says_what_it_cannot_say() -> None:
    assert load_note(STEP) == ""
    assert "uncertain: 58 answers, 59 needed" in load_note(replace(STEP, calls=60, failed=2))
    assert "this machine was the bottleneck" in load_note(replace(STEP, loop_lag_p99_s=0.03))
