"""Which open models suit: every filter against a reading of the file itself, and no model was lost."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from advisor.catalog.list_copies import LicenceChange
from advisor.catalog.prices import price_call
from advisor.llm.opening import check_model
from advisor.measure.open_models import (
    Edition,
    Found,
    Row,
    ServedModels,
    Wanted,
    browse,
    editions,
    served_models,
)
from advisor.store import Store
from advisor.store.studies import create_study
from advisor.types import Model, Study, Usage
from advisor.types.licences import Company, Fit

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COMPANY = Company(revenue_usd=5e6, monthly_users=10_000, third_parties=False, assistant=False, eu=True)
ALL = Wanted(company=COMPANY)
FILE = Path(__file__).resolve().parents[2] / "data" / "catalog" / "open_models.csv"


@pytest.fixture(scope="module")
def served() -> ServedModels:
    return served_models(NOW)


@pytest.fixture(scope="module")
def file() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def study(store: Store) -> Study:
    return create_study(store, "Ours")


def found_ids(found: Found) -> set[str]:
    return {row.model.id for row in found.rows}


def row_of(found: Found, model_id: str) -> Row:
    return next(row for row in (*found.rows, *found.others) if row.model.id == model_id)


def test_asking_for_nothing_finds_everything(served: ServedModels, file: list[dict[str, str]]) -> None:
    found = browse(Wanted(), served)
    assert found_ids(found) == {row["model_id"] for row in file}
    assert not found.others
    assert not found.not_known
    assert sum(found.by_fit.values()) == found.models == len(file)
    assert found.unanswered > 0
    assert browse(ALL, served).unanswered == 0


def test_licence(served: ServedModels) -> None:
    found = browse(replace(ALL, fits=frozenset({Fit.NOT_ALLOWED})), served)
    assert found_ids(found) == {"llama-4-maverick"}
    assert found.by_fit[Fit.NOT_ALLOWED] == 1
    assert len(found.others) == found.models - 1
    assert browse(replace(ALL, company=replace(COMPANY, eu=False)), served).by_fit[Fit.NOT_ALLOWED] == 0


def test_a_changed_licence_is_no_longer_free(served: ServedModels) -> None:
    before = browse(ALL, served).by_fit
    change = LicenceChange(model="gpt-oss-120b", repo="r", before="apache-2.0", after="other", seen_on="2026-11-26")
    changed = browse(ALL, served, changes=[change])
    assert changed.by_fit[Fit.ALLOWED] == before[Fit.ALLOWED] - 1
    assert row_of(changed, "gpt-oss-120b").permission.fit is Fit.NEEDS_REVIEW


@pytest.mark.parametrize("tokens", [128_000, 262_144, 1_000_000])
def test_context(served: ServedModels, file: list[dict[str, str]], tokens: int) -> None:
    expected = {row["model_id"] for row in file if row["context_tokens"] and int(row["context_tokens"]) >= tokens}
    assert found_ids(browse(replace(ALL, context_tokens=tokens), served)) == expected


def test_what_is_not_known_is_left_out_and_counted(served: ServedModels, file: list[dict[str, str]]) -> None:
    found = browse(replace(ALL, tools=True), served)
    unknown = [row for row in file if not row["tools"]]
    assert found_ids(found) == {row["model_id"] for row in file if row["tools"] == "yes"}
    assert found.not_known == {"tools": len(unknown)}
    both = browse(replace(ALL, tools=True, fits=frozenset({Fit.NOT_ALLOWED})), served)
    assert both.not_known == {}, "the licence leaves those out anyway"


def test_json_schema(served: ServedModels, file: list[dict[str, str]]) -> None:
    found = browse(replace(ALL, json_schema=True), served)
    assert found_ids(found) == {row["model_id"] for row in file if row["json_schema_hosts"][:1] not in ("", "0")}
    assert found.not_known["JSON schema"] == len(file) - len(found.rows), "no host saying so is no no"


def test_training_data(served: ServedModels) -> None:
    found = browse(replace(ALL, training_data=frozenset({"open"})), served)
    assert "olmo-3.1-32b" in found_ids(found)
    assert len(found.rows) < 5


def test_hosted_or_not(served: ServedModels) -> None:
    found = browse(replace(ALL, hosted=True), served)
    assert all(row.hosts for row in found.rows)
    assert {"kolibri-1", "qwen3.8-flash-next"} <= {row.model.id for row in found.others}


@pytest.mark.parametrize(("card", "number", "memory_gb"), [("h100-sxm", 1, 80), ("h100-sxm", 8, 640), ("l4", 1, 24)])
def test_hardware_at_hand(
    served: ServedModels, file: list[dict[str, str]], card: str, number: int, memory_gb: int
) -> None:
    found = browse(replace(ALL, accelerator=card, accelerators=number), served)
    assert found_ids(found) == {row["model_id"] for row in file if float(row["deploy_vram_gb"]) <= memory_gb}


def test_standings_are_compared_within_one_edition_only(served: ServedModels) -> None:
    arena = Edition("arena", "", "2026-10-09")
    assert arena in editions()
    found = browse(replace(ALL, edition=arena), served)
    values = [row.standing.value for row in found.rows if row.standing]
    assert len(values) == len(found.rows) == 7
    assert values == sorted(values, reverse=True)
    assert found.not_known == {"standing": found.models - 7}
    assert found_ids(browse(replace(ALL, edition=arena, at_least=1480), served)) == {"kimi-k3", "mimo-v2.6-pro"}
    gpt_oss = row_of(found, "gpt-oss-120b")
    assert gpt_oss.standing is None, "its value is of another year"
    assert gpt_oss.standings


def test_a_value_of_another_model_is_shown_and_never_ranked(served: ServedModels) -> None:
    found = browse(replace(ALL, edition=Edition("arena", "", "2025-12-17")), served)
    olmo = row_of(found, "olmo-3.1-32b")
    assert olmo.standings
    assert olmo.standing is None
    assert olmo in found.others


def test_what_may_be_used_comes_first(served: ServedModels) -> None:
    order = [list(Fit).index(row.permission.fit) for row in browse(ALL, served).rows]
    assert order == sorted(order)


def test_prices_are_those_of_exactly_this_id(served: ServedModels) -> None:
    rows = {one.offer.litellm_id: one for one in served["gpt-oss-120b"]}
    groq = rows["groq/openai/gpt-oss-120b"]
    assert groq.usd_per_mtok == (0.15, 0.6)
    million = Usage(input_tokens=100_000)
    for one in served["gpt-oss-120b"]:
        paid = price_call(Model(name="m", litellm_id=one.offer.litellm_id), million, NOW)
        assert paid is not None
        assert one.rates is not None
        assert one.rates.input * 1e5 == pytest.approx(paid[0])
        assert one.rates.source == paid[1]


def test_the_middle_price_leaves_out_hosts_without_one(served: ServedModels) -> None:
    row = row_of(browse(ALL, served), "gpt-oss-120b")
    assert row.middle_price == (0.15, 0.6)
    unpriced = tuple(replace(one, rates=None) for one in row.served)
    assert replace(row, served=unpriced).middle_price is None
    assert replace(row, served=()).hosts == 0


@pytest.mark.filterwarnings("ignore:.*ReadOnly:UserWarning")  # litellm's own, when it first loads a provider
def test_every_id_can_be_called(served: ServedModels) -> None:
    for offers in served.values():
        for one in offers:
            check_model(Model(name="m", litellm_id=one.offer.litellm_id))  # raises for a provider nobody knows


def test_no_researched_model_was_lost(fixtures: Path, file: list[dict[str, str]]) -> None:
    with (fixtures / "researched_models.csv").open(encoding="utf-8", newline="") as lines:
        researched = {(row["model_id"], row["hf_repo"]) for row in csv.DictReader(lines)}
    assert researched <= {(row["model_id"], row["hf_repo"]) for row in file}
    assert max(Counter(row["model_id"] for row in file).values()) == 1
