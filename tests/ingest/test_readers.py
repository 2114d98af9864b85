"""What one record says."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.log import FORMATS, open_log
from advisor.ingest.reading import read_log
from advisor.types import Reference, Rejection, Sample, ToolCall, Usage
from tests.ingest.made_records import RECORDS

USER = [{"role": "user", "content": "Is it raining?"}]


def rows_of(tmp_path: Path, *records: dict[str, Any], **options: Any) -> list[Sample | Rejection]:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return [item for _, item in read_log(open_log(path, **options))]


def one(tmp_path: Path, record: dict[str, Any], **options: Any) -> Sample:
    (item,) = rows_of(tmp_path, record, **options)
    assert isinstance(item, Sample), item
    return item


def completion(**changes: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": "Yes."}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", "choices": choices} | changes


@pytest.mark.parametrize(
    ("request_key", "response_key"),
    [("request", "response"), ("request_body", "response_body"), ("input", "output"), ("body", "response")],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_names_around_a_call(tmp_path: Path, request_key: str, response_key: str, as_text: bool) -> None:
    asked: Any = {"model": "gpt-4o", "messages": USER, "temperature": 0, "stream": True, "user": "u1", "n": 1}
    came: Any = completion(usage={"prompt_tokens": 9, "completion_tokens": 2})
    if as_text:
        asked, came = json.dumps(asked), json.dumps(came)
    record = {
        request_key: asked,
        response_key: came,
        "timestamp": "2025-03-01T10:00:00Z",
        "latency_ms": 1500,
        "ttft_ms": 300,
        "id": 17,
        "metadata": {"route": "weather", "session_id": "s1"},
        "expected": "Yes.",
    }
    sample = one(tmp_path, record)
    assert sample.request.messages == USER
    assert sample.request.params == {"temperature": 0}
    assert sample.answer is not None
    assert (sample.answer.text, sample.answer.finish_reason) == ("Yes.", "stop")
    assert (sample.ids.response_id, sample.ids.external_id, sample.ids.session) == ("chatcmpl-1", "17", "s1")
    assert sample.model == "gpt-4o-2024-08-06"
    assert sample.use_case == "weather"
    assert sample.metered.usage == Usage(input_tokens=9, output_tokens=2)
    assert (sample.metered.latency_s, sample.metered.ttft_s) == (1.5, 0.3)
    assert sample.metered.at == datetime(2025, 3, 1, 10, tzinfo=UTC)
    assert sample.reference == Reference("Yes.")


def test_target_keeps_its_json_value_and_absence_shows(tmp_path: Path) -> None:
    target = {"name": "get_weather", "arguments": {"city": "Paris"}}
    with_target, without = rows_of(
        tmp_path, {"messages": USER, "response": "x", "target": target}, {"messages": USER, "response": "x"}
    )
    assert isinstance(with_target, Sample)
    assert isinstance(without, Sample)
    assert with_target.reference == Reference(target)
    assert without.reference is None


TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]


@pytest.mark.parametrize(
    ("key", "value", "offers_tools", "expected"),
    [
        ("label", None, False, None),
        ("label", "", False, None),
        ("label", None, True, None),
        ("label", " ", True, None),
        ("label", "billing", False, Reference("billing")),
        ("label", 0, False, Reference(0)),
        ("expected", None, False, None),
        ("expected", "", True, None),
        ("expected", None, True, Reference(None)),
        ("target", None, True, Reference(None)),
    ],
)
@pytest.mark.parametrize("shape", ["openai_chat", "chat_messages", "metadata", "table"])
def test_when_the_right_answer_is_known(
    tmp_path: Path, shape: str, key: str, value: Any, offers_tools: bool, expected: Reference | None
) -> None:
    offered: dict[str, Any] = {"tools": TOOLS} if offers_tools else {}
    records: dict[str, dict[str, Any]] = {
        "openai_chat": {"request": {"messages": USER} | offered, "response": completion(), key: value},
        "chat_messages": {"messages": USER, "response": "x", key: value} | offered,
        "metadata": {"messages": USER, "response": "x", "metadata": {key: value}} | offered,
        "table": {"prompt": "a", "answer": "b", "params": offered, key: value},
    }
    sample = one(tmp_path, records[shape])
    assert sample.reference == expected


def test_an_unknown_answer_does_not_hide_a_known_one(tmp_path: Path) -> None:
    sample = one(tmp_path, {"messages": USER, "response": "x", "target": None, "label": "billing"})
    assert sample.reference == Reference("billing")


def test_null_in_a_cell_means_no_call_where_tools_are_offered(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["messages", "response", "tools", "max_tokens", "stop", "expected"])
        cells = [json.dumps(USER), json.dumps(completion()), json.dumps(TOOLS), "64", "5"]
        table.writerows([[*cells, "null"], [*cells[:2], "", "", "", ""]])
    first, second = (item for _, item in read_log(open_log(path)))
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert first.request.params == {"tools": TOOLS, "max_tokens": 64, "stop": "5"}
    assert second.request.params == {}
    assert (first.reference, second.reference) == (Reference(None), None)


SSE = (
    'data: {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Yes."}}]}\n\n'
    'data: {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    "data: [DONE]\n\n"
)
TEXT = "Is it raining?"


@pytest.mark.parametrize(
    "record",
    [
        {"messages": USER, "response": completion()},
        {"messages": USER, "model": "gpt-4o", "completion": completion()},
        completion(messages=USER),
        {"messages": USER, "choices": completion()["choices"]},
        {"prompt": USER, "response": completion()},
        {"prompt": TEXT, "response": completion()},
        completion(prompt=TEXT),
        {"question": TEXT, "user": "u1", "message": "call done", "response": completion()},
        {"request": USER, "response": completion()},
        {"request": USER, "response": "Yes."},
        {"request": TEXT, "response": completion()},
        {"messages": USER, "request": {"url": "/v1/chat", "method": "POST"}, "response": completion()},
        {"messages": USER, "response": SSE},
        {"messages": json.dumps(USER), "response": json.dumps(completion())},
        {"messages": json.dumps(USER), "response": SSE},
        {"req": {"model": "gpt-4o", "messages": USER}, "resp": completion()},
        {"kwargs": {"messages": USER}, "result": completion()},
        {"payload": {"messages": USER, "response": completion()}},
        {"payload": {"messages": USER, "response": "Yes."}},
        {"log": {"request": {"messages": USER}, "response": completion()}},
        {"http": {"request": {"body": json.dumps({"messages": USER})}, "response": {"body": json.dumps(completion())}}},
        {"messages": USER, "assistant": "Yes."},
        {"messages": USER, "generated_text": "Yes."},
    ],
)
@pytest.mark.parametrize("format", ["auto", "openai_chat", "chat_messages"])
def test_where_the_prompt_may_stand(tmp_path: Path, record: dict[str, Any], format: str) -> None:
    sample = one(tmp_path, record, format=format)
    assert sample.request.messages == USER
    assert sample.request.params == {}
    assert sample.not_replayable is None
    assert sample.answer is not None
    assert sample.answer.text == "Yes."


def test_parameters_beside_the_messages_belong_to_the_request(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"messages": USER, "model_parameters": {"top_p": 1, "region": "eu"}}
    params: dict[str, Any] = {
        "tools": TOOLS, "tool_choice": "auto", "temperature": 0.2, "max_tokens": 64, "seed": 7,
        "response_format": {"type": "json_object"},
    }  # fmt: skip
    noise: dict[str, Any] = {"model": "gpt-4o", "user": "u1", "latency_ms": 900, "metadata": {"a": 1}, "stream": True}
    answers: list[dict[str, Any]] = [{"response": completion()}, completion(), {"response": "Yes."}]
    for answer in answers:
        assert one(tmp_path, asked | params | noise | answer).request.params == params | {"top_p": 1}
    search: dict[str, Any] = {"messages": USER, "web_search_options": {}, "response": completion()}
    assert "web search" in (one(tmp_path, search).not_replayable or "")


def test_a_system_prompt_beside_the_prompt_comes_first(tmp_path: Path) -> None:
    sample = one(tmp_path, {"system_prompt": "Be brief.", "prompt": TEXT, "response": completion()})
    assert sample.request.messages == [{"role": "system", "content": "Be brief."}, *USER]


def test_a_completion_beside_an_empty_conversation_counts_only(tmp_path: Path) -> None:
    sample = one(tmp_path, {"messages": [], "user": "u1", "message": "done", "response": completion()})
    assert sample.not_replayable == "the log does not hold the prompt"


@pytest.mark.parametrize(
    ("headers", "latency_s"),
    [
        ("Zeitstempel;Frage;Antwort;Kategorie;Erwartet;Eingabe-Token(s);Ausgabe-Token(s);Dauer (ms);Modell", 1.5),
        ("ZEITSTEMPEL;frage;Antwort;kategorie;erwartete Antwort;Eingabetokens;Ausgabe Tokens;Dauer_ms;Modell", 1.5),
        ("Horodatage;Requête;Réponse;Catégorie;Réponse attendue;Tokens d'entrée;Tokens de sortie;"
         "Durée (ms);Modèle", 1.5),
        ("Date et heure;Demande;REPONSE;categorie;Attendu;jetons entrée;jetons sortie;Durée (secondes);Modele", 1500),
        ("Fecha y hora;Pregunta;Respuesta;Categoría;Respuesta esperada;Tokens de entrada;Tokens de salida;"
         "Duración (ms);Modelo", 1.5),
        ("Marca de tiempo;Entrada;Salida;Categoria;Esperado;Tokens entrada;Tokens salida;"
         "Latencia (milisegundos);modelo", 1.5),
    ],
)  # fmt: skip
def test_headers_of_other_languages(tmp_path: Path, headers: str, latency_s: float) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{headers}\n05.03.2025 14:07;a;b;faq;c;1.200;34;1500;gpt-4o\n", encoding="utf-8")
    ((_, sample),) = read_log(open_log(path))
    assert isinstance(sample, Sample)
    assert sample.metered.at == datetime(2025, 3, 5, 14, 7, tzinfo=UTC)
    assert sample.request.messages == [{"role": "user", "content": "a"}]
    assert sample.answer is not None
    assert (sample.answer.text, sample.use_case, sample.reference, sample.model) == (
        "b",
        "faq",
        Reference("c"),
        "gpt-4o",
    )
    assert sample.metered.usage == Usage(input_tokens=1200, output_tokens=34)
    assert sample.metered.latency_s == latency_s


def stream(*deltas: dict[str, Any], finish: str | None = "stop", done: bool = True) -> str:
    chunks: list[dict[str, Any]] = [{"id": "chatcmpl-9", "model": "gpt-4o", "choices": []}]
    chunks += [{"id": "chatcmpl-9", "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    if finish:
        chunks.append({"id": "chatcmpl-9", "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        chunks.append({"id": "chatcmpl-9", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
    lines = [f"data: {json.dumps(chunk)}" for chunk in chunks] + (["data: [DONE]"] if done else [])
    return "\n\n".join(lines) + "\n\n"


def test_stream_with_parallel_tool_calls(tmp_path: Path) -> None:
    pieces = [
        {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"x":'}}]},
        {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]},
    ]
    sample = one(tmp_path, {"request": {"messages": USER}, "response": stream(*pieces, finish="tool_calls")})
    assert sample.answer is not None
    assert sample.answer.tool_calls == (ToolCall(name="f", arguments='{"x":1}'), ToolCall(name="g", arguments="{}"))
    assert sample.answer.text is None
    assert sample.metered.usage == Usage(input_tokens=7, output_tokens=3)
    assert sample.error is None


def test_streams_that_were_cut_off(tmp_path: Path) -> None:
    half = stream({"role": "assistant"}, {"content": "It is "}, {"content": "rai"}, finish=None, done=False)
    bare = stream({"role": "assistant", "content": ""}, finish=None, done=False)
    torn = half + 'data: {"id":"chatcmpl-9","choices":[{"ind'
    requests = {"request": {"messages": USER, "stream": True}}
    half_way, nothing, broken = rows_of(tmp_path, *(requests | {"response": text} for text in (half, bare, torn)))
    assert isinstance(half_way, Sample)
    assert half_way.answer is not None
    assert (half_way.answer.text, half_way.answer.finish_reason) == ("It is rai", None)
    assert (half_way.error, half_way.not_replayable) == ("the recorded stream was cut off", None)
    assert isinstance(nothing, Sample)
    assert (nothing.answer, nothing.error) == (None, "the recorded stream was cut off")
    assert isinstance(broken, Sample)
    assert broken.answer == half_way.answer


@pytest.mark.parametrize(
    ("status", "body", "is_replayable"),
    [
        (429, {"error": {"message": "slow down", "type": "rate_limit_error"}}, True),
        (500, {"error": {"message": "oops", "type": "server_error"}}, True),
        (503, None, True),
        (400, {"error": {"message": "bad", "type": "invalid_request_error"}}, False),
        (401, {"error": {"message": "bad key"}}, False),
        (404, {"error": {"message": "no such model"}}, False),
        (200, {"error": {"message": "filtered", "code": "content_filter", "status": 400}}, False),
    ],
)
def test_logged_failures(tmp_path: Path, status: int, body: Any, is_replayable: bool) -> None:
    sample = one(tmp_path, {"request": {"messages": USER}, "response": body, "status": status})
    assert sample.error
    assert sample.answer is None
    assert (sample.not_replayable is None) == is_replayable
    if not is_replayable:
        assert sample.not_replayable == "the logged request was refused by the provider", "no text of the error"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}, "URL"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}, "audio"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "file"),
        ({"type": "text", "text": "a... (litellm_truncated skipped 900 chars. ...)b"}, "cut or redacted"),
        ({"type": "hologram"}, "hologram"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}, None),
    ],
)
def test_content_another_model_cannot_get(tmp_path: Path, part: dict[str, Any], words: str | None) -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "Look"}, part]}]
    sample = one(tmp_path, {"request": {"messages": messages}, "response": completion()})
    assert (words in (sample.not_replayable or "")) if words else sample.not_replayable is None
    assert sample.answer is not None


@pytest.mark.parametrize(
    "params",
    [
        {"tools": [{"type": "web_search"}]},
        {"web_search_options": {}},
        {"model": "x/y:online"},
        {"modalities": ["audio"]},
    ],
)
def test_tools_of_the_provider(tmp_path: Path, params: dict[str, Any]) -> None:
    sample = one(tmp_path, {"request": {"messages": USER} | params, "response": completion()})
    assert sample.not_replayable


def test_legacy_functions_become_tools(tmp_path: Path) -> None:
    function = {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}
    messages = [
        {"role": "developer", "content": "Be brief."},
        *USER,
        {"role": "assistant", "content": None, "function_call": {"name": "get_weather", "arguments": "{}"}},
        {"role": "function", "name": "get_weather", "content": "rain"},
    ]
    body = {"messages": messages, "functions": [function], "function_call": {"name": "get_weather"}}
    message = {"role": "assistant", "content": None, "function_call": {"name": "get_weather", "arguments": "{}"}}
    choices = [{"index": 0, "message": message, "finish_reason": "function_call"}]
    sample = one(tmp_path, {"request": body, "response": completion(choices=choices)})
    assert sample.request.params == {
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    }
    system, _, call, result = sample.request.messages
    assert system == {"role": "developer", "content": "Be brief."}
    assert result["role"] == "tool"
    assert result["tool_call_id"] == call["tool_calls"][0]["id"]
    assert sample.answer is not None
    assert sample.answer.tool_calls == (ToolCall(name="get_weather", arguments="{}"),)


def test_rows_that_are_no_chat_calls(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        {"request": {"messages": USER}, "response": completion()},
        {
            "request": {"input": "x", "model": "text-embedding-3-small"},
            "url": "https://h/v1/embeddings",
            "response": {},
        },
        {"request": {"messages": []}, "response": completion()},
        {"request": {"messages": [{"role": "wizard", "content": "x"}]}, "response": completion()},
        {"request": {"model": "gpt-4o"}, "response": None},
        {"request": None, "response": completion(usage={"prompt_tokens": 5, "completion_tokens": 1})},
    )
    reasons = [item.reason if isinstance(item, Rejection) else item.not_replayable for item in rows]
    assert reasons == [
        None,
        "a call of embeddings, not of a chat model",
        "the list of messages is empty",
        "message 1 has the unknown role 'wizard'",
        "no prompt found; its keys are: request, response. "
        "If one holds the prompt, name it with --columns or on the page",
        "the log does not hold the prompt",
    ]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 64},
             "completion_tokens_details": {"reasoning_tokens": 8}},
            Usage(input_tokens=36, cache_read_tokens=64, output_tokens=20, reasoning_tokens=8),
        ),
        (
            {"input_tokens": 100, "output_tokens": 20, "input_tokens_details": {"cached_tokens": 64}},
            Usage(input_tokens=36, cache_read_tokens=64, output_tokens=20),
        ),
        (
            {"input_tokens": 2, "output_tokens": 5, "cache_read_input_tokens": 1590, "cache_creation_input_tokens": 10},
            Usage(input_tokens=2, cache_read_tokens=1590, cache_write_tokens=10, output_tokens=5),
        ),
        (
            {"promptTokenCount": 85, "candidatesTokenCount": 12, "thoughtsTokenCount": 60, "totalTokenCount": 157},
            Usage(input_tokens=85, output_tokens=72, reasoning_tokens=60),
        ),
        (
            {"inputTokens": 433, "outputTokens": 16, "cacheReadInputTokens": 2752, "totalTokens": 3201},
            Usage(input_tokens=433, cache_read_tokens=2752, output_tokens=16),
        ),
        (
            {"prompt_token_count": 85, "candidates_token_count": 12, "thoughts_token_count": 60,
             "cached_content_token_count": 80, "total_token_count": 157},
            Usage(input_tokens=5, cache_read_tokens=80, output_tokens=72, reasoning_tokens=60),
        ),
        (
            {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135,
             "completion_tokens_details": {"reasoning_tokens": 94}},
            Usage(input_tokens=32, output_tokens=103, reasoning_tokens=94),
        ),
        (
            {"prompt_tokens": 32, "completion_tokens": 103, "total_tokens": 135,
             "completion_tokens_details": {"reasoning_tokens": 94}},
            Usage(input_tokens=32, output_tokens=103, reasoning_tokens=94),
        ),
        ({"total_tokens": 9}, None),
    ],
)  # fmt: skip
def test_usage_of_the_vendors(usage: dict[str, Any], expected: Usage | None) -> None:
    from advisor.ingest.messages.usage import read_usage

    assert read_usage(usage) == expected


def test_columns_chosen_by_a_person(tmp_path: Path) -> None:
    record = {"frage": "Hi?", "text": "noise", "meta": {"reply": "Hello"}, "Ground Truth": "Hello", "dur (s)": 130}
    sample = one(tmp_path, record, columns={"prompt": "frage", "answer": "meta.reply", "latency": "dur (s)"})
    assert sample.request.messages == [{"role": "user", "content": "Hi?"}]
    assert sample.answer is not None
    assert sample.answer.text == "Hello"
    assert (sample.reference, sample.metered.latency_s) == (Reference("Hello"), 130)


def test_targets_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text('prompt,answer,expected\na,b,billing\na,b,"{""n"": 1}"\na,b,null\na,b,\na,b,5\n', encoding="utf-8")
    found = [item.reference for _, item in read_log(open_log(path)) if isinstance(item, Sample)]
    assert found == [Reference("billing"), Reference({"n": 1}), None, None, Reference("5")]


CALL = {"name": "f", "arguments": {}}


@pytest.mark.parametrize(
    ("told", "offers_tools", "expected"),
    [
        ({"expected": ["Paris", "Paris, France"]}, False, ["Paris", "Paris, France"]),
        ({"expected": {"any_of": ["Paris", "paris"]}}, False, {"any_of": ["Paris", "paris"]}),
        ({"expected_any": ["Paris", "paris"]}, False, {"any_of": ["Paris", "paris"]}),
        ({"expected_any": "Paris | Paris, France"}, False, {"any_of": ["Paris", "Paris, France"]}),
        ({"acceptable_answers": [["a", "b"], ["c"]]}, False, {"any_of": [["a", "b"], ["c"]]}),
        ({"expected": "Paris", "acceptable_answers": ["paris", "Paris"]}, False, {"any_of": ["Paris", "paris"]}),
        ({"expected": ["a", "b"], "expected_any": ["c"]}, False, {"any_of": ["a", "b", "c"]}),
        ({"expected_any": ["Paris", None, ""]}, False, {"any_of": ["Paris"]}),
        ({"expected_any": [CALL, None]}, True, {"any_of": [CALL, None]}),
        ({"expected_any": [[CALL, CALL], CALL]}, True, {"any_of": [[CALL, CALL], CALL]}),
        ({"expected": [CALL, CALL], "expected_any": [CALL]}, True, {"any_of": [[CALL, CALL], CALL]}),
        ({"expected_any": []}, False, None),
        ({"expected_any": ""}, True, None),
        ({"expected_any": None}, True, None),
    ],
)
@pytest.mark.parametrize("shape", ["openai_chat", "chat_messages", "metadata", "table"])
def test_several_right_answers(
    tmp_path: Path, shape: str, told: dict[str, Any], offers_tools: bool, expected: Any
) -> None:
    offered: dict[str, Any] = {"tools": TOOLS} if offers_tools else {}
    records: dict[str, dict[str, Any]] = {
        "openai_chat": {"request": {"messages": USER} | offered, "response": completion(), **told},
        "chat_messages": {"messages": USER, "response": "x", **told} | offered,
        "metadata": {"messages": USER, "response": "x", "metadata": told} | offered,
        "table": {"prompt": "a", "answer": "b", "params": offered, **told},
    }
    sample = one(tmp_path, records[shape])
    assert sample.reference == (None if expected is None else Reference(expected))


def test_several_right_answers_in_the_cells_of_a_chosen_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    cells = ["Paris | Paris, France", '["Paris", "paris"]', '{"any_of": [["a", "b"], "c"]}', "5", ""]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["prompt", "answer", "fine"], *[["a", "b", cell] for cell in cells]])
    log = open_log(path, columns={"prompt": "prompt", "answer": "answer", "any_of": "fine"})
    found = [item.reference for _, item in read_log(log) if isinstance(item, Sample)]
    assert found == [
        Reference({"any_of": ["Paris", "Paris, France"]}),
        Reference({"any_of": ["Paris", "paris"]}),
        Reference({"any_of": [["a", "b"], "c"]}),
        Reference({"any_of": ["5"]}),
        None,
    ]


def test_an_answer_that_looks_like_code_stays_text(tmp_path: Path) -> None:
    answer = '{"role": "admin", "content": "x"}'
    path = tmp_path / "log.csv"
    path.write_text(
        'prompt,answer\nMake JSON,"{""role"": ""admin"", ""content"": ""x""}"\n"[a, b]",[1]\n', encoding="utf-8"
    )
    first, second = (item for _, item in read_log(open_log(path)))
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert first.answer is not None
    assert first.answer.text == answer
    assert second.request.messages[0]["content"] == "[a, b]"
    assert second.answer is not None
    assert second.answer.text == "[1]"


def test_month_first_dates_are_seen_in_the_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("prompt,answer,date\na,b,03/05/2025 2:07 PM\nc,d,03/25/2025 2:07 PM\n", encoding="utf-8")
    first, _ = (item for _, item in read_log(open_log(path)))
    assert isinstance(first, Sample)
    assert first.metered.at == datetime(2025, 3, 5, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [1741183620, 1741183620.0, 1741183620000, "1741183620000000000", 1741183620000000, "2025-03-05T14:07:00.0000000Z",
     "2025-03-05 14:07:00", "2025-03-05T16:07:00+02:00", "05/03/2025 14:07", "Wed, 05 Mar 2025 14:07:00 GMT",
     "2025-03-05 14:07:00 UTC", "5.3.2025 14:07"],
)  # fmt: skip
def test_times(value: Any) -> None:
    from advisor.ingest.values.times import parse_time

    assert parse_time(value) == datetime(2025, 3, 5, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [None, "", "yesterday", True, -5, 12, "99/99/2025", float("nan"), float("inf"), 1e300]
)
def test_what_is_no_time(value: Any) -> None:
    from advisor.ingest.values.times import parse_time

    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,0012", 0.0012),
        ("$1,234.50", 1234.5),
        ("1.234,5 €", 1234.5),
        ("1e-3", 0.001),
        ("-", None),
        ("", None),
        (True, None),
    ],
)
def test_numbers(text: Any, number: float | None) -> None:
    from advisor.ingest.values.numbers import parse_number

    assert parse_number(text) == number


def test_mixed_files_are_read_row_by_row(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        {"request": {"messages": USER}, "response": completion()},
        {"request": {"messages": USER}, "response": completion(id="x")},
        {"messages": [*USER, {"role": "assistant", "content": "Yes."}]},
    )
    assert all(isinstance(row, Sample) and row.answer and row.answer.text == "Yes." for row in rows)


@pytest.mark.parametrize(
    ("url", "operation"),
    [("https://x.org/v1/embeddings?x=1", "embeddings"), ("/v1/audio/speech", "audio"), ("/v1/models", "models"),
     ("/v1/videos", "videos"), ("/models/org/name/v1/chat/completions", None), ("/v1/chat/completions?x=/files", None),
     ("", None)],
)  # fmt: skip
def test_operations_that_are_no_chat(url: str, operation: str | None) -> None:
    from advisor.ingest.records.bodies import other_operation

    assert other_operation(url) == operation


def test_every_format_has_a_made_record_and_none_is_of_a_format_that_is_gone() -> None:
    assert RECORDS.keys() == set(FORMATS)
