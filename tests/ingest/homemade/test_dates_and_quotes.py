"""Answers that look like times, and prompts that look like chats."""

from pathlib import Path

import pytest

from advisor.errors import BadInput
from tests.ingest.homemade.test_odd_logs import samples
from tests.ingest.homemade.test_other_shapes import PAIRS, table, talk


@pytest.mark.parametrize("due", ["May {}, 2025", "{}. Mai 2025", "2025-05-0{}", "5-{}-2025", "0{}/05/2025"])
@pytest.mark.parametrize("beside", [{}, {"model": "gpt-4o", "expected": "May 3, 2025", "time": "2025-06-01T10:00:00Z"}])
def test_dates_that_were_answered_are_no_times(tmp_path: Path, due: str, beside: dict[str, str]) -> None:
    asked = [(f"{one} When is it due?", due.format(day)) for day, (one, _) in enumerate(PAIRS, 1)]
    found = table(tmp_path / "a.csv", [beside | {"prompt": one, "answer": other} for one, other in asked])
    assert [talk(call) for call in found] == asked
    assert {call.metered.at and call.metered.at.month for call in found} == {6 if beside else None}
    assert {call.reference and call.reference.value for call in found} == {beside.get("expected")}


def test_moments_of_answers_stay_times(tmp_path: Path) -> None:
    times = {"request": "2025-05-01 10:00:00", "response": "2025-05-01 10:00:02"}
    found = table(tmp_path / "a.csv", [times | {"prompt": one, "completion": other} for one, other in PAIRS])
    assert [talk(call) for call in found] == PAIRS
    assert {call.metered.latency_s for call in found} == {2.0}


@pytest.mark.parametrize("beside", [{}, {"expected": "Both are settled."}])
@pytest.mark.parametrize("turn", ["Customer: {}\nAgent: {}\n", "<user>{}</user><assistant>{}</assistant>"])
@pytest.mark.parametrize("end", ["", "\nSummary:"])
def test_a_prompt_that_quotes_a_chat_is_whole(tmp_path: Path, turn: str, end: str, beside: dict[str, str]) -> None:
    quoted = "".join(turn.format(one, other) for one, other in PAIRS)
    asked = [f"Summarize talk {number} below.\n\n{quoted}{end}".strip() for number in range(4)]
    found = table(tmp_path / "a.csv", [{"prompt": text} | beside for text in asked])
    assert [talk(call) for call in found] == [(text, None) for text in asked]
    assert {call.reference and call.reference.value for call in found} == {beside.get("expected")}


@pytest.mark.parametrize(("user", "other"), [("User", "Issue"), ("User", "Subject"), ("Caller", "Mary")])
def test_forms_and_people_in_a_conversation_are_no_model(tmp_path: Path, user: str, other: str) -> None:
    asked = [one if user == "Caller" else "jane@shop.example" for one, _ in PAIRS]
    rows = [{"conversation": f"{user}: {one}\n{other}: {said}"} for one, (_, said) in zip(asked, PAIRS, strict=True)]
    with pytest.raises(BadInput):
        table(tmp_path / "a.csv", rows)


def test_batches_of_prompts_are_no_conversations(tmp_path: Path) -> None:
    batch = {"prompts": [one for one, _ in PAIRS], "completions": [other for _, other in PAIRS], "model": "gpt-4o"}
    with pytest.raises(BadInput):
        samples(tmp_path, [batch, batch | {"model": "o3"}])


def test_a_status_of_responses_is_no_answer(tmp_path: Path) -> None:
    found = table(tmp_path / "a.csv", [{"q1": one, "a1": other, "response_code": 200} for one, other in PAIRS])
    assert [talk(call) for call in found] == PAIRS
