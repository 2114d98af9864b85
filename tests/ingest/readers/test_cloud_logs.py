"""Bedrock, Gemini and Vertex, Azure and OpenRouter: what the clouds log, in all the ways their logs are handed out."""

import base64
import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from advisor.ingest.call_parts import Part, WaitingParts, part_of
from advisor.ingest.log import open_log
from advisor.ingest.messages.chat_templates import split_turns
from advisor.ingest.reader import RowRejected
from advisor.ingest.reading import Reading, read_log, read_logs
from advisor.ingest.records.bodies import read_answer, read_call, read_messages
from advisor.types import Answer, Json, Rejection, Sample, ToolCall, Usage

S3 = "the prompt was too long for the log and lies in a file of its own in S3"
OFF = "the log does not hold the prompt: the delivery of text is off in Bedrock's logging settings"
NO_TEXT = "the file holds no prompts, only counts and times"
REFUSED = "the logged request was refused by the provider"
BEDROCK = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
GOOGLE = "https://generativelanguage.googleapis.com/v1beta/models/"


def items(path: Path) -> list[Sample | Rejection]:
    return [item for _, item in read_log(open_log(path))]


def written(path: Path, *records: Json) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def one(path: Path, record: Json) -> Sample:
    (item,) = items(written(path / "log.jsonl", record))
    assert isinstance(item, Sample), item
    return item


def refusal(path: Path, record: Json) -> str:
    (item,) = items(written(path / "log.jsonl", record))
    assert isinstance(item, Rejection), item
    return item.reason


def pair(url: str, request: Json, response: Json, **beside: Json) -> dict[str, Json]:
    around = {"timestamp": None, "provider": "x", "url": url, "status": 200, "latency_ms": None, "request_id": None}
    return around | beside | {"request": request, "response": response}


def invocation(request: Json, response: Json, **more: Json) -> dict[str, Json]:
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": "2025-09-01T10:00:00Z",
        "requestId": "70497713-b8e0-06f7-5cc1-0aa32809cc77",
        "operation": "InvokeModel",
        "modelId": "amazon.nova-micro-v1:0",
        "input": {"inputBodyJson": request},
        "output": {"outputBodyJson": response},
    } | more


# Samples of the whole formats


@pytest.mark.parametrize(
    ("file", "form", "rows", "replayable", "with_answer", "with_usage", "with_latency"),
    [
        ("bedrock_invocation_log.jsonl", "bedrock_invocation", 10, 8, 7, 9, 6),
        ("bedrock_20250920T0800_111122223333.json.gz", "bedrock_invocation", 8, 6, 5, 7, 4),
        ("bedrock_cloudwatch_insights_export.jsonl", "bedrock_invocation", 2, 2, 2, 2, 2),
        ("azure_apim_llm_log.json", "azure_apim", 2, 2, 2, 2, 0),
        ("azure_apim_llm_log.csv", "azure_apim", 2, 2, 2, 2, 0),
        ("azure_openai_diagnostics_requestresponse.jsonl", "azure_diagnostics", 2, 0, 0, 0, 2),
        ("openrouter_activity.csv", "openrouter_activity", 3, 0, 0, 3, 3),
    ],
)
def test_a_sample_is_recognised_and_read_whole(
    fixtures: Path,
    file: str,
    form: str,
    rows: int,
    replayable: int,
    with_answer: int,
    with_usage: int,
    with_latency: int,
) -> None:
    log = open_log(fixtures / "samples" / file)
    found = [item for _, item in read_log(log)]
    samples = [item for item in found if isinstance(item, Sample)]
    assert log.format == form
    assert len(samples) == len(found) == rows
    assert sum(sample.not_replayable is None for sample in samples) == replayable
    assert sum(sample.answer is not None for sample in samples) == with_answer
    assert sum(sample.metered.usage is not None for sample in samples) == with_usage
    assert sum(sample.metered.latency_s is not None for sample in samples) == with_latency
    assert all(sample.model and sample.metered.at and sample.ids.external_id for sample in samples)


@pytest.fixture(scope="module")
def invocations(fixtures: Path) -> list[Any]:
    return items(fixtures / "samples" / "bedrock_invocation_log.jsonl")


def test_a_converse_call_is_read(invocations: list[Any]) -> None:
    sample = invocations[2]
    assert sample.request.messages == [{"role": "user", "content": "When is R-77 ready?"}]
    (tool,) = sample.request.params["tools"]
    assert tool["function"]["name"] == "find_repair"
    assert tool["function"]["parameters"]["required"] == ["ticket"]
    assert sample.answer == Answer(
        text=None, tool_calls=(ToolCall(name="find_repair", arguments='{"ticket":"R-77"}'),), finish_reason="tool_calls"
    )
    assert sample.use_case == "desk-bot"
    assert sample.metered.latency_s == 1.927
    assert sample.model == "mistral.devstral-2-123b"
    assert sample.ids.response_id == sample.ids.external_id == "00000000-0000-4000-8000-0000000000b2"
    assert sample.metered.at == datetime(2026, 2, 3, 9, 2, tzinfo=UTC)


def test_cached_tokens_stand_beside_the_input(invocations: list[Any]) -> None:
    assert invocations[3].metered.usage == Usage(input_tokens=43, cache_read_tokens=275, output_tokens=16)
    assert invocations[3].request.params["tool_choice"] == {"type": "function", "function": {"name": "parts"}}
    assert [message["role"] for message in invocations[3].request.messages] == ["system", "user"]


def test_a_schema_for_the_answer_is_kept(invocations: list[Any]) -> None:
    layout = invocations[4].request.params["response_format"]["json_schema"]
    assert layout["name"] == "Ticket"
    assert layout["schema"]["required"] == ["kind"]
    assert invocations[4].answer.text == '{"kind": "repair"}', "without the reasoning"


def test_a_titan_stream_is_put_together(invocations: list[Any]) -> None:
    sample = invocations[1]
    assert sample.request.messages == [{"role": "user", "content": "User: Do you sell bells?\n\nBot:"}]
    assert sample.request.params == {"max_tokens": 512, "temperature": 0, "stop": ["User:"]}
    assert sample.answer == Answer(text=" Yes, two kinds.", finish_reason="stop")
    assert (sample.metered.latency_s, sample.metered.ttft_s) == (0.903, 0.611)
    assert sample.metered.usage == Usage(input_tokens=11, output_tokens=6)


def test_a_stream_of_claude_on_bedrock_is_put_together(invocations: list[Any]) -> None:
    sample = invocations[5]
    assert sample.answer == Answer(text="Bells", finish_reason="stop")
    assert sample.request.messages[0] == {"role": "system", "content": "Answer in one word."}
    assert sample.ids.response_id == "msg_bdrk_own"
    assert sample.model == "anthropic.claude-3-haiku-20240307-v1:0"
    assert sample.metered.ttft_s is not None
    assert sample.metered.latency_s is not None


def test_calls_without_text_count_for_volume(invocations: list[Any]) -> None:
    assert invocations[7].not_replayable == S3
    assert invocations[7].metered.usage == Usage(input_tokens=4821, output_tokens=40)
    assert invocations[9].not_replayable == OFF
    assert invocations[9].metered.usage == Usage(input_tokens=1, output_tokens=8)


def test_a_failed_call_whose_request_was_good_is_replayable(invocations: list[Any]) -> None:
    assert invocations[8].error == "ThrottlingException"
    assert invocations[8].not_replayable is None
    assert invocations[8].metered.usage is None
    assert invocations[8].request.messages == [{"role": "user", "content": "Hello?"}]


# Bedrock's containers


def containers(folder: Path, records: list[dict[str, Json]]) -> Iterator[Path]:
    texts = [json.dumps(record) for record in records]
    for name, header in {"insights.csv": ("@timestamp", "@message"), "console.csv": ("timestamp", "message")}.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *(("2025-09-01 10:00:00.000", text) for text in texts)])
        yield folder / name
    event = {"logStreamName": "s", "timestamp": 1756720800000, "ingestionTime": 1, "eventId": "3"}
    fields = [[{"field": "@message", "value": text}, {"field": "@ptr", "value": "p"}] for text in texts]
    subscription = {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logStream": "s"}
    in_text = [
        record | {"input": record["input"] | {"inputBodyJson": json.dumps(record["input"].get("inputBodyJson"))}}
        for record in records
    ]
    values: dict[str, Json] = {
        "array.json": records,
        "insights.json": [{"@timestamp": "2025-09-01 10:00:00.000", "@message": record} for record in records],
        "results.json": {"results": fields, "statistics": {"recordsMatched": 3.0}, "status": "Complete"},
        "events.json": {"events": [event | {"message": text} for text in texts], "searchedLogStreams": []},
        "subscription.json": subscription | {"logEvents": [{"id": "1", "timestamp": 1, "message": t} for t in texts]},
        "bodies_as_text.json": in_text,
        "lower_case.json": [{key.lower(): value for key, value in r.items() if key != "schemaType"} for r in records],
    }
    for name, value in values.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
        yield folder / name


def test_every_container_holds_the_same_calls(fixtures: Path, tmp_path: Path, invocations: list[Any]) -> None:
    text = (fixtures / "samples" / "bedrock_invocation_log.jsonl").read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.split("\n") if line]
    for path in containers(tmp_path, records):
        log = open_log(path)
        assert (path.name, log.format) == (path.name, "bedrock_invocation")
        assert [item for _, item in read_log(log)] == invocations, path.name


def test_columns_of_a_table_are_read(tmp_path: Path) -> None:
    path = tmp_path / "flat.csv"
    header = ["requestId", "modelId", "operation", "input.inputBodyJson", "input.inputTokenCount"]
    body = json.dumps({"messages": [{"role": "user", "content": [{"text": "hi"}]}]})
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([*header, "output.outputBodyJson", "output.outputTokenCount"])
        reply = {"output": {"message": {"role": "assistant", "content": [{"text": "ho"}]}}, "stopReason": "end_turn"}
        rows.writerow(["r1", "amazon.nova-micro-v1:0", "Converse", body, "3", json.dumps(reply), "1"])
    (sample,) = items(path)
    assert isinstance(sample, Sample)
    assert sample.answer == Answer(text="ho", finish_reason="stop")
    assert sample.metered.usage == Usage(input_tokens=3, output_tokens=1)


def test_the_log_services_own_lines_are_no_calls(tmp_path: Path, invocations: list[Any]) -> None:
    record = invocation({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, None)
    lines = ({"@message": "Permissions are correctly set for Amazon Bedrock logs."}, {"@message": json.dumps(record)})
    first, second = items(written(tmp_path / "log.jsonl", *lines))
    assert isinstance(first, Rejection)
    assert first.reason == "a line that the log service wrote, not a call of a model"
    assert isinstance(second, Sample)
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "", "timestamp": 1, "message": "CWL CONTROL"}]}
    assert isinstance(items(written(tmp_path / "more.jsonl", record, control))[1], Rejection)


# Bedrock's records


@pytest.mark.parametrize(
    ("identity", "answered_by", "model"),
    [
        ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", None,
         "anthropic.claude-3-haiku-20240307-v1:0"),
        ("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-micro-v1:0", None,
         "us.amazon.nova-micro-v1:0"),
        ("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3", "claude-3-haiku-20240307",
         "claude-3-haiku-20240307"),
        ("arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3", None,
         "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3"),
        ("arn:aws:bedrock:us-east-1:111122223333:imported-model/x9", None,
         "arn:aws:bedrock:us-east-1:111122223333:imported-model/x9"),
    ],
)  # fmt: skip
def test_the_model_is_named_as_well_as_the_log_allows(
    tmp_path: Path, identity: str, answered_by: str | None, model: str
) -> None:
    reply = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "hi"}], "model": answered_by}
    body = {"anthropic_version": "bedrock-2023-05-31", "messages": [{"role": "user", "content": "hi"}]}
    assert one(tmp_path, invocation(body, reply, modelId=identity)).model == model


@pytest.mark.parametrize(
    ("model", "operation", "kind"),
    [
        ("amazon.titan-embed-text-v2:0", "InvokeModel", "embeddings"),
        ("cohere.embed-english-v3", "InvokeModel", "embeddings"),
        ("cohere.rerank-v3-5:0", "InvokeModel", "rerank"),
        ("amazon.nova-canvas-v1:0", "InvokeModel", "images"),
        ("stability.sd3-5-large-v1:0", "InvokeModel", "images"),
        ("amazon.nova-micro-v1:0", "CountTokens", "CountTokens"),
    ],
)
def test_what_is_no_chat_model_is_refused(tmp_path: Path, model: str, operation: str, kind: str) -> None:
    record = invocation({"inputText": "hi"}, {"embedding": [0.1]}, modelId=model, operation=operation)
    assert refusal(tmp_path, record) == f"a call of {kind}, not of a chat model"


@pytest.mark.parametrize(
    ("code", "reason"), [("ThrottlingException", None), ("ValidationException", REFUSED), ("ModelErrorException", None)]
)
def test_only_a_faulty_request_is_not_asked_again(tmp_path: Path, code: str, reason: str | None) -> None:
    body = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    sample = one(tmp_path, invocation(body, None, errorCode=code))
    assert (sample.error, sample.not_replayable) == (code, reason)


def test_tags_of_the_request_make_the_label_and_the_session(tmp_path: Path) -> None:
    body = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    sample = one(tmp_path, invocation(body, None, requestMetadata={"promptName": "triage", "sessionId": "s-1"}))
    assert (sample.use_case, sample.ids.session) == ("triage", "s-1")
    assert one(tmp_path, invocation(body, None, requestMetadata={"app": "shop"})).use_case == "shop"


def test_counts_of_the_body_stand_in_for_missing_ones(tmp_path: Path) -> None:
    usage = {"inputTokens": 5, "outputTokens": 2, "cacheReadInputTokens": 7}
    reply = {"output": {"message": {"content": [{"text": "ho"}]}}, "stopReason": "max_tokens", "usage": usage}
    body = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    sample = one(tmp_path, invocation(body, reply))
    assert sample.metered.usage == Usage(input_tokens=5, cache_read_tokens=7, output_tokens=2)
    assert sample.answer == Answer(text="ho", finish_reason="length")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("[REDACTED]", "the text was cut or redacted before it was logged"),
        ({"promptVariables": {"name": {"text": "x"}}},
         "the prompt lies in Bedrock's prompt management, not in the log"),
        ({"messages": [{"role": "user", "content": [{"text": "[REDACTED]"}]}]},
         "the text was cut or redacted before it was logged"),
        ({"messages": [{"role": "user", "content": [{"image": {"format": "png", "source": {"s3Location": {
            "uri": "s3://b/k"}}}}]}]}, "an image is linked by a URL that may have expired"),
        ({"messages": [{"role": "user", "content": [{"document": {"format": "pdf", "name": "d", "source": {
            "bytes": "JVBERi0="}}}]}]}, "a document is attached, which other models do not read"),
        ({"messages": [{"role": "user", "content": [{"video": {"format": "mp4", "source": {"bytes": "AAAA"}}}]}]},
         "a video is attached, which open models rarely take"),
        ({"messages": [{"role": "user", "content": [{"text": "hi"}]}],
          "toolConfig": {"tools": [{"systemTool": {"name": "nova_grounding"}}]}},
         "it uses the provider's own tool 'nova_grounding', which other models can't run"),
    ],
)  # fmt: skip
def test_why_a_call_is_not_replayable(tmp_path: Path, body: Json, reason: str) -> None:
    reply = {"output": {"message": {"content": [{"text": "ho"}]}}, "stopReason": "end_turn"}
    assert one(tmp_path, invocation(body, reply)).not_replayable == reason


# Converse


def test_blocks_become_messages() -> None:
    call = read_call(
        {
            "system": [
                {"text": "Be brief."}, {"cachePoint": {"type": "default"}}, {"guardContent": {"text": {"text": "G"}}},
            ],
            "messages": [
                {"role": "user", "content": [
                    {"text": "Weather?"}, {"image": {"format": "jpeg", "source": {"bytes": "/9j/"}}},
                ]},
                {"role": "assistant", "content": [
                    {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}},
                    {"text": "Let me see."},
                    {"toolUse": {"toolUseId": "t1", "name": "look", "input": {"city": "Paris"}}},
                    {"toolUse": {"toolUseId": "t2", "name": "look", "input": {}}},
                ]},
                {"role": "user", "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"json": {"c": 22}}, {"image": {
                        "format": "png", "source": {"bytes": "iVBORw0K"}}}]}},
                    {"toolResult": {"toolUseId": "t2", "content": [{"text": "none"}], "status": "error"}},
                    {"text": "Well?"},
                ]},
            ],
            "inferenceConfig": {"maxTokens": 9, "temperature": 0, "topP": 0.5, "stopSequences": ["x"]},
            "additionalModelRequestFields": {"top_k": 5, "thinking": {"type": "enabled"}},
            "toolConfig": {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {"type": "object"}}}}],
                           "toolChoice": {"any": {}}},
        },
        None,
    )  # fmt: skip
    assert call.request is not None
    assert call.not_replayable is None
    assert call.request.messages == [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "G"}]},
        {"role": "user", "content": [
            {"type": "text", "text": "Weather?"},
            {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}},
        ]},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": "t1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Paris"}'}},
            {"id": "t2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ]},
        {"role": "tool", "content": '{"c":22}', "tool_call_id": "t1"},
        {"role": "tool", "content": "none", "tool_call_id": "t2"},
        {"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0K"}},
            {"type": "text", "text": "Well?"},
        ]},
    ]  # fmt: skip
    params = call.request.params
    assert (params["max_tokens"], params["temperature"], params["top_p"], params["top_k"]) == (9, 0, 0.5, 5)
    assert (params["stop"], params["tool_choice"]) == (["x"], "required")
    assert "thinking" not in params


def test_the_start_of_an_answer_belongs_to_the_answer() -> None:
    messages = [{"role": "user", "content": [{"text": "JSON?"}]}, {"role": "assistant", "content": [{"text": "{"}]}]
    reply = {"output": {"message": {"role": "assistant", "content": [{"text": '"a": 1}'}]}}, "stopReason": "end_turn"}
    call = read_call({"messages": messages, "inferenceConfig": {}}, reply)
    assert call.request is not None
    assert call.request.messages == [{"role": "user", "content": "JSON?"}]
    assert call.reply.answer == Answer(text='{"a": 1}', finish_reason="stop")


def test_a_text_document_is_text() -> None:
    data = base64.b64encode(b"a,b\n1,2").decode()
    block = {"document": {"format": "csv", "name": "t", "source": {"bytes": data}}}
    assert read_messages([{"role": "user", "content": [block, {"text": "Sum?"}]}])[0]["content"][0] == {
        "type": "text", "text": "a,b\n1,2",
    }  # fmt: skip


EVENTS: list[Json] = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}}},
    {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": "Hel"}}},
    {"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": "lo"}}},
    {"contentBlockStart": {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "t", "name": "look"}}}},
    {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"a"'}}}},
    {"contentBlockDelta": {"contentBlockIndex": 2, "delta": {"toolUse": {"input": ": 1}"}}}},
    {"contentBlockStop": {"contentBlockIndex": 2}},
    {"messageStop": {"stopReason": "tool_use"}},
    {"metadata": {"usage": {"inputTokens": 13, "outputTokens": 82}, "metrics": {"latencyMs": 391}}},
]


def binary(events: list[Json]) -> bytes:
    """As Bedrock frames events; the lengths and sums do not matter for reading."""
    frames = b""
    for event in events:
        ((kind, told),) = event.items()
        frames += b"\x00\x00\x00\xb5\x00\x00\x00R8`h\xd5\x0b:event-type\x07\x00" + bytes([len(kind)]) + kind.encode()
        frames += b"\r:content-type\x07\x00\x10application/json\r:message-type\x07\x00\x05event"
        frames += json.dumps(told | {"p": "abcdefg"}, ensure_ascii=False).encode() + b"\x82vyT"
    return frames


@pytest.mark.parametrize(
    "response",
    [
        EVENTS,
        [{"bytes": base64.b64encode(json.dumps(event).encode()).decode()} for event in EVENTS],
        [{"chunk": {"bytes": base64.b64encode(json.dumps(event).encode()).decode()}} for event in EVENTS],
        base64.b64encode(binary(EVENTS)).decode(),
        binary(EVENTS).decode("utf-8", "replace"),
    ],
    ids=["events", "bytes", "chunks", "base64", "binary"],
)
def test_a_stream_is_put_together_however_it_was_recorded(tmp_path: Path, response: Json) -> None:
    request = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}
    sample = one(tmp_path, pair(f"{BEDROCK}amazon.nova-micro-v1%3A0/converse-stream", request, response))
    assert sample.answer == Answer(
        text="Hello", tool_calls=(ToolCall(name="look", arguments='{"a": 1}'),), finish_reason="tool_calls"
    )
    assert sample.metered.usage == Usage(input_tokens=13, output_tokens=82)
    assert sample.model == "amazon.nova-micro-v1:0"
    assert sample.error is None
    assert sample.metered.latency_s == 0.391


def test_a_torn_stream_is_an_error_with_what_came() -> None:
    reply = read_answer(EVENTS[:4])
    assert reply.error == "the recorded stream was cut off"
    assert reply.answer is not None
    assert reply.answer.text == "Hello"
    failed = read_answer([*EVENTS[:3], {"throttlingException": {"message": "Too many"}}])
    assert failed.error == "Too many"


# InvokeModel


@pytest.mark.parametrize(
    ("body", "reply", "messages", "params", "answer", "usage"),
    [
        pytest.param(
            {"inputText": "Translate", "textGenerationConfig": {"maxTokenCount": 20, "topP": 0.5}},
            {"inputTextTokenCount": 28.0, "results": [{"tokenCount": 7.0, "outputText": "hola",
                                                        "completionReason": "LENGTH"}]},
            ["Translate"], {"max_tokens": 20, "top_p": 0.5}, Answer(text="hola", finish_reason="length"), (28, 7),
            id="titan"),
        pytest.param(
            {"prompt": "Tell a joke", "max_gen_len": 128, "top_p": 0.9},
            {"generation": "\nWhy", "prompt_token_count": 8, "generation_token_count": 35, "stop_reason": "stop"},
            ["Tell a joke"], {"max_tokens": 128, "top_p": 0.9}, Answer(text="\nWhy", finish_reason="stop"), (8, 35),
            id="llama"),
        pytest.param(
            {"prompt": "Tell a joke", "max_gen_len": 128},
            [{"generation": "Wh", "prompt_token_count": 8, "generation_token_count": 1, "stop_reason": None},
             {"generation": "y", "prompt_token_count": None, "generation_token_count": 2, "stop_reason": "length",
              "amazon-bedrock-invocationMetrics": {"inputTokenCount": 8, "outputTokenCount": 2}}],
            ["Tell a joke"], {"max_tokens": 128}, Answer(text="Why", finish_reason="length"), (8, 2),
            id="llama stream"),
        pytest.param(
            {"prompt": "<s>[INST] Hi [/INST]", "max_tokens": 50},
            {"outputs": [{"text": " Hello", "stop_reason": "stop"}]},
            ["Hi"], {"max_tokens": 50}, Answer(text=" Hello", finish_reason="stop"), None, id="mistral"),
        pytest.param(
            {"prompt": "Hi", "max_tokens": 50, "p": 0.7, "k": 3},
            {"id": "1", "prompt": "Hi", "generations": [{"id": "2", "text": " Yo", "finish_reason": "COMPLETE"}]},
            ["Hi"], {"max_tokens": 50, "top_p": 0.7, "top_k": 3}, Answer(text=" Yo", finish_reason="stop"), None,
            id="cohere command"),
        pytest.param(
            {"message": "And now?", "preamble": "Be kind", "chat_history": [
                {"role": "USER", "message": "Hi"}, {"role": "CHATBOT", "message": "Hello"}], "max_tokens": 5},
            {"response_id": "a", "text": "Fine", "generation_id": "b", "finish_reason": "MAX_TOKENS",
             "meta": {"billed_units": {"input_tokens": 4, "output_tokens": 5}}},
            ["Be kind", "Hi", "Hello", "And now?"], {"max_tokens": 5}, Answer(text="Fine", finish_reason="length"),
            (4, 5), id="cohere command r"),
        pytest.param(
            {"prompt": "Translate", "maxTokens": 200, "topP": 0.5},
            {"id": 1, "prompt": {"text": "Translate", "tokens": [{}, {}]}, "completions": [
                {"data": {"text": "x", "tokens": [{}, {}, {}]}, "finishReason": {"reason": "endoftext"}}]},
            ["Translate"], {"max_tokens": 200, "top_p": 0.5}, Answer(text="x", finish_reason="stop"), (2, 3),
            id="ai21"),
        pytest.param(
            {"schemaVersion": "messages-v1", "messages": [{"role": "user", "content": [{"text": "hi"}]}],
             "inferenceConfig": {"topK": 20, "maxTokens": 9}},
            {"output": {"message": {"content": [{"text": "4"}], "role": "assistant"}}, "stopReason": "end_turn",
             "usage": {"inputTokens": 13, "outputTokens": 3}},
            ["hi"], {"max_tokens": 9, "top_k": 20}, Answer(text="4", finish_reason="stop"), (13, 3), id="nova"),
        pytest.param(
            {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 9},
            {"id": "chatcmpl-1", "choices": [{"message": {"role": "assistant", "content": "ho"},
                                              "finish_reason": "stop"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
            ["hi"], {"max_tokens": 9}, Answer(text="ho", finish_reason="stop"), (3, 2), id="jamba"),
    ],
)  # fmt: skip
def test_the_models_own_bodies_are_read(
    tmp_path: Path, body: Json, reply: Json, messages: list[str], params: Json, answer: Answer, usage: Any
) -> None:
    for record in (invocation(body, reply), pair(f"{BEDROCK}amazon.nova-micro-v1%3A0/invoke", body, reply)):
        sample = one(tmp_path, record)
        assert [message["content"] for message in sample.request.messages] == messages
        assert sample.request.params == params
        assert sample.answer == answer
        assert sample.metered.usage == (usage and Usage(input_tokens=usage[0], output_tokens=usage[1]))
        assert sample.model == "amazon.nova-micro-v1:0"
        assert sample.not_replayable is None


def test_a_cohere_stream_repeats_its_answer_at_the_end() -> None:
    events: list[Json] = [
        {"is_finished": False, "event_type": "text-generation", "text": "Fi"},
        {"is_finished": False, "event_type": "text-generation", "text": "ne"},
        {"is_finished": True, "event_type": "stream-end", "finish_reason": "COMPLETE", "response": {
            "response_id": "a", "text": "Fine", "finish_reason": "COMPLETE"}},
    ]  # fmt: skip
    assert read_answer(events).answer == Answer(text="Fine", finish_reason="stop")
    assert read_answer(events[:1]).error == "the recorded stream was cut off"


def test_cohere_tools_become_functions() -> None:
    tools = [{"name": "look", "description": "d", "parameter_definitions": {
        "city": {"type": "str", "description": "c", "required": True}, "n": {"type": "int"}}}]  # fmt: skip
    call = read_call({"message": "hi", "chat_history": [], "tools": tools}, None)
    assert call.request is not None
    assert call.request.params["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "c"}, "n": {"type": "integer"}},
        "required": ["city"],
    }
    assert read_call({"message": "hi", "documents": [{"text": "t"}]}, None).not_replayable is not None


SYSTEM, USER, ASSISTANT, TOOL = "system", "user", "assistant", "tool"


@pytest.mark.parametrize(
    ("prompt", "turns"),
    [
        ("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user"
         "<|end_header_id|>\n\nHi\n\nthere<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
         [(SYSTEM, "Be brief."), (USER, "Hi\n\nthere")]),
        ("<|begin_of_text|><|header_start|>user<|header_end|>\n\nHi<|eot|><|header_start|>assistant<|header_end|>\n\n",
         [(USER, "Hi")]),
        ("<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Well? [/INST]",
         [(SYSTEM, "Be brief."), (USER, "Hi"), (ASSISTANT, "Hello"), (USER, "Well?")]),
        ("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", [(USER, "Hi")]),
        ("<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHo<end_of_turn>\n<start_of_turn>user\nWell?"
         "<end_of_turn>\n<start_of_turn>model\n", [(USER, "Hi"), (ASSISTANT, "Ho"), (USER, "Well?")]),
        ("<｜begin▁of▁sentence｜>Be brief.<｜User｜>Hi<｜Assistant｜><think>\n", [(SYSTEM, "Be brief."), (USER, "Hi")]),
        ("Write [INST] in capitals", [(USER, "Write [INST] in capitals")]),
        ("  Hi\n", [(USER, "  Hi\n")]),
        ("<|im_start|>nobody\nHi<|im_end|>", [(USER, "<|im_start|>nobody\nHi<|im_end|>")]),
        ("<|im_start|>assistant\nHi", [(USER, "<|im_start|>assistant\nHi")]),
    ],
)  # fmt: skip
def test_a_template_is_taken_apart(prompt: str, turns: list[tuple[str, str]]) -> None:
    assert [(turn["role"], turn["content"]) for turn in split_turns(prompt)] == turns


# Pairs of Bedrock and Gemini


def test_gemini_pairs_are_read(tmp_path: Path) -> None:
    request = {
        "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
        "contents": [
            {"role": "user", "parts": [
                {"text": "Weather?"}, {"inlineData": {"mimeType": "image/png", "data": "iVBO"}},
            ]},
            {"role": "model", "parts": [
                {"text": "thinking", "thought": True}, {"text": "Let me "}, {"text": "see."},
                {"functionCall": {"name": "look", "args": {"city": "Paris"}}, "thoughtSignature": "x"},
                {"functionCall": {"name": "look", "args": {"city": "Rome"}}},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "look", "response": {"c": 22}}},
                {"functionResponse": {"name": "look", "response": {"c": 30}}}, {"text": "Well?"},
            ]},
        ],
        "generationConfig": {
            "temperature": 0.5, "topP": 0.9, "topK": 4, "maxOutputTokens": 7, "stopSequences": ["x"], "seed": 1,
            "responseMimeType": "application/json", "responseModalities": ["TEXT"],
            "responseSchema": {"type": "OBJECT", "title": "City", "propertyOrdering": ["type"], "properties": {
                "type": {"type": "STRING", "nullable": True, "format": "enum", "enum": ["a"]},
                "list": {"type": "ARRAY", "items": {"anyOf": [{"type": "INTEGER"}]}, "minItems": "2"}}},
        },
        "tools": [{"functionDeclarations": [
            {"name": "look", "description": "d", "parameters": {"type": "OBJECT", "properties": {
                "city": {"type": "STRING"}}}},
            {"name": "exact", "parametersJsonSchema": {"type": "object", "properties": {}}},
        ]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
        "safetySettings": [{"category": "c"}], "labels": {"use_case": "weather"},
    }  # fmt: skip
    response = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "{}"}]},
                        "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 85, "cachedContentTokenCount": 5, "candidatesTokenCount": 12,
                          "thoughtsTokenCount": 60, "totalTokenCount": 157},
        "modelVersion": "gemini-2.5-flash-001", "responseId": "r-1", "createTime": "2026-05-27T16:53:45.443719Z",
    }  # fmt: skip
    record = pair(f"{GOOGLE}gemini-2.5-flash:generateContent", request, response, latency_ms=962)
    log = open_log(written(tmp_path / "pairs.jsonl", record))
    assert log.format == "gemini"
    sample = one(tmp_path, record)
    assert sample.request.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "Weather?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
        ]},
        {"role": "assistant", "content": "Let me see.", "tool_calls": [
            {"id": "call_0", "type": "function", "function": {"name": "look", "arguments": '{"city":"Paris"}'}},
            {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Rome"}'}},
        ]},
        {"role": "tool", "content": '{"c":22}', "tool_call_id": "call_0"},
        {"role": "tool", "content": '{"c":30}', "tool_call_id": "call_1"},
        {"role": "user", "content": "Well?"},
    ]  # fmt: skip
    params = dict(sample.request.params)
    schema = params.pop("response_format")
    tools = params.pop("tools")
    assert schema["json_schema"]["name"] == "City"
    assert schema["json_schema"]["schema"]["properties"] == {
        "type": {"type": ["string", "null"], "enum": ["a"]},
        "list": {"type": "array", "items": {"anyOf": [{"type": "integer"}]}, "minItems": 2},
    }
    assert tools[0]["function"]["parameters"] == {"type": "object", "properties": {"city": {"type": "string"}}}
    assert tools[1]["function"] == {"name": "exact", "parameters": {"type": "object", "properties": {}}}
    assert params == {
        "temperature": 0.5, "top_p": 0.9, "top_k": 4, "max_tokens": 7, "stop": ["x"], "seed": 1,
        "tool_choice": {"type": "function", "function": {"name": "look"}},
    }  # fmt: skip
    assert sample.answer == Answer(text="{}", finish_reason="stop")
    assert sample.metered.usage == Usage(input_tokens=80, cache_read_tokens=5, output_tokens=72, reasoning_tokens=60)
    assert (sample.model, sample.ids.response_id, sample.use_case) == ("gemini-2.5-flash-001", "r-1", "weather")
    assert sample.metered.latency_s == 0.962
    assert sample.metered.at == datetime(2026, 5, 27, 16, 53, 45, 443719, UTC)
    assert sample.not_replayable is None


def test_snake_case_and_the_librarys_own_form_are_read() -> None:
    body = {
        "model": "gemini-2.5-flash",
        "contents": ["Hi"],
        "config": {
            "system_instruction": "Be brief.",
            "max_output_tokens": 5,
            "response_json_schema": {"type": "object"},
            "tools": [{"function_declarations": [{"name": "f", "parameters": {"type": "Type.OBJECT"}}]}],
            "tool_config": {"function_calling_config": {"mode": "FunctionCallingConfigMode.AUTO"}},
        },
    }
    reply = {
        "candidates": [{"content": {"parts": [{"function_call": {"name": "f", "args": {}}}]},
                        "finish_reason": "FinishReason.STOP"}],
        "usage_metadata": {"prompt_token_count": 4, "candidates_token_count": 2, "thoughts_token_count": None},
        "model_version": "gemini-2.5-flash", "response_id": "r-2",
    }  # fmt: skip
    call = read_call(body, reply)
    assert call.request is not None
    assert call.request.messages == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert call.request.params["max_tokens"] == 5
    assert call.request.params["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert call.request.params["tools"][0]["function"]["parameters"] == {"type": "object"}
    assert call.request.params["tool_choice"] == "auto"
    assert call.reply.answer == Answer(
        text=None, tool_calls=(ToolCall(name="f", arguments="{}"),), finish_reason="tool_calls"
    )
    assert call.reply.usage == Usage(input_tokens=4, output_tokens=2)
    assert call.reply.response_id == "r-2"


CHUNKS: list[Json] = [
    {"candidates": [{"content": {"parts": [{"text": "Hel"}], "role": "model"}}], "usageMetadata": {
        "promptTokenCount": 5, "candidatesTokenCount": 1}},
    {"candidates": [{"content": {"parts": [{"text": "lo"}], "role": "model"}, "finishReason": "MAX_TOKENS"}],
     "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2}, "modelVersion": "gemini-2.5-flash"},
]  # fmt: skip


@pytest.mark.parametrize("response", [CHUNKS, "".join(f"data: {json.dumps(chunk)}\r\n\r\n" for chunk in CHUNKS)])
def test_a_gemini_stream_is_put_together(tmp_path: Path, response: Json) -> None:
    record = pair(f"{GOOGLE}gemini-2.5-flash:streamGenerateContent?alt=sse", {"contents": "Hi"}, response)
    sample = one(tmp_path, record)
    assert sample.answer == Answer(text="Hello", finish_reason="length")
    assert sample.metered.usage == Usage(input_tokens=5, output_tokens=2)
    assert sample.error is None
    assert read_answer(CHUNKS[:1]).error == "the recorded stream was cut off"


def user(*parts: Json) -> dict[str, Json]:
    return {"contents": [{"role": "user", "parts": [{"text": "Hi"}, *parts]}]}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (user() | {"tools": [{"googleSearch": {}}]},
         "it uses the provider's own tool 'google_search', which other models can't run"),
        (user() | {"tools": [{"codeExecution": {}}, {"functionDeclarations": []}]},
         "it uses the provider's own tool 'code_execution', which other models can't run"),
        (user({"fileData": {"mimeType": "image/png", "fileUri": "gs://b/k"}}),
         "an image is linked by a URL that may have expired"),
        (user({"file_data": {"mime_type": "video/mp4", "file_uri": "https://youtu.be/x"}}),
         "a video is attached, which open models rarely take"),
        (user({"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}),
         "audio is attached, which open models rarely take"),
        (user({"inlineData": {"mimeType": "application/pdf", "data": "JVBE"}}),
         "a file is attached, which the log does not hold in a form other models read"),
        (user({"inlineData": {"mimeType": "image/png", "data": "__BINARY_TRUNCATED__:len=2073696:sha256=7a"}}),
         "the text was cut or redacted before it was logged"),
        (user() | {"cachedContent": "cachedContents/1"},
         "a part of the prompt lies in the provider's cache, not in the log"),
        (user() | {"generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}},
         "it asks for image beside text, which open models rarely give"),
        (user({"inlineData": {"mimeType": "text/plain", "data": "aGVsbG8="}}), None),
        (user({"inlineData": {"mimeType": "image/png", "data": "iVBO"}}), None),
    ],
)  # fmt: skip
def test_why_a_gemini_call_is_not_replayable(request_: Json, reason: str | None) -> None:
    assert read_call(request_, None).not_replayable == reason


@pytest.mark.parametrize(
    ("record", "error", "reason"),
    [
        (pair(f"{GOOGLE}gemini-9:generateContent", user(),
              {"error": {"code": 404, "message": "not found", "status": "NOT_FOUND"}}, status=404),
         "not found", REFUSED),
        (pair(f"{GOOGLE}gemini-2.5-pro:generateContent", user(),
              {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}, status=503),
         "overloaded", None),
        (pair(f"{GOOGLE}gemini-2.5-pro:generateContent", user(),
              {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"trafficType": "ON_DEMAND"}}),
         "the provider blocked the prompt (SAFETY)", REFUSED),
        (pair(f"{BEDROCK}us.no-model-v1%3A0/converse", {"messages": [{"role": "user", "content": [{"text": "hi"}]}]},
              {"message": "The provided model identifier is invalid."}, status=400),
         "The provided model identifier is invalid.", REFUSED),
        (pair(f"{BEDROCK}cohere.command-text-v14/invoke", {"prompt": "hi", "max_tokens": 9, "p": 0.5},
              {"message": "Too many requests"}, status=429), "Too many requests", None),
        (pair(f"{BEDROCK}openai.gpt-oss-20b-1%3A0/invoke", {"messages": [{"role": "user", "content": "hi"}]},
              {"message": "Too many requests"}, status=429), "Too many requests", None),
    ],
)  # fmt: skip
def test_failures_are_kept(tmp_path: Path, record: Json, error: str, reason: str | None) -> None:
    sample = one(tmp_path, record)
    assert (sample.error, sample.not_replayable, sample.answer) == (error, reason, None)
    assert sample.model


@pytest.mark.parametrize(
    ("url", "request_", "response"),
    [
        (f"{GOOGLE}gemini-2.5-flash:countTokens", user(), {"totalTokens": 3}),
        (f"{GOOGLE}text-embedding-004:embedContent", {"content": {"parts": [{"text": "x"}]}}, {"embedding": {}}),
        (f"{GOOGLE}gemini-tts:generateContent", user() | {"generationConfig": {"responseModalities": ["AUDIO"]}}, {}),
        (f"{BEDROCK}us.anthropic.claude-x/count-tokens", {"input": {"converse": {}}}, {"inputTokens": 7}),
        (f"{BEDROCK}amazon.titan-embed-text-v2%3A0/invoke", {"inputText": "x"}, {"embedding": [0.1]}),
        (f"{BEDROCK}cohere.embed-english-v3/invoke", {"texts": ["x"], "input_type": "s"}, {"embeddings": [[0.1]]}),
    ],
)
def test_pairs_of_other_calls_are_refused(tmp_path: Path, url: str, request_: Json, response: Json) -> None:
    (item,) = items(written(tmp_path / "log.jsonl", pair(url, request_, response)))
    assert isinstance(item, Rejection)


def test_what_googles_tools_read_counts_as_input() -> None:
    usage = {"promptTokenCount": 15, "toolUsePromptTokenCount": 429, "candidatesTokenCount": 75,
             "thoughtsTokenCount": 343, "totalTokenCount": 862}  # fmt: skip
    reply = read_answer({"candidates": [{"content": {"parts": [{"text": "a"}]}}], "usageMetadata": usage})
    assert reply.usage == Usage(input_tokens=444, output_tokens=418, reasoning_tokens=343)


def test_other_vendors_bodies_at_a_clouds_address_are_theirs(tmp_path: Path) -> None:
    body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    reply = {
        "id": "msg_bdrk_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-3-haiku-20240307",
        "content": [{"type": "text", "text": "ho"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 3, "output_tokens": 1},
    }
    sample = one(tmp_path, pair(f"{BEDROCK}anthropic.claude-3-haiku-20240307-v1%3A0/invoke", body, reply))
    assert sample.answer == Answer(text="ho", finish_reason="stop")
    assert sample.model == "anthropic.claude-3-haiku-20240307-v1:0"
    assert sample.ids.response_id == "msg_bdrk_1"


def test_rows_of_vertex_are_read(tmp_path: Path) -> None:
    reply = {"candidates": [{"content": {"parts": [{"text": "ho"}]}, "finishReason": "STOP"}],
             "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1}}  # fmt: skip
    row = {
        "logging_time": "2025-08-14 10:00:00.123456 UTC", "request_id": "123", "api_method": "generateContent",
        "model": "publishers/google/models/gemini-2.5-flash", "metadata": {"request_latency": 1234.5},
        "full_request": user() | {"labels": {"adk_agent_name": "triage"}}, "full_response": reply,
    }  # fmt: skip
    path = tmp_path / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(row)
        rows.writerow(value if isinstance(value, str) else json.dumps(value) for value in row.values())
    for log in (written(tmp_path / "log.jsonl", row), path):
        assert open_log(log).format == "gemini_vertex"
        (sample,) = items(log)
        assert isinstance(sample, Sample)
        assert sample.answer == Answer(text="ho", finish_reason="stop")
        assert (sample.model, sample.use_case, sample.metered.latency_s) == ("gemini-2.5-flash", "triage", 1.2345)
        assert sample.metered.at == datetime(2025, 8, 14, 10, 0, 0, 123456, UTC)
        assert sample.metered.usage == Usage(input_tokens=3, output_tokens=1)


# Azure


def test_the_rows_of_a_call_are_put_together(fixtures: Path) -> None:
    torn, _ = items(fixtures / "samples" / "azure_apim_llm_log.csv")
    assert isinstance(torn, Sample)
    assert torn.request.messages == [{"role": "user", "content": "Is the workshop open on Monday?"}]
    assert torn.answer is not None
    assert torn.answer.text == "Yes, from nine to six."
    assert torn.metered.usage == Usage(input_tokens=16, output_tokens=22)
    assert torn.model == "gpt-4.1-mini-2025-04-14"
    assert torn.ids.external_id == "00000000-0000-4000-8000-0000000000c1"
    assert torn.ids.response_id == "chatcmpl-Apim1aaaaaaaaaaaaaaaaaaaaa"
    assert torn.metered.at == datetime(2026, 2, 3, 9, 0, tzinfo=UTC)


def test_overlapping_exports_hold_a_call_once(fixtures: Path) -> None:
    folder = fixtures / "samples"
    logs = [open_log(folder / "azure_apim_llm_log.json"), open_log(folder / "azure_apim_llm_log.csv")]
    found = list(read_logs(logs))
    assert len(found) == 2
    assert [item.item for item in found] == items(folder / "azure_apim_llm_log.json")
    assert sum(1 + item.joined for item in found) == 16


def apim(number: int, **more: Json) -> dict[str, Json]:
    row = {"TimeGenerated": "2026-03-31T13:20:20Z", "CorrelationId": "c-1", "SequenceNumber": number}
    return row | {"OperationName": "ChatCompletions_Create", "DeploymentName": "d", "ModelName": "gpt-4o"} | more


ASKED, CAME = '[{"role": "user", "content": "hi"}]', '[{"role": "assistant", "content": "ho"}]'


def apim_rows() -> list[dict[str, Json]]:
    return [
        apim(0, PromptTokens=3, CompletionTokens=1),
        apim(1, RequestMessages=ASKED[:9]),
        apim(2, RequestMessages=ASKED[9:]),
        apim(3, ResponseMessages=CAME),
    ]


def test_a_missing_piece_is_told(tmp_path: Path) -> None:
    rows = apim_rows()
    (sample,) = items(written(tmp_path / "log.jsonl", *rows[:2], rows[3]))
    assert isinstance(sample, Sample)
    assert sample.not_replayable == "a piece of the prompt is missing, so that it can't be put together"
    assert sample.answer == Answer(text="ho")
    (counted,) = items(written(tmp_path / "counts.jsonl", rows[0]))
    assert isinstance(counted, Sample)
    assert counted.not_replayable == "the log does not hold the prompt: the gateway was not set to log messages"
    assert counted.metered.usage == Usage(input_tokens=3, output_tokens=1)


def test_messages_may_be_objects_and_need_their_tools(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    came = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    rows = [apim(1, RequestMessages=json.loads(ASKED)), apim(2, ResponseMessages=came)]
    (sample,) = items(written(tmp_path / "log.jsonl", *rows))
    assert isinstance(sample, Sample)
    assert sample.answer == Answer(text=None, tool_calls=(ToolCall(name="f", arguments="{}"),))
    assert sample.not_replayable == "the conversation calls tools, and the log does not hold which were on offer"


def test_the_gateways_log_adds_duration_status_and_parameters(tmp_path: Path) -> None:
    body = {"messages": json.loads(ASKED), "temperature": 0.5}
    gateway = {"CorrelationId": "c-1", "ResponseCode": 200, "TotalTime": 812, "BackendRequestBody": json.dumps(body)}
    unrelated = {"CorrelationId": "c-2", "ResponseCode": 200, "TotalTime": 5, "BackendRequestBody": ""}
    llm = written(tmp_path / "llm.jsonl", *apim_rows())
    logs = [open_log(llm), open_log(written(tmp_path / "gateway.jsonl", gateway, unrelated))]
    sample, other = (found.item for found in read_logs(logs))
    assert isinstance(sample, Sample)
    assert (sample.metered.latency_s, sample.request.params) == (0.812, {"temperature": 0.5})
    assert sample.answer == Answer(text="ho")
    assert isinstance(other, Rejection)


def test_tables_of_a_query_and_blobs_are_read(tmp_path: Path) -> None:
    rows = apim_rows()
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [{"name": f"{name} [UTC]" if name == "TimeGenerated" else name, "type": "string"} for name in names]
    table = {"name": "PrimaryResult", "columns": columns, "rows": [[row.get(name) for name in names] for row in rows]}
    query = tmp_path / "query.json"
    query.write_text(json.dumps({"tables": [table]}), encoding="utf-8")
    blobs = [
        {"time": row["TimeGenerated"], "category": "GatewayLlmLogs", "correlationId": "c-1", "properties": {
            name[:1].lower() + name[1:]: value for name, value in row.items()}} for row in rows
    ]  # fmt: skip
    for path in (query, written(tmp_path / "PT1H.json", *blobs)):
        (sample,) = items(path)
        assert isinstance(sample, Sample), path
        assert sample.request.messages == [{"role": "user", "content": "hi"}]
        assert sample.answer == Answer(text="ho")
        assert sample.metered.usage == Usage(input_tokens=3, output_tokens=1)
        assert sample.metered.at == datetime(2026, 3, 31, 13, 20, 20, tzinfo=UTC)


def diagnostic(**more: Json) -> dict[str, Json]:
    record = {
        "time": "2025-01-15T10:30:00.1234567Z", "resourceId": "/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/A",
        "operationName": "ChatCompletions_Create", "category": "RequestResponse", "resultSignature": "200",
        "durationMs": 420, "correlationId": "c-3", "properties": {"modelName": "gpt-4o", "streamType": "Streaming"},
    }  # fmt: skip
    return record | more


def test_diagnostics_count_for_volume(tmp_path: Path) -> None:
    sample = one(tmp_path, diagnostic())
    assert (sample.model, sample.metered.latency_s, sample.ids.external_id) == ("gpt-4o", 0.42, "c-3")
    assert sample.not_replayable == NO_TEXT
    assert sample.metered.at == datetime(2025, 1, 15, 10, 30, 0, 123456, UTC)
    throttled = one(tmp_path, diagnostic(resultSignature="429", resultType="Failure"))
    assert throttled.error == "Failure"
    assert refusal(tmp_path, diagnostic(operationName="Embeddings_Create")) == (
        "a call of Embeddings_Create, not of a chat model"
    )
    assert refusal(tmp_path, diagnostic(category="Audit")) == "a line of the category Audit, not a call of a model"


def test_bodies_that_a_gateway_added_are_read(tmp_path: Path) -> None:
    request = {"messages": [{"role": "user", "content": "hi"}], "temperature": 0}
    response = {"id": "chatcmpl-1", "choices": [{"message": {"content": "ho"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 3, "completion_tokens": 1}, "model": "gpt-4o-2024-08-06"}  # fmt: skip
    bodies = {"requestBody": json.dumps(request), "responseBody": json.dumps(response)}
    for record in (diagnostic(**bodies), diagnostic(properties=json.dumps({"modelName": "gpt-4o"} | bodies))):
        sample = one(tmp_path, record)
        assert sample.not_replayable is None
        assert sample.answer == Answer(text="ho", finish_reason="stop")
        assert sample.request.params == {"temperature": 0}
        assert sample.metered.usage == Usage(input_tokens=3, output_tokens=1)


# OpenRouter


def test_activity_counts_for_volume_and_cost(fixtures: Path) -> None:
    first, second, last = items(fixtures / "samples" / "openrouter_activity.csv")
    assert isinstance(first, Sample)
    assert isinstance(second, Sample)
    assert isinstance(last, Sample)
    assert first.not_replayable == "the file holds no prompts, only counts, times and costs"
    assert (first.metered.cost_usd, first.metered.latency_s, first.metered.ttft_s) == (4e-05, 1.2, 0.41)
    assert (first.model, first.use_case) == ("qwen/qwen3-30b-a3b-instruct-2507", "Desk")
    assert first.ids.response_id == first.ids.external_id == "gen-1770109300-OwnAaaaaaaaaaaaaaaaa"
    assert first.metered.at == datetime(2026, 2, 3, 9, 1, 40, tzinfo=UTC)
    assert second.metered.usage == Usage(input_tokens=37, output_tokens=92, reasoning_tokens=64)
    assert last.metered.cost_usd == 0


def test_activity_has_its_traps(tmp_path: Path) -> None:
    row = {"Generation_ID": "gen-1", "Model_Permaslug": "a/b", "tokens_prompt": 10, "tokens_completion": 4,
           "tokens_cached": 6, "tokens_reasoning": 1, "cost_total": 0.1, "byok_usage_inference": 0.2}  # fmt: skip
    sample = one(tmp_path, row | {"cancelled": True})
    assert sample.metered.usage == Usage(input_tokens=4, cache_read_tokens=6, output_tokens=4, reasoning_tokens=1)
    assert sample.metered.cost_usd == pytest.approx(0.3)
    assert sample.error == "the call was cancelled"
    daily = {"date": "2026-01-01", "model_permaslug": "a/b", "requests": 7, "usage": 1.5, "prompt_tokens": 9}
    assert refusal(tmp_path, daily).startswith("a day's total, not a call")
    generation = {"id": "gen-2", "total_cost": 0.5, "tokens_prompt": 9, "native_tokens_prompt": 11, "latency": 300}
    generation |= {"generation_time": 900, "tokens_completion": 2, "model": "a/b", "created_at": "2026-01-01"}
    called = one(tmp_path, generation)
    assert called.metered.usage == Usage(input_tokens=11, output_tokens=2)
    assert (called.metered.latency_s, called.metered.ttft_s, called.ids.response_id) == (0.9, 0.3, "gen-2")


# Whatever a log holds, a row is a sample or a rejection

ODD: list[Json] = [None, "", "x", "{", 7, -1.5, True, [], {}, [None], [[]], {"a": None}, ["x", {"text": 1}], "data: {}"]


def mutations(value: Json) -> Iterator[Json]:
    """The value with each part in turn replaced by something odd, or missing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {k: v for k, v in value.items() if k != key}
            for other in ODD:
                yield value | {key: other}
            for changed in mutations(inner):
                yield value | {key: changed}
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            for changed in (*ODD, *mutations(inner)):
                yield [*value[:at], changed, *value[at + 1 :]]


SEEDS: list[Json] = [
    invocation(
        {"system": [{"text": "s"}], "messages": [{"role": "user", "content": [
            {"text": "hi"}, {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
            {"toolResult": {"toolUseId": "1", "content": [{"json": {}}]}},
            {"document": {"format": "txt", "source": {"bytes": "aGk="}}}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "1", "name": "f", "input": {}}}]}],
         "inferenceConfig": {"maxTokens": 1}, "additionalModelRequestFields": {"top_k": 1},
         "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}],
                        "toolChoice": {"auto": {}}},
         "outputConfig": {"textFormat": {"structure": {"jsonSchema": {"name": "n", "schema": "{}"}}}}},
        {"output": {"message": {"content": [{"text": "ho"}, {"toolUse": {"name": "f", "input": {}}}]}},
         "stopReason": "end_turn", "usage": {"inputTokens": 1}, "metrics": {"latencyMs": 1}},
        requestMetadata={"route": "r"}),
    invocation({"prompt": "[INST] a [/INST]", "max_gen_len": 1}, EVENTS),
    invocation({"message": "a", "chat_history": [{"role": "CHATBOT", "message": "b", "tool_calls": [
        {"name": "f", "parameters": {}}]}], "tools": [{"name": "f", "parameter_definitions": {"a": {"type": "str"}}}],
        "tool_results": [{"call": {"name": "f", "parameters": {}}, "outputs": [{}]}]},
        {"text": "a", "generation_id": "1", "meta": {"tokens": {"input_tokens": 1}}}),
    pair(f"{GOOGLE}g:generateContent", {
        "contents": [{"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
                     {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}, {"text": "a"},
                                                {"inlineData": {"mimeType": "image/png", "data": "iVBO"}}]}],
        "systemInstruction": {"parts": [{"text": "s"}]}, "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        "generationConfig": {"responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}},
                             "responseModalities": ["TEXT"], "thinkingConfig": {"thinkingLevel": "LOW"}},
        "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]},
        {"candidates": [{"content": {"parts": [{"text": "a"}, {"functionCall": {"name": "f"}}]},
                         "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1}}),
    diagnostic(requestBody=json.dumps({"messages": [{"role": "user", "content": "hi"}]})),
    {"generation_id": "gen-1", "model_permaslug": "a", "tokens_prompt": 1, "created_at": "2026-01-01", "app_name": "x"},
    {"logging_time": "2025-08-14", "full_request": user(), "full_response": CHUNKS, "metadata": {"request_latency": 1}},
]  # fmt: skip


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_odd_values_make_no_row_fail(seed: int, tmp_path: Path) -> None:
    reading = Reading(open_log(written(tmp_path / "log.jsonl", SEEDS[0])))
    count = 0
    for record in mutations(SEEDS[seed]):
        for item in reading.read(1, record):
            assert not (isinstance(item, Rejection) and item.reason.startswith("not understood")), (record, item)
        count += 1
    assert count > 50


def test_odd_parts_can_be_joined(tmp_path: Path) -> None:
    reading = Reading(open_log(written(tmp_path / "log.jsonl", *apim_rows())))
    for changed in mutations(apim(1, RequestMessages=ASKED, PromptTokens=3)):
        part = part_of(changed)
        if part is None:
            continue
        waiting = WaitingParts()
        waiting.put(0, 1, part)
        waiting.put(0, 2, Part(part.format, part.call, apim(2, ResponseMessages=CAME)))
        (joined,) = waiting.calls()
        item = reading.read(1, joined.record)
        assert not (isinstance(item, Rejection) and item.reason.startswith("not understood")), (changed, item)


def test_a_prompt_is_needed() -> None:
    with pytest.raises(RowRejected):
        read_call({"contents": [{"role": "user", "parts": []}]}, None)
