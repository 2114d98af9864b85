"""Spans of Braintrust's project logs: pages of its API, BTQL results, JSONL, and CSV with JSON in its cells."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import NotACall, RowRejected
from advisor.ingest.readers.pieces import (
    filled,
    find_session,
    find_use_case,
    inclusive_usage,
    label,
    nested,
    read_request_apart,
    status_in,
)
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Request, Sample, Usage

_GROUPS = ("input", "metadata", "metrics", "span_attributes", "span_parents")
_OF_A_BODY = frozenset({"messages", "contents", "input"})
_OF_AN_ANSWER = frozenset({"choices", "role", "content", "message", "candidates", "output", "object", "tool_calls"})
_GENERIC = (
    "chat completion",
    "completion",
    "create",
    "messages",
    "generate",
    "openai",
    "anthropic",
    "llm",
    "stream",
    "root",
)


@dataclass(frozen=True)
class Braintrust:
    """Reads spans of the type ``llm``, and spans without a type that hold a conversation."""

    name: str = "braintrust"
    rank: int = 14

    def matches(self, record: dict[str, Json]) -> bool:
        """The keys of a span that only Braintrust has."""
        return is_span(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one span. Its prompt tokens include those of the cache."""
        row = nested(filled(record), _GROUPS)
        attributes, metadata, metrics = (object_in(row.get(key)) for key in ("span_attributes", "metadata", "metrics"))
        span, parent = label(row.get("span_id")), _parent(row)
        kind = str(attributes.get("type") or "").lower()
        asked = row.get("input")
        if kind != "llm" and (kind or not _is_conversation(asked)):
            told = f"of the kind {kind}" if kind else "without a kind"
            raise NotACall(f"a span {told}").at(span, parent)
        try:
            call = _read(asked, metadata)
        except RowRejected as rejected:
            raise rejected.at(span, parent) from None
        start = parse_time(metrics.get("start"))
        error = _message(row.get("error"))
        around: dict[str, Json] = {
            "id": row.get("id"),
            "timestamp": start or parse_time(row.get("created")),
            "latency_s": _latency(metrics),
            "ttft_s": parse_seconds(metrics.get("time_to_first_token"), "s"),
            "cost_usd": next(
                (cost for key in ("estimated_cost", "cost") if (cost := parse_number(metrics.get(key)))), None
            ),
            "session_id": find_session(metadata) or row.get("root_span_id"),
            "use_case": find_use_case(metadata, prompt=_prompt_name(metadata, attributes), tags=row.get("tags"))
            or _own_name(attributes.get("name")),
            "model": metadata.get("model") or call.model,
            "error": error,
            "status_code": status_in(error),
            "expected": decode(row["expected"]) if "expected" in row else "",  # null is what nobody has filled in
        }
        reply = _reply(row.get("output"))
        asked_for = call.request or Request(messages=[])
        sample = assemble(around, asked_for, reply, not_replayable=call.not_replayable)
        return replace(sample, usage=_usage(metrics) or sample.usage, span=span, parent_span=parent)


@dataclass(frozen=True)
class BraintrustRows:
    """Joins what is told of one row: later versions of it, and rows that only add to it (``_is_merge``)."""

    name: str = "braintrust"

    def joins(self, keys: frozenset[str]) -> bool:
        """Any span with an id, because a row that is added to does not tell."""
        return "id" in keys and is_span(tuple(keys))

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The row's id."""
        return str(record["id"]) if record.get("id") else None

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The latest version, with what was added to it."""
        row: dict[str, Json] = {}
        for part in sorted(parts, key=lambda part: parse_number(part.get("_xact_id")) or 0):
            is_added = str(part.get("_is_merge", "")).lower() in ("true", "1")
            row = _merged(row, part) if is_added else part
        return row


@lru_cache(maxsize=256)
def is_span(keys: tuple[str, ...]) -> bool:
    """Whether these are the keys of a span."""
    have = {key.strip().lower() for key in keys}
    if "span_id" in have and ("_xact_id" in have or "_is_merge" in have):
        return True
    has_attributes = any(key.partition(".")[0] == "span_attributes" for key in have)
    return has_attributes and not have.isdisjoint({"root_span_id", "span_parents", "metrics", "span_id", "_xact_id"})


def _merged(before: dict[str, Json], after: dict[str, Json]) -> dict[str, Json]:
    both = dict(before)
    for key, value in after.items():
        old, new = object_in(both.get(key)), object_in(value)
        both[key] = _merged(old, new) if old and new else value if value not in (None, "") else both.get(key, value)
    return both


def _read(asked: Json, metadata: dict[str, Json]) -> Call:
    given = decode(asked)
    if not given:
        return Call(request=None, not_replayable="the log does not hold the prompt", reply=Reply())
    if isinstance(given, dict) and not _OF_A_BODY.isdisjoint(given):
        call = read_call({key: value for key, value in metadata.items() if key in ("model", "tools")} | given, None)
        if call.request is not None:
            return call
    if isinstance(given, list):
        given = list(_system_first(given))
    request, reason = read_request_apart(given, metadata)
    return Call(request=request, not_replayable=reason, reply=Reply(), model=metadata.get("model"))


def _system_first(messages: list[Json]) -> Iterable[Json]:
    """The wrapper of Anthropic's client puts the system prompt after the messages."""
    last = messages[-1]
    is_appended = isinstance(last, dict) and last.get("role") == "system" and len(messages) > 1
    return [last, *messages[:-1]] if is_appended else messages


def _reply(output: Json) -> Reply:
    """A list of choices, a body, a message, or text, which may look like JSON."""
    given = decode(output)
    if isinstance(given, list) and given and isinstance(given[0], dict) and "message" in given[0]:
        return read_answer({"choices": given})
    if isinstance(output, str) and isinstance(given, dict) and _OF_AN_ANSWER.isdisjoint(given):
        return read_answer(output)
    return Reply() if given is None or given == "" else read_answer(given)


def _latency(metrics: dict[str, Json]) -> float | None:
    """Seconds; both moments are epochs, also where they are too small to be times of a call."""
    start, end = (parse_number(metrics.get(key)) for key in ("start", "end"))
    return end - start if start is not None and end is not None and end >= start else None


def _usage(metrics: dict[str, Json]) -> Usage | None:
    return inclusive_usage(
        metrics.get("prompt_tokens"),
        metrics.get("completion_tokens"),
        read=metrics.get("prompt_cached_tokens"),
        written=metrics.get("prompt_cache_creation_tokens"),
        reasoning=metrics.get("completion_reasoning_tokens"),
    )


def _prompt_name(metadata: dict[str, Json], attributes: dict[str, Json]) -> Json:
    prompt = object_in(metadata.get("prompt"))
    return prompt.get("key") or prompt.get("slug") or prompt.get("name") or attributes.get("slug")


def _own_name(name: Json) -> str | None:
    """The span's name where a person gave it; the wrappers name spans after the API."""
    found = label(name)
    return None if found is None or any(word in found.lower() for word in _GENERIC) else found


def _parent(row: dict[str, Json]) -> str | None:
    parents = decode(row.get("span_parents"))
    return label(parents[-1] if isinstance(parents, list) and parents else parents)


def _is_conversation(asked: Json) -> bool:
    given = decode(asked)
    if isinstance(given, dict):
        given = given.get("messages")
    return isinstance(given, list) and bool(given) and isinstance(given[0], dict) and "role" in given[0]


def _message(error: Json) -> str | None:
    told = decode(error)
    if isinstance(told, dict):
        told = told.get("message") or told.get("name") or str(told)
    return str(told) if told else None


READER = Braintrust()
JOINER = BraintrustRows()
