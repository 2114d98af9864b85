"""A conversation per record, its answer as the last assistant message or beside it.

Arena-Hard answers and ``{"messages": [...], "response": ...}`` have this shape, and OpenAI's fine-tuning files, which
may be more: weighted answers, and preferences.
"""

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import ROLES, read_request
from advisor.ingest.reader import Reader, Record, RowRejected
from advisor.ingest.readers.openai_chat import no_prompt_in, params_beside, unwrap
from advisor.ingest.records.bodies import Call, read_answer, read_call, speaker_of
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.values.json_text import as_name, at, decode
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Sample

_OF_A_CONVERSATION = frozenset({"messages", "tools", "functions", "parallel_tool_calls", "metadata", "id"})
_OF_PREFERENCES = frozenset({"input", "preferred_output"})
_ONLY_ANSWER = "only an answer, no prompt"


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
    if speaker is not None:
        messages = speaker.read_messages(messages)
    if reply is None and messages and ROLES.get(str(at(messages[-1], "role")).lower()) == "assistant":
        reply = speaker.read_reply(said) if speaker is not None else read_reply(said[0])
        messages = messages[:-1]
        if not messages:
            raise RowRejected(_ONLY_ANSWER)
    asked, reason = read_request(params_beside(record) | {"messages": messages})
    logged = as_name(record.get("not_replayable"))  # of a table with one row per turn (see fold_turns)
    return Call(request=asked, not_replayable=logged or reason, reply=reply or Reply()).sample(record)


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
    return _training(record, asked | {"messages": messages[:last]}, read_answer(messages[last]))


def _training(record: Record, body: dict[str, Json], reply: Reply) -> Sample:
    asked = {key: value for key, value in body.items() if value != []}
    if not asked.get("tools"):
        asked.pop("parallel_tool_calls", None)
    call = read_call(asked, None)
    around: Record = {key: record[key] for key in ("id", "metadata") if key in record}
    return Call(request=call.request, not_replayable=call.not_replayable, reply=reply).sample(around)


READER = Reader(name="chat_messages", rank=50, matches=_matches, read=_read)
TRAINING = Reader(name="fine_tuning", rank=30, matches=_is_training, read=_read_training)
