"""Events of AutoGen's logger ``autogen_core.events``, which writes each as one JSON object.

A call's event holds request and response as OpenAI has them. A streamed call's end has no prompt and no model: volume
and tokens only; its start would count it again.
"""

from dataclasses import replace

from advisor.ingest.reader import NotACall, Reader, Record
from advisor.ingest.readers.openai_chat import READER as OPENAI_CHAT
from advisor.ingest.values.json_text import as_name
from advisor.types import Sample

_CALL, _STREAMED = "LLMCall", "LLMStreamEnd"
_KEYS = {
    _CALL: {"messages", "response"},
    _STREAMED: {"response", "completion_tokens"},
    "LLMStreamStart": {"messages"},
    "ToolCall": {"tool_name", "arguments"},
    "Message": {"payload", "delivery_stage"},
    "MessageDropped": {"payload", "receiver"},
    "MessageHandlerException": {"handling_agent", "exception"},
    "AgentConstructionException": {"agent_id", "exception"},
}
"""Type of an event to keys that it always has."""


def _matches(record: Record) -> bool:
    keys = _KEYS.get(str(record.get("type")))
    return keys is not None and keys <= record.keys()


def _read(record: Record) -> Sample:
    if record["type"] not in (_CALL, _STREAMED):
        raise NotACall(f"an event {record['type']}")
    agent = as_name(record.get("agent_id"))
    sample = OPENAI_CHAT.read({key: value for key, value in record.items() if key not in ("type", "agent_id")})
    return replace(sample, use_case=agent.partition("/")[0] or None) if agent else sample


READER = Reader(name="autogen", rank=14, matches=_matches, read=_read)
