"""What version 2 calls the same call, the same request and a similar request: formulas that stay as they were."""

import hashlib
import json
import string
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_DROPPED = (string.digits + string.punctuation + string.whitespace).encode()
_TELLING_ID = 16
_NOTHING: dict[str, Any] = {"messages": [], "params": {}}


class Digests(NamedTuple):
    """Hex digits: 32 of the call, 64 of the request, and some of requests that are alike."""

    digest: str
    request_digest: str
    near_digest: str


@dataclass(frozen=True)
class _ToolCall:
    """The fields of a dataclass keep their order where the keys of a dict are sorted, and the digest hangs on it."""

    name: str
    arguments: str


def restate(
    old_digest: str, *, external_id: str | None, error: str | None, at: object, request: str | None, answer: str | None
) -> Digests:
    """The digests of a sample from its columns; ``request`` and ``answer`` are JSON, ``at`` is naive UTC."""
    asked, came = _loads(request) if request else _NOTHING, _loads(answer) if answer else None
    messages = _dumps(asked["messages"])
    return Digests(
        digest=_call_digest(asked, came, error, _moment(at), _response_id(old_digest, external_id)),
        request_digest=hashlib.sha256(messages).hexdigest(),
        near_digest=_near_digest(messages),
    )


def occurrence_digest(call: str, occurrence: int) -> str:
    """Tells the n-th identical call (from 1) from the first."""
    return _hex(f"{call} {occurrence}".encode())


def _response_id(old_digest: str, external_id: str | None) -> str | None:
    """The id of the row, where the old digest proves that it was the provider's id as well."""
    proof = hashlib.sha256(f"id {external_id}".encode(errors="surrogatepass")).hexdigest()
    return external_id if proof == old_digest else None


def _call_digest(asked: Any, came: Any, error: str | None, at: datetime | None, response_id: str | None) -> str:
    if response_id is not None and len(response_id) >= _TELLING_ID:
        return _hex(f"id {response_id}".encode(errors="surrogatepass"))
    answer = came and (came["text"], [_ToolCall(call["name"], call["arguments"]) for call in came["tool_calls"]])
    return _hex(_dumps(((asked["messages"], asked["params"]), answer, error, at, response_id)))


def _near_digest(messages: bytes) -> str:
    plain = messages.lower().translate(None, _DROPPED)
    return f"{zlib.crc32(plain):08x}{len(plain):x}"


def _moment(at: object) -> datetime | None:
    """As the driver gives it: text from SQLite, else a datetime."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else None


def _loads(stored: str) -> Any:
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError:  # NaN, half a surrogate pair: version 1 wrote what Python's own writer let pass
        return json.loads(stored)


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> object:
    return [value.name, value.arguments] if isinstance(value, _ToolCall) else str(value)


def _hex(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
