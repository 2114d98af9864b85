"""What calls have in common: beginnings within a provider's rules, repeats in time, lengths over the median."""

from dataclasses import replace

import numpy as np
import pytest

from advisor.analysis.money.stay import (
    BLOCK,
    CacheRule,
    Prefix,
    Prompt,
    blocks_of,
    over_quantile,
    repeats,
    shared_prefixes,
    stretches,
)
from advisor.types import CacheRuleSource

RULE = CacheRule(least_tokens=1024, step_tokens=1, window_s=300.0, automatic=False, source=CacheRuleSource.OPENAI)
SYSTEM = "".join(f"Rule {n}: be kind. " for n in range(2000))[: 32 * BLOCK]


def prompt(text: str, at_s: float) -> Prompt:
    """Four characters to a token."""
    return Prompt(at_s, len(text) // 4, len(text), blocks_of(text))


def test_equal_marks_mean_an_equal_beginning() -> None:
    first, second = blocks_of(SYSTEM + "a" * BLOCK), blocks_of(SYSTEM + "b" * BLOCK)
    assert first[:32] == second[:32]
    assert first[32] != second[32]
    moved = blocks_of("x" + SYSTEM)
    assert not set(moved) & set(first), "the same words elsewhere are no shared beginning"
    assert blocks_of("x" * (BLOCK - 1)) == ()


def test_a_long_beginning_that_comes_again_soon_is_read() -> None:
    texts = [SYSTEM + f"{n:04d}" * BLOCK for n in range(3)]
    found = shared_prefixes([prompt(text, 10.0 * n) for n, text in enumerate(texts)], RULE)
    shared = 32 * BLOCK // 4
    assert [prefix.read for prefix in found] == [0, shared, shared]
    assert [prefix.write_least for prefix in found] == [shared, 0, 0], "only the first writes what others read"
    assert [prefix.write_most for prefix in found] == [len(texts[0]) // 4, BLOCK, BLOCK]


def test_a_growing_conversation_reads_all_that_came_before() -> None:
    texts = [SYSTEM + "".join(f"turn {k} ".ljust(BLOCK, ".") for k in range(n)) for n in range(3)]
    found = shared_prefixes([prompt(text, 60.0 * n) for n, text in enumerate(texts)], RULE)
    assert [prefix.read for prefix in found] == [0, len(texts[0]) // 4, len(texts[1]) // 4]
    assert [prefix.write_least for prefix in found] == [len(texts[0]) // 4, BLOCK // 4, 0]


@pytest.mark.parametrize(
    ("rule", "gap_s", "read"),
    [
        (RULE, 299.0, 2048),
        (RULE, 301.0, 0),
        (replace(RULE, least_tokens=2048), 10.0, 2048),
        (replace(RULE, least_tokens=2049), 10.0, 0),
        (replace(RULE, step_tokens=1000), 10.0, 2000),
    ],
    ids=["in the window", "too late", "long enough", "too short", "in steps"],
)
def test_the_rules_of_the_provider_hold(rule: CacheRule, gap_s: float, read: int) -> None:
    found = shared_prefixes([prompt(SYSTEM, 0.0), prompt(SYSTEM, gap_s)], rule)
    assert found[1].read == read


def test_every_use_keeps_it_for_longer() -> None:
    found = shared_prefixes([prompt(SYSTEM, 200.0 * n) for n in range(4)], RULE)
    assert [prefix.read for prefix in found] == [0, 2048, 2048, 2048]


def test_short_prompts_cost_nothing_to_write() -> None:
    assert shared_prefixes([prompt("Hello", 0.0), prompt("Hello", 1.0)], RULE) == [Prefix(0, 0, 0)] * 2


def test_reading_never_takes_more_than_the_prompt() -> None:
    rng = np.random.default_rng(0)
    texts = [SYSTEM[: int(rng.integers(0, len(SYSTEM)))] + "x" * int(rng.integers(0, 9000)) for _ in range(200)]
    times = np.sort(rng.uniform(0, 20_000, 200))
    prompts = [prompt(text, float(at)) for text, at in zip(texts, times, strict=True)]
    for one, prefix in zip(prompts, shared_prefixes(prompts, RULE), strict=True):
        assert 0 <= prefix.read <= one.tokens
        assert 0 <= prefix.write_least <= one.tokens - prefix.read
        assert prefix.write_least <= prefix.write_most or prefix.write_most == 0


def test_repeats_within_a_time() -> None:
    keys = np.array([1, 2, 1, 1, 2])
    at = np.array([0.0, 5.0, 100.0, 150.0, 1000.0])
    assert repeats(keys, at).tolist() == [False, False, True, True, True]
    assert repeats(keys, at, 60.0).tolist() == [False, False, False, True, False]
    assert repeats(keys[::-1], at[::-1], 60.0).tolist() == [False, True, False, False, False]


def test_calls_without_a_time_repeat_at_some_time() -> None:
    keys, at = np.array([1, 1, 1]), np.array([np.nan, 5.0, np.nan])
    assert repeats(keys, at).sum() == 2
    assert repeats(keys, at, 1e9).sum() == 0


def test_length_over_the_median_of_its_group() -> None:
    amounts, group = np.array([1.0, 2.0, 9.0, 100.0, 100.0]), np.array([1, 1, 1, 2, 2])
    assert over_quantile(amounts, group, 0.5).tolist() == [0, 0, 7, 0, 0]
    assert over_quantile(amounts, group, 0.5, least=4).tolist() == [0, 0, 0, 0, 0]


def test_long_logs_are_read_in_unbroken_stretches() -> None:
    assert stretches(5, 10, 3).tolist() == [0, 1, 2, 3, 4]
    found = stretches(1000, 30, 3)
    assert found.tolist() == [*range(10), *range(495, 505), *range(990, 1000)]
