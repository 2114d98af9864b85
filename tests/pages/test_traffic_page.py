"""Prompt log: the traffic profile and the first savings range, at once after an import."""

import socket
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.decisions import decide
from advisor.plan.business_case import case_from
from advisor.plan.moving import case_facts
from advisor.store import Store
from advisor.store.studies import get_study
from advisor.text.headline import measured
from advisor.types import Study
from advisor.ui.log.traffic import NO_NAME
from tests.made.traffic import made_call, store_calls
from tests.pages.decided_study import said
from tests.pages.tables import tables

PAGE = "pages/log/prompt_log.py"
Open = Callable[..., AppTest]


def ten_days(store: Store, *, cost: float = 0.01, traffic_share: float = 0.5) -> int:
    """Eleven calls, one a day from 1 to 11 November; the last one failed."""
    calls = [(made_call(f"Ticket {word}", days=n, latency_s=1.0), cost) for n, word in enumerate("abcdefghij")]
    failed = made_call("Ticket k", days=10, usage=None, answer=None, error="HTTP 500")
    return store_calls(store, [*calls, (failed, None)], traffic_share=traffic_share).id


def table(app: AppTest, column: str) -> dict[str, list[object]]:
    frame = next(frame for frame in tables(app) if column in frame)
    return {str(name): list(values) for name, values in frame.items()}


def show(app: AppTest, part: str) -> AppTest:
    """Open one of the tabs."""
    app.session_state["tab"] = part
    return app.run()


def findings(app: AppTest) -> dict[str, str]:
    show(app, "Findings")
    return dict(tables(app)[0].set_index("About")["Found"])


def test_the_profile_and_the_range_are_shown_without_any_call(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ten_days(store)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the page called out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    app = open_page(PAGE)
    # Eleven calls in ten days, half of the traffic: 11 / 10 x 30.4375 / 0.5 = 66.96 a month; ten were answered, at 0.01
    # dollars each, and the one that failed cost nothing.
    assert "The log has 11 calls (1 Nov 2026 – 11 Nov 2026), 50% of the traffic: about 67 calls" in said(app)
    assert "$0.61 a month" in said(app)
    assert [metric.value for metric in app.metric] == ["67", "$0.61", "1.0 s / 1.0 s", "9.1%"]
    assert "You spend $0.61 a month on these calls. Not worth migrating." in said(app)
    assert said(app).index("Not worth migrating") < said(app).index("The log has"), "the take-away comes first"
    assert table(app, "Use case")["Calls in the log"] == [11]
    assert table(app, "Use case")["Share of spend"] == ["100%"]
    assert table(show(app, "Models"), "Model in the log")["Failed"] == [1]
    assert findings(app)["Failed calls"] == "9.1%"
    assert "Not worth migrating" in said(open_page("pages/summary/summary.py"))
    assert "Non-interactive calls" not in findings(app), "only what was found"
    assert "catalog" in [link.proto.page for link in app.get("page_link")]
    assert len(show(app, "Days and hours").get("plotly_chart")) == 2
    assert "Days and hours are UTC" in said(app)


@pytest.mark.slow
def test_the_range_of_a_bill_that_matters_then_the_decision_and_its_next_step(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    report = decide(store, replayed_study)
    app = open_page(PAGE)
    case = case_from(report, case_facts(store, replayed_study))
    assert measured(report.recommendation, case) in said(app)
    assert "Open models could cut" not in said(app)
    assert "Compared: " not in said(app)
    links: Sequence[Any] = app.get("page_link")
    assert "candidates" in [link.proto.page for link in links], "no judge compared the answers"


@pytest.mark.slow
def test_a_range_of_days(open_page: Open, store: Store) -> None:
    ten_days(store)
    app = open_page(PAGE)
    assert app.date_input[0].value == (date(2026, 11, 1), date(2026, 11, 11))
    app.date_input[0].set_value((date(2026, 11, 3), date(2026, 11, 6))).run()
    # Four calls in four days, half of the traffic: 30.4375 x 2 = 60.9 a month.
    assert "On the chosen days (3 Nov 2026 – 6 Nov 2026) the log has 4 calls" in said(app)
    assert app.metric[0].value == "61"
    assert table(app, "Use case")["Calls in the log"] == [4]
    app.switch_page("pages/log/use_cases.py").run()
    app.switch_page(PAGE).run()
    assert app.date_input[0].value == (date(2026, 11, 3), date(2026, 11, 6)), "the choice is kept"
    assert not app.exception


@pytest.mark.slow
def test_only_the_first_of_two_days_is_chosen_yet(open_page: Open, store: Store) -> None:
    ten_days(store)
    app = open_page(PAGE)
    app.date_input[0].set_value((date(2026, 11, 9),)).run()
    assert not app.exception
    assert table(app, "Use case")["Calls in the log"] == [3]


def test_a_range_that_leaves_nothing_says_so(open_page: Open, store: Store) -> None:
    store_calls(store, [(made_call(), 0.01), (made_call(days=9), 0.01)])
    app = open_page(PAGE)
    app.date_input[0].set_value((date(2026, 11, 3), date(2026, 11, 4))).run()
    assert not app.exception
    assert "No calls on these days" in said(app)
    assert not app.metric
    assert table(app, "Format")["Records"] == [2], "the files are still there"


@pytest.mark.slow
def test_the_share_of_the_traffic_can_be_changed(open_page: Open, store: Store) -> None:
    study_id = ten_days(store)
    app = open_page(PAGE)
    box = next(box for box in app.number_input if "Share of traffic" in box.label)
    assert box.value == 50
    box.set_value(10.0).run()
    assert not app.exception
    assert get_study(store, study_id).traffic_share == pytest.approx(0.1)
    assert app.metric[0].value == "335"  # 11 / 10 x 30.4375 / 0.1 = 334.8


def test_tokens_and_dollars_instead_of_calls(open_page: Open, store: Store) -> None:
    ten_days(store)
    app = show(open_page(PAGE), "Days and hours")
    app.segmented_control(key="traffic_measure").set_value("cost_usd").run()
    assert not app.exception
    assert "a day, at most $0.010" in app.get("plotly_chart")[0].proto.alt


def test_open_models_that_cost_more_save_nothing(open_page: Open, store: Store) -> None:
    ten_days(store, cost=0.00001, traffic_share=5e-6)
    app = open_page(PAGE)
    assert "Open models would cost" in said(app)
    assert table(app, "Use case")["Open models could save"] == ["nothing"]


def test_a_share_from_an_export_has_three_digits(open_page: Open, store: Store) -> None:
    ten_days(store, traffic_share=0.0009113693324219639)
    box = next(box for box in open_page(PAGE).number_input if "Share of traffic" in box.label)
    assert box.value == 0.0911


def test_a_log_that_tells_little(open_page: Open, store: Store) -> None:
    store_calls(store, [(made_call(str(n), days=None, usage=None, model=None), None) for n in range(2)])
    app = open_page(PAGE)
    assert not app.date_input
    assert not app.get("plotly_chart")
    assert [metric.value for metric in app.metric] == ["–", "–", "–", "none marked"]
    assert "Without times, monthly figures are unknown" in said(app)
    assert "Savings are unknown: the log doesn't have both input and output tokens" in said(app)
    assert table(show(app, "Models"), "Model in the log")["Model in the log"] == [NO_NAME]
    assert "Peak calls in flight" not in findings(app)


def test_names_from_a_log_stay_text(open_page: Open, store: Store) -> None:
    name = "![x](http://127.0.0.1:9/x.png) $y$ <b>"
    store_calls(
        store, [(made_call(use_case=name, model=name), 0.01), (made_call(days=1, model=name, use_case=name), 0.1)]
    )
    app = open_page(PAGE)
    assert table(app, "Use case")["Use case"] == [name]
    assert not [text.value for text in app.markdown if "![x]" in text.value]
