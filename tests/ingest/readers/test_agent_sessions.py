"""Sessions of coding agents and runs of evaluations: each answer of the model is a call."""

import json
import zipfile
from pathlib import Path
from typing import Any

from advisor.collect.imports import ImportOptions, import_logs
from advisor.ingest.log import open_log
from advisor.store import Store
from tests.ingest.told_fields import told, write

USED = {"type": "tool_use", "id": "t1", "name": "Read", "input": {"path": "a.py"}}
CAME = {"type": "tool_result", "tool_use_id": "t1", "content": "x = 1"}


def line(key: str, parent: str | None, role: str, content: Any, **message: Any) -> dict[str, Any]:
    return {
        "type": role, "uuid": key, "parentUuid": parent, "sessionId": "s1", "isSidechain": False,
        "timestamp": f"2026-03-01T10:00:{int(key):02}.000Z", "requestId": f"req_{key}",
        "message": {"role": role, "content": content} | message,
    }  # fmt: skip


def said(key: str, parent: str, block: Any, tokens: int, identity: str = "msg_01aaaaaaaaaaaaaa") -> dict[str, Any]:
    usage = {"input_tokens": 10, "cache_read_input_tokens": 5, "output_tokens": tokens}
    about = {"id": identity, "type": "message", "model": "claude-sonnet-4-5", "usage": usage, "stop_reason": "tool_use"}
    return line(key, parent, "assistant", [block], **about)


CLAUDE_CODE = [
    {"type": "summary", "summary": "Reads a file", "leafUuid": "6"},
    line("1", None, "user", "What is in a.py?"),
    said("2", "1", {"type": "text", "text": "I'll look."}, 1),
    said("3", "2", USED, 7),
    line("4", "3", "user", [CAME]),
    said("5", "4", {"type": "text", "text": "x is 1."}, 9, "msg_01bbbbbbbbbbbbbb"),
    line("6", "5", "user", "Thanks"),
]


def test_claude_code_blocks_of_one_answer_are_one_call(tmp_path: Path) -> None:
    for rows in (CLAUDE_CODE, CLAUDE_CODE[::-1]):
        first, second = told("claude_code", write(tmp_path, rows, "session.jsonl"))
        assert first == {
            "prompt": [("user", "What is in a.py?")], "answer": "I'll look.", "calls": [("Read", {"path": "a.py"})],
            "finish": "tool_calls", "model": "claude-sonnet-4-5", "tokens": (10, 5, 7), "at": "2026-03-01 10:00:02",
            "id": "req_3", "session": "s1", "not_replayable": first["not_replayable"],
        }  # fmt: skip
        assert second["prompt"] == [("user", "What is in a.py?"), ("assistant", ["Read"]), ("tool", "x = 1")]
        assert (second["answer"], second["tokens"]) == ("x is 1.", (10, 5, 9))


def test_claude_code_parallel_results_and_a_session_that_was_rewound(tmp_path: Path) -> None:
    more = USED | {"id": "t2"}
    rows = [
        line("1", None, "user", "Compare"),
        said("2", "1", USED, 7),
        said("3", "2", more, 8),
        line("4", "2", "user", [CAME]),
        line("5", "3", "user", [CAME | {"tool_use_id": "t2", "content": "y = 2"}]),
        said("6", "5", {"type": "text", "text": "They differ."}, 9, "msg_01bbbbbbbbbbbbbb"),
        line("7", "6", "user", "Never mind"),
        said("8", "7", {"type": "text", "text": "Fine."}, 2, "msg_01cccccccccccccc"),
        line("9", "6", "user", "How?"),
        said("10", "9", {"type": "text", "text": "By one."}, 3, "msg_01dddddddddddddd"),
    ]
    _, second, _, last = told("claude_code", write(tmp_path, rows, "session.jsonl"))
    start = [("user", "Compare"), ("assistant", ["Read", "Read"]), ("tool", "x = 1"), ("tool", "y = 2")]
    assert second["prompt"] == start
    assert last["prompt"] == [*start, ("assistant", "They differ."), ("user", "How?")]


def test_swe_agent(tmp_path: Path) -> None:
    called = {"id": "c1", "type": "function", "function": {"name": "bash", "arguments": '{"command": "ls"}'}}
    history = [
        {"role": "system", "content": "Solve it.", "agent": "main"},
        {"role": "user", "content": "A demonstration", "is_demo": True},
        {"role": "assistant", "content": "As shown", "is_demo": True},
        {"role": "user", "content": "The issue"},
        {"role": "assistant", "content": "I list.", "thought": "I list.", "action": "ls", "tool_calls": [called]},
        {"role": "tool", "content": "a.py", "tool_call_ids": ["c1"]},
        {"role": "assistant", "content": "Done.", "action": "submit"},
    ]
    run = {
        "environment": "main", "trajectory": [{"action": "ls"}, {"action": "submit"}], "history": history,
        "info": {"model_stats": {"api_calls": 2}},
        "replay_config": json.dumps({"agent": {"model": {"name": "gpt-4o"}}}),
    }  # fmt: skip
    first, second = told("swe_agent", write(tmp_path, run, "run.traj"))
    assert (first["answer"], first["calls"], first["model"]) == ("I list.", [("bash", {"command": "ls"})], "gpt-4o")
    assert [role for role, _ in first["prompt"]] == ["system", "user", "assistant", "user"]
    assert (second["prompt"][-1], second["answer"]) == (("tool", "a.py"), "Done.")
    sent = [{"role": "user", "content": "Elided"}]
    run["trajectory"] = [{"action": "ls"}, {"action": "submit", "query": sent}]
    assert told("swe_agent", write(tmp_path, run, "run.traj"))[1]["prompt"] == [("user", "Elided")]


def inspect_sample(**more: Any) -> dict[str, Any]:
    event = {
        "event": "model", "timestamp": "2026-03-01T10:00:00+00:00", "model": "openai/gpt-4o-mini",
        "input": [{"role": "system", "content": "Yes or no."}, {"role": "user", "content": "attachment://h1"}],
        "tools": [{"name": "look", "description": "Looks", "parameters": {"type": "object", "properties": {}}}],
        "tool_choice": "auto", "config": {"temperature": 0.5, "max_connections": 10},
        "output": {
            "model": "gpt-4o-mini-2024-07-18", "time": 0.42,
            "choices": [{"message": {"role": "assistant", "content": "Yes", "source": "generate"},
                         "stop_reason": "max_tokens"}],
            "usage": {"input_tokens": 61, "output_tokens": 2, "total_tokens": 68, "input_tokens_cache_read": 5},
        },
    }  # fmt: skip
    return {
        "id": 9, "epoch": 1, "input": "Is it?", "target": " Yes", "scores": {"match": {"value": "C"}},
        "messages": [{"role": "user", "content": "Is it?"}, {"role": "assistant", "content": "Yes"}],
        "output": {"model": "gpt-4o-mini-2024-07-18"}, "attachments": {"h1": "Is it?"},
        "events": [{"event": "state"}, event],
    } | more  # fmt: skip


HEADER = {"version": 2, "status": "success", "eval": {"task": "popularity"}, "plan": {}}


def test_inspect_calls_come_from_events_once(tmp_path: Path) -> None:
    whole = HEADER | {"samples": [inspect_sample()]}
    (call,) = told("inspect_ai", write(tmp_path, whole))
    assert call.pop("params")["temperature"] == 0.5
    assert call == {
        "prompt": [("system", "Yes or no."), ("user", "Is it?")], "answer": "Yes", "finish": "length",
        "model": "gpt-4o-mini-2024-07-18", "tokens": (61, 5, 2), "latency_s": 0.42, "at": "2026-03-01 10:00:00",
        "id": "9:1", "target": "Yes", "use_case": "popularity",
    }  # fmt: skip
    pooled = inspect_sample(events_data={"messages": [{"role": "user", "content": "attachment://h1"}], "calls": []})
    pooled["events"][1] |= {"input": [], "input_refs": [[0, 1]]}
    assert told("inspect_ai", write(tmp_path, pooled))[0]["prompt"] == [("user", "Is it?")]
    (plain,) = told("inspect_ai", write(tmp_path, inspect_sample(events=[])))
    assert (plain["prompt"], plain["answer"], plain["target"]) == ([("user", "Is it?")], "Yes", "Yes")


def test_an_evaluation_of_ones_own_is_not_of_inspect(tmp_path: Path) -> None:
    own = {"id": 1, "epoch": 1, "input": "Is it?", "target": "Yes", "scores": {"match": 1}, "output": "No"}
    assert told("table", write(tmp_path, [own, own]))[0]["answer"] == "No"


def test_inspect_archive_has_each_call_once(tmp_path: Path) -> None:
    path = tmp_path / "run.eval"
    summary = {key: inspect_sample()[key] for key in ("id", "epoch", "input", "target", "scores")}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("samples/9_epoch_1.json", json.dumps(inspect_sample()))
        archive.writestr("summaries.json", json.dumps([summary]))
        archive.writestr("reductions.json", json.dumps([{"scorer": "match", "samples": [{"value": 1}]}]))
        archive.writestr("header.json", json.dumps(HEADER))
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    counts = import_logs(store, "Mine", [path], ImportOptions(redact=False)).counts
    store.close()
    assert (counts.accepted, counts.rejected) == (1, 3)


def codex(kind: str, second: int, **payload: Any) -> dict[str, Any]:
    return {"timestamp": f"2026-03-01T10:00:{second:02}.000Z", "type": kind, "payload": payload}


def tokens(second: int, given: int) -> dict[str, Any]:
    used = {"input_tokens": given, "cached_input_tokens": 5, "output_tokens": 4, "reasoning_output_tokens": 1}
    return codex("event_msg", second, type="token_count", info={"last_token_usage": used, "total_token_usage": {}})


def test_codex(tmp_path: Path) -> None:
    asked = [{"type": "input_text", "text": "What is in a.py?"}]
    rows = [
        codex("session_meta", 0, id="x1", base_instructions={"text": "Be brief."}),
        codex("turn_context", 0, model="gpt-5-codex", effort="high"),
        codex("response_item", 1, type="message", role="user", content=asked),
        codex("event_msg", 1, type="user_message", message="What is in a.py?"),
        codex("response_item", 2, type="reasoning", summary=[]),
        codex("response_item", 3, type="function_call", name="shell", arguments='{"command": "cat"}', call_id="c1"),
        codex("response_item", 4, type="function_call_output", call_id="c1", output="x = 1"),
        tokens(4, 21),
        codex("response_item", 6, role="assistant", content=[{"type": "output_text", "text": "x is 1."}]),
        tokens(6, 40),
        codex("session_meta", 10, id="x2", instructions=None),
        codex("response_item", 11, type="message", role="user", content=asked),
        codex("response_item", 12, type="message", role="assistant", content=[{"type": "output_text", "text": "Hi"}]),
    ]
    first, second, other = told("codex", write(tmp_path, rows, "rollout.jsonl"))
    assert first == {
        "prompt": [("system", "Be brief."), ("user", "What is in a.py?")], "calls": [("shell", {"command": "cat"})],
        "model": "gpt-5-codex", "tokens": (16, 5, 4), "at": "2026-03-01 10:00:03", "session": "x1",
        "not_replayable": first["not_replayable"],
    }  # fmt: skip
    assert second["prompt"] == [*first["prompt"], ("assistant", ["shell"]), ("tool", "x = 1")]
    assert (second["answer"], second["tokens"]) == ("x is 1.", (35, 5, 4))
    assert (other["prompt"], other["session"], other.get("tokens")) == ([first["prompt"][1]], "x2", None)


def test_codex_sessions_are_those_of_their_files(tmp_path: Path) -> None:
    def session(word: str) -> Path:
        rows = [
            codex("response_item", 1, type="message", role="user", content=[{"type": "input_text", "text": word}]),
            codex(
                "response_item", 2, type="message", role="assistant", content=[{"type": "output_text", "text": "Hi"}]
            ),
        ]
        return write(tmp_path, rows, f"{word}.jsonl")

    calls = told("codex", session("one"), session("two"))
    assert [call["prompt"] for call in calls] == [[("user", "one")], [("user", "two")]]
    event = {"timestamp": "2026-03-01", "type": "event_msg", "payload": {"prompt": "What?", "response": "That."}}
    assert open_log(write(tmp_path, [event, event], "events.jsonl")).format != "codex"


def stored(number: int, kind: str, content: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "session_id": "s1", "message": {"type": kind, "data": {"content": content} | more}}


def test_langchain_and_n8n_message_stores(tmp_path: Path) -> None:
    told_by = {
        "response_metadata": {"model_name": "gpt-4o-mini", "finish_reason": "stop"},
        "usage_metadata": {"input_tokens": 21, "output_tokens": 4, "total_tokens": 25},
    }
    rows = [
        stored(1, "human", "Capital of Peru?"),
        stored(2, "ai", "Lima.", **told_by),
        stored(3, "human", "And of Chile?"),
        stored(4, "ai", "", tool_calls=[{"name": "look", "args": {"at": "Chile"}, "id": "c1"}]),
        stored(5, "tool", "Santiago", tool_call_id="c1"),
        stored(6, "ai", "Santiago."),
        stored(7, "human", "Thanks"),
    ]
    flat = [row | {"message": row["message"]["data"] | {"type": row["message"]["type"]}} for row in rows]
    table = [row | {"message": json.dumps(row["message"])} for row in rows]
    whole = [{"SessionId": "s1", "History": [row["message"] for row in rows]}]
    mongo = [{"_id": f"m{n}", "SessionId": "s1", "History": json.dumps(row["message"])} for n, row in enumerate(rows)]
    for content in (rows, rows[::-1], flat, table, whole, mongo):
        first, second, third = told("langchain_store", write(tmp_path, content))
        assert first.pop("id", "2") == "2"
        assert first.pop("finish", "stop") == "stop"
        assert first == {
            "prompt": [("user", "Capital of Peru?")], "answer": "Lima.", "model": "gpt-4o-mini", "tokens": (21, 0, 4),
            "session": "s1",
        }  # fmt: skip
        assert second["calls"] == [("look", {"at": "Chile"})]
        assert third["prompt"][-2:] == [("assistant", ["look"]), ("tool", "Santiago")]
        assert third["answer"] == "Santiago."


def test_openhands_events_and_evaluations(tmp_path: Path) -> None:
    def response(identity: str, *calls: str) -> dict[str, Any]:
        made = [{"id": call, "type": "function", "function": {"name": "run", "arguments": "{}"}} for call in calls]
        message = {"role": "assistant", "content": "I look." if made else "Done.", "tool_calls": made or None}
        used = {"prompt_tokens": 21, "completion_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}}
        return {"id": identity, "model": "gpt-4o-mini", "choices": [{"message": message}], "usage": used}

    def event(number: int, source: str, **more: Any) -> dict[str, Any]:
        return {"id": number, "timestamp": f"2026-03-01T10:00:0{number}", "source": source, "message": "x"} | more

    def action(number: int, reply: dict[str, Any], call: str) -> dict[str, Any]:
        told_by = {"tool_call_id": call, "function_name": "run", "model_response": reply}
        return event(number, "agent", action="run", args={"command": "ls"}, tool_call_metadata=told_by)

    both = response("chatcmpl-1111111111111111", "c1", "c2")
    events = [
        event(0, "agent", action="system", args={"content": "Be brief.", "tools": []}),
        event(1, "user", action="message", args={"content": "Fix it"}),
        event(2, "environment", observation="agent_state_changed", content="", extras={}),
        action(3, both, "c1"),
        event(4, "agent", observation="run", content="a.py", cause=3),
        action(5, both, "c2"),
        event(6, "agent", observation="run", content="b.py", cause=5),
        action(7, response("chatcmpl-2222222222222222"), "c3"),
        event(8, "agent", action="message", args={"content": "Anything else?"}),
    ]
    latencies = [{"model": "gpt-4o-mini", "latency": 1.5, "response_id": "chatcmpl-1111111111111111"}]
    run = {"instance_id": "i1", "history": events, "metrics": {"response_latencies": latencies}, "instruction": "x"}
    first, second, third = told("openhands", write(tmp_path, events))
    assert first == {
        "prompt": [("system", "Be brief."), ("user", "Fix it")], "answer": "I look.", "model": "gpt-4o-mini",
        "calls": [("run", {}), ("run", {})], "tokens": (16, 5, 4), "at": "2026-03-01 10:00:03",
        "id": "chatcmpl-1111111111111111", "not_replayable": first["not_replayable"],
    }  # fmt: skip
    assert second["prompt"][2:] == [("assistant", ["run", "run"]), ("tool", "a.py"), ("tool", "b.py")]
    assert (second["answer"], third["answer"]) == ("Done.", "Anything else?")
    pairs = [events[:2], *([each] for each in events[2:])]
    for history in (events, pairs):
        evaluated = told("openhands", write(tmp_path, [run | {"history": history}], "output.jsonl"))
        assert evaluated[0] == first | {"latency_s": 1.5, "session": "i1"}
        assert len(evaluated) == 3


def turn(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"id": f"m-{content}", "role": role, "content": content, "created_at": 1760000000} | more


def agno(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    about = {"run_id": "r1", "agent_id": "a", "agent_name": "Desk", "session_id": "s1", "model": "gpt-4o"}
    return about | {"status": "COMPLETED", "content_type": "str", "messages": list(messages)} | more


def test_agno_runs(tmp_path: Path) -> None:
    system, asked = turn("system", "You help."), turn("user", "Is it open?")
    counts = {"input_tokens": 30, "output_tokens": 5, "cache_read_tokens": 10, "time_to_first_token": 0.4}
    called = [{"id": "c1", "type": "function", "function": {"name": "place", "arguments": "{}"}}]
    first = agno(system, asked, turn("assistant", "Until six.", metrics=counts | {"duration": 1.25}))
    later = agno(
        system, asked, turn("assistant", "Until six.", from_history=True), turn("user", "And where?"),
        turn("assistant", None, tool_calls=called), turn("tool", "Main St", tool_call_id="c1"),
        turn("model", "Main St."), run_id="r2",
    )  # fmt: skip
    failed = agno(turn("user", "Hello?"), run_id="r3", status="ERROR", content="Rate limited")
    team = agno(turn("user", "Both"), turn("assistant", "Done."), run_id="r4", member_responses=[later, failed])
    session = {"session_id": "s1", "session_type": "team", "runs": [first, later, team]}
    older = {"session_id": "s1", "agent_data": {}, "memory": json.dumps({"runs": session["runs"]})}
    for log in (session, older, session | {"runs": json.dumps(session["runs"])}):
        one, two, three, four, five = told("agno", write(tmp_path, log))
        assert one == {
            "prompt": [("system", "You help."), ("user", "Is it open?")], "answer": "Until six.", "model": "gpt-4o",
            "tokens": (20, 10, 5), "latency_s": 1.25, "ttft_s": 0.4, "at": "2025-10-09 08:53:20",
            "id": "m-Until six.", "session": "s1", "use_case": "Desk",
        }  # fmt: skip
        assert (two["calls"], two["prompt"][2:]) == (
            [("place", {})], [("assistant", "Until six."), ("user", "And where?")],
        )  # fmt: skip
        assert three["prompt"][-1] == ("tool", "Main St")
        assert two.keys() & three.keys() >= {"not_replayable"}
        assert (four["answer"], five["error"], five["session"]) == ("Done.", "Rate limited", "s1")
    assert len(told("agno", write(tmp_path, [first, team], "runs.jsonl"))) == 5


def test_agno_tells_only_what_was_counted(tmp_path: Path) -> None:
    run = agno(turn("user", "Is it open?"), turn("assistant", "Until six."))
    (bare,) = told("agno", write(tmp_path, [run], "runs.jsonl"))
    (beside,) = told("agno", write(tmp_path, [run | {"usage": {"prompt_tokens": 3}}], "runs.jsonl"))
    assert "tokens" not in bare
    assert beside["tokens"][0] == 3


def test_runs_of_others_are_not_agnos(tmp_path: Path) -> None:
    run = {"prompt": "Is it open?", "response": "Until six."}
    sessions = [{"session_id": f"s{at}", "agent_id": "a", "runs": [run, run]} for at in range(3)]
    assert open_log(write(tmp_path, sessions, "log.jsonl")).format != "agno"


def test_autogen_events(tmp_path: Path) -> None:
    tool = {"type": "function", "function": {"name": "hours", "parameters": {"type": "object", "properties": {}}}}
    asked = [{"role": "system", "content": "You help."}, {"role": "user", "name": "user", "content": "Is it open?"}]
    answer = {"index": 0, "message": {"role": "assistant", "content": "Until six."}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 30, "completion_tokens": 5, "total_tokens": 35}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1760000000, "model": "gpt-4o", "usage": usage}
    about = {"prompt_tokens": 30, "completion_tokens": 5, "agent_id": "desk/1"}
    ended = {"finish_reason": "stop", "content": "Until six.", "usage": usage, "cached": False}
    rows = [
        {"type": "LLMCall", "messages": asked, "response": body | {"choices": [answer]}, "tools": [tool]} | about,
        {"type": "ToolCall", "tool_name": "hours", "arguments": {}, "result": "10-18", "agent_id": "desk/1"},
        {"type": "LLMStreamStart", "messages": asked, "agent_id": "desk/1"},
        {"type": "LLMStreamEnd", "response": ended} | about,
    ]
    for start in ("", "2026-03-01 10:00:00,123 - autogen_core.events - INFO - "):
        text = "\n".join(f"{start}{json.dumps(row)}" for row in rows)
        call, streamed = told("autogen", write(tmp_path, text, "events.log"))
        assert call["prompt"] == [("system", "You help."), ("user", "Is it open?")]
        assert (call["answer"], call["tokens"], call["use_case"]) == ("Until six.", (30, 0, 5), "desk")
        assert call["params"] == {"tools": [tool]}
        assert "not_replayable" not in call
        assert (streamed["tokens"], "not_replayable" in streamed) == ((30, 0, 5), True)
