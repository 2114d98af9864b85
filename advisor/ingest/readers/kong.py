"""Log of Kong's AI plugins: what an AI plugin tells stands under ``ai``, with the bodies where payloads are logged."""

from dataclasses import replace

from advisor.ingest.messages.usage import Counts
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import find_use_case, streamed
from advisor.ingest.records.bodies import Call, read_answer, read_call
from advisor.ingest.values.json_text import as_object, at, object_in
from advisor.ingest.values.numbers import parse_number, parse_seconds
from advisor.types import Sample

_NO_BODY = "the log holds no payloads: switch log_payloads on in the AI plugin"


def _plugins(record: Record) -> list[Record]:
    """What each plugin tells of a model's call."""
    return [
        told
        for told in object_in(record.get("ai")).values()
        if isinstance(told, dict) and {"meta", "usage"} & told.keys()
    ]


def _matches(record: Record) -> bool:
    return "ai" in record and ("latencies" in record or "started_at" in record) and bool(_plugins(record))


def _read(record: Record) -> Sample:
    """One request; latencies are in milliseconds."""
    told = next(iter(_plugins(record)), None)
    if told is None:
        raise RowRejected("the log tells of no call of a model")
    meta, usage, payload = (object_in(told.get(key)) for key in ("meta", "usage", "payload"))
    call = read_call(payload.get("request"), payload.get("response"))
    if call.request is None and not payload:
        call = read_call(record.get("request"), record.get("response"))
    if call.request is None:
        call = Call(
            not_replayable=_NO_BODY, reply=read_answer(payload["response"]) if payload.get("response") else Call().reply
        )
    latencies, response = object_in(record.get("latencies")), object_in(record.get("response"))
    logged = (meta.get("llm_latency"), latencies.get("proxy"), latencies.get("request"))
    latency_s = next((found for each in logged if (found := parse_seconds(each, "ms")) is not None), None)
    route = as_object(record.get("route"))
    around: Record = {
        "id": at(object_in(record.get("request")), "id"),
        "timestamp": record.get("started_at"),
        "latency_s": latency_s,
        "ttft_s": streamed(parse_seconds(usage.get("time_to_first_token"), "ms"), latency_s),
        "cost_usd": parse_number(usage.get("cost")) or None,
        "use_case": find_use_case({}, prompt=route.get("name")),
        "model": meta.get("response_model") or meta.get("request_model"),
        "status_code": response.get("status") or record.get("upstream_status"),
    }
    counts = Counts(
        given=usage.get("prompt_tokens"), taken=usage.get("completion_tokens"), total=usage.get("total_tokens")
    )
    return replace(call, model=None).sample(around, call.reply.usage or counts.usage())


READER = Reader(name="kong", rank=12, matches=_matches, read=_read)
