"""Tables that leave the program, safe to open in a spreadsheet."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from advisor.errors import BadInput
from advisor.types.texts import neutralise


def results_csv(frame: pd.DataFrame, path: Path) -> int:
    """Write ``frame`` as CSV in UTF-8 with a byte order mark; returns its rows.

    Texts that a spreadsheet would run as a formula get a leading apostrophe; numbers stay numbers. Raises BadInput
    when the file cannot be written.
    """
    safe = frame.copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            safe[name] = pd.Series([neutralise(cell) for cell in frame[name]], index=frame.index, dtype=object)
    safe.columns = pd.Index([neutralise(str(name)) for name in frame.columns])
    # The line end has both characters, since only then a text with a single one of them is quoted.
    part = path.with_name(path.name + ".part")
    try:
        safe.to_csv(
            part,
            index=False,
            encoding="utf-8-sig",
            errors="backslashreplace",
            lineterminator="\r\n",
            float_format=plain_number,
        )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{path} can't be written ({error.strerror}); choose another place.") from None
    return len(frame)


def plain_number(value: Any) -> str:
    """A number without an exponent, and without the digits that only binary fractions have: 0.0000568."""
    return np.format_float_positional(float(f"{value:.12g}"), trim="-")


BILLED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
"""Reasoning is part of the output."""
SERVICE = "AI and Machine Learning"


def focus_table(traffic: pd.DataFrame, providers: dict[str, str]) -> pd.DataFrame:
    """What the log cost by day, use case and model, in FOCUS 1.2, the FinOps Open Cost and Usage Specification.

    Args:
        traffic: Rows of ``load_traffic``: hour (aware), use_case, model, calls, tokens and cost_usd.
        providers: Model -> who bills it; models without one are left blank.
    """
    timed = traffic[traffic["hour"].notna() & (traffic["priced"] > 0)].copy()
    timed["tokens"] = timed[list(BILLED)].sum(axis=1)
    timed["day"] = timed["hour"].dt.floor("D")
    days = timed.groupby(["day", "use_case", "model"], as_index=False)[["calls", "tokens", "cost_usd"]].sum()
    day, provider = days["day"], [providers.get(model, "") for model in days["model"]]
    month = day.dt.tz_localize(None).dt.to_period("M")
    return pd.DataFrame(
        {
            "BillingPeriodStart": month.dt.start_time.dt.strftime("%Y-%m-%dT00:00:00Z"),
            "BillingPeriodEnd": (month + 1).dt.start_time.dt.strftime("%Y-%m-%dT00:00:00Z"),
            "ChargePeriodStart": day.dt.strftime("%Y-%m-%dT00:00:00Z"),
            "ChargePeriodEnd": (day + pd.Timedelta(days=1)).dt.strftime("%Y-%m-%dT00:00:00Z"),
            "BillingCurrency": "USD",
            "BilledCost": days["cost_usd"],
            "EffectiveCost": days["cost_usd"],
            "ChargeCategory": "Usage",
            "ChargeFrequency": "Usage-Based",
            "ChargeDescription": "Calls of " + days["use_case"] + " to " + days["model"],
            "ConsumedQuantity": days["tokens"],
            "ConsumedUnit": "Tokens",
            "ProviderName": provider,
            "PublisherName": provider,
            "InvoiceIssuerName": provider,
            "ServiceCategory": SERVICE,
            "ServiceName": provider,
            "ResourceId": days["model"],
            "ResourceName": days["model"],
            "ResourceType": "Model",
            "x_UseCase": days["use_case"],
            "x_Calls": days["calls"],
        }
    )
