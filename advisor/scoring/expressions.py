"""Conditions in a small safe language, such as ``words <= 80 and contains(text, "regards")``.

It has the names and functions below, comparisons, ``and``/``or``/``not``, ``in``, the arithmetic of numbers, lists and
``json["field"]``. All else is refused when the condition is read: attributes, powers, comprehensions, formatted text.
So nothing can be reached but what is listed, no value grows beyond the answer itself, and a condition ends soon.
"""

import ast
import math
import operator
import time
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import regex  # type: ignore[import-untyped]
from simpleeval import SimpleEval  # type: ignore[import-untyped]

from advisor.scoring.values import read_number
from advisor.types import Json

NAMES = ("text", "words", "characters", "json", "prompt", "tool_calls")
FUNCTIONS = {"len": 1, "lower": 1, "contains": 2, "matches": 2, "number": 1}
"""Name -> how many arguments it takes."""
LONGEST = 500
MOST_PARTS = 100
PATIENCE_S = 0.5
"""For all patterns of one check on one answer together."""
MOST_REPEATED = 100_000
"""The length of a pattern times its counts: a pattern is laid out in full before it is tried."""
_COUNT = regex.compile(r"\{[^{}\d]*+(\d+)")

_PARTS: tuple[type[ast.AST], ...] = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.List, ast.Tuple, ast.Call, ast.Subscript, ast.Slice,
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div,
    ast.Mod, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
    ast.IfExp,
)  # fmt: skip


class BadExpression(ValueError):
    """The condition cannot be used; the message says why in plain words."""


class NoResult(ValueError):
    """The condition has no result for this answer; the message says why in plain words."""


def read_expression(source: str) -> ast.expr:
    """Read a condition without working it out. Raises BadExpression."""
    if not source.strip():
        raise BadExpression("it is empty")
    if len(source) > LONGEST:
        raise BadExpression(f"it is longer than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of \d in plain quotes, which means what was meant
            tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" near character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        raise BadExpression(
            f"it can't be read{where}; an example is: words < 80 and contains(text, 'regards')"
        ) from None
    nodes = list(ast.walk(tree))
    if len(nodes) > MOST_PARTS:
        raise BadExpression("it has too many parts; make several checks of it")
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    for node in nodes:
        _check(node, is_called=id(node) in called)
    return tree.body


def holds(source: str, names: Mapping[str, Json]) -> bool:
    """Whether the condition is true of an answer, given as a value for each of NAMES.

    Raises BadExpression, NoResult where it cannot be worked out for this answer, and TimeoutError.
    """
    evaluator = _Evaluator(names)
    try:
        return bool(evaluator.eval(source, previously_parsed=_parsed(source)))
    except KeyError as error:
        raise NoResult(f"it has no {error.args[0]!r}") from None
    except IndexError:
        raise NoResult("it is shorter than that") from None
    except ZeroDivisionError:
        raise NoResult("it divides by zero") from None
    except NoResult:
        raise
    except (TypeError, ValueError, OverflowError):
        if "json" in source and names.get("json") is None:
            raise NoResult("the answer is not JSON") from None
        raise NoResult("a text, a number or nothing stands where something else is needed") from None
    except RecursionError:
        raise NoResult("the answer is nested too deeply") from None


def read_pattern(pattern: str, longest: int = LONGEST) -> "regex.Pattern[str]":
    """A regular expression of up to ``longest`` characters, ready for use. Raises BadExpression."""
    if not pattern:
        raise BadExpression("the pattern is empty")
    if len(pattern) > longest:
        raise BadExpression(f"the pattern is longer than {longest:,} characters")
    try:
        counts = [max(1, int(count)) for count in _COUNT.findall(pattern)]
        if len(pattern) * math.prod(counts) <= MOST_REPEATED:
            return _compiled(pattern)
    except (regex.error, ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise BadExpression(f"the pattern can't be read: {error}") from None
    raise BadExpression("the pattern repeats too much; write a smaller number between { and }")


def contains(text: Json, part: Json) -> bool:
    """Whether a text has the other in it, whatever the case and the spaces."""
    return " ".join(str(part).casefold().split()) in " ".join(str(text).casefold().split())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern)


@lru_cache(maxsize=256)
def _parsed(source: str) -> ast.expr:
    return read_expression(source)


def _check(node: ast.AST, *, is_called: bool) -> None:
    """Raises BadExpression for a part of a condition that is refused."""
    match node:
        case ast.Attribute(attr=name):
            raise BadExpression(f"write a function such as lower(text), or json[{name!r}], instead of .{name}")
        case ast.Call():
            _check_call(node)
        case ast.Name(id=name) if name not in (FUNCTIONS if is_called else NAMES):
            raise BadExpression(f"{name!r} is not known here; there are {', '.join([*NAMES, *FUNCTIONS])}")
        case ast.Constant(value=value) if value is not None and not isinstance(value, str | int | float):
            raise BadExpression(f"{ast.unparse(node)} can't be used here")
        case _ if not isinstance(node, _PARTS):
            raise BadExpression(f"{_words(node)} can't be used here")


def _check_call(node: ast.Call) -> None:
    """Raises BadExpression."""
    if isinstance(node.func, ast.Attribute):  # refused by itself
        return
    if not isinstance(node.func, ast.Name):
        raise BadExpression("only a function by its name can be called")
    wanted = FUNCTIONS.get(node.func.id)
    if wanted is None:
        raise BadExpression(f"unknown function {node.func.id!r}; use {', '.join(FUNCTIONS)}")
    if node.keywords or any(isinstance(given, ast.Starred) for given in node.args) or len(node.args) != wanted:
        raise BadExpression(f"{node.func.id}(...) takes {wanted} value{'s' if wanted > 1 else ''}")
    if node.func.id == "matches":
        pattern = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        if not isinstance(pattern, str):  # an answer must not bring a pattern of its own
            raise BadExpression("the pattern of matches(...) must stand in quotes")
        if any(ord(char) < 32 for char in pattern):  # \b in plain quotes is a control character
            raise BadExpression("write an r before the quotes of a pattern: matches(text, r'...')")
        read_pattern(pattern)


def _words(node: ast.AST) -> str:
    """What a person wrote, in words."""
    names: dict[type[ast.AST], str] = {
        ast.Pow: "A power (**)",
        ast.JoinedStr: "Formatted text (f'...')",
        ast.Lambda: "A lambda",
        ast.NamedExpr: "An assignment",
        ast.Dict: "A dictionary",
    }
    comprehension = isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
    return "A loop (for ... in)" if comprehension else names.get(type(node), type(node).__name__)


class _Evaluator(SimpleEval):  # type: ignore[misc]
    """The evaluator with our names, functions and operators, and nothing else."""

    def __init__(self, names: Mapping[str, Json]) -> None:
        ends = time.monotonic() + PATIENCE_S
        functions = {
            "len": _length,
            "lower": lambda text: str(text).lower(),
            "contains": contains,
            "matches": lambda text, pattern: _matches(text, pattern, ends - time.monotonic()),
            "number": lambda text: read_number(str(text)),
        }
        super().__init__(
            operators=dict(_OPERATORS), functions=functions, names={name: names.get(name) for name in NAMES}
        )
        self.nodes[ast.List] = self.nodes[ast.Tuple] = lambda node: [self._eval(item) for item in node.elts]


def _length(value: Json) -> int:
    if not isinstance(value, str | list | dict):
        raise NoResult("only a text or a list has a length")
    return len(value)


def _matches(text: Json, pattern: Json, patience_s: float) -> bool:
    if patience_s <= 0:
        raise TimeoutError
    return read_pattern(str(pattern)).search(str(text), timeout=patience_s) is not None


def _of_numbers(act: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Arithmetic of numbers only: texts and lists multiply into gigabytes."""

    def checked(first: Json, second: Json) -> Json:
        if not all(isinstance(value, int | float) for value in (first, second)):
            raise NoResult("arithmetic works only on numbers")
        return act(float(first), float(second))

    return checked


def _negative(value: Json) -> Json:
    if not isinstance(value, int | float):
        raise NoResult("arithmetic works only on numbers")
    return -value


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: _of_numbers(operator.add),
    ast.Sub: _of_numbers(operator.sub),
    ast.Mult: _of_numbers(operator.mul),
    ast.Div: _of_numbers(operator.truediv),
    ast.Mod: _of_numbers(operator.mod),
    ast.USub: _negative,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda part, whole: operator.contains(whole, part),
    ast.NotIn: lambda part, whole: not operator.contains(whole, part),
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
