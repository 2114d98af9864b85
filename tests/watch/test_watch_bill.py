"""Today's prices and the month's bill: all of the baseline's calls count, those whose price did not move too."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from advisor.money.price_refresh import do_refresh
from advisor.store import Store
from advisor.store.tables import ModelRow
from advisor.types import Lane, Role
from advisor.watch.price_changes import watch_prices
from tests.catalog.made_lists import ListServer, list_server
from tests.made.log import call
from tests.made.run import replayed
from tests.server import TEXT

NOW = datetime.now(UTC)
MONTH = 365.25 / 12
DAYS = 19 + 59 / 1440
"""From the first call of 100 to the last."""
RIGHT = {"open": lambda _: TEXT, "closed": lambda _: TEXT}
OPEN_USD = 25e-6
"""Its call: 20 tokens in, 5 out, a dollar a million."""


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ListServer]:
    with list_server(tmp_path / "snapshots", monkeypatch) as made:
        yield made


def test_the_bill_moves_with_the_part_whose_price_moved(store: Store, tmp_path: Path, lists: ListServer) -> None:
    """Half of the calls are of a model that no list knows: its cost stays what the log says."""
    rows = [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT) for n in range(100)]
    for row in rows[:50]:
        row["request"]["model"] = row["response"]["model"] = "our-own-7b"
        row["cost"] = 0.001
    study, run, _ = replayed(store, tmp_path, rows, {"open": Role.CANDIDATE}, RIGHT)
    prices = lists.model("openai", "gpt-4o")["prices"]
    prices |= {"input_mtok": prices["input_mtok"] * 3, "output_mtok": prices["output_mtok"] * 3}
    do_refresh(say=lambda _: None)
    watch = watch_prices(store, study, run, NOW)
    assert [(move.model, round(move.change, 6)) for move in watch.moves] == [("gpt-4o", 2.0)]
    listed = 100 * 2.5e-6 + 5 * 10e-6
    for savings, times in ((watch.savings_before, 1), (watch.savings_now, 3)):
        assert savings is not None
        by_hand = (50 * 0.001 + 50 * listed * times - 100 * OPEN_USD) / DAYS * MONTH
        assert savings.point == pytest.approx(by_hand), times


def test_what_the_log_paid_moves_as_the_baseline_asked_anew(store: Store, tmp_path: Path) -> None:
    """The bill is the log's, at 0.003 dollars a call; the contract of the baseline, asked anew, gets twice as dear."""
    rows = [call(n, answer="wrong" if n % 10 == 0 else TEXT, target=TEXT, cost=0.003) for n in range(100)]
    roles = {"open": Role.CANDIDATE, "closed": Role.BASELINE}
    study, run, _ = replayed(store, tmp_path, rows, roles, RIGHT, baseline=Lane.BASELINE)
    with store.write(None) as session:
        twice = {"input_price_usd_per_mtok": 2.0, "output_price_usd_per_mtok": 2.0}
        session.execute(update(ModelRow).where(ModelRow.name == "closed").values(twice))
    watch = watch_prices(store, study, run, NOW)
    assert [(move.model, round(move.change, 6)) for move in watch.moves] == [("closed", 1.0)]
    for savings, paid in ((watch.savings_before, 0.003), (watch.savings_now, 0.006)):
        assert savings is not None
        assert savings.point == pytest.approx(100 * (paid - OPEN_USD) / DAYS * MONTH), paid
