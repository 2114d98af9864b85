"""Where the figures come from: prices, the log's own costs, and what the replay cost."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from advisor.measure.registration import rates_of, source_of_price
from advisor.money.projection import Reconciliation
from advisor.money.spend import Spend
from advisor.text import numbers
from advisor.text.bill import NOT_TOLD, difference, exact, reconciled_sentence, spend_sentence, unbilled
from advisor.text.money import PARTS, price_source
from advisor.types import Lane, Model, Report, Role, Study
from advisor.ui import queries as queries_of_study
from advisor.ui.components.table import show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.destinations import is_unpaid
from advisor.ui.evidence.cost import queries

LANES = {Lane.BASELINE: "baseline", Lane.CANDIDATE: "candidate"}
FREE = "not compared (cached or failed)"
"""What a logged cost of nothing means."""


def show(study: Study, report: Report | None) -> None:
    """Prices, then the check of logged costs, then the bill of the replay."""
    st.subheader("Prices")
    if report and report.price_sources:
        show_list(map(price_source, report.price_sources))
    show_table(
        price_rows(queries_of_study.models(study.id), datetime.now(UTC)),
        key="cost_prices",
        alt="The registered models with the prices given for them.",
    )
    st.subheader("Logged costs against list prices")
    _show_reconciliation(study)
    spent = queries.spend(study.id, report) if report else None
    if report and spent:
        st.subheader("Cost of the replay")
        run = queries_of_study.run(report.recommendation.run.id)
        told = spend_sentence(spent.run, spent.usd, spent.judges_usd, spent.unbilled, unpaid=is_unpaid(run))
        st.markdown(inline(told))
        show_table(
            part_rows(spent),
            key="cost_parts",
            alt="Calls, tokens and dollars of the replay by model and reason.",
        )


def price_rows(models: Iterable[Model], at: datetime) -> pd.DataFrame:
    """One row per registered model, with where its price at ``at`` (aware) comes from."""
    models = list(models)
    rates = [rates_of(model) for model in models]
    return pd.DataFrame(
        {
            "Model": model.name,
            "Role": {Role.BASELINE: "baseline", Role.CANDIDATE: "candidate", Role.JUDGE: "judge"}[model.role],
            "Input, per million tokens": _per_million(paid and paid.input),
            "Output, per million tokens": _per_million(paid and paid.output),
            "Cached input": _per_million(paid and paid.cache_read),
            "Price": price_source(source) if (source := source_of_price(model, at)) else "no price known",
        }
        for model, paid in zip(models, rates, strict=True)
    )


def _per_million(usd: float | None) -> str:
    return numbers.price(None if usd is None else round(usd * 1e6, 9))


def reconciled_rows(found: Reconciliation) -> pd.DataFrame:
    """One row per model, and one for each kind of calls that cannot be compared."""
    rows = [
        {
            "Model in the log": one.model,
            "Calls": numbers.whole(one.calls),
            "The log says": exact(one.logged_usd),
            "Tokens at list prices": exact(one.listed_usd),
            "Difference": difference(one.logged_usd, one.listed_usd),
            "List": price_source(one.source) if one.source else "",
        }
        for one in found.models
    ]
    others = ((found.left_out, numbers.UNKNOWN, "no tokens, or no list price"), (found.free, exact(0.0), FREE))
    for calls, usd, why in others:
        if calls:
            told = {"The log says": usd, "Tokens at list prices": numbers.UNKNOWN, "Difference": why}
            rows.append({"Model in the log": "(others)", "Calls": numbers.whole(calls), **told})
    return pd.DataFrame(rows).fillna("")


def part_rows(spend: Spend) -> pd.DataFrame:
    """One row per model and reason, then the judges."""
    rows = [
        {
            "Model": spend.names.get(part.model_id, numbers.UNKNOWN),
            "As": LANES[Lane(part.lane)],
            "What for": PARTS[part.kind],
            "Calls": numbers.whole(part.calls),
            "Cost": numbers.dollars(part.usd),
            "1,000 calls": numbers.dollars(part.usd_per_1k),
            "Sent again": numbers.whole(part.more_attempts),
            "Input tokens": numbers.whole(part.input_tokens),
            "Output tokens": numbers.whole(part.output_tokens),
            "Unknown": unbilled(part.kind, part.calls, part.billed),
        }
        for part in spend.parts
    ]
    for what, asked in (("comparing pairs", spend.pairs), ("exam, refusals and claims", spend.controls)):
        if asked.calls:
            rows.append(
                {"Model": "all judges", "As": "judge", "What for": what, "Calls": numbers.whole(asked.calls)}
                | {
                    "Cost": numbers.dollars(asked.usd),
                    "1,000 calls": numbers.dollars(asked.usd_per_1k),
                }
                | dict.fromkeys(("Sent again", "Input tokens", "Output tokens"), numbers.UNKNOWN)
                | {"Unknown": NOT_TOLD if asked.usd is None else ""}
            )
    return pd.DataFrame(rows)


def _show_reconciliation(study: Study) -> None:
    """The log's own costs beside its tokens at list prices."""
    found = queries.reconciliation(study.id)
    if found is None:
        st.markdown("The log has no costs. Today's bill is tokens × list prices of the day, or the prices you set.")
        return
    compared = found.compared[1:4] if found.models else None
    st.markdown(inline(reconciled_sentence(compared, found.left_out, found.free)))
    show_table(
        reconciled_rows(found),
        key="cost_reconciled",
        alt="What the log says its calls cost beside their tokens at list prices, by model.",
    )
