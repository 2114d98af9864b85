"""Catalog: the sentence that answers, filters, comparison, hosts, and adding a candidate."""

from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.company import read_company
from advisor.store.models import list_models
from advisor.types import Role, Study
from advisor.ui.models.catalog import ANY, HOSTED, JSON, TOOLS
from advisor.ui.models.company import NO, YES

PAGE = "pages/models/catalog.py"
CANDIDATES = "pages/models/candidates.py"
Open = Callable[..., AppTest]


def sentence(app: AppTest) -> str:
    return next(part.value for part in app.markdown if "open models can be used without" in part.value).replace(
        "\\", ""
    )


def shown(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption, *app.info)).replace("\\", "")


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def answer(app: AppTest, *, revenue: float = 5.0, users: int = 10_000, eu: str = NO, **others: str) -> AppTest:
    app.number_input(key="company_revenue").set_value(revenue)
    app.number_input(key="company_users").set_value(users)
    app.segmented_control(key="company_eu").set_value(eu)
    for key in ("third_parties", "assistant"):
        app.segmented_control(key=f"company_{key}").set_value(others.get(key, NO))
    app.run()
    assert not app.exception
    return app


def compare(app: AppTest, *model_ids: str) -> AppTest:
    app.multiselect(key="catalog_compared").set_value(list(model_ids)).run()
    assert not app.exception
    return app


def test_works_without_a_study(open_page: Open) -> None:
    app = open_page(PAGE)
    assert "of 56 open models can be used without legal review" in sentence(app)
    assert "56 pass the filters" in sentence(app)
    assert "For 11 models the answer depends on the unanswered questions" in shown(app)
    assert len(table(app)) == 56
    compare(app, "kimi-k3")
    assert "No study yet. Create one to add a candidate." in shown(app)
    assert "catalog_add" not in [button.key for button in app.button]


def test_the_company_decides(open_page: Open) -> None:
    app = open_page(PAGE)
    before = int(sentence(app).split()[0])
    answer(app)
    assert int(sentence(app).split()[0]) > before
    assert "depends on the unanswered questions" not in shown(app)
    app.segmented_control(key="company_third_parties").set_value(YES).run()
    assert int(sentence(app).split()[0]) > 0
    rows = table(app).set_index("Model")
    assert rows.loc["Qwen3.8 Flash-Next", "License says"] == "✗ not allowed"
    assert "whatever the size" in str(rows.loc["Qwen3.8 Flash-Next", "Why"])
    assert rows.loc["gpt-oss-120b", "License says"] == "✓ allowed"


def test_answers_stay_when_another_page_was_looked_at(open_page: Open, store: Store, sample_study: Study) -> None:
    app = answer(open_page(PAGE), revenue=300.0, eu=YES)
    told = sentence(app)
    app.switch_page(CANDIDATES).run()
    app.switch_page(PAGE).run()
    assert app.number_input(key="company_revenue").value == 300.0
    assert app.segmented_control(key="company_eu").value == YES
    assert sentence(app) == told
    stored = read_company(store)
    assert (stored.revenue_usd, stored.eu) == (300e6, True)
    app.switch_page("pages/settings/settings.py").run()
    assert app.segmented_control(key="company_eu").value == YES


def test_filters(open_page: Open) -> None:
    app = answer(open_page(PAGE))
    app.multiselect(key="catalog_needs").set_value([TOOLS, JSON, HOSTED])
    app.selectbox(key="catalog_context").set_value(1_000_000)
    app.selectbox(key="catalog_accelerator").set_value("h200").run()
    app.number_input(key="catalog_accelerators").set_value(8).run()
    assert not app.exception
    rows = table(app)
    assert 0 < len(rows) < 20
    assert (rows["Context"] >= 1_000_000).all()
    assert (rows["Memory, GB"] <= 8 * 141).all()
    assert (rows["Hosts"] > 0).all()
    assert set(rows["Tools"]) == set(rows["JSON schema"]) == {"✓ yes"}
    assert f"{len(rows)} pass" in sentence(app)


def test_a_leaderboard_is_chosen_with_its_day(open_page: Open) -> None:
    app = open_page(PAGE)
    board = app.selectbox(key="catalog_edition")
    assert board.value == ANY
    assert app.number_input(key="catalog_at_least").disabled
    words = next(option for option in board.options if "2026-10-09" in option and "Elo" in option)
    board.select(words).run()
    values = list(table(app)[words])
    assert values == sorted(values, reverse=True)
    assert "Excluded because unknown: standing (49 models)" in shown(app)
    app.number_input(key="catalog_at_least").set_value(1480.0).run()
    assert len(table(app)) == 2


def test_nothing_suits(open_page: Open) -> None:
    app = open_page(PAGE)
    app.selectbox(key="catalog_accelerator").set_value("t4")
    app.selectbox(key="catalog_context").set_value(1_000_000).run()
    assert "No matching model" in shown(app)
    assert "0 pass" in sentence(app)


def test_the_reason_stands_beside_the_licence_and_nobody_selects_all(open_page: Open) -> None:
    app = open_page(PAGE)
    assert list(app.dataframe[0].value.columns[:3]) == ["Model", "License says", "Why"]
    assert {choice.label: choice.proto.select_all for choice in app.multiselect} == dict.fromkeys(
        ("License says", "It must", "Training data", "Compare up to three"), 0
    )


def test_three_side_by_side(open_page: Open) -> None:
    app = compare(answer(open_page(PAGE), eu=YES), "gpt-oss-120b", "llama-4-maverick", "kolibri-1")
    side_by_side = app.table[0].value
    assert list(side_by_side.columns) == ["gpt-oss-120b", "Llama 4 Maverick 17B-128E", "Kolibri 1 (78B-A3B, FP8)"]
    why = str(side_by_side.loc["Why", "Llama 4 Maverick 17B-128E"]).replace("\\", "")
    assert why.startswith("Because your company is in the EU and the model reads images")
    assert "2025-12-17" in str(side_by_side.loc["Standings", "gpt-oss-120b"]).replace("\\", "")
    assert "No known provider hosts Kolibri 1 (78B-A3B, FP8)" in shown(app)


def test_a_model_that_a_filter_drops_stays_in_the_comparison(open_page: Open) -> None:
    app = compare(open_page(PAGE), "kimi-k3")
    app.selectbox(key="catalog_accelerator").set_value("l4").run()
    assert not app.exception
    assert "Kimi K3" not in list(table(app)["Model"])
    assert list(app.table[0].value.columns) == ["Kimi K3"]
    assert any("Kimi K3 (left out above)" in option for option in app.multiselect(key="catalog_compared").options)


def test_where_hosts_keep_data_or_that_it_is_unknown(open_page: Open) -> None:
    app = compare(open_page(PAGE), "llama-3.3-70b")
    hosts = app.dataframe[1].value.set_index("Host")
    assert hosts.loc["Scaleway", "Data is kept in"] == "France (Paris)"
    assert str(hosts.loc["Scaleway", "Says so"]).startswith("https://www.scaleway.com/")
    assert hosts.loc["Novita AI", "Data is kept in"] == "unknown"
    assert hosts.loc["Novita AI", "Trains on it"] == "unknown"
    assert hosts.loc["Novita AI", "Id"] == "novita/meta-llama/llama-3.3-70b-instruct"
    assert str(hosts.loc["Novita AI", "In, $/M tokens"]).startswith("$")


def test_a_host_is_chosen_and_added(open_page: Open, store: Store, sample_study: Study) -> None:
    app = compare(open_page(PAGE), "gpt-oss-20b", "kimi-k3")
    app.selectbox(key="catalog_add_model").set_value("kimi-k3").run()
    assert "catalog_add" not in [button.key for button in app.button], "nothing is chosen for the person"
    where = app.selectbox(key="catalog_add_host_kimi-k3")
    assert all("gpt-oss" not in option for option in where.options)
    where.set_value("together_ai/moonshotai/Kimi-K3").run()
    app.button(key="catalog_add").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.name, model.litellm_id) == ("Kimi K3 at Together AI", "together_ai/moonshotai/Kimi-K3")
    assert (model.role, model.licence, model.api_base) == (Role.CANDIDATE, "kimi-k3", None)
    assert "Added Kimi K3 at Together AI" in app.success[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("base", "error"), [("", "Choose a host"), ("ftp://x", "must look like"), ("http://127.0.0.1:9/v1", "")]
)
def test_a_server_of_ones_own_is_added(
    open_page: Open, store: Store, sample_study: Study, base: str, error: str
) -> None:
    before = len(list_models(store, sample_study.id))
    app = compare(open_page(PAGE), "kolibri-1")
    where = app.selectbox(key="catalog_add_host_kolibri-1")
    where.select_index(len(where.options) - 1).run()
    app.text_input(key="catalog_add_base").set_value(base)
    app.text_input(key="catalog_add_key_env").set_value("OURS_API_KEY")
    for field, price in (("input_price", 0.2), ("output_price", 0.6)):
        app.number_input(key=f"catalog_add_{field}").set_value(price)
    app.button(key="catalog_add").click().run()
    assert not app.exception
    if error:
        assert error in app.error[0].value
        assert len(list_models(store, sample_study.id)) == before
    else:
        model = list_models(store, sample_study.id)[-1]
        assert (model.api_base, model.litellm_id) == (base, "openai/Aleph-Alpha/Kolibri-1")
        assert (model.key_env, model.prices.input, model.prices.output) == (
            "OURS_API_KEY",
            0.2,
            0.6,
        )
        assert "catalog_add" not in [button.key for button in app.button], "the form is empty again"


def test_candidates_leads_to_it(open_page: Open, sample_study: Study) -> None:
    links = [link.proto.page for link in open_page(CANDIDATES).get("page_link")]
    assert "catalog" in links
