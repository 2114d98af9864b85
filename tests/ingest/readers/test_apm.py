"""Traces that other systems than OpenTelemetry's keep, searches, archives of HTTP, and Dify's messages."""

import base64
import json
from pathlib import Path
from typing import Any

from tests.ingest.readers.test_platforms import ASKED, COMPLETION, PROMPT
from tests.ingest.told_fields import told, write

MESSAGES = [{"role": message["role"], "parts": [{"type": "text", "content": message["content"]}]} for message in ASKED]
ATTRIBUTES = {
    "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.response.model": "gpt-4o-mini",
    "gen_ai.usage.input_tokens": "21", "gen_ai.usage.output_tokens": "4", "gen_ai.conversation.id": "k1",
    "gen_ai.input.messages": json.dumps(MESSAGES), "gen_ai.agent.name": "geo",
    "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"Lima."}]}]',
}  # fmt: skip
EXPECTED = {
    "prompt": PROMPT, "answer": "Lima.", "model": "gpt-4o-mini", "tokens": (21, 0, 4), "latency_s": 1.5,
    "at": "2026-03-01 10:00:00", "id": "eee19b7ec3c1b174", "session": "k1", "use_case": "geo",
}  # fmt: skip
TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
AZURE = {
    "timestamp": "2026-03-01T10:00:00Z", "id": SPAN, "name": "chat gpt-4o", "duration": 1500.0, "success": "True",
    "resultCode": "0", "operation_Id": TRACE, "operation_ParentId": "aaa19b7ec3c1b174", "itemType": "dependency",
    "customDimensions": json.dumps(ATTRIBUTES),
}  # fmt: skip


def test_application_insights(tmp_path: Path) -> None:
    analytics = {
        "TimeGenerated": "2026-03-01T10:00:00Z", "Id": SPAN, "Name": "chat gpt-4o", "DurationMs": 1500, "Success": True,
        "OperationId": TRACE, "ParentId": "aaa19b7ec3c1b174", "Properties": ATTRIBUTES, "TableName": "PrimaryResult",
    }  # fmt: skip
    columns = [{"name": key, "type": "string"} for key in AZURE]
    answer = {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": [list(AZURE.values())]}]}
    portal = {"timestamp [UTC]": "3/1/2026, 10:00:00.000 AM"} | {k: v for k, v in AZURE.items() if k != "timestamp"}
    table = "\n".join(
        ",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in (list(portal), portal.values())
    )
    for path in (
        write(tmp_path, [AZURE, AZURE | {"id": "x", "customDimensions": "{}", "name": "GET /"}], "rows.jsonl"),
        write(tmp_path, [analytics], "analytics.json"),
        write(tmp_path, answer, "query.json"),
        write(tmp_path, table, "portal.csv"),
    ):
        assert told("otlp_genai", path) == [EXPECTED]
    (failed,) = told("otlp_genai", write(tmp_path, [AZURE | {"success": "False", "resultCode": "429"}]))
    assert failed["error"] == "result code 429"


def test_application_insights_messages_apart_from_their_span(tmp_path: Path) -> None:
    bare = {key: value for key, value in ATTRIBUTES.items() if "messages" not in key}
    events = [
        ("gen_ai.system.message", {"content": "Be brief."}),
        ("gen_ai.user.message", {"content": "Capital of Peru?"}),
        ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Lima."}}),
    ]
    logs = [
        {
            "timestamp": f"2026-03-01T10:00:0{number}Z", "message": json.dumps(body), "itemType": "trace",
            "operation_Id": TRACE, "operation_ParentId": SPAN, "customDimensions": json.dumps({"event.name": name}),
        }
        for number, (name, body) in enumerate(events)
    ]  # fmt: skip
    rows = [*logs, AZURE | {"customDimensions": json.dumps(bare)}]
    assert told("otlp_genai", write(tmp_path, rows, "rows.jsonl")) == [EXPECTED | {"finish": "stop"}]


def test_jaeger_and_zipkin_are_in_microseconds(tmp_path: Path) -> None:
    tags = [{"key": key, "type": "string", "value": value} for key, value in ATTRIBUTES.items()]
    span = {
        "traceID": TRACE, "spanID": SPAN, "operationName": "chat gpt-4o", "startTime": 1772359200000000,
        "duration": 1500000, "tags": tags, "logs": [], "processID": "p1",
        "references": [{"refType": "CHILD_OF", "traceID": TRACE, "spanID": "aaa19b7ec3c1b174"}],
    }  # fmt: skip
    http = span | {"spanID": "bbb19b7ec3c1b174", "tags": [], "operationName": "GET /"}
    trace = {"traceID": TRACE, "spans": [span, http], "processes": {"p1": {"serviceName": "api", "tags": []}}}
    page = {"data": [trace], "total": 0, "limit": 0, "offset": 0, "errors": None}
    assert told("otlp_genai", write(tmp_path, page)) == [EXPECTED]
    zipkin = {
        "traceId": TRACE, "id": SPAN, "parentId": "aaa19b7ec3c1b174", "kind": "CLIENT", "name": "chat gpt-4o",
        "timestamp": 1772359200000000, "duration": 1500000, "localEndpoint": {"serviceName": "api"}, "tags": ATTRIBUTES,
    }  # fmt: skip
    for content in ([zipkin], [[zipkin, zipkin | {"id": "c" * 16, "tags": {}}]]):
        assert told("otlp_genai", write(tmp_path, content)) == [EXPECTED]


def test_hits_of_a_search(tmp_path: Path) -> None:
    source = {
        "request": {"model": "gpt-4o-mini", "messages": ASKED}, "response": COMPLETION, "latency_ms": 1500,
        "@timestamp": "2026-03-01T10:00:00Z",
    }  # fmt: skip
    hits = {"total": {"value": 1}, "hits": [{"_index": "llm", "_id": "h1", "_score": 1.0, "_source": source}]}
    answer = {"took": 3, "timed_out": False, "_shards": {"total": 1}, "hits": hits}
    (call,) = told("api_pair", write(tmp_path, answer))
    assert (call["prompt"], call["answer"], call["tokens"]) == (PROMPT, "Lima.", (21, 0, 4))
    assert (call["latency_s"], call["model"]) == (1.5, "gpt-4o-mini")


def entry(url: str, body: Any, text: str, **more: Any) -> dict[str, Any]:
    request = {"method": "POST", "url": url, "postData": {"mimeType": "application/json", "text": json.dumps(body)}}
    return {
        "startedDateTime": "2026-03-01T10:00:00.000Z", "time": 1500.0, "request": request,
        "response": {"status": 200, "content": {"mimeType": "application/json", "text": text} | more},
        "timings": {"blocked": 1, "send": 1, "wait": 298, "receive": 1200},
    }  # fmt: skip


def test_http_archives(tmp_path: Path) -> None:
    body = {"model": "gpt-4o-mini", "messages": ASKED}
    chunks = [{"choices": [{"delta": {"content": "Lima."}, "finish_reason": "stop"}], "model": "gpt-4o-mini"}]
    stream = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    url = "https://api.openai.com/v1/chat/completions"
    entries = [
        entry(url, body, json.dumps(COMPLETION)),
        entry(url, body | {"stream": True}, base64.b64encode(stream.encode()).decode(), encoding="base64"),
        entry("https://example.org/track", {"event": "click"}, "{}"),
        {"request": {"method": "GET", "url": "https://example.org/a.png"}, "response": {"status": 200}},
    ]
    archive = {"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}
    whole, streamed = told("har", write(tmp_path, archive, "page.har"))
    assert whole == {
        "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "gpt-4o-mini", "tokens": (21, 0, 4),
        "latency_s": 1.5, "at": "2026-03-01 10:00:00",
    }  # fmt: skip
    assert (streamed["answer"], streamed["ttft_s"], streamed["latency_s"]) == ("Lima.", 0.3, 1.5)


def dify(key: str, query: str, answer: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key, "conversation_id": "k1", "query": query, "answer": answer, "inputs": {}, "agent_thoughts": [],
        "created_at": f"2026-03-01 10:00:0{key}", "model_id": "gpt-4o-mini", "message_tokens": 21, "answer_tokens": 4,
        "provider_response_latency": 1.5, "total_price": "0.0100", "currency": "USD", "status": "normal",
        "message": [{"role": message["role"], "text": message["content"], "files": []} for message in ASKED],
    } | more  # fmt: skip


def test_dify_from_its_database_and_its_api(tmp_path: Path) -> None:
    failed = dify("2", "And?", "", status="error", error="slow down", message_tokens=0, answer_tokens=0)
    first, second = told("dify", write(tmp_path, [dify("1", "Capital of Peru?", "Lima."), failed]))
    assert first == {
        "prompt": PROMPT, "answer": "Lima.", "model": "gpt-4o-mini", "tokens": (21, 0, 4), "latency_s": 1.5,
        "cost_usd": 0.01, "at": "2026-03-01 10:00:01", "id": "1", "session": "k1",
    }  # fmt: skip
    assert (second["error"], second.get("tokens")) == ("slow down", None)
    keys = ("id", "conversation_id", "query", "answer", "created_at", "agent_thoughts", "inputs")
    bare = [{key: row[key] for key in keys} for row in (dify("1", "Capital of Peru?", "Lima."), dify("2", "And?", "X"))]
    page = {"limit": 20, "has_more": False, "data": [row | {"retriever_resources": []} for row in bare[::-1]]}
    _, later = told("dify", write(tmp_path, page))
    assert later["prompt"] == [PROMPT[1], ("assistant", "Lima."), ("user", "And?")]
    assert "instructions" in later["not_replayable"]
