"""Cost: staying for less, and GPUs of one's own: nothing is shown without evidence, and every number is explained."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide
from advisor.money.closed_models import Deadline
from advisor.money.optimize import Option
from advisor.store import Store
from advisor.store.models import add_model, list_models
from advisor.store.studies import change_study
from advisor.text import numbers
from advisor.text.money import end_words
from advisor.types import Model, Money, OptionKind, Study, Usage
from advisor.ui import queries
from advisor.ui.evidence.cost import hosting
from advisor.ui.evidence.cost import queries as queries_money
from advisor.ui.evidence.cost.optimize import option_rows, sentences
from tests.made.traffic import made_call, store_calls
from tests.pages.tables import tables

PAGE = "pages/evidence/cost.py"
Open = Callable[..., AppTest]
OPTION = Option(
    kind=OptionKind.PROMPT_CACHING,
    monthly=Money(low=10.0, point=20.0, high=30.0),
    calls=5,
    of=10,
    how=(),
    unknown=(),
)


@pytest.fixture
def study(store: Store, replayed_study: Study) -> Study:
    """The sample study with a decision."""
    decide(store, replayed_study)
    return replayed_study


def said(app: AppTest) -> str:
    texts = [part.value for kind in (app.markdown, app.caption, app.info, app.warning, app.error) for part in kind]
    return "\n".join(texts).replace("\\", "")


def table(app: AppTest, column: str) -> object:
    return next(frame for frame in tables(app) if column in frame)


def test_the_way_that_beats_the_plan_comes_first_and_is_tested_by_one_click(
    open_page: Open, store: Store, study: Study
) -> None:
    app = open_page(PAGE)
    assert "gpt-6-luna might save $10,200 to $10,800 a month" in said(app)
    assert "(1 Apr 2027); gpt-6-sol replaces it, about $15,300 a month at list price." in said(app)
    waterfall = next(alt for drawn in app.get("plotly_chart") if "Today:" in (alt := drawn.proto.alt))
    assert "gpt-6-luna: saves $10,200 to $10,800, not tested" in waterfall
    app.button(key="cost_test").click().run()
    assert [model.litellm_id for model in list_models(store, study.id)][-1] == "openai/gpt-6-luna"
    assert app.title[0].value == "Candidates"
    assert any("OPENAI\\_API\\_KEY" in each.value or "OPENAI_API_KEY" in each.value for each in app.success)


def test_a_sibling_that_is_registered_is_not_registered_twice(open_page: Open, store: Store, study: Study) -> None:
    add_model(store, study.id, Model(name="Luna", litellm_id="openai/gpt-6-luna"))
    decide(store, study)
    app = open_page(PAGE)
    assert "gpt-6-luna might save" in said(app)
    app.button(key="cost_test").click().run()
    assert [model.name for model in list_models(store, study.id)].count("Luna") == 1
    assert [model.litellm_id for model in list_models(store, study.id)].count("openai/gpt-6-luna") == 1


def test_only_the_open_tab_is_made(open_page: Open, study: Study) -> None:
    app = open_page(PAGE)
    assert len(tables(app)) == 1
    assert "Use case" in tables(app)[0]


def test_every_option_opens_to_how_it_was_computed(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Other savings")
    options = list(table(app, "Option")["Option"])  # type: ignore[index]
    assert len(options) == 7
    assert app.selectbox(key="stay_option").options == options
    app.selectbox(key="stay_option").set_value("Batch API").run()
    assert "come in bursts" in said(app)


def test_a_log_alone_shows_what_it_costs_and_how_to_pay_less(open_page: Open, sample_study: Study) -> None:
    """Nothing is decided yet: today's bill, own GPUs and ways to stay need the log only."""
    app = open_page(PAGE)
    assert "Today's models cost $11,300 ($7,870 to $14,700) a month." in said(app)
    cheaper = "gpt-6-luna might save $10,200 to $10,800 a month, quality not tested."
    assert cheaper in said(app)
    waterfall = app.get("plotly_chart")[0].proto.alt
    assert "Open models, list prices: saves up to $10,800, or costs $1,060 more, not tested" in waterfall
    assert "After the move" not in waterfall
    rows = table(app, "Calls a month").set_index("Use case")  # type: ignore[attr-defined]
    assert list(rows.loc["All use cases", ["Today", "Today, range"]]) == ["$11,300", "$7,870 to $14,700"]
    assert "After the move" not in rows.columns
    assert "Needs a decision" in said(open_page(PAGE, tab="Unit economics"))


def test_untested_models_stand_at_the_cost_of_these_calls_and_are_added_by_a_click(
    open_page: Open, store: Store, study: Study
) -> None:
    app = open_page(PAGE)
    chart = next(alt for drawn in app.get("plotly_chart") if "score" in (alt := drawn.proto.alt))
    assert re.search(r"Not measured: \d+ models at list prices", chart)
    picker = app.selectbox(key="cost_untested")
    luna = next(words for words in picker.options if words.startswith("openai/gpt-6-luna"))
    assert luna.endswith(" a month")
    picker.select(next(words for words in picker.options if words.startswith("gpt-oss-120b"))).run()
    app.button(key="cost_add").click().run()
    assert not app.exception
    added = list_models(store, study.id)[-1]
    assert added.litellm_id.endswith("gpt-oss-120b")
    assert not [words for words in app.selectbox(key="cost_untested").options if words.startswith("gpt-oss-120b")]


def test_an_address_names_use_case_and_tab(open_page: Open, study: Study) -> None:
    case_id = queries.case_ids(study.id)["Thread summary"]
    app = open_page(PAGE, {"use_case": case_id, "tab": "Sources"})
    assert app.selectbox(key="use_case").value == case_id
    assert table(app, "Price") is not None


def test_what_the_replay_cost_and_why(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Sources")
    parts = table(app, "What for")
    assert list(parts["What for"]) == ["first answers"]  # type: ignore[index]
    assert list(parts["Calls"]) == [120]  # type: ignore[index]
    app = open_page(PAGE, tab="Unit economics")
    assert re.search(r"The same tokens cost .* of the price; it reads \S+ more and writes", said(app))
    rates = table(app, "Saved / 1k calls")
    assert all(re.fullmatch(r"\$[\d.]+ to \$[\d.]+", words) for words in rates["Saved / 1k calls"])  # type: ignore[index]
    assert all(rates["Input tokens"] != "–")  # type: ignore[index]


def test_the_logs_own_costs_are_checked(open_page: Open, store: Store) -> None:
    calls = [(made_call(str(n), days=n, cost_usd=0.0028), 0.0028) for n in range(10)]
    store_calls(store, calls, name="Contract")
    app = open_page(PAGE, tab="Sources")
    assert "The log says that 10 calls cost $0.028; their tokens at list prices come to $0.035" in said(app)
    assert "-$0.007 (20% less)" in said(app)
    row = table(app, "The log says").iloc[0]  # type: ignore[attr-defined]
    assert (row["Model in the log"], row["Difference"]) == ("gpt-4o", "-$0.007 (20% less)")


def test_what_is_measured_on_the_sample_log(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Other savings")
    assert "Largest saving at the same quality: response cache, exact match, $40 to $340 a month." in said(app)
    assert "Cheaper model of the same provider: $10,200 to $10,800 a month less, but only if quality holds." in said(
        app
    )
    rows = table(app, "Option").set_index("Option")  # type: ignore[attr-defined]
    assert rows.loc["Response cache, exact match", "Rests on"] == "18 of 642 calls"
    assert rows.loc["Batch API", "Saved, a month"] == "$0"
    assert rows.loc["Cheaper model of the same provider", "Condition"] == "only if quality holds"
    assert "1 Apr 2027, in" in table(app, "Shuts down").iloc[0]["Shuts down"]  # type: ignore[attr-defined]


def test_without_a_throughput_nothing_is_priced(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Self-hosting")
    assert "run a load test" in said(app)
    assert "the monthly cost is unknown" in said(app)
    assert not [frame for frame in tables(app) if "Number" in frame], "no table of dashes"
    assert "Excludes engineering time" not in said(app)


def test_a_number_with_its_source_gives_bills_and_a_chart(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Self-hosting")
    assert app.selectbox(key="hosting_model").value == "gpt-oss-120b", "the most widely sold one to begin with"
    app.number_input(key="hosting_tokens_gpt-oss-120b").set_value(2500.0)
    app.text_input(key="hosting_source_gpt-oss-120b").set_value("vendor *sheet*")
    app.number_input(key="hosting_hours").set_value(10.0).run()
    assert not app.exception
    assert "gpt-oss-120b on your own GPUs costs $8,800 to $19,000 a month (2 copies)" in said(app)
    assert ", more than hosts" in said(app)
    rows = table(app, "Number").set_index("Number")  # type: ignore[attr-defined]
    assert rows.loc["Own GPUs, a month", "Value"] == "$8,800 to $19,000"
    assert rows.loc["Utilization", "Value"] == "3.5%"
    assert rows.loc["Payback period", "Unknown"] == "never at today's volume"
    inputs = table(app, "What").set_index("What")  # type: ignore[attr-defined]
    assert inputs.loc["Output tokens/s of one copy", "From"] == "entered: vendor *sheet*"
    assert inputs.loc["Memory per token of a call (KV cache)", "Value"].startswith("73,728 bytes")
    assert "When the traffic doubles: 2 copies instead of 2" in said(app)
    assert "Excludes engineering time" not in said(app)
    app.number_input(key="hosting_hours").set_value(0.0).run()
    assert "Excludes engineering time" in said(app)


def test_a_load_tools_result_counts_as_measured(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Self-hosting")
    uploader = app.file_uploader(key="hosting_result_gpt-oss-120b")
    uploader.set_value(("result.json", b'{"output_throughput": 2500}', "application/json")).run()
    assert not app.exception
    inputs = table(app, "What").set_index("What")  # type: ignore[attr-defined]
    assert inputs.loc["Output tokens/s of one copy", "Value"] == "2,500"
    assert "vLLM bench" in inputs.loc["Output tokens/s of one copy", "From"]
    uploader = app.file_uploader(key="hosting_result_gpt-oss-120b")
    uploader.set_value(("other.json", b"{}", "application/json")).run()
    assert "benchmarks.json" in app.error[0].value.replace("\\", "")


def test_the_bill_and_the_own_gpus_count_the_same_calls(open_page: Open, store: Store) -> None:
    store_calls(store, [(made_call(str(n), days=n / 20, latency_s=2.0), 0.0035) for n in range(347)], traffic_share=0.1)
    app = open_page(PAGE, tab="Self-hosting")
    app.number_input(key="hosting_tokens_gpt-oss-120b").set_value(2500.0)
    app.text_input(key="hosting_source_gpt-oss-120b").set_value("sheet").run()
    rows = table(open_page(PAGE), "Calls a month").set_index("Use case")  # type: ignore[attr-defined]
    inputs = table(app, "What").set_index("What")  # type: ignore[attr-defined]
    calls = rows.loc["All use cases", "Calls a month"]
    assert inputs.loc["Answered calls a month", "Value"] == f"{calls:,}"
    assert f"today it is {calls:,} answered calls" in said(app)


def test_a_use_case_costs_the_same_in_table_and_chart(open_page: Open, study: Study) -> None:
    report = queries.report(study.id)
    assert report is not None
    first = report.recommendation.use_cases[0]
    app = open_page(PAGE, tab="Unit economics")
    rates = table(app, "Saved / 1k calls").set_index("Use case")  # type: ignore[attr-defined]
    chart = next(alt for drawn in app.get("plotly_chart") if "score" in (alt := drawn.proto.alt))
    assert f"baseline {numbers.dollars(first.monthly_baseline_usd)} a month" in chart
    assert f"{rates.loc[first.name, 'Candidate, a month']} a month" in chart


def test_a_model_without_a_known_cache_asks_for_it(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Self-hosting")
    app.selectbox(key="hosting_model").set_value("olmo-3.1-32b").run()
    assert "Memory is a first guess" in said(app)
    for name, value in (("layers", 64), ("heads", 8), ("size", 128)):
        app.number_input(key=f"hosting_{name}_olmo-3.1-32b").set_value(value)
    app.run()
    assert not app.exception
    assert "Memory is a first guess" not in said(app)


def test_a_candidate_of_the_study_comes_first(open_page: Open, store: Store, study: Study) -> None:
    add_model(store, study.id, Model(name="Ours", litellm_id="hosted_vllm/Qwen/Qwen3.8-27B", api_base="http://gpu/v1"))
    decide(store, study)
    assert open_page(PAGE, tab="Self-hosting").selectbox(key="hosting_model").value == "qwen3.8-27b"


def test_what_does_not_fit_is_said(open_page: Open, study: Study) -> None:
    app = open_page(PAGE, tab="Self-hosting")
    app.selectbox(key="hosting_model").set_value("kimi-k3").run()
    assert "doesn't fit into one machine" in said(app)
    assert not app.exception


def test_a_log_without_times_has_options_without_dollars(store: Store) -> None:
    study = store_calls(store, [(made_call(days=None), 0.01), (made_call(days=None), 0.01)], name="No times")
    options = queries_money.stay(study.id)
    assert [option.monthly for option in options] == [None] * 7
    assert all(option.unknown for option in options)
    assert sentences(options)[0] == "Savings without moving are unknown: the log lacks times, tokens or prices."


def test_the_range_of_an_option_follows_how_sure_one_must_be(store: Store) -> None:
    calls = [
        (made_call(f"Q{n}", days=n, usage=Usage(input_tokens=900 * n, output_tokens=9)), 0.01 * n) for n in range(12)
    ]
    study = store_calls(store, calls, name="Sibling")
    widths = []
    for confidence in (0.95, 0.8):
        change_study(store, study.id, confidence=confidence)
        saved = next(o.monthly for o in queries_money.stay(study.id) if o.kind is OptionKind.SIBLING)
        assert saved is not None
        widths.append(saved.high - saved.low)
    assert widths[0] > widths[1] > 0


def test_the_sentence_tells_the_largest_saving() -> None:
    assert sentences((OPTION,))[0] == ("Largest saving at the same quality: prompt caching, $10 to $30 a month.")
    assert sentences((OPTION,))[1] == ""
    none = Option(**{**vars(OPTION), "monthly": Money(low=0.0, point=0.0, high=0.0)})
    assert "No savings without moving" in sentences((none,))[0]
    quality = Option(**{**vars(OPTION), "kind": OptionKind.LONG_ANSWERS})
    assert "unknown" in sentences((quality,))[0]
    assert list(option_rows((quality,))["Condition"]) == ["only if quality holds"]
    assert sentences((none, quality))[0].startswith("No savings at the same quality")
    assert sentences((quality,))[1].startswith("Long answers: $10 to $30 a month less, but only if quality holds.")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 12, 1), "1 Dec 2026, in 10 days"),
        (date(2026, 11, 20), "20 Nov 2026, 1 day ago"),
        (None, "unknown"),
    ],
)
def test_a_deadline_in_words(on: date | None, words: str) -> None:
    one = Deadline(model="m", role=None, name="", calls=1, on=on, successor=None, provider=None)
    assert end_words(one.on, date(2026, 11, 21)) == words


@pytest.mark.parametrize(
    ("utilisation", "words"), [(None, "–"), (0.0005, "less than 0.1%"), (0.002, "0.2%"), (0.42, "42%"), (0.0, "0%")]
)
def test_a_small_share_is_not_nothing(utilisation: float | None, words: str) -> None:
    assert hosting.share(utilisation) == words
