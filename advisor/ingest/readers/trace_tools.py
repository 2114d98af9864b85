"""What logs of trace tools and gateways have in common: cells, columns of nested values, labels, statuses in errors."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from advisor.ingest.messages.request import PARAM_KEYS, PARAM_NAMES, why_not_replayable
from advisor.ingest.reader import in_span
from advisor.ingest.records.bodies import Call, read_call, read_messages
from advisor.ingest.records.envelope import LABEL_KEYS, SESSION_KEYS, as_label
from advisor.ingest.values.json_text import decode, text_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import seconds_between
from advisor.types import Json, Request, Sample

_STANDS_IN: list[Json] = [{"role": "user", "content": "?"}]
_NOT_SENT = frozenset({
    "self", "extra_headers", "extra_query", "extra_body", "timeout", "max_retries", "request_timeout", "model_name",
    "api_key", "base_url", "batch_size", "callbacks",
})  # fmt: skip
_ENVIRONMENTS = frozenset({"prod", "production", "staging", "stage", "dev", "development", "test", "testing", "local"})
_STATUS = re.compile(
    r"(?:error code|status[ _]?code|status|http|code)\W{0,4}([45]\d\d)\b|^\W*([45]\d\d)\b|Error\(\W*([45]\d\d)\b", re.I
)
_BLAMES_REQUEST = re.compile(r"invalid_request_error|BadRequestError|UnprocessableEntity|context_length_exceeded")


def columns_in(record: Iterable[str]) -> frozenset[str]:
    """The record's keys in lower case: tables may spell them in any."""
    return _lower_case(tuple(record))


@lru_cache(maxsize=1024)
def _lower_case(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(key.strip().lower() for key in keys)


def filled(record: Mapping[str, Json], groups: Iterable[str] = ()) -> dict[str, Json]:
    """The record without empty cells; its keys in lower case, up to a point that leads into a nested object.

    Columns such as ``inputs.model`` are folded into the objects of these groups, whose cells are decoded.
    """
    folded: dict[str, Json] = {}
    for key, value in record.items():
        if value is None or value == "":
            continue
        name, point, inner = key.strip().partition(".")
        name = name.lower()
        if name not in groups:
            folded[name + point + inner] = value
        elif point:
            *path, leaf = inner.split(".")
            _object_at(folded, [name, *path])[leaf] = decode(value)
        else:
            whole, columns = decode(value), folded.get(name)
            folded[name] = whole | columns if isinstance(whole, dict) and isinstance(columns, dict) else whole
    return folded


def _object_at(where: dict[str, Json], path: list[str]) -> dict[str, Json]:
    for name in path:
        inner = where.get(name)
        if not isinstance(inner, dict):
            inner = where[name] = {}
        where = inner
    return where


def read_apart(messages: Json, params: Mapping[str, Json]) -> Call:
    """A call whose messages stand apart from its model and parameters, without its answer.

    Keys of ``params`` that do not shape the answer are left out. Raises RowRejected when this isn't a conversation.
    """
    asked = read_messages(messages)
    given = {key: value for key, value in params.items() if value is not None}
    call = read_call(given | {"messages": _STANDS_IN}, None)
    known = call.request.params if call.request else {}
    shaping = {PARAM_NAMES[key]: value for key, value in given.items() if key in PARAM_NAMES}
    shaping |= {key: value for key, value in known.items() if key in PARAM_KEYS}
    model = given.get("model")
    reason = why_not_replayable(asked, shaping, model) or call.not_replayable
    return Call(request=Request(messages=asked, params=shaping), not_replayable=reason, model=model)


def in_trace(row: Mapping[str, Json], keys: tuple[str, str, str], read: Callable[[], Sample]) -> Sample:
    """What ``read`` makes of a span; ``keys`` lead to its trace, its id and its parent's: ids may repeat elsewhere."""
    trace, own, above = (text_in(row.get(key)) for key in keys)
    return in_span(f"{trace}:{own}" if own else None, f"{trace}:{above}" if above else None, read)


def as_sent(body: Mapping[str, Json]) -> dict[str, Json]:
    """What a client was given, without what it keeps from the API and what tracers add."""
    return {key: value for key, value in body.items() if key not in _NOT_SENT and not key.startswith(("_", "ls_"))}


def find_use_case(metadata: Mapping[str, Json], *, prompt: Json = None, tags: Json = None) -> str | None:
    """What the call was for: the team's own word, else the prompt's name, else another label, else a telling tag."""
    named = {re.sub(r"[\s-]", "_", key.strip().lower()): value for key, value in metadata.items()}
    known = [as_label(named.get(key)) for key in LABEL_KEYS]
    return next((found for found in (*known[:2], as_label(prompt), *known[2:], _tag(tags)) if found), None)


def _tag(tags: Json) -> str | None:
    tags = decode(tags)
    if isinstance(tags, dict):
        return next((found for key in LABEL_KEYS if (found := as_label(tags.get(key)))), None)
    plain: str | None = None
    for tag in tags if isinstance(tags, list) else [tags]:
        key, colon, value = (as_label(tag) or "").partition(":")
        if colon and key.lower().replace("-", "_") in LABEL_KEYS and value.strip():
            return value.strip()
        if not colon and key.lower() not in _ENVIRONMENTS:  # seq:step:2, env:prod, user:17 tell no purpose
            plain = plain or key
    return plain


def own_name(name: Json, generic: Iterable[str]) -> str | None:
    """A span's name where a person gave it: wrappers name spans after APIs and classes, with ``generic`` words."""
    found = as_label(name)
    return None if found is None or any(word in found.lower() for word in generic) else found


def lasted(logged_ms: Json, start: datetime | None, end: datetime | None) -> float | None:
    """Seconds, as logged, else between the two moments."""
    logged = parse_seconds(logged_ms, "ms")
    return seconds_between(start, end) if logged is None else logged


def streamed(ttft_s: float | None, latency_s: float | None) -> float | None:
    """The time to the first token; None where it is that to the last one, so that nothing was streamed."""
    is_early = ttft_s is not None and ttft_s > 0 and (latency_s is None or ttft_s < latency_s)
    return ttft_s if is_early else None


def cost_of(total: Json, parts: Iterable[Json]) -> float | None:
    """Dollars: the total, else the sum of the parts that are known."""
    if (cost := parse_number(total)) is not None:
        return cost
    known = [part for part in map(parse_number, parts) if part is not None]
    return sum(known) if known else None


def find_session(metadata: Mapping[str, Json]) -> str | None:
    """The conversation that the metadata names."""
    found = next((metadata[key] for key in SESSION_KEYS if metadata.get(key) not in (None, "")), None)
    return str(found) if isinstance(found, str | int) else None


def status_in(error: Json) -> int | None:
    """The HTTP status told by the text of an exception, such as ``RateLimitError("Error code: 429 ...")``."""
    text = str(error or "")[:2000]
    if found := _STATUS.search(text):
        return int(found[1] or found[2] or found[3])
    return 400 if _BLAMES_REQUEST.search(text) else None
