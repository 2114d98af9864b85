"""Texts of people are asked about; those of models are read by what they say, and in the shapes that programs write."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.rows import sniff
from advisor.ingest.files.sources import open_sources
from advisor.ingest.homemade.transcripts import as_rows
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Rejection
from tests.ingest.homemade.test_other_shapes import PAIRS, calls_in, table, talk

TASKS = [
    ("Write a thank-you note to Ana", "Dear Ana, thank you for the flowers."),
    ("Translate to French: good night, all", "Bonne nuit à tous."),
    *PAIRS,
]


def rows(asked: str, answered: str, pairs: list[tuple[str, str]] = PAIRS, **more: Any) -> list[dict[str, Any]]:
    return [{asked: one, answered: other, **more} for one, other in pairs]


@pytest.mark.parametrize("names", [("user", "agent"), ("utterance", "reply")])
def test_tasks_are_given_to_models(tmp_path: Path, names: tuple[str, str]) -> None:
    assert [talk(call) for call in table(tmp_path / "a.csv", rows(*names, TASKS))] == TASKS
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "b.csv", rows(*names))


@pytest.mark.parametrize(
    "more",
    [
        {"article_id": "KB1", "views": 7},
        {"respondent": "R1"},
        {"author": "Ines", "likes": 2},
        {"deck": "Biology"},
        {"Last updated by": "Ines", "Views": 3},
        {"subject": "Hello", "from_address": "a@x.org"},
    ],
)
def test_articles_and_surveys_are_asked_for(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", rows("question", "answer", **more))
    assert len(table(tmp_path / "b.csv", rows("question", "answer", model="gpt-4o", **more))) == len(PAIRS)


def test_an_article_that_a_bot_found_is_no_article(tmp_path: Path) -> None:
    assert len(table(tmp_path / "a.csv", rows("question", "answer", matched_faq="How do I reset it?"))) == len(PAIRS)


def test_the_same_questions_to_many_are_asked_for(tmp_path: Path) -> None:
    said = [(PAIRS[place % 2][0], f"Number {place} said this") for place in range(8)]
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", rows("question", "response", said))


def test_templates_of_prompts_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", [{"name": asked, "prompt": f"Answer {{{{task}}}}: {asked}"} for asked, _ in PAIRS])


def test_texts_alone_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", [{"id": place, "content": asked} for place, (asked, _) in enumerate(PAIRS)])


def test_objects_in_the_cells_of_both_sides(tmp_path: Path) -> None:
    cells = [
        {
            "inputs": json.dumps({"query": asked, "top_k": 4}),
            "outputs": json.dumps({"result": said, "docs": ["Page 4"]}),
        }
        for asked, said in PAIRS
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", cells)] == PAIRS
    several = [{**cell, "inputs": json.dumps({"query": "Is it so?", "text": "It is so, they say."})} for cell in cells]
    assert talk(table(tmp_path / "b.csv", several)[0])[0] == several[0]["inputs"]


def test_a_reply_with_its_finish_reason(tmp_path: Path) -> None:
    cells = [(asked, json.dumps({"content": said, "finish_reason": "stop"})) for asked, said in PAIRS]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows("prompt", "response_payload", cells))] == PAIRS


def test_bodies_of_a_server_with_a_usual_path(tmp_path: Path) -> None:
    lines = [
        {"path": "/api/chat", "request_body": {"question": asked, "model": "gpt-4o"}, "response_body": {"reply": said}}
        for asked, said in PAIRS
    ]
    assert [talk(call) for call in calls_in(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines)))] == PAIRS


def test_durations_of_ollama(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", total_duration=6212000000, eval_count=19))
    assert {round(call.metered.latency_s or 0, 6) for call in found} == {6.212}


def test_seconds_of_a_time_with_its_unit(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [{**row, "생성시간(초)": 1.23} for row in rows("질문", "답변")])
    assert {call.metered.latency_s for call in found} == {1.23}


def test_times_of_a_file_of_one_day(tmp_path: Path) -> None:
    found = table(tmp_path / "chat_2025-03-17.csv", rows("prompt", "reply", time="08:23:33"))
    assert str(found[0].metered.at) == "2025-03-17 08:23:33+00:00"
    night = zip(rows("prompt", "reply"), ("22:20:00", "23:20:00", "0:20:00", "1:20:00"), strict=True)
    found = table(tmp_path / "rotated_2025-03-17.csv", [row | {"time": clock} for row, clock in night])
    assert [call.metered.at for call in found] == [None] * len(PAIRS)


def test_a_row_of_totals(tmp_path: Path) -> None:
    whole = [{"nr": "1", **row} for row in rows("Kundenfrage", "Antwort des Bots")]
    path = tmp_path / "a.csv"
    assert len(table(path, [*whole, {"nr": "Summe", "Kundenfrage": "4", "Antwort des Bots": ""}])) == len(PAIRS)
    assert [item.row for _, item in read_log(open_log(path)) if isinstance(item, Rejection)] == [len(PAIRS) + 1]


@pytest.mark.parametrize("first", ["予約番号K11285を変更したいです,u", "hi,user"])
def test_who_speaks_in_a_table_without_a_header(tmp_path: Path, first: str) -> None:
    side = first.rpartition(",")[2]
    other = {"u": "s", "user": "bot"}[side]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([first, *(f"{asked},{side}\nOK then,{other}" for asked in ("金曜の9時", "九時"))]))
    assert sniff(path).is_headless
    path.write_text(f"text,speaker\n{path.read_text()}")
    assert not sniff(path).is_headless


def test_sessions_between_lines_with_their_time(tmp_path: Path) -> None:
    talks = [
        f"=== Session c-{place} | 2025-06-2{place} 09:01:03 ===\nYou: {asked}\nKiosk: {said}\n"
        for place, (asked, said) in enumerate(PAIRS)
    ]
    found = calls_in(tmp_path / "a.txt", "\n".join(talks))
    assert [talk(call) for call in found] == PAIRS
    assert [str(call.metered.at)[:10] for call in found] == [f"2025-06-2{place}" for place in range(len(PAIRS))]


def test_a_name_nobody_knows_in_short_chats(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [{"Conversation": f"Vous: {asked}\nStem: {said}"} for asked, said in PAIRS])
    assert [talk(call) for call in found] == PAIRS
    with pytest.raises(BadInput):
        table(tmp_path / "b.csv", [{"ticket": f"Customer: Jane Doe\nIssue: {said}"} for _, said in PAIRS])


def test_other_lines_of_a_programs_log_end_no_call(tmp_path: Path) -> None:
    line = '2025-07-19 09:41:34,504 INFO model=gpt-4o prompt="{}" response="{}" took=2.25s'
    noise = "2025-07-19 09:41:35,001 WARN  [worker-1] pool - slow connection"
    found = calls_in(tmp_path / "a.log", "\n".join(f"{line.format(*pair)}\n{noise}" for pair in PAIRS))
    assert [(*talk(call), call.metered.latency_s) for call in found] == [(*pair, 2.25) for pair in PAIRS]


def test_what_a_person_and_a_model_wrote_of_something_else_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", rows("review", "gpt_review"))
    assert [talk(call) for call in table(tmp_path / "b.csv", rows("message", "bot_message"))] == PAIRS


def test_versions_of_models_are_no_lists(tmp_path: Path) -> None:
    flat = [
        {"request.messages.0.role": "user", "request": "r1", "request.messages.0.content": asked, "gpt4.1.answer": said}
        for asked, said in PAIRS
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", flat)] == PAIRS
    dotted = [{"question": row["request.messages.0.content"], "gpt4.1.answer": row["gpt4.1.answer"]} for row in flat]
    assert [talk(call) for call in table(tmp_path / "b.csv", dotted)] == PAIRS


def test_long_turns_are_put_together_once() -> None:
    lines = ["User: Is it open?", "Bot: Yes."] * 2 + ["more", "", "---", "and", "on", "it", "goes"] * 20_000
    begun = time.process_time()
    *_, last = as_rows(lines)
    assert last["message"] == "Yes.\n" + "\n".join(lines[4:])
    assert time.process_time() - begun < 5


def test_questions_and_their_answers_in_tables_with_a_text_each(tmp_path: Path) -> None:
    path = tmp_path / "qa.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table questions (id, text)")
        database.execute("create table answers (id, question_id, text, model)")
        for place, (asked, said) in enumerate(PAIRS):
            database.execute("insert into questions values (?, ?)", (place + 100, asked))
            database.execute("insert into answers values (?, ?, ?, 'gpt-4o')", (place, place + 100, said))
    with open_sources(path) as (sources, _):
        found = [call for source in sources for call in calls_in(source.path, source.path.read_bytes())]
    assert [talk(call) for call in found] == PAIRS


@pytest.mark.parametrize(
    "names", [("req.q", "res.a"), ("q_text", "a_text"), ("질의", "응답"), ("client", "conseiller_virtuel")]
)
def test_short_names_of_both_sides(tmp_path: Path, names: tuple[str, str]) -> None:
    lines = []
    for pair in PAIRS:
        cells = [name.split(".")[::-1] for name in names]
        lines.append({cell[-1]: {cell[0]: said} if cell[1:] else said for cell, said in zip(cells, pair, strict=True)})
    assert [talk(call) for call in calls_in(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines)))] == PAIRS


def test_text_with_commas_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("Dear Ana, thank you, and well, all of us\nYes, from ten\nNo\nIt is so, they say, and so on\n" * 4)
    with pytest.raises(BadInput, match="User:"):
        open_log(path)


def test_columns_that_are_questions_are_those_of_a_form(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "a.csv", rows("What do you like?", "What should we change?"))


@pytest.mark.parametrize("names", [
    ("completion", "expert_answer"), ("answer", "corrected_answer"), ("llm_output", "answer_key"),
    ("risposta_llm", "risposta_attesa"),
])  # fmt: skip
def test_answers_of_experts_are_the_right_ones(tmp_path: Path, names: tuple[str, str]) -> None:
    said, right = names
    found = table(tmp_path / "a.csv", [{**row, right: f"{row[said]} Indeed."} for row in rows("question", said)])
    assert [talk(call) for call in found] == PAIRS
    assert found[0].reference
    assert found[0].reference.value == f"{PAIRS[0][1]} Indeed."


def test_paragraphs_are_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(f"{asked}\n{said}" for asked, said in PAIRS))
    with pytest.raises(BadInput, match="User:"):
        open_log(path)


def chatwoot(bot: str, *, is_text: bool) -> list[dict[str, Any]]:
    """Its table ``messages``: three conversations with a note, a request for a person and lines that nobody says."""
    kinds = ("incoming", "outgoing", "activity", "template") if is_text else (0, 1, 2, 3)
    said: list[tuple[int, str | None, str]] = [(3, None, "We are here for you every day.")]
    for asked, answered in PAIRS[:3]:
        said += [(0, "Contact", asked), (1, bot, answered)]
    said += [
        (1, bot, "Ask for the order, as a draft."),
        (0, "Contact", "A person, please."),
        (2, None, "Assigned to Grace"),
        (1, "User", "Ask for the order."),
    ]
    return [
        {
            "id": f"{chat}{at:02}", "content": text, "conversation_id": chat, "message_type": kinds[kind],
            "private": text.startswith("Ask"), "sender_type": who, "created_at": f"2026-01-0{chat}T10:{at:02}:00Z",
        }
        for chat in (1, 2, 3) for at, (kind, who, text) in enumerate([*said, (1, "User", "Grace here.")])
    ]  # fmt: skip


@pytest.mark.parametrize("bot", ["AgentBot", "Captain::Assistant", "captain_assistant"])
@pytest.mark.parametrize("is_text", [True, False])
def test_senders_of_chatwoot(tmp_path: Path, bot: str, is_text: bool) -> None:
    calls = table(tmp_path / "messages.csv", chatwoot(bot, is_text=is_text))
    assert [talk(call) for call in calls] == PAIRS[:3] * 3
    assert [len(call.request.messages) for call in calls] == [1, 3, 5] * 3


def test_contacts_elsewhere_than_at_chatwoot(tmp_path: Path) -> None:
    private = [
        {"chat_id": chat, "sender": who, "content": text, "private": True}
        for chat in (1, 2) for pair in PAIRS for who, text in zip(("contact", "bot"), pair, strict=True)
    ]  # fmt: skip
    assert [talk(call) for call in table(tmp_path / "a.csv", private)] == PAIRS * 2
    names = {"contact": "user", "bot": "agentbot"}
    events = [{**row, "sender": names[str(row["sender"])]} for row in private]
    for at in (len(PAIRS) * 2, 0):
        events.insert(at, {**events[at], "sender": "contact", "content": "The visitor opened the contact form."})
    with pytest.raises(BadInput, match="Best guess"):
        table(tmp_path / "b.csv", events)


def test_staff_of_chatwoot_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="speaker"):
        table(tmp_path / "messages.csv", chatwoot("User", is_text=True))
