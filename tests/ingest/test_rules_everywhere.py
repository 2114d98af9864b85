"""Rules of records/rules.py hold for every call that any reader gives, however its record was bent."""

import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.messages.reply import read_reply
from advisor.ingest.readers import all_readers
from advisor.ingest.reading import read_logs
from advisor.ingest.records.rules import NO_TOOLS, NOTHING_TO_ANSWER, is_provider
from advisor.types import Sample
from advisor.types.codes import CallNote
from tests.ingest.made_records import RECORDS

ALL = [(name, record) for name, records in RECORDS.items() for record in records]
NULLS = ("None", "null", "NaN", "undefined")


def samples_of(path: Path, records: list[Any]) -> list[Sample]:
    path.write_bytes(b"\n".join(orjson.dumps(record) for record in records))
    try:
        log = open_log(path)
    except BadInput:
        return []
    return [found.item for found in read_logs([log]) if isinstance(found.item, Sample)]


def broken_rules(call: Sample) -> list[str]:
    """The rules that a call breaks."""
    messages, answer, params = call.request.messages, call.answer, call.request.params
    last = messages[-1] if messages else {}
    before = next((message for message in reversed(messages) if message["role"] != "tool"), {})
    uses_tools = bool(answer and answer.tool_calls) or any(
        message.get("tool_calls") or message["role"] == "tool" for message in messages
    )
    asks = last.get("role") == "user" or (last.get("role") == "tool" and bool(before.get("tool_calls")))
    said = read_reply(last).answer if last.get("role") == "assistant" and len(messages) > 1 else None
    broken = {
        "the answer ends the prompt": answer is not None and not answer.is_empty and said == answer,
        "nothing is asked": bool(messages) and not asks and call.not_replayable is None,
        "tools are missing": uses_tools and not params.get("tools") and call.not_replayable is None,
        "a null is the answer": answer is not None
        and answer.text in NULLS
        and call.reference is None
        and not any(answer.text in str(each["content"]) for each in messages if each["role"] != "assistant"),
        "a provider's name is the system prompt": bool(messages)
        and messages[0]["role"] == "system"
        and is_provider(messages[0]["content"]),
        "a conversation is one call": call.is_conversation,
    }
    return [rule for rule, is_broken in broken.items() if is_broken]


def lists_of_messages(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list) and value and all(isinstance(item, dict) and "role" in item for item in value):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from lists_of_messages(inner)


def bent(record: Any, how: str, word: str) -> Any:
    """The record with its answer also at the end of its messages, or with every text of a kind replaced by a word."""
    new = copy.deepcopy(record)
    if how == "whole":
        for messages in lists_of_messages(new):
            messages.append({"role": "assistant", "content": word})
        return new
    keys = {"answers": ("content", "text", "output", "response", "completion", "answer"), "systems": ("system",)}[how]

    def replaced(value: Any) -> Any:
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if not isinstance(value, dict):
            return value
        is_system = how == "systems" and value.get("role") == "system"
        return {
            key: word
            if isinstance(inner, str) and (key in keys or (is_system and key == "content"))
            else replaced(inner)
            for key, inner in value.items()
        }

    return replaced(new)


@settings(
    max_examples=400, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    record=st.sampled_from(ALL),
    how=st.sampled_from(["whole", "answers", "systems"]),
    word=st.sampled_from([*NULLS, "shipping", "openai.responses", "vertex_ai", "Refund it."]),
)
def test_no_call_breaks_a_rule(tmp_path: Path, record: tuple[str, Any], how: str, word: str) -> None:
    for records in ([record[1]], [bent(record[1], how, word)]):
        for call in samples_of(tmp_path / "log.jsonl", records):
            assert broken_rules(call) == []


def test_every_reader_is_among_the_records() -> None:
    made = {name for name, _ in ALL}
    assert {reader.name for reader in all_readers()} - made <= {"sharegpt", "alpaca", "fine_tuning"}


def test_an_answer_that_also_ends_the_conversation_is_cut_in_many_formats(tmp_path: Path) -> None:
    cut = Counter[str]()
    for name, record in ALL:
        for call in samples_of(tmp_path / "log.jsonl", [record]):
            if call.answer is None or not call.answer.text or call.not_replayable:
                continue
            whole = samples_of(tmp_path / "log.jsonl", [bent(record, "whole", call.answer.text)])
            same = [each for each in whole if each.request.messages == call.request.messages]
            cut[name] += any(CallNote.ANSWER_CUT in each.notes for each in same)
    assert len(+cut) >= 8, cut


@pytest.mark.parametrize("file", sorted(p.name for p in (Path(__file__).parent.parent / "fixtures/samples").iterdir()))
def test_no_call_of_a_log_breaks_a_rule(fixtures: Path, file: str) -> None:
    try:
        log = open_log(fixtures / "samples" / file)
    except BadInput:
        return
    calls = [found.item for found in read_logs([log]) if isinstance(found.item, Sample)]
    assert [rule for call in calls for rule in broken_rules(call)] == []
    reasons = {CallNote.TOOLS_MISSING: NO_TOOLS, CallNote.NOTHING_TO_ANSWER: NOTHING_TO_ANSWER}
    assert all(call.not_replayable for call in calls for note in call.notes if note in reasons)


@pytest.mark.parametrize("name", ["openinference", "langfuse", "otlp_genai", "mlflow", "langsmith"])
def test_containers_of_spans_give_each_call_once(tmp_path: Path, name: str) -> None:
    records = RECORDS[name]
    alone = samples_of(tmp_path / "alone.jsonl", records)
    wrapped = samples_of(tmp_path / "wrapped.jsonl", [{"data": records}])
    assert len(alone) == len(wrapped) > 0
