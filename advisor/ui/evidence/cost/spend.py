"""Actual spend: the replay by reason, and how token counts offset lower prices."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from advisor.money.spend import ALL, Rate, Spend
from advisor.text import numbers
from advisor.text.bill import (
    NOT_TOLD,
    effect_sentence,
    exact,
    multiple,
    read_and_written,
    spend_sentence,
    spread,
    unbilled,
)
from advisor.text.money import PARTS, use_case
from advisor.types import Lane, Report
from advisor.ui import queries
from advisor.ui.components.table import computed, show_list, show_table
from advisor.ui.components.text import inline
from advisor.ui.destinations import is_unpaid

LANES = {Lane.BASELINE: "baseline", Lane.CANDIDATE: "candidate"}


def show_effect(spend: Spend) -> None:
    """Price and tokens apart: the sentence of each candidate, then the use cases."""
    show_list(effect_words(rate) for rate in spend.rates if rate.use_case == ALL)
    show_table(
        effect_rows(spend.rates),
        key="cost_effect",
        alt="How many times the baseline's tokens, price and cost each candidate takes, by use case, with ranges.",
        pinned="Use case",
    )
    st.caption("Relative to the baseline on the same samples (1 = same).")
    with computed("Price and token count", key="effect_how"):
        st.markdown(
            "Tokens: candidate ÷ baseline, over samples both answered. Output includes reasoning. Same tokens at its "
            "prices: the baseline's tokens at the candidate's prices ÷ their cost. Cost: candidate ÷ baseline. "
            "More tokens: cost ÷ same tokens at its prices. Ranges are paired bootstrap intervals."
        )
        show_list(map(effect_line, spend.rates))


def show_parts(report: Report, spend: Spend) -> None:
    """What the replay cost, by reason."""
    run = queries.run(report.recommendation.run.id)
    st.markdown(inline(spend_sentence(spend.run, spend.usd, spend.judges_usd, spend.unbilled, unpaid=is_unpaid(run))))
    show_table(
        part_rows(spend),
        key="cost_parts",
        alt="Calls, tokens and dollars of the replay by model and reason: first answers, repeats, failures, judges.",
    )
    with computed("Cost of the replay", key="parts_how"):
        st.markdown(
            "Billed tokens × the price on the day of the call. Answers reused from earlier runs are free. Failed "
            "attempts report no tokens; most providers don't bill them."
        )
        show_list(part_lines(spend))


def effect_words(rate: Rate) -> str:
    """Half the price, 1.6 times the tokens: what that comes to."""
    effect = rate.effect
    tokens = read_and_written(effect.input, effect.output)
    return effect_sentence(rate.model, effect.prices, effect.tokens, effect.cost, tokens, why_unknown(rate))


def effect_rows(rates: Iterable[Rate]) -> pd.DataFrame:
    """One row per use case and candidate."""
    return pd.DataFrame(
        {
            "Use case": use_case(rate.use_case),
            "Candidate": rate.model,
            "Pairs": rate.effect.n,
            "Cost": spread(rate.effect.cost),
            "Same tokens at its prices": multiple(rate.effect.prices),
            "More tokens": multiple(rate.effect.tokens),
            "Input tokens": spread(rate.effect.input),
            "Output tokens": spread(rate.effect.output),
            "Unknown": why_unknown(rate),
        }
        for rate in rates
    )


def why_unknown(rate: Rate) -> str:
    """What is missing about price and tokens; empty where all is known."""
    if rate.effect.input is None:
        return "no sample has an answer and tokens from both"
    if rate.effect.prices is None:
        return "the baseline or the candidate has no price"
    return f"ranges need {rate.lacks_pairs} pairs" if rate.lacks_pairs else ""


def effect_line(rate: Rate) -> str:
    """The numbers behind one row."""
    text = f"{use_case(rate.use_case)}, {rate.model}: {numbers.count(rate.effect.n, 'pair')}"
    if rate.baseline_usd is not None and rate.candidate_usd is not None:
        text += f"; a call costs {exact(rate.baseline_usd)} with the baseline, {exact(rate.candidate_usd)} with it"
    if rate.effect.prices is not None and rate.effect.tokens is not None and rate.effect.cost is not None:
        text += f"; {rate.effect.prices:.3g} × {rate.effect.tokens:.3g} = {rate.effect.cost.point:.3g}"
    if rate.cached is not None:
        ours, theirs = (numbers.percent(share) for share in rate.cached)
        text += f"; cached input: baseline {ours}, candidate {theirs}"
    return text


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


def part_lines(spend: Spend) -> list[str]:
    """How each amount comes about."""
    return [
        f"{spend.names.get(part.model_id, '')}, {PARTS[part.kind]}: {numbers.count(part.calls, 'call')}, "
        f"{part.billed:,} of them billed, {part.input_tokens:,} tokens in, {part.output_tokens:,} out: "
        f"{numbers.dollars(part.usd)}"
        for part in spend.parts
    ] + [
        f"Judges, {what}: {numbers.count(asked.calls, 'call')}, {numbers.dollars(asked.usd)}"
        for what, asked in (("pairs", spend.pairs), ("exam and refusals", spend.controls))
        if asked.calls
    ]
