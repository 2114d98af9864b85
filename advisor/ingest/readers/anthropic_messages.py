"""Recorded calls of Anthropic's messages: pairs under usual names, one flat record, a response or a stream alone."""

from dataclasses import dataclass

from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in, unwrap
from advisor.ingest.records.bodies import answerer_of, asker_of, read_call
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.records.envelope import assemble
from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body, usual_status
from advisor.ingest.values.json_text import decode
from advisor.ingest.vendors.anthropic import VENDOR
from advisor.types import Json, Request, Sample

NO_PROMPT = "the log does not hold the prompt"


@dataclass(frozen=True)
class AnthropicMessages:
    """A response without its request is kept for volume and cost."""

    name: str = "anthropic_messages"
    rank: int = 30

    def matches(self, record: dict[str, Json]) -> bool:
        """A request or a response that only Anthropic has."""
        request, response = _bodies(unwrap(record))
        answerer = answerer_of(response)
        if answerer is not None:
            if answerer is VENDOR:
                return True
            if "choices" not in response and not _is_error(response):
                return False
        return isinstance(request, dict) and asker_of(request) is VENDOR

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call."""
        record = unwrap(record)
        request, response = _bodies(record)
        status = usual_status(record)
        call = read_call(request, response if status is None else {"status_code": status, "body": response})
        around = {key: value for key, value in record.items() if value is not request and value is not response}
        if call.request is not None:
            around = {"model": call.model} | around
            return assemble(around, call.request, call.reply, not_replayable=call.not_replayable)
        if call.reply.answer is None and call.reply.usage is None:
            raise RowRejected(no_prompt_in(record))
        around = {} if record.get("type") == "message" else around
        return assemble(around, Request(messages=[]), call.reply, not_replayable=NO_PROMPT)


def _bodies(record: dict[str, Json]) -> tuple[Json, Json]:
    if record.get("type") == "message" and "content" in record:
        return None, record | {key: decode(record[key]) for key in ("content", "usage") if key in record}
    request, response = usual_body(record, REQUEST_KEYS), usual_body(record, RESPONSE_KEYS)
    if not isinstance(request, dict) and ("messages" in record or "max_tokens_to_sample" in record):
        request = {key: decode(value) if key in _DECODED else value for key, value in record.items() if value != ""}
        if response is None:
            response = next((record[key] for key in SYNONYMS["answer"] if record.get(key)), None)
    return request, response


_DECODED = frozenset({"messages", "system", "tools", "tool_choice", "stop_sequences", "output_config", "thinking"})


def _is_error(response: Json) -> bool:
    return isinstance(response, dict) and "error" in response


READER = AnthropicMessages()
"""A pair under the usual names."""
