"""Recorded calls of a cloud's own API: pairs of request and response whose address tells the model and the method."""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in, unwrap
from advisor.ingest.records.bodies import answerer_of, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.bedrock import VENDOR as BEDROCK
from advisor.ingest.vendors.bedrock.model_id import model_of
from advisor.ingest.vendors.bedrock.stream import metrics_of, unpack
from advisor.types import Json, Request, Sample

NO_PROMPT = "the log does not hold the prompt"
_URL_KEYS = ("url", "uri", "endpoint", "path")
_IN_URL = re.compile(r"/models?/([^/?#]+)(?:/([\w-]+))?")
_METHOD = re.compile(r":([a-zA-Z]+)$")
_CHAT_METHODS = frozenset({
    "converse", "converse-stream", "invoke", "invoke-with-response-stream", "generateContent", "streamGenerateContent",
    "rawPredict", "streamRawPredict",
})  # fmt: skip


@dataclass(frozen=True)
class CloudPair:
    """Reads calls whose bodies are the vendor's, or that went to one of its hosts whoever's bodies they are."""

    name: str
    rank: int
    vendor: Vendor
    hosts: tuple[str, ...]
    """Parts of an address."""

    def matches(self, record: dict[str, Json]) -> bool:
        """A usual key holds a body of the vendor, or the address is one of its own."""
        record = unwrap(record)
        request, response = _bodies(record)
        if request is None and response is None:
            return False
        url = _url(record)
        if any(host in url for host in self.hosts):
            return True
        answerer = answerer_of(response)
        if answerer is not None and answerer is not self.vendor:
            return False
        return answerer is self.vendor or (isinstance(request, dict) and self.vendor.asks(request))

    def read(self, record: dict[str, Json]) -> Sample:
        """A response without its request is kept for volume and cost."""
        record = unwrap(record)
        request, response = _bodies(record)
        model, method = _model_and_method(_url(record))
        if method is not None and method not in _CHAT_METHODS:
            raise RowRejected(f"a call of {method}, not of a chat model")
        call = read_call(request, response)
        asked, reason, reply = call.request, call.not_replayable, call.reply
        if asked is None and isinstance(request, dict) and isinstance(request.get("prompt"), str):
            asked, reason = self.vendor.read_request(request)  # at this address a prompt needs no other mark
            reply = self.vendor.read_reply(response)
        if asked is None:
            if reply.usage is None and reply.answer is None:
                raise RowRejected(no_prompt_in(record))
            asked, reason = Request(messages=[]), NO_PROMPT
        around = {key: value for key, value in record.items() if key not in (*REQUEST_KEYS, *RESPONSE_KEYS)}
        if isinstance(request, dict):
            named = (model, request.get("modelId"), call.model)
            model = next((one for one in named if isinstance(one, str) and one), None)
            around = {"metadata": request.get("labels") or request.get("requestMetadata")} | around
        sample = assemble({"model": model} | around, asked, _blamed(record, response, reply), not_replayable=reason)
        metrics = metrics_of(response)
        return replace(
            sample,
            model=model_of(model, reply.model) if model and self.vendor is BEDROCK else sample.model,
            latency_s=metrics.latency_s if sample.latency_s is None else sample.latency_s,
            ttft_s=metrics.ttft_s if sample.ttft_s is None else sample.ttft_s,
        )


def _bodies(record: dict[str, Json]) -> tuple[Json, Json]:
    response = unpack(usual_body(record, RESPONSE_KEYS))
    request = usual_body(record, REQUEST_KEYS)
    return request, response


def _url(record: dict[str, Json]) -> str:
    return next((url for key in _URL_KEYS if isinstance(url := record.get(key), str) and url), "")


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


def _blamed(record: dict[str, Json], response: Json, reply: Reply) -> Reply:
    """A failure whose body holds a message and nothing else is known by the status beside it."""
    status = parse_number(record.get("status") or record.get("status_code"))
    if reply.error or status is None or status < 400 or not isinstance(response, dict):
        return reply
    message = response.get("message") or response.get("Message")
    return Reply(error=message) if isinstance(message, str) else reply
