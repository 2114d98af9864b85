"""Columns that look like the answer, the conversation or the text's encoding and are another's."""

import json
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.files.encodings import guess_encoding
from advisor.types import Json, Reference
from tests.ingest.homemade.test_odd_logs import CALLS, samples, samples_of, talks


def test_the_standard_answer_is_the_right_one(tmp_path: Path) -> None:
    rows = [{"question": one, "std_answer": other, "anima_answer": other.upper()} for one, other in CALLS]
    for call, (_, right) in zip(samples(tmp_path, rows), CALLS, strict=True):
        assert call.answer is not None
        assert (call.answer.text, call.reference) == (right.upper(), Reference(right))


def test_what_the_server_repeats_is_no_answer(tmp_path: Path) -> None:
    rows = [
        {
            "request": json.dumps({"queryInput": {"text": {"text": one}}}),
            "response": json.dumps({"queryResult": {"text": one, "responseMessages": [{"text": {"text": [other]}}]}}),
        }
        for one, other in CALLS
    ]
    assert talks(samples(tmp_path, rows)) == [(1, one, other) for one, other in CALLS]


@pytest.mark.parametrize(("name", "values", "is_session"), [
    ("tipo_conversa", ["summary", "chat"], False), ("会话类型", ["summary", "chat"], False),
    ("client_id", ["sess_1a", "sess_2b"], True), ("client_id", ["acme-1", "acme-2"], False),
])  # fmt: skip
def test_a_kind_is_no_conversation(tmp_path: Path, name: str, values: list[str], is_session: bool) -> None:
    rows = [{"question": one, "answer": other, name: values[at // 2]} for at, (one, other) in enumerate(CALLS)]
    found = [call.ids.session for call in samples(tmp_path, rows)]
    assert found == [values[at // 2] if is_session else None for at in range(len(CALLS))]


@pytest.mark.parametrize(("encoding", "text"), [
    ("cp1250", "Dzień dobry, proszę podać numer zamówienia. Płatność odrzucono, źródło: łącze."),
    ("iso8859_2", "Dzień dobry, proszę podać numer zamówienia. Płatność odrzucono, źródło: łącze."),
    ("cp1250", "Kde je moje objednávka? Přijde příští týden, děkujeme za trpělivost a přejeme hezký večer."),
    ("cp1250", "Hol van a rendelésem? Jövő héten érkezik, köszönjük a türelmét, és elnézést kérünk tőle."),
    ("cp1254", "Siparişim nerede? Sabrınız için çok teşekkürler, öğleden sonra görüşürüz, iyi günler."),
    (None, "Où est ma commande ? Elle arrivera la semaine prochaine, désolés, nous vérifions déjà très tôt."),
    (None, "Wo ist mein Päckchen für März? Es kommt übermorgen, schöne Grüße, wir prüfen größere Stücke später."),
    (None, "Onde está a minha encomenda? Não está atrasada, o cartão é válido até amanhã às três, obrigado, João."),
    (None, "Hvor er min bestilling? På lørdag får du pakken, vi beklager meget, og ønsker dig en god påske, Åse."),
    (None, "¿Cuando? ¿Donde? ¿Por que? ¿Quien? ¿Como? ¿Cual? ¿Que? ¿Cuanto? ¿Si? ¿No? ¿Y? ¿Ahora? ¿Hoy?"),
    (None, "¿Dónde está mi pedido? Llegará mañana, señor Muñoz, le enviará también la factura según lo pidió aquí."),
])  # fmt: skip
def test_latin_letters_with_accents(encoding: str | None, text: str) -> None:
    assert guess_encoding(text.encode(encoding or "cp1252")) == encoding


@pytest.mark.parametrize("has_speakers", [True, False])
def test_a_conversation_keeps_the_system_prompt_beside_its_turns(tmp_path: Path, has_speakers: bool) -> None:
    def turns(asked: str, answered: str) -> list[Json]:
        if has_speakers:
            return [{"speaker": "user", "text": asked}, {"speaker": "bot", "text": answered}]
        return [{"userMessage": asked, "assistantMessage": answered}]

    chats: list[dict[str, Json]] = [
        {"systemMessage": "You help guests.", "conversations": [turn for call in part for turn in turns(*call)]}
        for part in (CALLS[:2], CALLS[2:])
    ]
    found = samples(tmp_path, chats)
    assert [call.request.messages[0]["content"] for call in found] == ["You help guests."] * len(CALLS)
    assert [len(call.request.messages) for call in found] == [2, 4, 2, 4]


def test_a_conversation_of_one_question(tmp_path: Path) -> None:
    one, other = CALLS[0]
    entries: list[Json] = [{"role": "CUSTOMER", "text": one}, {"role": "AUTOMATED_AGENT", "text": other}]
    assert talks(samples(tmp_path, [{"info": {"kind": "Service"}, "entries": entries}])) == [(1, one, other)]


def test_the_model_and_the_tokens_around_a_call_are_no_part_of_its_answer(tmp_path: Path) -> None:
    log = "# Interactions\n\n---\n" + "".join(
        f"**2025-01-05 16:56:2{at} | gpt-4o**\n\n**Query:** {one}\n\n**Response:**\n{other}\n\n"
        f"**Usage:** total_tokens: {at + 90}\n\n---\n"
        for at, (one, other) in enumerate(CALLS)
    )
    (tmp_path / "log.md").write_text(log)
    found = samples_of(tmp_path / "log.md")
    assert talks(found) == [(1, one, other) for one, other in CALLS]
    assert {call.model for call in found} == {"gpt-4o"}


@pytest.mark.parametrize("is_of_a_model", [True, False])
def test_conversations_in_lists_of_texts(tmp_path: Path, is_of_a_model: bool) -> None:
    asked = "Write a note to Ana" if is_of_a_model else "Did you see Ana?"
    rows = [{"id": f"a{at}", "data": [asked, "Dear Ana, hello.", *CALLS[at * is_of_a_model]]} for at in range(4)]
    if not is_of_a_model:
        with pytest.raises(BadInput):
            samples(tmp_path, rows)
        return
    found = samples(tmp_path, rows)
    assert talks(found)[:2] == [(1, asked, "Dear Ana, hello."), (3, *CALLS[0])]
    assert [call.ids.session for call in found] == [f"a{at // 2}" for at in range(8)]


@pytest.mark.parametrize("name", ["first_response", "auto_response", "response_flag", "is_answer", "bot_reply"])
@pytest.mark.parametrize("values", [("0", "1"), ("False", "True"), ("no", "yes"), ("1", "0")])
def test_yes_and_no_beside_turns_answer_nothing(tmp_path: Path, name: str, values: tuple[str, str]) -> None:
    path = tmp_path / "log.csv"
    rows = [
        f"2026-01-0{n + 1} 10:00:0{place},{role},{said} {n}.,{values[place]},c{n}"
        for n in range(6)
        for place, (role, said) in enumerate([("user", "Where is my order"), ("assistant", "It ships on day")])
    ]
    path.write_text("\n".join([f"ts,role,content,{name},chat_id", *rows]))
    assert [call.answer and call.answer.text for call in samples_of(path)] == [
        f"It ships on day {n}." for n in range(6)
    ]


@pytest.mark.parametrize("name", ["ai_generated", "auto_reply", "answered", "response", "output", "llm_generated"])
@pytest.mark.parametrize("meters", [("", ""), (",,", ",gpt-4o,500"), (",gpt-4o,510", ",gpt-4o,500")])
def test_yes_and_no_of_answers_beside_what_was_metered(tmp_path: Path, name: str, meters: tuple[str, str]) -> None:
    path = tmp_path / "log.csv"
    rows = [
        f"c{n // 2},{sender},{said} {n}.,{str(place == 1 and n % 2 == 0).lower()}{meters[place]}"
        for n in range(8)
        for place, (sender, said) in enumerate([("customer", "Where is my order"), ("bot", "It ships on day")])
    ]
    path.write_text("\n".join([f"conversation_id,sender,message,{name}{meters[0] and ',model,latency_ms'}", *rows]))
    said = [call.answer and call.answer.text for call in samples_of(path)]
    assert said == [f"It ships on day {n}." for n in range(8)]


@pytest.mark.parametrize("name", ["response", "prediction", "llm_output", "classification", "completion"])
@pytest.mark.parametrize("values", [("No", "Yes"), ("false", "true"), ("0", "1")])
def test_yes_and_no_of_a_metered_classifier_are_answers(tmp_path: Path, name: str, values: tuple[str, str]) -> None:
    path = tmp_path / "log.csv"
    rows = [
        f"{2 * n + place},{sender},{said} {n}.,{values[(n + place) % 2]},gpt-4o-mini,{410 + n}"
        for n in range(6)
        for place, (sender, said) in enumerate([("customer", "Where is my order"), ("agent", "It ships on day")])
    ]
    path.write_text("\n".join([f"message_id,sender,message,{name},model,latency_ms", *rows]))
    said = [call.answer and call.answer.text for call in samples_of(path)]
    assert said == [values[(n + place) % 2] for n in range(6) for place in range(2)]


@pytest.mark.parametrize("name", ["response", "llm_response", "model_output", "completion"])
@pytest.mark.parametrize("values", [("no", "yes"), ("false", "true"), ("0", "1"), ("human", "bot"), ("AI", "human")])
@pytest.mark.parametrize("text", ["text", "prompt"])
def test_a_classifier_s_answers_are_no_speakers(tmp_path: Path, name: str, values: tuple[str, str], text: str) -> None:
    labels = [values[n in (1, 2, 5, 6, 7, 9)] for n in range(10)]
    path = tmp_path / "log.csv"
    rows = [f"{n},Where is my order {n}?,{label}" for n, label in enumerate(labels)]
    path.write_text("\n".join([f"id,{text},{name}", *rows]))
    assert [call.answer and call.answer.text for call in samples_of(path)] == labels


@pytest.mark.parametrize("values", [("no", "yes"), ("false", "true"), ("0", "1"), ("human", "bot")])
def test_a_flag_of_responses_whose_sides_take_turns_tells_who_speaks(tmp_path: Path, values: tuple[str, str]) -> None:
    path = tmp_path / "log.csv"
    rows = [f"{n},{('Where is order', 'It left: number')[n % 2]} {n}.,{values[n % 2]}" for n in range(10)]
    path.write_text("\n".join(["id,text,response", *rows]))
    said = [call.answer and call.answer.text for call in samples_of(path)]
    assert said == [f"It left: number {n}." for n in range(1, 10, 2)]


@pytest.mark.parametrize("name", ["response", "assistant", "bot_response"])
@pytest.mark.parametrize("order", ["qaqaa", "aqqaqa", "qqaqa"])
def test_such_a_flag_tells_who_speaks_where_one_side_speaks_twice(tmp_path: Path, name: str, order: str) -> None:
    said = {"q": ("Where is my order", 0), "a": ("It left as number", 1)}
    rows = [f"c{n},{said[side][0]} {n}{at}.,{said[side][1]}" for n in range(6) for at, side in enumerate(order)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join([f"conversation_id,text,{name}", *rows]))
    assert {str(call.answer.text)[:7] for call in samples_of(path) if call.answer} == {"It left"}


def test_a_classifier_s_answers_in_sessions_are_no_speakers(tmp_path: Path) -> None:
    labels = [("no", "yes")[n in (1, 2, 5, 6, 7, 9, 12, 13, 18, 19, 20)] for n in range(24)]
    path = tmp_path / "log.csv"
    rows = [f"c{n // 4},Where is my order {n}?,{label}" for n, label in enumerate(labels)]
    path.write_text("\n".join(["conversation_id,text,response", *rows]))
    assert [call.answer and call.answer.text for call in samples_of(path)] == labels
