"""Cohere's and Ollama's own APIs, and Gemini's batches, in the shapes of their documentation."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ingest.readers.test_platforms import ASKED, PROMPT, TOOL
from tests.ingest.told_fields import told, write

COHERE = {
    "id": "co1", "finish_reason": "COMPLETE",
    "message": {"role": "assistant", "content": [{"type": "text", "text": "Lima."}]},
    "usage": {
        "billed_units": {"input_tokens": 21, "output_tokens": 4}, "tokens": {"input_tokens": 90, "output_tokens": 4},
    },
}  # fmt: skip


def sse(*events: dict[str, Any]) -> str:
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)


COHERE_STREAM = sse(
    {"type": "message-start", "id": "co1", "delta": {"message": {"role": "assistant", "content": []}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "Li"}}}},
    {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "ma."}}}},
    {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": COHERE["usage"]}},
)
COHERE_CALLS = sse(
    *(
        {"type": "tool-call-delta", "index": 0, "delta": {"message": {"tool_calls": {"function": piece}}}}
        for piece in ({"name": "look", "arguments": ""}, {"arguments": '{"at"'}, {"arguments": ": 1}"})
    ),
    {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL"}},
)


@pytest.mark.parametrize("response", [COHERE, COHERE_STREAM, json.dumps(COHERE)])
def test_cohere(tmp_path: Path, response: Any) -> None:
    request = {"model": "command-a-03-2025", "messages": ASKED, "p": 0.9, "stop_sequences": ["x"]}
    pair = {"request": request, "response": response, "latency_ms": 1500, "timestamp": "2026-03-01T10:00:00Z"}
    (call,) = told("cohere", write(tmp_path, [pair]))
    assert call == {
        "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "command-a-03-2025", "tokens": (21, 0, 4),
        "latency_s": 1.5, "at": "2026-03-01 10:00:00", "params": {"top_p": 0.9, "stop": ["x"]},
    }  # fmt: skip


def test_cohere_tools_documents_and_streams_that_broke_off(tmp_path: Path) -> None:
    request = {"model": "command-a-03-2025", "messages": ASKED, "tools": [TOOL]}
    rows = [
        {"request": request, "response": COHERE_CALLS},
        {"request": request | {"documents": ["Peru ..."]}, "response": COHERE | {"id": "co2"}},
        {"request": request, "response": COHERE_STREAM[: COHERE_STREAM.index("event: message-end")]},
    ]
    called, documented, torn = told("cohere", write(tmp_path, rows))
    assert (called["calls"], called["finish"]) == ([("look", {"at": 1})], "tool_calls")
    assert "documents" in documented["not_replayable"]
    assert (torn["answer"], torn["error"]) == ("Lima.", "the recorded stream was cut off")


OLLAMA = {
    "model": "llama3.2", "created_at": "2026-03-01T10:00:00.5Z", "done": True, "done_reason": "stop",
    "message": {"role": "assistant", "content": "Lima."}, "total_duration": 1500000000, "load_duration": 1,
    "prompt_eval_count": 21, "prompt_eval_duration": 1, "eval_count": 4, "eval_duration": 1,
}  # fmt: skip
BEGIN = {"model": "llama3.2", "created_at": "2026-03-01T10:00:00.1Z", "done": False}
CHUNKS = [
    BEGIN | {"message": {"role": "assistant", "content": "Li"}},
    BEGIN | {"message": {"role": "assistant", "content": "ma."}},
    OLLAMA | {"message": {"role": "assistant", "content": ""}},
]
EXPECTED = {
    "prompt": PROMPT, "answer": "Lima.", "finish": "stop", "model": "llama3.2", "tokens": (21, 0, 4), "latency_s": 1.5,
    "at": "2026-03-01 10:00:00", "params": {"temperature": 0.2, "max_tokens": 50},
}  # fmt: skip


@pytest.mark.parametrize("response", [OLLAMA, CHUNKS, "\n".join(map(json.dumps, CHUNKS)) + "\n"])
def test_ollama_chat(tmp_path: Path, response: Any) -> None:
    request = {"model": "llama3.2", "messages": ASKED, "options": {"temperature": 0.2, "num_predict": 50, "num_ctx": 1}}
    assert told("ollama", write(tmp_path, [{"request": request, "response": response}])) == [EXPECTED]


def test_ollama_generate_images_and_tools(tmp_path: Path) -> None:
    made = {key: value for key, value in OLLAMA.items() if key != "message"} | {"response": "Lima."}
    asked = {
        "model": "llama3.2",
        "system": "Be brief.",
        "prompt": "Capital of Peru?",
        "format": "json",
        "stream": False,
    }
    seen = {"role": "user", "content": "What is it?", "images": ["aGk="]}
    called = {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"function": {"name": "look", "arguments": {"at": 1}}}],
    }
    rows = [
        {"request": asked, "response": made},
        {"request": {"model": "llava", "messages": [seen], "tools": [TOOL]}, "response": OLLAMA | {"message": called}},
    ]
    first, second = told("ollama", write(tmp_path, rows))
    assert first == EXPECTED | {"params": {"response_format": {"type": "json_object"}}}
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    assert second["prompt"] == [("user", [{"type": "text", "text": "What is it?"}, image])]
    assert second["calls"] == [("look", {"at": 1})]


def test_gemini_batch_is_joined_by_key(tmp_path: Path) -> None:
    asked = {"contents": [{"role": "user", "parts": [{"text": "Capital of Peru?"}]}]}
    came = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Lima."}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 21, "candidatesTokenCount": 4}, "modelVersion": "gemini-2.5-flash",
    }  # fmt: skip
    requests = write(tmp_path, [{"key": key, "request": asked} for key in ("a", "b", "c")], "in.jsonl")
    failure = {"key": "b", "error": {"code": 429, "message": "slow down"}}
    results = write(tmp_path, [failure, {"key": "a", "response": came}], "out.jsonl")
    first, failed, open_ = told("gemini_batch", requests, results)
    assert first == {
        "prompt": [PROMPT[1]], "answer": "Lima.", "finish": "stop", "model": "gemini-2.5-flash", "tokens": (21, 0, 4),
        "id": "a", "params": {"service_tier": "batch"},
    }  # fmt: skip
    assert (failed["error"], open_.get("answer")) == ("slow down", None)
    whole = [{"key": "a", "request": asked, "response": came}] * 2
    assert told("gemini", write(tmp_path, whole, "whole.jsonl"))[1]["answer"] == "Lima."
    (alone,) = told("gemini_batch", write(tmp_path, [{"key": "a", "response": came}], "alone.jsonl"))
    assert "requests file" in alone["not_replayable"]
