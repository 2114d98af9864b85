"""Bedrock's log of model invocations, from S3, CloudWatch or a table that either was loaded into.

CloudWatch hands out log events in several ways; the message of an event is a record of its own in JSON text.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.usage import Counts, kept_an_hour
from advisor.ingest.reader import NotACall, NotChat, Opener, Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.records.envelope import REFUSED
from advisor.ingest.values.json_text import as_list, as_name, decode, object_in, objects_in
from advisor.ingest.values.numbers import parse_count
from advisor.ingest.vendors.bedrock import VENDOR, metrics_of, model_of, unpack
from advisor.types import Json, Sample, Usage

_OF_EVENT = frozenset({"ingestionTime", "eventId", "logStreamName", "logStream", "logGroup", "logGroupIdentifier"})
_OF_INVOCATION = frozenset({"modelId", "schemaType"})
_IN_S3 = "the prompt was too long for the log and lies in a file of its own in S3"
_NOT_DELIVERED = "the log does not hold the prompt: the delivery of text is off in Bedrock's logging settings"
_ALTERED = "the text was cut or redacted before it was logged"
_MANAGED = "the prompt lies in Bedrock's prompt management, not in the log"
_NOT_CHAT = {
    "embed": "embeddings", "marengo": "embeddings", "rerank": "rerank", "titan-image": "images", "canvas": "images",
    "stability.": "images", "stable-": "images", "reel": "videos", "luma.": "videos", "sonic": "speech",
    "guardrail": "guardrails",
}  # fmt: skip
"""Marks of models' names and what those do."""
_CHAT_OPERATIONS = frozenset({"converse", "conversestream", "invokemodel", "invokemodelwithresponsestream"})
_LABEL_KEYS = ("application", "app", "app_name", "service", "workload", "agent")
_PROMPT_KEYS = ("prompt", "inputText", "message")
_BLAMES_REQUEST = "ValidationException"


def _holds_events(keys: frozenset[str]) -> bool:
    """``@message``, ``message`` with an event's keys, or one of the lists that hold them."""
    if "@message" in keys or "logEvents" in keys or keys >= {"results", "statistics"}:
        return True
    return "message" in keys and ("timestamp" in keys or "@timestamp" in keys) and len(keys) <= 2 + len(_OF_EVENT)


def _open(record: Record) -> Iterable[Json]:
    """The records in the messages of Logs Insights, ``filter-log-events``, the console's CSV and subscriptions.

    What isn't JSON stays as it is.
    """
    if "logEvents" in record:
        events = decode(record["logEvents"])
        is_list = isinstance(events, list)
        return [_opened(event) if isinstance(event, dict) else event for event in events] if is_list else [record]
    if "results" not in record:
        return [_opened(record)]
    opened: list[Json] = []
    for row in as_list(record["results"]):  # those of get-query-results are lists of fields
        told = {str(one.get("field")): one.get("value") for one in objects_in(row)}
        opened.append(_opened(told) if told else row)
    return opened or [record]


def _opened(event: Record) -> Json:
    """The record in the event's message; of a plain ``message`` only one of Bedrock's, because others have text."""
    if inner := object_in(event.get("@message")):
        return {"timestamp": event.get("@timestamp")} | inner
    inner = object_in(event.get("message"))
    if not _OF_INVOCATION.isdisjoint(inner):
        return {"timestamp": event.get("timestamp") or event.get("@timestamp")} | inner
    return event


def _matches(record: Record) -> bool:
    """Its schema's name, or a model with its input; also what CloudWatch logs beside invocations."""
    if record.get("schemaType") == "ModelInvocationLog" or "@message" in record or "logEvents" in record:
        return True
    if "modelId" not in record and "modelid" not in record:
        return False
    keys = {key.partition(".")[0].lower() for key in record}
    return "input" in keys and ("requestid" in keys or "operation" in keys or "output" in keys)


def _read(record: Record) -> Sample:
    """One invocation, whatever the model's own body is; without its text it is kept for volume and cost."""
    record = _lower(record)  # keys may have lost their case on the way
    asked, came = _part(record, "input"), _part(record, "output")
    model, request_id = record.get("modelid"), record.get("requestid")
    if not isinstance(model, str) or not model:
        raise NotACall("a line that the log service wrote")
    if other := _other_call(model, str(record.get("operation") or "")):
        raise NotChat(other)
    answer = unpack(decode(came.get("outputbodyjson")))
    call = _call(asked, answer)
    metadata = _metadata(record.get("requestmetadata"))
    metrics = metrics_of(answer)
    usage = _usage(asked, came, call.reply.usage or metrics.usage)
    around = {"id": request_id, "timestamp": record.get("timestamp"), "metadata": metadata}
    sample = call.sample(around | {"latency_s": metrics.latency_s, "ttft_s": metrics.ttft_s}, usage)
    error = ": ".join(str(record[key]) for key in ("errorcode", "errormessage") if record.get(key)) or sample.error
    is_refused = error is not None and _BLAMES_REQUEST in error
    return replace(
        sample,
        model=model_of(model, call.reply.model),
        ids=replace(sample.ids, response_id=call.reply.response_id or as_name(request_id)),
        use_case=sample.use_case or next((metadata[key] for key in _LABEL_KEYS if metadata.get(key)), None),
        error=error,
        not_replayable=sample.not_replayable or (REFUSED if is_refused else None),
    )


def _lower(record: Record) -> Record:
    return {key.lower(): value for key, value in record.items()}


def _part(record: Record, name: str) -> Record:
    """The object under a name, also where a table has spread it over columns such as ``input.inputBodyJson``."""
    columns = {
        key.removeprefix(f"{name}."): value
        for key, value in record.items()
        if key.startswith(f"{name}.") and value not in (None, "")
    }
    return _lower(object_in(record.get(name)) | columns)


def _other_call(model: str, operation: str) -> str | None:
    kind = next((kind for mark, kind in _NOT_CHAT.items() if mark in model.lower()), None)
    return kind or (operation if operation and operation.lower() not in _CHAT_OPERATIONS else None)


def _call(asked: Record, answer: Json) -> Call:
    body = decode(asked.get("inputbodyjson"))
    body = None if body == "null" else body
    call = read_call(body or None, answer)
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
        raise RowRejected(f"the request is of no kind that is read here; its keys are: {', '.join(list(body)[:12])}")
    return replace(call, not_replayable=reason)


def _metadata(value: Json) -> dict[str, str]:
    """Tags of the request, which are texts, under their own names and in snake case."""
    tags = {str(key): one for key, one in object_in(value).items() if isinstance(one, str)}
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower(): one for key, one in tags.items()} | tags


def _usage(asked: Record, came: Record, of_body: Usage | None) -> Usage | None:
    """The record's counts, and those of the response body where the record has none."""
    given, taken = parse_count(asked.get("inputtokencount")), parse_count(came.get("outputtokencount"))
    if given is None or taken is None:
        return of_body or (Counts(given=given, taken=taken).usage() if given or taken else None)
    told = of_body or Usage()
    read = parse_count(asked.get("cachereadinputtokencount"))
    written = parse_count(asked.get("cachewriteinputtokencount"))
    return Counts(
        given=given,
        taken=taken,
        read=told.cache_read_tokens if read is None else read,
        written=told.cache_write_tokens if written is None else written,
        written_1h=kept_an_hour(told),
        reasoning=told.reasoning_tokens,
        is_apart=True,
    ).usage()


OPENER = Opener(opens=_holds_events, open=_open)
READER = Reader(name="bedrock_invocation", rank=12, matches=_matches, read=_read)
