"""What the records of a home-made log are, found out from the first of them: one row a call, or one row a turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from itertools import product

from advisor.ingest.homemade.facts import find_facts
from advisor.ingest.homemade.names import OF_MODELS, Hint, hints_of, is_generated, last_hint, plain_name, words_of
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.homemade.speakers import Turns, as_messages, find_turns
from advisor.ingest.records.columns import HISTORIES, SYNONYMS
from advisor.ingest.values.json_text import at, list_in
from advisor.types import Json

STRONG = 2.0
"""Points of a name that says by itself what its column is."""
_GAP = 1.0
"""Points by which a column that only its values tell has to be ahead of the next."""
_ASKING = 0.25
"""The share of questions from which a column without a name is taken for prompts."""


class Because(StrEnum):
    """What tells that a column is what it is taken for."""

    NAME = auto()
    QUESTIONS = auto()
    LONGEST = auto()
    ONLY_TEXT = auto()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What the columns of a log are taken for."""

    columns: dict[str, str]
    """Role to path."""
    because: dict[str, Because] = field(default_factory=dict)
    """Of the prompt and the answer."""
    turns: Turns | None = None
    """Where one row is one turn; the prompt's column then holds the text of every turn."""
    lists: tuple[tuple[str, str | None], ...] = ()
    """Where the rows lie within a record: a list's path, in whose elements the next one lies, and what names it."""
    is_sure: bool = True

    def within(self, path: str, name: str | None) -> "Layout":
        """The same for records that hold such rows in a list."""
        return replace(self, lists=((path, name), *self.lists))


def find_layout(records: Sequence[dict[str, Json]]) -> Layout | None:
    """What the records are; None where no column looks like a prompt."""
    columns = profile(records)
    turns = find_turns(records, columns)
    calls = _find_calls([column for column in columns if turns is None or column.path != turns.speaker])
    if turns is None or (calls is not None and _is_answered(columns, calls)):
        return calls
    if not turns.is_sure and calls is not None and "answer" in calls.columns:
        return calls
    facts = find_facts(columns, (turns.text, turns.speaker))
    return Layout(columns={"prompt": turns.text} | facts, turns=turns, is_sure=turns.is_sure)


def find_parts(columns: Sequence[Column]) -> dict[str, str]:
    """Role to path where no prompt is found: an answer by its name, and what is known about the call."""
    named = [(_answer_name(column), -column.place, column.path) for column in columns if _answer_points(column)]
    best = max(named, default=(0.0, 0, ""))
    texts = {"answer": best[2]} if best[0] >= STRONG else {}
    return texts | find_facts(columns, texts.values())


def _is_answered(columns: Sequence[Column], calls: Layout) -> bool:
    """Whether prompt and answer have names that say so and stand in the same rows, as in no table of turns."""
    by_path = {column.path: column for column in columns}
    prompt = by_path[calls.columns.get("prompt") or calls.columns["messages"]]
    answer = by_path.get(calls.columns.get("answer", ""))
    if answer is None or _prompt_name(prompt) < STRONG or _answer_name(answer) < STRONG:
        return False
    return answer.filled >= 0.5 * prompt.filled


def _find_calls(columns: Sequence[Column]) -> Layout | None:
    asking = {column.path: points for column in columns if (points := _prompt_points(column)) is not None}
    if any(by.kind is not Kind.MESSAGES and asking.get(by.path, (0,))[0] >= STRONG for by in columns):
        asking = {path: points for path, points in asking.items() if path not in _histories(columns)}
    answering = {column.path: points for column in columns if (points := _answer_points(column)) is not None}
    by_path = {column.path: column for column in columns}
    pairs = [
        (_pair_points(by_path[one], by_path[other]) + sum(asking[one]) + sum(answering[other]), one, other)
        for one, other in product(asking, answering)
        if one != other
    ]
    if not pairs:
        return _prompt_alone(columns, asking)
    pairs.sort(key=lambda pair: (-pair[0], by_path[pair[1]].place, by_path[pair[2]].place))
    _, prompt, answer = pairs[0]
    answer = min(_alike(by_path[answer], by_path, answering), key=lambda path: by_path[path].place)
    if max(asking[prompt][0], answering[answer][0]) < STRONG and not _reads_like_calls(columns, prompt, answer):
        alone = _prompt_alone(columns, asking)
        return alone if alone and alone.is_sure else _layout(columns, prompt, answer, is_sure=False)
    next_prompt = next((pair[0] for pair in pairs if pair[1] != prompt), float("-inf"))
    next_answer = next((pair[0] for pair in pairs if pair[2] != answer), float("-inf"))
    is_sure = (asking[prompt][0] >= STRONG or pairs[0][0] - next_prompt >= _GAP) and (
        answering[answer][0] >= STRONG or pairs[0][0] - next_answer >= _GAP
    )
    if answering[answer][0] < STRONG and not is_sure and asking[prompt][0] >= STRONG:
        return _layout(columns, prompt, answer, is_sure=False)
    return _layout(columns, prompt, answer, is_sure=is_sure or max(len(asking), len(answering)) == 1)


def _alike(answer: Column, columns: dict[str, Column], answering: dict[str, tuple[float, float]]) -> list[str]:
    """The answers of several models to one prompt, in columns with names that say as much: the first is taken."""
    points = answering[answer.path][0]
    same = [path for path, (name, _) in answering.items() if name == points >= STRONG]
    return [path for path in same if columns[path].kind is answer.kind] or [answer.path]


def _prompt_alone(columns: Sequence[Column], asking: dict[str, tuple[float, float]]) -> Layout | None:
    best = max(asking, key=lambda path: sum(asking[path]), default=None)
    if best is None or asking[best][0] <= 0:
        return None
    return _layout(columns, best, None, is_sure=asking[best][0] >= STRONG)


def _layout(columns: Sequence[Column], prompt: str, answer: str | None, *, is_sure: bool) -> Layout:
    texts = {"prompt": prompt} | ({"answer": answer} if answer else {})
    by_path = {column.path: column for column in columns}
    if by_path[prompt].kind is Kind.MESSAGES:
        texts = {"messages": texts.pop("prompt")} | texts
    elif histories := _histories(columns):
        texts["messages"] = histories[0]
    if system := _system(columns, texts.values()):
        texts["system"] = system
    because = {
        role: Because.NAME
        if (_prompt_name if role != "answer" else _answer_name)(by_path[path]) >= STRONG
        else Because.QUESTIONS
        if role != "answer" and by_path[path].questions >= _ASKING
        else Because.LONGEST
        if by_path[path].length == max(column.length for column in columns)
        else Because.ONLY_TEXT
        for role, path in texts.items()
        if role in ("prompt", "messages", "answer")
    }
    facts = find_facts(columns, texts.values())
    is_sure = is_sure and (answer is None or _is_of_a_model(by_path[prompt], by_path[answer], facts))
    return Layout(columns=texts | facts, because=because, is_sure=is_sure)


def _is_of_a_model(prompt: Column, answer: Column, facts: Iterable[str]) -> bool:
    """Whether a model may have answered: a text and a reply, without more, are as often of people."""
    hints = hints_of(prompt.path), hints_of(answer.path)
    return (
        prompt.kind is Kind.MESSAGES
        or not {"model", "input_tokens", "output_tokens", "latency"}.isdisjoint(facts)
        or not OF_MODELS.isdisjoint(words_of(prompt.path) + words_of(answer.path))
        or (Hint.PROMPT in hints[0] and (Hint.ANSWER in hints[1] or plain_name(answer.leaf) == "a"))
        or not any(hints)
    )


def _prompt_points(column: Column) -> tuple[float, float] | None:
    """Points of the name and of the values; None for what cannot be prompts."""
    name = _prompt_name(column)
    if column.kind is Kind.MESSAGES:
        return (name, 1.0) if name > 0 else None
    if name < -1.5 or (name <= STRONG and column.prose < 0.2) or _is_measure(column):
        return None
    if column.kind is not Kind.TEXT and (
        name <= STRONG or column.kind in (Kind.TIME, Kind.OTHER, Kind.OBJECT, Kind.LIST)
    ):
        return None
    is_repeated = len(column.values) > 4 and column.distinct < 0.3
    return name, 1.5 * column.prose + min(1.0, 2 * column.questions) - 1.5 * is_repeated


def _prompt_name(column: Column) -> float:
    plain, hints = plain_name(column.leaf), hints_of(column.name)
    leaf = hints_of(column.leaf)
    if column.kind is Kind.MESSAGES:
        usual = (*SYNONYMS["messages"], *SYNONYMS["prompt"])
        return 3.0 if plain in usual else 2.0 if not {Hint.ANSWER, Hint.BOT, Hint.EXPECTED} & leaf else 0.0
    if plain in SYNONYMS["prompt"] and not ("." in column.path and Hint.TEXT in leaf):
        return 3.0 - 0.03 * SYNONYMS["prompt"].index(plain) if plain != "user" else 2.0
    if {Hint.ID, Hint.EXPECTED, Hint.SYSTEM, Hint.TOKENS} & leaf:
        return -3.0
    if Hint.ABOUT in leaf:
        return -1.5
    last = last_hint(column.name, (Hint.PROMPT, Hint.ANSWER))
    if last is not None:
        return 2.0 if is_generated(column.leaf) else 3.0 - 0.5 * (Hint.BOT in leaf) if last is Hint.PROMPT else -2.0
    if _goes(column, "in"):
        return 2.5
    if Hint.BOT in hints:
        return -2.0
    return 2.0 * (Hint.USER in hints) + 1.0 * (Hint.TEXT in hints)


def _is_measure(column: Column) -> bool:
    """Whether this is how long something took, or how many tokens it has."""
    measures = {Hint.TIME, Hint.DURATION, Hint.TOKENS, Hint.ORDER}
    return column.kind in (Kind.NUMBER, Kind.EMPTY) and bool(measures & hints_of(column.leaf))


def _answer_points(column: Column) -> tuple[float, float] | None:
    name = _answer_name(column)
    if name < -1 or column.kind in (Kind.TIME, Kind.MODEL) or _is_measure(column):
        return None
    if name <= STRONG and (column.kind is not Kind.TEXT or column.prose < 0.2):
        return None
    if column.kind is Kind.LIST:
        return None
    if column.kind is Kind.OBJECT:  # whole, unless a text within it has a name of its own
        return name, -1.0
    is_repeated = len(column.values) > 4 and column.distinct < 0.3 and name < STRONG
    return name, 1.0 * column.prose - 0.5 * column.questions - 1.5 * is_repeated


def _answer_name(column: Column) -> float:
    plain, hints = plain_name(column.leaf), hints_of(column.name)
    leaf = hints_of(column.leaf)
    if plain in (*SYNONYMS["target"], *SYNONYMS["any_of"]):
        return -3.0
    if plain == "a":
        return 2.5
    if plain in SYNONYMS["answer"]:
        return 3.0 - 0.02 * SYNONYMS["answer"].index(plain)
    if {Hint.ID, Hint.EXPECTED, Hint.TOKENS} & leaf:
        return -3.0
    if Hint.ABOUT in leaf:
        return -1.5
    last = last_hint(column.name, (Hint.PROMPT, Hint.ANSWER))
    if last is Hint.PROMPT and is_generated(column.leaf):
        return 2.1
    if last is not None:
        return (3.0 + (Hint.BOT in leaf) - 0.5 * (Hint.USER in leaf)) if last is Hint.ANSWER else -2.0
    if _goes(column, "out"):
        return 2.5
    if Hint.BOT in hints:
        return 2.0 + 1.0 * (Hint.TEXT in hints)
    return -2.0 if Hint.USER in hints else 0.0


def _goes(column: Column, way: str) -> bool:
    """``in``, ``msg_in``: a text that goes this way."""
    *before, last = plain_name(column.leaf).split("_")
    return last == way and (not before or Hint.TEXT in hints_of(column.leaf))


def _pair_points(prompt: Column, answer: Column) -> float:
    """Two columns that go together: in their order, longer answers than prompts, questions before answers."""
    return (
        0.5 * (prompt.place < answer.place)
        + 0.5 * (answer.length > prompt.length)
        + 0.5 * (prompt.questions > answer.questions)
    )


def _reads_like_calls(columns: Sequence[Column], prompt: str, answer: str) -> bool:
    """Two columns of text and no more, of which the first asks."""
    texts = {column.path: column for column in columns if column.kind is Kind.TEXT and column.prose >= 0.3}
    if set(texts) != {prompt, answer}:
        return False
    asks, answers = texts[prompt], texts[answer]
    return asks.place < answers.place and asks.questions >= max(_ASKING, answers.questions + 0.1)


def _histories(columns: Sequence[Column]) -> list[str]:
    """The columns of what was said before the prompt: named so, or conversations that an answer ends."""
    return [
        column.path
        for column in columns
        if (
            column.kind in (Kind.MESSAGES, Kind.LIST)
            and _answer_name(column) < STRONG
            and _ends_answered(list_in(column.values[0]))
        )
        or (plain_name(column.leaf) in HISTORIES and any(map(list_in, column.values)))
    ]


def _ends_answered(turns: Json) -> bool:
    messages = as_messages(turns)
    return messages is not None and at(next(reversed(messages), None), "role") == "assistant"


def _system(columns: Sequence[Column], taken: Iterable[str]) -> str | None:
    used = set(taken)
    for name in SYNONYMS["system"]:
        for column in columns:
            if column.path in used or plain_name(column.leaf) != name:
                continue
            is_context = name == "context"
            if not is_context or (column.kind is Kind.TEXT and (len(column.values) < 4 or column.distinct <= 0.25)):
                return column.path
    return None
