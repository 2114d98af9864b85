"""LiteLLM's logs: the spend log of its proxy (API, page, PostgreSQL, pub/sub) and the payload of its callbacks."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import RowRejected
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.records.envelope import assemble, find_label
from advisor.ingest.values.json_text import decode, object_in
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Request, Sample, Usage

_SPEND = frozenset({"request_id", "call_type", "spend"})
_PAYLOAD = frozenset({"call_type", "response_cost", "messages"})
_CHAT = frozenset({
    "", "none", "completion", "text_completion", "responses", "responses_websocket", "anthropic_messages",
    "generate_content", "generate_content_stream", "pass_through_endpoint", "llm_passthrough_route",
})  # fmt: skip
_OWN = frozenset({
    "litellm_metadata", "litellm_session_id", "litellm_trace_id", "litellm_call_id", "litellm_logging_obj", "tags",
    "cache", "caching", "no-log", "guardrails", "policies", "fallbacks", "context_window_fallbacks", "num_retries",
    "max_retries", "timeout", "stream_timeout", "request_timeout", "mock_response", "api_key", "api_base", "base_url",
    "api_version", "organization", "custom_llm_provider", "drop_params", "additional_drop_params",
    "allowed_openai_params", "extra_body", "extra_headers", "headers", "prompt_id", "prompt_variables", "prompt_label",
    "prompt_version", "disable_global_guardrails", "originating_request_masked", "secret_fields",
    "proxy_server_request", "mcp_servers", "safety_identifier", "prompt_cache_key",
})  # fmt: skip
"""What a client tells the proxy or the library, not the model."""
_NO_TEXT = "LiteLLM stored no prompt with this call (store_prompts_in_spend_logs was off)"
_OMITTED = re.compile(r"\[(image|file|audio) omitted\]")
_CUT_ATTACHMENT = "an attachment was left out before it was logged"
_CACHE_HIT = "_cache_hit"
_TECHNICAL_TAG = re.compile(r"(user-agent|credential|jobid|job_id|user|env|environment|version)\s*:", re.I)
_HASH = re.compile(r"(sk-.*|hashed-.*|[0-9a-f]{32,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|litellm.*)", re.I)
_LABEL_CHARS = 120


@dataclass(frozen=True)
class LiteLLM:
    """Reads one call of the proxy or of the library; calls of anything but a chat model are rejected."""

    name: str = "litellm"
    rank: int = 10

    def matches(self, record: dict[str, Json]) -> bool:
        """The kind of call beside what it cost."""
        return "call_type" in record and _is_call(tuple(record))

    def read(self, record: dict[str, Json]) -> Sample:
        """The proxy keeps what was asked in one object; callbacks have messages and parameters apart."""
        kind = str(record.get("call_type") or "").strip().lower()
        base = kind.lstrip("_")
        if base not in _CHAT and base.removeprefix("a") not in _CHAT:
            raise RowRejected(f"a call of the kind {kind}, not of a chat model")
        row = {key.lower(): value for key, value in record.items() if value not in (None, "")}
        metadata = object_in(row.get("metadata"))
        call = _call(row, base)
        request, reason = call.request or Request(messages=[]), call.not_replayable
        if not request.messages:
            reason = reason or _NO_TEXT
        return _sample(row, metadata, request, call, reason)


@lru_cache(maxsize=256)
def _is_call(keys: tuple[str, ...]) -> bool:
    plain = {key.lower() for key in keys}
    return plain >= _SPEND or plain >= _PAYLOAD


def _call(row: dict[str, Json], kind: str) -> Call:
    body, response = _body(row, kind), decode(row.get("response"))
    if response in ({}, [], "{}"):
        response = None
    body = {key: value for key, value in body.items() if key not in _OWN}
    if not body:
        return Call(request=None, not_replayable=None, reply=read_call(None, response).reply)
    call = read_call(body, response)
    if call.not_replayable is None and call.request and _OMITTED.search(str(call.request.messages[-1])):
        return replace(call, not_replayable=_CUT_ATTACHMENT)
    return call


def _body(row: dict[str, Json], kind: str) -> dict[str, Json]:
    """The request body; empty where the log has no text."""
    asked = object_in(row.get("proxy_server_request"))
    if isinstance(asked.get("body"), dict):  # older versions keep the HTTP message
        asked = asked["body"]
    if any(asked.get(key) for key in ("messages", "input", "contents", "prompt")):
        return asked
    messages = decode(row.get("messages"))
    if not messages:
        return {}
    params = {key: value for key, value in object_in(row.get("model_parameters")).items() if value is not None}
    body = asked | params | {"model": row.get("model")}
    if isinstance(messages, dict):
        return body | messages
    if "responses" in kind:
        return body | {"input": messages}
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    return body | {"messages": messages}


def _sample(
    row: dict[str, Json], metadata: dict[str, Json], request: Request, call: Call, reason: str | None
) -> Sample:
    is_cached = str(row.get("cache_hit")).lower() == "true"
    failure, status = _failure(row, metadata)
    usual = {
        "id": row.get("request_id") or row.get("id"),
        "timestamp": row.get("starttime"),
        "session_id": row.get("session_id") or row.get("trace_id"),
        "error": failure,
        "status_code": status,
    }
    reply = replace(call.reply, answer=None) if failure else call.reply
    sample = assemble(usual, request, reply, not_replayable=reason)
    usage = _usage(row, metadata, reply)
    latency_s, ttft_s = (None, None) if is_cached else _durations(row)
    model = row.get("model")
    return replace(
        sample,
        use_case=_label(row, metadata),
        response_id=_response_id(row),
        model=model if isinstance(model, str) else sample.model or call.model,
        usage=usage,
        request=_as_kept(sample.request) if is_cached else sample.request,
        cost_usd=_cost(row, usage, is_cached=is_cached),
        latency_s=latency_s,
        ttft_s=ttft_s,
    )


def _failure(row: dict[str, Json], metadata: dict[str, Json]) -> tuple[str | None, Json]:
    """The logged failure and its HTTP status, where the call did fail."""
    if str(row.get("status") or metadata.get("status")).lower() != "failure":
        return None, None
    told = object_in(row.get("error_information")) or object_in(metadata.get("error_information"))
    message = told.get("error_message") or row.get("error_str") or told.get("error_class") or "logged as a failure"
    return str(message), told.get("error_code") or None


def _durations(row: dict[str, Json]) -> tuple[float | None, float | None]:
    """Seconds to the last and to the first token. Callbacks' ``response_time`` is the time to the first of a stream.

    LiteLLM sets the first token to the end where nothing was streamed.
    """
    begun, ended, first = (parse_time(row.get(key)) for key in ("starttime", "endtime", "completionstarttime"))
    latency = (ended - begun).total_seconds() if begun and ended else None
    if latency is None:
        latency = parse_seconds(row.get("request_duration_ms"), "ms") or parse_seconds(row.get("response_time"), "s")
    ttft = (first - begun).total_seconds() if begun and first and first != ended else None
    if ttft is not None and (ttft <= 0 or (latency is not None and ttft >= latency)):
        ttft = None
    return (latency if latency is None or latency > 0 else None), ttft


def _usage(row: dict[str, Json], metadata: dict[str, Json], reply: Reply) -> Usage | None:
    """From the response, else as LiteLLM normalised it; a failed call without tokens tells none."""
    columns = {"prompt_tokens": row.get("prompt_tokens"), "completion_tokens": row.get("completion_tokens")}
    counted = [parse_count(count) for count in columns.values()]
    if counted == [0, 0]:
        return None
    if reply.usage is not None:
        return reply.usage
    more = object_in(metadata.get("additional_usage_values"))
    told = object_in(metadata.get("usage_object")) or columns | more
    usage = read_usage(told) or read_usage(columns)
    return usage if usage and (usage.total_input_tokens or usage.output_tokens) else None


def _as_kept(request: Request) -> Request:
    """A request that LiteLLM answered from its own cache: no price list has that, and the 0 it cost is true."""
    return replace(request, params=request.params | {"service_tier": "answer cache"})


def _cost(row: dict[str, Json], usage: Usage | None, *, is_cached: bool) -> float | None:
    """US dollars; 0 for a call that used tokens means that LiteLLM has no price for the model."""
    cost = next((cost for key in ("spend", "response_cost") if (cost := parse_number(row.get(key))) is not None), None)
    return None if cost == 0 and usage is not None and not is_cached else cost


def _label(row: dict[str, Json], metadata: dict[str, Json]) -> str | None:
    """The first tag that isn't a technical one, else what the team's metadata names, else the key's alias."""
    tags = decode(row.get("request_tags"))
    for tag in tags if isinstance(tags, list) else ():
        if isinstance(tag, str) and tag.strip() and not _TECHNICAL_TAG.match(tag.strip()):
            return tag.strip()[:_LABEL_CHARS]
    for key in ("spend_logs_metadata", "requester_metadata"):
        label = find_label(object_in(metadata.get(key)))
        if label:
            return label
    prompt = object_in(metadata.get("prompt_management_metadata")).get("prompt_id")
    for name in (prompt, metadata.get("user_api_key_alias"), _route(row)):
        if isinstance(name, str) and name.strip() and not _HASH.fullmatch(name.strip()):
            return name.strip()[:_LABEL_CHARS]
    return None


def _route(row: dict[str, Json]) -> str | None:
    """The public name of the model where it names a purpose instead of the model."""
    group, model = str(row.get("model_group") or ""), str(row.get("model") or "")
    own = group.rpartition("/")[2].lower()
    return group if own and own not in model.lower() and model.rpartition("/")[2].lower() not in own else None


def _response_id(row: dict[str, Json]) -> str | None:
    """The row's own id is the provider's, save for answers from LiteLLM's cache, which repeat that of another call."""
    for key in ("request_id", "id"):
        found = response_id_of(row.get(key))
        if found and _CACHE_HIT not in found:
            return found
    return None


READER = LiteLLM()
