"""Published conversations: Alpaca and AlpacaEval, LMSYS-Chat-1M and the Chatbot Arena, tau-bench, WildChat."""

import re
from collections.abc import Iterable
from dataclasses import replace

from advisor.ingest.messages.request import is_altered, with_system
from advisor.ingest.messages.tools import tools_of
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import Opener, Reader, Record
from advisor.ingest.readers.chat_messages import messages_of_turns, read_conversation
from advisor.ingest.values.json_text import as_name, decode, list_in, objects_in
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Metered, Sample

_OF_ALPACA = frozenset({
    "instruction", "input", "output", "history", "system", "text", "id", "generator", "dataset", "datasplit", "source",
    "tools", "category", "model", "images", "type", "score", "lang", "language",
})  # fmt: skip
"""With other keys, and no input, a record is a row of somebody's own table with a column of that name."""
_REDACTED = "names in the text were replaced before it was published"
_PLACEHOLDER = re.compile(r"PRESIDIO_ANONYMIZED|\[REDACTED\]")


def _is_alpaca(record: Record) -> bool:
    """Instruction and output are texts, and nothing tells that this is a table of one's own."""
    if not isinstance(record.get("instruction"), str) or not isinstance(record.get("output"), str):
        return False
    return isinstance(record.get("input"), str) or "generator" in record or _OF_ALPACA.issuperset(record)


def _read_alpaca(record: Record) -> Sample:
    """System prompt, earlier turns, then the instruction with its input below it."""
    messages: list[Record] = [
        {"role": role, "content": text}
        for pair in list_in(record.get("history"))
        if isinstance(pair, list) and len(pair) == 2
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    messages = with_system(record.get("system"), messages)
    asked = [text for key in ("instruction", "input") if isinstance(text := record.get(key), str) and text.strip()]
    if asked:
        messages.append({"role": "user", "content": "\n".join(asked)})
    if record["output"]:
        messages.append({"role": "assistant", "content": record["output"]})
    tools = tools_of(record.get("tools"))
    around = record | {"model": record.get("generator") or record.get("model"), "tools": None}
    sample = read_conversation(messages, {"tools": tools} if tools else {}).sample(around)
    return replace(sample, use_case=sample.use_case or as_name(record.get("dataset")))


def _open_annotations(record: Record) -> Iterable[Json]:
    """One record for each of AlpacaEval's two outputs. Their price and time are the judge's."""
    return [
        {
            "instruction": record["instruction"],
            "output": record[f"output_{number}"],
            "generator": record[f"generator_{number}"],
            "dataset": record.get("dataset"),
        }
        for number in (1, 2)
    ]


def _is_lmsys(record: Record) -> bool:
    """The moderation beside the conversation."""
    is_told = "openai_moderation" in record or "redacted" in record
    return {"conversation_id", "conversation"} <= record.keys() and is_told


def _read_lmsys(record: Record) -> Sample:
    """The last answer of the model with all turns before it."""
    messages = _without_rest(messages_of_turns(decode(record["conversation"])))
    identity = record.get("conversation_id")
    around = {
        "id": identity,
        "session_id": identity,
        "model": record.get("model"),
        "timestamp": record.get("tstamp") or record.get("timestamp"),
    }
    return read_conversation(messages, {}, _why_redacted(record, messages)).sample(around)


def _open_battle(record: Record) -> Iterable[Json]:
    """One record for each of the two models that answered the same question in the arena."""
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


def _read_tau_bench(record: Record) -> Sample:
    """One trial of a task, with all messages between agent, tools and a simulated customer."""
    messages = _without_rest(messages_of_turns(decode(record["traj"])))
    identity = f"{record['task_id']}-{record.get('trial', 0)}"
    return read_conversation(messages, {}).sample({"id": identity, "session_id": identity})


def _read_wildchat(record: Record) -> Sample:
    """The last answer of the model with all turns before it, at its time; nothing is kept about the visitor."""
    turns = decode(record["conversation"])
    messages = _without_rest(messages_of_turns(turns))
    identity = record.get("conversation_hash")
    around = {"id": identity, "session_id": identity, "model": record.get("model")}
    sample = read_conversation(messages, {}, _why_redacted(record, messages)).sample(around)
    answers = [turn for turn in objects_in(turns) if turn.get("role") == "assistant"]
    last = answers[-1] if answers else {}
    return replace(
        sample,
        answer=None if sample.answer is None or sample.answer.is_empty else sample.answer,
        metered=Metered(
            at=parse_time(last.get("timestamp")) or parse_time(record.get("timestamp")),
            usage=read_usage(last.get("usage")),
        ),
    )


def _without_rest(messages: list[Record]) -> list[Record]:
    """The messages up to the last of the model; all where it never spoke."""
    spoken = [number for number, message in enumerate(messages, 1) if message["role"] == "assistant"]
    return messages[: spoken[-1]] if spoken else messages


def _why_redacted(record: Record, messages: list[Record]) -> str | None:
    """Whether somebody blacked out parts, by the record's own word or by what stands in their place."""
    texts = [message["content"] for message in messages if isinstance(message["content"], str)]
    is_told = str(record.get("redacted")).lower() == "true"
    is_redacted = is_told or any(is_altered(text) or _PLACEHOLDER.search(text) for text in texts)
    return _REDACTED if is_redacted else None


ALPACA = Reader(name="alpaca", rank=35, matches=_is_alpaca, read=_read_alpaca)
ALPACA_EVAL = Opener(
    opens=lambda keys: keys >= {"instruction", "output_1", "output_2", "generator_1", "generator_2"},
    open=_open_annotations,
)
LMSYS = Reader(name="lmsys", rank=20, matches=_is_lmsys, read=_read_lmsys)
ARENA = Opener(opens=lambda keys: keys >= {"conversation_a", "conversation_b", "model_a", "model_b"}, open=_open_battle)
TAU_BENCH = Reader(
    name="tau_bench", rank=20, matches=lambda record: "traj" in record and "task_id" in record, read=_read_tau_bench
)
WILDCHAT = Reader(
    name="wildchat",
    rank=20,
    matches=lambda record: "conversation_hash" in record and "conversation" in record,
    read=_read_wildchat,
)
