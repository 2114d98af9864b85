"""The trace for load tools: it repeats times, lengths and shared beginnings, and no text of the log is in it."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.collect.imports import ImportOptions, import_logs
from advisor.plan.configuration.served import builtin
from advisor.plan.trace import BLOCK_TOKENS, make_trace, repeated, trace_files
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.store.studies import find_study
from advisor.types import Study
from advisor.types.deployment import Called, Serving

SYSTEM = "You sort parcels for the depot in Kirkenes. " * 40
QUESTIONS = [f"Zeppelin {n} has the wayward suitcase {'quux ' * n}" for n in range(6)]


NOTHING = Serving(study="Depot", models=(), gaps=())


@pytest.fixture
def traced(tmp_path: Path) -> tuple[Store, Study]:
    """Six calls with one system prompt, the last like the first, and one without tokens."""
    rows = []
    for n, question in enumerate([*QUESTIONS, QUESTIONS[0], "untold"]):
        messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
        tokens = round((len(SYSTEM) + len(question)) / 4)
        row = {"messages": messages, "answer": "Hangar", "timestamp": f"2026-10-01T08:00:{n:02d}Z"}
        rows.append(row if question == "untold" else row | {"input_tokens": tokens, "output_tokens": 20 + n})
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(map(json.dumps, rows)))
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    import_logs(store, "Depot", [log], ImportOptions(redact=False, traffic_share=0.5))
    return store, find_study(store, "Depot")


def test_each_line_has_what_the_tools_ask_for(traced: tuple[Store, Study]) -> None:
    files = trace_files(make_trace(*traced), NOTHING)
    milliseconds, seconds = ([*map(json.loads, files[f"{tool}.jsonl"].splitlines())] for tool in ("aiperf", "guidellm"))
    assert [row["timestamp"] for row in milliseconds] == [1000 * n for n in range(7)]
    assert [row["timestamp"] for row in seconds] == [*range(7)]
    for row in (*milliseconds, *seconds):
        assert {*row} == {"timestamp", "input_length", "output_length", "hash_ids"}
        assert len(row["hash_ids"]) == math.ceil(row["input_length"] / BLOCK_TOKENS)
        assert all(isinstance(number, int) and 0 <= number < 2**31 for number in row["hash_ids"])
    assert [row["output_length"] for row in milliseconds] == [20, 21, 22, 23, 24, 25, 26]


def test_prompts_share_the_numbers_of_what_they_begin_with(traced: tuple[Store, Study]) -> None:
    calls = make_trace(*traced).calls
    shared = len(SYSTEM) // 4 // BLOCK_TOKENS - 2  # a block ends up to one mark later
    assert shared > 3
    assert len({call.blocks[:shared] for call in calls}) == 1
    assert calls[0].blocks == calls[6].blocks
    tails = [call.blocks[-1] for call in calls[:6]]
    assert len({*tails}) == 6


def test_no_word_of_the_log_is_in_it_and_it_is_the_same_each_time(traced: tuple[Store, Study]) -> None:
    files = trace_files(make_trace(*traced), NOTHING)
    words = {*re.findall(r"[a-z]{5,}", f"{SYSTEM} {' '.join(QUESTIONS)} Hangar".lower())}
    for name, text in files.items():
        found = {*re.findall(r"[a-z]{5,}", text.lower())}
        assert not words & (found - {"depot"}), name  # the study's name
    assert trace_files(make_trace(*traced), NOTHING) == files


def test_of_a_long_log_the_busiest_stretch_is_taken(traced: tuple[Store, Study]) -> None:
    trace = make_trace(*traced, most=3)
    assert (len(trace.calls), trace.usable, trace.left_out) == (3, 7, 1)
    assert trace.calls[0].at_ms == 0


def test_what_came_before_is_counted_in_tokens(traced: tuple[Store, Study]) -> None:
    trace = make_trace(*traced)
    first, last = trace.calls[0], trace.calls[6]
    assert first.blocks == last.blocks
    assert repeated((first, last)) == 0.5
    assert repeated(()) is None


def test_only_the_calls_of_some_use_cases_are_in_it(traced: tuple[Store, Study]) -> None:
    store, study = traced
    (case,) = list_use_cases(store, study.id)
    assert len(make_trace(store, study, [case.name]).calls) == 7
    assert not make_trace(store, study, ["another"]).calls


def test_the_commands_ask_the_one_server_that_is_started_else_have_blanks(traced: tuple[Store, Study]) -> None:
    trace = make_trace(*traced)
    own = replace(builtin("Own", "own", ("unnamed",)), called=Called("acme/own", 9530, "http://127.0.0.1:9530/v1"))
    other = builtin("Other", "other", ())
    for models, known in (
        ((own,), True),
        ((own, other), True),
        ((other, replace(other, alias="b")), False),
        ((), False),
    ):
        steps = trace_files(trace, replace(NOTHING, models=models))["README.md"].splitlines()[2:7]
        for step in steps[2:4]:
            assert ("http://127.0.0.1:9530" in step, "URL" in step, "REPOSITORY" in step) == (
                known,
                not known,
                not known,
            )
        assert ("--model acme/own" in steps[2], "export --what deploy" in steps[0]) == (known, known)


def test_the_commands_repeat_a_long_log_within_an_hour(traced: tuple[Store, Study]) -> None:
    trace = make_trace(*traced)
    month = replace(trace, calls=(*trace.calls[:-1], trace.calls[-1]._replace(at_ms=30 * 24 * 3_600_000)))
    steps = trace_files(month, NOTHING)["README.md"].splitlines()[2:7]
    assert "/ 720 | floor)' aiperf.jsonl > faster.jsonl" in steps[2]
    assert "--input-file faster.jsonl" in steps[2]
    assert "time_scale=0.00139" in steps[3]
