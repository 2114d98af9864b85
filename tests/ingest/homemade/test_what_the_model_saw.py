"""Which of several prompts in a row was sent: the rendered one, not its template nor the question within it."""

from pathlib import Path
from typing import Any

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Sample
from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, table, talk


def rendered(asked: str, answered: str) -> str:
    return f"Use the context.\nContext: {answered}\nQuestion: {asked}\nAnswer:"


def prompts(found: list[Sample]) -> list[Any]:
    return [call.request.messages[-1]["content"] for call in found]


@pytest.mark.parametrize("name", [
    "full_prompt", "final_prompt", "augmented_prompt", "llm_prompt", "prompt", "rendered_prompt", "prompt_with_context",
    "prompt_with_memory", "llm_input", "rag_prompt", "formatted_prompt", "compiled_prompt", "enriched_prompt",
    "combined_prompt", "filled_prompt", "built_prompt", "prompt_used", "prompt_text", "request_text", "raw_prompt",
    "prompt_completo",
])  # fmt: skip
@pytest.mark.parametrize("asked", ["query", "question"])
def test_a_prompt_with_the_question_in_it_was_sent(tmp_path: Path, asked: str, name: str) -> None:
    found = table(tmp_path / "a.csv", [{asked: q, name: rendered(q, a), "answer": a} for q, a in PAIRS])
    assert [talk(call) for call in found] == [(rendered(q, a), a) for q, a in PAIRS]


@pytest.mark.parametrize("own", [range(3), range(57, 60), range(40), range(55), range(5, 60)])
def test_each_row_s_own_prompt_counts(tmp_path: Path, own: range) -> None:
    calls = [(f"{n}: {PAIRS[n % 4][0]}", PAIRS[n % 4][1]) for n in range(60)]
    rows = [
        {"question": q, "answer": a, **({"full_prompt": rendered(q, a)} if n in own else {})}
        for n, (q, a) in enumerate(calls)
    ]
    wanted = [(rendered(q, a) if n in own else q, a) for n, (q, a) in enumerate(calls)]
    assert [talk(call) for call in samples(tmp_path, rows)] == wanted
    cells = [{"full_prompt": "", **row} for row in rows]
    assert [talk(call) for call in table(tmp_path / "a.csv", cells)] == wanted


@pytest.mark.parametrize("name", ["prompt", "question"])
def test_a_row_without_a_question_has_its_own_prompt(tmp_path: Path, name: str) -> None:
    rows = [{name: q if at else "", "full_prompt": rendered(q, a), "answer": a} for at, (q, a) in enumerate(PAIRS)]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == [(rendered(q, a), a) for q, a in PAIRS]
    lacking = [{key: cell for key, cell in row.items() if cell} for row in rows]
    assert [talk(call) for call in samples(tmp_path, lacking)] == [(rendered(q, a), a) for q, a in PAIRS]


def test_instructions_in_a_row_s_own_prompt_come_once(tmp_path: Path) -> None:
    told = "You answer the customers of a shop."
    rows = [
        {"system_prompt": told, "question": q, "full_prompt": f"{told}\n\n{q}" if at else "", "answer": a}
        for at, (q, a) in enumerate(PAIRS)
    ]
    found = [[message["content"] for message in call.request.messages] for call in table(tmp_path / "a.csv", rows)]
    assert found == [[told, PAIRS[0][0]], *([f"{told}\n\n{q}"] for q, _ in PAIRS[1:])]


def test_a_question_that_a_person_chose_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    table(path, [{"question": q, "full_prompt": rendered(q, a), "answer": a} for q, a in PAIRS])
    log = open_log(path, columns={"prompt": "question", "answer": "answer"})
    assert [talk(call) for _, call in read_log(log) if isinstance(call, Sample)] == PAIRS


@pytest.mark.parametrize(("name", "text"), [
    ("prompt_log", "User: {q}\nBot: {a}"), ("system_prompt", "You answer customers. They ask: {q}"),
    ("request_summary", "Somebody asked: {q}"), ("notes", "They asked again: {q}"),
    ("rewritten_question", "In the shop: {q}"), ("expected_prompt", "In the shop: {q}"),
    ("eval_prompt", "How good is this? {a}\n{q}"), ("final_prompt", "Asked: {q}\n**Answer**: {a}\nHow good is that?"),
    ("prompt_and_answer", "{q} {a} (end)"),
])  # fmt: skip
def test_other_texts_with_the_question_in_them_were_not(tmp_path: Path, name: str, text: str) -> None:
    rows = [{"question": q, name: text.format(q=q, a=a), "answer": a} for q, a in PAIRS]
    found = table(tmp_path / "a.csv", rows)
    assert [talk(call) for call in found] == PAIRS


def test_a_prompt_with_instructions_in_it_has_them_once(tmp_path: Path) -> None:
    told = "You answer the customers of a shop."
    rows = [
        {"system_prompt": told, "question": q, "full_prompt": f"{told}\n\n{q}", "answer": a, "model": "gpt-4o"}
        for q, a in PAIRS
    ]
    found = table(tmp_path / "a.csv", rows)
    assert [[message["role"] for message in call.request.messages] for call in found] == [["user"]] * len(PAIRS)
    assert prompts(found) == [row["full_prompt"] for row in rows]
    (apart, *_) = table(tmp_path / "b.csv", [row | {"full_prompt": ""} for row in rows])
    assert [message["content"] for message in apart.request.messages] == [told, PAIRS[0][0]]


@pytest.mark.parametrize(("template", "text"), [
    ("template", "prompt"), ("prompt_template", "rendered_prompt"), ("system_template", "user_prompt"),
    ("template_text", "input"), ("prompt_template", "message"),
])  # fmt: skip
@pytest.mark.parametrize("place", ["{{message}}", "{message}", "${message}"])
def test_a_template_was_not_sent(tmp_path: Path, template: str, text: str, place: str) -> None:
    said = "You are Nora. Customer says: "
    rows = [
        {template: f"{said}{place} Be kind.", "variables": {"message": q}, text: f"{said}{q} Be kind.", "completion": a}
        for q, a in PAIRS
    ]
    found = samples(tmp_path, rows)
    assert [len(call.request.messages) for call in found] == [1] * len(PAIRS)
    assert [talk(call) for call in found] == [(f"{said}{q} Be kind.", a) for q, a in PAIRS]


@pytest.mark.parametrize("text", ["compiled", "rendered", "filled", "final", "resolved", "interpolated"])
def test_a_template_was_not_sent_whatever_the_filled_one_is_called(tmp_path: Path, text: str) -> None:
    rows = [
        {"prompt_template": "Answer for {{shop}}: {{question}}", text: f"Answer for Elm: {q}", "response": a}
        for q, a in PAIRS
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == [(row[text], row["response"]) for row in rows]


@pytest.mark.parametrize("text", ["rendered", "compiled_prompt", "filled"])
def test_each_row_may_have_a_template_of_its_own(tmp_path: Path, text: str) -> None:
    said = [f"{word} for {{shop}}: " for word in ("Answer", "Reply", "Write", "Speak")]
    rows = [
        {"prompt": f"{begun}{{q}}", text: f"{begun.format(shop='Elm')}{q}", "response": a, "model": "gpt-4o"}
        for begun, (q, a) in zip(said, PAIRS, strict=True)
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == [(row[text], row["response"]) for row in rows]


def test_instructions_with_braces_were(tmp_path: Path) -> None:
    told = 'You are Nora. Answer as {"reply": ...}, and call the customer {name}.'
    rows = [{"system_prompt": told, "question": q, "answer": a, "model": "gpt-4o"} for q, a in PAIRS]
    for found in (samples(tmp_path, rows), samples(tmp_path, [row | {"question": told} for row in rows])):
        assert {call.request.messages[0]["content"] for call in found} == {told}


@pytest.mark.parametrize("name", ["rewrittenQuery", "search_query", "rewritten_question", "standalone_question"])
@pytest.mark.parametrize("is_first", [True, False])
def test_the_users_own_words(tmp_path: Path, name: str, is_first: bool) -> None:
    rows = [
        {
            **({name: f"about: {q}"} if is_first else {}),
            "userQuery": q.rstrip("?"),
            name: f"about: {q}",
            "finalAnswer": a,
        }
        for q, a in PAIRS
    ]
    assert prompts(samples(tmp_path, rows)) == [q.rstrip("?") for q, _ in PAIRS]
    alone = samples(tmp_path, [{name: q, "finalAnswer": a, "model": "gpt-4o"} for q, a in PAIRS])
    assert [talk(call) for call in alone] == PAIRS


@pytest.mark.parametrize("name", [
    "router_prompt", "safety_prompt", "guardrail_prompt", "classification_prompt", "intent_prompt", "sql_prompt",
    "title_prompt", "hyde_prompt", "reflection_prompt", "memory_prompt",
    "next_question", "followup_prompt", "router_input", "router_llm_input", "safety_model_prompt",
    "planner_full_prompt", "sql_llm_prompt", "guardrail_input", "input_check", "rewriter_input", "summarizer_input",
])  # fmt: skip
def test_the_prompt_of_another_step_was_not_sent(tmp_path: Path, name: str) -> None:
    rows = [
        {"question": q, name: f"Which agent should take this: billing or orders? {q}", "answer": a} for q, a in PAIRS
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == PAIRS


def test_masked_texts_with_places_are_no_templates(tmp_path: Path) -> None:
    rows = [
        {
            "prompt": q,
            "response": f"Hi {{NAME}}, {a}",
            "response_unmasked": f"Hi Ana, {a}",
            "original_text": f"I am Ana. {q}",
        }
        for q, a in PAIRS
    ]
    assert [talk(call) for call in table(tmp_path / "a.csv", rows)] == [(q, f"Hi {{NAME}}, {a}") for q, a in PAIRS]
    letters = [{"prompt": f"Dear {{{{customer}}}}, {q}", "answer": f"Dear Ana, {q}"} for q, _ in PAIRS]
    with pytest.raises(BadInput, match="--columns prompt=prompt,answer=answer"):
        table(tmp_path / "b.csv", letters)
    masked = [{"original_text": f"I am Ana. {q}", "prompt": f"I am {{NAME}}. {q}", "response": a} for q, a in PAIRS]
    assert [talk(call)[0] for call in table(tmp_path / "c.csv", masked)] == [row["prompt"] for row in masked]
