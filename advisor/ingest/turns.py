"""Tables with one row per turn of a conversation, folded into one record per call."""

from collections.abc import Iterable, Iterator

from advisor.ingest.columns import guess_columns
from advisor.types import Json, Rejection

_ROLE_COLUMNS = ("role", "speaker", "author", "from")


def role_column(headers: Iterable[str]) -> str | None:
    """The column that tells who speaks, where the table has one row per turn; else None."""
    headers = list(headers)
    known = guess_columns(headers)
    speaker = next((header for header in headers if header.lower() in _ROLE_COLUMNS), None)
    return speaker if speaker and "session" in known and "prompt" in known and "answer" not in known else None


def fold_turns(rows: Iterable[tuple[int, dict[str, Json] | Rejection]], speaker: str) -> Iterator[tuple[int, Json]]:
    """A record with ``messages`` for every answer, and for a last turn without one, numbered by the row it ends at.

    The turns of a conversation must stand one after the other.
    """
    session: Json = None
    history: list[Json] = []
    waiting: tuple[int, Json] | None = None
    for number, row in rows:
        if isinstance(row, Rejection):
            yield number, row
            continue
        columns = guess_columns(row)
        if row[columns["session"]] != session:
            if waiting is not None:
                yield waiting
            session, history, waiting = row[columns["session"]], [], None
        role = str(row[speaker]).strip().lower()
        history = [*history, {"role": role, "content": row[columns["prompt"]]}]
        record = {"messages": history, "session_id": session}
        if "time" in columns:
            record["timestamp"] = row[columns["time"]]
        if "model" in columns:
            record["model"] = row[columns["model"]]
        if role in ("assistant", "ai", "bot", "gpt"):
            yield number, record
            waiting = None
        else:
            waiting = (number, record)
    if waiting is not None:
        yield waiting
