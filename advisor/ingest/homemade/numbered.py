"""Records with several turns side by side: ``question_1, answer_1, question_2, answer_2``, or a list for each side."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

from advisor.ingest.homemade.names import Hint, hints_of, last_hint, names_model, plain_name
from advisor.ingest.homemade.profile import is_prose
from advisor.ingest.homemade.roles import known_role
from advisor.ingest.homemade.texts import OTHER_WORK
from advisor.ingest.records.columns import SYNONYMS
from advisor.ingest.values.json_text import list_in, object_in
from advisor.types import Json

_MOST = 30
"""Turns in columns of their own."""
_NUMBER = re.compile(r"\d+(?=\D*$)")
_ORDINALS = (
    "",
    "first|1st|erste[rs]?|premiere?|primer[ao]?|primeir[ao]|prim[ao]|eerste|initial",
    "second|2nd|zweite[rs]?|deuxieme|segund[ao]|second[ao]|tweede|follow_?up|nachfrage",
    "third|3rd|dritte[rs]?|troisieme|tercer[ao]?|terceir[ao]|terz[ao]|derde",
)
_ORDINAL = re.compile(
    f"(?:^|_)(?:{'|'.join(f'(?P<n{number}>{words})' for number, words in enumerate(_ORDINALS) if words)})(?=_|$)"
)
_VERSION = re.compile(r"(?i)(^|[^a-z])v$|version.?$")
_SIDES = {"user": Hint.PROMPT, "assistant": Hint.ANSWER}
_NO_TEXTS = {Hint.ABOUT, Hint.ID, Hint.TOKENS, Hint.DURATION, Hint.TIME, Hint.EXPECTED, Hint.SYSTEM}
_TALKS = frozenset({"data", "turns", "dialog", "dialogue", "conversation", "conversations", "chat", "messages"})
_BOTH = ("human", "reply")
"""What the sides are called, of whom nobody knows whether they are people: what they say has to tell."""
_NAME = re.compile(r"[^\W\d]{2}")
"""What the name of a model has in it, unlike a number or a flag."""
_BATCHES = frozenset({"prompts", "completions", "inputs", "outputs", "generations"})


class Abreast(NamedTuple):
    """Where the turns of a record stand."""

    turns: tuple[dict[str, str], ...] = ()
    """Of each turn: what its columns are called in the first one, to their own names."""
    lists: tuple[str, ...] = ()
    """Or the columns that hold a list each, with an item for every turn."""
    talk: str = ""
    """Or the column of a list with what one side said and the other, in turn."""
    models: tuple[str, ...] = ()
    """Or the columns of an object each, with what each model answered, or took, under its name."""

    def rows(self, record: dict[str, Json]) -> Iterator[dict[str, Json]]:
        """One for each turn that is there, with what stands around them."""
        own = {self.talk, *self.lists, *self.models, *(column for turn in self.turns for column in turn.values())}
        if self.models:
            said = list(self._by_model(record))
        elif self.talk:
            texts = list_in(record.get(self.talk))
            said = [dict(zip(_BOTH, both, strict=True)) for both in zip_longest(texts[::2], texts[1::2])]
        elif self.lists:
            cells = zip_longest(*(list_in(record.get(name)) for name in self.lists))
            said = [dict(zip(self.lists, each, strict=True)) for each in cells]
        else:
            turns = ({name: record.get(column) for name, column in turn.items()} for turn in self.turns)
            said = [told for turn in turns if (told := {k: cell for k, cell in turn.items() if cell not in (None, "")})]
        around = {name: cell for name, cell in record.items() if name not in own}
        if len(said) > 1:
            around = {name: cell for name, cell in around.items() if not adds_up(name)}
        for each in said:
            yield around | each

    def _by_model(self, record: dict[str, Json]) -> Iterator[dict[str, Json]]:
        cells = {name: object_in(record.get(name)) for name in self.models}
        for model in dict.fromkeys(model for cell in cells.values() for model in cell):
            told = {name: cell[model] for name, cell in cells.items() if cell.get(model) not in (None, "")}
            within = [value for value in told.values() if isinstance(value, dict)]
            flat = {name: value for name, value in told.items() if not isinstance(value, dict)}
            if told:
                yield {key: value for inner in within for key, value in inner.items()} | flat | {"model": model}


def find_models(records: Sequence[dict[str, Json]]) -> Abreast | None:
    """Where the answers of several models to one prompt stand side by side, and which models these are."""
    names = list(dict.fromkeys(name for record in records for name in record))
    keyed = tuple(name for name in names if _is_by_model([record.get(name) for record in records]))
    if keyed:
        return Abreast(models=keyed)
    lists = tuple(name for name in names if all(len(list_in(record.get(name))) > 1 for record in records))
    if any(_are_models([item for record in records for item in list_in(record[name])]) for name in lists):
        return Abreast(lists=lists) if _are_even(records, lists) and len(lists) > 1 else None
    marked = {tuple(_parts(name)): name for name in names}
    models = [parts for parts, name in marked.items() if _names_models(name, [each.get(name) for each in records])]
    for place in range(max(map(len, models), default=0)):
        alike = [parts for parts in models if len(parts) == len(models[0]) and len(parts) > place]
        bare = {(*parts[:place], *parts[place + 1 :]) for parts in alike}
        sides = [parts[place] for parts in alike]
        if len(bare) != 1 or len(set(sides)) < 2 or not OTHER_WORK.isdisjoint(sides):
            continue
        families: dict[str, dict[str, str]] = {}
        for parts, name in marked.items():
            for at, part in enumerate(parts):
                if part in sides and all((*parts[:at], side, *parts[at + 1 :]) in marked for side in sides):
                    families.setdefault("_".join([*parts[:at], *parts[at + 1 :]]), {})[part] = name
        if any({Hint.ANSWER, Hint.SESSION, Hint.TEXT} & hints_of(family) for family in families):
            return Abreast(turns=tuple({family: by[side] for family, by in families.items()} for side in sides))
    return None


def _parts(name: str) -> list[str]:
    """The words of a name, numbers apart: ``model1`` is ``model`` and ``1``."""
    return re.sub(r"(?<=[a-z])(?=\d)", "_", plain_name(name)).split("_")


def _names_models(name: str, cells: Sequence[Json]) -> bool:
    said = [cell for cell in cells if cell not in (None, "")]
    return (
        Hint.MODEL in hints_of(name)
        and Hint.ANSWER not in hints_of(name)
        and (
            _are_models(said)
            or (bool(said) and not any(is_prose(str(cell)) or not _NAME.search(str(cell)) for cell in said))
        )
    )


def _are_models(cells: Sequence[Json]) -> bool:
    return bool(cells) and all(isinstance(cell, str) and names_model(cell) for cell in cells)


def _is_by_model(cells: Sequence[Json]) -> bool:
    """Whether these are objects of several models each."""
    objects = [object_in(cell) for cell in cells if cell not in (None, "")]
    return bool(objects) and all(len(each) > 1 and all(map(names_model, each)) for each in objects)


def find_abreast(records: Sequence[dict[str, Json]]) -> Abreast | None:
    """Where turns stand side by side; None where records hold one at most."""
    names = list(dict.fromkeys(name for record in records for name in record))
    families = _families(names)
    sides = {_side(family[min(family)], records): family for family in reversed(families)}
    if {Hint.PROMPT, Hint.ANSWER} <= sides.keys():
        numbers = sorted(sides[Hint.PROMPT].keys() & sides[Hint.ANSWER].keys())
    else:
        numbers = sorted(next((family for side, family in sides.items() if side is Hint.SESSION), {}))
    if len(numbers) > 1 and numbers[0] <= 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        first = numbers[0]
        kept = [family for family in families if first in family]
        others = set(names) - {name for family in kept for name in family.values()}
        if {Hint.PROMPT, Hint.ANSWER} & {_side(name, records) for name in others}:
            return None  # examples, or what was found, beside the call itself
        return Abreast(
            turns=tuple({family[first]: family[number] for family in kept if number in family} for number in numbers)
        )
    lists = [name for name in names if all(_is_of_texts(record.get(name)) for record in records)]
    if len(lists) == 1 and plain_name(lists[0]) in _TALKS and not _has_texts(records, lists[0]):
        return Abreast(talk=lists[0]) if all(len(list_in(record[lists[0]])) % 2 == 0 for record in records) else None
    if any(_are_speakers(item for record in records for item in list_in(record[name])) for name in lists):
        return Abreast(lists=tuple(lists)) if len(lists) == 2 and _are_even(records, lists) else None
    told = {side for name in lists if (side := _side(name, ()))}
    if not _BATCHES.isdisjoint(map(plain_name, lists)):
        return None  # of calls that have nothing to do with each other
    is_several = any(len(list_in(record[name])) > 1 for record in records for name in lists)
    is_both = told == {Hint.PROMPT, Hint.ANSWER} and is_several and _are_even(records, lists)
    return Abreast(lists=tuple(lists)) if is_both else None


def _are_even(records: Sequence[dict[str, Json]], lists: Iterable[str]) -> bool:
    return all(len({len(list_in(record[name])) for name in lists}) == 1 for record in records)


def _are_speakers(items: Iterable[Json]) -> bool:
    """Whether these say who speaks, of both sides."""
    roles = {known_role(str(item)) for item in items}
    return {"user", "assistant"} <= roles and None not in roles


def _has_texts(records: Sequence[dict[str, Json]], name: str) -> bool:
    """Whether anything beside a list is a text."""
    cells = [cell for record in records for key, cell in record.items() if key != name]
    return any(isinstance(cell, dict | list) or (isinstance(cell, str) and is_prose(cell)) for cell in cells)


def adds_up(name: str) -> bool:
    """Whether what a record tells is of all that it holds together: each call of several would count it again."""
    return not {Hint.TOKENS, Hint.DURATION}.isdisjoint(hints_of(name)) or plain_name(name) in SYNONYMS["cost"]


def _families(names: Iterable[str]) -> list[dict[int, str]]:
    """Names that differ in a number, by it; one without a number begins those that have none for the first."""
    found: dict[str, dict[int, str]] = {}
    bare: dict[str, str] = {}
    for name in names:
        number, rest = _numbered(name)
        if number is None:
            bare.setdefault(plain_name(name), name)
        elif number <= _MOST:
            found.setdefault(rest, {}).setdefault(number, name)
    for rest, family in found.items():
        if 0 not in family and 1 not in family and rest in bare:
            family[1] = bare[rest]
    return [family for family in found.values() if len(family) > 1]


def _numbered(name: str) -> tuple[int | None, str]:
    name = unicodedata.normalize("NFKC", name)
    found = _NUMBER.search(name)
    if found and not _VERSION.search(name[: found.start()]):
        return int(found[0]), plain_name(f"{name[: found.start()]} {name[found.end() :]}")
    plain = plain_name(name)
    ordinal = _ORDINAL.search(plain)
    if found or not ordinal or ordinal.lastgroup is None:
        return None, plain
    return int(ordinal.lastgroup[1:]), plain_name(f"{plain[: ordinal.start()]} {plain[ordinal.end() :]}")


def _side(name: str, records: Sequence[Mapping[str, Json]]) -> Hint | None:
    """Whose text a column holds; ``SESSION`` where it is an object with those of both."""
    within = next((cell for record in records if isinstance(cell := record.get(name), dict) and cell), None)
    if within is not None:
        sides = {_side(key, ()) for key in within}
        return Hint.SESSION if sides >= {Hint.PROMPT, Hint.ANSWER} else None
    said = [str(cell) for record in records if (cell := record.get(name)) not in (None, "")]
    if _NO_TEXTS & hints_of(name) or (said and Hint.MODEL in hints_of(name) and not any(map(is_prose, said))):
        return None
    role = known_role(_numbered(name)[1])
    return last_hint(name, (Hint.PROMPT, Hint.ANSWER)) or _SIDES.get(role or "")


def _is_of_texts(value: Json) -> bool:
    items = list_in(value)
    return bool(items) and all(isinstance(item, str) for item in items)
