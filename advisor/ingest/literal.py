"""Python values as data frames print them: literals, arrays, times and missing values. Nothing is ever run."""

import ast
import re
from typing import Any

from advisor.types import Json

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


def read_literal(text: str) -> Json:
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
