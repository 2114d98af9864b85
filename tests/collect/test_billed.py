"""An export of usage and cost next to a log: the share of the traffic, and the bill."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from advisor.collect.billed import billed_of, describe_billed
from advisor.collect.import_jobs import summarise
from advisor.collect.imports import ImportOptions, ImportReport, import_logs
from advisor.collect.previews import look_at
from advisor.collect.use_cases import change
from advisor.decide.limits import set_traffic_share
from advisor.errors import BadInput
from advisor.store import Store
from advisor.store.log.totals import list_totals, save_totals
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study, list_studies
from advisor.types.prices import Billed, ShareBasis, Total, TotalSource
from tests.made.traffic import START, made_call, store_calls

FIRST = START.date()


def total(source: TotalSource, day: int, model: str = "gpt-4o-2024-08-06", **figures: float) -> Total:
    told = dict.fromkeys(("requests", "input_tokens", "output_tokens", "usd")) | figures
    return Total(source, FIRST + timedelta(days=day), model, **told)


def compared(store: Store, totals: list[Total], share: float = 0.002) -> Billed:
    """Ten calls for a cent each, one a day from the first of November, and one that failed."""
    calls = [(made_call(f"Ticket {n}", days=n + 0.5), 0.01) for n in range(10)]
    failed = made_call("Ticket", days=2.5, usage=None, answer=None, error="HTTP 500")
    study = store_calls(store, [*calls, (failed, None)], traffic_share=share)
    save_totals(store, study.id, totals)
    found = billed_of(store, study)
    assert found is not None
    return found


def test_requests_of_the_same_models_and_days_give_the_share_and_dollars_the_check(any_store: Store) -> None:
    usage = [total(TotalSource.OPENAI_USAGE, day, requests=500) for day in range(-3, 20)]
    mini = [total(TotalSource.OPENAI_USAGE, day, "gpt-4o-mini", requests=9000) for day in range(10)]
    costs = [total(TotalSource.OPENAI_COSTS, day, usd=4.5) for day in range(5)]
    more = [total(TotalSource.OPENAI_COSTS, 1, "gpt-4o-mini", usd=2.0)]
    found = compared(any_store, usage + mini + costs + more)
    assert found.share is not None
    assert found.check is not None
    # ten calls that succeeded of ten days with 500 requests each; gpt-4o-mini isn't in the log
    assert (found.share.basis, found.share.logged, found.share.counted) == (ShareBasis.REQUESTS, 10, 5000)
    assert found.share.fraction == 0.002
    assert found.is_used
    # five calls of five days, each for 500: 5 x 0.01 / 0.002 = $25; billed 5 x 4.50 = $22.50
    assert (found.check.projected_usd, found.check.billed_usd) == (pytest.approx(25), 22.5)
    assert found.check.off == pytest.approx(-0.1)
    assert found.check.days == (FIRST, FIRST + timedelta(days=4))
    assert found.check.others_usd == 2.0
    assert [(each.model, each.in_log) for each in found.models] == [("gpt-4o-2024-08-06", True), ("gpt-4o-mini", False)]
    assert json.dumps(describe_billed(found), allow_nan=False)


def test_calls_of_ignored_use_cases_count_too_since_they_are_billed(store: Store) -> None:
    found = compared(store, [total(TotalSource.OPENAI_USAGE, day, requests=500) for day in range(10)])
    study = list_studies(store)[0]
    change(store, list_use_cases(store, study.id)[0], ignored=True)
    assert billed_of(store, study) == found


def test_anthropic_counts_tokens(store: Store) -> None:
    calls = [(made_call(f"Ticket {n}", days=n + 0.5, model="claude-3-7-sonnet-20250219"), 0.01) for n in range(10)]
    untold = made_call("Ticket", days=0.6, model="claude-3-7-sonnet-20250219", usage=None)
    study = store_calls(store, [*calls, (untold, None)])
    figures = {"input_tokens": 20_000, "output_tokens": 4200}
    model = "Claude Sonnet 3.7"
    save_totals(store, study.id, [total(TotalSource.ANTHROPIC_USAGE, day, model, **figures) for day in range(10)])
    found = billed_of(store, study)
    assert found is not None
    assert found.share is not None
    # eleven calls with 1,100 tokens each, the one without counts included, of 242,000
    assert (found.share.basis, found.share.logged) == (ShareBasis.TOKENS, 12_100)
    assert found.share.fraction == pytest.approx(0.05)


def test_costs_alone_give_a_share_that_checks_no_bill(store: Store) -> None:
    found = compared(store, [total(TotalSource.OPENAI_COSTS, day, usd=5.0) for day in range(10)])
    assert found.share is not None
    assert found.share.basis is ShareBasis.COST
    assert found.share.fraction == pytest.approx(0.002)
    assert found.is_used
    assert found.check is None


def test_an_export_that_is_not_split_by_model_is_of_all_the_providers_models(store: Store) -> None:
    unsplit = [total(TotalSource.OPENAI_COSTS, day, "", usd=4.5) for day in range(10)]
    found = compared(store, unsplit)
    assert found.share is not None
    assert found.share.counted == 45
    save_totals(store, list_studies(store)[0].id, [total(TotalSource.OPENAI_USAGE, 0, "gpt-4o-mini", requests=9)])
    other = billed_of(store, list_studies(store)[0])
    assert other is not None
    assert (other.share, other.check) == (None, None)  # a part of the dollars is for another model


def test_a_gateways_totals_check_the_bill_where_the_provider_told_no_cost(store: Store) -> None:
    own = [total(TotalSource.GATEWAY_TOTALS, day, "openai/gpt-4o", requests=500, usd=4.0) for day in range(10)]
    found = compared(store, own)
    assert found.share is not None
    assert found.check is not None
    assert (found.share.fraction, found.check.billed_usd) == (0.002, 40)
    save_totals(store, list_studies(store)[0].id, [total(TotalSource.OPENAI_COSTS, 0, usd=4.5)])
    both = billed_of(store, list_studies(store)[0])
    assert both is not None
    assert both.check is not None
    assert both.check.billed_usd == 4.5


@pytest.mark.parametrize(("requests", "fraction"), [(0.5, None), (0.99, 1.0), (1.0, 1.0)])
def test_a_log_larger_than_the_export_is_no_part_of_it(store: Store, requests: float, fraction: float | None) -> None:
    found = compared(store, [total(TotalSource.OPENAI_USAGE, day, requests=requests) for day in range(10)])
    assert found.share is not None
    assert found.share.fraction == fraction
    assert not found.is_used


@pytest.mark.parametrize("totals", [[total(TotalSource.OPENAI_USAGE, 40, requests=9)],
                                    [total(TotalSource.OPENAI_USAGE, 1, "o3", requests=9)]])  # fmt: skip
def test_nothing_in_common_is_nothing_to_compare(store: Store, totals: list[Total]) -> None:
    found = compared(store, totals)
    assert (found.share, found.check, found.has_log) == (None, None, True)


def test_a_later_export_replaces_its_days(store: Store) -> None:
    compared(store, [total(TotalSource.OPENAI_USAGE, day, requests=500) for day in range(2)])
    study = list_studies(store)[0]
    save_totals(store, study.id, [total(TotalSource.OPENAI_USAGE, 1, "o3", requests=7)])
    assert [(each.day - FIRST, each.model, each.requests) for each in list_totals(store, study.id)] == [
        (timedelta(0), "gpt-4o-2024-08-06", 500),
        (timedelta(1), "o3", 7),
    ]


def write_log(tmp_path: Path, first: int = 1, last: int = 10) -> Path:
    """One call a day in October 2025."""
    path = tmp_path / f"log_{first}.jsonl"
    rows = [
        {"prompt": f"Ticket {day}", "answer": "billing", "model": "gpt-4o-2024-08-06", "input_tokens": 1000,
         "output_tokens": 250, "timestamp": f"2025-10-{day:02d}T09:00:00Z"}
        for day in range(first, last + 1)
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def write_export(tmp_path: Path, requests: int = 100, days: int = 20) -> Path:
    path = tmp_path / f"usage_{requests}.json"
    start = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp())
    buckets = [
        {"start_time": start + 86_400 * day, "end_time": start + 86_400 * (day + 1),
         "results": [{"model": "gpt-4o-2024-08-06", "num_model_requests": requests, "input_tokens": 5}]}
        for day in range(days)
    ]  # fmt: skip
    path.write_text(json.dumps({"object": "page", "data": buckets}), encoding="utf-8")
    return path


def take(store: Store, *paths: Path, share: float | None = None) -> ImportReport:
    return import_logs(store, "S", paths, ImportOptions(redact=False, traffic_share=share))


def share_of(store: Store) -> float:
    return find_study(store, "S").traffic_share


def test_an_export_alone_makes_no_calls(store: Store, tmp_path: Path) -> None:
    report = take(store, write_export(tmp_path))
    told = summarise(report)
    assert (told["format"], told["rows"], told["accepted"], told["models"], told["use_cases"]) == (
        "openai_usage", 0, 0, {}, [],
    )  # fmt: skip
    assert report.billed is not None
    assert not report.billed.has_log
    assert told["billed"]["models"][0]["requests"] == 2000
    assert told["billed"]["traffic_share"] is None
    assert share_of(store) == 1


@pytest.mark.parametrize("is_first", [True, False])
def test_the_share_is_set_by_the_export_and_by_all_logs(store: Store, tmp_path: Path, is_first: bool) -> None:
    export = write_export(tmp_path)
    take(store, *([export] if is_first else [write_log(tmp_path)]))
    take(store, *([write_log(tmp_path)] if is_first else [export]), share=1.0 if is_first else None)
    assert share_of(store) == 0.01
    take(store, write_log(tmp_path, 3, 4), share=0.01)  # duplicates
    take(store, write_export(tmp_path, requests=50))
    assert share_of(store) == 0.02


def test_a_share_that_a_person_entered_stays(store: Store, tmp_path: Path) -> None:
    report = take(store, write_log(tmp_path), write_export(tmp_path), share=0.5)
    assert share_of(store) == 0.5
    assert report.billed is not None
    assert not report.billed.is_used
    set_traffic_share(store, find_study(store, "S"), 0.25)
    take(store, write_log(tmp_path, 11, 12))
    assert share_of(store) == 0.25


def test_a_bad_export_stores_nothing(store: Store, tmp_path: Path) -> None:
    export = write_export(tmp_path)
    export.write_text(export.read_text(encoding="utf-8").replace("1759363200", "1769363200"), encoding="utf-8")
    with pytest.raises(BadInput, match="more than a day"):
        take(store, write_log(tmp_path), export)
    assert list_studies(store) == []


def test_a_preview_says_what_it_is(tmp_path: Path) -> None:
    looks = look_at([write_export(tmp_path)])
    assert (looks.files[0].format, looks.files[0].problem, looks.rows.calls) == ("openai_usage", None, 0)
    assert looks.is_whole
