"""Calls of any vendor whose request and response stand under names that no format has."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in
from advisor.ingest.records.bodies import read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.records.request_response import find_pair
from advisor.types import Json, Sample


@dataclass(frozen=True)
class ApiPair:
    """Reads records that hold a request body of a chat model, and perhaps its response, up to three objects deep."""

    name: str = "api_pair"
    rank: int = 70

    def matches(self, record: dict[str, Json]) -> bool:
        """A request is found, under whatever keys."""
        return find_pair(record) is not None

    def read(self, record: dict[str, Json]) -> Sample:
        """Read one call by its bodies."""
        pair = find_pair(record)
        if pair is None:
            raise RowRejected(no_prompt_in(record))
        call = read_call(pair.request, pair.response)
        if call.request is None:
            raise RowRejected(no_prompt_in(record))
        reply = call.reply
        if reply == Reply() and pair.response is not None:
            reply = read_answer(pair.response)
        sample = assemble({"model": call.model} | pair.around, call.request, reply, not_replayable=call.not_replayable)
        return sample if sample.model else replace(sample, model=call.model if isinstance(call.model, str) else None)


READER = ApiPair()
