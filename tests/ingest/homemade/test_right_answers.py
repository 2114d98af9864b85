"""A right answer beside a model's, whatever both are called and in any order, is the reference."""

import json
from pathlib import Path

import pytest

from advisor.types import Json, Reference
from tests.ingest.homemade.test_odd_logs import CALLS, samples, samples_of, talks

RIGHTS = ["Hold it for ten seconds.", "Thank her.", "Ten to four.", "Account, Billing."]


@pytest.mark.parametrize(("asked", "said", "right"), [
    ("question", "gen_answer", "ref_answer"), ("Customer question", "Bot answer", "Approved answer"),
    ("Query", "Copilot response", "Verified response"), ("question", "ai_response", "expert_response"),
    ("Question", "Answer (GPT)", "Answer (SME)"), ("question", "answer", "official solution"),
    ("Fråga", "Modellsvar", "Facit"), ("Pytanie", "Odpowiedź modelu", "Odpowiedź wzorcowa"),
    ("source", "hypothesis", "reference"), ("instruction", "prediction", "output"),
    ("User question", "What the bot said", "What it should have said"),
    ("source_text", "machine_translation", "human_translation"), ("problem", "model_solution", "solution"),
])  # fmt: skip
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
@pytest.mark.parametrize("are_equal", [True, False])
def test_names(tmp_path: Path, asked: str, said: str, right: str, order: tuple[int, ...], are_equal: bool) -> None:
    rows = []
    for (one, other), gold in zip(CALLS, RIGHTS, strict=True):
        cells = [(asked, one), (said, other), (right, other if are_equal else gold)]
        rows.append(dict(cells[place] for place in order))
    found = samples(tmp_path, rows)
    assert talks(found) == [(1, *call) for call in CALLS]
    assert [call.reference for call in found] == [Reference(row[right]) for row in rows]


@pytest.mark.parametrize("right", ["standard_response", "Approved answer", "official solution", "ref_answer"])
def test_alone_it_is_no_answer_of_a_model(tmp_path: Path, right: str) -> None:
    found = samples(tmp_path, [{"prompt": one, right: other} for one, other in CALLS])
    assert talks(found) == [(1, one, None) for one, _ in CALLS]
    assert [call.reference for call in found] == [Reference(other) for _, other in CALLS]


def test_what_a_model_describes_is_its_answer(tmp_path: Path) -> None:
    rows = [{"product_details": one, "generated_description": other} for one, other in CALLS]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]


def test_events_without_a_text_are_no_turns(tmp_path: Path) -> None:
    chats: list[Json] = [
        {
            "sender_id": f"u{at}",
            "events": [
                {"event": "action", "name": "action_listen"},
                {"event": "user", "text": one, "parse_data": {"intent": {"name": "faq"}}},
                {"event": "bot", "text": other},
            ],
        }
        for at, (one, other) in enumerate(CALLS)
    ]
    (tmp_path / "log.json").write_text(json.dumps(chats))
    found = samples_of(tmp_path / "log.json")
    assert talks(found) == [(1, *call) for call in CALLS]
    assert [call.ids.session for call in found] == [f"u{at}" for at in range(len(CALLS))]


def test_a_header_of_questions(tmp_path: Path) -> None:
    lines = ["What did you ask the bot?,What did it answer?", *(f'"{one}","{other}"' for one, other in CALLS)]
    (tmp_path / "log.csv").write_text("\n".join([*lines, "I need help,I can help"]) + "\n")
    assert talks(samples_of(tmp_path / "log.csv"))[:4] == [(1, *call) for call in CALLS]
