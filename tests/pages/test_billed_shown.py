"""Prompt log of a study with an export of usage and cost, with a log and without."""

from collections.abc import Callable
from datetime import timedelta

from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.log.totals import save_totals
from advisor.store.studies import create_study
from advisor.types.prices import Total, TotalSource
from tests.made.traffic import START, made_call, store_calls
from tests.pages.decided_study import said
from tests.pages.tables import tables

PAGE = "pages/log/prompt_log.py"
Open = Callable[..., AppTest]


def save(store: Store, study_id: int) -> None:
    days = [START.date() + timedelta(days=day) for day in range(10)]
    usage = [Total(TotalSource.OPENAI_USAGE, day, "gpt-4o-2024-08-06", 500, 10_000, 500, None) for day in days]
    costs = [Total(TotalSource.OPENAI_COSTS, day, "gpt-4o-2024-08-06", None, None, None, 4.5) for day in days]
    save_totals(store, study_id, [*usage, *costs])


def test_the_share_and_the_bill_stand_next_to_the_log(open_page: Open, store: Store) -> None:
    calls = [(made_call(f"Ticket {n}", days=n + 0.5), 0.01) for n in range(10)]
    save(store, store_calls(store, calls, traffic_share=0.002).id)
    app = open_page(PAGE)
    # 10 of 5,000 requests; ten calls at $0.01, each for 500, are $50; billed 10 x $4.50
    for figure in ("0.2%", "10 of 5,000 requests", "projects to $50.00", "billed $45.00: 10% less"):
        assert figure.replace("$", "\\$") in said(app) or figure in said(app), figure
    app.session_state["tab"] = "Provider's bill"
    (table,) = [frame for frame in tables(app.run()) if "Billed" in frame]
    assert table.iloc[0].tolist() == ["gpt-4o-2024-08-06", 5000, 100_000, 5000, "$45.00", "yes"]


def test_an_export_alone_is_shown_and_a_log_is_asked_for(open_page: Open, store: Store) -> None:
    save(store, create_study(store, "S").id)
    app = open_page(PAGE)
    assert not app.exception
    assert "5,000 requests" in app.info[0].value
    assert "Add a log" in [header.value for header in app.header]
    assert [list(frame["Model"]) for frame in tables(app) if "Billed" in frame] == [["gpt-4o-2024-08-06"]]
