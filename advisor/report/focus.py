"""What the log cost, in the columns of the FinOps Open Cost and Usage Specification (FOCUS 1.2)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

BILLED = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
"""Reasoning is part of the output."""
SERVICE = "AI and Machine Learning"


def focus_table(traffic: "pd.DataFrame", providers: dict[str, str]) -> "pd.DataFrame":
    """One row for each day, use case and model with a cost.

    Args:
        traffic: Rows of ``load_traffic``: hour (aware), use_case, model, calls, tokens and cost_usd.
        providers: Model -> who bills it; models without one are left blank.
    """
    import pandas as pd

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
