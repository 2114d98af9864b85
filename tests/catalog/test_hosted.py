"""Which open models stand for their class, and at what price."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.catalog.hosts import HostedPrice, hosted_prices
from advisor.catalog.rates import Rates
from advisor.settings import DATA
from advisor.types import AT_CONTRACT, PriceOrigin, Usage

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_most_widely_sold_of_each_class_at_its_middle_host() -> None:
    small, medium, large = hosted_prices(NOW)
    assert [(p.size, p.name, p.hosts) for p in (small, medium, large)] == [
        ("small", "gpt-oss-20b", 14),
        ("medium", "gpt-oss-120b", 24),
        ("large", "GLM-5.3", 16),
    ]
    # Dated prices, in/out: .05/.18, .07/.3, .07/.3 and .075/.3 for the small one; all 1.4/4.4 for the large one.
    assert (small.rates.input, small.rates.output) == (pytest.approx(0.07e-6), pytest.approx(0.3e-6))
    assert (large.rates.input, large.rates.output) == (pytest.approx(1.4e-6), pytest.approx(4.4e-6))
    for price in (small, medium, large):
        assert price.rates.source.origin is PriceOrigin.GENAI_PRICES
        assert price.as_of == NOW
        assert price.licence


def test_tokens_of_every_kind_have_a_price() -> None:
    price = HostedPrice(
        size="small",
        name="m",
        host="h",
        litellm_id="h/m",
        licence=None,
        hosts=1,
        rates=Rates(1e-6, 0.1e-6, 1.25e-6, 4e-6, AT_CONTRACT),
        as_of=NOW,
    )
    usage = Usage(
        input_tokens=300, cache_read_tokens=500, cache_write_tokens=200, output_tokens=100, reasoning_tokens=50
    )
    assert price.rates.cost_of(usage) == pytest.approx((300 * 1.0 + 500 * 0.1 + 200 * 1.25 + 100 * 4.0) / 1e6)


def test_a_class_without_a_dated_price_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    shutil.copy(DATA / "catalog" / "open_models.csv", folder)
    path = folder / "open_models.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    kept = [
        row for row in rows if not row.startswith(("kimi", "glm", "deepseek", "mi", "mistral", "qwen", "muse", "beam"))
    ]
    path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    monkeypatch.setattr("advisor.catalog.open_models.DATA", tmp_path)
    assert [price.size for price in hosted_prices(NOW)] == ["small", "medium"]
