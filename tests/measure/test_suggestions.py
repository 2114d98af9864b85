"""Hosts and models to choose from, and the judge that is offered."""

from datetime import UTC, datetime

import pytest

from advisor.catalog.prices import price_call
from advisor.llm.opening import check_model
from advisor.measure.open_models import ServedModels, served_models
from advisor.measure.suggestions import CLOSED, JUDGED, JUDGES, hosts, models_at, offer_judge
from advisor.types import Model, Role

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEYS = ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE", "MISTRAL", "XAI", "GROQ", "TOGETHERAI", "DEEPSEEK")


@pytest.fixture(scope="module")
def served() -> ServedModels:
    return served_models(NOW)


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)


@pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")  # litellm's own, when it first loads a provider
def test_every_judge_has_a_price_and_a_known_provider() -> None:
    for litellm_id in JUDGES:
        model = Model(name="judge", litellm_id=litellm_id)
        assert price_call(model, JUDGED, NOW), litellm_id
        check_model(model)


def test_without_a_key_the_variables_are_named(served: ServedModels) -> None:
    offer = offer_judge([], [], served)
    assert offer is not None
    assert offer.model is None
    assert offer.variables[:2] == ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


def test_the_cheapest_judge_with_a_key_is_offered(served: ServedModels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    offer = offer_judge([], ["gpt-4o"], served)
    assert offer is not None
    assert offer.model is not None
    assert (offer.model.litellm_id, offer.model.role) == ("groq/openai/gpt-oss-120b", Role.JUDGE)
    candidate = Model(name="c", litellm_id="together_ai/openai/gpt-oss-120b")
    other = offer_judge([candidate], ["gpt-4o"], served)
    assert other is not None
    assert other.model is not None
    assert other.model.litellm_id == "openai/gpt-5.4-mini", "no model judges its own answers"


def test_no_second_judge_is_offered(served: ServedModels) -> None:
    assert offer_judge([Model(name="j", litellm_id="openai/x", role=Role.JUDGE)], [], served) is None


def test_closed_providers_come_first_and_serve_closed_models(served: ServedModels) -> None:
    known = hosts(served)
    assert list(known)[: len(CLOSED)] == list(CLOSED)
    assert known["groq"] == "Groq"
    assert models_at("groq", served)["groq/openai/gpt-oss-120b"] == "gpt-oss-120b"
    assert "openai/gpt-4o-mini" in models_at("openai", served)
    assert all(litellm_id.startswith("groq/") for litellm_id in models_at("groq", served))


def test_a_host_under_several_names_is_listed_once(served: ServedModels) -> None:
    listed = hosts(served)
    assert len(set(listed.values())) == len(listed)
    bedrock = next(provider for provider, name in listed.items() if name == "Amazon Bedrock")
    assert len({litellm_id.partition("/")[0] for litellm_id in models_at(bedrock, served)}) > 1
