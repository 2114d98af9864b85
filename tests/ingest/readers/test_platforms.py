"""Platforms that watch LLM calls and gateways in front of them, in the shapes of their APIs and exports."""

import json
from pathlib import Path
from typing import Any

from tests.ingest.told_fields import told, write

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Capital of Peru?"}]
PROMPT = [("system", "Be brief."), ("user", "Capital of Peru?")]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
COMPLETION = {
    "id": "chatcmpl-0123456789abcdef", "object": "chat.completion", "created": 1760000000, "model": "gpt-4o-mini",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Lima."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25},
}  # fmt: skip


def without(call: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in call.items() if key not in keys}


def posthog(**more: Any) -> dict[str, Any]:
    properties = {
        "$ai_trace_id": "t1", "$ai_span_id": "s1", "$ai_model": "gpt-4o-mini", "$ai_provider": "openai",
        "$ai_input": ASKED, "$ai_output_choices": [{"role": "assistant", "content": "Lima."}],
        "$ai_input_tokens": 21, "$ai_output_tokens": 4, "$ai_cache_read_input_tokens": 5, "$ai_latency": 1.5,
        "$ai_time_to_first_token": 0.25, "$ai_total_cost_usd": 0.01, "$ai_http_status": 200,
        "$ai_model_parameters": {"temperature": 0.2, "stream": True}, "$ai_session_id": "k1", "feature": "geo",
    }  # fmt: skip
    return {
        "uuid": "e1", "event": "$ai_generation", "timestamp": "2026-03-01T10:00:00.000000+00:00", "distinct_id": "u",
        "properties": properties | more,
    }  # fmt: skip


def test_posthog_from_the_api_a_batch_export_and_a_table(tmp_path: Path) -> None:
    event = posthog()
    trace = posthog() | {"event": "$ai_trace"}
    flat = {f"properties.{key}": value for key, value in event["properties"].items()} | {
        "timestamp": event["timestamp"], "uuid": "e1",
    }  # fmt: skip
    cells = [json.dumps(value) if isinstance(value, dict | list) else str(value) for value in flat.values()]
    table = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (list(flat), cells))
    paths = [
        write(tmp_path, {"next": None, "results": [event, trace]}, "page.json"),
        write(tmp_path, [event | {"properties": json.dumps(event["properties"])}], "export.jsonl"),
        write(tmp_path, table, "table.csv"),
    ]
    for path in paths:
        (call,) = told("posthog", path)
        assert call == {
            "prompt": PROMPT, "answer": "Lima.", "model": "gpt-4o-mini", "tokens": (16, 5, 4), "latency_s": 1.5,
            "ttft_s": 0.25, "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "s1", "session": "k1",
            "use_case": "geo", "params": {"temperature": 0.2},
        }  # fmt: skip


def test_posthog_errors_privacy_and_anthropic(tmp_path: Path) -> None:
    failed = posthog(**{"$ai_is_error": True, "$ai_error": {"message": "slow down"}, "$ai_http_status": 429})
    failed["properties"].pop("$ai_output_choices")
    hidden = posthog(**{"$ai_input": None, "$ai_output_choices": None, "$ai_span_id": "s2"})
    claude = posthog(**{"$ai_provider": "anthropic", "$ai_span_id": "s3", "$ai_tools": [TOOL]})
    first, second, third = told("posthog", write(tmp_path, [failed, hidden, claude]))
    assert (first["error"], first.get("answer")) == ("slow down", None)
    assert "privacy mode" in second["not_replayable"]
    assert second["tokens"] == (16, 5, 4)
    assert (third["tokens"], third["params"]["tools"]) == ((21, 5, 4), [TOOL])


DATADOG = {
    "id": "77", "type": "span",
    "attributes": {
        "span_id": "77", "trace_id": "t1", "parent_id": "undefined", "span_kind": "llm", "name": "answer",
        "duration": 2000000000, "start_ns": 1772359200000000000, "status": "ok", "ml_app": "bot",
        "model_name": "gpt-4o-mini", "model_provider": "openai", "session_id": "k1", "tags": ["env:prod"],
        "input": {"value": "x", "messages": ASKED},
        "output": {
            "value": "x",
            "messages": [{
                "role": "assistant", "content": "",
                "tool_calls": [{"name": "look", "arguments": {"at": "Peru"}, "tool_id": "c1", "type": "function"}],
            }],
        },
        "metadata": {"temperature": 0.2, "max_tokens": 100}, "tool_definitions": [{"name": "look", "schema": {}}],
        "metrics": {
            "input_tokens": 21, "output_tokens": 4, "cache_read_input_tokens": 5, "total_tokens": 25,
            "estimated_total_cost": 7500, "time_to_first_token": 0.25,
        },
    },
}  # fmt: skip


def test_datadog_export_is_in_nanoseconds(tmp_path: Path) -> None:
    tool = DATADOG | {"attributes": {"span_id": "78", "span_kind": "tool", "start_ns": 1, "ml_app": "bot"}}
    for content in ({"data": [DATADOG, tool], "meta": {}, "links": {}}, {"data": [DATADOG, tool]}, [DATADOG]):
        (call,) = told("datadog", write(tmp_path, content))
        assert call.pop("params")["tools"][0]["function"]["name"] == "look"
        assert call == {
            "prompt": PROMPT, "calls": [("look", {"at": "Peru"})], "model": "gpt-4o-mini", "tokens": (16, 5, 4),
            "latency_s": 2.0, "ttft_s": 0.25, "cost_usd": 7.5e-06, "at": "2026-03-01 10:00:00", "id": "77",
            "session": "k1", "use_case": "answer",
        }  # fmt: skip


def test_datadog_intake(tmp_path: Path) -> None:
    results = {"role": "tool", "tool_results": [{"name": "look", "result": "Lima", "tool_id": "c1"}]}
    called = {"role": "assistant", "tool_calls": [{"name": "look", "arguments": {}, "tool_id": "c1"}]}
    span = {
        "parent_id": "1", "trace_id": "t1", "span_id": "2", "name": "llm", "start_ns": 1772359200000000000,
        "duration": 1500000000, "metrics": {"input_tokens": 21, "output_tokens": 4}, "status": "error",
        "meta": {
            "kind": "llm", "input": {"messages": [*ASKED, called, results]}, "error": {"message": "too long"},
            "output": {"messages": [{"role": "assistant", "content": "Lima."}]},
            "metadata": {"model_name": "gpt-4o", "temperature": 0},
        },
    }  # fmt: skip
    agent = {"span_id": "1", "trace_id": "t1", "start_ns": 1772359200000000000, "meta": {"kind": "agent"}}
    body = {"data": {"type": "span", "attributes": {"ml_app": "bot", "session_id": "k1", "spans": [agent, span]}}}
    (call,) = told("datadog", write(tmp_path, body))
    assert call["prompt"] == [*PROMPT, ("assistant", ["look"]), ("tool", "Lima")]
    assert (call["latency_s"], call["error"], call["session"]) == (1.5, "too long", "k1")


def test_cloudflare_with_and_without_bodies(tmp_path: Path) -> None:
    log = {
        "id": "cf1", "cached": False, "created_at": "2026-03-01T10:00:00Z", "duration": 1500, "model": "gpt-4o-mini",
        "path": "chat/completions", "provider": "openai", "success": True, "tokens_in": 21, "tokens_out": 4,
        "cost": 0.01, "status_code": 200, "metadata": '{"feature": "geo"}',
    }  # fmt: skip
    bodies = {"request": json.dumps({"model": "gpt-4o-mini", "messages": ASKED}), "response": json.dumps(COMPLETION)}
    page = {
        "success": True,
        "errors": [],
        "messages": [],
        "result": [log | bodies, log | {"id": "cf2", "cached": True}],
    }
    first, second = told("cloudflare", write(tmp_path, page))
    assert first == {
        "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "gpt-4o-mini", "tokens": (21, 0, 4),
        "latency_s": 1.5, "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "cf1", "use_case": "geo",
    }  # fmt: skip
    assert second == without(first, "prompt", "answer", "finish", "latency_s") | {
        "id": "cf2", "not_replayable": second["not_replayable"],
    }  # fmt: skip
    one = {"success": True, "errors": [], "messages": [], "result": log | {"success": False, "status_code": 502}}
    assert told("cloudflare", write(tmp_path, one))[0]["error"] == "HTTP status 502"
    own = {name: log[name] for name in ("cached", "model", "provider", "tokens_in", "tokens_out", "success")}
    own |= {"prompt": PROMPT[1][1], "response": "Lima."}
    assert told("table", write(tmp_path, [own, own]))[0]["answer"] == "Lima."


def test_lunary(tmp_path: Path) -> None:
    run = {
        "id": "r1", "type": "llm", "name": "gpt-4o-mini", "createdAt": "2026-03-01T10:00:00.000Z",
        "endedAt": "2026-03-01T10:00:01.500Z", "duration": 1500, "templateSlug": "geo", "cost": 0.01, "isPublic": False,
        "tokens": {"completion": 4, "prompt": 21, "total": 25}, "tags": ["x"], "input": ASKED, "status": "success",
        "output": {"role": "assistant", "content": "Lima."}, "error": None, "params": {"temperature": 0.2},
        "metadata": {"session_id": "k1"}, "siblingRunId": None,
    }  # fmt: skip
    failed = run | {"id": "r2", "status": "error", "error": {"message": "boom"}, "output": None}
    chain = run | {"id": "r3", "type": "chain"}
    first, second = told("lunary", write(tmp_path, {"total": 3, "page": 0, "limit": 100, "data": [run, failed, chain]}))
    assert first == {
        "prompt": PROMPT, "answer": "Lima.", "model": "gpt-4o-mini", "tokens": (21, 0, 4), "latency_s": 1.5,
        "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "r1", "session": "k1", "use_case": "geo",
        "params": {"temperature": 0.2},
    }  # fmt: skip
    assert (second["error"], second.get("answer")) == ("boom", None)


def test_humanloop(tmp_path: Path) -> None:
    called = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": "Peru"}'}}
    log = {
        "id": "data_1", "created_at": "2026-03-01T10:00:02Z", "start_time": "2026-03-01T10:00:00Z",
        "end_time": "2026-03-01T10:00:02Z", "provider_latency": 1.5, "prompt_tokens": 21, "output_tokens": 4,
        "prompt_cost": 0.006, "output_cost": 0.004, "finish_reason": "tool_calls", "messages": [ASKED[1]],
        "inputs": {"style": "brief"}, "trace_id": "t1", "evaluator_logs": [], "log_status": "complete",
        "output": None, "output_message": {"role": "assistant", "content": None, "tool_calls": [called]},
        "prompt": {
            "path": "geo", "name": "geo", "model": "gpt-4o-mini", "temperature": 0.2,
            "template": [{"role": "system", "content": "Be {{ style }}."}],
            "tools": [{"name": "look", "description": "Looks", "parameters": {"type": "object", "properties": {}}}],
        },
    }  # fmt: skip
    (call,) = told("humanloop", write(tmp_path, [log]))
    assert call.pop("params")["tools"]
    assert call == {
        "prompt": PROMPT, "calls": [("look", {"at": "Peru"})], "finish": "tool_calls", "model": "gpt-4o-mini",
        "tokens": (21, 0, 4), "latency_s": 1.5, "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "data_1",
        "session": "t1", "use_case": "geo",
    }  # fmt: skip
    (unfilled,) = told("humanloop", write(tmp_path, [log | {"inputs": {}}]))
    assert "template" in unfilled["not_replayable"]
    sent = {"model": "gpt-4o-mini", "messages": ASKED}
    assert told("humanloop", write(tmp_path, [log | {"inputs": {}, "provider_request": sent}]))[0]["prompt"] == PROMPT


def test_opik(tmp_path: Path) -> None:
    span = {
        "id": "o1", "project_name": "p", "trace_id": "t1", "parent_span_id": "o0", "name": "chat_completion_create",
        "type": "llm", "start_time": "2026-03-01T10:00:00Z", "end_time": "2026-03-01T10:00:02Z", "duration": 1500.25,
        "input": {"messages": ASKED, "tools": [TOOL]}, "output": {"choices": COMPLETION["choices"]},
        "metadata": {"temperature": 0.2, "created_from": "openai"}, "model": "gpt-4o-mini", "provider": "openai",
        "usage": {
            "prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25,
            "original_usage.prompt_tokens_details.cached_tokens": 5,
        },
        "total_estimated_cost": 0.01, "feedback_scores": [],
    }  # fmt: skip
    other = span | {"id": "o2", "type": "general"}
    page = {"page": 1, "size": 2, "total": 2, "content": [span, other]}
    for content in ([span, other], page):
        (call,) = told("opik", write(tmp_path, content))
        assert call == {
            "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "gpt-4o-mini", "tokens": (16, 5, 4),
            "latency_s": 1.50025, "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "o1", "session": "t1",
            "params": {"temperature": 0.2, "tools": [TOOL]},
        }  # fmt: skip


def test_kong(tmp_path: Path) -> None:
    log = {
        "started_at": 1772359200000, "upstream_status": 200, "route": {"name": "geo"},
        "request": {"id": "q1", "uri": "/chat", "method": "POST"}, "response": {"status": 200},
        "latencies": {"request": 1700, "proxy": 1600, "kong": 90},
        "ai": {
            "proxy": {
                "meta": {
                    "request_model": "gpt-4o", "response_model": "gpt-4o-mini", "provider_name": "openai",
                    "llm_latency": 1500,
                },
                "usage": {
                    "prompt_tokens": 21, "completion_tokens": 4, "total_tokens": 25, "cost": 0.01,
                    "time_to_first_token": 250,
                },
                "payload": {
                    "request": json.dumps({"model": "gpt-4o", "messages": ASKED}), "response": json.dumps(COMPLETION),
                },
            }
        },
    }  # fmt: skip
    bare = {key: value for key, value in log["ai"]["proxy"].items() if key != "payload"}  # type: ignore[index]
    rows = [log, log | {"ai": {"ai-proxy": bare | {"meta": {"request_model": "gpt-4o"}}}}]
    rows.append(rows[1] | {"request": {"messages": ASKED}, "response": COMPLETION})
    first, second, third = told("kong", write(tmp_path, rows, "kong.log"))
    assert first == {
        "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "gpt-4o-mini", "tokens": (21, 0, 4),
        "latency_s": 1.5, "ttft_s": 0.25, "cost_usd": 0.01, "at": "2026-03-01 10:00:00", "id": "q1",
        "use_case": "geo",
    }  # fmt: skip
    assert (second["latency_s"], second["model"]) == (1.6, "gpt-4o")
    assert "payloads" in second["not_replayable"]
    assert (third["prompt"], third["answer"]) == (PROMPT, "Lima.")
