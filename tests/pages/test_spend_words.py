"""Price, tokens and spend in words: multiples, ranges, and reasons where something is not known."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from advisor.analysis.money.business_case import business_case
from advisor.analysis.money.cost import certain
from advisor.analysis.money.spend import Effect, Part, Ratio
from advisor.money.projection import Reconciled, Reconciliation
from advisor.money.spend import ALL, Asked, Rate, Spend
from advisor.text.bill import bill_sentence, difference, exact, reconciled_sentence, spend_sentence, spread, times
from advisor.types import Message, Model, PartKind, Prices, Recommendation, WarningCode
from advisor.types.business import BusinessCase, Ending, Moving
from advisor.types.scenarios import CaseInputs
from advisor.ui.evidence.cost.sources import FREE, part_rows, price_rows, reconciled_rows
from advisor.ui.evidence.cost.unit import effect_words, why_unknown
from tests.analysis.decisions import decide, target_pairs, use_case

EFFECT = Effect(
    n=200,
    prices=0.42,
    tokens=1.6,
    cost=Ratio(0.672, 0.65, 0.70),
    input=Ratio(1.3, 1.29, 1.31),
    output=Ratio(1.9, 1.7, 2.1),
)
RATE = Rate(
    use_case=ALL,
    model="Qwen",
    n=200,
    baseline_usd=0.001,
    candidate_usd=0.000672,
    saved_per_1k=None,
    effect=EFFECT,
    cached=(0.4, 0.0),
)
PART = Part(
    lane="candidate",
    model_id=1,
    kind=PartKind.FIRST,
    calls=10,
    billed=10,
    usd=0.5,
    input_tokens=1000,
    output_tokens=100,
    more_attempts=2,
)
NOBODY = Asked(calls=0, billed=None, usd=None)
SPEND = Spend(run=3, names={1: "Qwen"}, parts=(PART,), pairs=NOBODY, controls=NOBODY, rates=(RATE,))


def _spent(spend: Spend, *, unpaid: bool = False) -> str:
    return spend_sentence(spend.run, spend.usd, spend.judges_usd, spend.unbilled, unpaid=unpaid)


def _reconciled(found: Reconciliation) -> str:
    return reconciled_sentence(found.compared[1:4] if found.models else None, found.left_out, found.free)


def test_half_the_price_and_more_tokens_in_a_sentence() -> None:
    assert effect_words(RATE) == (
        "Qwen costs 67% of the baseline (65% to 70%). The same tokens cost 42% of the price; it reads 30% more and "
        "writes 90% more tokens."
    )


def test_what_is_free_and_what_is_not_known() -> None:
    free = replace(RATE, effect=replace(EFFECT, prices=0.0, tokens=None, cost=Ratio(0.0, 0.0, 0.0)))
    assert effect_words(free).startswith("Qwen is free per token; it reads 30% more and writes")
    unpriced = replace(RATE, effect=replace(EFFECT, n=0, prices=None, tokens=None, cost=None))
    assert effect_words(unpriced).endswith("unknown: the baseline or the candidate has no price.")
    nothing = replace(RATE, effect=Effect(n=0, prices=None, tokens=None, cost=None, input=None, output=None))
    assert why_unknown(nothing) == "no sample has an answer and tokens from both"
    assert why_unknown(replace(RATE, effect=replace(EFFECT, n=4))) == "ranges need 10 pairs"


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0.042, "4.2% of"), (0.5, "50% of"), (0.0004, "0.0004 of"), (1.0, "1.00 times"),
     (1.04, "1.04 times"), (2.0, "2.0 times"), (31.4, "31 times"), (None, "–")],
)  # fmt: skip
def test_multiples(factor: float | None, words: str) -> None:
    assert times(factor) == words


def test_a_range_that_shows_nothing_is_left_out() -> None:
    assert spread(Ratio(1.6, 1.6001, 1.6002)) == "1.60"
    assert spread(Ratio(1.6, None, None)) == "1.60"
    assert spread(None) == "–"


def test_the_bill_of_a_run_and_its_parts() -> None:
    pairs, controls = Asked(calls=20, billed=None, usd=0.4), Asked(calls=4, billed=4, usd=0.1)
    parts = (
        PART,
        replace(PART, kind=PartKind.FAILED, calls=3, billed=0, usd=None),
        replace(PART, kind=PartKind.REUSED, calls=5, billed=0, usd=None),
        replace(PART, model_id=2, calls=7, billed=4, usd=0.2),
    )
    spend = replace(SPEND, parts=parts, pairs=pairs, controls=controls, names={1: "Qwen", 2: "Llama"})
    assert _spent(spend) == (
        "Run 3 cost $1.20, $0.50 of it for judges; excluded: 3 calls (no price, or no tokens reported)."
    )
    assert _spent(spend, unpaid=True) == ("Run 3 ran on this machine for free (list price $1.20).")
    rows = part_rows(spend)
    assert list(rows["Unknown"]) == [
        "",
        "failed calls report no tokens",
        "reused from an earlier run",
        "3 calls: no price, or no tokens reported",
        "",
        "",
    ]
    assert list(rows["Cost"]) == ["$0.50", "–", "–", "$0.20", "$0.40", "$0.10"]
    assert list(rows["1,000 calls"]) == ["$50", "–", "–", "$50", "$20", "$25"]
    assert list(rows["Sent again"])[:1] == ["2"]


def test_the_bill_names_what_it_lacks() -> None:
    """A use case that moves and saves, one whose bill nobody knows, and one of which nobody knows what it saves."""
    pairs = target_pairs(both=190, neither=10, baseline_cost_usd=0.01, candidate_cost_usd=0.001)
    moves = use_case(pairs, name="Triage", monthly_calls=10_000.0, monthly_baseline_usd=100.0)
    whole = decide(moves)
    assert whole.bill.left_out == ()
    told = "The bill is $100 a month today. Moving 1 of 1 use case would save $90 a month"
    assert bill_sentence(whole, _case(whole, 1000.0)) == f"{told}."
    assert bill_sentence(whole, _case(whole, 5000.0)) == f"{told}, which doesn't pay back $5,000 within 36 months."
    soon = Ending(15.0, 40.0, date(2027, 1, 14), "openai/next")
    brief = "save $15 in all before 14 Jan 2027, then $30 a month."
    assert bill_sentence(whole, _case(whole, 10.0, soon)) == told.replace("save $90 a month", brief)
    unknown = use_case(pairs, name="Extraction", monthly_calls=500.0)
    unpriced = target_pairs(both=190, neither=10, baseline_cost_usd=0.01)
    unsaved = use_case(unpriced, name="Replies", monthly_calls=500.0, monthly_baseline_usd=5.0)
    partly = decide(moves, unknown, unsaved)
    assert partly.bill.left_out == ("Extraction", "Replies")
    assert Message.of(WarningCode.LACKS_BILL, use_cases=["Extraction", "Replies"]) in partly.remarks.warnings
    lacking = " (not counting Extraction and Replies)"
    told = f"The bill is $110 a month today{lacking}. Moving 3 of 3 use cases would save $90 a month."
    assert bill_sentence(partly, _case(partly, 1000.0)) == told


def _case(decided: Recommendation, one_off_usd: float, ending: Ending | None = None) -> BusinessCase:
    """Of what moves for so much once."""
    moving = [
        Moving(
            use_case=each.name,
            today_usd=each.monthly_baseline_usd or 0.0,
            saved=each.target.costs.savings_usd or certain(0.0),
            changes=(),
            ramp=((0.0, 10.0),),
            shadow_share=0.05,
            ending=ending,
        )
        for each in decided.use_cases
        if each.target
    ]
    return business_case(moving, CaseInputs(one_off_usd=one_off_usd), calls=None, today_usd=None)


@pytest.mark.parametrize(
    ("litellm_id", "given", "words"),
    [
        ("openai/gpt-4o", 1.0, "contract price"),
        ("openai/gpt-4o", None, "genai-prices"),
        ("deepinfra/zai-org/GLM-4.6", None, "current price"),
        ("openai/gpt-9-imaginary", None, "no price known"),
    ],
)
def test_a_price_comes_from_where_it_is_told_to_come(litellm_id: str, given: float | None, words: str) -> None:
    model = Model(name="m", litellm_id=litellm_id, prices=Prices(input=given, output=given))
    assert words in str(price_rows([model], datetime(2026, 11, 20, tzinfo=UTC)).iloc[0]["Price"])


def test_a_run_without_prices_has_no_bill() -> None:
    unpriced = replace(SPEND, parts=(replace(PART, billed=0, usd=None),))
    assert _spent(unpriced) == "Cost of run 3 is unknown: no price, or no tokens reported."


def test_the_logs_own_costs_in_words() -> None:
    same = Reconciled("gpt-4o", 10, 1.23, 1.23, None)
    found = Reconciliation(models=(same,), left_out=2, free=0)
    assert _reconciled(found) == (
        "The log says that 10 calls cost $1.23; their tokens at list prices come to $1.23: no difference."
    )
    assert list(reconciled_rows(found)["Difference"]) == ["no difference", "no tokens, or no list price"]
    kept = replace(found, free=1)
    assert _reconciled(kept).endswith(": no difference. Excluded: 1 call logged as free.")
    assert list(reconciled_rows(kept)["Difference"])[1:] == ["no tokens, or no list price", FREE]
    assert list(reconciled_rows(kept)["The log says"]) == ["$1.23", "–", "$0.00"]
    assert _reconciled(replace(found, models=())).startswith("Costs are logged for 2 calls, but tokens")
    assert _reconciled(Reconciliation(models=(), left_out=0, free=3)) == (
        "Logged as free: 3 calls. No list price matches, so this couldn't be checked."
    )


@pytest.mark.parametrize(
    ("logged", "listed", "words"),
    [
        (1.5, 1.0, "+$0.50 (50% more)"),
        (0.5, 1.0, "-$0.50 (50% less)"),
        (1.0, 0.0, "+$1.00"),
        (0.0, 0.0, "no difference"),
    ],
)
def test_a_difference_in_words(logged: float, listed: float, words: str) -> None:
    assert difference(logged, listed) == words


@pytest.mark.parametrize(
    ("usd", "words"),
    [(0.0, "$0.00"), (1234.5, "$1,234.50"), (0.000099, "$0.000099"), (-0.0025, "-$0.0025"), (-3.0, "-$3.00")],
)
def test_exact_dollars(usd: float, words: str) -> None:
    assert exact(usd) == words
