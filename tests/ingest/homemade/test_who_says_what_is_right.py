"""A right answer beside a model's, whatever both are called and in any order, is the reference."""

import json
from pathlib import Path

import pytest

from advisor.errors import BadInput
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


@pytest.mark.parametrize(("asked", "said", "right"), [
    ("source_text", "translation", "human_translation"), ("text", "summary", "edited_summary"),
    ("frage", "antwort", "korrigierte_antwort"), ("question", "reply", "approved_reply"),
    ("question", "answer", "answer_corrected"),
])  # fmt: skip
def test_what_people_made_of_it_under_the_same_name(tmp_path: Path, asked: str, said: str, right: str) -> None:
    for order in ((0, 1, 2), (0, 2, 1)):
        rows = []
        for (one, other), gold in zip(CALLS, RIGHTS, strict=True):
            cells = [(asked, one), (said, other), (right, gold)]
            rows.append({"model": "gpt-4o"} | dict(cells[place] for place in order))
        found = samples(tmp_path, rows)
        assert talks(found) == [(1, *call) for call in CALLS]
        assert [call.reference for call in found] == list(map(Reference, RIGHTS))


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


@pytest.mark.parametrize(("asked", "said", "right"), [
    ("Question client", "Réponse du bot", "Réponse type"), ("question", "predicted", "correct"),
    ("用户提问", "机器人回复", "标准回复"), ("質問内容", "生成AIの回答", "想定回答"), ("문의", "AI답변", "표준답변"),
    ("Pergunta", "Resposta", "Resposta padrão"), ("Dotaz", "Odpověď modelu", "Očekávaná odpověď"),
])  # fmt: skip
def test_names_in_other_languages(tmp_path: Path, asked: str, said: str, right: str) -> None:
    rows = [{right: other.split()[0], asked: one, said: other} for one, other in CALLS]
    found = samples(tmp_path, rows)
    assert talks(found) == [(1, *call) for call in CALLS]
    assert [call.reference for call in found] == [Reference(row[right]) for row in rows]


def test_a_draft_of_a_model_beside_what_a_person_sent_is_asked_for(tmp_path: Path) -> None:
    rows = [{"ticket": one, "ai_draft": other, "agent_reply": f"{other} Ines"} for one, other in CALLS]
    with pytest.raises(BadInput, match="answer=ai_draft"):
        samples(tmp_path, rows)


def test_a_verdict_that_takes_turns_is_no_speaker(tmp_path: Path) -> None:
    rows = [{"claim": one, "llm_verdict": ("true", "false")[at % 2]} for at, (one, _) in enumerate(CALLS)]
    with pytest.raises(BadInput):
        samples(tmp_path, rows)


def test_tokens_that_only_their_last_key_tells_apart(tmp_path: Path) -> None:
    rows = [{"req": {"text": one}, "res": {"text": other, "usage": {"in": 5, "out": 7}}} for one, other in CALLS]
    usage = samples(tmp_path, rows)[0].metered.usage
    assert usage is not None
    assert (usage.total_input_tokens, usage.output_tokens) == (5, 7)


def test_conversations_by_their_ids_under_one_key(tmp_path: Path) -> None:
    turns = {
        f"s{at}": [{"role": "user", "msg": one}, {"role": "bot", "msg": other}] for at, (one, other) in enumerate(CALLS)
    }
    (tmp_path / "log.json").write_text(json.dumps({"sessions": turns}))
    assert talks(samples_of(tmp_path / "log.json")) == [(1, *call) for call in CALLS]


@pytest.mark.parametrize(("said", "right"), [
    ("Actual Bot Response", "Ideal Bot Response"), ("Antwort (Ist)", "Antwort (Soll)"),
    ("rag_response", "doc_answer"), ("Réponse générée", "Réponse idéale"),
    ("Tatsächliches Ergebnis", "Erwartetes Ergebnis"),
])  # fmt: skip
def test_words_that_only_the_other_name_explains(tmp_path: Path, said: str, right: str) -> None:
    found = samples(tmp_path, [{"question": one, right: other.split()[0], said: other} for one, other in CALLS])
    assert talks(found) == [(1, *call) for call in CALLS]
    assert [call.reference for call in found] == [Reference(other.split()[0]) for _, other in CALLS]


def test_two_answers_of_which_no_name_tells_whose_are_asked_for(tmp_path: Path) -> None:
    rows = [{"question": one, "wiki_answer": f"{other} Indeed.", "shop_answer": other} for one, other in CALLS]
    with pytest.raises(BadInput, match="Best guess"):
        samples(tmp_path, rows)


def test_marked_up_turns_in_a_cell(tmp_path: Path) -> None:
    rows = [{"id": f"c{at}", "chat": f"<b>User</b>: {a}<br><b>Bot</b>: {b}"} for at, (a, b) in enumerate(CALLS)]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]


def test_a_clock_behind_a_name_is_no_turn(tmp_path: Path) -> None:
    said = "\n".join(
        f"Ana, 09:{at + 10}\n{one}\n\nMax (Bot), 09:{at + 11}\n{other}\n" for at, (one, other) in enumerate(CALLS)
    )
    (tmp_path / "log.txt").write_text(said)
    with pytest.raises(BadInput):
        samples_of(tmp_path / "log.txt")


@pytest.mark.parametrize(("name", "is_one"), [("chat", True), ("chats", False)])
def test_what_a_file_s_only_record_holds(tmp_path: Path, name: str, is_one: bool) -> None:
    found = samples(tmp_path, [{name: [{"user": one, "assistant": other} for one, other in CALLS]}])
    assert talks(found) == [(2 * at + 1 if is_one else 1, *call) for at, call in enumerate(CALLS)]


def test_messages_of_a_conversation_object_with_senders(tmp_path: Path) -> None:
    rows = [
        {
            "conversation": {
                "id": f"c{at}",
                "messages": [{"sender": "customer", "message": a}, {"sender": "bot", "message": b}],
            }
        }
        for at, (a, b) in enumerate(CALLS)
    ]
    assert talks(samples(tmp_path, rows)) == [(1, *call) for call in CALLS]


@pytest.mark.parametrize(("said", "right", "is_sure"), [
    ("answer", "human reply", True), ("output", "perfect answer", True), ("answer", "solution", True),
    ("Machine translation", "Post-edited translation", True), ("answer", "correct", True),
    ("answer", "handbook answer", False), ("output", "support reply", False),
    ("answer", "original answer", False), ("reply", "manual reply", False),
])  # fmt: skip
def test_a_bare_answer_is_the_model_s(tmp_path: Path, said: str, right: str, is_sure: bool) -> None:
    rows = [{"question": one, right: f"{other} Indeed.", said: other} for one, other in CALLS]
    if not is_sure:
        with pytest.raises(BadInput, match=f"answer={said},target={right}"):
            samples(tmp_path, rows)
        return
    found = samples(tmp_path, rows)
    assert talks(found) == [(1, *call) for call in CALLS]
    assert [call.reference for call in found] == [Reference(f"{other} Indeed.") for _, other in CALLS]


@pytest.mark.parametrize(("name", "value"), [("reference", "guide_{}.pdf, page 3"), ("reference_doc", "The guide, {}")])
def test_sources_are_no_right_answers(tmp_path: Path, name: str, value: str) -> None:
    rows = [{"question": one, "model_answer": other, name: value.format(at)} for at, (one, other) in enumerate(CALLS)]
    found = samples(tmp_path, rows)
    assert talks(found) == [(1, *call) for call in CALLS]
    assert {call.reference for call in found} == {None}


@pytest.mark.parametrize("values", ["yes no", "TRUE FALSE", "Y N", "1 0", "approved pending"])
@pytest.mark.parametrize(
    "name", ["verified_answer", "accepted_answer", "answer_approved", "approved_reply", "response_validated"]
)
def test_flags_are_no_right_answers(tmp_path: Path, name: str, values: str) -> None:
    for answer in ("answer", "bot_answer"):
        rows = [{"question": a, answer: b, name: values.split()[at % 2]} for at, (a, b) in enumerate(CALLS)]
        found = samples(tmp_path, rows)
        assert talks(found) == [(1, *call) for call in CALLS]
        assert {call.reference for call in found} == {None}


@pytest.mark.parametrize(("name", "right"), [
    ("expected", "file_{}.pdf"), ("gold", "see readme_{}.md and guide.pdf for the steps"),
])  # fmt: skip
def test_right_answers_that_name_files(tmp_path: Path, name: str, right: str) -> None:
    rows = [{"question": a, "bot_answer": f"file_{at}.pdf", name: right.format(at)} for at, (a, _) in enumerate(CALLS)]
    found = samples(tmp_path, rows)
    assert [call.reference for call in found] == [Reference(right.format(at)) for at in range(len(CALLS))]


@pytest.mark.parametrize(
    "cell", ["User: {}\nBot: {}", "<b>User:</b> {}<br><b>Bot:</b> {}", "<p>User: {}</p><p>Bot: {}</p>"]
)
def test_tags_in_what_somebody_says_stay(tmp_path: Path, cell: str) -> None:
    said = "Use `<b>x</b>`, <i>y</i> or <p>z</p> there."
    rows = [{"id": f"c{at}", "chat": cell.format(one, said)} for at, (one, _) in enumerate(CALLS)]
    assert talks(samples(tmp_path, rows)) == [(1, one, said) for one, _ in CALLS]
