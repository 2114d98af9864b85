"""Shapes of home-made logs that were once read wrong: short names, sums, what came before."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample

CALLS = [
    ("How do I reset the router?", "Hold the button on the back for ten seconds, then wait for the green light."),
    ("Write a short thank-you note to Ana", "Dear Ana, thank you so much for the flowers. They made my week."),
    ("Is the shop open on Sundays?", "Yes, from ten to four."),
    ("Where can I see my invoices?", "Under Account, then Billing, you find every invoice as a PDF."),
]
CHATS = [CALLS[:3], CALLS[3:], CALLS[1:3]]


def samples(folder: Path, rows: list[dict[str, Any]]) -> list[Sample]:
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return samples_of(path)


def samples_of(path: Path) -> list[Sample]:
    return [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]


def talks(found: list[Sample]) -> list[tuple[int, Json, Json]]:
    return [
        (len(each.request.messages), each.request.messages[-1]["content"], each.answer and each.answer.text)
        for each in found
    ]


@pytest.mark.parametrize(("asked", "answered"), [("iTokens", "oTokens"), ("i_tok", "o_tok")])
def test_counts_under_one_letter(tmp_path: Path, asked: str, answered: str) -> None:
    rows = [{"prompt": one, "response": other, asked: 9, answered: 14 + at} for at, (one, other) in enumerate(CALLS)]
    usage = samples(tmp_path, rows)[1].metered.usage
    assert usage is not None
    assert (usage.total_input_tokens, usage.output_tokens) == (9, 15)


@pytest.mark.parametrize("name", ["ランタイム", "kesto_x"])
def test_durations_are_known_by_their_unit(tmp_path: Path, name: str) -> None:
    found = samples(tmp_path, [{"prompt": one, "response": other, name: "3.740s"} for one, other in CALLS])
    assert [sample.metered.latency_s for sample in found] == [3.74] * len(CALLS)


@pytest.mark.parametrize(("name", "is_session"), [("chat_completion_id", False), ("request_thread_id", True)])
def test_the_id_of_an_answer_is_no_conversation(tmp_path: Path, name: str, is_session: bool) -> None:
    rows = [{"question": one, "response": other, name: f"x-{at}"} for at, (one, other) in enumerate(CALLS)]
    assert [sample.ids.session for sample in samples(tmp_path, rows)] == [
        f"x-{at}" if is_session else None for at in range(len(CALLS))
    ]


def test_a_clock_is_no_conversation(tmp_path: Path) -> None:
    turns = [turn for call in CALLS for turn in zip(("customer", "agent"), call, strict=True)]
    rows: list[dict[str, Any]] = [
        {"type": who, "text": text, "timestamp": f"9:4{at // 4} AM"} for at, (who, text) in enumerate(turns)
    ]
    found = samples(tmp_path, rows)
    assert talks(found) == [(2 * at + 1, *call) for at, call in enumerate(CALLS)]


def test_pairs_in_a_conversation_without_a_name_follow_each_other_and_its_sums_are_of_no_call(tmp_path: Path) -> None:
    rows = [
        {"TokensOfPrompts": 271, "TokensOfAnswers": 853, "Conversations": [{"Prompt": a, "Answer": b} for a, b in chat]}
        for chat in CHATS
    ]
    found = samples(tmp_path, rows)
    assert talks(found) == [(2 * at + 1, *call) for chat in CHATS for at, call in enumerate(chat)]
    assert {sample.metered.usage for sample in found} == {None}
    assert len({sample.ids.session for sample in found}) == len(CHATS)


def test_what_came_before_the_message_is_no_request_by_itself(tmp_path: Path) -> None:
    rows = [
        {
            "request": {
                "conversation_history": [
                    {"role": role, "content": text}
                    for call in CALLS[:at]
                    for role, text in zip(("user", "assistant"), call, strict=True)
                ],
                "message": asked,
            },
            "response": {"response": answered, "usage": {"promptTokens": 3, "completionTokens": 4}},
        }
        for at, (asked, answered) in enumerate(CALLS)
    ]
    assert talks(samples(tmp_path, rows)) == [(2 * at + 1, *call) for at, call in enumerate(CALLS)]


def test_what_a_model_generated_is_the_answer_also_if_it_is_a_query(tmp_path: Path) -> None:
    rows = [{"Prompt": one, "Expected Query": "SELECT 1", "Generated Query": other} for one, other in CALLS]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]
    rows = [{"prompt_text": one, "predicted_query_response": other} for one, other in CALLS]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]
    rows = [{"generated_question": one, "answer": other} for one, other in CALLS]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]


@pytest.mark.parametrize("names", [("Q", "A"), ("mensaje_usuario", "respuesta_ia")])
def test_short_and_foreign_names_of_a_model_s_answers_are_sure(tmp_path: Path, names: tuple[str, str]) -> None:
    assert talks(samples(tmp_path, [dict(zip(names, call, strict=True)) for call in CALLS])) == [
        (1, *call) for call in CALLS
    ]


def test_objects_in_cells_are_opened_but_those_that_were_sent(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    sent = [json.dumps({"question": asked, "lang": "en"}) for asked, _ in CALLS]
    for payload, prompts in (("payload", [asked for asked, _ in CALLS]), ("prompt", sent)):
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow([payload, "answer", "metadata"])
            for text, (_, answered) in zip(sent, CALLS, strict=True):
                table.writerow([text, answered, json.dumps({"llm": {"model": "gpt-4o"}, "latency_ms": 800})])
        found = samples_of(path)
        assert talks(found) == [(1, text, said) for text, (_, said) in zip(prompts, CALLS, strict=True)]
        assert {(sample.model, sample.metered.latency_s) for sample in found} == {("gpt-4o", 0.8)}
