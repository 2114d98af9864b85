"""Logs in a format of one's own, made here as names x shapes x containers, and what is made of them."""

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.mapping import exactly, read_columns
from advisor.collect.previews import look_at
from advisor.errors import BadInput
from advisor.ingest.homemade.detection import Because
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample

CALLS = [
    ("How do I reset the router?", "Hold the button on the back for ten seconds, then wait for the green light."),
    ("Write a short thank-you note to Ana", "Dear Ana, thank you so much for the flowers. They made my week."),
    ("Is the shop open on Sundays?", "Yes, from ten to four."),
    ("Translate to French: good night", "Bonne nuit."),
    ("Where can I see my invoices?", "Under Account, then Billing, you find every invoice as a PDF."),
    ("What is 12 times 12?", "144"),
]
CHATS = [
    [("How do I reset the router?", "Hold the button for ten seconds."), ("And then?", "Wait for the green light.")],
    [("Is the shop open on Sundays?", "Yes, from ten to four.")],
    [("Where can I see my invoices?", "Under Account, then Billing."), ("Thanks a lot", "You're welcome.")],
]
PAIRS = [
    ("Utterance", "Bot Response"), ("customer_question", "agent_reply"), ("texto_usuario", "texto_bot"),
    ("domanda", "risposta"), ("用户问题", "AI回答"), ("사용자 질문", "AI 답변"), ("вопрос", "ответ_бота"),
    ("inputs.query", "outputs.text"), ("llm.prompt", "llm.completion"), ("msg_in", "msg_out"), ("q", "a"),
    ("câu hỏi", "câu trả lời"), ("السؤال", "الجواب"), ("benutzerfrage", "botantwort"), ("chatInput", "chatOutput"),
]  # fmt: skip
SPEAKERS: list[tuple[str, Json, Json]] = [
    ("role", "client", "counselor"), ("direction", "inbound", "outbound"), ("is_bot", 0, 1), ("IsPrompt", True, False),
    ("sender_type", 1, 2), ("author", "Ana", "Helpbot"), ("from", "You", "ChatGPT"), ("发送者", "用户", "助手"),
    ("message_type", "question", "answer"), ("author.type", "user", "admin"), ("speaker_id", "S1", "S2"),
]  # fmt: skip


def put(row: dict[str, Any], path: str, value: Json) -> None:
    *outer, key = path.split(".")
    for name in outer:
        row = row.setdefault(name, {})
    row[key] = value


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".json":
        path.write_text(json.dumps({"eintraege": rows, "total": len(rows)}))
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], delimiter=";" if path.suffix == ".txt" else ",")
            table.writeheader()
            table.writerows(rows)
    return path


def samples(path: Path, **options: Any) -> list[Sample]:
    return [item for _, item in read_log(open_log(path, **options)) if isinstance(item, Sample)]


def talks(found: list[Sample]) -> list[tuple[int, Json, Json]]:
    return [
        (len(each.request.messages), each.request.messages[-1]["content"], each.answer and each.answer.text)
        for each in found
    ]


def turns(speaker: str, user: Json, bot: Json, session: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, chat in enumerate(CHATS):
        for who, text in [turn for asked, said in chat for turn in ((user, asked), (bot, said))]:
            row: dict[str, Any] = {session: f"c-{number}"} if session else {}
            row |= {"sent": f"2026-03-0{number + 1}T10:{len(rows):02}:00"}
            put(row, speaker, who)
            rows.append(row | {"text": text})
    return rows


EXPECTED_TURNS = [(2 * at + 1, *turn) for chat in CHATS for at, turn in enumerate(chat)]


@pytest.mark.parametrize("suffix", [".csv", ".txt", ".jsonl", ".json"])
@pytest.mark.parametrize("names", PAIRS)
def test_a_column_of_prompts_and_one_of_answers(tmp_path: Path, names: tuple[str, str], suffix: str) -> None:
    if "." in names[0] and suffix in (".csv", ".txt"):
        return
    rows = []
    for number, call in enumerate(CALLS):
        row: dict[str, Any] = {"nr": number, "Channel": "web", "rated_by": "night shift"}
        for name, text in zip(names, call, strict=True):
            put(row, name, text)
        facts = {"answer_tokens": 20 + number, "model_used": "gpt-4o-mini", "asked at": "2026-03-01 10:00:00"}
        rows.append(row | facts)
    found = samples(write(tmp_path / f"log{suffix}", rows))
    assert talks(found) == [(1, *call) for call in CALLS]
    first = found[0]
    assert first.model == "gpt-4o-mini"
    assert first.metered.at is not None
    assert first.metered.usage is not None
    assert first.metered.usage.output_tokens == 20


@pytest.mark.parametrize("session", ["dialog", None])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize(("speaker", "user", "bot"), SPEAKERS)
def test_one_row_a_turn(tmp_path: Path, speaker: str, user: Json, bot: Json, suffix: str, session: str | None) -> None:
    if "." in speaker and suffix == ".csv":
        return
    found = samples(write(tmp_path / f"log{suffix}", turns(speaker, user, bot, session)))
    assert talks(found) == EXPECTED_TURNS
    names = [str(each.ids.session) for each in found]
    if session:
        assert names == ["c-0", "c-0", "c-1", "c-2", "c-2"]
        return
    assert [list(dict.fromkeys(names)).index(name) for name in names] == [0, 0, 1, 2, 2]
    assert {name[:1] for name in names} == {"#"}


def test_turns_that_name_the_one_they_reply_to(tmp_path: Path) -> None:
    rows, before = [], None
    for number, row in enumerate(turns("inbound", "True", "False", "x")):
        is_first = number == 0 or row["x"] != before
        rows.append({
            "tweet_id": 100 + number, "inbound": row["inbound"], "text": row["text"],
            "in_reply_to": "" if is_first else 99 + number,
        })  # fmt: skip
        before = row["x"]
    assert talks(samples(write(tmp_path / "log.csv", rows))) == EXPECTED_TURNS


def test_conversations_as_a_list_in_each_record(tmp_path: Path) -> None:
    chats = [
        {"chatId": f"c-{number}", "items": [{"who": who, "body": text} for said in chat
         for who, text in zip(("visitor", "bot"), said, strict=True)]}
        for number, chat in enumerate(CHATS)
    ]  # fmt: skip
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(chat | {"items": None, "log": chat["items"]}) + "\n" for chat in chats))
    assert talks(samples(path)) == EXPECTED_TURNS
    cells = [{"id": f"c-{number}", "dialog": json.dumps(chat["items"])} for number, chat in enumerate(chats)]
    assert talks(samples(write(tmp_path / "cells.csv", [*cells, cells[0] | {"id": "c-9"}]))) == [
        *EXPECTED_TURNS, *EXPECTED_TURNS[:2],
    ]  # fmt: skip
    pairs = [
        {"uid": f"u{number}", "exchanges": [dict(zip(("prompt", "reply"), said, strict=True)) for said in chat]}
        for number, chat in enumerate(CHATS)
    ]
    assert talks(samples(write(tmp_path / "pairs.jsonl", pairs))) == EXPECTED_TURNS


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json"])
@pytest.mark.parametrize(
    "turn",
    [
        lambda who, text: {"sender": ("user", "bot")[who], "text": text},
        lambda who, text: {"author": ("Customer", "Agent")[who], "body": [{"text": text}], "id": text[:3]},
        lambda who, text: {"role": ("human", "model")[who], "text": text},
    ],
)
def test_turns_before_the_prompt_in_any_dialect(tmp_path: Path, turn: Callable[[int, str], Json], suffix: str) -> None:
    rows = []
    for number, chat in enumerate(CHATS):
        *before, (asked, said) = chat
        earlier = [turn(who, text) for pair in before for who, text in enumerate(pair)]
        rows.append({"nr": number, "previous_turns": earlier, "user_query": asked, "bot_reply": said})
    cells = [
        {key: json.dumps(value) if isinstance(value, list) else value for key, value in row.items()} for row in rows
    ]
    found = samples(write(tmp_path / f"log{suffix}", cells if suffix == ".csv" else rows))
    assert talks(found) == [(2 * len(chat) - 1, *chat[-1]) for chat in CHATS]
    assert [message["role"] for message in found[0].request.messages] == ["user", "assistant", "user"]


def test_pairs_of_texts_and_lists_of_one(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": f"c{n}", "dialog": [list(said) for said in chat]} for n, chat in enumerate(CHATS)
    ]
    assert talks(samples(write(tmp_path / "pairs.jsonl", rows))) == EXPECTED_TURNS
    rows = [{"payload": {"prompt": asked}, "generations": [{"text": said}]} for asked, said in CALLS]
    assert talks(samples(write(tmp_path / "one.jsonl", rows))) == [(1, *call) for call in CALLS]
    rows = [{"question": asked, "model_answers": json.dumps([said, "No idea"])} for asked, said in CALLS]
    assert talks(samples(write(tmp_path / "log.csv", rows))) == [(1, *call) for call in CALLS]


def test_a_conversation_beside_its_last_prompt_and_answer_is_not_doubled(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = []
    for chat in CHATS:
        said = [{"role": ("user", "assistant")[at], "content": text} for pair in chat for at, text in enumerate(pair)]
        rows.append({"messages": said, "prompt": chat[-1][0], "response": chat[-1][1]})
    assert talks(samples(write(tmp_path / "log.jsonl", rows))) == [(2 * len(chat) - 1, *chat[-1]) for chat in CHATS]


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_a_table_without_a_header(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(
            [f"2026-03-01 10:0{number}:00", *call] for number, call in enumerate(CALLS)
        )
    log = open_log(path)
    assert (log.columns["prompt"], log.columns["answer"], log.columns["time"]) == ("column 2", "column 3", "column 1")
    assert log.layout is not None
    assert log.layout.because == {"prompt": Because.QUESTIONS, "answer": Because.LONGEST}
    assert talks(samples(path)) == [(1, *call) for call in CALLS]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            ("user" if at == 0 else "bot", text) for call in CALLS for at, text in enumerate(call)
        )
    assert [(asked, said) for _, asked, said in talks(samples(path))] == CALLS


@pytest.mark.parametrize(
    "header",
    [
        ("What did you ask?", "What did it answer?"),
        ("Please enter what you asked for", "Please enter the reply"),
        ("Message sent by the customer to the bot", "Reply sent by the bot to the customer"),
        ("Mensaje enviado por el cliente al bot", "Respuesta enviada por el bot"),
        ("Message written by the user to our assistant", "Message written by the assistant to the user"),
    ],
)
def test_the_questions_of_a_form_are_a_header(tmp_path: Path, header: tuple[str, str]) -> None:
    path = write(tmp_path / "log.csv", [dict(zip(header, call, strict=True)) for call in CALLS])
    assert list(open_log(path).columns.values()) == list(header)
    assert len(samples(path)) == len(CALLS)


def test_a_column_that_is_shown_by_its_place_can_be_chosen_by_it(tmp_path: Path) -> None:
    header = ("Nachricht des Kunden an den Bot", "Antwort des Bots an den Kunden")
    path = write(tmp_path / "log.jsonl", [dict(zip(header, call, strict=True)) for call in CALLS])
    with pytest.raises(BadInput, match="column 1, column 2"):
        open_log(path)
    log = open_log(path, columns=read_columns("prompt=column 1,answer=column 2"))
    assert [item for _, item in read_log(log)] == samples(
        write(tmp_path / "b.jsonl", [{"prompt": asked, "answer": said} for asked, said in CALLS])
    )


def test_prompts_from_two_sources_are_prompts(tmp_path: Path) -> None:
    rows = [{"source": ("web", "api")[n % 2], "prompt": asked} for n, (asked, _) in enumerate(CALLS)]
    assert talks(samples(write(tmp_path / "log.csv", rows))) == [(1, asked, None) for asked, _ in CALLS]


def test_two_columns_of_text_are_a_likelier_guess_than_categories_that_take_turns(tmp_path: Path) -> None:
    rows = [
        {"topic": ("bills", "tech")[n % 2], "article": a, "summary": b, "memo": f"Seen on {n}"}
        for n, (a, b) in enumerate(CALLS)
    ]
    with pytest.raises(BadInput, match="prompt=article,answer=summary"):
        open_log(write(tmp_path / "log.csv", rows))


def test_an_object_that_was_answered_stays_whole(tmp_path: Path) -> None:
    rows = [{"prompt": asked, "output": {"city": "Lima", "date": f"0{n}-03"}} for n, (asked, _) in enumerate(CALLS)]
    answers = [json.loads(str(said)) for _, _, said in talks(samples(write(tmp_path / "log.jsonl", rows)))]
    assert answers == [row["output"] for row in rows]


def test_names_of_other_things_are_no_answers(tmp_path: Path) -> None:
    rows = [
        {"prompt": asked, "answer_time": n + 1.5, "response_status": "ok", "answer_rating": "5", "question_id": n}
        for n, (asked, _) in enumerate(CALLS)
    ]
    assert all(each.answer is None for each in samples(write(tmp_path / "log.csv", rows)))


UNSURE: list[list[dict[str, Json]]] = [
    [
        {"source_text": asked, "translation": said, "gloss": f"Row {n} was made by hand"}
        for n, (asked, said) in enumerate(CALLS)
    ],
    [{"col, a": said, "col=b": asked, "col c": f"{said} {asked}"} for asked, said in CALLS],
    [{"x": number % 2, "text": text} for number, text in enumerate(text for call in CALLS for text in call)],
    *(
        [{name: ("web", "api")[n % 2], "text": text} for n, text in enumerate(text for call in CALLS for text in call)]
        for name in ("source", "kind", "message_type")
    ),
    [{"variant": "AB"[n % 2], "text": text} for n, text in enumerate(text for call in CALLS for text in call)],
    *(
        [{"no": n, asks: asked, says: said} for n, (asked, said) in enumerate(CALLS)]
        for asks, says in (("body", "reply"), ("patient", "doctor"), ("question", "comment"), ("text", "summary"))
    ),
    [{"page": 1, "rows": [{"eins": asked, "zwei": said, "drei": f"{asked} {said}"} for asked, said in CALLS]}],
]  # fmt: skip


@pytest.mark.parametrize("rows", UNSURE[:-1])
def test_what_is_not_sure_is_asked_and_the_advice_works_as_it_stands(
    tmp_path: Path, rows: list[dict[str, Json]]
) -> None:
    path = write(tmp_path / "log.csv", rows)
    with pytest.raises(BadInput, match="Best guess: ") as refused:
        open_log(path)
    advice = re.search(r"import with (--columns .*)", str(refused.value))
    assert advice is not None
    _, option = shlex.split(advice[1])
    assert samples(path, columns=read_columns(option))
    (look,) = look_at([path]).files
    assert (look.format, look.problem) == (None, str(refused.value))
    assert samples(path, columns=exactly(look.columns, look.headers))
