"""Values inside text: JSON, or python literals as data frames print them. Nothing is ever run."""

import ast
import json
import re
from typing import Any

import orjson

from advisor.ingest.values.storable import HALF_EMOJI, plain
from advisor.ingest.values.typed import untyped
from advisor.types import Json

_OPENERS = ("{", "[", '"', "array(")
_LITERAL_LIMIT = 2_000_000
_MISSING = frozenset({"None", "nan", "NaN", "NaT", "null"})
_WORDS = {"true": True, "false": False}
_WRAPPERS = frozenset({
    "array", "list", "tuple", "set", "frozenset", "dict", "OrderedDict", "defaultdict", "Timestamp", "UUID", "Decimal",
    "Path", "PosixPath", "float64", "float32", "int64", "int32", "bool_", "str_",
})  # fmt: skip
"""Calls whose value is that of one argument."""
_CLOCKS = frozenset({"datetime", "date"})
_NO_COMMA = re.compile(r"(?<=[}\])])\s*\n\s*(?=[{\[(]|array\()")
"""numpy parts the elements of an array by a line end; inside a printed text a line end is always escaped."""


def decode(value: Json) -> Json:
    """The value inside a text cell: JSON (also JSON within JSON, or with doubled quotes) or a python literal.

    Text that is neither is returned as it is.
    """
    while isinstance(value, str) and value.lstrip().startswith(_OPENERS):
        inner = _decode_once(value)
        if inner is None:
            break
        value = inner
    return value


def _decode_once(text: str) -> Json:
    try:
        return untyped(orjson.loads(text))
    except orjson.JSONDecodeError:
        pass
    if HALF_EMOJI.search(text):  # orjson refuses halves of an emoji
        try:
            return plain(json.loads(text))
        except (ValueError, RecursionError):
            pass
    if text.lstrip().startswith('"') or len(text) > _LITERAL_LIMIT:
        return None
    if '""' in text:
        try:
            return orjson.loads(text.replace('""', '"'))
        except orjson.JSONDecodeError:
            pass
    try:
        literal = _read_literal(text)
    except (ValueError, RecursionError, TypeError):
        return None
    return plain(literal) if isinstance(literal, dict | list) else None


def object_in(value: Json) -> dict[str, Json]:
    """The object that the value is, or is in text; empty where it is none."""
    return as_object(decode(value))


def as_object(value: Json) -> dict[str, Json]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def list_in(value: Json) -> list[Json]:
    """The list that the value is, or is in text; empty where it is none."""
    return as_list(decode(value))


def objects_in(value: Json) -> list[dict[str, Json]]:
    """The objects in a list, which may be in text; what else is in it is left out."""
    return as_objects(decode(value))


def as_objects(value: Json) -> list[dict[str, Json]]:
    """The objects in a list; what else is in it is left out."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def at(value: Json, *path: str) -> Json:
    """The value at a path of an object within objects, or None."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def lone(value: Json) -> Json:
    """The text in a list of one, anything else as it stands."""
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else value


def as_name(value: Json) -> str | None:
    """A text as it stands; None where it is empty or no text."""
    return value if isinstance(value, str) and value else None


def text_in(value: Json) -> str | None:
    """A text or a number as text; None where it is empty or anything else."""
    return str(value).strip() or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def as_text(value: Json) -> str:
    """A text as it stands, anything else as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def written(value: Json) -> str:
    """A text as it stands, anything else as JSON; nothing for null."""
    return "" if value is None else as_text(value)


def _read_literal(text: str) -> Json:
    """The JSON value that a printed python value holds; raises ValueError where it holds anything else.

    Times become ISO 8601 text, missing numbers None, objects such as ``<Span ...>`` a ValueError.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        try:
            tree = ast.parse(_NO_COMMA.sub(", ", text.strip()), mode="eval")
        except (SyntaxError, MemoryError) as error:
            raise ValueError("not a python literal") from error
    except (MemoryError, RecursionError) as error:
        raise ValueError("nested too deeply") from error
    return _value(tree.body)


def _value(node: ast.expr) -> Json:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as constant):
            return constant
        case ast.Constant(value=bytes() as data):
            return data.decode("utf-8", "replace")
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return [_value(element) for element in elements]
        case ast.Dict(keys=keys, values=values):
            return {_key(key): _value(value) for key, value in zip(keys, values, strict=True)}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.UnaryOp(operand=ast.Name()):
            return None
        case ast.Name(id=name) if name in _MISSING:
            return None
        case ast.Name(id=name) if name in _WORDS:
            return _WORDS[name]
        case ast.Call(func=called, args=arguments, keywords=named):
            return _called(_name(called), arguments, named)
    raise ValueError(f"a {type(node).__name__} isn't data")


def _key(node: ast.expr | None) -> str:
    value = _value(node) if node is not None else None
    if isinstance(value, list | dict) or value is None:
        raise ValueError("a key that isn't text")
    return str(value)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _called(name: str, arguments: list[ast.expr], named: list[ast.keyword]) -> Json:
    if name in _CLOCKS:
        return _clock([_value(argument) for argument in arguments], is_local=not named and len(arguments) < 8)
    if name in _WRAPPERS and (arguments or not named):
        value = _value(arguments[-1 if name == "defaultdict" else 0]) if arguments else []
        pairs = name == "OrderedDict" and isinstance(value, list)
        return {str(pair[0]): pair[1] for pair in value} if pairs else value
    if name == "dict":
        return {keyword.arg or "": _value(keyword.value) for keyword in named}
    raise ValueError(f"{name or 'a call'} isn't data")


def _clock(parts: list[Any], *, is_local: bool) -> str:
    """``datetime.datetime(2026, 2, 25, 9, 21, 34, 5, tzinfo=...)``; logs write those in UTC."""
    year, month, day, hour, minute, second, micro = (int(part) for part in [*parts[:7], *[0] * (7 - len(parts))])
    written = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micro:06}"
    return written if is_local else f"{written}+00:00"
