"""Shapes of public data sets, as JSON and as Parquet, and tables with any headers."""

import csv
import json
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from advisor.errors import BadInput
from advisor.ingest.log import LogFile, open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection, Sample, Usage
from advisor.types.codes import CallNote

CALL = '{"name": "get_order", "arguments": {"ticket": "R-77"}}'


def read(path: Path) -> tuple[LogFile, list[Sample | Rejection]]:
    log = open_log(path)
    return log, [item for _, item in read_log(log)]


def samples_of(path: Path) -> list[Sample]:
    _, items = read(path)
    assert not [item for item in items if isinstance(item, Rejection)]
    return [item for item in items if isinstance(item, Sample)]


def lines(path: Path, *records: object) -> Path:
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def one(tmp_path: Path, record: object) -> Sample | Rejection:
    """The last call of a record."""
    _, items = read(lines(tmp_path / "one.jsonl", record))
    return items[-1]


def talk(sample: Sample | Rejection) -> list[tuple[str, object]]:
    assert isinstance(sample, Sample), sample
    return [(message["role"], message["content"]) for message in sample.request.messages]


def answer(sample: Sample | Rejection) -> str | None:
    assert isinstance(sample, Sample)
    return sample.answer.text if sample.answer else None


# ShareGPT


def test_sharegpt(fixtures: Path) -> None:
    log, items = read(fixtures / "samples" / "sharegpt_fastchat.json")
    assert log.format == "sharegpt"
    assert [item.ids.external_id for item in items if isinstance(item, Sample)] == ["desk_0", "desk_0", "desk_1"]
    assert [len(talk(item)) for item in items] == [1, 3, 1]
    assert talk(items[1])[-1] == ("user", "Nice day!")
    assert answer(items[1]) == "Ride well!"


def test_sharegpt_dialects(fixtures: Path) -> None:
    every = samples_of(fixtures / "samples" / "sharegpt_variants.jsonl")
    assert len(every) == 7
    items = [item for item in every if CallNote.EARLIER_ANSWER not in item.notes]
    tools = items[0]
    assert [role for role, _ in talk(tools)] == ["system", "user", "assistant", "tool"]
    called = tools.request.messages[2]["tool_calls"][0]
    assert json.loads(called["function"]["arguments"]) == {"ticket": "R-77"}
    assert tools.request.messages[3]["tool_call_id"] == called["id"]
    assert tools.request.params["tools"][0]["function"]["name"] == "find_repair"
    assert talk(items[1]) == [("user", "hi")]
    assert talk(items[2]) == [("system", "Be short."), ("user", "48/16?")]
    assert answer(items[3]) == "done"
    assert "begins with an answer" in str(items[3].not_replayable)
    assert talk(items[4]) == [
        ("system", "Translator"), ("user", "hi"), ("assistant", "hello"), ("user", "Translate to Norwegian\nbicycle"),
    ]  # fmt: skip
    assert [item.not_replayable is None for item in items] == [True, True, True, False, True]


@pytest.mark.parametrize(
    ("turns", "messages", "text"),
    [
        ([("human", "a"), ("gpt", "b"), ("human", "c")], [("user", "a"), ("assistant", "b"), ("user", "c")], None),
        ([("system", "s"), ("user", "a"), ("assistant", "b")], [("system", "s"), ("user", "a")], "b"),
        ([("Human", "a"), ("bard", "b")], [("user", "a")], "b"),
        ([("human", "a"), ("human", "b"), ("gpt", "c")], [("user", "a"), ("user", "b")], "c"),
    ],
)
def test_sharegpt_turns(tmp_path: Path, turns: list[tuple[str, str]], messages: object, text: str | None) -> None:
    sample = one(tmp_path, {"conversations": [{"from": who, "value": value} for who, value in turns]})
    assert (talk(sample), answer(sample)) == (messages, text)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"conversations": [{"from": "gpt", "value": "b"}]}, "only an answer"),
        (
            {"conversations": [{"from": "alien", "value": "b"}, {"from": "human", "value": "a"}]},
            "unknown speaker 'alien'",
        ),
        ({"conversations": [{"from": "human", "value": "a"}, "x"]}, "turn 2 is not an object"),
        ({"conversations": [{"from": "human", "value": "a"}, {"from": "function_call", "value": "f()"}]}, "function"),
    ],
)
def test_sharegpt_that_cannot_be_read(tmp_path: Path, record: object, words: str) -> None:
    rejection = one(tmp_path, record)
    assert isinstance(rejection, Rejection)
    assert words in rejection.reason


def test_sharegpt_with_preferences_and_exchanges(tmp_path: Path) -> None:
    preferred = {"conversations": [{"from": "human", "value": "a"}], "chosen": {"from": "gpt", "value": "good"},
                 "rejected": {"from": "gpt", "value": "bad"}}  # fmt: skip
    assert answer(one(tmp_path, preferred)) == "good"
    exchange = {"conversation": [{"system": "s", "input": "a", "output": "b"}, {"input": "c", "output": "d"}]}
    sample = one(tmp_path, exchange)
    assert talk(sample) == [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c")]
    assert answer(sample) == "d"


def test_a_log_of_ones_own_with_the_answer_beside_is_not_sharegpt(tmp_path: Path) -> None:
    sample = one(tmp_path, {"conversation": [{"role": "user", "content": "a"}], "response": "b", "latency_ms": 100})
    assert answer(sample) == "b"


# Alpaca and AlpacaEval


def test_alpaca(tmp_path: Path) -> None:
    record = {"instruction": "Translate", "input": "cheese", "output": "fromage"}
    assert talk(one(tmp_path, record)) == [("user", "Translate\ncheese")]
    assert talk(one(tmp_path, record | {"input": ""})) == [("user", "Translate")]
    nothing = one(tmp_path, record | {"output": ""})
    assert answer(nothing) is None
    assert isinstance(nothing, Sample)
    path = tmp_path / "alpaca.csv"
    path.write_text("instruction,input,output\nTranslate,cheese,fromage\n", encoding="utf-8")
    assert [talk(sample) for sample in samples_of(path)] == [[("user", "Translate\ncheese")]]


def test_alpaca_eval(tmp_path: Path) -> None:
    sample = one(tmp_path, {"instruction": "Hi", "output": "Hello", "generator": "gpt-4", "dataset": "koala"})
    assert isinstance(sample, Sample)
    assert (sample.model, sample.use_case, answer(sample)) == ("gpt-4", "koala", "Hello")
    annotated = {"instruction": "Hi", "output_1": "a", "generator_1": "m1", "output_2": "b", "generator_2": "m2",
                 "dataset": "koala", "annotator": "x", "preference": 1.5, "price_per_example": 0.01,
                 "time_per_example": 2.5, "raw_completion": {}}  # fmt: skip
    items = samples_of(lines(tmp_path / "a.jsonl", annotated))
    assert [(item.model, answer(item), item.metered.cost_usd, item.metered.latency_s) for item in items] == [
        ("m1", "a", None, None),
        ("m2", "b", None, None),
    ]


# WildChat, LMSYS, tau-bench, Arena


def test_wildchat(fixtures: Path) -> None:
    log, items = read(fixtures / "samples" / "wildchat.jsonl")
    assert (log.format, len(items)) == ("wildchat", 3)
    first = items[1]
    assert isinstance(first, Sample)
    assert [role for role, _ in talk(first)] == ["user", "assistant", "user"]
    assert answer(first) == "It is yours on Sunday."
    assert (first.model, first.ids.session) == ("gpt-4-0314", "3d" * 16)
    assert first.metered.at is not None
    assert first.metered.at.isoformat() == "2026-02-03T09:00:26+00:00"
    assert "5e" * 32 not in repr(items)
    assert "Mozilla" not in repr(items)
    assert "Troms" not in repr(first)
    assert all(set(message) == {"role", "content"} for message in first.request.messages)


def test_wildchat_oddities(tmp_path: Path) -> None:
    turn = {"role": "user", "content": "Hi", "hashed_ip": "x"}
    reply = {"role": "assistant", "content": "", "timestamp": "2024-01-01T00:00:00"}
    record = {"conversation_hash": "h", "model": "m", "timestamp": "2023-01-01T00:00:00", "conversation": [turn, reply]}
    empty = one(tmp_path, record)
    assert isinstance(empty, Sample)
    assert empty.answer is None
    assert empty.metered.at is not None
    assert empty.metered.at.year == 2024
    redacted = one(tmp_path, record | {"redacted": True})
    assert isinstance(redacted, Sample)
    assert "replaced" in str(redacted.not_replayable)
    trailing = one(tmp_path, record | {"conversation": [turn, reply | {"content": "Hello"}, turn]})
    assert (talk(trailing), answer(trailing)) == ([("user", "Hi")], "Hello")


def test_lmsys(fixtures: Path, tmp_path: Path) -> None:
    path = fixtures / "samples" / "lmsys_chat_1m.jsonl"
    log, items = read(path)
    assert (log.format, len(items)) == ("lmsys", 3)
    first, second = items[0], items[2]
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert "replaced" in str(first.not_replayable)
    assert second.not_replayable is None
    assert (second.model, second.ids.session) == ("claude-instant-1", "2e" * 16)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    parquet.write_table(pyarrow.Table.from_pylist(records), tmp_path / "lmsys.parquet")
    assert read(tmp_path / "lmsys.parquet")[1] == items


def test_wildchat_in_parquet_and_as_a_printed_data_frame(fixtures: Path, tmp_path: Path) -> None:
    import pandas

    path = fixtures / "samples" / "wildchat.jsonl"
    items = samples_of(path)
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    parquet.write_table(pyarrow.Table.from_pylist(records), tmp_path / "wildchat.parquet")
    assert samples_of(tmp_path / "wildchat.parquet") == items
    frame = pandas.read_parquet(tmp_path / "wildchat.parquet")
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], utc=True)
    frame.to_csv(tmp_path / "wildchat.csv", index=False)
    printed = samples_of(tmp_path / "wildchat.csv")
    assert [talk(sample) for sample in printed] == [talk(sample) for sample in items]
    assert [sample.metered.at for sample in printed] == [sample.metered.at for sample in items]


def test_battles_of_the_arena(tmp_path: Path) -> None:
    ask = {"role": "user", "content": "Hi"}
    record = {"question_id": "q", "model_a": "m1", "model_b": "m2", "winner": "model_a", "tstamp": 1682351591.1,
              "conversation_a": [ask, {"role": "assistant", "content": "a"}],
              "conversation_b": [ask, {"role": "assistant", "content": "b"}]}  # fmt: skip
    items = samples_of(lines(tmp_path / "arena.jsonl", record))
    assert [(item.model, answer(item), item.metered.at and item.metered.at.year) for item in items] == [
        ("m1", "a", 2023),
        ("m2", "b", 2023),
    ]


def test_tau_bench(tmp_path: Path) -> None:
    calls = [{"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}]
    traj = [
        {"role": "system", "content": "Policy"},
        {"role": "user", "content": "Cancel it"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "name": "find", "content": "{}"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "###STOP###"},
    ]
    record = {"task_id": 3, "trial": 1, "reward": 1.0, "info": {"task": {"user_id": "u"}}, "traj": traj}
    sample = one(tmp_path, record)
    assert isinstance(sample, Sample)
    assert [role for role, _ in talk(sample)] == ["system", "user", "assistant", "tool"]
    assert answer(sample) == "Done."
    assert sample.ids.external_id == sample.ids.session == "3-1"
    assert "what tools it has" in str(sample.not_replayable)
    assert len(read(tmp_path / "one.jsonl")[1]) == 2
    plain = one(tmp_path, record | {"traj": [traj[0], traj[1], traj[4]]})
    assert isinstance(plain, Sample)
    assert plain.not_replayable is None


def test_arena_hard_and_agent_calls(logs: Path) -> None:
    items = samples_of(logs / "arena_hard_v01_gpt-4-0613.jsonl")
    assert all(answer(item) and item.metered.at and item.model == "gpt-4-0613" for item in items)
    calls = samples_of(logs / "tau_bench_airline_gpt-4o.calls.jsonl")
    assert (len(items), len(calls)) in {(10, 3), (500, 126)}


# Tables


def table(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "log.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("latency_ms", "850", 0.85),
        ("Latency (ms)", "1,234", 1.234),
        ("latency_ms", "850,5", 0.8505),
        ("latency", "850 ms", 0.85),
        ("latency", "1.5s", 1.5),
        ("latency", "2.5", 2.5),
        ("latency", "850", 0.85),
        ("duration_s", "0,85", 0.85),
        ("Response Time [s]", "2", 2.0),
        ("responseTimeMs", "900", 0.9),
        ("elapsed_us", "850000", 0.85),
        ("latency_ns", "850000000", 0.85),
        ("duration_min", "0.5", 30.0),
        ("duration", "00:01:05.5", 65.5),
        ("Antwortzeit (Sekunden)", "1,5", 1.5),
        ("latency_ms", "", None),
        ("latency_ms", "-1", None),
    ],
)
def test_durations(tmp_path: Path, header: str, cell: str, expected: float | None) -> None:
    (sample,) = samples_of(table(tmp_path, f'prompt;answer;{header}\nHi;Hello;"{cell}"\n'))
    assert sample.metered.latency_s == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("cost", "0.0012", 0.0012),
        ("Coût (USD)", "0,0012", 0.0012),
        ("Coût (€)", "0,0012", None),
        ("cost", "0,0012 EUR", None),
        ("cost_usd", "$1,234.50", 1234.5),
        ("cost_cents", "12", 0.12),
        ("Price (cents)", "1,5", 0.015),
        ("total_cost", "", None),
    ],
)
def test_money(tmp_path: Path, header: str, cell: str, expected: float | None) -> None:
    (sample,) = samples_of(table(tmp_path, f'prompt;answer;{header}\nHi;Hello;"{cell}"\n'))
    assert sample.metered.cost_usd == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("headers", "cells", "expected"),
    [
        ("prompt_tokens,completion_tokens", "10,5", Usage(input_tokens=10, output_tokens=5)),
        ("tokens_in,tokens_out", '"1,200",5', Usage(input_tokens=1200, output_tokens=5)),
        ("input_tokens,output_tokens,cached_tokens,reasoning_tokens", "100,50,40,30",
         Usage(input_tokens=60, cache_read_tokens=40, output_tokens=50, reasoning_tokens=30)),
        ("input_tokens,output_tokens,cache_read_input_tokens,cache_creation_input_tokens", "100,50,40,7",
         Usage(input_tokens=100, cache_read_tokens=40, cache_write_tokens=7, output_tokens=50)),
        ("input_tokens,output_tokens,cached_tokens", "2,50,1590",
         Usage(input_tokens=2, cache_read_tokens=1590, output_tokens=50)),
        ("usage", '"{""prompt_tokens"": 9, ""completion_tokens"": 3}"', Usage(input_tokens=9, output_tokens=3)),
        ("usage", '"{\'prompt_tokens\': 9, \'completion_tokens\': 3}"', Usage(input_tokens=9, output_tokens=3)),
        ("total_tokens", "12", None),
        ("input_tokens,output_tokens", ",", None),
    ],
)  # fmt: skip
def test_tokens(tmp_path: Path, headers: str, cells: str, expected: Usage | None) -> None:
    (sample,) = samples_of(table(tmp_path, f"prompt,answer,{headers}\nHi,Hello,{cells}\n"))
    assert sample.metered.usage == expected


@pytest.mark.parametrize(
    ("headers", "cells", "messages", "text"),
    [
        ("User Prompt,System Prompt,LLM Response", "a,s,b", [("system", "s"), ("user", "a")], "b"),
        ("userInput,generatedText", "a,b", [("user", "a")], "b"),
        ("Frage,Antwort", "a,b", [("user", "a")], "b"),
        ("Instruction,Input,Response", "Translate,cheese,fromage", [("user", "Translate\ncheese")], "fromage"),
        ("prompt,answer", "\"[{'role': 'user', 'content': \"\"it's\"\"}]\",b", [("user", "it's")], "b"),
        ("prompt,answer", '"[{""role"": ""user"", ""content"": ""a""}]","{""role"": ""assistant"",""content"": ""b""}"',
         [("user", "a")], "b"),
        ("question,output", "a,\"[{'role': 'assistant', 'content': 'b'}]\"", [("user", "a")], "b"),
        ("question,output", 'a,"{""label"": ""b""}"', [("user", "a")], '{"label": "b"}'),
        ("chat_history,question,answer",
         "\"[{'role': 'user', 'content': 'x'}, {'role': 'assistant', 'content': 'y'}]\",a,b",
         [("user", "x"), ("assistant", "y"), ("user", "a")], "b"),
        ("history,question,answer", '"[[""x"", ""y""]]",a,b', [("user", "x"), ("assistant", "y"), ("user", "a")], "b"),
        ("prompt,response", "a,", [("user", "a")], None),
        ("text,text,answer", "a,other,b", [("user", "a")], "b"),
    ],
)  # fmt: skip
def test_prompts_and_answers(tmp_path: Path, headers: str, cells: str, messages: object, text: str | None) -> None:
    (sample,) = samples_of(table(tmp_path, f"{headers},latency_ms\n{cells},5\n"))
    assert (talk(sample), answer(sample)) == (messages, text)


def test_what_else_a_table_tells(tmp_path: Path) -> None:
    text = (
        "Prompt,Answer,Model,Temperature,max_tokens,Tools,Tool_Calls,TTFT (ms),Status Code,Error,Conversation ID,"
        "Feature,id\n"
        'Hi,,gpt-4o,"0,2",50,"[{""type"": ""function"", ""function"": {""name"": ""f""}}]",'
        '"[{""id"": ""c"", ""function"": {""name"": ""f"", ""arguments"": ""{}""}}]",120,200,,s1,help,7\n'
        "Hi,,gpt-4o,,,,,,429,rate limited,s1,help,8\n"
        "Hi,,gpt-4o,,,,,,400,bad request,s1,help,9\n"
    )
    first, limited, refused = samples_of(table(tmp_path, text))
    assert first.request.params["temperature"] == 0.2
    assert first.request.params["max_tokens"] == 50
    assert first.request.params["tools"][0]["function"]["name"] == "f"
    assert first.answer is not None
    assert first.answer.tool_calls[0].name == "f"
    assert (first.metered.ttft_s, first.ids.session, first.use_case, first.ids.external_id) == (0.12, "s1", "help", "7")
    assert (limited.error, limited.not_replayable) == ("rate limited", None)
    assert refused.error == "bad request"
    assert refused.not_replayable is not None


def test_excel_and_mysql(tmp_path: Path) -> None:
    hint = samples_of(table(tmp_path, "\ufeffsep=;\r\nprompt;answer\r\nHi, you;Hello\r\n"))
    assert [talk(sample) for sample in hint] == [[("user", "Hi, you")]]
    escaped = 'id,prompt,answer\n"1","say \\"hi, you\\", please","C:\\\\dir"\n"2","b","c"\n'
    first = samples_of(table(tmp_path, escaped))[0]
    assert (talk(first), answer(first)) == ([("user", 'say "hi, you", please')], "C:\\dir")
    doubled = 'prompt,answer\n"a \\""b\\"" c",d\n"{""x"": ""\\""y\\""""}",e\n'
    assert [talk(sample)[0][1] for sample in samples_of(table(tmp_path, doubled))] == [
        'a \\"b\\" c',
        '{"x": "\\"y\\""}',
    ]


def test_a_table_without_a_prompt_lists_its_columns(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"sku, colour, reply.*--columns prompt="):
        open_log(table(tmp_path, "sku,colour,reply\n1,red,x\n"))


def test_large_cells(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["prompt", "answer"], ["x\n" * 2**20, "y" * 2**20], ["a", "b"]])
    first, _ = samples_of(path)
    assert len(str(talk(first)[0][1])) == 2 * 2**20


# One row per turn


def test_turns_that_are_interleaved_and_out_of_order(tmp_path: Path) -> None:
    text = (
        "Conversation ID,Turn,Sender,Text,Created At,Model,Latency (ms),Output Tokens\n"
        "c2,1,customer,Refund?,2025-01-06 09:00:00,,,\n"
        "c1,4,agent,Shipped.,2025-01-05 10:00:22,gpt-4o,900,7\n"
        "c1,3,customer,A-1043,2025-01-05 10:00:20,,,\n"
        "c2,2,agent,Sure.,2025-01-06 09:00:05,gpt-4o-mini,400,3\n"
        "c1,1,customer,Where is it?,2025-01-05 10:00:01,,,\n"
        "c1,2,agent,Which number?,2025-01-05 10:00:03,gpt-4o,800,5\n"
    )
    log = open_log(table(tmp_path, text))
    found = dict(read_log(log))
    assert sorted(found) == [2, 4, 6]
    shipped = found[2]
    assert talk(shipped) == [("user", "Where is it?"), ("assistant", "Which number?"), ("user", "A-1043")]
    assert isinstance(shipped, Sample)
    assert (answer(shipped), shipped.metered.latency_s, shipped.model, shipped.ids.session) == (
        "Shipped.",
        0.9,
        "gpt-4o",
        "c1",
    )
    assert shipped.metered.usage is not None
    assert shipped.metered.usage.output_tokens == 7
    assert shipped.metered.at is not None
    assert shipped.metered.at.second == 22
    assert talk(found[4]) == [("user", "Refund?")]


@pytest.mark.parametrize(
    "rows",
    [
        ["c,2,assistant,d", "c,2,user,c", "c,1,assistant,b", "c,1,user,a"],
        ["c,1,user,a", "c,1,assistant,b", "c,2,user,c", "c,2,assistant,d"],
        ["c,,user,a", "c,,assistant,b", "c,,user,c", "c,,assistant,d"],
    ],
)
def test_a_question_and_its_answer_may_share_a_number(tmp_path: Path, rows: list[str]) -> None:
    text = "\n".join(["session_id,turn,role,content", *rows]) + "\n"
    last = max(samples_of(table(tmp_path, text)), key=lambda sample: len(sample.request.messages))
    assert (talk(last), answer(last)) == ([("user", "a"), ("assistant", "b"), ("user", "c")], "d")


def test_the_newest_turn_first_without_numbers(tmp_path: Path) -> None:
    text = (
        "chat_id,role,content,time\n"
        "c,assistant,b,2025-01-05 10:00:03\n"
        "c,user,a,2025-01-05 10:00:01\n"
        "c,system,s,2025-01-05 10:00:01\n"
    )
    (sample,) = samples_of(table(tmp_path, text))
    assert (talk(sample), answer(sample)) == ([("system", "s"), ("user", "a")], "b")
