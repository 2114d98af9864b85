"""Threads of OpenAI's Assistants API: messages, joined with the runs that answered where the log holds them, too.

A run tells the model, the instructions, the tools and the tokens of its answers; those of several answers stay apart.
"""

from collections import Counter
from collections.abc import Iterable

from advisor.ingest.reader import Record
from advisor.ingest.readers.turns import Group, Turn, answer_after, rows_joiner, turns_reader
from advisor.ingest.values.json_text import as_name, at, decode, list_in, objects_in
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time, seconds_between
from advisor.types import Json

_NAME = "openai_threads"
_MESSAGE, _RUN = "thread.message", "thread.run"
_LAST = {"user": 0, "assistant": 1}
_PARAMS = ("temperature", "top_p", "response_format", "tool_choice")


def _call_of(record: Record) -> str | None:
    return as_name(record.get("thread_id")) if record.get("object") in (_MESSAGE, _RUN) else None


def _calls_in(rows: list[Record]) -> Iterable[Group]:
    """By time, of which a page of the API has the latest first."""
    runs = {row["id"]: row for row in rows if row.get("object") == _RUN and isinstance(row.get("id"), str)}
    messages = [row for row in rows if row.get("object") == _MESSAGE]
    messages.sort(key=lambda row: (parse_number(row.get("created_at")) or 0, _LAST.get(str(row.get("role")), 0)))
    answers = Counter(str(row.get("run_id")) for row in messages if row.get("role") == "assistant")
    before: list[Turn] = []
    waiting: list[Record] = []
    for row in messages:
        waiting.append(row)
        run = runs.get(str(row.get("run_id")), {}) if row.get("role") == "assistant" else {}
        turn = _turn(row, run, is_alone=answers[str(row.get("run_id"))] == 1)
        if turn.is_answer:
            system = as_name(run.get("instructions"))
            start = [Turn({"role": "system", "content": system})] if system else []
            yield waiting, answer_after(_NAME, [*start, *before], turn)
            waiting = []
        before.append(turn)
    if rest := waiting + [row for row in rows if row.get("object") == _RUN]:
        yield rest, None


def _turn(row: Record, run: Record, *, is_alone: bool) -> Turn:
    content = [_part(part) for part in objects_in(row.get("content"))]
    if row.get("role") != "assistant":
        files: list[Json] = [{"type": "file"} for _ in list_in(row.get("attachments"))]
        return Turn({"role": "user", "content": [*content, *files]})
    params = {key: decode(run[key]) for key in _PARAMS if run.get(key) not in (None, "")}
    tools = objects_in(run.get("tools"))
    facts: Record = {
        "id": row.get("id"),
        "timestamp": run.get("created_at") or row.get("created_at"),
        "model": as_name(run.get("model")),
        "session_id": row.get("thread_id"),
        "params": params | ({"tools": tools} if tools else {}),
    }
    if is_alone:
        begun, ended = parse_time(run.get("started_at")), parse_time(run.get("completed_at"))
        facts |= {"usage": run.get("usage"), "latency_s": seconds_between(begun, ended)}
    return Turn({"role": "assistant", "content": content}, facts)


def _part(part: Record) -> Json:
    text = at(part, "text", "value")
    return {"type": "text", "text": text} if isinstance(text, str) else part


JOINER = rows_joiner(_NAME, joins=lambda keys: keys >= {"thread_id", "object"}, call_of=_call_of, calls_in=_calls_in)
READER = turns_reader(_NAME)
