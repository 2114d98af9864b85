"""WildChat: one conversation per record with what is known about the visitor, of which nothing is kept."""

import re
from dataclasses import dataclass, replace

from advisor.ingest.messages.request import is_altered
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.readers.sharegpt import messages_of_turns, sample_of
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Sample

REDACTED = "names in the text were replaced before it was published"
_PLACEHOLDER = re.compile(r"PRESIDIO_ANONYMIZED|\[REDACTED\]")


@dataclass(frozen=True)
class WildChat:
    """Reads rows of the data set, of every version."""

    name: str = "wildchat"
    rank: int = 20

    def matches(self, record: dict[str, Json]) -> bool:
        """The hash of the conversation beside its turns."""
        return "conversation_hash" in record and "conversation" in record

    def read(self, record: dict[str, Json]) -> Sample:
        """The last answer of the model with all turns before it; the time is that of the answer."""
        turns = decode(record["conversation"])
        messages = without_rest(messages_of_turns(turns))
        identity = record.get("conversation_hash")
        around = {"id": identity, "session_id": identity, "model": record.get("model")}
        sample = sample_of(around, messages, params={}, reason=REDACTED if is_redacted(record, messages) else None)
        answers = [turn for turn in turns if isinstance(turn, dict) and turn.get("role") == "assistant"]
        last = answers[-1] if answers else {}
        answer = sample.answer
        return replace(
            sample,
            answer=None if answer is None or answer.is_empty else answer,
            at=parse_time(last.get("timestamp")) or parse_time(record.get("timestamp")),
            usage=read_usage(last.get("usage")),
        )


def without_rest(messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """The messages up to the last of the model; all where it never spoke."""
    last = max((at for at, message in enumerate(messages) if message["role"] == "assistant"), default=len(messages) - 1)
    return messages[: last + 1]


def is_redacted(record: dict[str, Json], messages: list[dict[str, Json]]) -> bool:
    """Whether somebody blacked out parts, by the record's own word or by what stands in their place."""
    if str(record.get("redacted")).lower() == "true":
        return True
    texts = [message["content"] for message in messages if isinstance(message["content"], str)]
    return any(is_altered(text) or _PLACEHOLDER.search(text) for text in texts)


READER = WildChat()
