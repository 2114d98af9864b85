"""What the records of a home-made log are, found out from the first of them: one row a call, or one row a turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from itertools import product

from advisor.ingest.homemade.facts import find_facts
from advisor.ingest.homemade.joined import (
    Turns,
    are_apart,
    begun_by_answers,
    find_session,
    id_of_both,
    order_of,
)
from advisor.ingest.homemade.names import Hint, hints_of, model_in, names_model, plain_name, plain_words
from advisor.ingest.homemade.numbered import Abreast
from advisor.ingest.homemade.origin import METERS, is_for_machines, is_of_a_model, is_written_by_people, marks_turns
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.homemade.prompt_strings import holds, whole_prompt, without_templates
from advisor.ingest.homemade.right import is_right_by_name, right_answers, without_sides
from advisor.ingest.homemade.speakers import find_turns, is_about
from advisor.ingest.homemade.texts import (
    STRONG,
    answer_name,
    answer_points,
    is_answered_within,
    is_of_several,
    is_of_system,
    is_tied,
    is_worded,
    is_written,
    prompt_name,
    prompt_points,
    system_prompts,
)
from advisor.ingest.homemade.turn_lists import as_messages, text_of
from advisor.ingest.records.columns import HISTORIES
from advisor.ingest.values.json_text import at, list_in
from advisor.types import Json

_GAP = 1.0
"""Points by which a column that only its values tell has to be ahead of the next."""
_SURE = 4.0
"""Points of the name of an answer that the right one's name stands in."""
_NEARLY_ALL, _MOSTLY = 0.9, 0.5
_MUCH_LONGER = 2.0
_ASKING = 0.25
"""The share of questions from which a column without a name is taken for prompts."""
_OF_SEARCHES = plain_words("clicked clicks click ctr impressions hits results result_count num_results 点击 クリック数")


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
    abreast: Abreast | None = None
    """Where the turns of a conversation stand side by side in one row."""
    models: dict[str, str] = field(default_factory=dict)
    """Where one row has the answers of several models: their columns, to what the names call the models."""
    joined: str | None = None
    """Where prompt and answer stand in rows of their own: the path of the id that both have."""
    is_sure: bool = True

    def within(self, path: str, name: str | None) -> "Layout":
        """The same for records that hold such rows in a list."""
        return replace(self, lists=((path, name), *self.lists))


def find_layout(records: Sequence[dict[str, Json]]) -> Layout | None:
    """What the records are; None where no column looks like a prompt."""
    columns = without_templates(profile(records))
    turns = find_turns(records, columns)
    calls = _find_calls([column for column in columns if turns is None or column.path != turns.speaker])
    texts = [path for role in ("prompt", "answer") if calls and (path := calls.columns.get(role))]
    is_spoken = turns is not None and turns.is_sure and calls and calls.because.get("answer") is not Because.NAME
    if calls and len(texts) == 2 and not is_spoken and are_apart(records, *texts):
        by = id_of_both(records, columns, *texts)
        said = Turns("", texts[0], {}, session=by, answer=texts[1], order=order_of(columns))
        said = said if by else find_session(said, records, columns)
        share = begun_by_answers(records, said, calls.columns.get("time", ""))
        if share > _MOSTLY and Because.NAME not in calls.because.values():
            calls = replace(calls, columns=calls.columns | {"prompt": texts[1], "answer": texts[0]})
            said, share = said._replace(text=texts[1], answer=texts[0]), 1 - share
        is_sure = bool(said.session) and (calls.is_sure or share <= 1 - _NEARLY_ALL)
        return replace(calls, joined=by, turns=said if said.session and not by else None, is_sure=is_sure)
    if turns is None or (calls is not None and _is_answered(records, columns, calls, turns)):
        return calls
    if not turns.is_sure and calls is not None and not {"answer", "messages"}.isdisjoint(calls.columns):
        return calls
    system = system_prompts([*filter(is_worded, columns)], (turns.text, turns.speaker))
    spoken = {"prompt": turns.text} | ({"system": system} if system else {})
    facts = find_facts(columns, (*spoken.values(), turns.speaker))
    return Layout(columns=spoken | facts, turns=turns, is_sure=turns.is_sure)


def find_parts(columns: Sequence[Column]) -> dict[str, str]:
    """Role to path where no prompt is found: an answer by its name, and what is known about the call."""
    named = [(answer_name(column), -column.place, column.path) for column in columns if answer_points(column)]
    best = max(named, default=(0.0, 0, ""))
    texts = {"answer": best[2]} if best[0] >= STRONG else {}
    return texts | find_facts(columns, texts.values())


def _is_answered(records: Sequence[dict[str, Json]], columns: Sequence[Column], calls: Layout, turns: Turns) -> bool:
    """Whether prompt and answer have names that say so and stand in the same rows, as in no table of turns."""
    by_path = {column.path: column for column in columns}
    prompt = by_path[calls.columns.get("prompt") or calls.columns["messages"]]
    answer = by_path.get(calls.columns.get("answer", ""))
    metered = [by_path[path] for role, path in calls.columns.items() if role in METERS and path in by_path]
    if answer is None or marks_turns(answer, metered, records, turns):
        return False
    if answer_name(answer) > STRONG or is_written(answer):
        return min(answer.filled, prompt.filled) >= _NEARLY_ALL
    is_named = min(prompt_name(prompt), answer_name(answer)) >= STRONG
    return is_named and answer.filled >= 0.5 * prompt.filled


def _find_calls(columns: Sequence[Column]) -> Layout | None:
    asking = {column.path: points for column in columns if (points := prompt_points(column)) is not None}
    by_path = {column.path: column for column in columns}
    chats = [by for by in columns if by.kind is Kind.MESSAGES and by.path in asking]
    asking = {path: points for path, points in asking.items() if not any(_is_in(by_path[path], by) for by in chats)}
    system = system_prompts(columns, ()) or ""
    if len(asking) > 1:
        asking.pop(system, None)
    if any(by.kind is not Kind.MESSAGES and asking.get(by.path, (0,))[0] >= STRONG for by in columns):
        asking = {path: points for path, points in asking.items() if path not in _histories(columns)}
    answering = {
        column.path: points
        for column in columns
        if (points := answer_points(column)) is not None and (column.path != system or column.distinct > _MOSTLY)
    }
    if not any(points[0] >= STRONG and by_path[path].prose > 0 for path, points in answering.items()):
        asking = {path: points for path, points in asking.items() if not is_for_machines(by_path[path])}
    rights = without_sides(right_answers(columns), {path: points[0] for path, points in asking.items()})
    asking = {path: points for path, points in asking.items() if path not in rights.values()}
    answering = {path: points for path, points in answering.items() if path not in rights.values()} | {
        path: (_SURE, 0.0) for path in rights
    }
    asked = [by_path[path] for path, points in asking.items() if points[0] >= STRONG]
    own = {
        path: points
        for path, points in answering.items()
        if not any(each.path != path and each.values == by_path[path].values for each in asked)
    }  # a server repeats what it was asked
    answering = own if any(points[0] >= STRONG for points in own.values()) else answering
    pairs = [
        (_pair_points(by_path[one], by_path[other]) + sum(asking[one]) + sum(answering[other]), one, other)
        for one, other in product(asking, answering)
        if one != other and not one.startswith(f"{other}.")
    ]
    if not pairs:
        return _prompt_alone(columns, asking)
    pairs.sort(key=lambda pair: (-pair[0], by_path[pair[1]].place, by_path[pair[2]].place))
    _, prompt, answer = pairs[0]
    if (
        by_path[prompt].kind is Kind.MESSAGES
        and is_about(by_path[answer], is_named=answering[answer][0] > STRONG)
        and is_answered_within(by_path[prompt])
    ):
        return _layout(columns, prompt, None, is_sure=True)  # a summary of a chat is nobody's answer
    answer = min(_alike(by_path[answer], by_path, answering), key=lambda path: by_path[path].place)
    models = {path: model_in(path) for path in answering if names_model(path)}
    if answer in models and 1 < len(set(models.values())) == len(models) and asking[prompt][0] >= STRONG:
        return replace(_layout(columns, prompt, answer, is_sure=True), models=models)
    named = [by_path[path] for path in answering if answering[path][0] >= STRONG]
    if is_of_several(by_path[answer], named) or (answer not in rights and is_tied(by_path[answer], named)):
        return _layout(columns, prompt, answer, is_sure=False)
    if max(asking[prompt][0], answering[answer][0]) < STRONG and not _reads_like_calls(columns, prompt, answer):
        alone = _prompt_alone(columns, asking)
        return alone if alone and alone.is_sure else _layout(columns, prompt, answer, is_sure=False)
    next_prompt = next((pair[0] for pair in pairs if pair[1] != prompt), float("-inf"))
    next_answer = next((pair[0] for pair in pairs if pair[2] != answer), float("-inf"))
    is_long = asking[prompt][0] >= STRONG and all(
        by_path[answer].length >= _MUCH_LONGER * by_path[path].length
        for path in answering
        if path not in (answer, prompt)
    )
    is_sure = (asking[prompt][0] >= STRONG or pairs[0][0] - next_prompt >= _GAP) and (
        answering[answer][0] >= STRONG
        or pairs[0][0] - next_answer >= _GAP
        or (is_long and "latency" in find_facts(columns, ()))
    )
    if answering[answer][0] < STRONG and not is_sure and asking[prompt][0] >= STRONG:
        return _layout(columns, prompt, answer, is_sure=False)
    return _layout(columns, prompt, answer, is_sure=is_sure or max(len(asking), len(answering)) == 1)


def _is_in(prompt: Column, chat: Column) -> bool:
    """Whether the prompts stand in the chats beside them, before an answer: the first ones of a conversation."""
    is_answered = prompt.kind is Kind.TEXT and is_answered_within(chat) and prompt.filled == chat.filled
    return is_answered and all(
        any(text_of(at(message, "content")) == text for message in as_messages(list_in(cell) or cell, chat.path) or ())
        for text, cell in zip(prompt.values, chat.values, strict=True)
    )


def _alike(answer: Column, columns: dict[str, Column], answering: dict[str, tuple[float, float]]) -> list[str]:
    """The answers of several models to one prompt, in columns with names that say as much: the first is taken."""
    points = answering[answer.path][0]
    same = [path for path, (name, _) in answering.items() if name == points >= STRONG]
    return [path for path in same if columns[path].kind is answer.kind] or [answer.path]


def _prompt_alone(columns: Sequence[Column], asking: dict[str, tuple[float, float]]) -> Layout | None:
    best = max(asking, key=lambda path: sum(asking[path]), default=None)
    if best is None or asking[best][0] <= 0:
        return None
    is_searched = any(plain_name(column.leaf) in _OF_SEARCHES for column in columns)
    text = next(column for column in columns if column.path == best)
    is_unsure = is_searched or _may_be_turns(columns, text) or is_written_by_people(columns, text)
    return _layout(columns, best, None, is_sure=asking[best][0] >= STRONG and not is_unsure)


def _may_be_turns(columns: Sequence[Column], text: Column) -> bool:
    """Whether texts without a side may be of both, or of something else: nothing but a model beside them shows it."""
    if text.kind is Kind.MESSAGES or {Hint.PROMPT, Hint.USER} & hints_of(text.path):
        return False
    return "model" not in find_facts(columns, (text.path,)) or any(
        {Hint.SESSION, Hint.SPEAKER, Hint.USER, Hint.BOT} & hints_of(column.leaf)
        for column in columns
        if column.path != text.path and column.kind is not Kind.EMPTY
    )


def _layout(columns: Sequence[Column], prompt: str, answer: str | None, *, is_sure: bool) -> Layout:
    prompt = prompt if _histories(columns) else whole_prompt(columns, prompt, answer)
    texts = {"prompt": prompt} | ({"answer": answer} if answer else {})
    by_path = {column.path: column for column in columns}
    if by_path[prompt].kind is Kind.MESSAGES:
        texts = {"messages": texts.pop("prompt")} | texts
    elif histories := _histories(columns):
        texts["messages"] = histories[0]
    if (system := system_prompts(columns, texts.values())) and not holds(by_path[prompt], by_path[system]):
        texts["system"] = system
    because = {
        role: Because.NAME
        if (prompt_name if role != "answer" else answer_name)(by_path[path]) >= STRONG
        else Because.QUESTIONS
        if role != "answer" and by_path[path].questions >= _ASKING
        else Because.LONGEST
        if by_path[path].length == max(column.length for column in columns)
        else Because.ONLY_TEXT
        for role, path in texts.items()
        if role in ("prompt", "messages", "answer")
    }
    facts = find_facts(columns, texts.values())
    if (right := right_answers(columns).get(answer or "")) and right != prompt:
        facts["target"] = right
        is_sure = is_sure and is_right_by_name(by_path[right], by_path[answer or ""])
    is_sure = is_sure and not (is_of_system(by_path[prompt]) and any(column.kind is Kind.LIST for column in columns))
    is_models = answer is None or is_of_a_model(columns, by_path[prompt], by_path[answer], facts)
    return Layout(columns=texts | facts, because=because, is_sure=is_sure and is_models)


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
        for column in (each for each in columns if Hint.SYSTEM not in hints_of(each.parent))
        if (column.kind in (Kind.MESSAGES, Kind.LIST) and answer_name(column) < STRONG and is_answered_within(column))
        or (plain_name(column.leaf) in HISTORIES and any(map(list_in, column.values)))
    ]
