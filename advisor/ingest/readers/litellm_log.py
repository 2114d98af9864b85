"""LiteLLM's logs: the spend log of its proxy (API, page, PostgreSQL, pub/sub) and the payload of its callbacks."""

import re
from dataclasses import replace

from advisor.ingest.messages.reply import Reply, response_id_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import columns_in, streamed
from advisor.ingest.records.bodies import Call, read_call
from advisor.ingest.records.envelope import as_label, find_label
from advisor.ingest.values.json_text import decode, list_in, object_in
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


def _matches(record: Record) -> bool:
    """The kind of call beside what it cost."""
    return "call_type" in record and ((columns := columns_in(record)) >= _SPEND or columns >= _PAYLOAD)


def _read(record: Record) -> Sample:
    """One call of the proxy, which keeps what was asked in one object, or of the library's callbacks."""
    kind = str(record.get("call_type") or "").strip().lower()
    base = kind.lstrip("_")
    if base not in _CHAT and base.removeprefix("a") not in _CHAT:
        raise RowRejected(f"a call of the kind {kind}, not of a chat model")
    row = {key.lower(): value for key, value in record.items() if value not in (None, "")}
    metadata = object_in(row.get("metadata"))
    call = _call(row, base)
    failure, status = _failure(row, metadata)
    usage, model = _usage(row, metadata, call.reply), row.get("model")
    is_cached = str(row.get("cache_hit")).lower() == "true"
    # 0 for a call that used tokens means that LiteLLM has no price for the model
    cost = next((cost for key in ("spend", "response_cost") if (cost := parse_number(row.get(key))) is not None), None)
    # the row's own id is the provider's, save for answers from LiteLLM's cache, which repeat that of another call
    known = (response_id_of(row.get(key)) for key in ("request_id", "id"))
    ids = (found for found in known if found and _CACHE_HIT not in found)
    latency_s, ttft_s = (None, None) if is_cached else _durations(row)
    around: Record = {
        "id": row.get("request_id") or row.get("id"),
        "timestamp": row.get("starttime"),
        "latency_s": latency_s,
        "ttft_s": ttft_s,
        "cost_usd": None if cost == 0 and usage is not None and not is_cached else cost,
        "session_id": row.get("session_id") or row.get("trace_id"),
        "use_case": _label(row, metadata),
        "model": call.model,
        "error": failure,
        "status_code": status,
    }
    reply = replace(
        call.reply,
        answer=None if failure else call.reply.answer,
        usage=usage,
        cost_usd=None,
        response_id=next(ids, None),
        model=model if isinstance(model, str) else call.reply.model,
        # no price list has what LiteLLM answered from its own cache, and the 0 it cost is true
        service_tier="answer cache" if is_cached else call.reply.service_tier,
    )
    return replace(call, reply=reply).sample(around)


def _call(row: Record, kind: str) -> Call:
    response = decode(row.get("response"))
    if response in ({}, [], "{}"):
        response = None
    body = {key: value for key, value in _body(row, kind).items() if key not in _OWN}
    call = read_call(body or None, response)
    request = call.request or Request(messages=[])
    reason = call.not_replayable
    if not request.messages:
        reason = reason or _NO_TEXT
    elif reason is None and _OMITTED.search(str(request.messages[-1])):
        reason = _CUT_ATTACHMENT
    return replace(call, not_replayable=reason)


def _body(row: Record, kind: str) -> dict[str, Json]:
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
    return body | {"messages": [{"role": "user", "content": messages}] if isinstance(messages, str) else messages}


def _failure(row: Record, metadata: dict[str, Json]) -> tuple[str | None, Json]:
    """The logged failure and its HTTP status, where the call did fail."""
    if str(row.get("status") or metadata.get("status")).lower() != "failure":
        return None, None
    told = object_in(row.get("error_information")) or object_in(metadata.get("error_information"))
    message = told.get("error_message") or row.get("error_str") or told.get("error_class") or "logged as a failure"
    return str(message), told.get("error_code") or None


def _durations(row: Record) -> tuple[float | None, float | None]:
    """Seconds to the last and to the first token. Callbacks' ``response_time`` is the time to the first of a stream.

    LiteLLM sets the first token to the end where nothing was streamed.
    """
    begun, ended, first = (parse_time(row.get(key)) for key in ("starttime", "endtime", "completionstarttime"))
    latency = (ended - begun).total_seconds() if begun and ended else None
    if latency is None:
        latency = parse_seconds(row.get("request_duration_ms"), "ms") or parse_seconds(row.get("response_time"), "s")
    ttft = (first - begun).total_seconds() if begun and first and first != ended else None
    return latency if latency and latency > 0 else None, streamed(ttft, latency)


def _usage(row: Record, metadata: dict[str, Json], reply: Reply) -> Usage | None:
    """From the response, else as LiteLLM normalised it; a failed call without tokens tells none."""
    columns = {"prompt_tokens": row.get("prompt_tokens"), "completion_tokens": row.get("completion_tokens")}
    if [parse_count(count) for count in columns.values()] == [0, 0]:
        return None
    if reply.usage is not None:
        return reply.usage
    more = object_in(metadata.get("additional_usage_values"))
    usage = read_usage(object_in(metadata.get("usage_object")) or columns | more) or read_usage(columns)
    return usage if usage and (usage.total_input_tokens or usage.output_tokens) else None


def _label(row: Record, metadata: dict[str, Json]) -> str | None:
    """The first tag that isn't a technical one, else what the team's metadata names, else the key's alias."""
    for tag in list_in(row.get("request_tags")):
        if (label := as_label(tag)) and not _TECHNICAL_TAG.match(label):
            return label
    for key in ("spend_logs_metadata", "requester_metadata"):
        if label := find_label(object_in(metadata.get(key))):
            return label
    prompt = object_in(metadata.get("prompt_management_metadata")).get("prompt_id")
    for name in (prompt, metadata.get("user_api_key_alias"), _route(row)):
        if (label := as_label(name)) and not _HASH.fullmatch(label):
            return label
    return None


def _route(row: Record) -> str | None:
    """The public name of the model where it names a purpose instead of the model."""
    group, model = str(row.get("model_group") or ""), str(row.get("model") or "")
    own = group.rpartition("/")[2].lower()
    return group if own and own not in model.lower() and model.rpartition("/")[2].lower() not in own else None


READER = Reader(name="litellm", rank=10, matches=_matches, read=_read)
