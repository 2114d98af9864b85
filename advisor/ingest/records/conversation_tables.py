"""Tables with one row per turn of a conversation, folded into one record per call."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from advisor.ingest.messages.request import ROLES
from advisor.ingest.records.columns import guess_columns, plain_headers
from advisor.ingest.records.quantities import money, seconds, with_units
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Rejection

_SPEAKER_COLUMNS = (
    "role",
    "speaker",
    "author",
    "from",
    "sender",
    "message_role",
    "author_role",
    "sender_role",
    "rolle",
)
_TURN_COLUMNS = (
    "turn", "turn_index", "turn_id", "turn_number", "turn_no", "message_index", "message_number", "msg_index",
    "position", "step", "seq", "sequence", "order", "index", "idx",
)  # fmt: skip
_SPEAKERS = {
    "customer": "user", "client": "user", "visitor": "user", "caller": "user", "kunde": "user", "agent": "assistant",
    "support": "assistant", "chatbot": "assistant", "llm": "assistant", "chatgpt": "assistant", "claude": "assistant",
    "tool_result": "tool", "tool_response": "tool",
}  # fmt: skip
_FIRST_WITHIN_TURN = {"system": 0, "developer": 0, "user": 1}
_NO_SESSION = frozenset({"", "none", "null", "nan", "\\n", "-"})
"""What stands for an empty cell; databases write ``\\N``."""
_MOST_TURNS = 200
"""Of one prompt, because each call is stored with all before it: more come of several people under one careless id."""
_TOO_LONG = f"more than {_MOST_TURNS} turns have the id of its conversation, and only the latest are kept"
_NEVER = datetime(1, 1, 1, tzinfo=UTC)

Turn = tuple[int, dict[str, Json]]


def role_column(headers: Iterable[str]) -> str | None:
    """The column that tells who speaks, where the table has one row per turn; else None."""
    headers = list(headers)
    known, spelled = guess_columns(headers), plain_headers(headers)
    speaker = next((spelled[name] for name in _SPEAKER_COLUMNS if name in spelled), None)
    return speaker if speaker and "session" in known and "prompt" in known and "answer" not in known else None


def fold_turns(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]],
    speaker: str,
    units: Mapping[tuple[str, ...], str] | None = None,
) -> Iterator[tuple[int, Json]]:
    """A record with ``messages`` for every answer, and for a last turn without one, numbered by the row it ends at.

    Conversations may be interleaved, and their turns in any order where a column tells it. Rows wait on disk; one that
    names no conversation stands alone. ``units`` are those of durations (see find_units).
    """
    waiting = WaitingRecords()
    column: str | None = None
    for number, row in rows:
        if isinstance(row, Rejection):
            yield number, row
            continue
        row = with_units(row, units) if units else row
        column = column or guess_columns(row).get("session", "")
        session = str(row.get(column)).strip()
        if session.lower() in _NO_SESSION:
            yield from _calls(None, [(number, row)], speaker)
        else:
            waiting.put(session, number, row)
    for session, turns in waiting.groups():
        yield from _calls(session, turns, speaker)


def _calls(session: str | None, turns: list[Turn], speaker: str) -> Iterator[tuple[int, Json]]:
    columns = guess_columns(turns[0][1])
    history: list[Json] = []
    facts: dict[str, Json] = {"session_id": session} if session else {}
    waiting: tuple[int, Json] | None = None
    for number, row in _in_order(turns, columns, speaker):
        role = _role(row.get(speaker))
        history = [*history, _message(role, row, columns)]
        if len(history) > _MOST_TURNS:
            history = history[-_MOST_TURNS:]
            facts["not_replayable"] = _TOO_LONG
        facts = {key: value for key, value in facts.items() if key not in _OF_A_TURN} | _facts(row, columns)
        record = {"messages": history, "is_turn": True, **facts}
        if role == "assistant":
            yield number, record
            waiting = None
        else:
            waiting = (number, record)
    if waiting is not None:
        yield waiting


def _in_order(turns: list[Turn], columns: dict[str, str], speaker: str) -> list[Turn]:
    """By the number of the turn, else by time, else as they stand."""
    spelled = plain_headers(turns[0][1])
    column = next((spelled[name] for name in _TURN_COLUMNS if name in spelled), "")
    numbers = [parse_number(row.get(column)) for _, row in turns]
    times = [parse_time(row.get(columns.get("time", ""))) for _, row in turns]
    places: list[float] | list[datetime]
    if all(number is not None for number in numbers):
        places = [number or 0.0 for number in numbers]
    elif all(time is not None for time in times):
        places = [time or _NEVER for time in times]
    else:
        return turns
    roles = [_role(row.get(speaker)) for _, row in turns]
    # A question and its answer may have one number, or one second, and the export the newest first.
    is_pairs = max(Counter(zip(places, roles, strict=True)).values()) == 1
    ranks = [_FIRST_WITHIN_TURN.get(role, 2) if is_pairs else 0 for role in roles]
    order = sorted(range(len(turns)), key=lambda at: (places[at], ranks[at]))
    return [turns[at] for at in order]


def _role(value: Json) -> str:
    role = str(value).strip().lower()
    return ROLES.get(role) or _SPEAKERS.get(role) or role


def _message(role: str, row: dict[str, Json], columns: dict[str, str]) -> Json:
    message: dict[str, Json] = {"role": role, "content": row.get(columns["prompt"])}
    for name in ("tool_calls", "tool_call_id"):
        if row.get(name):
            message[name] = decode(row[name])
    return message


_OF_A_TURN = frozenset({"timestamp", "latency_s", "ttft_s", "cost_usd", "input_tokens", "output_tokens", "id"})


def _facts(row: dict[str, Json], columns: dict[str, str]) -> dict[str, Json]:
    """What the row tells about its call, under the usual keys; what is empty is left out."""
    cells = {role: row.get(column) for role, column in columns.items()}
    found = {
        "timestamp": cells.get("time"),
        "model": cells.get("model"),
        "use_case": cells.get("use_case"),
        "id": cells.get("id"),
        "input_tokens": cells.get("input_tokens"),
        "output_tokens": cells.get("output_tokens"),
        "latency_s": seconds(cells.get("latency"), columns.get("latency", "")),
        "ttft_s": seconds(cells.get("ttft"), columns.get("ttft", "")),
        "cost_usd": money(cells.get("cost"), columns.get("cost", "")),
    }
    return {key: value for key, value in found.items() if value not in (None, "")}
