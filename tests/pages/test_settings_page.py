"""Settings: names of keys and whether they are set; never a value, never a password."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from advisor.catalog.open_models import candidates_catalog
from advisor.store import Store
from advisor.store.models import add_model
from advisor.text.numbers import day_of
from advisor.types import Model, Study
from tests.pages.tables import tables

PAGE = "pages/settings/settings.py"
Open = Callable[..., AppTest]


def states(app: AppTest) -> dict[str, str]:
    """The color of each key's dot."""
    return {found[2]: found[1] for part in app.markdown if (found := re.match(r":(\w+)\[.*?\] `(\w+)`", part.value))}


def test_keys_by_name_only(open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE_API_KEY", "the-value-of-the-key")
    for name, key in (("A", "THERE_API_KEY"), ("B", "ABSENT_API_KEY")):
        add_model(store, sample_study.id, Model(name=name, litellm_id="openai/x", key_env=key))
    app = open_page(PAGE)
    assert states(app) == {"ABSENT_API_KEY": "red", "THERE_API_KEY": "gray"}
    assert "1 key missing" in app.markdown[0].value
    assert [button.key for button in app.button if (button.key or "").startswith("test_")] == ["test_THERE_API_KEY"]
    assert "the-value-of-the-key" not in str(app)


def test_a_providers_usual_key_is_listed_too(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOGETHERAI_API_KEY", "TOGETHER_AI_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOGETHER_API_KEY", "a key for a test")
    for litellm_id, base in (
        ("together_ai/openai/gpt-oss-20b", None),
        ("groq/openai/gpt-oss-20b", None),
        ("openai/ours", "http://127.0.0.1:9/v1"),  # gets no key that it does not name
        ("bedrock/meta.llama3", None),  # may take other credentials
        ("ollama/llama3", None),
    ):
        add_model(store, sample_study.id, Model(name=litellm_id, litellm_id=litellm_id, api_base=base))
    assert states(open_page(PAGE)) == {"GROQ_API_KEY": "red", "TOGETHER_API_KEY": "gray"}


def test_the_age_of_the_catalog_is_told(open_page: Open, sample_study: Study) -> None:
    days = {model.remarks.checked_on for model in candidates_catalog()}
    told = [part.value.replace("\\", "") for part in open_page(PAGE).markdown]
    assert any(f"catalog of {day_of(min(filter(None, days)))}" in text for text in told)


def test_database_prices_and_versions(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert "advisor.db" in app.code[0].value
    assert any("genai-prices" in part.value.replace("\\", "") for part in app.caption)
    assert "Python" in set(tables(app)[-1]["Program"])
