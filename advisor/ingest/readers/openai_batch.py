"""OpenAI's batch files, which Azure and others write as well: requests and their results, joined by ``custom_id``."""

from dataclasses import dataclass

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.batch_lines import UNCLEAR, in_batch, split_batches
from advisor.ingest.records.bodies import other_operation, read_call
from advisor.ingest.records.envelope import assemble
from advisor.types import Json, Request, Sample

ASKED, CAME = "batch_request", "batch_result"
"""Mark a record that was put together here."""
_OF_PAIRS = frozenset({"request", "messages", "prompt", "input", "body"})
_ONLY_TEXT = ("suffix", "echo", "best_of", "logprobs", "prompt")
NO_REQUEST = "the log does not hold the prompt; import it together with its input file"


@dataclass(frozen=True)
class OpenAIBatch:
    """Reads and joins. These files have no duration of a call, and its price is the batch price."""

    name: str = "openai_batch"
    rank: int = 11

    def joins(self, keys: frozenset[str]) -> bool:
        """A line of an input, an output or an error file."""
        if "custom_id" not in keys or "params" in keys:
            return False
        if "body" in keys:
            return "response" not in keys
        return not keys.isdisjoint(("response", "error")) and keys.isdisjoint(_OF_PAIRS)

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The team's own id of the call."""
        response, identity = record.get("response"), record.get("custom_id")
        is_result = isinstance(response, dict) and not {"body", "status_code"}.isdisjoint(response)
        is_failure = response is None and isinstance(record.get("error"), dict)
        is_part = isinstance(record.get("body"), dict) or is_result or is_failure
        return str(identity) if is_part and isinstance(identity, str | int) and identity != "" else None

    def split(self, parts: list[dict[str, Json]]) -> list[list[dict[str, Json]]]:
        """The parts of each call, where several batches use one id (see batch_lines)."""
        return split_batches(parts, lambda part: "body" in part, lambda part: part.get("id") or part)

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The request and the result; of several the last one that succeeded, else the last."""
        requests = [part for part in parts if "body" in part]
        results = [part for part in parts if "body" not in part]
        good = [result for result in results if _is_good(result)]
        return {
            ASKED: requests[-1] if requests else None,
            "is_clear": all(request["body"] == requests[0]["body"] for request in requests),
            CAME: next(reversed(good or results), None),
            "custom_id": parts[0]["custom_id"],
        }

    def matches(self, record: dict[str, Json]) -> bool:
        """Only what was put together here."""
        return ASKED in record and "is_clear" in record

    def read(self, record: dict[str, Json]) -> Sample:
        """One call; a result without its request is kept for volume and cost."""
        asked, came = record[ASKED] or {}, record[CAME] or {}
        response = came["response"] if isinstance(came.get("response"), dict) else {}
        body, answer = asked.get("body"), response.get("body")
        _refuse_other_calls(str(asked.get("url") or ""), answer)
        call = read_call(_as_chat(body) if body is not None else None, answer)
        facts = {"id": str(record["custom_id"]), "error": came.get("error"), "model": call.model}
        facts |= {"status_code": response.get("status_code"), "metadata": _metadata(body) or _metadata(answer)}
        if body is not None and call.request is None:
            raise RowRejected(
                f"the request is of no kind that is read here; its keys are: {', '.join(list(body)[:12])}"
            )
        request = call.request or Request(messages=[])
        reason = NO_REQUEST if body is None else call.not_replayable if record["is_clear"] else UNCLEAR
        reply = call.reply if answer is not None else Reply()
        return in_batch(assemble(facts, request, reply, not_replayable=reason))


def _is_good(result: dict[str, Json]) -> bool:
    response = result.get("response")
    status = response.get("status_code", 200) if isinstance(response, dict) else None
    return not result.get("error") and isinstance(status, int) and status < 400


def _refuse_other_calls(url: str, answer: Json) -> None:
    kind = other_operation(url)
    if isinstance(answer, dict) and {"results", "flagged"} & set(answer) and "choices" not in answer:
        kind = kind or "moderations"
    if kind:
        raise RowRejected(f"a call of {kind}, not of a chat model")


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


def _metadata(body: Json) -> Json:
    return body.get("metadata") if isinstance(body, dict) else None


READER = OpenAIBatch()
JOINER = READER
