"""Every sentence about money and traffic, with sample values, in one file to read: money_words.txt.

Run ``python -m tests.text.test_money_words`` to write it anew after a change of the words, and read the difference.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from advisor.text.options import OPTIONS, option_step, switch_off_source, used_as
from advisor.types import AT_CONTRACT, CacheRuleSource, Message, OptionKind, OptionStep, PriceOrigin, PriceSource, Role

SNAPSHOT = Path(__file__).parent / "money_words.txt"
CACHE_RULE = {
    "model": "gpt-4o",
    "tokens": 1024,
    "minutes": 5.0,
    "input": 2.5,
    "read": 1.25,
    "write": 2.5,
    "source": PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3").code,
}
STEPS = [
    Message.of(OptionStep.PART_OF_TRAFFIC),
    Message.of(OptionStep.A_MONTH, calls=3.04375),
    Message.of(OptionStep.NO_MONTH),
    Message.of(OptionStep.NO_TIMES),
    Message.of(OptionStep.NO_PRICE),
    Message.of(OptionStep.PROMPTS_READ, read=3000, of=12_400),
    Message.of(OptionStep.SHARED, calls=1204, tokens=1_541_120, cached=20_000),
    Message.of(OptionStep.CACHE_SAVING),
    Message.of(OptionStep.CACHE_RULE, automatic=True, rule=CacheRuleSource.OPENAI, **CACHE_RULE),
    Message.of(OptionStep.CACHE_RULE, automatic=False, rule=CacheRuleSource.CLAUDE, **CACHE_RULE),
    Message.of(OptionStep.CACHE_RULE, automatic=False, rule=CacheRuleSource.CLAUDE_LARGEST, **CACHE_RULE),
    Message.of(OptionStep.NO_CACHE_RULE, model="acme-1"),
    Message.of(OptionStep.NO_MODEL_PRICE, model="acme-1"),
    Message.of(OptionStep.NO_CACHE_PRICE, model="acme-1", source=AT_CONTRACT.code),
    Message.of(OptionStep.NO_PROMPTS),
    Message.of(OptionStep.REPEATS, calls=1204, of=12_400, in_a_day=18),
    Message.of(OptionStep.REPEATS_COST, high=12.345678, low=0.2),
    Message.of(OptionStep.REPEATS_WITHOUT_COST, calls=3),
    Message.of(OptionStep.SOME_FRESH),
    Message.of(OptionStep.NEAR_REPEATS, calls=40, of=12_400),
    Message.of(OptionStep.NEAR_COST, average=0.0123),
    Message.of(OptionStep.NEAR_COST, average=None),
    Message.of(OptionStep.ALL_BATCHED),
    Message.of(OptionStep.SOME_BATCHED),
    Message.of(OptionStep.BULK, calls=40, of=12_400, burst=30, series=20),
    Message.of(OptionStep.STEADY_PACE),
    Message.of(OptionStep.BULK_COST, usd=1.5),
    Message.of(OptionStep.OTHER_TIERS, calls=40),
    Message.of(OptionStep.DISCOUNT, model="gpt-4o", share=0.5),
    Message.of(OptionStep.NO_DISCOUNT, model="acme-1"),
    Message.of(OptionStep.NO_BATCH_PRICE),
    Message.of(OptionStep.LONG_ANSWERS, calls=320, of=642, tokens=20_412.5),
    Message.of(OptionStep.OUTPUT_COST, usd=0.2041),
    Message.of(OptionStep.OUTPUT_COST, usd=None),
    Message.of(OptionStep.LONG_PROMPTS, calls=64, of=642, tokens=48_000.0, few=10),
    Message.of(OptionStep.PROMPT_COST, usd=0.12),
    Message.of(OptionStep.PROMPT_COST, usd=None),
    Message.of(OptionStep.INSTRUCTIONS, usd=0.0384),
    Message.of(OptionStep.INSTRUCTIONS_UNKNOWN),
    Message.of(OptionStep.FEW_PROMPTS, few=10),
    Message.of(OptionStep.SIBLING_COST),
    Message.of(OptionStep.SIBLING_RANGE, confidence=0.95),
    Message.of(OptionStep.SIBLING_NO_RANGE, few=10),
    Message.of(
        OptionStep.SIBLING,
        model="gpt-4o",
        sibling="gpt-4o-mini",
        usd=3.5,
        sibling_usd=0.21,
        source=PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3").code,
    ),
    Message.of(OptionStep.NO_SIBLING, model="acme-1"),
    Message.of(OptionStep.SIBLING_LEFT_OUT, calls=25, of=642),
    Message.of(OptionStep.NONE_CHEAPER),
]
FAMILIES: list[tuple[type[StrEnum], list[Message]]] = [(OptionStep, STEPS)]


def sentences() -> Iterator[str]:
    """The file, line by line."""
    yield "# Ways to pay less"
    for kind, (name, what) in OPTIONS.items():
        yield f"{kind}: {name}. {what}"
    yield from (f"{step.code}: {option_step(step)}" for step in STEPS)
    yield from (f"used as: {used_as(role, 'Larch 30B')}" for role in (None, Role.CANDIDATE))
    yield from (f"switched off: {switch_off_source(provider)}" for provider in (None, "openai"))


def test_the_words_are_those_of_the_file() -> None:
    assert "\n".join(sentences()) + "\n" == SNAPSHOT.read_text("utf-8")


@pytest.mark.parametrize(("family", "samples"), FAMILIES)
def test_every_code_has_words(family: type[StrEnum], samples: list[Message]) -> None:
    assert {sample.code for sample in samples} == set(family)
    assert set(OPTIONS) == set(OptionKind)


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(sentences()) + "\n", "utf-8")
