"""Conversations as ShareGPT has them, ``{"from": "human", "value": ...}``, and the dialects of training tools.

The last turn of the model is the answer; the turns before it are the prompt.
"""

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import read_request, with_system
from advisor.ingest.messages.tools import tool_call, tools_of
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.records.bodies import Call
from advisor.ingest.values.json_text import at, decode, list_in
from advisor.types import Json, Sample

_KEYS = ("conversations", "conversation")
_ROLES = {
    "system": "system", "developer": "system", "human": "user", "user": "user", "prompter": "user", "gpt": "assistant",
    "chatgpt": "assistant", "assistant": "assistant", "bing": "assistant", "bard": "assistant", "claude": "assistant",
    "gemini": "assistant", "bot": "assistant", "ai": "assistant", "model": "assistant", "llm": "assistant",
    "function_call": "call", "function-call": "call", "tool_call": "call", "tool": "tool", "observation": "tool",
    "function_response": "tool", "function-response": "tool", "tool_response": "tool", "function": "tool",
}  # fmt: skip
_FEW = frozenset({
    "conversations", "conversation", "id", "source", "system", "tools", "model", "dataset", "category", "language",
    "chosen", "rejected", "images", "metadata", "hash", "title",
})  # fmt: skip
"""With other keys, turns that say role and content stand in a log of one's own, which may have the answer beside."""
_PAIRS = {"system": "system", "input": "user", "human": "user", "output": "assistant", "assistant": "assistant"}
"""The keys of a turn that holds a question and its answer."""
_CUT = "the conversation begins with an answer: what was asked before is not in this record"


def _matches(record: Record) -> bool:
    """The first turn says who speaks and what."""
    turns = next((list_in(record[key]) for key in _KEYS if key in record), [])
    return _is_turn(next(iter(turns), None)) and ("from" in turns[0] or _FEW.issuperset(record))


def _is_turn(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    return ("from" in value and "value" in value) or ("role" in value and "content" in value) or "output" in value


def _read(record: Record) -> Sample:
    """The record's last answer with what led to it; a last turn of the user without an answer stays unanswered."""
    messages = messages_of_turns(next((decode(record[key]) for key in _KEYS if record.get(key)), None))
    if messages and messages[0]["role"] != "system":
        messages = with_system(record.get("system"), messages)
    preferred = decode(record.get("chosen"))
    if messages and messages[-1]["role"] != "assistant" and _is_turn(preferred):
        messages += messages_of_turns([preferred])
    tools = tools_of(record.get("tools"))
    return read_conversation(messages, {"tools": tools} if tools else {}).sample(record)


def read_conversation(messages: list[dict[str, Json]], params: dict[str, Json], reason: str | None = None) -> Call:
    """The call that a conversation is: its last message, where the model wrote it, is the answer."""
    if not messages:
        raise RowRejected("the conversation is empty")
    reply = Reply()
    if messages[-1]["role"] == "assistant":
        reply, messages = read_reply(messages[-1]), messages[:-1]
    if all(message["role"] in ("system", "assistant") for message in messages):
        raise RowRejected("only an answer, no prompt")
    first = next(message["role"] for message in messages if message["role"] != "system")
    request, why_not = read_request({"messages": messages, **params})
    reason = reason or why_not or (_CUT if first != "user" else None)
    return Call(request=request, not_replayable=reason, reply=reply)


def messages_of_turns(turns: Json) -> list[dict[str, Json]]:
    """Turns of any dialect as OpenAI's messages; calls of functions become tool calls."""
    if not isinstance(turns, list):
        raise RowRejected("the conversation is not a list of turns")
    messages: list[dict[str, Json]] = []
    for position, turn in enumerate(turns, 1):
        if not isinstance(turn, dict):
            raise RowRejected(f"turn {position} is not an object")
        if "role" not in turn and "from" not in turn:
            messages += _exchange(turn, position)
            continue
        speaker = turn.get("from", turn.get("role"))
        role = _ROLES.get(str(speaker).strip().lower())
        if role is None:
            raise RowRejected(f"turn {position} has the unknown speaker {speaker!r}")
        text = next((turn[key] for key in ("value", "content", "text", "markdown") if turn.get(key) is not None), "")
        if role == "call":
            messages.append({"role": "assistant", "content": None, "tool_calls": _calls(text, position)})
            continue
        message: dict[str, Json] = {"role": role, "content": text}
        messages.append(message | {key: turn[key] for key in ("tool_calls", "tool_call_id", "name") if turn.get(key)})
    return messages


def _exchange(turn: dict[str, Json], position: int) -> list[dict[str, Json]]:
    found: list[dict[str, Json]] = [
        {"role": role, "content": turn[key]}
        for key, role in _PAIRS.items()
        if isinstance(turn.get(key), str) and turn[key]
    ]
    if not found:
        raise RowRejected(f"turn {position} does not say who speaks")
    return found


def _calls(value: Json, position: int) -> list[Json]:
    decoded = decode(value)
    calls = decoded if isinstance(decoded, list) else [decoded]
    if not all(at(call, "name") for call in calls):
        raise RowRejected(f"turn {position} is a call of a function that can't be read")
    return [
        tool_call(f"call_{position}_{index}", call["name"], call.get("arguments", call.get("parameters")) or {})
        for index, call in enumerate(calls)
    ]


READER = Reader(name="sharegpt", rank=32, matches=_matches, read=_read)
