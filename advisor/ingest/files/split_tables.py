"""Prompts in one table of a workbook or a database and their answers in another, put together by the id they share."""

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import orjson

from advisor.errors import BadInput
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.homemade.detection import find_layout, find_parts
from advisor.ingest.homemade.names import Hint, hints_of
from advisor.ingest.homemade.profile import profile
from advisor.types import Json

_LOOKED_AT = 50
_MOST_BYTES = 2**27
"""Of a table of prompts, which is in memory while it is joined."""
Record = dict[str, Json]


def put_together(tables: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """The tables, one of prompts and one of their answers made one, with what a person calls it."""
    try:
        first = {path: list(islice(_records(path), _LOOKED_AT)) for path, _ in tables}
    except BadInput:  # said of the table itself
        return tables
    named = [path for path, label in tables if _names_answers(label, first[path])]
    asking = [path for path in first if path.stat().st_size < _MOST_BYTES and _only_asks(first[path])]
    asking = [path for path in asking if path not in named]
    answering = [path for path in first if path in named or (path not in asking and _only_answers(first[path]))]
    for asked, answered in product(asking, answering):
        prompts = list(_records(asked))
        by = _key(prompts, first[answered], answered)
        if by is not None:
            labels = dict(tables)
            whole = asked.with_name(f"{asked.stem}-{answered.stem}.jsonl")
            _write(whole, prompts, answered, by)
            rest = [(path, label) for path, label in tables if path not in (asked, answered)]
            return [(whole, f"{labels[asked]} + {labels[answered].rpartition('/')[2]}"), *rest]
    return tables


def _records(path: Path) -> Iterator[Record]:
    return (record for _, record in read_rows(path, sniff(path)) if isinstance(record, dict))


def _only_asks(records: list[Record]) -> bool:
    layout = find_layout(records) if records else None
    return layout is not None and layout.turns is None and "prompt" in layout.columns and "answer" not in layout.columns


def _names_answers(label: str, records: list[Record]) -> bool:
    """Whether a table is called ``answers`` and has a ``question_id``, whatever its texts are called."""
    names = next(iter(records), {})
    is_named = Hint.ANSWER in hints_of(label.rpartition("/")[2])
    return is_named and any({Hint.PROMPT, Hint.ID} <= hints_of(name) for name in names)


def _only_answers(records: list[Record]) -> bool:
    layout = find_layout(records) if records else None
    return (layout is None or not layout.is_sure) and "answer" in find_parts(profile(records))


def _key(prompts: list[Record], first: list[Record], answered: Path) -> tuple[str, str] | None:
    """The columns of the id in both tables, None where it isn't plain which they are.

    Each prompt has one of its own, and every answer has that of a prompt.
    """
    ids = {one: values for one in prompts[0] if (values := _ids(prompts, one))}
    found = [
        (one, other)
        for one, other in product(ids, first[0])
        if _may_be(one, other) or (one == "id" and _is_rival(first, other))
    ]
    for answer in _records(answered):
        found = [(one, other) for one, other in found if str(answer.get(other)) in ids[one]]
        if not found:
            return None
    best, *others = sorted(found, key=_rank)
    is_plain = _may_be(*best) and (not others or _rank(best) < _rank(others[0]))
    return best if is_plain else None


def _ids(records: list[Record], name: str) -> set[str]:
    """The values of a column; none where one comes twice."""
    values = [str(record[name]) for record in records if record.get(name) is not None]
    return set(values) if len(set(values)) == len(values) else set()


def _may_be(one: str, other: str) -> bool:
    """Whether the columns have one name, or that of the answers is an id by its name, but not of a user or a model."""
    hints = hints_of(other)
    if one == other or _is_own(other):
        return one in (other, "id") or not {Hint.ANSWER, Hint.PROMPT}.isdisjoint(hints_of(one))
    is_someone = hints != {Hint.ID} and hints <= {Hint.ID, Hint.USER, Hint.BOT, Hint.MODEL}
    return (Hint.ID in hints and not is_someone) or {Hint.ORDER, Hint.PROMPT} <= hints


def _is_own(name: str) -> bool:
    """Whether a column of the answers has the ids of the answers themselves."""
    return name == "id" or (Hint.ANSWER in hints_of(name) and Hint.PROMPT not in hints_of(name))


def _is_rival(answers: list[Record], name: str) -> bool:
    """Whether a column with no name of an id may be one by its values."""
    return Hint.ABOUT not in hints_of(name) and len(_ids(answers, name)) == len(answers)


def _rank(pair: tuple[str, str]) -> tuple[bool, ...]:
    """The less, the surer: two tables that count their own rows have an ``id`` in common by chance."""
    one, other = pair
    is_chance = _is_own(other) and Hint.ANSWER not in hints_of(one)
    return is_chance, not _may_be(one, other), Hint.PROMPT not in hints_of(other), one != other, one != "id"


def _write(path: Path, prompts: list[Record], answered: Path, by: tuple[str, str]) -> None:
    own, other = by
    by_id = {str(record[own]): record for record in prompts if record.get(own) is not None}
    used = set()
    with path.open("xb") as file:
        for answer in _records(answered):
            identity = str(answer[other])
            used.add(identity)
            prompt = by_id[identity]
            ids = {name for name in prompt if name in answer and Hint.ID in hints_of(name)}
            texts = {name for name in prompt if name in answer and name not in ids and Hint.TEXT in hints_of(name)}
            row = answer | {name: value for name, value in prompt.items() if name not in ids | texts}
            row |= {f"prompt {name}": prompt[name] for name in texts}
            row |= {f"answer {name}": row.pop(name) for name in texts}
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE, default=str))
        for prompt in prompts:
            if str(prompt.get(own)) not in used:
                file.write(orjson.dumps(prompt, option=orjson.OPT_APPEND_NEWLINE, default=str))
