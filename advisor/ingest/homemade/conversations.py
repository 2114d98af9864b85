"""Tables with one row per turn of a conversation, folded into one record per call."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise

from advisor.ingest.homemade.cells import AttachedFiles, FileCells
from advisor.ingest.homemade.detection import Layout
from advisor.ingest.homemade.joined import Turns
from advisor.ingest.homemade.profile import USAGES
from advisor.ingest.homemade.roles import are_counted, begin_again, direction_of, is_on, parted
from advisor.ingest.homemade.speakers import EVENT, PERSON
from advisor.ingest.homemade.told import role_in
from advisor.ingest.homemade.turn_lists import system_text
from advisor.ingest.messages.usage import both_sides
from advisor.ingest.records.columns import pick
from advisor.ingest.records.quantities import UNSURE, lasted, money, seconds
from advisor.ingest.records.rules import NAMED_HERE, NULLS, mark_of
from advisor.ingest.records.waiting import WaitingRecords
from advisor.ingest.values.json_text import at, decode
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Rejection
from advisor.types.codes import CallNote

_FIRST_WITHIN_TURN = {"system": 0, "developer": 0, "user": 1}
_NO_SESSION = frozenset({"", *map(str.lower, NULLS)})
_SOME = 200
_MOST_TURNS = 200
"""Of one prompt, because each call is stored with all before it: more come of several people under one careless id."""
_TOO_LONG = f"more than {_MOST_TURNS} turns have the id of its conversation, and only the latest are kept"
_GAP = "a turn of the user before it has no text in this file"
_ALONE = f"{NAMED_HERE}\n"
_SYSTEMS = frozenset({"system", "developer"})
_PAUSE = timedelta(minutes=30)
_NEVER = datetime(1, 1, 1, tzinfo=UTC)

Turn = tuple[int, dict[str, Json]]


def fold_turns(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]],
    layout: Layout,
    turns: Turns,
    units: Mapping[tuple[str, ...], str] | None = None,
) -> Iterator[tuple[int, Json]]:
    """A record with ``messages`` for every answer, and for a last turn without one, numbered by the row it ends at.

    Conversations may be interleaved, and their turns in any order where a column tells it. Rows wait on disk; one that
    names no conversation stands alone where others do. ``units`` are those of durations (see find_units).
    """
    waiting = WaitingRecords()
    folder = _Folder(layout.columns, turns, units or {})
    for number, row in rows:
        if isinstance(row, Rejection):
            yield number, row
            continue
        group = folder.group_of(row)
        folder.files.see(row, asks=bool(folder.asks(row)))
        waiting.put(group if group is not None else f"{_ALONE}{number}", number, row)
    groups = waiting.groups()
    first = [*islice(groups, _SOME)]
    folder.find_direction([found for group, found in first if not group.startswith(NAMED_HERE)])
    for group, found in chain(first, groups):
        talks = list(folder.conversations(group, found))
        is_named = bool(group) and len(talks) == 1
        for conversation in talks:
            name = group if is_named else mark_of(conversation)
            yield from folder.calls(None if group.startswith(_ALONE) else name, conversation)


class _Folder:
    """Puts the turns of one log together."""

    def __init__(self, columns: dict[str, str], turns: Turns, units: Mapping[tuple[str, ...], str]) -> None:
        self._turns = turns
        self._units = {role: unit for role, path in columns.items() if (unit := units.get(tuple(path.split("."))))}
        self._columns = {role: path for role, path in columns.items() if self._units.get(role) != UNSURE}
        apart = (columns["prompt"], columns.get("system"), turns.answer, turns.speaker)
        self.files = FileCells([path for path in apart if path], has_sides=not turns.answer)
        self._direction: CallNote | None = None
        self._first_turn: dict[str, str] = {}
        """Id of a turn to that of the first of its conversation, where turns name the one they reply to."""

    def group_of(self, row: dict[str, Json]) -> str | None:
        """What the turns of its conversation have in common; None where the row says that it has none."""
        if self._turns.session:
            session = str(pick(row, self._turns.session)).strip()
            return None if session.lower() in _NO_SESSION else session
        if self._turns.parent is None:
            return ""
        own, parent = (str(pick(row, path)).strip() for path in self._turns.parent)
        first = self._first_turn.get(parent, own if parent.lower() in _NO_SESSION else parent)
        self._first_turn[own] = first
        return first

    def find_direction(self, talks: list[list[Turn]]) -> None:
        """Whether turns without times, numbers and flags stand newest first."""
        by, rows = self._turns, [row for _, row in sorted(chain.from_iterable(talks), key=lambda turn: turn[0])]
        has_order = by.answer or by.order or by.parent or by.begun or "time" in self._columns
        if rows and not has_order and not are_counted(rows):
            said = [[(self._role(row), str(pick(row, by.text))) for _, row in talk] for talk in talks]
            self._direction = direction_of(said)

    def conversations(self, group: str, turns: list[Turn]) -> Iterator[list[Turn]]:
        """The turns of a group in their order; where no id of the log tells conversations apart, something else has to.

        Numbers of turns begin again, a flag is set, a system prompt comes again, or there is a pause.
        """
        turns = turns[::-1] if self._direction == CallNote.NEWEST_FIRST else turns
        if self._turns.session or self._turns.parent:
            yield from map(self._in_order, self._by_numbers(turns) if group.startswith(NAMED_HERE) else [turns])
            return
        begun = self._begun(turns)
        if len(begun) > 1:
            yield from map(self._in_order, begun)
            return
        turns = self._in_order(turns)
        own: list[Turn] = []
        before: datetime | None = None
        for turn in turns:
            at = self._time_of(turn[1])
            if own and at and before and at - before > _PAUSE:
                yield own
                own = []
            own.append(turn)
            before = at or before
        yield own

    def _begun(self, turns: list[Turn]) -> list[list[Turn]]:
        """The turns from one first turn to the next, as they stand or the newest first."""
        for found in (self._by_numbers(turns), self._by_flag(turns)):
            if len(found) > 1:
                return found
        if len({*self._numbers(turns)}) > 1:
            return [turns]
        roles = [self._role(row) for _, row in turns]
        starts = [at for at, role in enumerate(roles) if role in _SYSTEMS and roles[at - 1 : at] != [role]]
        return _cut(turns, starts) if starts[:1] == [0] else [turns]

    def _numbers(self, turns: list[Turn]) -> list[float]:
        """Of the turns; none where one has none."""
        numbers = [parse_number(pick(row, self._turns.order)) if self._turns.order else None for _, row in turns]
        return [number for number in numbers if number is not None] if None not in numbers else []

    def _by_numbers(self, turns: list[Turn]) -> list[list[Turn]]:
        places, roles = self._numbers(turns), [self._role(row) for _, row in turns]
        if len({*places}) <= 1:
            return [turns]
        if sum(one > other for one, other in pairwise(places)) > (len(places) - 1) / 2:
            places, roles, turns = places[::-1], roles[::-1], turns[::-1]
        again = [
            at
            for at, (one, other) in enumerate(pairwise(places), 1)
            if other < one or (other == one and roles[at] == "user" != roles[at - 1])
        ]
        return _cut(turns, [0, *again]) if {places[at] for at in again} == {min(places)} else [turns]

    def _by_flag(self, turns: list[Turn]) -> list[list[Turn]]:
        """From one row with the flag to the next; the newest first where times say so, or an answer is first."""
        if not self._turns.begun:
            return [turns]
        flags = [is_on(pick(row, self._turns.begun)) for _, row in turns]
        roles = [self._role(row) for _, row in turns]
        times = [time for _, row in turns if (time := self._time_of(row))]
        starts, faults = parted(flags, roles)
        other, fewer = parted(flags[::-1], roles[::-1])
        is_backwards = (
            roles[0] == "assistant" and flags[-1] and fewer < faults and not are_counted([row for _, row in turns])
        )
        if times[-1:] < times[:1] or (times[-1:] == times[:1] and is_backwards):
            turns, starts = turns[::-1], other
        return _cut(turns, [0, *(at for at in starts if at)])

    def calls(self, session: str | None, turns: list[Turn]) -> Iterator[tuple[int, Json]]:
        """The calls of one conversation."""
        history: list[Json] = []
        facts: dict[str, Json] = {"session_id": session} if session else {}
        facts |= {"direction": self._direction} if self._direction else {}
        waiting: tuple[int, Json] | None = None
        unanswered: tuple[int, Json] | None = None
        """With an empty answer, unless one with words follows: then it was an event."""
        has_gap = False
        """Whether the user's last turn has no words."""
        rows = [row for _, row in turns]
        files = self.files.attached(rows, [*map(self.asks, rows)])
        for number, row in turns:
            said = self._messages(row, files)
            is_empty = _is_empty(said)
            has_gap = is_empty if said and said[-1]["role"] == "user" else has_gap
            is_said = said and said[-1]["role"] in ("assistant", PERSON)
            if has_gap and is_said and not is_empty and history and at(history[-1], "role") == "assistant":
                facts["not_replayable"] = _GAP
            if (
                not said
                or said[-1]["role"] == EVENT
                or (is_empty and (waiting is None or said[-1]["role"] != "assistant"))
            ):
                continue
            if unanswered and said[-1]["role"] == "user":
                yield unanswered
            by_staff = said[-1]["role"] == PERSON
            talk = [*history, *(message | {"role": "assistant"} if by_staff else message for message in said)]
            if len(talk) > _MOST_TURNS:
                talk = talk[-_MOST_TURNS:]
                facts["not_replayable"] = _TOO_LONG
            facts = {key: value for key, value in facts.items() if key not in _OF_A_TURN} | self._facts(row)
            system = [] if any(message["role"] == "system" for message in talk) else self._system(row)
            record = {"messages": [*system, *talk], "is_turn": True, **facts}
            is_answer = said[-1]["role"] == "assistant"
            if is_answer and not is_empty:
                yield number, record
            waiting = None if is_answer or by_staff else (number, record)
            unanswered = (number, record) if is_empty else None
            history = history if is_empty else talk
        if last := waiting or unanswered:
            yield last

    def _system(self, row: dict[str, Json]) -> list[dict[str, Json]]:
        column = self._columns.get("system", "")
        told = system_text(pick(row, column), column) if column else ""
        return [{"role": "system", "content": told}] if told else []

    def asks(self, row: dict[str, Json]) -> bool | None:
        """Whether its words are a user's; None without words."""
        has_words = str(pick(row, self._columns["prompt"]) or "").strip()
        return (bool(self._turns.answer) or self._role(row) == "user") if has_words else None

    def _messages(self, row: dict[str, Json], files: AttachedFiles) -> list[dict[str, Json]]:
        text = pick(row, self._columns["prompt"])
        if self._turns.answer:
            both = (("user", files.with_file(text, row)), ("assistant", pick(row, self._turns.answer)))
            return [{"role": role, "content": said} for role, said in both if said not in (None, "")]
        role = self._role(row)
        message: dict[str, Json] = {"role": role, "content": files.with_file(text, row) if role == "user" else text}
        for name in ("tool_calls", "tool_call_id"):
            if row.get(name):
                message[name] = decode(row[name])
        return [message]

    def _role(self, row: dict[str, Json]) -> str:
        return role_in(row, self._turns)

    def _time_of(self, row: dict[str, Json]) -> datetime | None:
        return parse_time(pick(row, self._columns["time"])) if "time" in self._columns else None

    def _in_order(self, turns: list[Turn]) -> list[Turn]:
        """By the number of the turn, else by time, else as they stand."""
        roles = [self._role(row) for _, row in turns]
        numbers, times = self._numbers(turns), [self._time_of(row) for _, row in turns]
        places: list[float] | list[datetime]
        if numbers and not begin_again(numbers, roles):
            places = numbers
        elif all(time is not None for time in times):
            places = [time or _NEVER for time in times]
        else:
            return turns
        if places == sorted(places) and len(set(places)) > 1 and roles[0] in _FIRST_WITHIN_TURN:
            return turns
        # A question and its answer may have one number, or one second, and the export the newest first.
        is_pairs = max(Counter(zip(places, roles, strict=True)).values()) == 1
        ranks = [_FIRST_WITHIN_TURN.get(role, 2) if is_pairs else 0 for role in roles]
        order = sorted(range(len(turns)), key=lambda at: (places[at], ranks[at]))
        return [turns[at] for at in order]

    def _facts(self, row: dict[str, Json]) -> dict[str, Json]:
        """What the row tells about its call, under the usual keys; what is empty is left out."""
        columns = self._columns
        cells = {role: pick(row, column) for role, column in columns.items()}
        given, taken = both_sides(cells.get("input_tokens"), cells.get("output_tokens"))
        found = {
            "timestamp": cells.get("time"),
            "model": cells.get("model"),
            "use_case": cells.get("use_case"),
            "id": cells.get("id"),
            "usage": next((row[key] for key in USAGES if row.get(key)), None),
            "input_tokens": given,
            "output_tokens": taken,
            "latency_s": lasted(
                cells.get("latency"), columns.get("latency", ""), self._units.get("latency"), self._time_of(row)
            ),
            "ttft_s": seconds(cells.get("ttft"), columns.get("ttft", ""), self._units.get("ttft")),
            "cost_usd": money(cells.get("cost"), columns.get("cost", "")),
        }
        return {key: value for key, value in found.items() if value not in (None, "")}


def _is_empty(said: list[dict[str, Json]]) -> bool:
    """Whether nothing was said: an event, such as typing, or an answer that failed; a tool may return nothing."""
    last = said[-1] if said else {"role": "", "content": None}
    return last["role"] != "tool" and last["content"] in (None, "", []) and not last.get("tool_calls")


def _cut(turns: list[Turn], starts: list[int]) -> list[list[Turn]]:
    return [turns[start:end] for start, end in pairwise([*starts, len(turns)])]


_OF_A_TURN = frozenset({"timestamp", "latency_s", "ttft_s", "cost_usd", "usage", "input_tokens", "output_tokens", "id"})
