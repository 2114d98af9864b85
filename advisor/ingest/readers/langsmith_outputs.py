"""What a LangSmith run of a model gave: a vendor's body, LangChain's generations, or a message under a usual key."""

from dataclasses import replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.records.bodies import read_answer
from advisor.types import Json

_OF_A_BODY = frozenset({"generations", "choices", "candidates", "object", "content", "role", "tool_calls"})
_KEYS = ("message", "output", "response", "answer", "completion", "text", "result", "generation", "messages")


def read_outputs(outputs: Json) -> Reply:
    """Understand the outputs of a run of the type ``llm``."""
    if not outputs:
        return Reply()
    if not isinstance(outputs, dict) or not _OF_A_BODY.isdisjoint(outputs):
        reply = read_answer(outputs)
    else:
        given = next((outputs[key] for key in _KEYS if outputs.get(key)), None)
        reply = Reply() if given is None else read_answer(given)
    if reply.answer is not None and not reply.answer.text and reply.answer.tool_calls:
        reply = replace(reply, answer=replace(reply.answer, text=None))  # LangChain's content is never null
    if not isinstance(outputs, dict):
        return reply
    usage = read_usage(outputs.get("usage_metadata")) or reply.usage or read_usage(outputs.get("usage"))
    return replace(reply, usage=usage)
