"""Recorded calls as pairs of request and response: of vendors with an API of their own, of clouds, and of any.

Vertex AI's log, as rows of its BigQuery table, and OpenPipe's export are such pairs under keys of their own. A
response without its request is kept for volume and cost.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import NotChat, Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import NO_PROMPT, no_prompt_in, unwrap
from advisor.ingest.readers.trace_tools import find_session, find_use_case
from advisor.ingest.records.bodies import answerer_of, asker_of, read_answer, read_call
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, find_pair, usual_body, usual_status
from advisor.ingest.values.json_text import as_name, as_object, at, decode, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.anthropic import VENDOR as ANTHROPIC
from advisor.ingest.vendors.bedrock import VENDOR as BEDROCK
from advisor.ingest.vendors.bedrock import metrics_of, model_of, unpack
from advisor.ingest.vendors.cohere import VENDOR as COHERE
from advisor.ingest.vendors.gemini import VENDOR as GEMINI
from advisor.ingest.vendors.ollama import VENDOR as OLLAMA
from advisor.types import Json, Sample

_DECODED = frozenset({"messages", "system", "tools", "tool_choice", "stop_sequences", "output_config", "thinking"})
_URL_KEYS = ("url", "uri", "endpoint", "path")
_IN_URL = re.compile(r"/models?/([^/?#]+)(?:/([\w-]+))?")
_OF_REQUESTS = frozenset({"messages", "prompt"})
_METHOD = re.compile(r":([a-zA-Z]+)$")
_CHAT_METHODS = frozenset({
    "converse", "converse-stream", "invoke", "invoke-with-response-stream", "generateContent", "streamGenerateContent",
    "rawPredict", "streamRawPredict",
})  # fmt: skip
_AGENT = "adk_agent_name"
"""The label that Google's agent kit puts on its calls."""
_OF_OPENPIPE = frozenset({"input", "output", "tags"})
_PROMPT_IDS = ("prompt_id", "promptId", "prompt_name", "promptName")


def _is_anthropic(record: Record) -> bool:
    """A request or a response that only Anthropic has: pairs, one flat record, a response or a stream alone."""
    request, response = _anthropic_bodies(unwrap(record))
    answerer = answerer_of(response)
    if answerer is ANTHROPIC:
        return True
    if answerer is not None and "choices" not in response and at(response, "error") is None:
        return False
    return isinstance(request, dict) and asker_of(request) is ANTHROPIC


def _read_anthropic(record: Record) -> Sample:
    record = unwrap(record)
    request, response = _anthropic_bodies(record)
    status = usual_status(record)
    call = read_call(request, response if status is None else {"status_code": status, "body": response})
    around = {key: value for key, value in record.items() if value is not request and value is not response}
    if call.request is not None:
        return call.sample({"model": call.model} | around)
    if call.reply.answer is None and call.reply.usage is None:
        raise RowRejected(no_prompt_in(record))
    return replace(call, not_replayable=NO_PROMPT).sample({} if record.get("type") == "message" else around)


def _anthropic_bodies(record: Record) -> tuple[Json, Json]:
    if record.get("type") == "message" and "content" in record:
        return None, record | {key: decode(record[key]) for key in ("content", "usage") if key in record}
    request, response = usual_body(record, REQUEST_KEYS), usual_body(record, RESPONSE_KEYS)
    if not isinstance(request, dict) and ("messages" in record or "max_tokens_to_sample" in record):
        request = {key: decode(value) if key in _DECODED else value for key, value in record.items() if value != ""}
        if response is None:
            response = next((record[key] for key in SYNONYMS["answer"] if record.get(key)), None)
    return request, response


@dataclass(frozen=True)
class _CloudPair:
    """Calls whose bodies are the vendor's, or that went to one of its hosts, whose address tells model and method."""

    vendor: Vendor
    hosts: tuple[str, ...]
    """Parts of an address; a bare path may be that of anyone's server, unless a request has the usual keys."""

    def matches(self, record: Record) -> bool:
        """A usual key holds a body of the vendor, or the address is one of its own."""
        record = unwrap(record)
        request, response = _cloud_bodies(record)
        if request is None and response is None:
            return False
        url = _url(record)
        if any(host in url for host in self.hosts if host[0] != "/" or not _OF_REQUESTS.isdisjoint(as_object(request))):
            return True
        answerer = answerer_of(response)
        if answerer is not None:
            return answerer is self.vendor
        return isinstance(request, dict) and self.vendor.asks(request)

    def read(self, record: Record) -> Sample:
        """One call."""
        record = unwrap(record)
        request, response = _cloud_bodies(record)
        model, method = _model_and_method(_url(record))
        if method is not None and method not in _CHAT_METHODS:
            raise NotChat(method)
        call = read_call(request, response)
        if call.request is None and isinstance(at(request, "prompt"), str):
            asked, reason = self.vendor.read_request(request)  # at this address a prompt needs no other mark
            call = replace(call, request=asked, not_replayable=reason, reply=self.vendor.read_reply(response))
        if call.request is None:
            if call.reply.usage is None and call.reply.answer is None:
                raise RowRejected(no_prompt_in(record))
            call = replace(call, not_replayable=NO_PROMPT)
        around = {key: value for key, value in record.items() if key not in (*REQUEST_KEYS, *RESPONSE_KEYS)}
        if isinstance(request, dict):
            model = model or as_name(request.get("modelId")) or as_name(call.model)
            around = {"metadata": request.get("labels") or request.get("requestMetadata")} | around
        sample = replace(call, reply=_blamed(record, response, call.reply)).sample({"model": model} | around)
        metrics, told = metrics_of(response), sample.metered
        return replace(
            sample,
            model=model_of(model, call.reply.model) if model and self.vendor is BEDROCK else sample.model,
            metered=replace(
                told,
                latency_s=metrics.latency_s if told.latency_s is None else told.latency_s,
                ttft_s=metrics.ttft_s if told.ttft_s is None else told.ttft_s,
            ),
        )


def _cloud_bodies(record: Record) -> tuple[Json, Json]:
    return usual_body(record, REQUEST_KEYS), unpack(usual_body(record, RESPONSE_KEYS))


def _url(record: Record) -> str:
    return next((url for key in _URL_KEYS if (url := as_name(record.get(key)))), "")


def _model_and_method(url: str) -> tuple[str | None, str | None]:
    """``.../model/amazon.nova-micro-v1%3A0/converse`` or ``.../models/gemini-2.5-flash:generateContent``."""
    found = _IN_URL.search(url)
    if found is None:
        return None, None
    model, method = unquote(found[1]), found[2]
    named = _METHOD.search(model)
    if method is None and named is not None:
        return model[: named.start()], named[1]
    return model, method


def _blamed(record: Record, response: Json, reply: Reply) -> Reply:
    """A failure whose body holds a message and nothing else is known by the status beside it."""
    status = parse_number(record.get("status") or record.get("status_code"))
    message = at(response, "message") or at(response, "Message")
    is_failed = not reply.error and status is not None and status >= 400 and isinstance(message, str)
    return Reply(error=message) if is_failed else reply


def _read_any(record: Record) -> Sample:
    """A request body of a chat model, and perhaps its response, up to three objects deep, under whatever keys."""
    pair = find_pair(record)
    call = read_call(pair.request, pair.response) if pair is not None else None
    if pair is None or call is None or call.request is None:
        raise RowRejected(no_prompt_in(record))
    if call.reply == Reply() and pair.response is not None:
        call = replace(call, reply=read_answer(pair.response))
    sample = call.sample({"model": call.model} | pair.around)
    return sample if sample.model else replace(sample, model=as_name(call.model))


def _is_vertex(record: Record) -> bool:
    """A request, or one of the older payloads, beside the time of logging."""
    return "logging_time" in record and ("full_request" in record or "request_payload" in record)


def _read_vertex(record: Record) -> Sample:
    """One call; ``request_latency`` is in milliseconds."""
    request = decode(record.get("full_request")) or _payload(record.get("request_payload"))
    response = decode(record.get("full_response")) or _payload(record.get("response_payload"))
    call = read_call(request, response)
    if call.request is None and call.reply.usage is None:
        raise RowRejected(no_prompt_in(record))
    labels, model = as_object(at(request, "labels")), record.get("model")
    around: Record = {
        "id": record.get("request_id"),
        "timestamp": record.get("logging_time"),
        # publishers/google/models/gemini-2.5-flash without where it is kept
        "model": (model.rpartition("/")[2] if isinstance(model, str) else None) or call.model,
        "latency_s": parse_seconds(object_in(record.get("metadata")).get("request_latency"), "ms"),
        "metadata": labels | ({"use_case": labels[_AGENT]} if labels.get(_AGENT) else {}),
    }
    return (call if call.request else replace(call, not_replayable=NO_PROMPT)).sample(around)


def _payload(payload: Json) -> Json:
    """Payloads are lists of JSON text."""
    payload = decode(payload)
    pieces = [decode(piece) for piece in payload] if isinstance(payload, list) else [payload]
    return pieces[0] if len(pieces) == 1 else pieces or None


def _is_openpipe(record: Record) -> bool:
    """Hardly more than the three keys, and messages inside the input."""
    if not record.keys() >= _OF_OPENPIPE or len(record) > len(_OF_OPENPIPE) + 3:
        return False
    asked, tags = decode(record["input"]), decode(record["tags"])
    return isinstance(asked, dict) and "messages" in asked and (isinstance(tags, dict) or not tags)


def _read_openpipe(record: Record) -> Sample:
    """An output without choices is the call's failure."""
    came = decode(record["output"])
    if isinstance(came, dict) and not came.keys() & {"choices", "error", "content"} and came.get("message"):
        came = {"error": came}
    call = read_call(decode(record["input"]), came)
    if call.request is None:
        raise RowRejected("its input holds no messages")
    tags = object_in(record["tags"])
    around: Record = {
        "id": record.get("id") or at(came, "id"),
        "use_case": find_use_case(tags, prompt=next((tags[key] for key in _PROMPT_IDS if tags.get(key)), None)),
        "session_id": find_session(tags),
        "model": call.model,
        "status_code": at(came, "error", "status"),
    }
    return call.sample(around)


_bedrock = _CloudPair(vendor=BEDROCK, hosts=("bedrock-runtime", "://bedrock."))
_gemini = _CloudPair(vendor=GEMINI, hosts=("generativelanguage.googleapis.com", "aiplatform.googleapis.com"))
BEDROCK_PAIR = Reader(name="bedrock", rank=27, matches=_bedrock.matches, read=_bedrock.read)
GEMINI_PAIR = Reader(name="gemini", rank=28, matches=_gemini.matches, read=_gemini.read)
_cohere = _CloudPair(vendor=COHERE, hosts=("api.cohere.com", "api.cohere.ai"))
COHERE_PAIR = Reader(name="cohere", rank=29, matches=_cohere.matches, read=_cohere.read)
_ollama = _CloudPair(vendor=OLLAMA, hosts=("/api/chat", "/api/generate"))
OLLAMA_PAIR = Reader(name="ollama", rank=25, matches=_ollama.matches, read=_ollama.read)
"""Its rank says that the durations in its bodies are in a known unit."""
ANTHROPIC_PAIR = Reader(name="anthropic_messages", rank=30, matches=_is_anthropic, read=_read_anthropic)
ANY_PAIR = Reader(name="api_pair", rank=70, matches=lambda record: find_pair(record) is not None, read=_read_any)
VERTEX = Reader(name="gemini_vertex", rank=15, matches=_is_vertex, read=_read_vertex)
OPENPIPE = Reader(name="openpipe", rank=25, matches=_is_openpipe, read=_read_openpipe)
