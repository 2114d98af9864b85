"""Bedrock's log of model invocations, from S3, CloudWatch or a table that either was loaded into."""

import re
from dataclasses import dataclass, replace
from typing import Any

from advisor.ingest.messages.usage import kept_an_hour, with_long_kept
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.records.envelope import REFUSED, assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.vendors.bedrock import VENDOR
from advisor.ingest.vendors.bedrock.model_id import model_of
from advisor.ingest.vendors.bedrock.stream import metrics_of, unpack
from advisor.types import Json, Request, Sample, Usage

_IN_S3 = "the prompt was too long for the log and lies in a file of its own in S3"
_NOT_DELIVERED = "the log does not hold the prompt: the delivery of text is off in Bedrock's logging settings"
_ALTERED = "the text was cut or redacted before it was logged"
_MANAGED = "the prompt lies in Bedrock's prompt management, not in the log"
_NOT_CHAT = (
    ("embed", "embeddings"), ("marengo", "embeddings"), ("rerank", "rerank"), ("titan-image", "images"),
    ("canvas", "images"), ("stability.", "images"), ("stable-", "images"), ("reel", "videos"), ("luma.", "videos"),
    ("sonic", "speech"), ("guardrail", "guardrails"),
)  # fmt: skip
_CHAT_OPERATIONS = frozenset({
    "converse", "conversestream", "invokemodel", "invokemodelwithresponsestream",
})  # fmt: skip
_LABEL_KEYS = ("application", "app", "app_name", "service", "workload", "agent")
_PROMPT_KEYS = ("prompt", "inputText", "message")
_BLAMES_REQUEST = "ValidationException"


@dataclass(frozen=True)
class BedrockInvocation:
    """Reads one invocation, whatever the model's own body is. Keys may have lost their case on the way."""

    name: str = "bedrock_invocation"
    rank: int = 12

    def matches(self, record: dict[str, Json]) -> bool:
        """Its schema's name, or a model with its input; also what CloudWatch logs beside invocations."""
        if record.get("schemaType") == "ModelInvocationLog" or "@message" in record or "logEvents" in record:
            return True
        if "modelId" not in record and "modelid" not in record:
            return False
        keys = {key.partition(".")[0].lower() for key in record}
        return "input" in keys and ("requestid" in keys or "operation" in keys or "output" in keys)

    def read(self, record: dict[str, Json]) -> Sample:
        """One invocation; without its text it is kept for volume and cost."""
        record = _lower(record)
        asked, came = _lower(_part(record, "input")), _lower(_part(record, "output"))
        model, request_id = record.get("modelid"), record.get("requestid")
        if not isinstance(model, str) or not model:
            raise NotACall("a line that the log service wrote")
        _refuse_other_calls(model, str(record.get("operation") or ""))
        answer = unpack(decode(came.get("outputbodyjson")))
        call = _read(asked, answer)
        metadata = _metadata(record.get("requestmetadata"))
        facts = {"id": request_id, "timestamp": record.get("timestamp"), "metadata": metadata}
        request = call.request or Request(messages=[])
        sample = assemble(facts, request, call.reply, not_replayable=call.not_replayable)
        metrics = metrics_of(answer)
        error = _error(record) or sample.error
        is_refused = error is not None and _BLAMES_REQUEST in error
        return replace(
            sample,
            model=model_of(model, call.reply.model),
            response_id=call.reply.response_id or (request_id if isinstance(request_id, str) and request_id else None),
            use_case=sample.use_case or next((metadata[key] for key in _LABEL_KEYS if metadata.get(key)), None),
            usage=_usage(asked, came, call.reply.usage or metrics.usage),
            latency_s=metrics.latency_s,
            ttft_s=metrics.ttft_s,
            error=error,
            not_replayable=sample.not_replayable or (REFUSED if is_refused else None),
        )


def _lower(record: dict[str, Json]) -> dict[str, Json]:
    return {key.lower(): value for key, value in record.items()}


def _part(record: dict[str, Json], name: str) -> dict[str, Json]:
    """The object under a name, also where a table has spread it over columns such as ``input.inputBodyJson``."""
    whole = decode(record.get(name))
    part: dict[str, Any] = dict(whole) if isinstance(whole, dict) else {}
    for key, value in record.items():
        if key.startswith(f"{name}.") and value not in (None, ""):
            part[key.removeprefix(f"{name}.")] = value
    return part


def _read(asked: dict[str, Json], answer: Json) -> Call:
    body = decode(asked.get("inputbodyjson"))
    body = None if body == "null" else body
    call = read_call(body, answer) if body else read_call(None, answer)
    if call.request is not None:
        return call
    if not body:
        reason = _IN_S3 if asked.get("inputbodys3path") else _NOT_DELIVERED
    elif not isinstance(body, dict):
        reason = _ALTERED
    elif "promptVariables" in body and "messages" not in body:
        reason = _MANAGED
    elif any(isinstance(body.get(key), str) for key in _PROMPT_KEYS):
        request, found = VENDOR.read_request(body)  # here a prompt needs no other mark
        return replace(call, request=request, not_replayable=found, reply=VENDOR.read_reply(answer))
    else:
        keys = ", ".join(list(body)[:12])
        raise RowRejected(f"the request is of no kind that is read here; its keys are: {keys}")
    return replace(call, not_replayable=reason)


def _refuse_other_calls(model: str, operation: str) -> None:
    kind = next((kind for mark, kind in _NOT_CHAT if mark in model.lower()), None)
    if kind is None and operation and operation.lower() not in _CHAT_OPERATIONS:
        kind = operation
    if kind:
        raise RowRejected(f"a call of {kind}, not of a chat model")


def _metadata(value: Json) -> dict[str, str]:
    """Tags of the request, which are texts, under their own names and in snake case."""
    told = decode(value)
    tags = {str(key): one for key, one in told.items() if isinstance(one, str)} if isinstance(told, dict) else {}
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower(): one for key, one in tags.items()} | tags


def _error(record: dict[str, Json]) -> str | None:
    code, message = record.get("errorcode"), record.get("errormessage")
    told = [str(one) for one in (code, message) if one]
    return ": ".join(told) or None


def _usage(asked: dict[str, Json], came: dict[str, Json], of_body: Usage | None) -> Usage | None:
    """The record's counts, and those of the response body where the record has none."""
    given, taken = parse_count(asked.get("inputtokencount")), parse_count(came.get("outputtokencount"))
    if given is None or taken is None:
        known = Usage(input_tokens=given or 0, output_tokens=taken or 0) if given or taken else None
        return of_body or known
    of_body = of_body or Usage(input_tokens=0, output_tokens=0)
    read = parse_count(asked.get("cachereadinputtokencount"))
    written = parse_count(asked.get("cachewriteinputtokencount"))
    usage = Usage(
        input_tokens=given,
        output_tokens=taken,
        cache_read_tokens=of_body.cache_read_tokens if read is None else read,
        cache_write_tokens=of_body.cache_write_tokens if written is None else written,
        reasoning_tokens=of_body.reasoning_tokens,
    )
    return with_long_kept(usage, kept_an_hour(of_body))


READER = BedrockInvocation()
