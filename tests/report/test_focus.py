"""What the log cost, in FOCUS columns: one row for each day, use case and model."""

import pandas as pd

from advisor.report.exports import focus_table

TOKENS = {"input_tokens": 10.0, "cache_read_tokens": 5.0, "cache_write_tokens": 1.0, "output_tokens": 4.0}


def traffic(*rows: tuple[str | None, str, float, float]) -> pd.DataFrame:
    """(hour, model, priced calls, cost) as ``load_traffic`` has them."""
    frame = pd.DataFrame(
        [
            {"use_case": "Triage", "model": model, "calls": 2.0, "priced": priced, "cost_usd": usd, **TOKENS}
            for _, model, priced, usd in rows
        ]
    )
    hours = pd.to_datetime(pd.Series([hour for hour, *_ in rows]), utc=True)
    return frame.assign(hour=hours, reasoning_tokens=3.0)


def test_hours_of_a_day_are_one_row_in_its_month() -> None:
    hours = (("2026-12-31T00:00Z", 0.5), ("2026-12-31T23:00Z", 0.25), ("2027-01-01T00:00Z", 1.0))
    table = focus_table(traffic(*((hour, "gpt-4o", 2, usd) for hour, usd in hours)), {"gpt-4o": "OpenAI"})
    assert list(table["BilledCost"]) == list(table["EffectiveCost"]) == [0.75, 1.0]
    assert list(table["ConsumedQuantity"]) == [40.0, 20.0], "reasoning is part of the output"
    assert list(table["x_Calls"]) == [4.0, 2.0]
    first = table.iloc[0]
    assert (first["BillingPeriodStart"], first["BillingPeriodEnd"]) == ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert (first["ChargePeriodStart"], first["ChargePeriodEnd"]) == ("2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z")
    assert (first["ProviderName"], first["ResourceId"], first["BillingCurrency"]) == ("OpenAI", "gpt-4o", "USD")


def test_calls_without_a_time_or_a_price_are_left_out_and_unknown_providers_blank() -> None:
    rows = (("2026-12-01T00:00Z", "own", 2, 0.1), (None, "own", 2, 9.0), ("2026-12-01T00:00Z", "free", 0, 0.0))
    table = focus_table(traffic(*rows), {})
    assert list(table["ResourceId"]) == ["own"]
    assert list(table["ProviderName"]) == [""]
    assert not focus_table(traffic(rows[1]), {}).size
