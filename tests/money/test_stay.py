"""Staying for less, from logs made by hand: every option in dollars, and what is not known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from advisor.money.closed_models import batch_discount, cheaper_model, deadlines
from advisor.money.optimize import Option, stay_options
from advisor.money.prompt_caching import cache_rule, rates_of
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.log_tables import SampleRow
from advisor.store.models import add_model
from advisor.types import (
    CacheRuleSource,
    Message,
    Model,
    OptionKind,
    OptionStep,
    Prices,
    Request,
    Role,
    Sample,
    Study,
    Usage,
)
from tests.made.traffic import A_LIST, START, made_call, store_calls

MONTH = 365.25 / 12
SECOND = 1 / 86_400
LONG = "".join(f"Rule {n}: answer kindly and shortly. " for n in range(400))
"""Over 13,000 characters."""
SONNET, GPT = "claude-sonnet-4-5", "gpt-4o"


def option(store: Store, study: Study, kind: OptionKind) -> Option:
    return next(one for one in stay_options(store, study) if one.kind == kind)


def step(found: Option, code: OptionStep) -> dict[str, Any] | None:
    """The values of a step; None: it is not among them."""
    return next((message.values for message in found.how if message.code == code), None)


def reasons(found: Option) -> list[str]:
    """The codes of why its dollars are not known."""
    return [message.code for message in found.unknown]


def with_system(n: int, *, model: str, days: float, usage: Usage, system: str = LONG) -> Sample:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": f"Question {n}"}]
    return made_call(days=days, model=model, request=Request(messages=messages), usage=usage)


def shared_log(store: Store, model: str, *, cached: int = 0, system: str = LONG) -> Study:
    """Ten calls a second apart that begin alike, on the first and the last of ten days."""
    usage = Usage(input_tokens=4000 - cached, cache_read_tokens=cached, output_tokens=100)
    days = [n * SECOND for n in range(5)] + [10 - n * SECOND for n in range(5)]
    calls = [with_system(n, model=model, days=day, usage=usage, system=system) for n, day in enumerate(days)]
    return store_calls(store, [(call, 0.02) for call in calls])


def test_caching_that_must_be_asked_for(any_store: Store) -> None:
    found = option(any_store, shared_log(any_store, SONNET), OptionKind.PROMPT_CACHING)
    assert (found.calls, found.of) == (8, 10), "the first of each day finds an empty cache"
    assert found.monthly is not None
    shared = found.how[1].values["tokens"] / 8
    assert 3700 < shared < 4000
    read, written = 3.0 - 0.3, 3.75 - 3.0  # dollars a million tokens, from Anthropic's list
    high = (8 * shared * read - 2 * shared * written) / 1e6 / 10 * MONTH
    low = (8 * shared * read - (8 * (4000 - shared) + 2 * 4000) * written) / 1e6 / 10 * MONTH
    assert found.monthly.high == pytest.approx(high, rel=1e-3)
    assert found.monthly.low == pytest.approx(low, rel=1e-3)
    rule = step(found, OptionStep.CACHE_RULE)
    assert rule is not None
    assert (rule["tokens"], rule["minutes"], rule["automatic"]) == (1024, 5, False)


def test_caching_that_happens_by_itself_may_be_in_the_bill_already(store: Store) -> None:
    found = option(store, shared_log(store, GPT), OptionKind.PROMPT_CACHING)
    assert found.monthly is not None
    assert found.monthly.low == 0
    shared = 3840  # the largest multiple of 128 below what is shared
    assert found.monthly.high == pytest.approx(8 * shared * 1.25 / 1e6 / 10 * MONTH, rel=0.02)


def test_what_came_from_the_cache_is_not_counted_again(store: Store) -> None:
    study = shared_log(store, GPT, cached=3968)
    found = option(store, study, OptionKind.PROMPT_CACHING)
    assert found.calls == 8
    assert found.monthly is not None
    assert (found.monthly.low, found.monthly.high) == (0, 0)


def test_short_beginnings_save_nothing_and_that_is_measured(store: Store) -> None:
    usage = Usage(input_tokens=200, output_tokens=10)
    calls = [with_system(n, model=GPT, days=n * SECOND, usage=usage, system="Be kind.") for n in range(5)]
    found = option(store, store_calls(store, [(call, 0.01) for call in calls]), OptionKind.PROMPT_CACHING)
    assert (found.calls, found.of) == (0, 5)
    assert found.monthly is not None
    assert found.monthly.high == 0


@pytest.mark.parametrize("model", ["gemini-2.5-pro", "acme-1"])
def test_rules_that_are_not_known_are_not_guessed(store: Store, model: str) -> None:
    found = option(store, shared_log(store, model), OptionKind.PROMPT_CACHING)
    assert found.monthly is None
    assert found.unknown == (Message.of(OptionStep.NO_CACHE_RULE, model=model),)


@pytest.mark.parametrize(
    ("model", "least"),
    [
        ("gpt-4o-2024-08-06", 1024),
        ("claude-sonnet-4-5-20250929", 1024),
        ("anthropic/claude-opus-4.1", 1024),
        ("claude-sonnet-4-20250514", 1024),
        ("claude-opus-4-5", 4096),
        ("claude-haiku-4-5", 4096),
        ("claude-sonnet-4-6", 2048),
        ("claude-3-5-haiku-20241022", 2048),
        ("claude-opus-9", 4096),
        ("gemini-2.5-pro", None),
    ],
)
def test_least_lengths(model: str, least: int | None) -> None:
    rule = cache_rule(model)
    assert (rule.least_tokens if rule else None) == least
    if model == "claude-opus-9":
        assert rule is not None
        assert rule.source == CacheRuleSource.CLAUDE_LARGEST


def test_the_same_question_again(any_store: Store) -> None:
    """Asked three times: twice within an hour, once five days later; another model's answer is another one."""
    calls = [
        (made_call("Same", days=0.0), 0.10),
        (made_call("Same", days=0.04), 0.20),
        (made_call("Same", days=5.0), 0.30),
        (made_call("Same", days=6.0, model="gpt-4o-mini"), 9.0),
        (made_call("Other", days=10.0), 9.0),
        (made_call("Same", days=7.0, error="HTTP 500", answer=None), 9.0),
    ]
    found = option(any_store, store_calls(any_store, calls), OptionKind.RESPONSE_CACHE)
    assert (found.calls, found.of) == (2, 5)
    assert found.monthly is not None
    assert found.monthly.low == pytest.approx(0.20 / 10 * MONTH)
    assert found.monthly.high == pytest.approx(0.50 / 10 * MONTH)


def test_nearly_the_same_question_may_save_nothing(store: Store) -> None:
    calls = [(made_call(f"Invoice {n}", days=n), 0.10) for n in range(5)] + [(made_call("Else", days=10), 0.10)]
    found = option(store, store_calls(store, calls), OptionKind.NEAR_RESPONSE_CACHE)
    assert (found.calls, found.of) == (4, 6)
    assert found.monthly is not None
    assert found.monthly.low == 0
    assert found.monthly.high == pytest.approx(0.40 / 10 * MONTH)


def test_a_failed_call_is_no_answer_to_keep(any_store: Store) -> None:
    """Failed calls without a cost cost nothing, so that a cache saves nothing of them; those at 0 lower no average."""
    calls = [(made_call(f"Invoice {n}", days=n), 1.0) for n in range(5)] + [(made_call("Else", days=10), 1.0)]
    lost = {"answer": None, "error": "429: rate limit reached"}
    failed = [(made_call(f"Lost {n}", days=n / 10, **lost), 0.0 if n % 2 else None) for n in range(60)]
    found = option(any_store, store_calls(any_store, [*calls, *failed]), OptionKind.NEAR_RESPONSE_CACHE)
    assert (found.calls, found.of) == (4, 6)
    assert found.monthly is not None
    assert found.monthly.high == pytest.approx(4.0 / 10 * MONTH)


def test_repeats_whose_cost_nobody_knows_are_told(store: Store) -> None:
    first, again, late = (made_call("Same", days=n) for n in (0, 0.5, 10))
    kind = OptionKind.RESPONSE_CACHE
    partly = option(store, store_calls(store, [(first, 0.1), (again, 0.1), (late, None)]), kind)
    assert partly.monthly is not None
    assert partly.monthly.high == pytest.approx(0.1 / 10 * MONTH)
    assert step(partly, OptionStep.REPEATS_WITHOUT_COST) == {"calls": 1}
    unknown = option(store, store_calls(store, [(first, 0.1), (late, None)], name="Unknown"), kind)
    assert (unknown.monthly, reasons(unknown)) == (None, [OptionStep.NO_PRICE])


def test_answers_from_a_cache_cost_nothing_and_save_nothing(store: Store) -> None:
    usage = Usage(input_tokens=4000, output_tokens=900)
    days = [n * SECOND for n in range(5)] + [10 - n * SECOND for n in range(5)]
    calls = [(with_system(n, model=SONNET, days=day, usage=usage), 0.0) for n, day in enumerate(days)]
    short = Usage(input_tokens=4000, output_tokens=100)
    calls += [(with_system(n, model=SONNET, days=n, usage=short), 0.02) for n in range(10)]
    study = store_calls(store, calls)
    for kind in (OptionKind.PROMPT_CACHING, OptionKind.LONG_ANSWERS):
        found = option(store, study, kind)
        assert (found.calls, found.of) == (0, 10)


def test_a_part_of_the_traffic_hides_repeats(store: Store) -> None:
    calls = [(made_call("Same", days=n), 0.10) for n in (0, 10)]
    found = option(store, store_calls(store, calls, traffic_share=0.5), OptionKind.RESPONSE_CACHE)
    assert found.monthly is not None
    assert found.monthly.high == pytest.approx(0.10 / 10 * MONTH / 0.5)
    assert step(found, OptionStep.PART_OF_TRAFFIC) is not None
    whole = option(store, store_calls(store, calls, name="Whole"), OptionKind.RESPONSE_CACHE)
    assert step(whole, OptionStep.PART_OF_TRAFFIC) is None


def bulk(store: Store, model: str = GPT, **more: Any) -> Study:
    """A series of 40 calls, each right after the last one, and single ones on other days."""
    series = [made_call(f"Job {n}", days=n * SECOND, latency_s=1.0, model=model) for n in range(40)]
    single = [made_call(f"Person {n}", days=1 + n, latency_s=1.0, model=model) for n in range(10)]
    return store_calls(store, [(call, 0.01) for call in (*series, *single)], **more)


def test_half_of_what_nobody_waits_for(any_store: Store) -> None:
    found = option(any_store, bulk(any_store), OptionKind.BATCH)
    assert (found.calls, found.of) == (40, 50)
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx(0.5 * 40 * 0.01 / 10 * MONTH)
    assert step(found, OptionStep.DISCOUNT) == {"model": GPT, "share": pytest.approx(0.5)}


def test_batches_without_a_listed_price_are_not_priced(store: Store) -> None:
    found = option(store, bulk(store, model="acme-1"), OptionKind.BATCH)
    assert found.monthly is None
    assert reasons(found) == [OptionStep.NO_BATCH_PRICE]


def test_a_batch_log_is_not_batched_again(store: Store) -> None:
    found = option(store, bulk(store, format="openai_batch"), OptionKind.BATCH)
    assert found.monthly is None
    assert reasons(found) == [OptionStep.ALL_BATCHED]


def test_long_answers_are_for_information(store: Store) -> None:
    lengths = [100, 100, 100, 500, 900]
    calls = [
        (made_call(f"Q{n}", days=2.5 * n, usage=Usage(input_tokens=10, output_tokens=out)), 0.01)
        for n, out in enumerate(lengths)
    ]
    found = option(store, store_calls(store, calls), OptionKind.LONG_ANSWERS)
    assert not found.is_saving
    assert found.calls == 2
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx((400 + 800) * 10 / 1e6 / 10 * MONTH)


def test_long_prompts_cost_what_is_beyond_nine_of_ten(store: Store) -> None:
    """Nine prompts of 1,000 tokens and one of 5,000, half of it from a cache: the ninth decile is 1,400."""
    usage = [Usage(input_tokens=1000, output_tokens=10)] * 9
    usage.append(Usage(input_tokens=2500, cache_read_tokens=2500, output_tokens=10))
    calls = [(made_call(f"Q{n}", days=n * 10 / 9, usage=each), 0.01) for n, each in enumerate(usage)]
    found = option(store, store_calls(store, calls), OptionKind.LONG_PROMPTS)
    assert not found.is_saving
    assert (found.calls, found.of) == (1, 10)
    assert found.monthly is not None
    average = (2.5 + 1.25) / 2  # dollars a million tokens of it, as gpt-4o's list says
    assert found.monthly.high == pytest.approx(3600 * average / 1e6 / 10 * MONTH)
    few = option(store, store_calls(store, calls[1:], name="Few"), OptionKind.LONG_PROMPTS)
    assert few.monthly is None, "a tenth of nine prompts is none"
    assert few.unknown == (Message.of(OptionStep.FEW_PROMPTS, few=10),)


def test_what_repeated_instructions_cost_even_from_a_cache(store: Store) -> None:
    study = shared_log(store, GPT)
    told = step(option(store, study, OptionKind.LONG_PROMPTS), OptionStep.INSTRUCTIONS)
    assert told == {"usd": pytest.approx(8 * 3840 * 1.25 / 1e6)}
    add_model(
        store,
        study.id,
        Model(name="c", litellm_id=f"openai/{GPT}", prices=Prices(input=1.0, output=4.0, cache_read=0.5)),
    )  # fmt: skip
    told = step(option(store, study, OptionKind.LONG_PROMPTS), OptionStep.INSTRUCTIONS)
    assert told == {"usd": pytest.approx(8 * 3840 * 0.5 / 1e6)}, "at the price given for the study"


def test_a_sibling_is_priced_with_the_same_tokens(store: Store) -> None:
    calls = [(made_call(f"Q{n}", days=10 * n), 0.0035) for n in range(2)]
    found = option(store, store_calls(store, calls), OptionKind.SIBLING)
    assert not found.is_saving
    luna = (1000 * 0.1 + 100 * 0.5) / 1e6
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx(2 * (0.0035 - luna) / 10 * MONTH)
    assert found.monthly.low == found.monthly.high, "two calls tell no range"
    assert step(found, OptionStep.SIBLING_NO_RANGE) == {"few": 10}


def test_a_sibling_is_compared_with_what_answers_cost_at_list_terms(store: Store) -> None:
    """Twelve answers with a fifth off the list; what a cache gave, what failed and what was batched is left out."""
    calls = [(made_call(f"Q{n}", days=n, cost_usd=0.0028), 0.0028) for n in range(12)]
    calls += [(made_call(f"Kept {n}", days=n, cost_usd=0.0), 0.0) for n in range(12)]
    lost = {"answer": None, "error": "filtered"}
    calls += [(made_call(f"Lost {n}", days=n, cost_usd=0.0035, **lost), 0.0035) for n in range(12)]
    study = store_calls(store, calls)
    with store.write(None) as session:
        batched = update(SampleRow).where(SampleRow.request_digest == digest_of(store, study, 11))
        session.execute(batched.values(price_source=replace(A_LIST, tier="batch").code))
    found = option(store, study, OptionKind.SIBLING)
    luna = (1000 * 0.1 + 100 * 0.5) / 1e6
    assert (found.calls, found.of) == (11, 36)
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx(11 * 0.0028 * (1 - luna / 0.0035) / 11 * MONTH)
    assert found.monthly.low > 0
    assert step(found, OptionStep.SIBLING_LEFT_OUT) == {"calls": 25, "of": 36}


def digest_of(store: Store, study: Study, place: int) -> str:
    """Of the request of one of the calls, by its place."""
    return str(load_sample_facts(store, study.id)["request_digest"][place])


def test_a_siblings_saving_has_the_range_of_the_calls(store: Store) -> None:
    """One call has more tokens than prices without steps hold for; its sibling's price has none."""
    usages = [Usage(input_tokens=1000 * n**2, output_tokens=100 * n) for n in range(1, 12)]
    usages.append(Usage(input_tokens=120_000, output_tokens=10))
    paid = [(usage.input_tokens * 2.5 + usage.output_tokens * 10) / 1e6 for usage in usages]
    calls = [
        (made_call(f"Q{n}", days=n, usage=usage), usd) for n, (usage, usd) in enumerate(zip(usages, paid, strict=True))
    ]
    study = store_calls(store, calls)
    found = option(store, study, OptionKind.SIBLING)
    luna = [(usage.input_tokens * 0.1 + usage.output_tokens * 0.5) / 1e6 for usage in usages]
    saved = np.array(paid) - np.array(luna)
    assert found.monthly is not None
    assert found.monthly.point == pytest.approx(saved.sum() / 11 * MONTH)
    means = np.random.default_rng(7).choice(saved, (4000, 12)).mean(axis=1)
    by_hand = np.quantile(means, (0.025, 0.975)) * 12 / 11 * MONTH
    assert (found.monthly.low, found.monthly.high) == pytest.approx(tuple(by_hand), rel=0.05)
    assert step(found, OptionStep.SIBLING_RANGE) == {"confidence": study.confidence}


@pytest.mark.parametrize(
    ("model", "cheaper"),
    [
        ("gpt-4o-2024-08-06", "gpt-6-luna"),  # gpt-4o-mini is switched off with it
        ("claude-sonnet-4-5-20250929", "claude-haiku-5-5"),  # its successor's
        ("gpt-5.1-2025-11-13", "gpt-6-luna"),
        ("gemini-2.5-pro", "gemini-3.8-flash"),
        ("gpt-4o-mini", "gpt-6-luna"),
        ("gpt-4o-nova", None),
        ("acme-1", None),
    ],
)
def test_cheaper_models_are_named_exactly(model: str, cheaper: str | None) -> None:
    assert cheaper_model(model) == cheaper


def test_what_the_log_does_not_tell_is_not_a_number(store: Store) -> None:
    nothing = [(made_call(f"Q{n}", days=n, usage=None, model=None), None) for n in range(3)]
    found = stay_options(store, store_calls(store, nothing))
    assert len(found) == 7
    assert [one.monthly for one in found] == [None] * 7
    assert all(one.unknown for one in found)


def test_options_that_save_come_first(store: Store) -> None:
    found: Sequence[Option] = stay_options(store, bulk(store))
    assert [one.is_saving for one in found] == [True] * 4 + [False] * 3
    known = [one.monthly.high for one in found if one.is_saving and one.monthly is not None]
    assert known == sorted(known, reverse=True)


def test_deadlines_of_the_log_and_of_candidates(store: Store) -> None:
    study = store_calls(store, [(made_call("a", model="gpt-4o"), 0.1), (made_call("b", model="acme-1"), 0.1)])
    add_model(store, study.id, Model(name="Mine", litellm_id="hosted_vllm/x", api_base="http://gpu.internal/v1"))
    add_model(store, study.id, Model(name="Theirs", litellm_id="openai/gpt-4o"))
    add_model(store, study.id, Model(name="Spelled", litellm_id="azure_ai/DeepSeek-V4-Flash-0731"))
    add_model(store, study.id, Model(name="Local", litellm_id="llamafile/x"))
    found = deadlines(store, study)
    assert [(one.model, one.role, one.name, one.on) for one in found] == [
        ("azure_ai/DeepSeek-V4-Flash-0731", Role.CANDIDATE, "Spelled", date(2026, 12, 3)),
        ("gpt-4o", None, "", date(2027, 1, 14)),
        ("openai/gpt-4o", Role.CANDIDATE, "Theirs", date(2027, 1, 14)),
        ("acme-1", None, "", None),
    ]
    assert found[1].calls == 1
    assert found[1].successor == "gpt-6-luna"
    assert [one.provider for one in found if not one.on] == [None]


def test_batch_discounts_are_listed_ones() -> None:
    assert batch_discount("gpt-4o") == pytest.approx(0.5)
    assert batch_discount("openai/gpt-4o") == pytest.approx(0.5)
    assert batch_discount("gpt-4o-nova") is None


def test_rates_are_those_of_the_list() -> None:
    rates = rates_of(SONNET, START)
    assert rates is not None
    assert [round(price * 1e6, 6) for price in rates[:4]] == [3.0, 0.3, 3.75, 15.0]
    assert rates_of("acme-1", START) is None
