"""Tables with one row a turn: the column that tells who speaks, and whose turn each of its values is."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from advisor.ingest.homemade.joined import Turns, find_session, order_of
from advisor.ingest.homemade.names import (
    BOTS,
    OF_MODELS,
    Hint,
    hints_of,
    is_made,
    plain_name,
    plain_words,
    words_of,
)
from advisor.ingest.homemade.origin import are_people, take_turns
from advisor.ingest.homemade.profile import Column, Kind, is_prose
from advisor.ingest.homemade.roles import ANYBODY, NAME_CHARS, OFF, ON, known_role, role_of
from advisor.ingest.messages.request import ROLES
from advisor.ingest.records.columns import SYNONYMS, pick
from advisor.types import Json

_MOST_SPEAKERS = 40
_FEWEST_CHANGES, _NEARLY_ALL = 0.7, 0.9
"""Shares of turns after which the other speaks."""
_FEW_NAMES = 0.5
_FEWEST_ROWS = 4
_BOTH_SIDES = 3.0
"""Points of a column with values for users and for assistants."""
_OF_ANYTHING = frozenset({"source", "type", "kind", "origin", "from", "direction", "side", "typ", "tipo", "тип"})
"""Words for who speaks that other columns have as well."""
PERSON = "person"
"""One of the staff, who answers beside a bot."""
_EVENTS = plain_words("""event events activity note notes info notification status survey log action internal typing
    template ereignis notiz evento nota evenement""")
"""Words for rows of a chat that nobody of it says."""
EVENT = "event"
_CHATWOOT = {
    "contact": "user", "user": PERSON, "agentbot": "assistant", "agent_bot": "assistant",
    "captain::assistant": "assistant", "captain_assistant": "assistant",
}  # fmt: skip
"""Its ``sender_type`` in the table ``messages``, and the type of a sender in its API: a user is one of the staff."""
_FOR_STAFF = dict.fromkeys(
    ("private", "is_private", "internal", "is_internal", "internal_note", "is_internal_note", "is_note"), ON
) | dict.fromkeys(("public", "is_public", "jsd_public"), OFF)
"""Flags of notes that the staff keep among themselves, as help desks have them, and what such a note says there."""
_TYPES = frozenset({"type", "kind", "visibility", "comment_type", "message_type", "part_type"})
_NOTES = frozenset({
    "note", "notes", "internal", "private", "internal_note", "private_note", "internal note", "private note",
    "internal_comment",
})  # fmt: skip
_OF_CHANNELS = frozenset({
    "bot_add", "bot_remove", "pinned_item", "unpinned_item", "reminder_add", "joiner_notification",
    *(f"{place}_{event}" for place in ("channel", "group") for event in (
        "join", "leave", "topic", "purpose", "name", "archive", "unarchive", "posting_permissions",
    )),
})  # fmt: skip
"""Slack's ``subtype`` of what happens to a channel."""
_Marks = tuple[str, frozenset[str]]
_OF_CLASSES = frozenset({"category", "kategorie", "categoria", "intent", "sentiment", "topic", "class", "priority"})


def find_turns(records: Sequence[dict[str, Json]], columns: Sequence[Column]) -> Turns | None:
    """How the turns are to be read; None where no column tells who speaks."""
    found = [
        (points, -column.place, column, roles)
        for column in columns
        if (told := roles_of(column, records) or _by_presence(column, columns, records)) is not None
        for points, roles in [told]
    ]
    if not found:
        return None
    points, _, speaker, roles = max(found, key=lambda each: each[:2])
    text = max((column for column in columns if column.path != speaker.path), key=_text_points, default=None)
    if text is None or _text_points(text) <= 0:
        return None
    is_one_side = not {Hint.PROMPT, Hint.ANSWER}.isdisjoint(hints_of(text.leaf))
    if is_one_side and points < _BOTH_SIDES:
        return None
    turns = Turns(
        speaker.path,
        text.path,
        roles,
        order=order_of(columns, [role_of(pick(record, speaker.path), roles) for record in records]),
        is_sure=points >= 2 and not is_one_side and not are_people(roles, columns),
    )
    return find_session(turns._replace(unsaid=_unsaid(turns, records, columns)), records, columns)


def turns_by(records: Sequence[dict[str, Json]], columns: Sequence[Column], speaker: str, text: str) -> Turns | None:
    """The turns of a table of which a person said what tells who speaks; None where its values don't tell."""
    column = next((column for column in columns if column.path == speaker), None)
    told = roles_of(column, records, is_told=True) if column else None
    if told is None:
        return None
    sides = [role_of(pick(record, speaker), told[1]) for record in records]
    turns = Turns(speaker, text, told[1], order=order_of(columns, sides))
    return turns._replace(unsaid=_unsaid(turns, records, columns))


def _unsaid(turns: Turns, records: Sequence[dict[str, Json]], columns: Sequence[Column]) -> _Marks | None:
    """What marks notes, which users don't write and which stand beside answers, or what happens to a channel."""
    found: list[tuple[bool, str, frozenset[str]]] = []
    for column in columns:
        name = plain_name(column.leaf)
        marks = _FOR_STAFF.get(name) or (_NOTES if name in _TYPES else frozenset())
        if name == "subtype" and any(str(value).lower() in _OF_CHANNELS for value in column.values):
            return column.path, _OF_CHANNELS
        if column.path in (turns.speaker, turns.text) or not marks:
            continue
        sides: dict[bool, dict[str, set[int]]] = {True: defaultdict(set), False: defaultdict(set)}
        asked = 0
        for at, record in enumerate(records):
            role = role_of(pick(record, turns.speaker), turns.roles)
            asked = at if role == "user" else asked
            sides[str(pick(record, column.path)).strip().lower() in marks][role].add(asked)
        noted, said = sides[True], sides[False]
        is_beside = 4 * len(noted["assistant"] & said["assistant"]) >= len(noted["assistant"])
        if is_beside and not noted["user"] and (said["assistant"] or said[PERSON]):
            found.append((any(noted.values()), column.path, marks))
    return max(found, key=lambda each: each[0])[1:] if found else None


def is_about(column: Column, *, is_named: bool) -> bool:
    """Whether these tell of a chat beside them and aren't its answers: a summary, or who answered: ``Admin User``.

    ``is_named``: by its name the column holds answers.
    """
    hints = hints_of(column.leaf)
    if not is_named and Hint.BOT not in hints:
        return True
    return not {Hint.ANSWER, Hint.TEXT} & hints and column.length < NAME_CHARS and column.distinct < _FEW_NAMES


def roles_of(
    column: Column, records: Sequence[dict[str, Json]], *, is_told: bool = False
) -> tuple[float, dict[str, str]] | None:
    """Points of a column as the one that tells who speaks, and whose its values are; ``is_told``: it does."""
    values = _speaking(column, records)
    if not 2 <= len(values) <= _MOST_SPEAKERS or max(map(len, values)) > NAME_CHARS:
        return None
    found = _at_help_desk(column, records, values) or _by_values(column, records, values, is_told=is_told)
    if found and not is_told and plain_name(column.leaf) in SYNONYMS["answer"]:  # a classifier's, unless in turns
        bots = [value for value, role in found[1].items() if role == "assistant"]
        return found if _answers_in_turn(column, bots) or take_turns(records, column.path, bots) else None
    return found


def _at_help_desk(
    column: Column, records: Sequence[dict[str, Json]], values: Iterable[str]
) -> tuple[float, dict[str, str]] | None:
    """Of Chatwoot's types of senders, a bot of which answers contacts; without one people talk (see are_people)."""
    if "contact" not in values or not _CHATWOOT.keys() >= {*values} or Hint.SPEAKER not in hints_of(column.path):
        return None
    said = [str(pick(record, column.path)).strip().lower() for record in records]
    asked = Counter(one for one, other in pairwise(said) if _CHATWOOT.get(other) == "assistant")
    if asked["user"] > asked["contact"]:
        return None
    staff = {} if {*values} - {"contact", "user"} else {"user": "assistant"}
    return _BOTH_SIDES + 1, _CHATWOOT | staff | dict.fromkeys(("none", ""), EVENT)


def _by_values(
    column: Column, records: Sequence[dict[str, Json]], values: Counter[str], *, is_told: bool
) -> tuple[float, dict[str, str]] | None:
    known = _with_people({value: role for value in values if (role := known_role(value))}, values)
    is_odd = (
        (Hint.EXPECTED in hints_of(column.leaf) and Hint.SPEAKER not in hints_of(column.path))  # Role.Label
        or not {Hint.DURATION, Hint.TOKENS}.isdisjoint(hints_of(column.leaf))
        or is_made(column.leaf)
        or not _OF_CLASSES.isdisjoint(words_of(column.leaf))
        or column.filled < 0.9
        or column.questions > 0
        or (column.distinct > 0.6 and not values.keys() <= (known if len(column.values) == 2 else ROLES).keys())
    )
    if not is_told and (is_odd or column.kind not in (Kind.TEXT, Kind.ID, Kind.FLAG, Kind.NUMBER)):
        return None
    hints = hints_of(column.path)
    own = frozenset[Hint]().union(*(hints_of(word) for word in words_of(column.path) if word not in _OF_ANYTHING))
    is_speaker = bool({Hint.SPEAKER, Hint.USER, Hint.BOT} & own) and plain_name(column.leaf) not in SYNONYMS["model"]
    is_named = is_told or (is_speaker and Hint.ID not in hints)
    if set(values) <= ON | OFF:
        if not is_told and not all(map(_is_of_flag, words_of(column.leaf))):  # llm_verdict
            return None
        if flagged := _flag(column, values):
            return flagged
    both = {"user", "assistant"} & set(known.values())
    if len(both) == 2:
        known |= {value: EVENT for value in values if value not in known and _EVENTS & set(words_of(value))}
    share = sum(values[value] for value in known) / values.total()
    if len(both) == 2 and share >= 0.9:
        return _BOTH_SIDES + is_named, known
    if len(both) == 2:
        return (1.0, with_others(column.path, records, known)) if is_named and share >= _FEW_NAMES else None
    are_named = all("@" in value for value in values if value not in known) or _answers_in_turn(column, known)
    if (
        both == {"assistant"} and (is_named or are_named) and known.keys() != values.keys()
    ):  # the others are people, by their names
        return 2.5, {value: known.get(value, "user") for value in values} | {ANYBODY: "user"}
    if len(values) != 2:
        return None
    known = {} if len(known) == 2 else known  # two users, or a and b
    says_role = any(role == "user" or len(value) > 1 for value, role in known.items())
    fewest = _FEWEST_CHANGES if is_told or is_speaker else _NEARLY_ALL
    return _by_order(column, records, known, is_known=is_told or is_speaker or says_role, fewest=fewest)


def _speaking(column: Column, records: Sequence[dict[str, Json]]) -> Counter[str]:
    """How often each value stands there, without those that never have a sentence beside them, as events have none."""
    values = Counter(str(value).strip().lower() for value in column.values)
    said = {
        str(pick(record, column.path)).strip().lower()
        for record in records
        if any(isinstance(cell, str) and is_prose(cell) for cell in record.values())
    }
    return Counter({value: many for value, many in values.items() if value in said or known_role(value)}) or values


def _by_presence(
    column: Column, columns: Sequence[Column], records: Sequence[dict[str, Json]]
) -> tuple[float, dict[str, str]] | None:
    """Of a bot's id or name, which stands in the bot's rows only, as another name or id does in all others."""
    values = {str(value).strip().lower() for value in column.values}
    is_bots = not BOTS.isdisjoint(words_of(column.leaf)) and len(values) <= _FEWEST_ROWS and column.prose == 0
    if not is_bots or column.kind not in (Kind.ID, Kind.TEXT) or max(map(len, values), default=0) > NAME_CHARS:
        return None
    are_here = [pick(record, column.path) not in (None, "") for record in records]
    are_others = any(
        [pick(record, other.path) in (None, "") for record in records] == are_here
        for other in columns
        if other.filled < 1 and other.path != column.path and other.prose < _FEW_NAMES
    )
    if not are_others or min(sum(are_here), len(are_here) - sum(are_here)) < _FEWEST_ROWS / 2:
        return None
    return 2.5, dict.fromkeys(("none", ""), "user") | dict.fromkeys(values, "assistant")


def _answers_in_turn(column: Column, bots: Collection[str]) -> bool:
    """Whether one of several speaks after each other one."""
    said = [str(value).strip().lower() in bots for value in column.values]
    changes = sum(one is not other for one, other in pairwise(said))
    return len(said) >= _FEWEST_ROWS and changes >= _NEARLY_ALL * (len(said) - 1)


def _with_people(known: dict[str, str], values: Iterable[str]) -> dict[str, str]:
    """The staff told from the bot, where both speak beside a user."""
    bots = {value for value, role in known.items() if role == "assistant" and set(words_of(value)) & OF_MODELS}
    staff = {value for value in values if Hint.BOT in hints_of(value)} - bots
    if not bots or "user" not in known.values() or any(known.get(value) == "user" for value in staff):
        return known
    return known | dict.fromkeys(staff, PERSON)


def with_others(path: str, records: Sequence[dict[str, Json]], known: dict[str, str]) -> dict[str, str]:
    """Names beside both sides: of users where the assistant mostly speaks after them, else of the staff."""
    said = [str(pick(record, path)).strip().lower() for record in records]
    asked = Counter(one for one, other in pairwise(said) if known.get(other) == "assistant")
    others = {name: many for name, many in Counter(said).items() if name not in known}
    return known | {name: "user" if 2 * asked[name] > many else PERSON for name, many in others.items()}


def _flag(column: Column, values: Counter[str]) -> tuple[float, dict[str, str]] | None:
    hints, words = hints_of(column.leaf), {*plain_name(column.leaf).split("_")}
    is_bot = bool({Hint.BOT, Hint.ANSWER} & hints)
    is_user = bool({Hint.USER, Hint.PROMPT} & hints) or "incoming" in words
    if is_bot is is_user or len(values) != 2 or words & {"me", "mine"}:  # the user as often as the company exported it
        return None
    on, off = ("assistant", "user") if is_bot else ("user", "assistant")
    return 2.5, {value: on if value in ON else off for value in values}


def _is_of_flag(word: str) -> bool:
    return bool(hints_of(word)) or word in ("by", "was", "incoming")


def _by_order(
    column: Column, records: Sequence[dict[str, Json]], known: dict[str, str], *, is_known: bool, fewest: float
) -> tuple[float, dict[str, str]] | None:
    """Two that take turns: the first who speaks asks. Without a name that says so it is only a guess."""
    said = [str(pick(record, column.path)).strip().lower() for record in records]
    changes = sum(one != other for one, other in pairwise(said))
    if len(said) < _FEWEST_ROWS or changes < fewest * (len(said) - 1):
        return None
    first = next((value for value, role in known.items() if role == "user"), said[0])
    if known.get(said[0]) == "assistant":
        first = next(value for value in said if value != said[0])
    return 2.0 if is_known else 1.0, {value: "user" if value == first else "assistant" for value in set(said)}


def _text_points(column: Column) -> float:
    if column.kind is not Kind.TEXT:
        return 0.0
    hints, plain = hints_of(column.leaf), plain_name(column.leaf)
    if {Hint.ID, Hint.TOKENS} & hints:
        return 0.0
    named = 2.0 * (Hint.TEXT in hints) + (plain in SYNONYMS["prompt"]) - 2.5 * (Hint.ABOUT in hints)
    is_repeated = len(column.values) > 4 and column.distinct < 0.3
    return named + 2 * column.prose + min(1.0, column.length / 100) - 2 * is_repeated
