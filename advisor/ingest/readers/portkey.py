"""Log exports of Portkey: with whole HTTP messages, and the older ones with bodies as text in columns."""

from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.pieces import filled, find_session, find_use_case, nested
from advisor.ingest.records.bodies import Call, other_operation, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.types import Json, Request, Sample, Usage

_ALIKE = frozenset({"ai_org", "req_units", "res_units", "total_units", "is_success", "response_time", "prompt_slug"})
_CENTS = 100


@dataclass(frozen=True)
class Portkey:
    """Reads one logged request of any vendor. Costs are in cents."""

    name: str = "portkey"
    rank: int = 12

    def matches(self, record: dict[str, Json]) -> bool:
        """The model's column and another that only Portkey has: each export chooses its columns."""
        return _is_request(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one row; one without its request is kept for volume and cost."""
        row = nested(filled(record), ("request", "response", "metadata"))
        url = str(row.get("request_url") or _of(row.get("request"), "url") or "")
        kind = other_operation(url)
        if kind:
            raise RowRejected(f"a call of {kind}, not of a chat model")
        call = _read(_body(row, "request"), _body(row, "response"))
        metadata = _metadata(row.get("metadata"))
        is_failed = str(row.get("is_success", "")).lower() in ("0", "false")
        around: dict[str, Json] = {
            "id": row.get("id"),
            "timestamp": row.get("created_at"),
            "latency_s": parse_seconds(row.get("response_time"), "ms"),
            "cost_usd": _cost(row),
            "session_id": find_session(metadata) or row.get("trace_id"),
            "use_case": find_use_case(metadata, prompt=row.get("prompt_slug") or metadata.get("_prompt")),
            "model": row.get("ai_model") or call.model,
            "status_code": row.get("response_status_code") or _of(row.get("response"), "status"),
            "status": "failed" if is_failed else None,
        }
        sample = assemble(around, call.request or Request(messages=[]), call.reply, not_replayable=call.not_replayable)
        return sample if sample.usage else replace(sample, usage=_usage(row))


@lru_cache(maxsize=256)
def _is_request(keys: tuple[str, ...]) -> bool:
    have = {key.strip().lower() for key in keys}
    return "ai_model" in have and not _ALIKE.isdisjoint(have)


def _read(asked: Json, came: Json) -> Call:
    if isinstance(asked, dict):
        call = read_call(asked, came)
        if call.request is not None:
            return call
    reason = "the export holds no request bodies; export again with the column request.body"
    if isinstance(asked, dict) and "variables" in asked:
        reason = "the log holds the variables of a prompt template, not the prompt"
    elif asked:
        reason = "the logged request body is cut, or in no known form"
    return Call(request=None, not_replayable=reason, reply=Reply() if came is None else read_answer(came))


def _body(row: dict[str, Json], side: str) -> Json:
    message = decode(row.get(side, row.get(f"{side}_body")))
    return decode(message["body"]) if isinstance(message, dict) and "body" in message else message


def _metadata(value: Json) -> dict[str, Json]:
    """An object, or the older pair of lists of keys and values."""
    metadata = decode(value)
    if not isinstance(metadata, dict):
        return {}
    keys, values = decode(metadata.get("key")), decode(metadata.get("value"))
    if isinstance(keys, list) and isinstance(values, list):
        return {str(key): value for key, value in zip(keys, values, strict=False)}
    return metadata


def _cost(row: dict[str, Json]) -> float | None:
    cents = parse_number(row.get("cost"))
    is_dollar = str(row.get("cost_currency") or "USD").upper() == "USD"
    return cents / _CENTS if cents is not None and is_dollar else None


def _usage(row: dict[str, Json]) -> Usage | None:
    given, made = parse_count(row.get("req_units")), parse_count(row.get("res_units"))
    return Usage(input_tokens=given or 0, output_tokens=made or 0) if given or made else None


def _of(value: Json, key: str) -> Json:
    value = decode(value)
    return value.get(key) if isinstance(value, dict) else None


READER = Portkey()
