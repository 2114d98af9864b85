"""Unit economics: dollars per 1,000 calls and per good answer, and how token counts offset lower prices."""

import pandas as pd
import streamlit as st

from advisor.money.spend import ALL, Rate, Spend
from advisor.text import numbers
from advisor.text.advice.ending import last_words
from advisor.text.bill import effect_sentence, multiple, read_and_written, spread, why_cost_unknown
from advisor.text.results import would_save
from advisor.types import Recommendation, Report, Study
from advisor.ui.components.table import show_list, show_table
from advisor.ui.evidence.cost import queries
from advisor.ui.queries import case

GOOD = "1k good answers"
PRICES, INPUT, OUTPUT = "Price ratio", "Input tokens", "Output tokens"


def show(study: Study, report: Report | None) -> None:
    """What price and tokens do to each candidate, then all rates in one table."""
    if report is None:
        st.markdown("Needs a decision: unit costs come from the replay's answers.")
        return
    spent = queries.spend(study.id, report)
    if spent is not None:
        show_list(effect_words(rate) for rate in spent.rates if rate.use_case == ALL)
    show_table(
        rate_rows(report.recommendation, spent, last_words(case(study.id, report))),
        key="cost_rates",
        alt="Dollars per 1,000 calls and per good answer of every candidate by use case, with price and token ratios.",
        notes={
            GOOD: "Right answers or, where answers are compared, wins and ties.",
            PRICES: "The baseline's tokens at the candidate's prices ÷ their cost.",
            INPUT: "Candidate ÷ baseline on the same samples.",
            OUTPUT: "Candidate ÷ baseline on the same samples, reasoning included.",
        },
    )


def effect_words(rate: Rate) -> str:
    """Half the price, 1.6 times the tokens: what that comes to."""
    effect = rate.effect
    tokens = read_and_written(effect.input, effect.output)
    return effect_sentence(rate.model, effect.prices, effect.tokens, effect.cost, tokens, why_unknown(rate))


def rate_rows(recommendation: Recommendation, spend: Spend | None = None, last: str = "") -> pd.DataFrame:
    """One row per use case and candidate, with the reason where something is missing; ``last``: until when it saves."""
    rates = {(rate.use_case, rate.model): rate for rate in spend.rates} if spend else {}
    return pd.DataFrame(
        {
            "Use case": decision.name,
            "Candidate": a.model,
            "Baseline / 1k calls": numbers.to_the_cent(a.costs.baseline_usd_per_1k),
            "Candidate / 1k calls": numbers.to_the_cent(a.costs.usd_per_1k),
            "Saved / 1k calls": numbers.cent_range(rate.saved_per_1k if rate else None),
            GOOD: numbers.to_the_cent(a.costs.usd_per_1k_successes),
            PRICES: multiple(rate.effect.prices if rate else None),
            INPUT: spread(rate.effect.input if rate else None),
            OUTPUT: spread(rate.effect.output if rate else None),
            "Candidate, a month": numbers.dollars(decision.usd_a_month(a)),
            f"A move would save a month{last}": would_save(a),
            "Unknown": why_cost_unknown(decision, a, rate.saving_lacks_pairs if rate else None),
        }
        for decision in recommendation.use_cases
        for a in decision.candidates
        for rate in [rates.get((decision.name, a.model))]
    )


def why_unknown(rate: Rate) -> str:
    """What is missing about price and tokens; empty where all is known."""
    if rate.effect.input is None:
        return "no sample has an answer and tokens from both"
    if rate.effect.prices is None:
        return "the baseline or the candidate has no price"
    return f"ranges need {rate.lacks_pairs} pairs" if rate.lacks_pairs else ""
