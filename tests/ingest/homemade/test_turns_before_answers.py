"""Nested requests: a list of turns of any dialect that ends before the answer, with instructions beside it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.homemade.turn_lists import as_messages
from tests.ingest.homemade.test_odd_logs import CALLS, samples, talks
from tests.ingest.homemade.test_other_shapes import PAIRS

RULES = "You are a clerk in a hardware shop. Answer in one sentence."


def turns(number: int, speaker: str, text: str, user: str, bot: str) -> list[Any]:
    said = [(side, words) for pair in PAIRS[:number] for side, words in zip((user, bot), pair, strict=True)] + [
        (user, PAIRS[number][0])
    ]
    return [{speaker: side, text: words} if speaker else [side, words] for side, words in said]


@pytest.mark.parametrize(("rules", "talk", "names"), [
    ("instructions", "dialogue", ("speaker", "utterance", "user", "model")),
    ("preamble", "turns", ("from", "text", "human", "bot")),
    ("guidelines", "conversation", ("type", "message", "customer", "agent")),
    ("instrucciones", "mensajes", ("rol", "texto", "usuario", "asistente")),
    ("bot_instructions", "input", ("sender", "payload", "client", "server")),
    ("system_msg", "msgs", ("", "", "user", "assistant")),
])  # fmt: skip
def test_instructions_beside_turns(tmp_path: Path, rules: str, talk: str, names: tuple[str, ...]) -> None:
    found = samples(tmp_path, [
        {
            "trace": f"t{number}",
            "call": {"sent": {rules: RULES, talk: turns(number, *names)}, "got": {"reply": {"text": PAIRS[number][1]}}},
            "counts": {"prompt": 30, "generated": 8},
        }
        for number in range(len(PAIRS))
    ])  # fmt: skip
    asked = [[(message["role"], message["content"]) for message in call.request.messages] for call in found]
    assert [messages[0] for messages in asked] == [("system", RULES)] * len(PAIRS)
    assert [messages[1:] for messages in asked] == [
        [(side, text) for side, text in map(tuple, turns(number, "", "", "user", "assistant"))]
        for number in range(len(PAIRS))
    ]
    assert [call.answer and call.answer.text for call in found] == [answer for _, answer in PAIRS]
    usage = [call.metered.usage for call in found]
    assert {(each.input_tokens, each.output_tokens) for each in usage if each} == {(30, 8)}


def test_instructions_are_no_answer(tmp_path: Path) -> None:
    found = samples(tmp_path, [
        {"llm_input": {"instructions": RULES, "question": one}, "llm_output": {"answer": other}} for one, other in PAIRS
    ])  # fmt: skip
    assert [call.answer and call.answer.text for call in found] == [answer for _, answer in PAIRS]
    assert {call.reference for call in found} == {None}


@pytest.mark.parametrize("texts", [
    [["thank you", "You're welcome."], ["human please", "One moment"]],
    [["Who are you?", "A bot."]], [["hi there you", "Hello."]], [["agent", "One moment"]],
])  # fmt: skip
def test_pairs_of_a_question_and_its_answer(texts: list[Any]) -> None:
    said = [(message["role"], message["content"]) for message in as_messages(texts) or []]
    assert said == [turn for asked, answered in texts for turn in (("user", asked), ("assistant", answered))]


@pytest.mark.parametrize("name", ["history", "previous", "before"])
@pytest.mark.parametrize("outer", ["prompt", "input", "payload"])
def test_a_question_beside_the_turns_before_it_in_an_object(tmp_path: Path, outer: str, name: str) -> None:
    rows: list[dict[str, Any]] = []
    said: list[dict[str, str]] = []
    for asked, answered in CALLS:
        rows.append({outer: {name: [*said], "question": asked}, "answer": answered})
        said += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    assert talks(samples(tmp_path, rows)) == [(2 * at + 1, *pair) for at, pair in enumerate(CALLS)]


ONE_TEXT: list[Any] = [
    {"text": RULES}, {"role": "system", "content": RULES, "name": None}, {"prompt": RULES},
    {"role": "system", "content": RULES, "name": "x"},
    {"instructions": RULES}, {"value": RULES}, {"text": RULES, "version": 3}, {"persona": RULES},
    {"systemPrompt": RULES}, {"message": {"role": "system", "content": RULES}}, {"parts": [{"text": RULES}]},
    {"role": "user", "parts": [{"text": RULES}]},
    {"id": "p-1", "type": "text", "text": RULES, "created_at": "2026-05-01"},
    {"content": [{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}], "role": "system"},
    {"内容": RULES}, {"Anweisungen": RULES, "version": "v3"}, {"text": RULES, "temperature": 0.2, "cached": True},
]  # fmt: skip
MORE: list[Any] = [
    {"content": "Extract the fields", "schema": {"a": "b"}, "rules": ["c"]}, {"content": RULES, "rules": ["c"]},
    {"rules": [RULES]}, {"text": RULES, "note": "Say nothing of prices."}, {"text": RULES, "tone": "formal"},
    {"persona": RULES, "goal": "Help with every order."}, {"content": RULES, "text": "Be brief."},
    {"text": RULES, "examples": [{"q": "a", "a": "b"}]},
    [{"type": "text", "text": RULES}, {"type": "image_url", "image_url": {"url": "https://x.example/1.png"}}],
    [{"role": "system", "content": RULES}, {"role": "user", "content": "Hi"}],
    {"content": [{"type": "text", "text": "Be brief"}, {"type": "image", "source": {"data": "AAAA"}}]},
]  # fmt: skip


def _system_of(folder: Path, told: Any) -> str | None:
    found = samples(folder, [{"system": told, "prompt": asked, "response": said} for asked, said in CALLS])
    systems = {call.request.messages[0]["content"] for call in found if len(call.request.messages) > 1}
    assert talks(found) == [(1 + bool(systems), *pair) for pair in CALLS]
    return systems.pop() if systems else None


@pytest.mark.parametrize("told", ONE_TEXT)
@pytest.mark.parametrize("wrap", [
    lambda told: told, json.dumps, repr, lambda told: [told], lambda told: json.dumps([told]), lambda told: [told, ""],
    lambda told: {"content": told},
])  # fmt: skip
def test_the_one_text_of_a_system_prompt(tmp_path: Path, told: Any, wrap: Callable[[Any], Any]) -> None:
    assert _system_of(tmp_path, wrap(told)) == RULES


@pytest.mark.parametrize("told", MORE)
def test_system_prompts_that_say_more(tmp_path: Path, told: Any) -> None:
    assert json.loads(_system_of(tmp_path, told) or "") == told
    assert _system_of(tmp_path, json.dumps(told)) == json.dumps(told)


@pytest.mark.parametrize(("told", "system"), [
    (5, None), ({"os": "linux"}, None), ([{"id": 3}], None), ([RULES, "Be brief."], f"{RULES}\nBe brief."),
    (f'"{RULES}"', f'"{RULES}"'), ([{"text": RULES}, {"text": "Be brief."}], f"{RULES}\nBe brief."),
    ({"role": "system", "content": ""}, None), (json.dumps({"role": "system", "content": None}), None),
])  # fmt: skip
def test_system_prompts_that_are_no_plain_text(tmp_path: Path, told: Any, system: str | None) -> None:
    assert _system_of(tmp_path, told) == system


def _system_of_turns(folder: Path, told: Any) -> str:
    found = samples(folder, [
        {"chat": f"c{at // 2}", "role": role, "text": text, "system_prompt": told}
        for at, pair in enumerate(CALLS) for role, text in zip(("user", "bot"), pair, strict=True)
    ])  # fmt: skip
    assert [call.answer and call.answer.text for call in found] == [said for _, said in CALLS]
    (system,) = {call.request.messages[0]["content"] for call in found}
    return str(system)


@pytest.mark.parametrize("told", [*ONE_TEXT, RULES, json.dumps(ONE_TEXT[0])])
def test_system_prompts_of_conversations(tmp_path: Path, told: Any) -> None:
    assert _system_of_turns(tmp_path, told) == RULES


@pytest.mark.parametrize("told", [told for told in MORE if isinstance(told, dict)])
def test_system_prompts_of_conversations_that_say_more(tmp_path: Path, told: Any) -> None:
    assert json.loads(_system_of_turns(tmp_path, told)) == told
    assert _system_of_turns(tmp_path, json.dumps(told)) == json.dumps(told)


@pytest.mark.parametrize("name", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize("told", [RULES, {"parts": [{"text": RULES}]}, {"role": "system", "parts": [{"text": RULES}]}])
@pytest.mark.parametrize("outer", ["", "request"])
def test_requests_of_gemini_with_an_answer_beside(tmp_path: Path, name: str, told: Any, outer: str) -> None:
    bodies = [{"contents": [{"role": "user", "parts": [{"text": asked}]}], name: told} for asked, _ in CALLS]
    answered = [{"output": said, "latency_ms": 900} for _, said in CALLS]
    rows = [({outer: body} if outer else body) | answer for body, answer in zip(bodies, answered, strict=True)]
    found = samples(tmp_path, rows)
    assert talks(found) == [(2, *pair) for pair in CALLS]
    assert {call.request.messages[0]["content"] for call in found} == {RULES}
