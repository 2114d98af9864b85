"""Home-made logs in shapes that are no table of one row a call: orientations of JSON, running text, split rows."""

import csv
import gzip
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.yaml_values import read_yaml
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Rejection, RejectionCode, Sample

PAIRS = [
    ("How do I reset the router?", "Hold the button on the back for ten seconds."),
    ("Is the shop open on Sundays?", "Yes, from ten to four."),
    ("Where can I see my invoices?", "Under Account, then Billing."),
    ("Can I pay by card?", "Yes, we take all the usual cards."),
]
ROWS = [{"prompt": asked, "response": answered, "model": "gpt-4o"} for asked, answered in PAIRS]
PLACES = range(len(ROWS))


def calls_in(path: Path, text: str | bytes) -> list[Sample]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]


def talk(call: Sample) -> tuple[Json, str | None]:
    return call.request.messages[-1]["content"], call.answer.text if call.answer else None


def table(path: Path, rows: list[dict[str, Any]]) -> list[Sample]:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return calls_in(path, path.read_bytes())


@pytest.mark.parametrize(
    "whole",
    [
        {name: {str(place): ROWS[place][name] for place in PLACES} for name in ROWS[0]},
        {name: [row[name] for row in ROWS] for name in ROWS[0]},
        {"columns": list(ROWS[0]), "index": list(PLACES), "data": [list(row.values()) for row in ROWS]},
        {f"req_{place}": row for place, row in enumerate(ROWS)},
        {"Monday": ROWS[:3], "Tuesday": ROWS[3:]},
        [list(ROWS[0]), *(list(row.values()) for row in ROWS)],
        {"range": "A1:C5", "majorDimension": "ROWS", "values": [list(ROWS[0]), *(list(row.values()) for row in ROWS)]},
    ],
    ids=["columns", "lists", "split", "ids", "days", "arrays", "sheet"],
)
def test_tables_as_one_object(tmp_path: Path, whole: Json) -> None:
    calls = calls_in(tmp_path / "log.json", json.dumps(whole))
    assert [(*talk(call), call.model) for call in calls] == [tuple(row.values()) for row in ROWS]


def test_chats_as_bare_pairs(tmp_path: Path) -> None:
    calls = calls_in(tmp_path / "log.json", json.dumps([PAIRS[:2], PAIRS[2:]]))
    assert [talk(call) for call in calls] == PAIRS
    assert [len(call.request.messages) for call in calls] == [1, 3, 1, 3]


@pytest.mark.parametrize(
    "turn",
    [
        "Human: {}\n\nAssistant: {}",
        "Q: {}\nA: {}",
        "### Prompt\n\n{}\n\n### Response\n\n{}",
        "**User:** {}\n\n**Bot:** {}",
    ],
)
def test_running_text(tmp_path: Path, turn: str) -> None:
    text = "\n\n=====\n\n".join(turn.format(*pair) for pair in PAIRS)
    assert [talk(call) for call in calls_in(tmp_path / "chats.txt", text)] == PAIRS


@pytest.mark.parametrize("stamp", ["[22.03.24, 08:0{}:11]", "3/22/24, 8:0{} AM -"])
def test_an_export_of_a_chat_app(tmp_path: Path, stamp: str) -> None:
    turns = [(who, said) for pair in PAIRS for who, said in zip(("Ana Diaz", "Shop Bot"), pair, strict=True)]
    lines = [f"{stamp.format(place)} {who}: {said}" for place, (who, said) in enumerate(turns)]
    calls = calls_in(tmp_path / "chat.txt", "\n".join(lines))
    assert [talk(call) for call in calls] == PAIRS
    assert {str(call.metered.at)[:10] for call in calls} == {"2024-03-22"}


def test_chats_in_cells_but_not_in_prompts(tmp_path: Path) -> None:
    chat = "Kunde: Hallo?\nAssistent: Guten Tag!\nKunde: Wann?\nAssistent: Morgen."
    calls = table(tmp_path / "a.csv", [{"Nr.": place, "Gesprächsverlauf": chat} for place in PLACES])
    assert [talk(call) for call in calls[:2]] == [("Hallo?", "Guten Tag!"), ("Wann?", "Morgen.")]
    (call, *_) = table(tmp_path / "b.csv", [{"prompt": chat, "response": "Ja."}] * 3)
    assert talk(call) == (chat, "Ja.")


def test_two_rows_a_call_are_joined_by_their_id_or_asked_for(tmp_path: Path) -> None:
    events = [
        event
        for place, (asked, answered) in enumerate(PAIRS)
        for event in (
            {"ts": "2025-01-02T03:04:05Z", "request_id": f"r-{place}", "model": "gpt-4o", "prompt": asked},
            {
                "ts": "2025-01-02T03:04:09Z",
                "request_id": f"r-{place}",
                "completion": answered,
                "usage": {"in": 9, "out": 4},
            },
        )
    ]
    calls = calls_in(tmp_path / "a.jsonl", "\n".join(map(json.dumps, events)))
    assert [(*talk(call), call.model) for call in calls] == [tuple(row.values()) for row in ROWS]
    assert all(call.metered.usage and call.metered.usage.output_tokens == 4 for call in calls)
    without = [{key: value for key, value in event.items() if key != "request_id"} for event in events]
    with pytest.raises(BadInput, match="Best guess"):
        calls_in(tmp_path / "b.jsonl", "\n".join(map(json.dumps, without)))


@pytest.mark.parametrize(
    "names",
    [
        ("Answer v1", "Answer v2"),
        ("bot_1", "bot_2"),
    ],
)
def test_answers_of_several_models_are_asked_for(tmp_path: Path, names: tuple[str, str]) -> None:
    rows = [{"question": asked} | dict.fromkeys(names, answered) for asked, answered in PAIRS]
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "log.csv", rows)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("prediction", "answer"), ("gpt_sentiment", "sentiment"), ("predicted_label", "true_label"),
        ("response", "gold_label"), ("模型预测", "人工标注"), ("extracted", "gold_json"),
    ],
)  # fmt: skip
def test_the_right_answer_beside_that_of_a_model(tmp_path: Path, answer: str, right: str) -> None:
    labels = ["neutral", "negative", "positive", "negative"]
    rows = [{"text": asked, right: label, answer: "negative"} for (asked, _), label in zip(PAIRS, labels, strict=True)]
    calls = table(tmp_path / "log.csv", rows)
    assert [talk(call)[1] for call in calls] == ["negative"] * 4
    assert [call.reference and call.reference.value for call in calls] == labels


def test_titles_groups_a_second_header_and_totals_are_no_calls(tmp_path: Path) -> None:
    rows = "".join(
        f'2025-01-0{place + 1},"{asked}","{answered}",9,4\n' for place, (asked, answered) in enumerate(PAIRS)
    )
    text = f"Our chatbot,,,,\n,,,,\n,Chat,,Tokens,\nDate,User,Bot,in,out\n{rows}Date,User,Bot,in,out\n,Total,,36,16\n"
    calls = calls_in(tmp_path / "log.csv", text)
    assert [talk(call) for call in calls] == PAIRS
    assert all(call.metered.usage and call.metered.usage.input_tokens == 9 for call in calls)


@pytest.mark.parametrize("titles", ["", "Our chatbot,,,,,\n,,,,,\n"])
@pytest.mark.parametrize("groups", [
    "Date,User,Bot,Tokens,,Took (s)\n,,,in,out,\n", ",Chat,,Usage,,\nDate,User,Bot,tokens in,tokens out,latency (s)\n",
])  # fmt: skip
def test_a_header_in_two_rows(tmp_path: Path, groups: str, titles: str) -> None:
    rows = "".join(f'2025-01-0{at + 1},"{asked}","{answered}",9,4,2.5\n' for at, (asked, answered) in enumerate(PAIRS))
    calls = calls_in(tmp_path / "log.csv", titles + groups + rows)
    assert [talk(call) for call in calls] == PAIRS
    metered = [(call.metered.usage and call.metered.usage.input_tokens, call.metered.latency_s) for call in calls]
    assert metered == [(9, 2.5)] * len(PAIRS)


def test_names_of_groups_that_would_be_answers(tmp_path: Path) -> None:
    rows = "".join(f'{at},"{asked}",10:00,"{answered}",10:01\n' for at, (asked, answered) in enumerate(PAIRS))
    calls = calls_in(tmp_path / "log.csv", f"ID,User,,Bot,\n,text,time,text,time\n{rows}")
    assert [talk(call) for call in calls] == PAIRS
    rows = "".join(f'"{asked}",9,"{answered}",4\n' for asked, answered in PAIRS)
    calls = calls_in(tmp_path / "b.csv", f"Prompt,,Response,\ntext,tokens,text,tokens\n{rows}")
    assert [talk(call) for call in calls] == PAIRS


@pytest.mark.parametrize("first", ["Hi there,polite,Hello,ok", "Is it open?,text,It is. Every day.,time"])
def test_a_first_call_below_columns_without_names_is_one(tmp_path: Path, first: str) -> None:
    rows = "".join(f'{at},"{asked}",ok,"{answered}",ok\n' for at, (asked, answered) in enumerate(PAIRS))
    calls = calls_in(tmp_path / "log.csv", f"Topic,Question,,Answer,\n,{first}\n{rows}")
    assert [talk(call)[0] for call in calls] == [first.split(",")[0], *(asked for asked, _ in PAIRS)]


def test_staff_beside_a_bot_are_no_model(tmp_path: Path) -> None:
    said = [
        ("customer", "Hello?"),
        ("bot", "Hi, how can I help?"),
        ("customer", "A person, please."),
        ("human_agent", "Grace here."),
    ]
    rows = [{"conversation_id": f"c{n}", "participant": who, "text": text} for n in range(3) for who, text in said]
    assert [talk(call) for call in table(tmp_path / "log.csv", rows)] == [("Hello?", "Hi, how can I help?")] * 3


@pytest.mark.parametrize(
    ("encoding", "head", "row"),
    [
        ("cp932", "質問,回答", "返品したいのですがどうすればいいですか,マイページから申請してください。"),
        ("cp949", "질문,답변", "배송은 언제 되나요,주문하신 상품은 내일 도착 예정입니다"),
        ("gb18030", "提问,回复", "我的订单怎么还没到？,非常抱歉，您的订单已经发出，请再等两天。"),
        ("cp1251", "Вопрос,Ответ", "Как вернуть товар?,Оформите возврат в личном кабинете."),
        ("cp1252", "Frage,Antwort", "Wo ist mein Päckchen für März?,Es kommt übermorgen mit schönen Grüßen."),
    ],
)
def test_encodings_of_older_spreadsheets(tmp_path: Path, encoding: str, head: str, row: str) -> None:
    calls = calls_in(tmp_path / "log.csv", f"{head}\n{row}\n{row}\n".encode(encoding))
    assert [talk(call) for call in calls] == [tuple(row.split(","))] * 2


def test_what_a_general_format_has_under_names_of_its_own(tmp_path: Path) -> None:
    record = {
        "at": "2025-01-02T03:04:05Z",
        "messages": [{"role": "user", "content": "Hello?"}],
        "completion": "Hi.",
        "meta": {"tokens": {"prompt": 9, "completion": 4}, "took": 1500},
    }
    (call, *_) = calls_in(tmp_path / "log.jsonl", f"{json.dumps(record)}\n" * 3)
    assert call.metered.usage is not None
    assert (call.metered.usage.input_tokens, call.metered.usage.output_tokens) == (9, 4)
    assert (call.metered.latency_s, str(call.metered.at)[:10]) == (1.5, "2025-01-02")


def test_numbers_of_requests_are_no_prompts(tmp_path: Path) -> None:
    rows = [{"day": f"2025-01-0{n}", "model": "gpt-4o", "requests": n, "input_tokens": 9} for n in (1, 2, 3)]
    assert table(tmp_path / "log.csv", rows) == []


def test_a_model_s_name_wins_over_another_thing_called_model(tmp_path: Path) -> None:
    rows = [
        {"model": f"XR-{n}50", "question": asked, "reply": said, "llm": "gpt-4o"}
        for n, (asked, said) in enumerate(PAIRS)
    ]
    assert {call.model for call in table(tmp_path / "log.csv", rows)} == {"gpt-4o"}


@pytest.mark.parametrize(
    ("name", "is_taken"), [("time", True), ("total_ms", True), ("Sek.", True), ("retrieval_ms", False)]
)
def test_how_long_a_call_took(tmp_path: Path, name: str, *, is_taken: bool) -> None:
    rows = [{"prompt": asked, "response": said, name: n + 0.25} for n, (asked, said) in enumerate(PAIRS, 1)]
    latencies = [call.metered.latency_s for call in table(tmp_path / "log.csv", rows)]
    assert all(latency is not None for latency in latencies) is is_taken


def test_days_of_a_spreadsheet_are_no_durations(tmp_path: Path) -> None:
    rows = [{"time": 45722.3 + n, "question": asked, "answer": said} for n, (asked, said) in enumerate(PAIRS)]
    assert {call.metered.latency_s for call in table(tmp_path / "log.csv", rows)} == {None}


def test_candidates_for_one_prompt_are_asked_for(tmp_path: Path) -> None:
    rows = [
        {"question": asked, "candidates": [{"text": said, "rank": 1}, {"text": "I'm not sure.", "rank": 2}]}
        for asked, said in PAIRS
    ]
    with pytest.raises(BadInput, match="Best guess"):
        calls_in(tmp_path / "log.json", json.dumps(rows))


@pytest.mark.parametrize("text", ["- prompt: hi\n  response: hello, you\n", "---\nprompt: hi\nresponse: hello, you\n"])
def test_records_of_yaml(tmp_path: Path, text: str) -> None:
    assert [talk(call) for call in calls_in(tmp_path / "log.yaml", text)] == [("hi", "hello, you")]
    packed = gzip.compress(text.encode())
    assert [talk(call) for call in calls_in(tmp_path / "log.yml.gz", packed)] == [("hi", "hello, you")]


def test_yaml_that_repeats_its_values_without_end_is_refused(tmp_path: Path) -> None:
    lines = ["- &a0 [x, x]", *(f"- &a{level} [*a{level - 1}, *a{level - 1}, *a{level - 1}]" for level in range(1, 30))]
    with pytest.raises(BadInput, match="repeats"):
        calls_in(tmp_path / "log.yaml", "\n".join(lines))


def test_one_list_repeated_in_yaml_is_refused_before_it_is_held(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    path.write_text(f"- &a [{'x, ' * 3000}]\n- [{'*a, ' * 3000}]\n")
    tracemalloc.start()
    with pytest.raises(BadInput, match="repeats"):
        list(read_yaml(path))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2**24  # 72 MB with all of them


def test_yaml_has_the_spelling_of_json(tmp_path: Path) -> None:
    values = ["no", "12:30:45", "010", "1_000", "2025-01-02", "<<", "true", "null", "1.5", "-3", "2e3"]
    path = tmp_path / "log.yaml"
    path.write_text("".join(f"- x: {value}\n" for value in values))
    read = [record.get("x") for _, record in read_yaml(path) if isinstance(record, dict)]
    assert read == [*values[:6], True, None, 1.5, -3, 2000.0]


def test_yaml_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log.yaml"
    packed = gzip.compress("".join(f"- x: {random.random()}\n" for _ in range(20_000)).encode())
    path.write_bytes(packed[: len(packed) // 2])
    *_, (_, last) = read_yaml(path)
    assert isinstance(last, Rejection)
    assert last.code is RejectionCode.CUT_OFF


def test_rules_of_a_markdown_table_are_no_calls(tmp_path: Path) -> None:
    lines = ["| Question | Answer |", "|---|---|", *(f"| {asked} | {said} |" for asked, said in PAIRS)]
    calls = calls_in(tmp_path / "log.md", "\n".join(lines))
    assert [str(talk(call)[0]).strip() for call in calls] == [asked for asked, _ in PAIRS]
