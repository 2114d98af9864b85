"""Conversations that an export holds whole, taken apart into one record for each answer with the turns before it.

Exports of chats wrap their turns in one record, which an Opener hands to ``answers_of``. In stores with a row a turn
the rows of a conversation are joined (see ``rows_joiner``).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.reader import Joiner, NotACall, Reader, Record, RowRejected
from advisor.ingest.readers.trace_tools import read_apart
from advisor.ingest.records.bodies import Call, read_answer
from advisor.types import Json, Sample

MARK = "answer_in"
"""Key of a record made here: the name of its format."""
MOST_TURNS = 200
"""Of one prompt, because each call is kept with all before it."""
_TOO_LONG = f"more than {MOST_TURNS} turns come before it, and only the latest are kept"
_PREPARED = "\0answer"


class Turn(NamedTuple):
    """A message of a conversation, in any vendor's dialect."""

    message: Record
    facts: Record = {}  # noqa: RUF012 - never changed
    """Of an answer: the keys around its call, as envelope.assemble knows them."""
    rows: tuple[Record, ...] = ()
    """The rows it was made of, where each turn has its own."""

    @property
    def is_answer(self) -> bool:
        return self.message.get("role") == "assistant"


def answers_of(format: str, turns: Iterable[Turn], about: Record | None = None) -> Iterator[Record]:
    """A record for each answer; a conversation without any as one record that says so. ``about`` holds for all."""
    before: list[Turn] = []
    is_answered = False
    for turn in turns:
        if turn.is_answer:
            yield answer_after(format, before, turn, about)
            is_answered = True
        before.append(turn)
    if not is_answered:
        yield {MARK: format, "answer": None}


def answer_after(format: str, before: list[Turn], answer: Turn, about: Record | None = None) -> Record:
    """A record of one answer, with the turns on the way to it."""
    facts = (about or {}) | {key: value for key, value in answer.facts.items() if value is not None}
    history = [turn.message for turn in before[-MOST_TURNS:]]
    if len(before) > MOST_TURNS:
        facts["not_replayable"] = _TOO_LONG
    return {MARK: format, "messages": history, "answer": answer.message, "facts": facts}


def with_missing(text: str, files: int, kind: str = "file") -> Json:
    """A text, with a part for each file beside it that the export doesn't hold."""
    missing: list[Json] = [{"type": kind} for _ in range(files)]
    return [{"type": "text", "text": text}, *missing] if missing else text


def turns_reader(name: str) -> Reader:
    """Of the records that ``answers_of`` makes under this name."""
    return Reader(name=name, rank=9, matches=lambda record: record.get(MARK) == name, read=read_turn)


def read_turn(record: Record) -> Sample:
    """One answer; ``params`` among its facts are those of the request, ``finish_reason`` why the model stopped."""
    if MARK not in record:
        raise NotACall("a record without a turn")
    if not isinstance(answer := record.get("answer"), dict):
        raise NotACall("a turn without an answer")
    facts = dict(record["facts"])
    params, logged = facts.pop("params", {}), facts.pop("not_replayable", None)
    if not any(message.get("role") != "system" for message in record["messages"]):
        raise RowRejected("only an answer, no prompt")
    reply = read_answer(answer).finished(facts.pop("finish_reason", None))
    if reply == Reply() and not facts.get("error") and read_usage(facts.get("usage")) is None:
        raise NotACall("a turn without an answer")
    call = read_apart(record["messages"], params | {"model": facts.get("model")})
    usage = read_usage(facts.pop("usage", None))
    reason = logged or call.not_replayable
    return Call(request=call.request, not_replayable=reason, reply=reply, model=facts.get("model")).sample(facts, usage)


Group = tuple[list[Record], Record | None]
"""Rows that belong to one call, and the record of its answer; None for rows after the last one."""


def in_turn(format: str, turns: Iterable[Turn]) -> Iterator[Group]:
    """The calls of turns that follow each other."""
    before: list[Turn] = []
    rows: list[Record] = []
    for turn in turns:
        rows += turn.rows
        if turn.is_answer:
            yield rows, answer_after(format, before, turn)
            rows = []
        before.append(turn)
    if rows:
        yield rows, None


def in_tree(format: str, turns: Iterable[tuple[str, Turn]], parents: dict[str, str | None]) -> Iterator[Group]:
    """The calls of turns that each name the one before them; they come with their keys."""
    listed = list(turns)
    nodes = dict(listed)
    rows: list[Record] = []
    for key, turn in listed:
        rows += turn.rows
        if turn.is_answer:
            before = [nodes[step] for step in path_to(key, parents)[:-1]]
            yield rows, answer_after(format, before, turn)
            rows = []
    if rows:
        yield rows, None


def rows_joiner(
    name: str,
    *,
    joins: Callable[[frozenset[str]], bool],
    call_of: Callable[[Record], str | None],
    calls_in: Callable[[list[Record]], Iterable[Group]],
    is_per_file: bool = False,
) -> Joiner:
    """Joins the rows of a conversation, which ``call_of`` names, into its answers.

    ``calls_in`` puts every row into one group. ``is_per_file``: the rows don't name it, their file holds one.
    """

    def split(parts: list[Record]) -> list[list[Record]]:
        groups = []
        for rows, answer in calls_in(parts):
            rows[0][_PREPARED] = answer
            groups.append(rows)
        return groups

    return Joiner(
        name=name,
        joins=joins,
        call_of=call_of,
        join=lambda parts: parts[0].get(_PREPARED) or {MARK: name, "answer": None},
        split=split,
        is_per_file=is_per_file,
    )


def path_to(leaf: str, parents: dict[str, str | None]) -> list[str]:
    """The ids from the root of a tree of turns to this one; a circle ends it."""
    path: dict[str, None] = {}
    here: str | None = leaf
    while here is not None and here in parents and here not in path:
        path[here] = None
        here = parents[here]
    return list(reversed(path))
