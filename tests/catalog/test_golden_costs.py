"""Calls whose cost was worked out by hand: tokens times price, as golden_costs.csv spells them out."""

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from advisor.catalog.prices import price_call, price_logged
from advisor.catalog.rates import Terms, terms_of
from advisor.types import Model, Usage


@dataclass(frozen=True, kw_only=True)
class Golden:
    """One call."""

    model: str
    at: datetime
    usage: Usage
    terms: Terms
    arithmetic: str
    """``tokens x dollars per million tokens + ...``."""
    usd: Decimal

    @property
    def label(self) -> str:
        return f"{self.model} {self.at:%Y-%m-%dT%H:%M} {self.terms.tier or ''} {self.arithmetic}"


def read_golden() -> list[Golden]:
    with (Path(__file__).parent / "golden_costs.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Golden(
                model=row["model"],
                at=datetime.fromisoformat(row["at"]),
                usage=Usage(
                    input_tokens=int(row["input"]),
                    cache_read_tokens=int(row["cache_read"]),
                    cache_write_tokens=int(row["cache_write"]),
                    output_tokens=int(row["output"]),
                    reasoning_tokens=int(row["reasoning"]),
                ),
                terms=Terms(tier=row["tier"] or None, cache_write_1h_tokens=int(row["cache_write_1h"])),
                arithmetic=row["arithmetic_usd_per_mtok"],
                usd=Decimal(row["usd"]),
            )
            for row in csv.DictReader(lines)
        ]


GOLDEN = read_golden()


def test_there_are_enough_of_every_vendor() -> None:
    calls = Counter(call.model.partition("/")[0] for call in GOLDEN)
    assert calls.total() >= 40
    assert min(calls[vendor] for vendor in ("openai", "anthropic", "gemini", "bedrock", "deepseek")) >= 5
    assert calls["groq"] + calls["together_ai"] + calls["fireworks_ai"] >= 5


@pytest.mark.parametrize("call", GOLDEN, ids=lambda call: call.label)
def test_the_arithmetic_is_right(call: Golden) -> None:
    parts = [part.split(" x ") for part in call.arithmetic.split(" + ")]
    assert sum(Decimal(tokens) * Decimal(price) for tokens, price in parts) / 10**6 == call.usd
    assert sum(int(tokens) for tokens, _ in parts) == call.usage.total_input_tokens + call.usage.output_tokens


@pytest.mark.parametrize("call", GOLDEN, ids=lambda call: call.label)
def test_a_call_of_a_registered_model(call: Golden) -> None:
    priced = price_call(Model(name="m", litellm_id=call.model), call.usage, call.at, call.terms)
    assert priced is not None
    assert priced[0] == pytest.approx(float(call.usd), rel=1e-12, abs=1e-12)
    assert priced[1].tier == call.terms.tier


@pytest.mark.parametrize("call", GOLDEN, ids=lambda call: call.label)
def test_the_same_call_in_a_log(call: Golden) -> None:
    priced = price_logged(call.model, call.usage, call.at, call.terms)
    assert priced is not None
    assert priced[0] == pytest.approx(float(call.usd), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("call", [call for call in GOLDEN if call.terms.tier], ids=lambda call: call.label)
def test_the_tier_may_stand_in_the_parameters_of_the_model(call: Golden) -> None:
    assert call.terms.tier
    model = Model(name="m", litellm_id=call.model, params={"service_tier": call.terms.tier})
    assert terms_of(model.params) == Terms(tier=call.terms.tier)
    priced = price_call(model, call.usage, call.at)
    assert priced is not None
    assert priced[0] == pytest.approx(float(call.usd), rel=1e-12)
