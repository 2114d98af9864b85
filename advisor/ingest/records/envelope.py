"""The keys that teams and gateways put around a call: time, duration, status, ids, labels and the right answer."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.records.columns import SYNONYMS, plain_headers
from advisor.ingest.records.quantities import money, seconds, unit_of
from advisor.ingest.values.json_text import decode, object_in, text_in
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import ANY_OF, CallIds, Json, Metered, Reference, Request, Sample, Usage

FACTS = frozenset({"meta", "metrics", "timing", "timings", "stats", "performance", "info", "context", "trace"})
"""Objects beside a call that tell about it."""
TARGET_KEYS = ("target", "expected", "expected_output", "label", "ground_truth", "gold", "reference")
REFUSED = "the logged request was refused by the provider"
LABEL_KEYS = ("use_case", "usecase", "feature", "route", "prompt_name", "task", "category")
SESSION_KEYS = ("session_id", "conversation_id", "thread_id", "chat_id", "session", "sessionId", "conversationId")
_TIME_KEYS = (
    "timestamp", "time", "created_at", "start_time", "started_at", "request_time", "datetime", "date", "tstamp", "ts",
    "created", *SYNONYMS["time"],
)  # fmt: skip
_MODEL_KEYS = ("model", "model_id", "model_name", "llm_model", "deployment_name", "engine", "deployment")
_COST_KEYS = ("cost_usd", "total_cost", "response_cost", "cost", *SYNONYMS["cost"])
_ID_KEYS = ("id", "request_id", "call_id", "log_id", "external_id", "custom_id", "uid", "uuid", "trace_id")
_USAGE_KEYS = ("usage", "usage_metadata", "usageMetadata")
STATUS_KEYS = ("status_code", "http_status", "response_status", "status")
_REQUEST_KEYS = ("request", "request_body", "input", "body", "reqPayload")
_TAG_KEYS = frozenset({"tags", "tag", "category"})
_USUAL = ("default", "standard", "global", "not_available")
"""OpenAI's and Anthropic's words for the tier and the place that have the list price."""
_FAILED = frozenset({"error", "failed", "failure", "timeout"})
_LABEL_LIMIT = 120
_KEY_SETS = 1024
_Parse = Callable[[Json, str], Any]
"""From a value and its key to what is told, or None."""


class _Keys(NamedTuple):
    """Which of a record's keys tell what, the most telling first."""

    facts: tuple[tuple[str, str, _Parse], ...]
    """(field of a Sample, key, how its value is read)."""
    status: tuple[str, ...]
    target: tuple[str, ...]
    any_of: tuple[str, ...]
    label: tuple[str, ...]
    has_label: bool
    """Whether any key may hold a label, those of tags among them."""
    request: tuple[str, ...]
    beside: tuple[str, ...]
    """Those of objects that tell about the call."""


def _text(value: Json, _: str) -> str | None:
    return text_in(value)


def _time(value: Json, _: str) -> datetime | None:
    return parse_time(value)


@lru_cache(maxsize=_KEY_SETS)
def _keys_of(record: tuple[str, ...]) -> _Keys:
    """A log has few sets of keys, but very many records."""
    spelled = plain_headers(record)
    facts: dict[str, tuple[tuple[str, ...], _Parse]] = {
        "at": (_those(_TIME_KEYS, spelled), _time),
        "model": (_those(_MODEL_KEYS, spelled), _text),
        "latency_s": (_durations(SYNONYMS["latency"], spelled), seconds),
        "ttft_s": (_durations(SYNONYMS["ttft"], spelled), seconds),
        "cost_usd": (_those(_COST_KEYS, spelled), money),
        "external_id": (_those(_ID_KEYS, spelled), _text),
        "session": (_those(SESSION_KEYS, spelled), _text),
    }
    label = _those(LABEL_KEYS[:-1], spelled)
    return _Keys(
        facts=tuple((field, key, parse) for field, (keys, parse) in facts.items() for key in keys),
        status=_those(STATUS_KEYS, spelled),
        target=_those(TARGET_KEYS, spelled),
        any_of=_those(SYNONYMS["any_of"], spelled),
        label=label,
        has_label=bool(label) or not _TAG_KEYS.isdisjoint(record),
        request=tuple(key for key in _REQUEST_KEYS if key in record),
        beside=tuple(key for key in record if key.lower() in FACTS),
    )


def _those(names: Iterable[str], spelled: dict[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(spelled[name] for name in names if name in spelled))


def _durations(names: Iterable[str], spelled: dict[str, str]) -> tuple[str, ...]:
    """Those that tell their unit first."""
    return tuple(sorted(_those(names, spelled), key=lambda key: unit_of(key) is None))


class _Around(NamedTuple):
    """What stands around a call, looked at once."""

    record: dict[str, Json]
    keys: _Keys
    metadata: dict[str, Json]


def _around(record: dict[str, Json]) -> _Around:
    metadata = object_in(record.get("metadata"))
    keys = _keys_of(tuple(record))
    beside = [fact for key in keys.beside if isinstance(fact := record[key], dict)] if keys.beside else None
    if beside:
        record = {key: value for fact in beside for key, value in fact.items()} | record
        keys = _keys_of(tuple(record))
    return _Around(record, keys, metadata)


def assemble(
    record: dict[str, Json],
    request: Request,
    reply: Reply,
    *,
    not_replayable: str | None = None,
    usage: Usage | None = None,
) -> Sample:
    """One Sample from what was asked, what came back and the keys around both; ``usage`` where a log has its own."""
    around = _around(record)
    record, keys, metadata = around
    told: dict[str, Any] = {}
    for field, key, parse in keys.facts:
        if field not in told and (value := parse(record[key], key)) is not None:
            told[field] = value
    error, refusal = _failure_of(around, reply)
    session = told.get("session")
    if session is None and metadata:
        session = _first(metadata, SESSION_KEYS, text_in)
    return Sample(
        request=_as_served(request, reply),
        answer=None if error and reply.answer is None else reply.answer,
        use_case=_label_of(around),
        model=reply.model or text_in(_requested_model(around)) or told.get("model"),
        ids=CallIds(external_id=told.get("external_id"), response_id=reply.response_id, session=session),
        metered=Metered(
            usage=usage or reply.usage or _usage_of(record),
            cost_usd=told.get("cost_usd", reply.cost_usd),
            latency_s=told.get("latency_s", reply.latency_s),
            ttft_s=told.get("ttft_s"),
            at=told.get("at") or parse_time(reply.created),
        ),
        reference=_reference_of(around, request),
        error=error,
        not_replayable=not_replayable or refusal,
    )


def _as_served(request: Request, reply: Reply) -> Request:
    """The request with the tier and place that the answer names, which were billed, whatever was asked for."""
    params = dict(request.params)
    for key, word in (("service_tier", reply.service_tier), ("inference_geo", reply.geography)):
        if word is not None:
            params.pop(key, None)
            params |= {} if word in _USUAL else {key: word}
    return request if params == request.params else replace(request, params=params)


def _usage_of(record: dict[str, Json]) -> Usage | None:
    """Tokens in an object beside the call, else among its keys."""
    beside = (usage for key in _USAGE_KEYS if (usage := read_usage(record.get(key))) is not None)
    return next(beside, None) or read_usage(record)


def _requested_model(around: _Around) -> Json:
    """The model a wrapped request body names."""
    bodies = (object_in(around.record[key]) for key in around.keys.request)
    return next((body["model"] for body in bodies if body.get("model")), None)


def _reference_of(around: _Around, request: Request) -> Reference | None:
    """The right answer, if the log has it (see is_known)."""
    metadata = around.metadata
    if not (around.keys.target or around.keys.any_of or metadata):
        return None
    places = (
        (around.record, around.keys.target, around.keys.any_of),
        (metadata, TARGET_KEYS, SYNONYMS["any_of"]),
    )
    found = (
        Reference(None if where[key] == "null" else where[key])
        for where, keys, _ in places
        for key in keys
        if key in where and is_known(key, where[key], request)
    )
    listed = (where[key] for where, _, keys in places for key in keys if where.get(key) not in (None, ""))
    return with_others(next(found, None), next(listed, None), request)


def with_others(reference: Reference | None, others: Json, request: Request) -> Reference | None:
    """The right answer together with others: a list of them, or a text that ``|`` parts (see ANY_OF)."""
    others = decode(others)
    listed = others.split("|") if isinstance(others, str) else others if isinstance(others, list) else _several(others)
    stripped = [each.strip() if isinstance(each, str) else each for each in listed]
    known = [None if each == "null" else each for each in stripped if is_known("", each, request)]
    if others is None or not known:
        return reference
    every = [*(_several(reference.value) if reference else []), *known]
    return Reference({ANY_OF: [each for at, each in enumerate(every) if each not in every[:at]]})


def _several(target: Json) -> list[Json]:
    """The right answers in a target: several, those of a list of texts and numbers, else the target itself."""
    if isinstance(target, dict) and isinstance(target.get(ANY_OF), list):
        return list(target[ANY_OF])
    are_texts = isinstance(target, list) and all(isinstance(item, str | int | float) for item in target)
    return list(target) if are_texts else [target]


def is_known(key: str, target: Json, request: Request) -> bool:
    """Whether this value under this key or column tells the right answer; an empty text never does.

    Null (also as text, from a cell) means that no tool call is right, so it needs tools on offer, and a key that is no
    label: people leave those at null until somebody has labelled the row.
    """
    if target is None or target == "null":
        return bool(request.params.get("tools")) and "label" not in key.lower()
    return not isinstance(target, str) or bool(target.strip())


def find_label(record: dict[str, Json]) -> str | None:
    """The log's own name for what the call was for, from the record, its metadata or its tags."""
    return _label_of(_around(record))


def _label_of(around: _Around) -> str | None:
    record, metadata = around.record, around.metadata
    if not (around.keys.has_label or metadata):
        return None
    for where, keys in ((record, around.keys.label), (metadata, LABEL_KEYS[:-1])):
        for key in keys:
            if label := as_label(where.get(key)):
                return label
    tags = decode(record.get("tags", metadata.get("tags", record.get("tag"))))
    if isinstance(tags, dict):
        label = next((label for key in LABEL_KEYS if (label := as_label(tags.get(key)))), None)
    else:
        label = as_label(tags[0] if isinstance(tags, list) and tags else tags)
    return label or as_label(record.get("category")) or as_label(metadata.get("category"))


def as_label(value: Json) -> str | None:
    """A name that can be shown, or None."""
    return value.strip()[:_LABEL_LIMIT] or None if isinstance(value, str) else None


def find_failure(record: dict[str, Json], reply: Reply) -> tuple[str | None, str | None]:
    """The logged failure and, where the request itself was to blame, why it is not worth asking again.

    Rate limits, timeouts and server errors leave the request good.
    """
    return _failure_of(_around(record), reply)


def _failure_of(around: _Around, reply: Reply) -> tuple[str | None, str | None]:
    record = around.record
    raw = decode(record["error"]) if "error" in record else None
    logged = raw.get("message") if isinstance(raw, dict) else raw
    told = _first(record, around.keys.status, parse_number)
    status = reply.status if told is None else int(told)
    error = reply.error or (str(logged) if logged else None)
    is_refused = reply.is_refused
    if status is not None and status >= 400:
        error = error or f"HTTP status {status}"
        is_refused = status < 500 and status not in (408, 409, 425, 429)
    elif not error and "status" in record and str(record["status"]).lower() in _FAILED:
        error = f"logged as {record['status']}"
    if error and is_refused:
        return error, REFUSED
    return error, None


def _first(where: dict[str, Json], keys: tuple[str, ...], parse: Callable[[Json], Any]) -> Any:
    for key in keys:
        if (found := parse(where.get(key))) is not None:
            return found
    return None
