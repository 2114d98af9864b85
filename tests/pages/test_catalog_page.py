"""Catalog: the sentence that answers, filters, comparison, hosts, and adding a candidate."""

import re
from collections.abc import Callable

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.company import read_company
from advisor.store.jobs import list_jobs
from advisor.store.models import list_models
from advisor.types import Role, Study
from advisor.ui.models.catalog import ANY, HOSTED, JSON, TOOLS
from advisor.ui.models.company import NO, YES
from tests.pages.tables import tables

PAGE = "pages/models/catalog.py"
CANDIDATES = "pages/models/candidates.py"
Open = Callable[..., AppTest]


def sentence(app: AppTest) -> str:
    told = next(part.value for part in app.markdown if "open models: " in part.value.replace("\\", ""))
    return told.replace("\\", "")


def allowed(app: AppTest) -> int:
    found = re.search(r"(\d+) allowed", sentence(app))
    return int(found[1]) if found else 0


def shown(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption, *app.info)).replace("\\", "")


def table(app: AppTest) -> pd.DataFrame:
    return tables(app)[0]


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
    app.multiselect(key="compare").set_value(list(model_ids)).run()
    assert not app.exception
    return app


def test_works_without_a_study(open_page: Open) -> None:
    app = open_page(PAGE)
    assert sentence(app).startswith("56 open models: ")
    assert "the filters" not in sentence(app)
    assert "to settle 11 more models" in sentence(app)
    cards = tables(app)[1]
    assert list(cards["Model"]) == list(table(app)["Model"][: len(cards)])
    assert "License says" in cards, "on a phone too"
    assert len(table(app)) == 56
    compare(app, "kimi-k3")
    assert len(app.metric) == 3
    assert not [button for button in app.button if button.label == "Add"], "there is no study to add to"


def test_the_company_decides(open_page: Open) -> None:
    app = open_page(PAGE)
    before = allowed(app)
    answer(app)
    assert allowed(app) > before
    assert "to settle" not in sentence(app)
    app.segmented_control(key="company_third_parties").set_value(YES).run()
    assert allowed(app) > 0
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
    app.multiselect(key="needs").set_value([TOOLS, JSON, HOSTED])
    app.selectbox(key="context").set_value(1_000_000)
    app.selectbox(key="gpu").set_value("h200").run()
    app.selectbox(key="gpus").set_value(8).run()
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
    board = app.selectbox(key="board")
    assert board.value == ANY
    assert app.number_input(key="at_least").disabled
    words = next(option for option in board.options if "9 Oct 2026" in option and "Elo" in option)
    board.select(words).run()
    values = list(table(app)[words])
    assert values == sorted(values, reverse=True)
    assert "Excluded because unknown: standing (49 models)" in shown(app)
    app.number_input(key="at_least").set_value(1480.0).run()
    assert len(table(app)) == 2


def test_nothing_suits(open_page: Open) -> None:
    app = open_page(PAGE)
    app.selectbox(key="gpu").set_value("t4")
    app.selectbox(key="context").set_value(1_000_000).run()
    assert "No matching model" in shown(app)
    assert "0 pass" in sentence(app)


def test_nobody_selects_all(open_page: Open) -> None:
    app = open_page(PAGE)
    assert {choice.label: choice.proto.select_all for choice in app.multiselect} == dict.fromkeys(
        ("License says", "It must", "Training data", "Compare up to three"), 0
    )


def test_three_side_by_side(open_page: Open) -> None:
    app = compare(answer(open_page(PAGE), eu=YES), "gpt-oss-120b", "llama-4-maverick", "kolibri-1")
    side_by_side = tables(app)[2].set_index("Fact")
    assert list(side_by_side.columns) == ["gpt-oss-120b", "Llama 4 Maverick 17B-128E", "Kolibri 1 (78B-A3B, FP8)"]
    why = str(side_by_side.loc["Why", "Llama 4 Maverick 17B-128E"])
    assert why.startswith("Because your company is in the EU and the model reads images")
    assert "17 Dec 2025" in str(side_by_side.loc["Standings", "gpt-oss-120b"])
    assert side_by_side.loc["Hosts", "Kolibri 1 (78B-A3B, FP8)"] == "0"


def test_a_model_that_a_filter_drops_stays_in_the_comparison(open_page: Open) -> None:
    app = compare(open_page(PAGE), "kimi-k3")
    app.selectbox(key="gpu").set_value("l4").run()
    assert not app.exception
    assert "Kimi K3" not in list(table(app)["Model"])
    assert list(tables(app)[2].columns) == ["Fact", "Kimi K3"]
    assert "Kimi K3" in app.multiselect(key="compare").options


def test_the_address_names_the_compared_models_by_id_and_says_which_it_cannot_find(open_page: Open) -> None:
    app = open_page(PAGE, {"compare": ["gpt-oss-120b", "no-such-model"]})
    assert app.multiselect(key="compare").value == ["gpt-oss-120b"]
    assert "The model in the address wasn't found. Showing gpt-oss-120b." in shown(app)
    assert list(tables(app)[2].columns) == ["Fact", "gpt-oss-120b"]
    app = compare(open_page(PAGE), "kimi-k3")
    assert app.query_params["compare"] == "kimi-k3"


def test_where_hosts_keep_data_or_that_it_is_unknown(open_page: Open) -> None:
    app = compare(open_page(PAGE, tab="Hosts and data", catalog_more=True), "llama-3.3-70b")
    short = tables(app)[2].set_index("Host")
    assert short.loc["Novita AI", "Trains on it"] == "unknown"
    hosts = tables(app)[3].set_index("Host")
    assert hosts.loc["Scaleway", "Data is kept in"] == "France (Paris)"
    assert str(hosts.loc["Scaleway", "Says so"]).startswith("https://www.scaleway.com/")
    assert hosts.loc["Novita AI", "Data is kept in"] == "unknown"
    assert hosts.loc["Novita AI", "Trains on it"] == "unknown"
    assert hosts.loc["Novita AI", "Id"] == "novita/meta-llama/llama-3.3-70b-instruct"
    assert str(hosts.loc["Novita AI", "In, $/M tokens"]).startswith("$")


def test_three_models_are_recommended_at_the_cost_of_this_log(
    open_page: Open, store: Store, sample_study: Study
) -> None:
    app = open_page(PAGE)
    assert len(app.metric) == 3
    assert all(metric.value.endswith("/month") for metric in app.metric)
    assert all("of today's bill" in metric.delta for metric in app.metric)
    costs = table(app)["Your cost/month"]
    assert (costs.dropna() > 0).all()
    app.button(key="add_cheapest").click().run()
    assert not app.exception
    added = list_models(store, sample_study.id)[-1]
    assert added.role is Role.CANDIDATE
    assert added.name.split(" at ")[0] in app.metric[0].label
    assert app.button(key="add_cheapest").disabled


def test_a_probe_is_filed_for_what_is_added_with_a_key(
    open_page: Open, store: Store, sample_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    app = compare(open_page(PAGE), "gpt-oss-20b", "gpt-oss-120b")
    app.selectbox(key="host_gpt-oss-20b").set_value("groq/openai/gpt-oss-20b").run()
    app.button(key="add_compared_gpt-oss-20b").click().run()
    assert list_jobs(store, sample_study.id, kind="probe") == [], "its key is missing"
    monkeypatch.setenv("GROQ_API_KEY", "a-key")
    app.selectbox(key="host_gpt-oss-120b").set_value("groq/openai/gpt-oss-120b").run()
    app.button(key="add_compared_gpt-oss-120b").click().run()
    (job,) = list_jobs(store, sample_study.id, kind="probe")
    assert job.arguments["model"] == list_models(store, sample_study.id)[-1].id


def test_a_host_is_chosen_and_added(open_page: Open, store: Store, sample_study: Study) -> None:
    app = compare(open_page(PAGE), "gpt-oss-20b", "kimi-k3")
    assert "add_compared_kimi-k3" not in [button.key for button in app.button], "nothing is chosen for the person"
    where = app.selectbox(key="host_kimi-k3")
    assert all("gpt-oss" not in option for option in where.options)
    where.set_value("together_ai/moonshotai/Kimi-K3").run()
    app.button(key="add_compared_kimi-k3").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.name, model.litellm_id) == ("Kimi K3 at Together AI", "together_ai/moonshotai/Kimi-K3")
    assert (model.role, model.licence, model.api_base) == (Role.CANDIDATE, "kimi-k3", None)
    assert "Added Kimi K3 at Together AI" in app.success[0].value.replace("\\", "")


def test_a_server_of_ones_own_is_set_up_on_candidates(open_page: Open, store: Store, sample_study: Study) -> None:
    app = compare(open_page(PAGE), "kolibri-1")
    app.selectbox(key="host_kolibri-1").select_index(0).run()
    app.button(key="set_up_kolibri-1").click().run()
    assert not app.exception
    app.switch_page(CANDIDATES).run()  # the app has done so, but AppTest goes on with the page that it knows
    assert app.selectbox(key="model_picked").value == "kolibri-1"
    app.text_input(key="model_api_base").set_value("http://127.0.0.1:9/v1")
    app.button(key="add_model").click().run()
    assert not app.exception
    model = list_models(store, sample_study.id)[-1]
    assert (model.litellm_id, model.licence) == ("openai/Aleph-Alpha/Kolibri-1", "apache-2.0")


def test_candidates_leads_to_it(open_page: Open, sample_study: Study) -> None:
    links = [link.proto.page for link in open_page(CANDIDATES).get("page_link")]
    assert "catalog" in links
