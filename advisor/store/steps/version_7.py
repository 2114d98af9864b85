"""Version 7: evidence follows the answer that it is about.

A reused answer has the times of the answer that it is a copy of: the one of the same digest and the same moment.
Requests are the same only with the same messages, tools and parameters.
"""

import hashlib
import json
import string
import zlib
from typing import Any

import orjson
from sqlalchemy import Connection, text

COPIED = ("ttft_s", "latency_s", "waited_s")
OF_SOURCE = """(
    SELECT max(source.{column}) FROM generation AS source
    WHERE source.call_digest = generation.call_digest AND source.at = generation.at AND source.latency_s IS NOT NULL
)"""
COPY_TIMES = (
    f"UPDATE generation SET {', '.join(f'{column} = {OF_SOURCE.format(column=column)}' for column in COPIED)} "  # noqa: S608 - no input
    f"WHERE reused AND latency_s IS NULL AND {OF_SOURCE.format(column='latency_s')} IS NOT NULL"
)
STATEMENTS = (
    "ALTER TABLE model ADD COLUMN confirmed_key VARCHAR",
    "ALTER TABLE study ADD COLUMN deleted BOOLEAN",
    "CREATE INDEX ix_run_sample_sample_id ON run_sample (sample_id)",
    "ALTER TABLE run ADD COLUMN quoted JSON",
    "ALTER TABLE run_sample ADD COLUMN input_tokens INTEGER",
    "ALTER TABLE run_sample ADD COLUMN output_tokens INTEGER",
    COPY_TIMES,
)
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_DROPPED = (string.digits + string.punctuation + string.whitespace).encode()
BATCH = 5000


def lift(connection: Connection) -> None:
    """From version 6 to 7."""
    for statement in STATEMENTS:
        connection.execute(text(statement))
    restate_requests(connection)


def restate_requests(connection: Connection) -> None:
    """Write both digests of every sample again; before, they covered its messages alone."""
    batch = text(
        "SELECT sample_id, CAST(request AS TEXT) FROM sample_text WHERE sample_id > :last"
        " ORDER BY sample_id LIMIT :size"
    )
    change = text("UPDATE sample SET request_digest = :digest, near_digest = :near WHERE id = :id")
    last = 0
    while rows := connection.execute(batch, {"last": last, "size": BATCH}).all():
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
