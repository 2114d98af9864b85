"""Settings: names of keys and whether they are set; never a value, never a password."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.models import add_model
from advisor.types import Model, Study
from advisor.ui.views.installation import jump_words

PAGE = "pages/setup/settings.py"
Open = Callable[..., AppTest]


def test_keys_by_name_only(open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERE_KEY", "the-value-of-the-key")
    for name, key in (("A", "THERE_KEY"), ("B", "ABSENT_KEY")):
        add_model(store, sample_study.id, Model(name=name, litellm_id="openai/x", key_env=key))
    app = open_page(PAGE)
    table = app.dataframe[0].value.set_index("Variable")["State"]
    assert dict(table) == {"ABSENT_KEY": "missing", "THERE_KEY": "set"}
    assert "1 key that a model names is not set: `ABSENT_KEY`" in app.markdown[0].value
    assert "the-value-of-the-key" not in str(app)


def test_database_prices_and_versions(open_page: Open, sample_study: Study) -> None:
    app = open_page(PAGE)
    assert "advisor.db" in app.code[0].value
    assert any("genai-prices" in part.value.replace("\\", "") for part in app.markdown)
    assert "Python" in set(app.dataframe[-1].value["Program"])


def test_every_price_that_jumped_is_told() -> None:
    change = {
        "model": "m",
        "before": {"input": 1.0, "cache_write": 1.25},
        "after": {"input": 1.0, "cache_write": 1250.0},
        "jumped": ["cache_write"],
    }
    assert jump_words(change) == "m (cache write $1.25 to $1,250)"
