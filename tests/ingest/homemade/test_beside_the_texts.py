"""What stands beside prompts and answers in tables of dashboards, evaluations and callbacks."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.messages.usage import HalfTold, counts_told
from advisor.ingest.reading import read_log
from advisor.ingest.records.rules import replayable
from advisor.types import Metered, Reference, Rejection, Request, Sample
from advisor.types.codes import CallNote
from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, table, talk


def rows(asked: str, answered: str, **more: Any) -> list[dict[str, Any]]:
    return [{**more, asked: one, answered: other} for one, other in PAIRS]


@pytest.mark.parametrize(("given", "taken"), [
    ("Sum of Prompt Tokens", "Sum of Completion Tokens"), ("Summe von Eingabe-Tokens", "Summe von Ausgabe-Tokens"),
    ("Токены вход", "Токены выход"), ("tokens_sent", "tokens_received"),
])  # fmt: skip
def test_tokens_of_pivot_tables_and_of_both_ways(tmp_path: Path, given: str, taken: str) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", **{given: 12, taken: 7}))
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(12, 0, 0, 7, 0)}


def test_only_the_prompts_tokens_are_told(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", prompt_tokens=12))
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(12, 0, 0, None, None)}


def test_a_context_that_is_no_text_is_no_system_prompt(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", context='{"page": "/cart"}'))
    assert [call.request.messages[0]["role"] for call in found] == ["user"] * len(PAIRS)


def test_a_system_prompt_beside_messages(tmp_path: Path) -> None:
    found = samples(tmp_path, [
        {"messages": [{"role": "user", "content": one}], "system_prompt": "You help guests.", "response": other}
        for one, other in PAIRS
    ])  # fmt: skip
    assert [call.request.messages[0]["content"] for call in found] == ["You help guests."] * len(PAIRS)
    assert [talk(call) for call in found] == PAIRS


def test_a_number_that_the_models_answer_ends_with_is_the_right_one(tmp_path: Path) -> None:
    found = samples(tmp_path, [
        {
            "messages": [{"role": "user", "content": f"What is {number} times 3?"}],
            "model_completion": f"That makes {3 * number}.",
            "answer": str(3 * number),
        }
        for number in range(4, 9)
    ])  # fmt: skip
    assert [call.reference for call in found] == [Reference(str(3 * number)) for number in range(4, 9)]
    assert [call.answer and call.answer.text for call in found] == [
        f"That makes {3 * number}." for number in range(4, 9)
    ]


def test_texts_alone_in_lists(tmp_path: Path) -> None:
    callbacks = [
        {
            "prompts": [one],
            "generations": [[{"text": other, "generation_info": {"finish_reason": "stop"}}]],
            "llm_output": {"token_usage": {"prompt_tokens": 12, "completion_tokens": 7}, "model_name": "gpt-4o"},
        }
        for one, other in PAIRS
    ]
    chats = [
        {"messages": [{"role": "user", "content": one}], "generations": [other], "generation_models": ["gpt-4o"]}
        for one, other in PAIRS
    ]
    for found in (samples(tmp_path, callbacks), samples(tmp_path, chats)):
        assert [talk(call) for call in found] == PAIRS
        assert {call.model for call in found} == {"gpt-4o"}


def test_who_answered_in_a_chat_is_no_answer(tmp_path: Path) -> None:
    chats = [f"User: {one}\nHelp Bot: {other}" for one, other in PAIRS]
    found = table(tmp_path / "a.csv", [{"Admin User": "Help Bot", "Conversation": chat} for chat in chats])
    assert [talk(call) for call in found] == PAIRS


@pytest.mark.parametrize(("first", "then"), [
    (("question_1", "answer_1"), ("question_2", "answer_2")), (("Frage", "Antwort"), ("Frage 2", "Antwort 2")),
    (("turn1_prompt", "turn1_llm"), ("turn2_prompt", "turn2_llm")), (("q1", "a1"), ("q2", "a2")),
    (("prompt", "response"), ("followup_prompt", "followup_response")), (("質問①", "回答①"), ("質問②", "回答②")),
])  # fmt: skip
def test_turns_in_columns_of_their_own(tmp_path: Path, first: tuple[str, str], then: tuple[str, str]) -> None:
    row = dict(zip((*first, *then), (*PAIRS[0], *PAIRS[1]), strict=True))
    short = dict(zip((*first, *then), (*PAIRS[2], "", ""), strict=True))
    found = table(tmp_path / "a.csv", [row | {"latency_1_s": 2, "latency_2_s": 2}, short | {"latency_1_s": 2}])
    assert sorted(map(talk, found)) == sorted(PAIRS[:3])
    assert sorted(len(call.request.messages) for call in found) == [1, 1, 3]
    assert {call.metered.latency_s for call in found} == {2.0}


def test_turns_in_two_lists_or_in_numbered_objects(tmp_path: Path) -> None:
    lists = {"questions": [PAIRS[0][0], PAIRS[1][0]], "answers": [PAIRS[0][1], PAIRS[1][1]]}
    objects = {f"turn_{number}": {"user": one, "bot": other} for number, (one, other) in enumerate(PAIRS[:2])}
    for row in (lists, objects):
        found = samples(tmp_path, [row | {"model": "gpt-4o"}, row | {"model": "o3"}])
        assert sorted(map(talk, found)) == sorted([*PAIRS[:2], *PAIRS[:2]])
        assert {call.model for call in found} == {"gpt-4o", "o3"}


@pytest.mark.parametrize(("user", "bot", "end"), [
    ("[|Human|] ", "\n[|AI|] ", "\n"), ("<|user|>\n", "</s>\n<|assistant|>\n", "</s>\n"),
    ("[INST] ", " [/INST] ", "</s>"),
    ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "<|im_end|>\n"), ("👤 ", "\n🤖 ", "\n"),
    ("<user>", "</user><assistant>", "</assistant>"), ("USER: ", " ASSISTANT: ", "</s>"), ("Human: ", "\nAI: ", "\n"),
])  # fmt: skip
def test_chats_with_marks_a_line_above_and_a_turn_nobody_took(tmp_path: Path, user: str, bot: str, end: str) -> None:
    whole = "".join(f"{user}{one}{bot}{other}{end}" for one, other in PAIRS)
    for name, chat in (("conversation", whole), ("input", f"A talk with a model.\n{whole}{user}")):
        found = table(tmp_path / "a.csv", [{"topic": topic, name: chat} for topic in ("a", "b")])
        assert [talk(call) for call in found] == PAIRS * 2


def test_what_reads_as_asked_of_a_model(tmp_path: Path) -> None:
    asked = [(f"Summarize in a sentence: {one}", other) for one, other in PAIRS]
    for names in (("SENDER", "RESPONDER"), ("text", "reply")):
        found = table(tmp_path / "a.csv", [dict(zip(names, pair, strict=True)) for pair in asked])
        assert [talk(call) for call in found] == asked


def test_messages_with_a_reply_each(tmp_path: Path) -> None:
    said = [{"message": one, "reply": other} for one, other in PAIRS]
    found = samples(tmp_path, [{"_id": f"c{number}", "userId": "u1", "messages": said} for number in range(2)])
    assert [talk(call) for call in found] == PAIRS * 2


def test_a_pivot_of_sums_is_no_log(tmp_path: Path) -> None:
    days = [{"Date": f"2025-03-0{n}", "Model": "gpt-4o", "Sum of Prompt Tokens": 1_200_000 + n} for n in range(1, 7)]
    with pytest.raises(BadInput, match="sums of several calls"):
        table(tmp_path / "a.csv", days)


@pytest.mark.parametrize("said", ["Sum it up.", "Write 3 lines."])
def test_a_prompt_next_to_the_word_sum_is_no_row_of_totals(tmp_path: Path, said: str) -> None:
    asked = [f"{said} {one}" for one, _ in PAIRS]
    assert len(table(tmp_path / "a.csv", [{"prompt": text, "task": "sum"} for text in asked])) == len(PAIRS)
    chats = [{"messages": [{"role": "user", "content": text}], "task": "sum"} for text in asked]
    assert len(samples(tmp_path, chats)) == len(PAIRS)


def test_cached_tokens_without_others_of_the_prompt_are_counted(tmp_path: Path) -> None:
    row = {"model": "claude-3-haiku", "cache_read_input_tokens": 1000, "output_tokens": 20}
    found = table(tmp_path / "a.csv", [{"prompt": one, "answer": other} | row for one, other in PAIRS])
    assert {call.metered.usage and call.metered.usage.cache_read_tokens for call in found} == {1000}


def test_objects_of_one_call_in_two_cells_and_counts_without_the_word(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [
        {"request": json.dumps({"prompt": one}), "response": json.dumps({"text": other, "model": "gpt-4o"})}
        for one, other in PAIRS
    ])  # fmt: skip
    assert [talk(call) for call in found] == PAIRS
    found = samples(tmp_path, rows("prompt", "reply", usage={"input": 12, "output": 7}))
    assert {tuple(counts_told(call.metered.usage)) for call in found} == {(12, 0, 0, 7, 0)}


def test_classes_that_take_turns_are_no_speakers(tmp_path: Path) -> None:
    labels = [
        {"ticket": one, "human_category": name, "llm_category": name}
        for (one, _), name in zip(PAIRS, ("billing", "tech") * 2, strict=True)
    ]
    found = table(tmp_path / "a.csv", labels)
    assert [(*talk(call), call.reference) for call in found] == [
        (row["ticket"], row["llm_category"], Reference(row["llm_category"])) for row in labels
    ]


@pytest.mark.parametrize("names", [
    ("example_question_1", "example_answer_1", "example_question_2", "example_answer_2"),
    ("input_1", "output_1", "input_2", "output_2"),
])  # fmt: skip
def test_numbered_columns_beside_the_call_are_no_turns(tmp_path: Path, names: tuple[str, ...]) -> None:
    rows = [
        dict(zip(names, (*PAIRS[n - 1], *PAIRS[n - 2]), strict=True)) | {"question": one, "answer": other}
        for n, (one, other) in enumerate(PAIRS)
    ]
    found = table(tmp_path / "a.csv", rows)
    assert [talk(call) for call in found] == PAIRS


def test_what_a_row_of_several_calls_took_is_of_none_of_them(tmp_path: Path) -> None:
    row = {"q1": PAIRS[0][0], "a1": PAIRS[0][1], "q2": PAIRS[1][0], "a2": PAIRS[1][1], "input_tokens": 20, "cost": 1}
    models = {"question": PAIRS[0][0], "gpt-4o": PAIRS[0][1], "gpt-4o-mini": PAIRS[1][1], "latency_ms": 900}
    for found in (samples(tmp_path, [row] * 2), samples(tmp_path, [models] * 2)):
        assert len(found) == 4
        assert {(call.metered.usage, call.metered.cost_usd, call.metered.latency_s) for call in found} == {(None,) * 3}


def test_facts_of_a_model_with_a_longer_name_are_its_own(tmp_path: Path) -> None:
    row = {"question": PAIRS[0][0], "gpt-4o": PAIRS[0][1], "gpt-4o-mini": PAIRS[1][1]}
    found = samples(tmp_path, [row | {"gpt-4o_latency_ms": 1000, "gpt-4o-mini_latency_ms": 300}] * 2)
    assert {(call.model, call.metered.latency_s) for call in found} == {("gpt-4o", 1.0), ("gpt-4o-mini", 0.3)}


def test_no_turn_of_a_record_is_lost_without_a_word(tmp_path: Path) -> None:
    whole = {"questions": [PAIRS[0][0], PAIRS[1][0]], "answers": [PAIRS[0][1], PAIRS[1][1]]}
    late = [{"questions": [PAIRS[2][0], "And then?"], "answers": [PAIRS[2][1]]}, {"questions": [], "answers": []}]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, [whole] * 60 + late)), encoding="utf-8")
    items = [item for _, item in read_log(open_log(path))]
    assert [each.reason for each in items if isinstance(each, Rejection)] == ["no calls in `questions`"]
    asked = [item.request.messages[-1]["content"] for item in items if not isinstance(item, Rejection)]
    assert len(asked) == 2 * 60 + 2
    assert "And then?" in asked


@pytest.mark.parametrize("beside", [
    {"created_by": "api", "address": "1.2.3.4"}, {"upvotes": 1, "user_title": "Mr"}, {"subject": "x", "title": "y"},
])  # fmt: skip
def test_what_a_product_knows_of_its_users_is_no_authors(tmp_path: Path, beside: dict[str, Any]) -> None:
    found = table(tmp_path / "a.csv", rows("prompt", "response", **beside))
    assert [talk(call) for call in found] == PAIRS


def test_people_that_ask_to_explain_are_asked_about(tmp_path: Path) -> None:
    asked = [*PAIRS, ("Can you explain how the points work?", "One for each euro."), ("Tell me about points.", "No.")]
    with pytest.raises(BadInput, match="message"):
        table(tmp_path / "a.csv", [{"message": one, "reply": other} for one, other in asked])


def test_a_sum_insured_is_no_sum_of_calls(tmp_path: Path) -> None:
    row = {"timestamp": "2025-03-01T10:00:00Z", "model": "gpt-4o", "prompt_tokens": 12, "sum_insured": 500}
    assert len(table(tmp_path / "a.csv", [row | {"completion_tokens": taken} for taken in range(4)])) == 4


def test_a_total_duration_is_in_nanoseconds_where_it_is_long(tmp_path: Path) -> None:
    for taken in (1200, 1_200_000_000):
        found = table(tmp_path / "a.csv", rows("prompt", "answer", total_duration=taken, eval_count=20))
        assert {round(call.metered.latency_s or 0, 6) for call in found} == {1.2}


def test_failed_calls_lack_no_tokens() -> None:
    request = Request(messages=[{"role": "user", "content": "Is it open?"}], params={})
    call = Sample(request=request, answer=None, metered=Metered(usage=HalfTold(input_tokens=9, is_of_prompt=True)))
    assert replayable(call).notes == (CallNote.HALF_OF_TOKENS,)
    assert replayable(replace(call, error="timeout")).notes == ()


def test_a_day_that_was_answered_beside_the_answer_is_its_time(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [row | {"answered": "2025-05-01"} for row in rows("question", "answer_text")])
    assert all(call.metered.at for call in found)


def test_marks_within_the_turns_of_a_chat_stay(tmp_path: Path) -> None:
    asked = [(f"Is <s>10</s> the price for USER: bob? {one}", other) for one, other in PAIRS]
    chats = ["".join(f"User: {one}\nBot: {other}\n" for one, other in asked)] * 2
    found = table(tmp_path / "a.csv", [{"topic": at, "conversation": chat} for at, chat in enumerate(chats)])
    assert [talk(call) for call in found] == asked * 2
