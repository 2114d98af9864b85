"""Prices of cached input on the page Candidates."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.models import list_models
from advisor.types import Study
from advisor.ui.models.new_model import OTHER

PAGE = "pages/models/candidates.py"
Open = Callable[..., AppTest]


def test_they_are_asked_for_kept_and_shown(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page(PAGE)
    app.selectbox(key="model_host").set_value(OTHER).run()
    app.text_input(key="model_litellm_id").set_value("openai/gpt-4o")
    prices = {"input": 2.0, "output": 8.0, "cache_read": 0.25, "cache_write": 2.5}
    for kind, price in prices.items():
        app.number_input(key=f"model_{kind}_price").set_value(price)
    app.button(key="add_model").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.prices.cache_read, model.prices.cache_write) == (0.25, 2.5)
    shown = "$2.00 in, $8.00 out per M tokens, $0.25 read from a cache, $2.50 written to one"
    assert any(shown in caption.value.replace("\\", "") for caption in app.caption)


def test_prices_in_another_currency_are_kept_in_dollars(open_page: Open, store: Store, sample_study: Study) -> None:
    app = open_page(PAGE)
    app.selectbox(key="model_host").set_value(OTHER).run()
    app.text_input(key="model_litellm_id").set_value("openai/gpt-4o")
    for kind, value in {"input_price": 2.0, "output_price": 8.0, "usd_per_unit": 1.25}.items():
        app.number_input(key=f"model_{kind}").set_value(value)
    app.button(key="add_model").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.prices.input, model.prices.output) == (2.5, 10.0)
    app.selectbox(key="model_host_1").set_value(OTHER).run()
    assert app.number_input(key="model_usd_per_unit").value == 1.0, "the form is as it was"
    assert app.number_input(key="model_input_price").value is None
