"""Azure API Management's log of model calls, which spreads a call over rows, and its gateway's log beside it."""

from dataclasses import dataclass, replace
from typing import Any

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.azure_tables import plain_keys
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.types import Json, Request, Sample, Usage

ROWS = "apim_rows"
"""Marks a record that was put together here."""
_CATEGORY = "GatewayLlmLogs"
_MESSAGES = ("requestmessages", "responsemessages")
_OTHER_CALLS = ("embedding", "image", "audio", "speech", "transcri", "moderation")
_NO_MESSAGES = "the log does not hold the prompt: the gateway was not set to log messages"
_TORN = "a piece of the prompt is missing, so that it cannot be put together"
_NO_TOOLS = "the conversation calls tools, and the log does not hold which were on offer"


@dataclass(frozen=True)
class ApiManagement:
    """Joins by ``CorrelationId`` and reads. Parameters and tools are known only from bodies in the gateway's log."""

    name: str = "azure_apim"
    rank: int = 14

    def joins(self, keys: frozenset[str]) -> bool:
        """Rows of ``ApiManagementGatewayLlmLog``, of ``ApiManagementGatewayLogs`` or of a blob of the former."""
        plain = plain_keys(dict.fromkeys(keys)).keys()
        if "correlationid" not in plain:
            return False
        return (
            plain >= {"sequencenumber", "deploymentname"}
            or plain >= {"category", "properties"}
            or _is_of_gateway(plain)
        )

    def call_of(self, record: dict[str, Json]) -> str | None:
        """What the rows of one call have in common."""
        record = plain_keys(record)
        if "sequencenumber" not in record and not _is_of_gateway(record.keys()) and record.get("category") != _CATEGORY:
            return None
        identity = record.get("correlationid")
        return identity if isinstance(identity, str) and identity else None

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The rows in the order of their numbers, each once, although exports may overlap."""
        rows = [_flat(part) for part in parts]
        numbered = {_number(row): row for row in reversed(rows) if "sequencenumber" in row}
        gateway = [row for row in rows if "sequencenumber" not in row]
        return {ROWS: [numbered[number] for number in sorted(numbered)], "gateway": gateway[:1]}

    def matches(self, record: dict[str, Json]) -> bool:
        """Only what was put together here."""
        return ROWS in record

    def read(self, record: dict[str, Json]) -> Sample:
        """One call."""
        rows = record[ROWS]
        gateway: dict[str, Json] = record["gateway"][0] if record["gateway"] else {}
        known = _known([*rows, gateway])
        operation = str(known.get("operationname") or known.get("operationid") or "")
        if not rows and not _body(gateway, "request"):
            raise NotACall("a line of the gateway's log")
        if other := next((kind for kind in _OTHER_CALLS if kind in operation.lower()), None):
            raise RowRejected(f"a call of {operation or other}, not of a chat model")
        asked, came = (_pieces(rows, name) for name in _MESSAGES)
        call = _read(asked, came, gateway)
        model = known.get("modelname") or known.get("deploymentname")
        facts: dict[str, Json] = {
            "id": known.get("correlationid"),
            "timestamp": known.get("timegenerated") or known.get("time"),
            "latency_s": parse_seconds(gateway.get("totaltime"), "ms"),
            "status_code": parse_number(gateway.get("responsecode")),
            "error": gateway.get("lasterrormessage") or gateway.get("lasterrorreason"),
        }
        sample = assemble(facts, call.request or Request(messages=[]), call.reply, not_replayable=call.not_replayable)
        return replace(
            sample,
            model=model if isinstance(model, str) else sample.model,
            usage=_usage(known) or sample.usage,
            response_id=response_id_of(known.get("requestid")) or sample.response_id,
        )


def _is_of_gateway(keys: Any) -> bool:
    return bool(keys >= {"correlationid", "responsecode", "totaltime"})


def _flat(part: dict[str, Json]) -> dict[str, Json]:
    """A row with what a blob keeps under ``properties`` beside the rest."""
    row = plain_keys(part)
    inner = decode(row.get("properties"))
    return row | plain_keys(inner) if isinstance(inner, dict) else row


def _number(row: dict[str, Json]) -> int:
    return parse_count(row.get("sequencenumber")) or 0


def _known(rows: list[dict[str, Json]]) -> dict[str, Json]:
    """What the rows say; the first of each kind counts."""
    known: dict[str, Json] = {}
    for row in rows:
        known = {key: value for key, value in row.items() if value not in (None, "")} | known
    return known


def _pieces(rows: list[dict[str, Json]], name: str) -> Json:
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


def _body(gateway: dict[str, Json], kind: str) -> dict[str, Json] | None:
    bodies = (decode(gateway.get(f"{side}{kind}body")) for side in ("backend", ""))
    return next((body for body in bodies if isinstance(body, dict) and body), None)


def _read(asked: Json, came: Json, gateway: dict[str, Json]) -> Call:
    body, answer = _body(gateway, "request"), _body(gateway, "response")
    if body is not None:
        call = read_call(body, answer if answer is not None else came)
        if call.request is not None:
            return call
    reply = read_answer(came) if isinstance(came, list) else Reply()
    if not isinstance(asked, list):
        return Call(request=None, not_replayable=_TORN if asked else _NO_MESSAGES, reply=reply)
    call = read_call({"messages": asked}, None)
    messages = call.request.messages if call.request else []
    calls_tools = bool(reply.answer and reply.answer.tool_calls) or any(
        message["role"] == "tool" or message.get("tool_calls") for message in messages
    )
    return replace(call, reply=reply, not_replayable=call.not_replayable or (_NO_TOOLS if calls_tools else None))


def _usage(known: dict[str, Json]) -> Usage | None:
    given, taken = parse_count(known.get("prompttokens")), parse_count(known.get("completiontokens"))
    return None if given is None and taken is None else Usage(input_tokens=given or 0, output_tokens=taken or 0)


READER = ApiManagement()
JOINER = READER
