"""The traffic profile on both backends, with every number worked out by hand."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from advisor.catalog.hosts import HostedPrice
from advisor.catalog.rates import Rates
from advisor.collect.use_cases import change
from advisor.decide.limits import set_traffic_share
from advisor.errors import BadInput
from advisor.money.estimate import Estimate, savings_message
from advisor.money.profile import Facts, Profile, describe_profile, load_facts, profile_of
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import add_model
from advisor.store.studies import create_study
from advisor.types import (
    AT_CONTRACT,
    FindingName,
    FindingNote,
    Message,
    Model,
    Prices,
    Sample,
    SavingsCode,
    Study,
    Usage,
)
from advisor.ui.log.traffic import headline, spend_words
from tests.made.traffic import START, made_call, store_calls

MONTH = 365.25 / 12
"""Days."""
A_MONTH = MONTH / 10
"""How many calls a month one of ten days stands for."""


def open_model(name: str, price_in: float, price_out: float) -> HostedPrice:
    return HostedPrice(
        size="small",
        name=name,
        host="host",
        litellm_id=f"host/{name}",
        licence="mit",
        hosts=3,
        rates=Rates.filled(price_in / 1e6, None, None, price_out / 1e6, AT_CONTRACT),
        as_of=START,
    )


PRICES = (open_model("cheap", 0.1, 0.5), open_model("middle", 0.5, 1.0), open_model("dear", 1.0, 4.0))


def profile(store: Store, study: Study, start: date | None = None, end: date | None = None) -> Profile:
    return profile_of(facts(store, study), study.traffic_share, start, end)


def facts(store: Store, study: Study) -> Facts:
    return replace(load_facts(store, study), prices=PRICES)


def ten_days(store: Store, *, traffic_share: float = 1.0) -> Study:
    """Eight calls over exactly ten days: five of Triage, of which one failed, and three of Replies without a price."""
    cached = Usage(input_tokens=200, cache_read_tokens=800, output_tokens=100)
    failed = {"usage": None, "answer": None, "error": "HTTP 500"}
    triage = [
        (made_call("Ticket 1", days=0, session="a", latency_s=2.0), 0.004),
        (made_call("Ticket 1", days=0.00001, session="a", latency_s=2.0), 0.004),  # 0.864 s later
        (made_call("ticket 2!", days=3.5, cost_usd=0.006, latency_s=1.0), 0.006),
        (made_call("Another", days=10, session="b", usage=cached), 0.002),
        (made_call("Failing", days=4, **failed), None),
    ]  # fmt: skip
    own = {"model": "house-model", "use_case": "Replies"}
    replies: list[tuple[Sample, float | None]] = [
        (made_call(f"Reply {word}", days=5, **own), None) for word in ("one", "two", "three")
    ]
    return store_calls(store, triage + replies, traffic_share=traffic_share)


def test_calls_and_spend_a_month(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store))
    assert (found.calls, found.bill.priced, found.bill.logged, found.bill.listed, found.unpriced) == (8, 4, 1, 3, 4)
    assert found.monthly_calls == pytest.approx(8 * A_MONTH)
    assert found.bill.cost_usd == pytest.approx(0.016)
    assert found.bill.logged_usd == pytest.approx(0.006)
    assert found.bill.listed_usd == pytest.approx(0.010)
    # Triage: 0.016 for four priced calls, the fifth failed; Replies have no price at all.
    assert found.bill.monthly_usd == pytest.approx(0.016 * A_MONTH)
    assert (found.period.first_at, found.period.last_at) == (START, START + timedelta(days=10))


def test_a_part_of_the_traffic_is_scaled_up(any_store: Store) -> None:
    study = ten_days(any_store, traffic_share=0.25)
    assert profile(any_store, study).monthly_calls == pytest.approx(4 * 8 * A_MONTH)
    study = set_traffic_share(any_store, study, 0.5)
    assert profile(any_store, study).monthly_calls == pytest.approx(2 * 8 * A_MONTH)
    for share in (0, 1.01, -1, float("nan")):
        with pytest.raises(BadInput, match="above 0"):
            set_traffic_share(any_store, study, share)


def test_tokens_by_kind(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store))
    # Seven calls with usage: six of 1000 in and 100 out, one of 200 + 800 from the cache in and 100 out.
    assert found.tokens.with_usage == 7
    assert found.tokens.usage == Usage(input_tokens=6200, cache_read_tokens=800, output_tokens=700)
    assert found.tokens.monthly_tokens == pytest.approx(7700 * A_MONTH), "the eighth call failed"


def test_use_cases_and_models(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store))
    triage, replies = found.use_cases
    assert (triage.name, triage.calls, triage.share, triage.failed) == ("Triage", 5, 5 / 8, 1)
    assert triage.monthly_calls == pytest.approx(5 * A_MONTH)
    assert (triage.tokens.input_tokens, triage.tokens.output_tokens, triage.tokens.input_tokens_per_call) == (
        4000,
        400,
        1000,
    )
    assert (replies.calls, replies.cost_usd, replies.monthly_usd, replies.savings) == (3, None, None, None)
    assert [(model.name, model.calls) for model in found.models] == [("gpt-4o", 5), ("house-model", 3)]


def test_the_savings_range(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store))
    assert isinstance(found.savings, Estimate)
    # The four priced calls: 4,000 tokens in, 400 out, 0.016 dollars. With the dear model 4,000 x 1 + 400 x 4 = 5,600
    # millionths, with 1.3 times the tokens 7,280; with the middle one 2,400; with the cheap one 600.
    assert found.savings.calls == 4
    assert found.savings.left_out == 3  # the replies; the failed call is not counted
    assert found.savings.in_log.low == pytest.approx(0.016 - 0.00728)
    assert found.savings.in_log.point == pytest.approx(0.016 - 0.0024)
    assert found.savings.in_log.high == pytest.approx(0.016 - 0.0006)
    assert found.savings.monthly is not None
    assert found.savings.monthly.low == pytest.approx((0.016 - 0.00728) * A_MONTH)
    assert found.use_cases[0].savings == replace(found.savings, left_out=0)
    told = savings_message(found.savings, found.bill.monthly_usd)
    assert told == Message.of(SavingsCode.NOT_WORTH, usd=found.bill.monthly_usd)


def test_reasoning_widens_the_range(any_store: Store) -> None:
    usage = Usage(input_tokens=1000, output_tokens=1000, reasoning_tokens=900)
    study = store_calls(any_store, [(made_call(usage=usage), 0.02), (made_call(usage=usage, days=1), 0.02)])
    savings = profile(any_store, study).savings
    assert isinstance(savings, Estimate)
    # Cheap without reasoning: 2 x (1000 x 0.1 + 100 x 0.5) = 300 millionths; dear with all of it and 1.3 times the
    # tokens: 2 x 1.3 x (1000 x 1 + 1000 x 4) = 13,000.
    assert savings.in_log.high == pytest.approx(0.04 - 0.0003)
    assert savings.in_log.low == pytest.approx(0.04 - 0.013)


@pytest.mark.parametrize(
    ("cost", "code", "values"),
    [
        # A call of 1,000 in and 100 out costs 150 to 1,820 millionths with the open models; a month has 304,375 x 2.
        (0.00182 + 0.01, SavingsCode.SAVES, {"low": 6088, "high": 7104}),
        (0.001, SavingsCode.MAY_COST_MORE, {"saved": 517, "more": 499}),
        (0.0001, SavingsCode.COSTS_MORE, {"low": 30, "high": 1047}),
        (0.0002, SavingsCode.NOT_WORTH, {"usd": 122}),
    ],
)
def test_more_expensive_is_never_called_a_saving(
    any_store: Store, cost: float, code: SavingsCode, values: dict[str, float]
) -> None:
    study = store_calls(any_store, [(made_call(), cost), (made_call(days=1), cost)], traffic_share=0.0001)
    savings = profile(any_store, study).savings
    assert isinstance(savings, Estimate)
    told = savings_message(savings, None)
    assert told.code == code
    assert {name: round(value) for name, value in told.values.items() if name != "monthly"} == values


def test_days_and_hours(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store))
    assert found.rhythm.days == tuple(date(2026, 11, 1) + timedelta(days=n) for n in range(11))
    assert found.rhythm.per_day["calls"] == (2, 0, 0, 1, 1, 3, 0, 0, 0, 0, 1)
    assert found.rhythm.per_day["tokens"] == (2200, 0, 0, 1100, 0, 3300, 0, 0, 0, 0, 1100)
    assert found.rhythm.per_day["cost_usd"][0] == pytest.approx(0.008)
    # 1 November 2026 is a Sunday, of which the range has two; Wednesdays (4 and 11 Nov) too.
    week = found.rhythm.per_hour["calls"]
    assert week[6][0] == 1  # two calls on the first of two Sundays
    assert week[2][12] == 0.5
    assert week[2][0] == 0.5
    assert week[4][0] == 3  # one Friday
    assert sum(sum(cell or 0.0 for cell in row) for row in week) == pytest.approx(1 + 0.5 + 0.5 + 1 + 3)


def test_a_range_of_days(any_store: Store) -> None:
    study = ten_days(any_store)
    found = profile(any_store, study, date(2026, 11, 4), date(2026, 11, 6))
    # 3.5, 4 and 5 days after the start: one of Triage with a price, the failed one, three Replies; three whole days.
    assert found.calls == 5
    assert found.monthly_calls == pytest.approx(5 * MONTH / 3)
    assert found.rhythm.days == (date(2026, 11, 4), date(2026, 11, 5), date(2026, 11, 6))
    assert found.findings[FindingName.ERROR_RATE].value == pytest.approx(1 / 5)
    assert profile(any_store, study, date(2026, 11, 7)).calls == 1
    assert profile(any_store, study, None, date(2026, 11, 1)).calls == 2
    with pytest.raises(BadInput, match="is after"):
        profile(any_store, study, date(2026, 11, 6), date(2026, 11, 4))


@pytest.mark.parametrize("days", [(date(2026, 11, 2), date(2026, 11, 3)), (date(2020, 1, 1), date(2020, 1, 2))])
def test_a_range_without_calls_is_empty_and_not_an_error(any_store: Store, days: tuple[date, date]) -> None:
    found = profile(any_store, ten_days(any_store), *days)
    assert (found.calls, found.use_cases, found.bill.cost_usd) == (0, (), None)
    assert found.savings == Message.of(SavingsCode.NO_USAGE)
    assert {name for name, finding in found.findings.items() if finding.value is not None} == set()


def test_findings(any_store: Store) -> None:
    found = profile(any_store, ten_days(any_store)).findings
    assert list(found) == list(FindingName)
    assert found[FindingName.ERROR_RATE].value == 1 / 8
    assert (found[FindingName.PEAK_IN_FLIGHT].value, found[FindingName.PEAK_IN_FLIGHT].n) == (
        2,
        3,
    )  # the first two overlap by 1.136 s
    # Seven answered prompts, "Ticket 1" twice; "ticket 2!" differs from it in case, digit and punctuation only.
    assert found[FindingName.EXACT_DUPLICATES].value == 1 / 7
    assert found[FindingName.NEAR_DUPLICATES].value == 1 / 7
    assert found[FindingName.CACHED_INPUT].value == 800 / 7000
    assert (found[FindingName.FOLLOWED].value, found[FindingName.FOLLOWED].n) == (1 / 3, 3)
    assert found[FindingName.REPLAYABLE].value == 1
    assert found[FindingName.NOT_INTERACTIVE].value is None
    assert found[FindingName.NOT_INTERACTIVE].note.code == FindingNote.NONE_IN_BULK
    assert found[FindingName.REASONING_OUTPUT].value is None


def test_what_a_log_does_not_tell_is_not_zero(any_store: Store) -> None:
    bare = {"days": None, "usage": None, "model": None}
    study = store_calls(any_store, [(made_call("One", **bare), None), (made_call("Two", **bare), None)])
    found = profile(any_store, study)
    assert found.calls == 2
    assert found.models[0].name is None
    for value in (
        found.monthly_calls,
        found.bill.monthly_usd,
        found.bill.cost_usd,
        found.tokens.usage,
        found.tokens.monthly_tokens,
    ):
        assert value is None
    assert found.rhythm.days == ()
    known = {
        FindingName.ERROR_RATE,
        *(name for name in FindingName if "DUPLICATES" in name.name),
        FindingName.REPLAYABLE,
    }
    for name in set(FindingName) - known:
        assert found.findings[name].value is None
    assert found.savings == Message.of(SavingsCode.NO_USAGE)


def test_without_times_the_range_is_that_of_the_log(any_store: Store) -> None:
    study = store_calls(any_store, [(made_call(days=None), 0.01)])
    found = profile(any_store, study)
    assert isinstance(found.savings, Estimate)
    assert found.savings.monthly is None
    # 0.01 less 1,820 and 150 millionths.
    told = savings_message(found.savings, found.bill.monthly_usd)
    assert (told.code, told.values["monthly"]) == (SavingsCode.SAVES, False)
    assert (told.values["low"], told.values["high"]) == (pytest.approx(0.00818), pytest.approx(0.00985))


def test_calls_without_a_time_are_in_no_range(any_store: Store) -> None:
    study = store_calls(any_store, [(made_call(), 0.01), (made_call(days=1), 0.01), (made_call(days=None), 0.01)])
    found = profile(any_store, study, date(2026, 11, 1), date(2026, 11, 1))
    assert (found.calls, found.undated) == (1, 1)
    assert profile(any_store, study).calls == 3


def test_batches_bursts_and_series_are_not_interactive(any_store: Store) -> None:
    study = store_calls(any_store, [(made_call(str(n), days=None), 0.01) for n in range(4)], format="openai_batch")
    assert profile(any_store, study).findings[FindingName.NOT_INTERACTIVE].value == 1
    minute = 1 / 1440
    quiet = [(made_call(f"Q {n}", days=n * minute), 0.01) for n in range(60)]
    burst = [(made_call(f"B {n}", days=30 * minute + (n + 1) * minute / 100), 0.01) for n in range(39)]
    series = [(made_call(f"S {n}", days=1 + 2.1 * n / 86_400, latency_s=2.0, use_case="Job"), 0.01) for n in range(21)]
    study = store_calls(any_store, quiet + burst + series, name="Mixed")
    # The minute of the burst holds 39 calls and one that was there anyway; 21 are in a series; 60 + 39 + 21 in all.
    finding = profile(any_store, study).findings[FindingName.NOT_INTERACTIVE]
    assert finding.value == pytest.approx((40 + 21) / 120)
    assert {name: finding.note.values[name] for name in ("batch", "bursts", "series")} == {
        "batch": 0,
        "bursts": 40,
        "series": 21,
    }


def test_ignored_use_cases_are_not_counted(any_store: Store) -> None:
    study = ten_days(any_store)
    for case in list_use_cases(any_store, study.id):
        if case.name == "Replies":
            change(any_store, case, ignored=True)
    found = profile(any_store, study)
    assert (found.calls, [case.name for case in found.use_cases]) == (5, ["Triage"])
    assert found.findings[FindingName.REPLAYABLE].n == 5


def test_it_is_told_as_json(any_store: Store) -> None:
    told = describe_profile(any_store, ten_days(any_store), date(2026, 11, 1), date(2026, 11, 11))
    told = json.loads(json.dumps(told, allow_nan=False))
    assert told["calls"] == 8
    assert told["time_zone"] == "UTC"
    assert told["start"] == "2026-11-01"
    assert told["savings"]["quality_measured"] is False
    assert told["savings"]["monthly"]["low"] < told["savings"]["monthly"]["high"]
    assert {model["name"] for model in told["savings"]["models"]} == {"gpt-oss-20b", "gpt-oss-120b", "GLM-5.3"}
    model = told["savings"]["models"][0]
    prices = {f"{kind}_usd_per_mtok" for kind in ("input", "cache_read", "cache_write", "output")}
    named = {"size", "name", "host", "litellm_id", "licence", "hosts", "source", "as_of", "usd", "monthly_usd"}
    assert set(model) == named | prices
    assert all(0 < model[name] < 100 for name in prices)
    assert told["use_cases"][0]["savings_usd"] == told["savings"]["monthly"]
    assert told["use_cases"][1]["savings_usd"] is None


def test_what_the_month_lacks_is_named(any_store: Store) -> None:
    """Answers without a price are taken as the others of their use case; where it has none, nobody knows."""
    calls = [(made_call(f"P{n}", days=n), 0.01 if n else None) for n in range(11)]
    calls += [(made_call(f"U{n}", days=n, use_case="Extraction"), None) for n in range(3)]
    calls.append((made_call("F", days=1, use_case="Lost", answer=None, error="429"), None))
    study = store_calls(any_store, calls)
    assert describe_profile(any_store, study)["left_out"] == ["Extraction"]
    found = profile(any_store, study)
    assert found.bill.monthly_usd == pytest.approx(0.11 / 10 * 365.25 / 12)
    assert headline(found).replace("\\", "").endswith("$0.33 a month (not counting Extraction).")
    words = spend_words(found)
    assert "average, failed calls as free. Not counted, since no call has a price: Extraction." in words
    assert "at list prices of the day ($0.10)" in words
    add_model(
        any_store,
        study.id,
        Model(name="m", litellm_id="openai/gpt-4o", prices=Prices(input=1.0, output=1.0)),
    )
    found = profile(any_store, study)
    assert found.bill.left_out == (), "the given price is that of its model too"
    assert "contract prices (gpt-4o)" in spend_words(found)


def test_a_study_without_calls(any_store: Store) -> None:
    found = profile(any_store, create_study(any_store, "Empty"))
    assert (found.calls, found.use_cases, found.models) == (0, (), ())
    assert found.savings == Message.of(SavingsCode.NO_USAGE)
    assert json.dumps(describe_profile(any_store, create_study(any_store, "Empty")), allow_nan=False)


def test_the_list_prices_have_a_day(any_store: Store) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert {price.as_of for price in load_facts(any_store, create_study(any_store, "Empty"), now=now).prices} == {now}
