"""Open models, their licences, and joins that never guess."""

from pathlib import Path

import pytest

from advisor.catalog.licences import licence, licence_note, licence_of
from advisor.catalog.open_models import candidates_catalog, open_model
from advisor.errors import BadInput
from advisor.types.licences import UNSAID, Company, Fit, LicenceNote


@pytest.mark.parametrize(
    ("litellm_id", "licence_id"),
    [
        ("groq/openai/gpt-oss-20b", "apache-2.0"),
        ("together_ai/moonshotai/Kimi-K3", "kimi-k3"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k3", "kimi-k3"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k2p6", "modified-mit-kimi-k2"),
        ("openrouter/google/gemma-4-31b-it:free", "apache-2.0"),
        ("ollama_chat/qwen3.8:27b", "apache-2.0"),
        ("hosted_vllm/Qwen/Qwen3.8-27B-FP8", "apache-2.0"),
        ("groq/llama-3.3-70b-versatile", "llama3.3"),
        ("written/glm-5.3-flash", "mit"),
        ("builtin/smollm2-135m-instruct", "apache-2.0"),
    ],
)
def test_licence_of_open_models(litellm_id: str, licence_id: str) -> None:
    assert licence_of(litellm_id) == licence_id


@pytest.mark.parametrize(
    "litellm_id",
    [
        "openai/gpt-4o",
        "anthropic/claude-haiku-4-5",
        "dashscope/qwen3.8-max",  # the hosted product is not the open checkpoint
        "dashscope/qwen3.8-flash",
        "groq/openai/gpt-oss-121b",
        "",
    ],
)
def test_closed_and_unknown_models_have_none(litellm_id: str) -> None:
    assert licence_of(litellm_id) is None


def test_every_id_in_the_catalog_finds_its_model() -> None:
    for model in candidates_catalog():
        for litellm_id in model.litellm_ids:
            assert open_model(litellm_id) == model, litellm_id
        assert model.licence is None or licence(model.licence), model.licence


def test_the_pick_list_begins_with_the_newest_core_models() -> None:
    models = candidates_catalog()
    assert len(models) > 50
    core = [model for model in models if model.is_core]
    assert models[: len(core)] == core
    assert [model.release_date for model in core] == sorted((m.release_date or "" for m in core), reverse=True)
    gpt_oss = next(model for model in models if model.id == "gpt-oss-120b")
    assert (gpt_oss.hosted.input_usd_per_mtok, gpt_oss.hosted.output_usd_per_mtok) == (0.15, 0.6)
    assert gpt_oss.can.context_tokens == 131_072
    assert gpt_oss.size.gpus_80gb == 1
    assert gpt_oss.can.tools is True


def test_blank_is_unknown_and_not_zero() -> None:
    kolibri = open_model("hosted_vllm/Aleph-Alpha/Kolibri-1")
    assert kolibri is not None
    assert kolibri.hosted.input_usd_per_mtok is None
    assert kolibri.litellm_ids == ()


def test_licence_facts() -> None:
    mit = licence("MIT")
    assert mit is not None
    assert mit.output_restrictions is None


def test_a_plan_says_what_the_license_means_for_the_company() -> None:
    def note(company: Company, licence_id: str) -> LicenceNote | None:
        return licence_note(company, "openai/own", licence_id)

    assert note(UNSAID, "apache-2.0") is None
    assert note(UNSAID, "no-such-licence") is None
    unsaid = note(UNSAID, "kimi-k3")
    assert unsaid is not None
    assert unsaid.fit is None
    small = Company(revenue_usd=5e6, monthly_users=10_000, third_parties=False, assistant=False, eu=False)
    answered = note(small, "kimi-k3")
    assert answered is not None
    assert (answered.conditions, answered.fit) == (unsaid.conditions, Fit.ALLOWED)


def test_a_missing_catalog_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.catalog.open_models.DATA", tmp_path)
    monkeypatch.setattr("advisor.catalog.licences.DATA", tmp_path)
    with pytest.raises(BadInput, match=r"open_models\.csv"):
        candidates_catalog()
    with pytest.raises(BadInput, match=r"licences\.csv"):
        licence("mit")


def test_a_damaged_catalog_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.catalog.open_models.DATA", tmp_path)
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "open_models.csv").write_text("model_id,name\na,b\n")
    with pytest.raises(BadInput, match="damaged"):
        candidates_catalog()


@pytest.mark.parametrize(
    "litellm_id",
    [
        "evil/gpt-oss-120b",
        "hosted_vllm/evilcorp/Qwen3.8-27B",
        "openrouter/evilcorp/glm-5.3",
        "ollama/somebody/gpt-oss:20b",
        "x/llama-3.3-70b-instruct",
        "fireworks_ai/accounts/evilcorp/models/gpt-oss-120b",
        "deepinfra/openai/Kimi-K3",
        "glm-5.3-turbo",
        "kimi-k3-turbo",
        "kimi-k3-chat",
        "moonshot/kimi-k3-turbo",
    ],
)
def test_another_organisation_or_product_is_not_the_open_weights(litellm_id: str) -> None:
    assert open_model(litellm_id) is None
    assert licence_of(litellm_id) is None


@pytest.mark.parametrize(
    ("litellm_id", "model_id"),
    [
        ("gpt-oss-120b", "gpt-oss-120b"),
        ("moonshotai/Kimi-K3", "kimi-k3"),
        ("moonshotai/Kimi-K3-Instruct", "kimi-k3"),
        ("together_ai/moonshotai/Kimi-K3", "kimi-k3"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k3", "kimi-k3"),
        ("fireworks_ai/accounts/fireworks/models/kimi-k2p6", "kimi-k2.6"),
        ("openrouter/moonshotai/kimi-k3", "kimi-k3"),
        ("openrouter/z-ai/glm-5.3", "glm-5.3"),
        ("openrouter/deepseek/deepseek-v4.1-flash", "deepseek-v4.1-flash"),
        ("openrouter/openai/gpt-oss-20b:free", "gpt-oss-20b"),
        ("azure_ai/FW-Kimi-K3", "kimi-k3"),
        ("databricks/databricks-gpt-oss-120b", "gpt-oss-120b"),
        ("cloudflare/@cf/openai/gpt-oss-20b", "gpt-oss-20b"),
        ("vertex_ai/openai/gpt-oss-120b-maas", "gpt-oss-120b"),
        ("groq/llama-3.3-70b-versatile", "llama-3.3-70b"),
        ("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "llama-3.3-70b"),
        ("perplexity/perplexity/glm-5.2", "glm-5.2"),
        ("zai/glm-5.3", "glm-5.3"),
        ("hosted_vllm/Qwen/Qwen3.8-27B", "qwen3.8-27b"),
        ("hosted_vllm/qwen3.8-27b", "qwen3.8-27b"),
        ("openai/Qwen/Qwen3.8-27B", "qwen3.8-27b"),
        ("ollama_chat/gpt-oss:20b", "gpt-oss-20b"),
    ],
)
def test_how_known_hosts_spell_a_model(litellm_id: str, model_id: str) -> None:
    found = open_model(litellm_id)
    assert found is not None
    assert found.id == model_id
