"""Batch files of OpenAI, which Azure and others write as well, and of Anthropic.

Requests and results stand in files of their own, in any order, and are joined by ``custom_id``.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

import orjson

from advisor.ingest.messages.reply import Reply, failed
from advisor.ingest.reader import NO_ID, Joiner, NotChat, Opener, Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call, other_operation, read_call
from advisor.ingest.values.json_text import as_object, at, decode, list_in, object_in
from advisor.types import Json, Sample

_ASKED, _CAME = "batch_request", "batch_result"
"""Mark a record that was put together here."""
_OF_PAIRS = frozenset({"request", "messages", "prompt", "input", "body"})
_ONLY_TEXT = ("suffix", "echo", "best_of", "logprobs", "prompt")
_NO_REQUEST = "the log does not hold the prompt; import it together with its input file"
UNCLEAR = "several batches use its custom_id for different requests; import each batch on its own"
_RESULTS = ("succeeded", "errored", "canceled", "expired")
ALONE = "these are results without their prompts: import the file together with its requests file"


def split_batches(
    parts: list[Record], is_request: Callable[[Record], bool], identity: Callable[[Record], Json]
) -> list[list[Record]]:
    """The parts of each call, every part in one of them.

    Files are read one after the other, so that the n-th request and the n-th result belong together where there are as
    many of the one as of the other; a line that comes again, because exports overlap, is that of the call it repeats. A
    single request keeps all of its results: it was sent again. Where the numbers differ nothing tells which belong
    together, and only the first result is left with the requests. ``identity`` tells results apart.
    """
    requests = _once([part for part in parts if is_request(part)], lambda line: line)
    results = _once([part for part in parts if not is_request(part)], identity)
    lines = [[line] for same in requests for line in same]
    if len(lines) == len(results):
        requests = lines
    if len(requests) == 1:
        return [parts]
    if not requests or not results:
        return requests or results
    if len(requests) == len(results):
        return [asked + came for asked, came in zip(requests, results, strict=True)]
    first, *rest = results
    return [[line for same in requests for line in same] + first, *rest]


def _once(lines: list[Record], identity: Callable[[Record], Json]) -> list[list[Record]]:
    """Lines that say the same together, in the order of the first of each."""
    found: dict[bytes, list[Record]] = {}
    for line in lines:
        key = orjson.dumps(identity(line), default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
        found.setdefault(key, []).append(line)
    return list(found.values())


def in_batch(sample: Sample) -> Sample:
    """The sample as one that is billed at the batch price; what the answer says of its tier is another matter."""
    params = sample.request.params | {"service_tier": "batch"}
    return replace(sample, request=replace(sample.request, params=params))


def _joins(keys: frozenset[str]) -> bool:
    """A line of an input, an output or an error file."""
    if "custom_id" not in keys or "params" in keys:
        return False
    if "body" in keys:
        return "response" not in keys
    return not keys.isdisjoint(("response", "error")) and keys.isdisjoint(_OF_PAIRS)


def _call_of(record: Record) -> str | None:
    """The team's own id of the call."""
    response, identity = record.get("response"), record.get("custom_id")
    is_result = not {"body", "status_code"}.isdisjoint(as_object(response))
    is_failure = response is None and isinstance(record.get("error"), dict)
    is_part = isinstance(record.get("body"), dict) or is_result or is_failure
    return str(identity) if is_part and isinstance(identity, str | int) and identity != "" else None


def _join(parts: list[Record]) -> Record:
    """The request and the result; of several the last one that succeeded, else the last."""
    requests = [part for part in parts if "body" in part]
    results = [part for part in parts if "body" not in part]
    good = [result for result in results if _is_good(result)]
    return {
        _ASKED: requests[-1] if requests else None,
        "is_clear": all(request["body"] == requests[0]["body"] for request in requests),
        _CAME: next(reversed(good or results), None),
        "custom_id": parts[0]["custom_id"],
    }


def _is_good(result: Record) -> bool:
    response = result.get("response")
    status = response.get("status_code", 200) if isinstance(response, dict) else None
    return not result.get("error") and isinstance(status, int) and status < 400


def _read(record: Record) -> Sample:
    """One call, without its duration; a result without its request is kept for volume and cost."""
    if _ASKED not in record:
        raise RowRejected(NO_ID)
    asked, came = record[_ASKED] or {}, record[_CAME] or {}
    body, answer = asked.get("body"), at(came, "response", "body")
    if kind := other_operation(str(asked.get("url") or "")):
        raise NotChat(kind)
    if isinstance(answer, dict) and {"results", "flagged"} & set(answer) and "choices" not in answer:
        raise NotChat("moderations")
    call = read_call(_as_chat(body) if body is not None else None, answer)
    if body is not None and call.request is None:
        raise RowRejected(f"the request is of no kind that is read here; its keys are: {', '.join(list(body)[:12])}")
    reason = _NO_REQUEST if body is None else call.not_replayable if record["is_clear"] else UNCLEAR
    around = {
        "id": str(record["custom_id"]),
        "error": came.get("error"),
        "model": call.model,
        "status_code": at(came, "response", "status_code"),
        "metadata": at(body, "metadata") or at(answer, "metadata"),
    }
    reply = call.reply if answer is not None else Reply()
    return in_batch(replace(call, not_replayable=reason, reply=reply).sample(around))


def _as_chat(body: dict[str, Json]) -> dict[str, Json]:
    """A body of the older text completions as one of chat; others as they are."""
    prompt = body.get("prompt")
    if "messages" in body or "input" in body or prompt is None or isinstance(prompt, dict):
        return body
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        raise RowRejected("several prompts or tokens in one call, which is read as no conversation")
    rest = {key: value for key, value in body.items() if key not in _ONLY_TEXT}
    return rest | {"messages": [{"role": "user", "content": prompt}]}


def _open_anthropic(record: Record) -> Iterable[Json]:
    """The requests in the body that creates a batch."""
    found = list_in(record["requests"])
    is_batch = found and all(isinstance(request, dict) and "custom_id" in request for request in found)
    return found if is_batch else [record]


def _is_anthropic(record: Record) -> bool:
    """Parameters with messages, or a result of a known type."""
    is_asked = isinstance(object_in(record.get("params")).get("messages"), list)
    return "custom_id" in record and (is_asked or object_in(record.get("result")).get("type") in _RESULTS)


def _call_of_anthropic(record: Record) -> str | None:
    identity = record.get("custom_id")
    return str(identity) if identity not in (None, "") and _is_anthropic(record) else None


def _join_anthropic(parts: list[Record]) -> Record:
    """The first request with the last result, which is that of a batch sent again."""
    joined: Record = {}
    for part in parts:
        known = {key: value for key, value in part.items() if value not in (None, "")}
        joined = known | joined if "params" in known else joined | known
    asked = [part["params"] for part in parts if part.get("params")]
    return joined | {"is_unclear": True} if any(params != asked[0] for params in asked) else joined


def _read_anthropic(record: Record) -> Sample:
    """One call; a request that was never answered may still be asked again."""
    params, result = decode(record.get("params")), object_in(record.get("result"))
    around = {key: value for key, value in record.items() if key not in ("params", "result")}
    if isinstance(params, dict):
        call = read_call(params, result.get("message"))
        if call.request is None:
            raise RowRejected("the parameters of the batch request hold no messages")
        around = {"model": call.model} | around
    else:
        came = result.get("message")
        call = Call(not_replayable=ALONE, reply=read_call(None, came).reply if came is not None else Reply())
    if result and result.get("type") != "succeeded":
        call = replace(call, reply=_failure(result))
    if record.get("is_unclear") is True:
        call = replace(call, not_replayable=UNCLEAR)
    sample = in_batch(call.sample(around))
    return replace(sample, ids=replace(sample.ids, external_id=str(record.get("custom_id"))))


def _failure(result: dict[str, Json]) -> Reply:
    error = result.get("error")
    while isinstance(inner := at(error, "error"), dict):
        error = inner
    if error:
        return failed(error)
    return Reply(error=f"the batch request {'was canceled' if result.get('type') == 'canceled' else 'expired'}")


READER = Reader(
    name="openai_batch", rank=11, matches=lambda record: _ASKED in record and "is_clear" in record, read=_read
)
JOINER = Joiner(
    name="openai_batch",
    joins=_joins,
    call_of=_call_of,
    join=_join,
    split=lambda parts: split_batches(parts, lambda part: "body" in part, lambda part: part.get("id") or part),
)
ANTHROPIC_BODY = Opener(opens=lambda keys: keys == {"requests"}, open=_open_anthropic)
ANTHROPIC = Reader(name="anthropic_batch", rank=10, matches=_is_anthropic, read=_read_anthropic)
ANTHROPIC_FILES = Joiner(
    name="anthropic_batch",
    joins=lambda keys: "custom_id" in keys and ("params" in keys or "result" in keys),
    call_of=_call_of_anthropic,
    join=_join_anthropic,
    split=lambda parts: split_batches(parts, lambda part: bool(part.get("params")), lambda part: part.get("result")),
)
