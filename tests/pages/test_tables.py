"""How tables are drawn: by meaning, and nothing that was logged is markup."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.tables import read

HOSTILE = ["<script>alert(1)</script>", "![x](https://evil.example/x.png)", "🧪 *bold* & 'it'", "سلام \u202e دنیا"]


def _shown(rows: object, **options: object) -> AppTest:
    def script(rows: object, options: dict[str, object]) -> None:
        from advisor.ui.components.table import show_table

        show_table(rows, key="rows", alt="<i>Rows</i>", **options)  # type: ignore[arg-type]

    app = AppTest.from_function(script, kwargs={"rows": rows, "options": options}).run()
    assert not app.exception
    return app


def _html(rows: object, **options: object) -> str:
    (shown,) = _shown(rows, **options).get("html")
    return str(shown.proto.body)


@pytest.mark.parametrize("text", HOSTILE)
def test_logged_text_is_no_markup(text: str) -> None:
    html = _html([{text: text, "Calls": 3}])
    assert "<script" not in html
    assert "<i>" not in html
    frame = read(html)
    shown = text.replace("\u202e", "[U+202E]")
    assert (list(frame), list(frame[shown])) == ([shown, "Calls"], [shown])


def test_a_cell_says_what_it_is_for_screen_readers_and_cards() -> None:
    html = _html(
        [{"Use case": "Triage", "Spend": "$2,900", "Share": 0.256, "Calls": None, "Fits": "✗ no"}],
        notes={"Spend": "A month"},
        shares={"Share"},
    )
    assert "<caption>&lt;i&gt;Rows&lt;/i&gt;</caption>" in html
    assert '<th scope="col" class="number"><abbr title="A month">Spend</abbr></th>' in html
    assert '<th scope="row" class="text" data-label="Use case"><span>Triage</span></th>' in html
    assert '<td class="share" data-label="Share" style="--share:0.256"><span>26%</span></td>' in html
    assert '<td class="text" data-label="Calls"><span class="unknown whole">–</span></td>' in html
    assert '<span class="bad whole">✗ no</span>' in html


def test_dates_and_yes_or_no_are_words() -> None:
    """With and without a time, from Python and from a database."""
    ends = [date(2027, 1, 14), datetime(2027, 1, 14, 23, tzinfo=UTC), pd.Timestamp("2027-01-14"), None]
    frame = read(_html([{"Model": f"M{n}", "Retires": end, "Open": n > 1} for n, end in enumerate(ends)]))
    assert list(frame["Retires"]) == ["14 Jan 2027"] * 3 + ["–"]
    assert list(frame["Open"]) == ["no", "no", "yes", "yes"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("3rd line support", "text"),
        ("4o-mini", "text"),
        ("1,800,000 calls", "number"),
        ("$570/month", "number"),
        ("+4.8 pts (0.5 to 9.8)", "number"),
        ("450 ms", "number"),
        ("-3.2%", "number"),
        ("8×H100", "number"),
    ],
)
def test_a_name_that_begins_with_a_digit_is_no_number(value: str, kind: str) -> None:
    html = _html([{"Use case": "24 hour hotline", "Value": value}])
    assert '<th scope="row" class="text" data-label="Use case">' in html
    assert f'<td class="{kind}" data-label="Value">' in html


def test_columns_without_any_text_are_left_out_and_long_tables_scroll() -> None:
    assert list(read(_html({"Option": ["Cache", "Batch"], "Unknown": ["", ""]}))) == ["Option"]
    assert len(_shown([{"Row": row} for row in range(41)]).dataframe[0].value) == 41
