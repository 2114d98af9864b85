"""The GPUs that can be rented: nothing without a price, and a damaged file is told."""

from pathlib import Path

import pytest

from advisor.analysis.money.hosting import BYTES
from advisor.catalog.gpus import PRECISIONS, cache_shape, rentable_gpus
from advisor.catalog.open_models import candidates_catalog
from advisor.errors import BadInput


def test_only_what_has_a_price_is_offered() -> None:
    gpus = {gpu.id: gpu for gpu in rentable_gpus()}
    assert "m3-ultra" not in gpus
    assert "gb200" not in gpus
    h100 = gpus["h100-sxm"]
    assert (h100.usd_per_hour, h100.memory_gb) == ((2.67, 3.99, 6.155), 80)
    assert "2026-09-20..2026-11-09" in h100.priced
    assert h100.confidence == "high"
    assert (gpus["a100-80-sxm"].native_fp8, h100.native_fp8, h100.native_fp4) == (False, True, False)


def test_every_range_of_prices_is_in_order() -> None:
    for gpu in rentable_gpus():
        low, typical, high = gpu.usd_per_hour
        assert 0 < low <= typical <= high
        assert gpu.memory_gb > 0


def test_known_shapes_are_of_models_in_the_catalogue() -> None:
    assert {model.id for model in candidates_catalog() if cache_shape(model.id)} == {
        "llama-3.3-70b",
        "gpt-oss-120b",
        "gpt-oss-20b",
    }
    assert set(PRECISIONS) <= set(BYTES)


def test_models_as_they_are_shipped() -> None:
    sizes = {model.id: (model.size.published_precision, model.size.checkpoint_gb) for model in candidates_catalog()}
    assert sizes["gpt-oss-120b"] == ("mxfp4", 65.0)
    assert sizes["kolibri-1"] == ("fp8", 78.0)
    assert sizes["hy4-preview"] == ("", None)


def test_a_damaged_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.catalog.gpus.DATA", tmp_path)
    with pytest.raises(BadInput, match="can't be read"):
        rentable_gpus()
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "gpus.csv").write_text("gpu_id,usd_per_gpu_hour_typical\nx,cheap\n")
    with pytest.raises(BadInput, match="damaged"):
        rentable_gpus()
