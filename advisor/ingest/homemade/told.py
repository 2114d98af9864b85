"""What a person says the columns mean, and the guess in the words of a person."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from advisor.errors import BadInput, UnclearSums
from advisor.ingest.homemade.detection import Because, Layout
from advisor.ingest.homemade.joined import Turns, find_session
from advisor.ingest.homemade.nested import look_within, opened
from advisor.ingest.homemade.profile import profile
from advisor.ingest.homemade.roles import ANYBODY, CONVERSATION, known_role, role_of
from advisor.ingest.homemade.speakers import EVENT, PERSON, turns_by, with_others
from advisor.ingest.records.columns import choose_columns, pick
from advisor.ingest.redaction.redact import name_at, quoted
from advisor.types import Json, Rejection

SPEAKER, BOT = "speaker", "bot"
Heard = Counter[tuple[str, str]]
"""Rows by who speaks in them, as they say it, and the role that is taken for."""
_VOICES = {
    "user": "user",
    "assistant": "assistant",
    PERSON: "staff",
    "system": "system",
    "tool": "tool",
    EVENT: "left out",
}
_UNCLEAR = "unclear"
_SHOWN_VOICES = 3
_MOST_VOICES = 10_000
_OF_TEXTS = frozenset({"prompt", "messages", "answer", SPEAKER})
_AROUND = ("system", "session", "target")
_REASONS = {
    Because.NAME: "name",
    Because.QUESTIONS: "asks questions",
    Because.LONGEST: "longest text",
    Because.ONLY_TEXT: "text",
}


def told_layout(path: Path, records: Sequence[dict[str, Json]], columns: dict[str, str]) -> Layout:
    """What a person said over what the names say; the rows may lie in a list that was found.

    Raises BadInput for an unknown role or column.
    """
    headers = tuple(dict.fromkeys(name for record in records for name in record))
    bot = columns.get(BOT, "")
    columns = {role: name_at(column, headers) for role, column in columns.items() if role != BOT}
    inner = None
    if any(column.partition(".")[0] not in headers for column in columns.values()):
        inner = look_within(records)
    lists = inner.lists if inner else ()
    rows = [row for _, row in opened(enumerate(records), Layout(columns={}, lists=lists)) if isinstance(row, dict)]
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    chosen = choose_columns(path, names, columns)
    speaker = chosen.pop(SPEAKER, None)
    if bot and speaker is None:
        raise BadInput("bot=NAME needs the column that says who speaks, too. Add speaker=COLUMN.")
    if speaker is None:
        turns = inner.turns if inner and inner.turns and inner.turns.text == chosen.get("prompt") else None
        return Layout(columns=chosen, lists=lists, turns=turns)
    if "prompt" not in chosen:
        raise BadInput("A column that says who speaks needs the column of the text as well: prompt=COLUMN.")
    profiled = profile(rows)
    turns = turns_by(rows, profiled, speaker, chosen["prompt"])
    if bot:
        turns = _answered_by(bot, turns or Turns(speaker, chosen["prompt"], {}), rows)
    if turns is None:
        raise BadInput(
            f"{path.name}: nothing in {speaker!r} says which turns are the user's and which the assistant's. "
            "Name the bot as well: bot=NAME."
        )
    told = chosen.get("session")
    chosen = {role: column for role, column in chosen.items() if role not in ("answer", "messages") or role in columns}
    turns = turns._replace(session=told) if told else find_session(turns, rows, profiled)
    return Layout(columns=chosen, lists=lists, turns=turns)


def _answered_by(bot: str, turns: Turns, rows: Sequence[dict[str, Json]]) -> Turns:
    """With the answers of one speaker alone as a bot's; others are users, or staff beside users. Raises BadInput."""
    name = bot.strip().lower()
    said = {str(pick(row, turns.speaker)).strip().lower() for row in rows} - {"", "none"}
    if name not in said:
        raise BadInput(f"No {bot!r} in the first rows of {turns.speaker!r}. Write the name as it stands there.")
    others = {other: role for other, role in turns.roles.items() if other not in (name, ANYBODY)}
    words = {other: role for other in said - {name} if (role := known_role(other))}
    if not turns.roles and "user" in words.values():  # Customer, Emma, and Tom of the staff
        others = with_others(turns.speaker, rows, words | {name: "assistant"})
    answering = PERSON if "user" in others.values() else "user"
    others |= {other: answering for other, role in others.items() if role == "assistant"}
    return turns._replace(roles=others | {name: "assistant", ANYBODY: "user"})


def role_in(row: dict[str, Json], turns: Turns) -> str:
    """Whose turn a row is."""
    if turns.unsaid and str(pick(row, turns.unsaid[0])).strip().lower() in turns.unsaid[1]:
        return EVENT
    return role_of(pick(row, turns.speaker), turns.roles)


def listened(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]], turns: Turns, heard: Heard
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The rows of a table of turns as they are, counted by who speaks."""
    for number, row in rows:
        if isinstance(row, dict) and not turns.answer:
            role, is_said = role_in(row, turns), str(pick(row, turns.text) or "").strip()
            voice = str(pick(row, turns.speaker) or "").strip() if len(heard) < _MOST_VOICES else ""
            heard[voice, role if is_said or role in ("user", "assistant", "tool") else EVENT] += 1
        yield number, row


def guessed(layout: Layout, records: Sequence[dict[str, Json]]) -> str:
    """What the columns of some records are taken for, without personal data."""
    heard: Heard = Counter()
    if layout.turns:
        deque(listened(opened(enumerate(records), layout), layout.turns, heard), maxlen=0)
    return spoken(layout, Counter({(quoted(voice), role): rows for (voice, role), rows in heard.items()}))


def nameless(heard: Heard) -> Heard:
    """Only how many rows each role has."""
    found: Heard = Counter()
    for (_, role), rows in heard.items():
        found["", role] += rows
    return found


def asks_of_sums(told: Mapping[str, str], understand: Callable[[], object]) -> bool:
    """Whether a person was asked about such rows (see check_sums), and said of no column that it holds text."""
    try:
        if _OF_TEXTS.isdisjoint(told):
            understand()
    except UnclearSums:
        return True
    except BadInput:
        return False
    return False


def as_option(layout: Layout) -> str:
    """The layout as ``--columns`` takes it."""
    return ",".join(f"{role}={column}" for role, column in told_columns(layout).items())


def told_columns(layout: Layout) -> dict[str, str]:
    """Role to column as a person chooses them, the one that says who speaks among them."""
    if layout.turns is None or layout.turns.answer:
        return layout.columns
    by = layout.turns.session
    session = {"session": by} if by and by not in layout.columns.values() else {}
    return layout.columns | session | {SPEAKER: layout.turns.speaker}


def spoken(layout: Layout, heard: Heard | None = None) -> str:
    """What the columns are taken for, and why: ``prompt: `frage` (name), answer: `antwort` (longest text)``.

    Of a table of turns also who is taken for what, as far as it was ``heard``.
    """
    parts = [f"{role}: `{layout.columns[role]}` ({_REASONS[why]})" for role, why in layout.because.items()]
    if layout.models:
        parts = [parts[0], f"answers of several models: {', '.join(f'`{name}`' for name in layout.models)}"]
    around = {role: layout.columns[role] for role in _AROUND if role in layout.columns}
    if turns := layout.turns:
        parts = (
            parts
            if turns.answer
            else [f"one row per turn, text: `{turns.text}`, speaker: `{turns.speaker}`{_voices(heard)}"]
        )
        parts.append(_apart(turns))
        around.pop("session", None)
    return ", ".join([*parts, *(f"{role}: `{column}`" for role, column in around.items())])


def _voices(heard: Heard | None) -> str:
    """`` (user: Guest; assistant: Emma; staff: Jonas (Support))``."""
    told: dict[str, list[str]] = {word: [] for word in (*_VOICES.values(), _UNCLEAR)}
    for (voice, role), _ in heard.most_common() if heard else ():
        told[_VOICES.get(role, _UNCLEAR)] += [voice] if voice else []
    parts = [f"{word}: {first_named(voices)}" for word, voices in told.items() if voices]
    return f" ({'; '.join(parts)})" if parts else ""


def first_named(voices: Sequence[str]) -> str:
    """``Guest, Ann, Bo and 3 more``."""
    more = f" and {len(voices) - _SHOWN_VOICES} more" if len(voices) > _SHOWN_VOICES else ""
    return ", ".join(voices[:_SHOWN_VOICES]) + more


def _apart(turns: Turns) -> str:
    """What tells the conversations of a table of turns apart."""
    if turns.session:
        return "each list is a conversation" if turns.session == CONVERSATION else f"conversation: `{turns.session}`"
    if turns.parent:
        return f"conversation: replies by `{turns.parent[1]}`"
    if turns.begun or turns.order:
        return f"conversation: from one start to the next in `{turns.begun or turns.order}`"
    return "no column tells conversations apart"
