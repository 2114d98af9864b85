"""Exports of chats: each answer is a call with the turns on the way to it."""

from pathlib import Path
from typing import Any

from tests.ingest.told_fields import told, write

HI, LIMA = ("user", "Capital of Peru?"), ("assistant", "Lima.")


def node(key: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    message = {
        "id": key, "author": {"role": role}, "create_time": 1750537483.5, "recipient": "all",
        "content": content if isinstance(content, dict) else {"content_type": "text", "parts": [content]},
        "metadata": {},
    }  # fmt: skip
    return {"id": key, "parent": parent, "children": [], "message": message | more}


def chatgpt(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    return {
        "title": "Peru", "create_time": 1750537482.9, "current_node": "x", "conversation_id": "c1",
        "default_model_slug": "gpt-4o", "mapping": mapping | {each["id"]: each for each in nodes},
    } | more  # fmt: skip


def test_chatgpt_branches_are_calls_of_their_own(tmp_path: Path) -> None:
    profile = {"content_type": "user_editable_context", "user_profile": "Geographer.", "user_instructions": "Be brief."}
    done = {"model_slug": "gpt-4o-mini", "finish_details": {"type": "stop"}}
    log = chatgpt(
        node("s", "root", "system", ""),
        node("p", "s", "user", profile),
        node("u1", "p", "user", "Capital of Peru?"),
        node("a1", "u1", "assistant", "Lima.", metadata=done),
        node("a2", "u1", "assistant", "It is Lima."),
        node("u2", "a1", "user", "And of Chile?"),
        node("a3", "u2", "assistant", "Santiago."),
        node("u3", "a3", "user", "Thanks"),
    )
    first, again, third = told("chatgpt_export", write(tmp_path, [log]))
    profile_turn = ("system", "Geographer.\nBe brief.")
    assert first == {
        "prompt": [profile_turn, HI], "answer": "Lima.", "model": "gpt-4o-mini", "at": "2025-06-21 20:24:43",
        "id": "a1", "session": "c1", "finish": "stop",
    }  # fmt: skip
    assert (again["prompt"], again["answer"], again["model"]) == ([profile_turn, HI], "It is Lima.", "gpt-4o")
    assert third["prompt"] == [profile_turn, HI, LIMA, ("user", "And of Chile?")]


def test_chatgpt_with_its_own_tools_counts_once_and_is_not_replayed(tmp_path: Path) -> None:
    log = chatgpt(
        node("u1", "root", "user", "Plot it"),
        node("t1", "u1", "assistant", {"content_type": "thoughts", "thoughts": []}),
        node("a1", "t1", "assistant", "Let me see."),
        node("c1", "a1", "assistant", {"content_type": "code", "text": "1+1"}, recipient="python"),
        node("r1", "c1", "tool", {"content_type": "execution_output", "text": "2"}),
        node("a2", "r1", "assistant", "It is 2."),
    )
    (call,) = told("chatgpt_export", write(tmp_path, [log, chatgpt(node("u", "root", "user", "Hello?"))]))
    assert (call["prompt"], call["answer"]) == ([("user", "Plot it")], "Let me see.\n\nIt is 2.")
    assert "own tools" in call["not_replayable"]


def test_chatgpt_images_and_custom_gpts_are_not_replayed(tmp_path: Path) -> None:
    shown = {
        "content_type": "multimodal_text",
        "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}, "What is this?"],
    }
    image = chatgpt(node("u1", "root", "user", shown), node("a1", "u1", "assistant", "A cat."))
    custom = chatgpt(node("u1", "root", "user", "Hi"), node("a1", "u1", "assistant", "Hello."), gizmo_id="g-1")
    seen, asked = told("chatgpt_export", write(tmp_path, [image, custom]))
    assert "file id" in seen["not_replayable"]
    assert "custom GPT" in asked["not_replayable"]


def claude(*messages: tuple[str, Any], **more: Any) -> dict[str, Any]:
    turns = [
        {
            "uuid": f"m{number}", "sender": sender, "created_at": f"2025-05-01T10:0{number}:00.000000Z",
            "text": text if isinstance(text, str) else "", "attachments": [], "files": [],
            "content": [{"type": "text", "text": text}] if isinstance(text, str) else text,
        }
        for number, (sender, text) in enumerate(messages)
    ]  # fmt: skip
    return {"uuid": "k1", "name": "Peru", "created_at": "2025-05-01T10:00:00Z", "chat_messages": turns} | more


def test_claude_export(tmp_path: Path) -> None:
    log = claude(("human", "Capital of Peru?"), ("assistant", "Lima."), ("human", "And?"), ("assistant", "Callao."))
    first, second = told("claude_export", write(tmp_path, [log]))
    assert first == {
        "prompt": [HI], "answer": "Lima.", "at": "2025-05-01 10:01:00", "id": "m1", "session": "k1",
    }  # fmt: skip
    assert (second["prompt"], second["answer"]) == ([HI, LIMA, ("user", "And?")], "Callao.")


def test_claude_export_with_tools_and_documents(tmp_path: Path) -> None:
    used = [
        {"type": "thinking", "thinking": "Hm"},
        {"type": "tool_use", "name": "web_search", "input": {}},
        {"type": "tool_result", "name": "web_search", "content": []},
        {"type": "text", "text": "Found."},
    ]
    log = claude(("human", "Sum it up"), ("assistant", used))
    log["chat_messages"][0]["attachments"] = [{"file_name": "a.txt", "extracted_content": "Long text."}]
    (call,) = told("claude_export", write(tmp_path, [log]))
    assert (call["prompt"], call["answer"]) == ([("user", "Long text.\n\nSum it up")], "Found.")
    assert "own tools" in call["not_replayable"]


def open_webui() -> dict[str, Any]:
    usage = {"prompt_tokens": 26, "completion_tokens": 3, "total_tokens": 29}
    ollama = {"prompt_eval_count": 40, "eval_count": 5, "total_duration": 2_000_000_000}
    messages: list[dict[str, Any]] = [
        {"id": "u1", "parentId": None, "role": "user", "content": "Capital of Peru?", "timestamp": 1744577550},
        {
            "id": "a1", "parentId": "u1", "role": "assistant", "content": "Lima.", "model": "gpt-4o",
            "timestamp": 1744577557, "usage": usage,
        },
        {
            "id": "a2", "parentId": "u1", "role": "assistant", "content": "Lima", "model": "llama3.2:3b",
            "timestamp": 1744577557, "info": ollama,
        },
        {"id": "u2", "parentId": "a1", "role": "user", "content": "And?", "timestamp": 1744577560},
        {"id": "a3", "parentId": "u2", "role": "assistant", "content": "", "error": {"content": "x"}},
    ]  # fmt: skip
    return {
        "title": "Peru", "models": ["gpt-4o"], "params": {"temperature": 0.1}, "system": "Be brief.",
        "history": {"messages": {each["id"]: each for each in messages}, "currentId": "a3"}, "messages": messages,
    }  # fmt: skip


def test_open_webui_one_and_all_chats(tmp_path: Path) -> None:
    whole = {"id": "chat-1", "user_id": "u", "title": "Peru", "chat": open_webui(), "updated_at": 1744577560}
    for content in ([whole], [whole | {"chat": open_webui() | {"history": {}}}]):
        first, local, failed = told("open_webui", write(tmp_path, content))
        assert first == {
            "prompt": [("system", "Be brief."), HI], "answer": "Lima.", "model": "gpt-4o", "tokens": (26, 0, 3),
            "at": "2025-04-13 20:52:37", "id": "a1", "session": "chat-1", "params": {"temperature": 0.1},
        }  # fmt: skip
        assert (local["model"], local["tokens"], local["latency_s"]) == ("llama3.2:3b", (40, 0, 5), 2.0)
        assert (failed["prompt"][-1], failed["error"]) == (("user", "And?"), "x")
    assert [call["answer"] for call in told("open_webui", write(tmp_path, open_webui()))[:2]] == ["Lima.", "Lima"]


def libre(key: str, parent: str, text: str, *, by_user: bool, **more: Any) -> dict[str, Any]:
    return {
        "messageId": key, "parentMessageId": parent, "conversationId": "v1", "text": text, "isCreatedByUser": by_user,
        "sender": "User" if by_user else "GPT-4o", "createdAt": f"2025-05-01T10:00:0{key[-1]}.000Z",
        "model": None if by_user else "gpt-4o", "error": False, "unfinished": False,
    } | more  # fmt: skip


ROOT = "00000000-0000-0000-0000-000000000000"
LIBRE = [
    libre("m1", ROOT, "Capital of Peru?", by_user=True),
    libre("m2", "m1", "Lima.", by_user=False, finish_reason="stop"),
    libre("m3", "m1", "It is Lima.", by_user=False, content=[{"type": "text", "text": {"value": "It is Lima!"}}]),
    libre("m4", "m2", "And?", by_user=True),
    libre("m5", "m4", "Callao", by_user=False, content=[{"type": "tool_call", "tool_call": {"name": "search"}}]),
]


def test_librechat(tmp_path: Path) -> None:
    options = {"model": "gpt-4o", "promptPrefix": "Be brief."}
    export = {"conversationId": "v1", "endpoint": "openAI", "exportAt": "10:00", "options": options}
    nested = [LIBRE[0] | {"children": [LIBRE[1] | {"children": [LIBRE[3] | {"children": [LIBRE[4]]}]}, LIBRE[2]]}]
    exports = (export | {"messages": LIBRE}, export | {"messagesTree": nested})
    for content, start in ((exports[0], True), (exports[1], True), (LIBRE, False), (LIBRE[::-1], False)):
        first, second, third = told("librechat", write(tmp_path, content))
        system = [("system", "Be brief.")] if start else []
        assert first == {
            "prompt": [*system, HI], "answer": "Lima.", "model": "gpt-4o", "at": "2025-05-01 10:00:02", "id": "m2",
            "session": "v1", "finish": "stop",
        }  # fmt: skip
        assert (second["prompt"], second["answer"]) == ([*system, HI], "It is Lima!")
        assert third["prompt"] == [*system, HI, LIMA, ("user", "And?")]
        assert "tools ran" in third["not_replayable"]


def thread(key: str, role: str, text: str, at: int, **more: Any) -> dict[str, Any]:
    return {
        "id": key, "object": "thread.message", "created_at": 1760000000 + at, "thread_id": "thread_1", "role": role,
        "run_id": None, "assistant_id": None, "attachments": [], "metadata": {},
        "content": [{"type": "text", "text": {"value": text, "annotations": []}}],
    } | more  # fmt: skip


def test_openai_threads(tmp_path: Path) -> None:
    messages = [
        thread("msg_4", "assistant", "Callao.", 12, run_id="run_2"),
        thread("msg_3", "user", "And?", 12),
        thread("msg_2", "assistant", "Lima.", 4, run_id="run_1"),
        thread("msg_1", "user", "Capital of Peru?", 0),
    ]
    run = {
        "id": "run_1", "object": "thread.run", "thread_id": "thread_1", "created_at": 1760000001,
        "started_at": 1760000001, "completed_at": 1760000004, "model": "gpt-4o", "instructions": "Be brief.",
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}], "temperature": 0.5,
        "usage": {"prompt_tokens": 30, "completion_tokens": 3, "total_tokens": 33},
    }  # fmt: skip
    pages = [{"object": "list", "data": messages, "has_more": False}, {"object": "list", "data": [run]}]
    first, second = told("openai_threads", write(tmp_path, pages))
    assert first.pop("params")["temperature"] == 0.5
    assert first == {
        "prompt": [("system", "Be brief."), HI], "answer": "Lima.", "model": "gpt-4o", "tokens": (30, 0, 3),
        "latency_s": 3.0, "at": "2025-10-09 08:53:21", "id": "msg_2", "session": "thread_1",
    }  # fmt: skip
    assert (second["prompt"], second["answer"]) == ([HI, LIMA, ("user", "And?")], "Callao.")


def test_flowise(tmp_path: Path) -> None:
    said = ("Capital of Peru?", "Lima.", "And?", "Callao.")
    rows = [
        {
            "id": f"f{n}", "role": "apiMessage" if n % 2 else "userMessage", "chatflowid": "c", "content": text,
            "chatId": "k1", "sessionId": "k1", "createdDate": f"2026-03-01T10:00:0{n}.000Z", "chatType": "EXTERNAL",
        }
        for n, text in enumerate(said)
    ]  # fmt: skip
    for content in (rows, rows[::-1]):
        first, second = told("flowise", write(tmp_path, content))
        assert first == {
            "prompt": [HI], "answer": "Lima.", "at": "2026-03-01 10:00:01", "id": "f1", "session": "k1",
            "not_replayable": first["not_replayable"],
        }  # fmt: skip
        assert (second["prompt"], second["answer"]) == ([HI, LIMA, ("user", "And?")], "Callao.")
