"""What version 7 calls the same request and a similar one: the same messages, tools and parameters."""

import hashlib
import json
import string
import zlib
from typing import Any

import orjson
from sqlalchemy import Connection, text

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_DROPPED = (string.digits + string.punctuation + string.whitespace).encode()
_BATCH = 5000


def restate_requests(connection: Connection) -> None:
    """Write both digests of every sample again; before, they covered its messages alone."""
    batch = text(
        "SELECT sample_id, CAST(request AS TEXT) FROM sample_text WHERE sample_id > :last"
        " ORDER BY sample_id LIMIT :size"
    )
    change = text("UPDATE sample SET request_digest = :digest, near_digest = :near WHERE id = :id")
    last = 0
    while rows := connection.execute(batch, {"last": last, "size": _BATCH}).all():
        connection.execute(change, [_restated(sample_id, request) for sample_id, request in rows])
        last = rows[-1][0]


def _restated(sample_id: int, request: str) -> dict[str, object]:
    asked = _loads(request)
    whole = _dumps((asked["messages"], asked["params"]))
    plain = whole.lower().translate(None, _DROPPED)
    digest = hashlib.blake2b(whole, digest_size=16).hexdigest()
    return {"id": sample_id, "digest": digest, "near": f"{zlib.crc32(plain):08x}{len(plain):x}"}


def _loads(stored: str) -> Any:
    try:
        return orjson.loads(stored)
    except orjson.JSONDecodeError:  # NaN, half a surrogate pair: version 1 wrote what Python's own writer let pass
        return json.loads(stored)


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=_SORTED)
    except orjson.JSONEncodeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()
