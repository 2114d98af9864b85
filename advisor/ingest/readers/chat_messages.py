"""A conversation per record, its answer as the last assistant message or beside it.

OpenAI fine-tuning files, Arena-Hard answers and ``{"messages": [...], "response": ...}`` all have this shape.
"""

from dataclasses import dataclass

from advisor.ingest.cell import decode
from advisor.ingest.completion import Reply, read_reply
from advisor.ingest.conversation import ROLES, read_request
from advisor.ingest.envelope import assemble
from advisor.ingest.reader import RowRejected
from advisor.types import Json, Sample

_ANSWER_KEYS = ("response", "answer", "output", "completion", "reply", "result")
_PARAM_KEYS = (
    "tools", "tool_choice", "functions", "function_call", "response_format", "parallel_tool_calls", "temperature",
    "top_p", "max_tokens", "max_completion_tokens", "stop", "seed", "frequency_penalty",
    "presence_penalty", "reasoning_effort",
)  # fmt: skip


@dataclass(frozen=True)
class ChatMessages:
    """Reads records with ``messages`` at the top."""

    name: str = "chat_messages"
    rank: int = 50

    def matches(self, record: dict[str, Json]) -> bool:
        """``messages`` is a list whose first element has a role."""
        messages = record.get("messages")
        if not isinstance(messages, list) or "system" in record:
            return False
        return not messages or (isinstance(messages[0], dict) and "role" in messages[0])

    def read(self, record: dict[str, Json]) -> Sample:
        """The answer beside the messages, else the last message when the assistant wrote it."""
        messages = decode(record.get("messages"))
        if not isinstance(messages, list):
            raise RowRejected("no prompt found")
        reply = self._reply_beside(record)
        if reply is None and messages and _is_answer(messages[-1]):
            reply = read_reply(messages[-1])
            messages = messages[:-1]
            if not messages:
                raise RowRejected("only an answer, no prompt")
        body = {key: decode(record[key]) for key in _PARAM_KEYS if key in record} | {"messages": messages}
        asked, reason = read_request(body | {"model": record.get("model")})
        return assemble(record, asked, reply or Reply(), not_replayable=reason)

    def _reply_beside(self, record: dict[str, Json]) -> Reply | None:
        for key in _ANSWER_KEYS:
            value = record.get(key)
            if value is None or value == "":
                continue
            decoded = decode(value)
            is_body = isinstance(decoded, dict) and ("choices" in decoded or "role" in decoded or "content" in decoded)
            return read_reply(decoded if is_body else value)
        return None


def _is_answer(message: Json) -> bool:
    return isinstance(message, dict) and ROLES.get(str(message.get("role", "")).lower()) == "assistant"


READER = ChatMessages()
