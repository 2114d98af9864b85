"""Sizing and pricing of GPUs of one's own, against published numbers and numbers worked out by hand."""

import numpy as np
import pytest

from advisor.analysis.money.hosting import (
    Fleet,
    Shape,
    break_even_tokens,
    fits,
    gpus_needed,
    kv_bytes_per_token,
    memory_of,
    money_range,
    payback_months,
    usd_per_mtok,
    weights_gb,
)

LLAMA_70B = Shape(80, 8, 128)
FLEET = Fleet(gpu_usd_per_hour=2.0, gpus=1, copy_tokens_per_s=1000.0, mean_over_peak=0.5, spare=1, people_usd=1000.0)
MTOK = 1e6


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Shape(32, 32, 128), 524_288),
        (Shape(32, 8, 128), 131_072),
        (LLAMA_70B, 327_680),
        (Shape(40, 40, 128), 819_200),  # 800 KB in the paper on vLLM
    ],
    ids=["Llama-2-7B", "Llama-3-8B", "Llama-3-70B", "OPT-13B"],
)
def test_bytes_of_a_token_in_the_cache(shape: Shape, expected: int) -> None:
    assert kv_bytes_per_token(shape) == expected


def test_a_whole_context_in_the_cache() -> None:
    memory = memory_of(0.0, Shape(32, 32, 128), 4096)  # Llama 2 7B
    assert (memory.kv_gb or 0.0) * 1e9 == pytest.approx(2 * 2**30)


def test_dollars_by_the_token_and_the_break_even() -> None:
    assert usd_per_mtok(2.5, 1, 2500, 0.60) == pytest.approx(0.46296, abs=5e-6)
    assert break_even_tokens(1825, 0.60) == pytest.approx(3.0417e9, rel=1e-4)
    assert 2.5 * 730 == 1825


def test_the_same_gpu_by_how_busy_it_is() -> None:
    busy, idle = (usd_per_mtok(2.5, 1, 2500, share) for share in (1.0, 0.02))
    assert idle == pytest.approx(50 * busy)


def test_memory_and_the_fewest_gpus_that_hold_it() -> None:
    memory = memory_of(weights_gb(70.6, "bf16"), LLAMA_70B, 100_000)
    assert memory.weights_gb == pytest.approx(141.2)
    assert memory.kv_gb == pytest.approx(32.768)
    assert memory.total_gb == pytest.approx(1.1 * (141.2 + 32.768))
    choices = fits(memory, 80, 8)
    assert [fit.gpus for fit in choices] == [1, 2, 4, 8]
    assert [fit.fits for fit in choices] == [False, False, True, True]
    assert choices[2].needed_gb == pytest.approx(191.3648 / 4)
    assert choices[2].usable_gb == 72
    assert gpus_needed(choices) == 4
    assert gpus_needed(fits(memory_of(weights_gb(70.6, "fp8"), LLAMA_70B, 100_000), 80, 8)) == 2
    assert gpus_needed(fits(memory_of(2800.0, None, None), 80)) is None


def test_more_gpus_than_heads_keep_the_cache_twice() -> None:
    memory = memory_of(0.0, Shape(10, 2, 128), 1e6)
    needed = [fit.needed_gb for fit in fits(memory, 80, 2)]
    assert needed[1] == needed[2] == needed[3] == pytest.approx(needed[0] / 2)


def test_without_the_shape_it_is_a_first_guess() -> None:
    assert memory_of(100.0, None, 5000.0) == (100.0, None, 120.0)
    assert memory_of(100.0, LLAMA_70B, None).kv_gb is None


def test_copies_follow_the_busiest_hour() -> None:
    assert FLEET.copy_tokens == pytest.approx(1000 * 0.5 * 730.5 * 3600)
    assert FLEET.copies(0) == 2, "one that serves and one to spare"
    assert FLEET.copies(FLEET.copy_tokens) == 2
    assert FLEET.copies(FLEET.copy_tokens * 1.01) == 3
    assert FLEET.monthly_usd(FLEET.copy_tokens) == pytest.approx(2 * 2.0 * 730.5 + 1000)
    assert FLEET.utilisation(FLEET.copy_tokens) == pytest.approx(0.25), "half the day, and one of two copies"


def test_dollars_by_the_token_are_those_of_the_bill() -> None:
    tokens = 2.5e9
    copies = FLEET.copies(tokens)
    by_token = usd_per_mtok(FLEET.gpu_usd_per_hour, FLEET.gpus, FLEET.copy_tokens_per_s, FLEET.utilisation(tokens))
    assert by_token * tokens / MTOK == pytest.approx(copies * FLEET.copy_usd)


@pytest.mark.parametrize("price", [1.2, 1.5, 2.0, 3.0, 8.0])
def test_the_break_even_is_where_a_search_finds_it(price: float) -> None:
    found = FLEET.break_even(price)
    volumes = np.linspace(1e6, 4e10, 40_001)
    pays = np.array([FLEET.monthly_usd(volume) <= price * volume / MTOK for volume in volumes])
    if not pays.any():
        assert found is None or found > volumes[-1]
        return
    assert found is not None
    assert found == pytest.approx(volumes[pays][0], abs=1.1e6)


def test_a_copy_that_costs_more_even_when_full_never_pays() -> None:
    full = FLEET.copy_usd / FLEET.copy_tokens * MTOK
    assert FLEET.break_even(full * 0.999) is None
    assert FLEET.break_even(full * 1.001) is not None


def test_the_range_takes_price_and_throughput_together() -> None:
    tokens = FLEET.copy_tokens * 0.9
    sure = money_range(FLEET, tokens, (1.0, 2.0, 3.0), 0.0)
    assert (sure.low, sure.point, sure.high) == (1461 + 1000, 2922 + 1000, 4383 + 1000)
    entered = money_range(FLEET, tokens, (1.0, 2.0, 3.0), 0.3)
    assert entered.high == 3 * 3.0 * 730.5 + 1000, "30 % slower it takes one copy more"
    assert entered.low == sure.low


def test_payback() -> None:
    assert payback_months(30_000, 5_000) == 6
    assert payback_months(0, 10) == 0
    assert payback_months(30_000, 0) is None
    assert payback_months(30_000, -5) is None
