"""A person's own prices on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.settings import ROOT
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.studies import create_study
from advisor.study.models import in_dollars


def add(database: Path, *prices: str) -> subprocess.CompletedProcess[str]:
    arguments = ("model", "add", "Contract", "--json", "--study", "s", "--model", "openai/gpt-4o", *prices)
    return subprocess.run(
        [sys.executable, "-m", "advisor", *arguments],
        cwd=ROOT,
        env=os.environ | {"ADVISOR_DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "advisor.db"
    store = Store(f"sqlite:///{path}")
    create_study(store, "s")
    store.close()
    return path


def test_prices_of_cached_input(database: Path) -> None:
    given = ("--input-price", "3", "--output-price", "9", "--cache-read-price", "0.3", "--cache-write-price", "3.75")
    added = add(database, *given)
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["priced"] is True
    store = Store(f"sqlite:///{database}")
    model = list_models(store, 1)[0]
    store.close()
    assert (model.input_price_usd_per_mtok, model.output_price_usd_per_mtok) == (3.0, 9.0)
    assert (model.cache_read_price_usd_per_mtok, model.cache_write_price_usd_per_mtok) == (0.3, 3.75)


def test_prices_in_another_currency_are_kept_in_dollars(database: Path) -> None:
    assert add(database, "--input-price", "3", "--output-price", "9", "--usd-per-unit", "1.1").returncode == 0
    store = Store(f"sqlite:///{database}")
    model = list_models(store, 1)[0]
    store.close()
    assert model.input_price_usd_per_mtok == pytest.approx(3.3)
    assert model.output_price_usd_per_mtok == pytest.approx(9.9)
    assert model.cache_read_price_usd_per_mtok is None
    for rate in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadInput, match="number above 0"):
            in_dollars(model, rate)
