"""LMSYS-Chat-1M, one conversation per record, and the battles of the Chatbot Arena, two answers per record."""

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.ingest.readers.sharegpt import messages_of_turns, sample_of
from advisor.ingest.readers.wildchat import REDACTED, is_redacted, without_rest
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Sample


@dataclass(frozen=True)
class Lmsys:
    """Reads rows of the data set."""

    name: str = "lmsys"
    rank: int = 20

    def matches(self, record: dict[str, Json]) -> bool:
        """The moderation beside the conversation."""
        return {"conversation_id", "conversation"} <= record.keys() and (
            "openai_moderation" in record or "redacted" in record
        )

    def read(self, record: dict[str, Json]) -> Sample:
        """The last answer of the model with all turns before it."""
        messages = without_rest(messages_of_turns(decode(record["conversation"])))
        identity = record.get("conversation_id")
        around = {
            "id": identity,
            "session_id": identity,
            "model": record.get("model"),
            "timestamp": record.get("tstamp"),
        }
        return sample_of(around, messages, params={}, reason=REDACTED if is_redacted(record, messages) else None)


@dataclass(frozen=True)
class Battles:
    """Opens battles: the same question answered by two models."""

    name: str = "lmsys"

    def opens(self, keys: frozenset[str]) -> bool:
        """Two conversations and two models."""
        return {"conversation_a", "conversation_b", "model_a", "model_b"} <= keys

    def open(self, record: dict[str, Json]) -> Iterable[Json]:
        """One record for each of the two models."""
        identity = record.get("question_id") or record.get("conversation_id") or record.get("id")
        return [
            {
                "conversation_id": f"{identity}-{side}" if identity else None,
                "model": record[f"model_{side}"],
                "conversation": record[f"conversation_{side}"],
                "tstamp": record.get("tstamp"),
                "redacted": record.get("redacted", False),
            }
            for side in ("a", "b")
        ]


READER = Lmsys()
OPENER = Battles()
