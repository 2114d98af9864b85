"""A conversation per record, its answer as the last assistant message or beside it.

Arena-Hard answers and ``{"messages": [...], "response": ...}`` have this shape, and OpenAI's fine-tuning files, which
may be more: weighted answers, and preferences. ShareGPT's is ``{"from": "human", "value": ...}``; training tools have
dialects of it.
"""

from dataclasses import replace

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import ROLES, read_request, with_system
from advisor.ingest.messages.tools import tool_call, tools_of
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import guess, no_prompt_in, params_beside, unwrap
from advisor.ingest.records.bodies import Call, read_answer, read_call, speaker_of
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.records.rules import NOTHING_TO_ANSWER
from advisor.ingest.values.json_text import as_name, at, decode, list_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample
from advisor.types.codes import CallNote

_OF_A_CONVERSATION = frozenset({"messages", "tools", "functions", "parallel_tool_calls", "metadata", "id"})
_OF_PREFERENCES = frozenset({"input", "preferred_output"})
_ONLY_ANSWER = "only an answer, no prompt"
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
    """``messages`` is a list of messages, of whatever dialect."""
    record = unwrap(record)
    messages = record.get("messages")
    if not isinstance(messages, list) or "system" in record:
        return False
    return not messages or (isinstance(messages[0], dict) and "role" in messages[0]) or bool(speaker_of(messages))


def _read(record: Record) -> Sample:
    """The answer beside the messages, else the last message when the assistant wrote it."""
    record = unwrap(record)
    messages = decode(record.get("messages"))
    if not isinstance(messages, list):
        raise RowRejected(no_prompt_in(record))
    reply = _reply_beside(record)
    speaker = speaker_of(messages)
    said = messages[-1:]
    is_conversation = False
    if speaker is not None:
        messages = speaker.read_messages(messages)
    if reply is None and messages and ROLES.get(str(at(messages[-1], "role")).lower()) == "assistant":
        reply = speaker.read_reply(said) if speaker is not None else read_reply(said[0])
        messages = messages[:-1]
        is_conversation = not record.get("is_turn")  # of a table with one row per turn (see fold_turns)
        if not messages:
            raise RowRejected(_ONLY_ANSWER)
    is_asked = reply is None or any(ROLES.get(str(at(each, "role")).lower()) == "user" for each in messages)
    if not is_asked and isinstance(prompt := record.get(guess(tuple(record)).get("prompt", "")), str):
        messages = [*messages, {"role": "user", "content": prompt}]  # after a greeting
    asked, reason = read_request(params_beside(record) | {"messages": messages})
    logged = as_name(record.get("not_replayable"))
    if record.get("is_turn") and messages and at(messages[-1], "role") == "assistant":  # no beginning: said by itself
        logged = logged or NOTHING_TO_ANSWER
    call = Call(request=asked, not_replayable=logged or reason, reply=reply or Reply(), is_conversation=is_conversation)
    sample = call.sample(record)
    is_odd = "direction" in record and record.get("is_turn")
    return replace(sample, notes=(CallNote(record["direction"]),)) if is_odd else sample


def _reply_beside(record: Record) -> Reply | None:
    beside = next((record[key] for key in SYNONYMS["answer"] if record.get(key) not in (None, "")), None)
    if beside is not None:
        return read_answer(beside)
    choices = decode(record.get("choices"))
    return read_reply(record | {"choices": choices}) if isinstance(choices, list) else None


def _is_training(record: Record) -> bool:
    """The keys of preferences; or of a conversation, of which a message has a weight."""
    if record.keys() >= _OF_PREFERENCES:
        return isinstance(decode(record["input"]), dict) and isinstance(decode(record["preferred_output"]), list)
    messages = record.get("messages")
    if not isinstance(messages, list) or not record.keys() <= _OF_A_CONVERSATION:
        return False
    return any(isinstance(message, dict) and "weight" in message for message in messages)


def _read_training(record: Record) -> Sample:
    """The last answer that the model is trained on, or the preferred one; what comes after it is left out."""
    if "preferred_output" in record:
        asked = decode(record["input"])
        if not isinstance(asked, dict):
            raise RowRejected(no_prompt_in(record))
        return _training(record, asked, read_answer(decode(record["preferred_output"])))
    messages = record["messages"]
    answers = [index for index, message in enumerate(messages) if at(message, "role") == "assistant"]
    if not answers:
        return _training(record, record, Reply())
    trained = [index for index in answers if parse_number(messages[index].get("weight")) != 0]
    last = (trained or answers)[-1]
    if last == 0:
        raise RowRejected(_ONLY_ANSWER)
    asked = {key: record[key] for key in ("tools", "functions", "parallel_tool_calls") if record.get(key)}
    sample = _training(record, asked | {"messages": messages[:last]}, read_answer(messages[last]))
    return replace(sample, is_conversation=len(trained) in (0, len(answers)))  # else some answers aren't trained on


def _training(record: Record, body: dict[str, Json], reply: Reply) -> Sample:
    asked = {key: value for key, value in body.items() if value != []}
    if not asked.get("tools"):
        asked.pop("parallel_tool_calls", None)
    call = read_call(asked, None)
    around: Record = {key: record[key] for key in ("id", "metadata") if key in record}
    return Call(request=call.request, not_replayable=call.not_replayable, reply=reply).sample(around)


def _is_sharegpt(record: Record) -> bool:
    """The first turn says who speaks and what."""
    turns = next((list_in(record[key]) for key in _KEYS if key in record), [])
    return _is_turn(next(iter(turns), None)) and ("from" in turns[0] or _FEW.issuperset(record))


def _is_turn(value: Json) -> bool:
    if not isinstance(value, dict):
        return False
    return ("from" in value and "value" in value) or ("role" in value and "content" in value) or "output" in value


def _read_sharegpt(record: Record) -> Sample:
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
    is_answered = messages[-1]["role"] == "assistant"
    if is_answered:
        reply, messages = read_reply(messages[-1]), messages[:-1]
    if all(message["role"] in ("system", "assistant") for message in messages):
        raise RowRejected(_ONLY_ANSWER)
    first = next(message["role"] for message in messages if message["role"] != "system")
    request, why_not = read_request({"messages": messages, **params})
    reason = reason or why_not or (_CUT if first != "user" else None)
    return Call(request=request, not_replayable=reason, reply=reply, is_conversation=is_answered)


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


READER = Reader(name="chat_messages", rank=50, matches=_matches, read=_read)
TRAINING = Reader(name="fine_tuning", rank=30, matches=_is_training, read=_read_training)
SHAREGPT = Reader(name="sharegpt", rank=32, matches=_is_sharegpt, read=_read_sharegpt)
