"""Messages of Dify: rows of its table ``messages``, or from its API; each is a question with its answer.

The table holds the prompt as it was sent under ``message``. What its API gives out doesn't: there the prompt is made of
the questions and answers before it, without the application's instructions.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Record
from advisor.ingest.readers.turns import Group, Turn, answer_after, rows_joiner, turns_reader, with_missing
from advisor.ingest.values.json_text import as_name, list_in, object_in, objects_in
from advisor.ingest.values.numbers import parse_count, parse_number, parse_seconds

_NAME = "dify"
_ALWAYS = frozenset({"conversation_id", "query", "answer"})
_OWN = frozenset({
    "message_tokens", "answer_tokens", "provider_response_latency", "retriever_resources", "agent_thoughts",
    "message_files", "invoke_from",
})  # fmt: skip
_NO_PROMPT = "it holds no instructions of the application; take the table messages from Dify's database"
_AGENT = "an agent answered, and the message holds neither its tools nor each call of the model"


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    """A call for each row, in the order of time; an answer that was asked for again follows the same message."""
    rows = sorted(rows, key=lambda row: str(row.get("created_at") or ""))
    threads: dict[str, list[Turn]] = {}
    latest: list[Turn] = []
    for row in rows:
        before = threads.get(as_name(row.get("parent_message_id")) or "", latest)
        question = Turn({"role": "user", "content": as_name(row.get("query")) or ""})
        answer = Turn({"role": "assistant", "content": as_name(row.get("answer"))}, _facts(row))
        sent = [Turn(_message(message)) for message in objects_in(row.get("message"))]
        if not sent:
            answer.facts.setdefault("not_replayable", _NO_PROMPT)
        yield [row], answer_after(_NAME, sent or [*before, question], answer)
        latest = threads[str(row.get("id"))] = [*before, question, answer]


def _message(message: Record) -> Record:
    """A message as Dify saves it, with its text beside its files, which are cut."""
    text = as_name(message.get("text")) or as_name(message.get("content")) or ""
    made: Record = {"role": message.get("role"), "content": with_missing(text, len(list_in(message.get("files"))))}
    return made | {key: message[key] for key in ("tool_calls", "tool_call_id") if message.get(key)}


def _facts(row: Record) -> Record:
    """The latency is in seconds; workflows tell the tokens in the message's metadata only."""
    told = object_in(object_in(row.get("message_metadata") or row.get("metadata")).get("usage"))
    counts: Record = {"prompt_tokens": row.get("message_tokens"), "completion_tokens": row.get("answer_tokens")}
    is_counted = any(map(parse_count, counts.values()))
    is_usd = (row.get("currency") or told.get("currency") or "USD") == "USD"
    is_failed = row.get("status") == "error"
    found: Record = {
        "id": row.get("id"),
        "timestamp": row.get("created_at"),
        "model": as_name(row.get("model_id")),
        "session_id": row.get("conversation_id"),
        "usage": counts if is_counted else told or None,
        "latency_s": parse_seconds(row.get("provider_response_latency") or told.get("latency"), "s") or None,
        "cost_usd": parse_number(row.get("total_price") or told.get("total_price")) or None if is_usd else None,
        "error": (as_name(row.get("error")) or "logged as an error") if is_failed else None,
    }
    return found | ({"not_replayable": _AGENT} if list_in(row.get("agent_thoughts")) else {})


def _call_of(row: Record) -> str | None:
    return as_name(row.get("conversation_id")) if as_name(row.get("query")) and not _OWN.isdisjoint(row) else None


JOINER = rows_joiner(
    _NAME,
    joins=lambda keys: keys >= _ALWAYS and not _OWN.isdisjoint(keys),
    call_of=_call_of,
    calls_in=_calls_in,
)
READER = turns_reader(_NAME)
