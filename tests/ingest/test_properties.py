"""What holds for any file: no errors but the product's own, every row accounted for, and no order that counts."""

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.collect.imports import ImportOptions, import_logs
from advisor.collect.intake import Intake
from advisor.errors import AdvisorError
from advisor.ingest.log import LogFile, open_log
from advisor.ingest.readers import all_joiners
from advisor.ingest.reading import read_logs, records_of
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.same_calls import call_digest
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import find_study
from advisor.types import Rejection, Sample
from tests.ingest.made_records import RECORDS

ALL = [record for records in RECORDS.values() for record in records]
NEED_ORDER = ("codex", "llm_logs", "openai_responses", "openhands")
ALONE = [record for name, records in RECORDS.items() if name not in NEED_ORDER for record in records]
JOINED = {joiner.name for joiner in all_joiners()}
"""Where two parts that contradict each other have one id, the later one counts."""
SINGLE = [record for name, records in RECORDS.items() if name not in (*NEED_ORDER, *JOINED) for record in records]


def often(examples: int) -> settings:
    """The same examples on every run, and no files of hypothesis' own."""
    lenient = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=lenient
    )


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _names(inner)
    for inner in value if isinstance(value, list) else ():
        yield from _names(inner)


def _texts(value: Any) -> Iterator[str]:
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
    if isinstance(value, str):
        yield value


OTHER_SHAPES: list[dict[str, Any]] = [
    {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}], "tools": "[]", "system": "s"},
    {"instruction": "a", "input": "b", "output": "c", "history": [["a", "b"]]},
    {
        "conversation_a": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}],
        "conversation_b": [], "model_a": "m", "model_b": "n",
    },
    {"instruction": "a", "output_1": "b", "generator_1": "m", "output_2": "c", "generator_2": "n"},
    {
        "created_at": "2025-03-01 10:00:00", "request.body": '{"messages": [{"role": "user", "content": "a"}]}',
        "response.body": "{}", "is_success": 1, "ai_org": "openai", "ai_model": "gpt-4o", "req_units": 12, "cost": 0.25,
        "response_status_code": 200, "trace_id": "t", "metadata.key": ["_user"], "metadata.value": ["u"],
    },
]  # fmt: skip
"""Of older versions and rarer data sets."""
ODD: list[Any] = [
    *(None, "", 0, -1, 7, True, 1.5, 2**70, "text", "{", "[]", "9" * 400, [], [None], [[]], [1, "x", {}]),
    *({}, {"a": None}, {"": {}}, {"messages": 3}, {"messages": [[]]}, {"messages": [None]}, {"content": 3}),
]
NAMES = sorted(set(_names(ALL)) | {name for names in SYNONYMS.values() for name in names[:6]})
WORDS = sorted({text for text in _texts(ALL) if len(text) < 200})
TEXTS = (
    st.sampled_from(WORDS)
    | st.text(max_size=12)
    | st.sampled_from(
        [
            "[",
            "{",
            '"',
            '{"a": 1}',
            "[{'role': 'user'}]",
            "null",
            "data: [DONE]\n\n",
            "\ud800",
            "\0",
            "1e999",
            "-1",
            "NaN",
        ]
    )
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=5),
    max_leaves=15,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8)


def _places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*where, key)
        yield from _places(inner, (*where, key))


@st.composite
def changed(draw: st.DrawFn, *, is_single: bool = False) -> Any:
    """A record of a tool with some of its values dropped, replaced, wrapped or written as text."""
    record = copy.deepcopy(draw(st.sampled_from(SINGLE if is_single else ALL)))
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(record))
        if not places:
            break
        *outer, last = draw(st.sampled_from(places))
        where = record
        for key in outer:
            where = where[key]
        match draw(st.integers(0, 5)):
            case 0:
                del where[last]
            case 1:
                where[last] = draw(VALUES)
            case 2:
                where[last] = [where[last]]
            case 3:
                where[last] = {draw(st.sampled_from(NAMES)): where[last]}
            case 4:
                where[last] = json.dumps(where[last])
            case _:
                where[last] = draw(LEAVES)
    return record


@st.composite
def alone(draw: st.DrawFn) -> Any:
    """A record that is a call by itself. Hypothesis warns where a strategy shows all records, as it may in a retry."""
    return draw(st.sampled_from(ALONE))


def written(records: list[Any]) -> bytes:
    """JSON lines, also of what JSON has no name for."""
    return "\n".join(json.dumps(record) for record in records).encode("utf-8", "surrogatepass")


def opened(folder: Path, content: bytes, name: str = "log.jsonl") -> LogFile | None:
    path = folder / name
    path.write_bytes(content)
    try:
        return open_log(path)
    except AdvisorError:
        return None


def check(log: LogFile | None) -> None:
    """Every record is in one row or joined to one, rows are numbered apart, and each can be stored or says why not."""
    if log is None:
        return
    try:
        records = list(records_of(log))
        found = list(read_logs([log]))
        taken = Intake(log, redaction_key=None).take(records)
    except AdvisorError:
        return
    assert len(records) == sum(1 + row.joined for row in found)
    assert len(records) == len(taken.ready) + len(taken.rejections) + len(taken.parts)
    assert len({row.row for row in found}) == len(found)


@often(150)
@given(content=st.binary(max_size=400))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    check(opened(tmp_path, content))


@pytest.mark.slow
@often(120)
@given(records=st.lists(VALUES | OBJECTS, min_size=1, max_size=4), as_array=st.booleans())
def test_any_json(tmp_path: Path, records: list[Any], as_array: bool) -> None:
    content = json.dumps(records).encode("utf-8", "surrogatepass") if as_array else written(records)
    check(opened(tmp_path, content))


@often(400)
@given(records=st.lists(changed(), min_size=1, max_size=3))
def test_changed_records(tmp_path: Path, records: list[Any]) -> None:
    check(opened(tmp_path, written(records)))


def _with(record: Any, where: tuple[Any, ...], value: Any) -> Any:
    new = copy.deepcopy(record)
    inner = new
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    return new


@often(600)
@given(record=st.sampled_from([*ALL, *OTHER_SHAPES]), odd=st.sampled_from(ODD) | VALUES)
def test_an_odd_value_anywhere_costs_one_row_at_most(tmp_path: Path, record: Any, odd: Any) -> None:
    """Each place of a record in turn holds it: every row is a call, a part of one, or rejected for a reason."""
    rows = [record, *(_with(record, where, odd) for where in _places(record))]
    log = opened(tmp_path, written(rows))
    if log is None:
        return  # not one character that a file could hold
    found = list(read_logs([log]))
    read = len({(row.log, row.row) for row in found}) + sum(row.joined for row in found)
    assert read == len(list(records_of(log)))
    assert not [row.item.reason for row in found if isinstance(row.item, Rejection) and "not und" in row.item.reason]


@often(150)
@given(
    record=st.sampled_from(ALL), cut=st.floats(0, 1), noise=st.binary(max_size=6), as_array=st.booleans(),
)  # fmt: skip
def test_cut_and_damaged_files(tmp_path: Path, record: Any, cut: float, noise: bytes, as_array: bool) -> None:
    content = orjson.dumps([record, record]) if as_array else written([record, record])
    at = int(cut * len(content))
    check(opened(tmp_path, content[:at]))
    check(opened(tmp_path, content[:at] + noise + content[at:]))


@often(200)
@given(
    headers=st.lists(st.sampled_from(NAMES) | TEXTS, min_size=1, max_size=6),
    rows=st.lists(st.lists(TEXTS | changed().map(json.dumps) | OBJECTS.map(repr), max_size=6), max_size=4),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_any_table(tmp_path: Path, headers: list[str], rows: list[list[str]], separator: str) -> None:
    lines = [separator.join(f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in cells) for cells in [headers, *rows]]
    check(opened(tmp_path, "\n".join(lines).encode("utf-8", "replace"), "log.csv"))


def calls_of(log: LogFile | None) -> Counter[str]:
    if log is None:
        return Counter()
    items = [found.item for found in read_logs([log])]
    return Counter(
        f"{call_digest(item)} {item.not_replayable} {item.metered.usage} {item.metered.latency_s} {item.metered.at}"
        if isinstance(item, Sample)
        else item.reason
        for item in items
    )


@pytest.mark.slow
@often(100)
@given(
    records=st.lists(alone() | changed(is_single=True), min_size=2, max_size=8, unique_by=json.dumps),
    seed=st.integers(0, 99),
)
def test_the_order_of_rows_does_not_count(tmp_path: Path, records: list[Any], seed: int) -> None:
    shuffled = random.Random(seed).sample(records, len(records))
    in_order = opened(tmp_path, written(records), "one.jsonl")
    if in_order is not None and in_order.format not in NEED_ORDER:
        assert calls_of(in_order) == calls_of(opened(tmp_path, written(shuffled), "two.jsonl"))


@pytest.mark.slow
@often(8)
@given(records=st.lists(st.sampled_from(ALL) | changed(), min_size=1, max_size=12))
def test_a_second_import_adds_nothing(tmp_path_factory: pytest.TempPathFactory, records: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("twice")
    path = folder / "log.jsonl"
    path.write_bytes(written(records))
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    try:
        first = import_logs(store, "Mine", [path], ImportOptions(redact=False))
        again = import_logs(store, "Mine", [path], ImportOptions(redact=False))
        stored = load_sample_facts(store, find_study(store, "Mine").id)
    except AdvisorError:
        return
    finally:
        store.close()
    for report in (first, again):
        assert report.counts.rows == report.counts.accepted + report.counts.rejected + report.counts.duplicates
    assert (again.counts.accepted, again.counts.rows, again.counts.rejected) == (
        0,
        first.counts.rows,
        first.counts.rejected,
    )
    assert len(stored) == first.counts.accepted
