"""Calls within objects: under ids of conversations, several lists deep, or with the sides in lists side by side."""

import json
from pathlib import Path

import pytest

from advisor.ingest.log import open_log
from advisor.ingest.reading import read_log
from advisor.types import Json, Sample

TURNS = [
    ("When is the next training?", "On 30 October at 10 am."),
    ("Please sign me up for it.", "You are signed up."),
]
MORE = [
    ("How do I report sick leave?", "Call your manager and upload the certificate."),
    ("Which certificate do you need?", "The one from your doctor."),
]
TALKS = (TURNS, MORE)


def read(path: Path, held: Json) -> list[Sample]:
    path.write_text(json.dumps(held))
    return [item for _, item in read_log(open_log(path)) if isinstance(item, Sample)]


def pairs(talk: list[tuple[str, str]]) -> list[Json]:
    return [{"q": asked, "a": answered} for asked, answered in talk]


@pytest.mark.parametrize("keys", [("1000", "1003"), ("sess_1f", "sess_2e"), ("3b814a80-2002", "4f87d21f-0cd0")])
def test_lists_under_ids_are_conversations(tmp_path: Path, keys: tuple[str, str]) -> None:
    calls = read(tmp_path / "log.json", {key: pairs(talk) for key, talk in zip(keys, TALKS, strict=True)})
    assert [call.ids.session for call in calls] == [keys[0]] * 2 + [keys[1]] * 2
    assert [len(call.request.messages) for call in calls] == [1, 3, 1, 3]


@pytest.mark.parametrize(
    "keys", [("2026-01-03", "2026-01-04"), ("2026-01", "2026-02"), ("billing", "hr"), ("user_1", "user_2")]
)
def test_lists_under_days_topics_and_users_are_calls(tmp_path: Path, keys: tuple[str, str]) -> None:
    calls = read(tmp_path / "log.json", {key: pairs(talk) for key, talk in zip(keys, TALKS, strict=True)})
    assert [len(call.request.messages) for call in calls] == [1, 1, 1, 1]


def test_lists_under_models_tell_the_model(tmp_path: Path) -> None:
    held = {model: pairs(talk) for model, talk in zip(("gpt-4o", "mistral-large"), TALKS, strict=True)}
    assert [call.model for call in read(tmp_path / "log.json", held)] == ["gpt-4o"] * 2 + ["mistral-large"] * 2


@pytest.mark.parametrize("many", [1, 2])
def test_chats_of_users_keep_what_stands_beside_their_turns(tmp_path: Path, many: int) -> None:
    users: list[Json] = [
        {
            "user": f"u{at}",
            "chats": [
                {"chat_no": 100 * at + place, "llm": "gpt-4.1", "exchanges": pairs(TALKS[place])}
                for place in range(many)
            ],
        }
        for at in range(1, 4)
    ]
    calls = read(tmp_path / "log.json", {"export": "hr", "users": users})
    assert len(calls) == 6 * many
    assert {call.model for call in calls} == {"gpt-4.1"}
    assert len({call.ids.session for call in calls}) == 3 * many
    assert [len(call.request.messages) for call in calls[:2]] == [1, 3]


@pytest.mark.parametrize("sides", [("user", "assistant"), ("customer", "bot"), ("USER", "AGENT")])
def test_speakers_and_texts_in_lists_of_their_own(tmp_path: Path, sides: tuple[str, str]) -> None:
    records: list[Json] = [
        {"dialogue_id": f"d{at}", "speaker_role": [*sides] * 2, "utterances": [text for turn in talk for text in turn]}
        for at, talk in enumerate(TALKS)
    ]
    calls = read(tmp_path / "log.json", records)
    assert [call.ids.session for call in calls] == ["d0", "d0", "d1", "d1"]
    assert [call.answer and call.answer.text for call in calls] == [said for talk in TALKS for _, said in talk]
    assert calls[1].request.messages[-1]["content"] == TURNS[1][0]


def test_requests_with_responses_under_any_key(tmp_path: Path) -> None:
    def part(text: str) -> Json:
        return {"parts": [{"text": text}]}

    jobs: list[Json] = [
        {
            "job": f"j{at}",
            "req": {
                "systemInstruction": part("Answer briefly."),
                "contents": [{"role": "user", "parts": [{"text": q}]}],
            },
            "resp": {"modelVersion": "gemini-2.5-flash", "candidates": [{"content": part(a)}]},
        }
        for at, (q, a) in enumerate(TURNS)
    ]
    calls = read(tmp_path / "log.json", {"exported_at": "2026-01-03T08:00:00Z", "count": 2, "jobs": jobs})
    assert [[m["role"] for m in call.request.messages] for call in calls] == [["system", "user"]] * 2
    assert [call.model for call in calls] == ["gemini-2.5-flash"] * 2


def test_a_session_token_names_the_session_and_counts_nothing(tmp_path: Path) -> None:
    records: list[Json] = [
        {"session_token": f"conv_{7 * at}", "prompt": q, "response": a} for at, (q, a) in enumerate(TURNS + MORE)
    ]
    assert [call.ids.session for call in read(tmp_path / "log.json", records)] == [f"conv_{7 * at}" for at in range(4)]


def test_a_metered_message_of_dify_without_an_answer_is_a_call(tmp_path: Path) -> None:
    records: list[Json] = [
        {"id": f"m{at}", "conversation_id": f"c{at}", "query": q, "answer": a, "message_tokens": 9, "answer_tokens": 5}
        for at, (q, a) in enumerate([*TURNS, ("Is anybody there?", None)])
    ]
    calls = read(tmp_path / "log.json", records)
    assert [call.answer and call.answer.text for call in calls] == [TURNS[0][1], TURNS[1][1], None]


def test_chats_of_open_webui_without_their_user(tmp_path: Path) -> None:
    texts = [text for turn in TURNS for text in turn]
    nodes: Json = {
        f"m{at}": {
            "id": f"m{at}",
            "parentId": f"m{at - 1}" if at else None,
            "role": ("user", "assistant")[at % 2],
            "content": text,
        }
        for at, text in enumerate(texts)
    }
    chats: list[Json] = [{"id": "c1", "title": "Chat", "chat": {"history": {"currentId": "m3", "messages": nodes}}}]
    calls = read(tmp_path / "log.json", chats)
    assert [call.request.messages[-1]["content"] for call in calls] == [TURNS[0][0], TURNS[1][0]]


@pytest.mark.parametrize("name", ["chat_log", "conversation", "dialog"])
@pytest.mark.parametrize("user", ["user_id", "userId", "customer_id"])
def test_a_list_of_several_users_is_no_conversation(tmp_path: Path, name: str, user: str) -> None:
    rows: list[Json] = [{user: f"u_0{at}", "message": q, "response": a} for at, (q, a) in enumerate(TURNS + MORE)]
    assert [len(call.request.messages) for call in read(tmp_path / "log.json", {name: rows})] == [1, 1, 1, 1]
    rows = [{user: "u_07", "message": q, "response": a} for q, a in TURNS + MORE]
    assert [len(call.request.messages) for call in read(tmp_path / "log.json", {name: rows})] == [1, 3, 5, 7]


def test_a_table_of_a_database_is_no_conversation(tmp_path: Path) -> None:
    rows: list[Json] = [{"id": at, "message": q, "response": a} for at, (q, a) in enumerate(TURNS + MORE)]
    beside: dict[str, Json] = {"plans": [{"id": 1, "name": "pro"}], "chat_history": rows}
    assert [len(call.request.messages) for call in read(tmp_path / "log.json", beside)] == [1, 3, 5, 7]
    whole = beside | {"statistics": [{"day": "2026-11-01", "errors": 3}]}
    assert [len(call.request.messages) for call in read(tmp_path / "log.json", whole)] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", [
    "client_msg_id", "user_message_id", "userMessageId", "client_request_id", "user_turn_id", "customer_ticket_id",
])  # fmt: skip
def test_ids_of_a_users_messages_are_no_users(tmp_path: Path, name: str) -> None:
    rows: list[Json] = [{name: f"m_{at}", "message": q, "response": a} for at, (q, a) in enumerate(TURNS + MORE)]
    assert [len(call.request.messages) for call in read(tmp_path / "log.json", {"conversation": rows})] == [1, 3, 5, 7]


@pytest.mark.parametrize("key", ["messages", "turns", "chat_messages"])
@pytest.mark.parametrize("beside", [{}, {"users": [{"id": 1}], "chats": [{"id": 0}, {"id": 1}]}])
@pytest.mark.parametrize("of_talk", ["conversation_id", "chat_id", "turn_id"])
def test_the_only_list_may_have_several_conversations(
    tmp_path: Path, key: str, beside: dict[str, Json], of_talk: str
) -> None:
    said = [
        {of_talk: at, "role": role, "content": text}
        for at, talk in enumerate(TALKS)
        for pair in talk
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    calls = read(tmp_path / "log.json", {**beside, key: said})
    alone = of_talk != "turn_id"  # of which one conversation has several
    assert [len(call.request.messages) for call in calls] == ([1, 3, 1, 3] if alone else [1, 3, 5, 7])
    assert len({call.ids.session for call in calls}) == (2 if alone else 1)
