"""Log exports of Portkey: with whole HTTP messages, and the older ones with bodies as text in columns."""

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import NotChat, Reader, Record
from advisor.ingest.readers.trace_tools import columns_in, filled, find_session, find_use_case
from advisor.ingest.records.bodies import Call, other_operation, read_answer, read_call
from advisor.ingest.values.json_text import at, decode, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Json, Sample

_ALIKE = frozenset({"ai_org", "req_units", "res_units", "total_units", "is_success", "response_time", "prompt_slug"})
_CENTS = 100


def _matches(record: Record) -> bool:
    """The model's column and another that only Portkey has: each export chooses its columns."""
    columns = columns_in(record)
    return "ai_model" in columns and not _ALIKE.isdisjoint(columns)


def _read(record: Record) -> Sample:
    """One logged request of any vendor; one without its request is kept for volume and cost."""
    row = filled(record, ("request", "response", "metadata"))
    if kind := other_operation(str(row.get("request_url") or at(row, "request", "url") or "")):
        raise NotChat(kind)
    call = _call(_body(row, "request"), _body(row, "response"))
    metadata = _metadata(row)
    is_failed = str(row.get("is_success", "")).lower() in ("0", "false")
    cents, currency = parse_number(row.get("cost")), str(row.get("cost_currency") or "USD").upper()
    around: Record = {
        "id": row.get("id"),
        "timestamp": row.get("created_at"),
        "latency_s": parse_seconds(row.get("response_time"), "ms"),
        "cost_usd": cents / _CENTS if cents is not None and currency == "USD" else None,
        "session_id": find_session(metadata) or row.get("trace_id"),
        "use_case": find_use_case(metadata, prompt=row.get("prompt_slug") or metadata.get("_prompt")),
        "model": row.get("ai_model") or call.model,
        "status_code": row.get("response_status_code") or at(row, "response", "status"),
        "status": "failed" if is_failed else None,
    }
    usage = Counts(given=row.get("req_units"), taken=row.get("res_units")).usage()
    is_told = usage and (usage.input_tokens or usage.output_tokens)
    return call.sample(around, call.reply.usage or (usage if is_told else None))


def _call(asked: Json, came: Json) -> Call:
    if isinstance(asked, dict):
        call = read_call(asked, came)
        if call.request is not None:
            return call
    reason = "the export holds no request bodies; export again with the column request.body"
    if isinstance(asked, dict) and "variables" in asked:
        reason = "the log holds the variables of a prompt template, not the prompt"
    elif asked:
        reason = "the logged request body is cut, or in no known form"
    return Call(not_replayable=reason, reply=Reply() if came is None else read_answer(came))


def _body(row: Record, side: str) -> Json:
    message = decode(row.get(side, row.get(f"{side}_body")))
    return decode(message["body"]) if isinstance(message, dict) and "body" in message else message


def _metadata(row: Record) -> dict[str, Json]:
    """An object, or the older pair of lists of keys and values."""
    metadata = object_in(row.get("metadata"))
    keys, values = decode(metadata.get("key")), decode(metadata.get("value"))
    if isinstance(keys, list) and isinstance(values, list):
        return {str(key): value for key, value in zip(keys, values, strict=False)}
    return metadata


READER = Reader(name="portkey", rank=12, matches=_matches, read=_read)
