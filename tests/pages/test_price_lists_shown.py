"""The comparison of price lists on the page Cost."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.study.models import register_model
from advisor.study.price_check import CheckedPrice, ListedRates
from advisor.types import Model, PriceOrigin, PriceSource, Study
from advisor.ui.views.price_check import check_rows, check_sentence

Open = Callable[..., AppTest]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def checked(name: str, difference: float | None) -> CheckedPrice:
    return CheckedPrice(
        model=name,
        in_log=False,
        at=NOW,
        first=ListedRates(1.0, 0.1, 2.0),
        first_source=PriceSource(origin=PriceOrigin.OTHER, note="a 1"),
        second=None if difference is None else ListedRates(1.0, None, 2.0),
        second_source=None if difference is None else PriceSource(origin=PriceOrigin.OTHER, note="b 2"),
        difference=difference,
        differs=bool(difference and difference > 0.02),
    )


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ((0.0, 0.01), "agree within 2 % on 2 models"),
        ((0.0, None), "agree within 2 % on 1 model."),
        ((0.0, 0.1818), "differ by more than 2 % on m1:"),
        ((None, None), "nothing could be compared"),
    ],
)
def test_one_sentence(differences: tuple[float | None, ...], expected: str) -> None:
    assert expected in check_sentence([checked(f"m{n}", difference) for n, difference in enumerate(differences)])


def test_names_are_no_markup() -> None:
    assert "**" not in check_sentence([checked("**m**", 1.0)]).replace(r"\*\*", "")


def test_rows_say_what_is_missing() -> None:
    rows = check_rows([checked("m", 0.1818), checked("n", None), checked("o", float("inf"))])
    assert rows["Lists differ"].tolist() == ["yes, by 18 %", "only one list", "yes, one has it free"]
    assert rows["First list"].tolist()[0] == "$1 in, $0.1 cached, $2 out"
    assert rows["Second list"].tolist()[:2] == ["$1 in, – cached, $2 out", "not in the list"]
    assert rows["At the prices of"].tolist()[0] == "2026-11-24 12:00"
    assert rows["Sources"].tolist()[:2] == ["a 1 · b 2", "a 1"]


def test_the_page_shows_the_models_of_the_log(open_page: Open, replayed_study: Study) -> None:
    app: AppTest = open_page("pages/compare/cost.py")
    table = next(frame.value for frame in app.dataframe if "Lists differ" in frame.value)
    row = table[table["Model"] == "gpt-4o-2024-08-06"].iloc[0]
    assert row["Where"] == "in the log"
    assert row["First list"] == row["Second list"] == "$2.5 in, $1.25 cached, $10 out"
    assert any("agree within 2 %" in said.value for said in app.markdown)


def test_the_page_warns_of_lists_that_differ(open_page: Open, store: Store, replayed_study: Study) -> None:
    litellm_id = "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo"
    register_model(store, replayed_study, Model(name="Llama at Together", litellm_id=litellm_id))
    app: AppTest = open_page("pages/compare/cost.py")
    assert any("differ by more than 2 % on Llama at Together" in said.value for said in app.warning)
