"""OpenAI's fine-tuning files where they are more than a conversation: weighted answers, and preferences."""

from dataclasses import dataclass

from advisor.ingest.messages.reply import Reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.records.bodies import read_answer, read_call
from advisor.ingest.records.envelope import assemble
from advisor.ingest.values.json_text import decode
from advisor.types import Json, Request, Sample

_OF_A_CONVERSATION = frozenset({"messages", "tools", "functions", "parallel_tool_calls", "metadata", "id"})
_OF_PREFERENCES = frozenset({"input", "preferred_output"})


@dataclass(frozen=True)
class FineTuning:
    """Reads one case per row: the last answer that the model is trained on, or the preferred one."""

    name: str = "fine_tuning"
    rank: int = 30

    def matches(self, record: dict[str, Json]) -> bool:
        """The keys of one of the two; messages only where one has a weight."""
        if record.keys() >= _OF_PREFERENCES:
            return isinstance(decode(record["input"]), dict) and isinstance(decode(record["preferred_output"]), list)
        messages = record.get("messages")
        if not isinstance(messages, list) or not record.keys() <= _OF_A_CONVERSATION:
            return False
        return any(isinstance(message, dict) and "weight" in message for message in messages)

    def read(self, record: dict[str, Json]) -> Sample:
        """One case; what comes after the answer is left out."""
        if "preferred_output" in record:
            return _sample(record, decode(record["input"]), read_answer(decode(record["preferred_output"])))
        messages = record["messages"]
        answers = [at for at, message in enumerate(messages) if _is_answer(message)]
        trained = [at for at in answers if _weight(messages[at]) != 0]
        if not answers:
            return _sample(record, record, Reply())
        last = (trained or answers)[-1]
        if last == 0:
            raise RowRejected("only an answer, no prompt")
        asked = {key: record[key] for key in ("tools", "functions", "parallel_tool_calls") if record.get(key)}
        return _sample(record, asked | {"messages": messages[:last]}, read_answer(messages[last]))


def _sample(record: dict[str, Json], body: dict[str, Json], reply: Reply) -> Sample:
    asked = {key: value for key, value in body.items() if value != []}
    if not asked.get("tools"):
        asked.pop("parallel_tool_calls", None)
    call = read_call(asked, None)
    facts: dict[str, Json] = {key: record[key] for key in ("id", "metadata") if key in record}
    return assemble(facts, call.request or Request(messages=[]), reply, not_replayable=call.not_replayable)


def _is_answer(message: Json) -> bool:
    return isinstance(message, dict) and message.get("role") == "assistant"


def _weight(message: dict[str, Json]) -> float:
    weight = message.get("weight")
    return float(weight) if isinstance(weight, int | float | str) and weight not in ("", None) else 1.0


READER = FineTuning()
