"""Azure's logs of model calls: API Management's, Azure OpenAI's diagnostics, and query results that hold either.

API Management spreads a call over rows, with its gateway's log beside them. The diagnostics tell that there were calls
and how long they took, not what was said.
"""

import re
from collections.abc import Iterable, Set
from dataclasses import replace

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NO_ID, Joiner, NotACall, NotChat, Opener, Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import decode, list_in, object_in, objects_in, text_in
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.types import Json, Sample

_ROWS = "apim_rows"
"""Marks a record that was put together here."""
_CATEGORY = "GatewayLlmLogs"
_OTHER_CALLS = ("embedding", "image", "audio", "speech", "transcri", "moderation")
_NO_MESSAGES = "the log does not hold the prompt: the gateway was not set to log messages"
_TORN = "a piece of the prompt is missing, so that it can't be put together"
_NO_TOOLS = "the conversation calls tools, and the log does not hold which were on offer"
_NO_TEXT = "the file holds no prompts, only counts and times"
_CALLS = re.compile(r"(?i)completion|response|chat|message")
_FAILED = ("failure", "failed", "error", "clienterror", "servererror")


def _plain_keys(record: Record) -> Record:
    """The record with lower-case keys: the portal, the API and the blobs spell ``TimeGenerated [UTC]`` differently."""
    return {key.partition(" [")[0].lower(): value for key, value in record.items()}


def _open_tables(record: Record) -> Iterable[Json]:
    """Every row of ``{"tables": [{"columns": [...], "rows": [...]}]}`` as a record; of a failed query its answer."""
    rows = [row for table in objects_in(record["tables"]) for row in _rows(table)]
    return rows or ([record] if "error" in record else [])


def _rows(table: Record) -> Iterable[Json]:
    names = [str(column.get("name")) for column in objects_in(table.get("columns"))]
    for row in list_in(table.get("rows")):
        yield dict(zip(names, row, strict=False)) if isinstance(row, list) else row


def _is_of_gateway(keys: Set[str]) -> bool:
    return keys >= {"correlationid", "responsecode", "totaltime"}


def _joins(keys: frozenset[str]) -> bool:
    """Rows of ``ApiManagementGatewayLlmLog``, of ``ApiManagementGatewayLogs`` or of a blob of the former."""
    plain = _plain_keys(dict.fromkeys(keys)).keys()
    is_row = plain >= {"sequencenumber", "deploymentname"} or plain >= {"category", "properties"}
    return "correlationid" in plain and (is_row or _is_of_gateway(plain))


def _call_of(record: Record) -> str | None:
    """What the rows of one call have in common."""
    record = _plain_keys(record)
    if "sequencenumber" not in record and not _is_of_gateway(record.keys()) and record.get("category") != _CATEGORY:
        return None
    identity = record.get("correlationid")
    return identity if isinstance(identity, str) and identity else None


def _join(parts: list[Record]) -> Record:
    """The rows in the order of their numbers, each once, although exports may overlap.

    A blob keeps the most under ``properties``, which is put beside the rest.
    """
    rows = [row | _plain_keys(object_in(row.get("properties"))) for row in map(_plain_keys, parts)]
    numbered = {parse_count(row["sequencenumber"]) or 0: row for row in reversed(rows) if "sequencenumber" in row}
    gateway = [row for row in rows if "sequencenumber" not in row]
    return {_ROWS: [numbered[number] for number in sorted(numbered)], "gateway": gateway[:1]}


def _read_rows(record: Record) -> Sample:
    """One call. Parameters and tools are known only from bodies in the gateway's log."""
    if _ROWS not in record:
        raise RowRejected(NO_ID)
    rows = record[_ROWS]
    gateway: Record = record["gateway"][0] if record["gateway"] else {}
    known: Record = {}
    for row in (*rows, gateway):  # the first of each kind counts
        known = {key: value for key, value in row.items() if value not in (None, "")} | known
    operation = str(known.get("operationname") or known.get("operationid") or "")
    if not rows and not _body(gateway, "request"):
        raise NotACall("a line of the gateway's log")
    if any(kind in operation.lower() for kind in _OTHER_CALLS):
        raise NotChat(operation)
    call = _call(_pieces(rows, "requestmessages"), _pieces(rows, "responsemessages"), gateway)
    around: Record = {
        "id": known.get("correlationid"),
        "timestamp": known.get("timegenerated") or known.get("time"),
        "latency_s": parse_seconds(gateway.get("totaltime"), "ms"),
        "status_code": parse_number(gateway.get("responsecode")),
        "error": gateway.get("lasterrormessage") or gateway.get("lasterrorreason"),
    }
    model = known.get("modelname") or known.get("deploymentname")
    counts = Counts(given=known.get("prompttokens"), taken=known.get("completiontokens"))
    identity = response_id_of(known.get("requestid")) or call.reply.response_id
    reply = replace(call.reply, response_id=identity, model=text_in(model) or call.reply.model)
    return replace(call, reply=reply).sample(around, counts.usage())


def _pieces(rows: list[Record], name: str) -> Json:
    """Messages out of their pieces: a list, text that isn't JSON because a piece is missing, or None."""
    pieces = [row[name] for row in rows if row.get(name) not in (None, "", [])]
    if not pieces:
        return None
    if all(isinstance(piece, str) for piece in pieces):
        whole = decode("".join(pieces))
        if not isinstance(whole, str):
            return whole if isinstance(whole, list) else [whole]
    parsed = [decode(piece) for piece in pieces]
    if any(isinstance(piece, str) for piece in parsed):
        return "".join(piece for piece in pieces if isinstance(piece, str))
    return [message for piece in parsed for message in (piece if isinstance(piece, list) else [piece])]


def _body(gateway: Record, kind: str) -> Record:
    return object_in(gateway.get(f"backend{kind}body")) or object_in(gateway.get(f"{kind}body"))


def _call(asked: Json, came: Json, gateway: Record) -> Call:
    if body := _body(gateway, "request"):
        call = read_call(body, _body(gateway, "response") or came)
        if call.request is not None:
            return call
    reply = read_answer(came) if isinstance(came, list) else Reply()
    if not isinstance(asked, list):
        return Call(not_replayable=_TORN if asked else _NO_MESSAGES, reply=reply)
    call = read_call({"messages": asked}, None)
    calls_tools = bool(reply.answer and reply.answer.tool_calls) or any(
        message["role"] == "tool" or message.get("tool_calls")
        for message in (call.request.messages if call.request else ())
    )
    return replace(call, reply=reply, not_replayable=call.not_replayable or (_NO_TOOLS if calls_tools else None))


def _is_diagnosis(record: Record) -> bool:
    """An operation of a category with properties, of Azure's AI services; ``properties`` may be JSON text."""
    if "category" not in record and "Category" not in record:
        return False
    record = _plain_keys(record)
    told = record.get("properties") or record.get("properties_s")
    provider = f"{record.get('resourceid')} {record.get('resourceprovider')} {record.get('_resourceid')}".lower()
    is_ai = "cognitiveservices" in provider or "model" in str(told)
    return "operationname" in record and ("properties" in record or "properties_s" in record) and is_ai


def _read_diagnosis(record: Record) -> Sample:
    """One call; its text only where a gateway added the bodies."""
    record = _plain_keys(record)
    inner = _plain_keys(object_in(record.get("properties") or record.get("properties_s")))
    category, operation = str(record.get("category")), str(record.get("operationname"))
    if category.lower() != "requestresponse":
        raise NotACall(f"a line of the category {category}")
    if not _CALLS.search(operation):
        raise NotChat(operation)
    call = read_call(*(decode(record.get(name) or inner.get(name)) for name in ("requestbody", "responsebody")))
    call = call if call.request else replace(call, not_replayable=_NO_TEXT)
    is_failed = str(record.get("resulttype")).lower() in _FAILED
    around: Record = {
        "id": record.get("correlationid"),
        "timestamp": record.get("time") or record.get("timegenerated"),
        "latency_s": parse_seconds(record.get("durationms"), "ms"),
        "status_code": parse_number(record.get("resultsignature")),
        "model": inner.get("modelname") or inner.get("modeldeploymentname") or call.model,
        "error": str(record.get("resultdescription") or record.get("resulttype")) if is_failed else None,
    }
    return call.sample(around)


TABLES = Opener(
    opens=lambda keys: "tables" in keys and keys <= {"tables", "statistics", "render", "error", "nextLink"},
    open=_open_tables,
)
APIM = Reader(name="azure_apim", rank=14, matches=lambda record: _ROWS in record, read=_read_rows)
APIM_ROWS = Joiner(name="azure_apim", joins=_joins, call_of=_call_of, join=_join)
DIAGNOSTICS = Reader(name="azure_diagnostics", rank=16, matches=_is_diagnosis, read=_read_diagnosis)
