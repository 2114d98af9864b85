"""What trace tools and gateways keep in pieces: cells, columns of nested values, messages apart from parameters."""

import re
from collections.abc import Iterable, Mapping

from advisor.ingest.messages.request import why_not_replayable
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import PARAM_KEYS
from advisor.ingest.records.bodies import read_call, read_messages
from advisor.ingest.records.envelope import LABEL_KEYS, SESSION_KEYS
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json, Request, Usage

_STANDS_IN: list[Json] = [{"role": "user", "content": "?"}]
_RENAMED = {
    "stop_sequences": "stop", "max_output_tokens": "max_tokens", "max_tokens_to_sample": "max_tokens",
    "max_new_tokens": "max_tokens",
}  # fmt: skip
_NOT_SENT = frozenset({
    "self", "extra_headers", "extra_query", "extra_body", "timeout", "max_retries", "request_timeout", "model_name",
    "api_key", "base_url", "batch_size", "callbacks",
})  # fmt: skip
_ENVIRONMENTS = frozenset({"prod", "production", "staging", "stage", "dev", "development", "test", "testing", "local"})
_LABEL_LIMIT = 120
_STATUS = re.compile(
    r"(?:error code|status[ _]?code|status|http|code)\W{0,4}([45]\d\d)\b|^\W*([45]\d\d)\b|Error\(\W*([45]\d\d)\b", re.I
)
_BLAMES_REQUEST = re.compile(r"invalid_request_error|BadRequestError|UnprocessableEntity|context_length_exceeded")


def filled(record: Mapping[str, Json]) -> dict[str, Json]:
    """The record without empty cells; its keys in lower case, up to a point that leads into a nested object."""
    return {_lowered(key): value for key, value in record.items() if value is not None and value != ""}


def _lowered(key: str) -> str:
    name, point, inner = key.strip().partition(".")
    return name.lower() + point + inner


def nested(record: Mapping[str, Json], groups: Iterable[str]) -> dict[str, Json]:
    """Columns such as ``inputs.model`` folded into the objects of those groups; cells of the groups are decoded."""
    folded: dict[str, Json] = {}
    wanted = frozenset(groups)
    for key, value in record.items():
        path = key.split(".")
        if path[0] not in wanted:
            folded[key] = value
        elif len(path) == 1:
            whole, columns = decode(value), folded.get(key)
            folded[key] = whole | columns if isinstance(whole, dict) and isinstance(columns, dict) else whole
        else:
            _put(folded, path, decode(value))
    return folded


def _put(where: dict[str, Json], path: list[str], value: Json) -> None:
    for name in path[:-1]:
        inner = where.get(name)
        if not isinstance(inner, dict):
            inner = where[name] = {}
        where = inner
    where[path[-1]] = value


def read_request_apart(messages: Json, params: Mapping[str, Json]) -> tuple[Request, str | None]:
    """The request whose messages stand apart from its parameters, and why it cannot be replayed (None: it can).

    Keys of ``params`` that do not shape the answer are left out. Raises RowRejected when this isn't a conversation.
    """
    asked = read_messages(messages)
    given = {key: value for key, value in params.items() if value is not None}
    try:
        call = read_call(given | {"messages": _STANDS_IN}, None)
    except RowRejected:
        call = read_call({"messages": _STANDS_IN}, None)
    shaping = {key: value for key, value in (call.request.params if call.request else {}).items() if key in PARAM_KEYS}
    shaping = {_RENAMED[key]: value for key, value in given.items() if key in _RENAMED} | shaping
    reason = why_not_replayable(asked, shaping, given.get("model"))
    return Request(messages=asked, params=shaping), reason or call.not_replayable


def as_sent(body: Mapping[str, Json]) -> dict[str, Json]:
    """What a client was given, without what it keeps from the API and what tracers add."""
    return {key: value for key, value in body.items() if key not in _NOT_SENT and not key.startswith(("_", "ls_"))}


def inclusive_usage(
    prompt: Json,
    completion: Json,
    *,
    read: Json = None,
    written: Json = None,
    written_1h: Json = None,
    reasoning: Json = None,
) -> Usage | None:
    """Counts whose prompt tokens include those of the cache; where the cache has more, they cannot be included."""
    total, cached = parse_count(prompt), (parse_count(read) or 0) + (parse_count(written) or 0)
    if total is not None and cached > total:
        total += cached
    split = {"ephemeral_1h_input_tokens": written_1h}
    details = {"cached_tokens": read, "cache_creation_tokens": written, "cache_creation_token_details": split}
    return read_usage(
        {
            "prompt_tokens": total,
            "completion_tokens": parse_count(completion),
            "prompt_tokens_details": details,
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        }
    )


def find_use_case(metadata: Mapping[str, Json], *, prompt: Json = None, tags: Json = None) -> str | None:
    """What the call was for: the team's own word, else the prompt's name, else another label, else a telling tag."""
    named = {re.sub(r"[\s-]", "_", key.strip().lower()): value for key, value in metadata.items()}
    known = [label(named.get(key)) for key in LABEL_KEYS]
    return next((found for found in (*known[:2], label(prompt), *known[2:], _tag(tags)) if found), None)


def label(value: Json) -> str | None:
    """A name that can be shown, or None."""
    return value.strip()[:_LABEL_LIMIT] or None if isinstance(value, str) else None


def _tag(tags: Json) -> str | None:
    tags = decode(tags)
    if isinstance(tags, dict):
        return next((found for key in LABEL_KEYS if (found := label(tags.get(key)))), None)
    plain: str | None = None
    for tag in tags if isinstance(tags, list) else [tags]:
        key, colon, value = str(label(tag) or "").partition(":")
        if colon and key.lower().replace("-", "_") in LABEL_KEYS and value.strip():
            return value.strip()
        if not colon and key and key.lower() not in _ENVIRONMENTS:  # seq:step:2, env:prod, user:17 tell no purpose
            plain = plain or key
    return plain


def find_session(metadata: Mapping[str, Json]) -> str | None:
    """The conversation that the metadata names."""
    found = next((metadata[key] for key in SESSION_KEYS if metadata.get(key) not in (None, "")), None)
    return str(found) if isinstance(found, str | int) else None


def status_in(error: Json) -> int | None:
    """The HTTP status told by the text of an exception, such as ``RateLimitError("Error code: 429 ...")``."""
    text = str(error or "")[:2000]
    found = _STATUS.search(text)
    if found:
        return int(found[1] or found[2] or found[3])
    return 400 if _BLAMES_REQUEST.search(text) else None
