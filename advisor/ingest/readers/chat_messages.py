"""A conversation per record, its answer as the last assistant message or beside it.

OpenAI fine-tuning files, Arena-Hard answers and ``{"messages": [...], "response": ...}`` all have this shape.
"""

from dataclasses import dataclass

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import ROLES, read_request
from advisor.ingest.reader import RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in, params_beside, unwrap
from advisor.ingest.records.bodies import read_answer, speaker_of
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Sample


@dataclass(frozen=True)
class ChatMessages:
    """Reads records with ``messages`` at the top."""

    name: str = "chat_messages"
    rank: int = 50

    def matches(self, record: dict[str, Json]) -> bool:
        """``messages`` is a list of messages, of whatever dialect."""
        record = unwrap(record)
        messages = record.get("messages")
        if not isinstance(messages, list) or "system" in record:
            return False
        return not messages or (isinstance(messages[0], dict) and "role" in messages[0]) or bool(speaker_of(messages))

    def read(self, record: dict[str, Json]) -> Sample:
        """The answer beside the messages, else the last message when the assistant wrote it."""
        record = unwrap(record)
        messages = decode(record.get("messages"))
        if not isinstance(messages, list):
            raise RowRejected(no_prompt_in(record))
        reply = self._reply_beside(record)
        speaker = speaker_of(messages)
        said = messages[-1:]
        if speaker is not None:
            messages = speaker.read_messages(messages)
        if reply is None and messages and _is_answer(messages[-1]):
            reply = speaker.read_reply(said) if speaker is not None else read_reply(said[0])
            messages = messages[:-1]
            if not messages:
                raise RowRejected("only an answer, no prompt")
        asked, reason = read_request(params_beside(record) | {"messages": messages})
        logged = record.get("not_replayable")  # of a table with one row per turn (see fold_turns)
        return assemble(
            record, asked, reply or Reply(), not_replayable=logged if isinstance(logged, str) and logged else reason
        )

    def _reply_beside(self, record: dict[str, Json]) -> Reply | None:
        for key in SYNONYMS["answer"]:
            value = record.get(key)
            if value is None or value == "":
                continue
            return read_answer(value)
        choices = decode(record.get("choices"))
        return read_reply(record | {"choices": choices}) if isinstance(choices, list) else None


def _is_answer(message: Json) -> bool:
    return isinstance(message, dict) and ROLES.get(str(message.get("role", "")).lower()) == "assistant"


READER = ChatMessages()
