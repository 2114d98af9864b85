"""Every sentence about money and traffic, with sample values, in one file to read: money_words.txt.

Run ``python -m tests.text.test_money_words`` to write it again after a change of the words, and read the difference.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from advisor.text.hosting import hosting_input, hosting_note
from advisor.text.money import OPTIONS, PARTS, bill_gap, option_step, switch_off_source, used_as
from advisor.text.runs import busy_machine, load_end, run_note
from advisor.text.scenarios import found_in, labels_note, labels_taken, licence_change, new_costs, predicate
from advisor.text.traffic import FINDINGS, assumed, finding_note, savings_words
from advisor.types import (
    AT_CONTRACT,
    BillGap,
    CacheRuleSource,
    FindingName,
    FindingNote,
    HostingInput,
    HostingNote,
    HostingSource,
    LoadEnd,
    LoadMeasure,
    Message,
    OptionKind,
    OptionStep,
    PartKind,
    PriceOrigin,
    PriceSource,
    Role,
    RunNote,
    SavingsCode,
)
from tests.report.made_report import small_report

SNAPSHOT = Path(__file__).parent / "money_words.txt"
CACHE_RULE = {
    "model": "gpt-4o",
    "tokens": 1024,
    "minutes": 5.0,
    "input": 2.5,
    "read": 1.25,
    "write": 2.5,
    "source": PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3").code,
}
STEPS = [
    Message.of(OptionStep.PART_OF_TRAFFIC),
    Message.of(OptionStep.A_MONTH, calls=3.04375),
    Message.of(OptionStep.A_MONTH, calls=15_960.0),
    Message.of(OptionStep.NO_MONTH),
    Message.of(OptionStep.NO_TIMES),
    Message.of(OptionStep.NO_PRICE),
    Message.of(OptionStep.PROMPTS_READ, read=3000, of=12_400),
    Message.of(OptionStep.SHARED, calls=1204, tokens=1_541_120, cached=20_000),
    Message.of(OptionStep.CACHE_SAVING),
    Message.of(OptionStep.CACHE_RULE, automatic=True, rule=CacheRuleSource.OPENAI, **CACHE_RULE),
    Message.of(OptionStep.CACHE_RULE, automatic=False, rule=CacheRuleSource.CLAUDE, **CACHE_RULE),
    Message.of(OptionStep.CACHE_RULE, automatic=False, rule=CacheRuleSource.CLAUDE_LARGEST, **CACHE_RULE),
    Message.of(OptionStep.NO_CACHE_RULE, model="acme-1"),
    Message.of(OptionStep.NO_MODEL_PRICE, model="acme-1"),
    Message.of(OptionStep.NO_CACHE_PRICE, model="acme-1", source=AT_CONTRACT.code),
    Message.of(OptionStep.NO_PROMPTS),
    Message.of(OptionStep.REPEATS, calls=1204, of=12_400, in_a_day=18),
    Message.of(OptionStep.REPEATS_COST, high=12.345678, low=0.2),
    Message.of(OptionStep.REPEATS_WITHOUT_COST, calls=3),
    Message.of(OptionStep.SOME_FRESH),
    Message.of(OptionStep.NEAR_REPEATS, calls=40, of=12_400),
    Message.of(OptionStep.NEAR_COST, average=0.0123),
    Message.of(OptionStep.NEAR_COST, average=None),
    Message.of(OptionStep.ALL_BATCHED),
    Message.of(OptionStep.SOME_BATCHED),
    Message.of(OptionStep.BULK, calls=40, of=12_400, burst=30, series=20),
    Message.of(OptionStep.STEADY_PACE),
    Message.of(OptionStep.BULK_COST, usd=1.5),
    Message.of(OptionStep.OTHER_TIERS, calls=40),
    Message.of(OptionStep.DISCOUNT, model="gpt-4o", share=0.5),
    Message.of(OptionStep.NO_DISCOUNT, model="acme-1"),
    Message.of(OptionStep.NO_BATCH_PRICE),
    Message.of(OptionStep.LONG_ANSWERS, calls=320, of=642, tokens=20_412.5),
    Message.of(OptionStep.OUTPUT_COST, usd=0.2041),
    Message.of(OptionStep.OUTPUT_COST, usd=None),
    Message.of(OptionStep.LONG_PROMPTS, calls=64, of=642, tokens=48_000.0, few=10),
    Message.of(OptionStep.PROMPT_COST, usd=0.12),
    Message.of(OptionStep.PROMPT_COST, usd=None),
    Message.of(OptionStep.INSTRUCTIONS, usd=0.0384),
    Message.of(OptionStep.INSTRUCTIONS_UNKNOWN),
    Message.of(OptionStep.FEW_PROMPTS, few=10),
    Message.of(OptionStep.SIBLING_COST),
    Message.of(OptionStep.SIBLING_RANGE, confidence=0.95),
    Message.of(OptionStep.SIBLING_NO_RANGE, few=10),
    Message.of(
        OptionStep.SIBLING,
        model="gpt-4o",
        sibling="gpt-4o-mini",
        usd=3.5,
        sibling_usd=0.21,
        source=PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3").code,
    ),
    Message.of(OptionStep.NO_SIBLING, model="acme-1"),
    Message.of(OptionStep.SIBLING_LEFT_OUT, calls=25, of=642),
    Message.of(OptionStep.NONE_CHEAPER),
]
NOTES = [
    Message.of(FindingNote.AS_MARKED),
    Message.of(FindingNote.NONE_MARKED),
    Message.of(FindingNote.NO_CALLS),
    Message.of(FindingNote.SAME_REQUEST),
    Message.of(FindingNote.NEAR_REQUEST),
    Message.of(FindingNote.NO_PROMPTS),
    Message.of(FindingNote.CACHE_READ),
    Message.of(FindingNote.NO_CACHE_READ),
    Message.of(FindingNote.REASONING),
    Message.of(FindingNote.NO_REASONING),
    Message.of(FindingNote.NO_USAGE),
    Message.of(FindingNote.WHOLE_PROMPT),
    Message.of(FindingNote.NOT_LAST),
    Message.of(FindingNote.NO_SESSIONS),
    *(Message.of(FindingNote.START_AND_LATENCY, lacks=lacks) for lacks in (None, "traffic", "latencies")),
    Message.of(FindingNote.NO_TIMES),
    Message.of(FindingNote.NO_LATENCIES),
    Message.of(FindingNote.IN_BULK, batch=10, bursts=1240, series=21, burst=30, least_series=20),
    Message.of(FindingNote.NONE_IN_BULK),
]
SAVINGS = [
    Message.of(SavingsCode.NOT_WORTH, usd=12.0),
    Message.of(SavingsCode.COSTS_MORE, low=30.4, high=1047.0, monthly=True),
    Message.of(SavingsCode.MAY_COST_MORE, saved=517.0, more=499.0, monthly=True),
    Message.of(SavingsCode.SAVES, low=6088.0, high=7104.0, monthly=True),
    Message.of(SavingsCode.SAVES, low=0.0082, high=0.0082, monthly=False),
    Message.of(SavingsCode.NO_OPEN_PRICE),
    Message.of(SavingsCode.NO_USAGE),
    Message.of(SavingsCode.NO_PRICE),
]
INPUTS = [
    Message.of(HostingInput.CALLS, calls=10_000_000.0),
    Message.of(HostingInput.TOKENS, input=1500, output=500),
    Message.of(HostingInput.BUSIEST_HOUR, calls=41_667.0, tokens_per_s=5787.0),
    Message.of(HostingInput.AVERAGE_HOUR, share=1 / 3),
    Message.of(HostingInput.IN_FLIGHT, calls=40),
    Message.of(HostingInput.BILL, usd=80_000.0),
    Message.of(HostingInput.WEIGHTS, gb=62.01, billion=117.0, bytes_each=0.53, precision="mxfp4"),
    Message.of(HostingInput.WEIGHTS_OF_FILES, gb=65.0, precision="mxfp4"),
    Message.of(HostingInput.GPU_MEMORY, gb=80.0, usable=0.9),
    Message.of(HostingInput.CACHE_OF_TOKEN, size=73_728.0, layers=36, heads=8, head_size=64, bytes_each=2.0),
    Message.of(HostingInput.CACHED_TOKENS, tokens=28_000.0),
    Message.of(HostingInput.GPU_HOUR, usd=3.99, low=2.67, high=6.155),
    Message.of(HostingInput.THROUGHPUT, tokens=2500.0, spread=0.3),
    Message.of(HostingInput.THROUGHPUT, tokens=2500.0, spread=None),
    Message.of(HostingInput.SPARE_COPIES, copies=1),
    Message.of(HostingInput.ENGINEERS, hours=40.0, usd=100.0),
    Message.of(HostingInput.MIGRATION, usd=30_000.0),
    Message.of(HostingInput.HOSTED_CALL, usd=0.0004, low=0.0003, high=0.00051),
]
SOURCES = [
    Message.of(HostingSource.LOGGED_CALLS, calls=1_000_000),
    Message.of(HostingSource.LOGGED_TOKENS),
    Message.of(HostingSource.ALL_HOURS),
    Message.of(HostingSource.HOURS_OF_WEEK),
    Message.of(HostingSource.HOURS_OF_DAY),
    Message.of(HostingSource.QUIET_HOURS_TOO),
    Message.of(HostingSource.LOGGED_LATENCIES),
    Message.of(HostingSource.LITTLES_LAW, latency_s=1.84, deviations=3.0),
    Message.of(HostingSource.PRICED_ANSWERS, calls=1_000_000),
    Message.of(HostingSource.MODEL_FILES, checked_on="2026-11-20"),
    Message.of(HostingSource.MODEL_PARAMETERS, checked_on=None),
    Message.of(HostingSource.GPU_CATALOG, gpu="H100 SXM"),
    Message.of(HostingSource.GPU_PRICES, points="2.00..3.10", priced="autumn 2026", confidence="high"),
    Message.of(HostingSource.CATALOG, words="config.json of the model"),
    Message.of(HostingSource.CALLS_IN_FLIGHT),
    Message.of(HostingSource.ENTERED),
    Message.of(HostingSource.ENTERED, words="vendor sheet"),
    Message.of(HostingSource.ENTERED, words=""),
    Message.of(HostingSource.LOAD_TOOL, tool="AIPerf"),
    *(
        Message.of(
            HostingSource.LOAD_TEST, test=3, model="Ours", concurrency=8, host="gpu.internal", machine_bound=bound
        )
        for bound in (False, True)
    ),
    Message.of(
        HostingSource.HOST_PRICES, prices=14, cheapest="deepinfra", median="together_ai", source=AT_CONTRACT.code
    ),
]
HOSTING = [
    Message.of(HostingNote.NOT_ONE_MACHINE, gpus=8),
    Message.of(HostingNote.NO_THROUGHPUT),
    Message.of(HostingNote.NO_TIMES),
    Message.of(HostingNote.NO_USAGE),
    Message.of(HostingNote.NO_HOST_PRICE),
    Message.of(HostingNote.NO_BILL),
    Message.of(HostingNote.FAILED_LEFT_OUT, calls=12, of=1204),
    Message.of(HostingNote.USE_CASES_WITHOUT_PRICE, use_cases=["Triage", "Replies"]),
    Message.of(HostingNote.IN_FLIGHT_UNKNOWN),
    Message.of(HostingNote.FEW_CALLS, least=30),
    Message.of(HostingNote.SHORT_LOG),
    Message.of(HostingNote.CACHE_GUESSED, factor=1.2),
    Message.of(HostingNote.MEMORY_GUESSED, factor=1.2),
    Message.of(HostingNote.NO_NATIVE_PRECISION, gpu="H100 SXM", precision="mxfp4"),
    Message.of(HostingNote.ALL_EXPERTS),
    Message.of(HostingNote.AVERAGED, hours=730.5, overhead=0.1),
]
GAPS = [
    Message.of(BillGap.NO_TIMES),
    Message.of(BillGap.ONE_MOMENT),
    Message.of(BillGap.NO_PRICE),
    Message.of(BillGap.USE_CASES_MISSING, use_cases=["Triage", "Replies"]),
]
RUNS = [
    Message.of(RunNote.TOO_FEW_SAMPLES, short=[("Mail", 20, 60)], helped=[], enough=300),
    Message.of(RunNote.TOO_FEW_SAMPLES, short=[("Mail", 20, 60)], helped=["Mail"], enough=300),
    Message.of(RunNote.TOO_FEW_SAMPLES, short=[("Mail", 20, 60), ("Triage", 1, 1200)], helped=["Mail"], enough=1300),
    Message.of(RunNote.NO_EARLY_STOP, use_cases=["Mail", "Triage"]),
]
BEYOND = {"concurrency": 8, "limit": 0.75, "error": "", "machine_bound": False}
ENDS = [
    Message.of(LoadEnd.WITHIN_LIMITS, concurrency=3),
    Message.of(LoadEnd.BEYOND_LIMITS, measure=LoadMeasure.LATENCY, value=0.8123, **BEYOND),
    Message.of(LoadEnd.BEYOND_LIMITS, measure=LoadMeasure.TTFT, value=None, **BEYOND),
    Message.of(
        LoadEnd.BEYOND_LIMITS,
        measure=LoadMeasure.FAILED,
        value=1.0,
        **{**BEYOND, "error": "Overloaded.", "machine_bound": True},
    ),
    Message.of(LoadEnd.BUDGET_SPENT, concurrency=8),
    *(Message.of(LoadEnd.CANCELLED, concurrency=concurrency) for concurrency in (None, 1)),
    Message.of(LoadEnd.CANCELLED_WAITING),
    Message.of(LoadEnd.INTERRUPTED),
    Message.of(LoadEnd.UNUSABLE, error="Incorrect API key."),
    *(Message.of(LoadEnd.NOTHING_MEASURED, error=error) for error in ("", "The prompt is too long.")),
    Message.of(LoadEnd.FAULT, error="KeyError: 'usage'"),
    Message.of(LoadEnd.DIED),
    Message.of(LoadEnd.OTHER, error="It broke."),
]
FAMILIES: list[tuple[type[StrEnum], list[Message]]] = [
    (OptionStep, STEPS),
    (FindingNote, NOTES),
    (SavingsCode, SAVINGS),
    (HostingInput, INPUTS),
    (HostingSource, SOURCES),
    (HostingNote, HOSTING),
    (BillGap, GAPS),
    (RunNote, RUNS),
    (LoadEnd, ENDS),
]


def sentences() -> Iterator[str]:
    """The file, line by line."""
    yield "# Ways to pay less"
    for kind, (name, what) in OPTIONS.items():
        yield f"{kind}: {name}. {what}"
    yield from (f"{step.code}: {option_step(step)}" for step in STEPS)
    yield from (f"used as: {used_as(role, 'Larch 30B')}" for role in (None, Role.CANDIDATE))
    yield from (f"switched off: {switch_off_source(provider)}" for provider in (None, "openai"))
    yield "# Findings of the traffic profile"
    yield from (f"{name}: {words}" for name, words in FINDINGS.items())
    yield from (f"{note.code}: {finding_note(note)}" for note in NOTES)
    yield "# Savings before a replay"
    yield from (f"{told.code}: {savings_words(told)}" for told in SAVINGS)
    yield f"assumed: {assumed(0.3)}"
    yield "# Self-hosting"
    for number in INPUTS:
        name, value, _ = hosting_input(number, SOURCES[0])
        yield f"{number.code}: {name}: {value}"
    yield from (f"{source.code}: {hosting_input(INPUTS[0], source)[2]}" for source in SOURCES)
    yield from (f"{note.code}: {hosting_note(note)}" for note in HOSTING)
    yield "# The bill"
    yield from (f"{kind}: {words}" for kind, words in PARTS.items())
    yield from (f"{gap.code}: {bill_gap(gap)}" for gap in GAPS)
    yield "# Before a run"
    yield from (f"{note.code}: {run_note(note)}" for note in RUNS)
    yield busy_machine([3, 4])
    yield "# Load tests"
    yield from (f"{end.code}: {load_end(end)}" for end in ENDS)
    yield "# Watching"
    for decision in small_report().recommendation.use_cases:
        yield f"{predicate(decision)}. {new_costs(decision, decision)}"
    yield licence_change("Apache-2.0", "CC-BY-NC-4.0")
    yield from map(found_in, (None, "of 2026-11-20"))


def test_the_words_are_those_of_the_file() -> None:
    assert "\n".join(sentences()) + "\n" == SNAPSHOT.read_text("utf-8")


@pytest.mark.parametrize(("family", "samples"), FAMILIES)
def test_every_code_has_words(family: type[StrEnum], samples: list[Message]) -> None:
    assert {sample.code for sample in samples} == set(family)


def test_every_name_has_words() -> None:
    assert set(OPTIONS) == set(OptionKind)
    assert set(FINDINGS) == set(FindingName)
    assert set(PARTS) == set(PartKind)


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(sentences()) + "\n", "utf-8")


def test_a_drop_is_named_only_where_all_use_cases_have_it() -> None:
    one, other = (0.05, 0.02), (0.1, 0.02)
    assert "2 pts instead of 5 pts" in labels_note({one})
    assert "pts" not in labels_note({one, other})
    assert "pts" in labels_taken(["a", "b"], {0.02})
    assert "pts" not in labels_taken(["a", "b"], {0.02, 0.03})
