"""Who may import whom, who owns which dependency, and how large a module may be: docs/architecture.md as a test.

The imports are read from the syntax tree, so that lazy ones inside functions count too.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FOR_ALL = frozenset({"types", "errors", "settings", "bulk"})
ENGINES = ("ingest", "llm", "catalog", "scoring", "analysis", "store", "text")
SLICES = ("collect", "money", "judge", "decide", "measure", "plan", "watch", "jobs")
"""In their order: each composes engines and the slices before it."""
MAY_IMPORT: dict[str, frozenset[str]] = {
    "types": frozenset(),
    "errors": frozenset(),
    "settings": frozenset(),
    "bulk": frozenset(),
    **dict.fromkeys(ENGINES, frozenset()),
    **{name: frozenset({*ENGINES, *SLICES[:place]}) for place, name in enumerate(SLICES)},
    "plan": frozenset({*ENGINES, *SLICES[: SLICES.index("plan")], "report"}),  # it writes the files of the report
    "charts": frozenset({"text"}),
    "report": frozenset({"analysis", "catalog", "charts", "text"}),
    "cli": frozenset({*SLICES, "worker", "text"}),  # the command `work` is the worker
    "worker": frozenset({*SLICES}),
    "__main__": frozenset({"cli"}),
    "ui": frozenset({*SLICES, "store", "report", "charts", "text"}),
    "pages": frozenset({"ui"}),
    "app": frozenset({"ui"}),
}
INSIDE: dict[str, tuple[str, ...]] = {
    "analysis": (
        "age",
        "sampling",
        "statistics",
        "latency",
        "load_test",
        "quality",
        "money",
        "verdict",
        "roll_out",
        "training",
        "next_steps",
        "migration_plan",
    ),
    "ingest": (
        "values",
        "reader",
        "same_calls",
        "redaction",
        "grouping",
        "messages",
        "vendors",
        "records",
        "homemade",
        "files",
        "readers",
        "totals",
        "call_parts",
        "log",
        "reading",
    ),
}
"""The rooms of a package; each imports those before it only."""
OWNERS: dict[str, frozenset[str]] = {
    "streamlit": frozenset({"ui", "pages", "app"}),
    "litellm": frozenset({"llm"}),
    "openai": frozenset({"llm"}),
    "sqlalchemy": frozenset({"store"}),
    "plotly": frozenset({"charts"}),
    "procrastinate": frozenset({"store"}),
    "psycopg": frozenset({"store"}),
    "pymongo": frozenset({"store"}),
    "google": frozenset({"store"}),
}
ENVIRONMENT: dict[str, frozenset[str] | None] = {
    "settings": None,  # any name
    "llm": frozenset({"LITELLM_LOCAL_MODEL_COST_MAP"}),  # litellm reads it while it is imported
}
DRAWERS = frozenset({"utils", "util", "helpers", "helper", "core", "common", "misc", "services"})
MAX_LINES = 300
MAX_PAGE_LINES = 60


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import, or one name of a ``from`` import."""

    name: str
    """Absolute and dotted, the imported name included: ``advisor.store.tables.RunRow``."""
    line: int


def source_files(root: Path) -> list[Path]:
    """Every module of the application, relative to ``root``."""
    found = [*root.glob("app.py"), *root.glob("advisor/**/*.py"), *root.glob("pages/**/*.py")]
    return sorted(path.relative_to(root) for path in found)


def package_of(path: Path) -> str:
    """The row of the table that a file belongs to; empty for advisor/__init__.py."""
    if path.parts[0] != "advisor":
        return path.parts[0].removesuffix(".py")
    return path.parts[1].removesuffix(".py").removesuffix("__init__")


def imports_of(tree: ast.AST, path: Path) -> Iterator[Import]:
    """Every import of a module, relative ones and ``import_module("...")`` included."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (Import(name=alias.name, line=node.lineno) for alias in node.names)
            case ast.ImportFrom():
                base = [node.module] if node.module else []
                if node.level:
                    base = [*path.parent.parts[: len(path.parent.parts) - node.level + 1], *base]
                yield from (Import(name=".".join([*base, alias.name]), line=node.lineno) for alias in node.names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if ast.unparse(function) in (
                "__import__",
                "import_module",
                "importlib.import_module",
            ):
                yield Import(name=name, line=node.lineno)


def wrong_arrows(root: Path) -> list[str]:
    """Imports between our own packages that the table does not allow."""
    wrong = []
    for path, tree in _modules(root):
        package = package_of(path)
        for item in imports_of(tree, path):
            target = _target(item.name)
            if (
                package
                and target
                and target != package
                and target not in FOR_ALL | MAY_IMPORT.get(package, frozenset())
            ):
                wrong.append(f"{path}:{item.line} {package} -> {target}")
            if not package:
                wrong.append(f"{path}:{item.line} advisor/__init__.py imports {item.name}")
            if package and package not in MAY_IMPORT:
                wrong.append(f"{path} is in no layer: add {package} to docs/architecture.md and to this test")
    return wrong


def wrong_arrows_inside(root: Path) -> list[str]:
    """Imports within a package that go against the order of its rooms."""
    wrong = []
    for path, tree in _modules(root):
        rooms = INSIDE.get(package_of(path))
        room = path.parts[2].removesuffix(".py") if rooms and len(path.parts) > 2 else "__init__"
        if rooms is None or room == "__init__":
            continue
        if room not in rooms:
            wrong.append(f"{path} is in no room: add {room} to the order in this test")
            continue
        for item in imports_of(tree, path):
            target = [*item.name.split("."), ""][2] if item.name.startswith(f"advisor.{package_of(path)}.") else room
            if target not in rooms[: rooms.index(room) + 1]:
                wrong.append(f"{path}:{item.line} {room} -> {target}")
    return wrong


def circles(root: Path) -> list[str]:
    """Modules or folders of one package that import each other, directly or by way of others."""
    modules = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): tree for path, tree in _modules(root)}
    arrows: dict[str, set[str]] = {}
    for name, tree in modules.items():
        package = name.split(".")[:2]
        path = Path(*name.split(".")).with_suffix(".py")
        for item in imports_of(tree, path):
            target = item.name if item.name in modules else item.name.rpartition(".")[0]
            if target in modules and target != name and target.split(".")[:2] == package and len(package) == 2:
                arrows.setdefault(name, set()).add(target)
                ours, theirs = _parted(name, target)
                if ours != theirs:
                    arrows.setdefault(f"{ours}/", set()).add(f"{theirs}/")
    return [
        f"{name} reaches itself by {' -> '.join(way)}" for name in sorted(arrows) if (way := _way(arrows, name, name))
    ]


def _parted(name: str, target: str) -> tuple[str, str]:
    """The sibling folders in which two modules of a package lie, where their ways part; a file is its own folder."""
    ours, theirs = name.split("."), target.split(".")
    depth = next((k for k, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    return ".".join(ours[: depth + 1]), ".".join(theirs[: depth + 1])


def _way(arrows: dict[str, set[str]], start: str, end: str) -> list[str]:
    """The shortest way of at least one arrow; empty if there is none."""
    ways, seen = [[start]], set()
    for way in ways:
        for following in sorted(arrows.get(way[-1], ())):
            if following == end:
                return [*way, following]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


MOST_SIBLINGS = 20
CROWDED = {"advisor/ingest/readers": 100}
"""One file a format."""


def crowded_folders(root: Path) -> list[str]:
    """Folders with more modules than a reader takes in."""
    found = []
    for folder in sorted({path.parent for path in source_files(root)}):
        name = folder.as_posix()
        count = sum(entry.name != "__init__.py" for entry in (root / folder).glob("*.py"))
        if count > CROWDED.get(name, MOST_SIBLINGS):
            found.append(f"{name} has {count} modules, the limit is {CROWDED.get(name, MOST_SIBLINGS)}")
    return found


def wrong_owners(root: Path) -> list[str]:
    """Imports of a dependency outside the packages that own it."""
    return [
        f"{path}:{item.line} {item.name} belongs to {', '.join(sorted(owners))}"
        for path, tree in _modules(root)
        for item in imports_of(tree, path)
        if (owners := OWNERS.get(item.name.partition(".")[0])) and package_of(path) not in owners
    ]


def environment_uses(root: Path) -> list[str]:
    """Uses of the environment outside ``settings``, but for the names in ``ENVIRONMENT``."""
    wrong = []
    for path, tree in _modules(root):
        allowed = ENVIRONMENT.get(package_of(path), frozenset())
        if allowed is None:
            continue
        excused = {id(node) for user in ast.walk(tree) for node in _environment_by_name(user, allowed)}
        wrong += [
            f"{path}: {ast.unparse(node)} reads the environment; ask advisor.settings"
            for node in ast.walk(tree)
            if id(node) not in excused and _is_environment(node)
        ]
    return wrong


def drawers(root: Path) -> list[str]:
    """Modules and folders named after nothing."""
    return [str(path) for path in source_files(root) if DRAWERS & {part.removesuffix(".py") for part in path.parts}]


def oversized(root: Path) -> list[str]:
    """Modules and pages over their limit of lines."""
    wrong = []
    for path in source_files(root):
        text = (root / path).read_text(encoding="utf-8")
        lines, limit = len(text.splitlines()), MAX_LINES
        if path.parts[0] == "pages":
            lines, limit = code_lines(text), MAX_PAGE_LINES
        if lines > limit:
            wrong.append(f"{path} has {lines} lines, the limit is {limit}")
    return wrong


def flat_pages(root: Path) -> list[str]:
    """Files directly under pages/: a deep link opens those without app.py, and so without its sign-in gate."""
    return sorted(path.relative_to(root).as_posix() for path in root.glob("pages/*.py"))


def code_lines(text: str) -> int:
    """Lines with code on them: neither blank, nor a comment, nor a docstring."""
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                docstrings.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    quiet = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in quiet:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - docstrings)


def _modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in source_files(root):
        yield path, ast.parse((root / path).read_text(encoding="utf-8"), filename=str(path))


def _target(name: str) -> str | None:
    """The row of the table that an import leads to; None for what is not ours."""
    parts = name.split(".")
    if parts[0] != "advisor":
        return parts[0] if parts[0] in ("pages", "app") else None
    return parts[1] if len(parts) > 1 else "advisor"


def _is_environment(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" | "putenv" | "unsetenv"):
            return True
        case ast.ImportFrom(module="os", names=names):
            return any(alias.name in ("environ", "environb", "getenv", "putenv", "unsetenv") for alias in names)
    return False


def _environment_by_name(node: ast.AST, allowed: frozenset[str]) -> Iterator[ast.AST]:
    """The ``os.environ`` in ``os.environ["X"]`` or ``os.environ.setdefault("X", ...)`` with X allowed."""
    match node:
        case ast.Subscript(value=environ, slice=ast.Constant(value=name)) if name in allowed:
            yield environ
        case ast.Call(func=ast.Attribute(value=environ), args=[ast.Constant(value=name), *_]) if name in allowed:
            yield environ


MOST_PARAMETERS = 6


def wide_functions(root: Path) -> list[str]:
    """Functions with more parameters than anybody reads at a call."""
    found = []
    for path in sorted((root / "advisor").rglob("*.py")):
        name = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = node.args
                every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
                count = sum(one is not None and one.arg not in ("self", "cls") for one in every)
                if count > MOST_PARAMETERS:
                    found.append(f"{name}:{node.lineno} {node.name} takes {count} parameters, the limit is 6")
    return found


WITHOUT_WORDS = ("analysis", "catalog", "scoring", "store", *SLICES)
"""Packages that give codes and numbers; advisor/text/ makes the sentences."""
OLD_WORDS = "advisor/store/steps/"
"""A step reads the sentences of earlier versions."""
PARTS_OF_ERRORS = {
    "advisor/catalog/catalog_files.py": {"read_rows"},
    "advisor/catalog/list_sources.py": {"configured_sources"},
    "advisor/decide/limits.py": {"setting_limits"},
    "advisor/jobs/work.py": {"do_job", "fault_words"},
    "advisor/judge/label_files.py": {"_read"},
    "advisor/measure/notify.py": {"_post_in_time", "_post"},
    "advisor/measure/replay/probing.py": {"obstacle_of", "_unsupported"},
    "advisor/measure/replay/engine.py": {"_forget"},
    "advisor/measure/replay/execution.py": {"_refusal"},
    "advisor/measure/replay/load_test_execution.py": {"_ask"},
    "advisor/measure/replay/ownership.py": {"owning"},
    "advisor/scoring/expressions.py": {"_words"},
    "advisor/store/engine.py": {"_remedy"},
    "advisor/store/log/foreign.py": {"_nothing_in", "_refused"},
    "advisor/store/studies.py": {"find_study"},
}
"""Functions that put an error together."""
LOOKED_FOR = frozenset(
    {
        *("written for the sample", "true or false", "%Y-%m-%d %H:%M:%S"),  # a reviewer, a type, a layout
        *("text and readings", "readings by others", "tag and readings"),  # how licences.csv says a licence is known
        "as an AI language model",  # what open models put into answers
        *("could not decode", "no such column", "no such table", "unable to open"),  # SQLite's errors
        "no tool call",  # the class of a request
    }
)
_A_WORD = re.compile(r"(?<![\w.])[A-Za-z][A-Za-z'’]*(?![\w.])")
_SQL = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA)\b|.*\b(?:IS NULL|IS NOT NULL)\b")
_PATTERN = re.compile(r"\(\?|\\[bdswWSD.]|\|")


def sentences(root: Path) -> list[str]:
    """Texts of three or more words in packages that should have none.

    Docstrings, prompts, errors, log lines, SQL and patterns are no results.
    """
    found = []
    for path, tree in _modules(root):
        name = path.as_posix()
        if package_of(path) in WITHOUT_WORDS and not name.startswith(OLD_WORDS):
            found += [
                f"{name}:{line} {text[:60]!r} belongs in advisor/text/"
                for line, text in _texts(tree, PARTS_OF_ERRORS.get(name, frozenset()))
                if len(_A_WORD.findall(text)) >= 3
                and " " in text.strip()
                and text not in LOOKED_FOR
                and not _SQL.match(text)
                and not _PATTERN.search(text)
            ]
    return found


FIGURES = frozenset({"count", "dollars", "exact", "listing", "money_range", "percent", "projected", "seconds", "whole"})
"""Functions of advisor/text/numbers.py whose result in a sentence makes it one about results."""


def told_by_pages(root: Path) -> list[str]:
    """Functions of pages that return a sentence with a figure in it, which advisor/text/ is for."""
    return [
        f"{path}:{text.lineno} {function.name} makes a sentence: {ast.unparse(text)[:60]}"
        for path, tree in _modules(root)
        if package_of(path) == "ui"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.returns and ast.unparse(function.returns) == "str"
        for text in ast.walk(function)
        if isinstance(text, ast.JoinedStr) and _is_sentence(text) and _has_figure(text)
    ]


def _is_sentence(text: ast.JoinedStr) -> bool:
    words = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in text.values)
    return re.search(r"[\w)]\.(?:\s|$)", words) is not None


def _has_figure(text: ast.JoinedStr) -> bool:
    placed = [part for part in text.values if isinstance(part, ast.FormattedValue)]
    calls = (call.func for part in placed for call in ast.walk(part.value) if isinstance(call, ast.Call))
    return any(part.format_spec for part in placed) or any(
        FIGURES & {getattr(call, "id", None), getattr(call, "attr", None)} for call in calls
    )


def _texts(tree: ast.AST, parts_of_errors: Collection[str]) -> Iterator[tuple[int, str]]:
    """(line, text) of every literal that may be shown; a formatted one as a whole."""
    excused = {id(part) for node in ast.walk(tree) for part in _not_shown(node, parts_of_errors)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=values) if id(node) not in excused:
                parts = [part for part in values if isinstance(part, ast.Constant)]
                excused |= set(map(id, parts))
                yield node.lineno, " ".join(str(part.value) for part in parts)
            case ast.Constant(value=str(text)) if id(node) not in excused:
                yield node.lineno, text


def _not_shown(node: ast.AST, parts_of_errors: Collection[str]) -> Iterator[ast.AST]:
    """What is in docstrings, annotations, errors, log lines, patterns and prompts."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Raise():
            yield from ast.walk(node)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in parts_of_errors:
            yield from ast.walk(node)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name.endswith(("Error", "BadInput")):
            yield from ast.walk(node)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="logger" | "logging" | "re" | "regex"))):
            yield from ast.walk(node)
        case ast.Call(func=ast.Name(id="print" | "say") | ast.Attribute(attr="_say" | "warning")):  # on stderr
            yield from ast.walk(node)
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=name), *_]) | ast.Name(id=name)], value=value):
            yield from ast.walk(value) if name.endswith(("PROMPT", "PROMPTS")) else ()
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name.endswith(("PROMPT", "PROMPTS")):
            yield from ast.walk(value)
        case ast.arg(annotation=ast.expr() as kind) | ast.FunctionDef(returns=ast.expr() as kind):
            yield from ast.walk(kind)


IN_WORDS = frozenset(
    {
        *("Answer.text", "Judgement.reason", "Narrative.text", "Score.reason"),  # of models
        *("Sample.error", "Generation.error", "Notice.why", "RunState.error", "Job.error", "Probe.detail"),  # errors
        *("Sample.not_replayable", "Rejection.reason"),  # why a row of a log doesn't count
        "PriceSource.note",  # of a person
    }
)
"""Fields with finished text; none is a sentence of ours about a result."""
_WORDY = re.compile(r"text|words?|sentences?|reasons?|why|notes?|detail|hint|remedy|summary|title|not_replayable|error")


def worded_fields(root: Path) -> list[str]:
    """Fields of values that hold finished text instead of codes."""
    return [
        f"{path}:{field.lineno} {node.name}.{name} holds text; make it a code"
        for path, tree in _modules(root)
        if package_of(path) == "types"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and re.search(r"\bstr\b", ast.unparse(field.annotation))
        if _WORDY.fullmatch(name := ast.unparse(field.target)) and f"{node.name}.{name}" not in IN_WORDS
    ]


CHECKS: dict[str, Callable[[Path], list[str]]] = {
    "arrows": wrong_arrows,
    "arrows inside": wrong_arrows_inside,
    "circles": circles,
    "siblings": crowded_folders,
    "owners": wrong_owners,
    "environment": environment_uses,
    "drawers": drawers,
    "sizes": oversized,
    "flat pages": flat_pages,
    "parameters": wide_functions,
    "words": sentences,
    "sentences of pages": told_by_pages,
    "worded fields": worded_fields,
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_tree_keeps_to_the_layers(check: str) -> None:
    assert source_files(ROOT)
    assert CHECKS[check](ROOT) == []


PLANTED = [
    ("worded fields", "advisor/types/money.py", "class Saving:\n    why: str | None = None"),
    ("arrows", "advisor/ingest/reader.py", "from advisor.store import engine"),
    ("arrows", "advisor/ingest/reader.py", "from advisor import store"),
    ("arrows", "advisor/ingest/reader.py", "from ..store import engine"),
    ("arrows", "advisor/ingest/reader.py", "from .. import store"),
    ("arrows", "advisor/analysis/holm.py", "def lazy() -> None:\n    import advisor.measure.replay.engine"),
    ("arrows", "advisor/measure/replay/engine.py", "import advisor.jobs.work"),
    ("arrows", "advisor/report/pdf.py", "import importlib\nimportlib.import_module('advisor.store')"),
    ("arrows", "advisor/types/calls.py", "from advisor.store import engine"),
    ("arrows", "advisor/store/engine.py", "import advisor"),
    ("arrows", "advisor/ui/queries.py", "import pages.start.overview"),
    ("arrows", "advisor/ui/queries.py", "from advisor.analysis.money import bill"),
    ("arrows", "advisor/__init__.py", "from advisor.types import Sample"),
    ("arrows", "advisor/__init__.py", "import json"),
    ("arrows", "advisor/gadget/thing.py", "import json"),
    ("arrows", "pages/summary/summary.py", "from advisor.store import engine"),
    ("arrows", "app.py", "from advisor.study import jobs"),
    ("arrows inside", "advisor/ingest/values/times.py", "from advisor.ingest.log import LogFile"),
    ("arrows inside", "advisor/ingest/files/rows.py", "from advisor.ingest import readers"),
    ("arrows inside", "advisor/ingest/records/columns.py", "from ..files import rows"),
    ("arrows inside", "advisor/ingest/gadget.py", "import json"),
    ("owners", "advisor/store/engine.py", "import streamlit as st"),
    ("owners", "advisor/scoring/judge.py", "def lazy() -> None:\n    from litellm import acompletion"),
    ("owners", "pages/summary/summary.py", "import plotly.graph_objects as go"),
    ("owners", "advisor/analysis/frames.py", "from sqlalchemy import select"),
    ("owners", "advisor/measure/replay/engine.py", "from openai import APIError"),
    ("environment", "advisor/store/engine.py", "import os\nHOME = os.environ['HOME']"),
    ("environment", "advisor/store/engine.py", "import os\nHOME = os.getenv('HOME')"),
    ("environment", "advisor/cli/main.py", "from os import environ"),
    ("environment", "advisor/llm/client.py", "import os\nKEY = os.environ.get('OPENAI_API_KEY')"),
    ("drawers", "advisor/store/utils.py", ""),
    ("drawers", "advisor/core/engine.py", ""),
    ("sizes", "advisor/store/engine.py", "x = 1\n" * 301),
    ("sizes", "pages/summary/summary.py", "x = 1\n" * 61),
    ("flat pages", "pages/overview.py", ""),
    ("words", "advisor/analysis/verdict/rule.py", 'SAID = "It is good enough"'),
    ("words", "advisor/scoring/target.py", "def f(n): return f'{n} of the labels'"),
    ("sentences of pages", "advisor/ui/page.py", "def f(n) -> str: return f'It costs {dollars(n)}.'"),
    ("sentences of pages", "advisor/ui/page.py", "def f(n) -> str: return f'{n:,} calls failed. Try again.'"),
    ("parameters", "advisor/store/engine.py", "def f(a, b, *, c, d, e, f, g): ..."),
]


@pytest.mark.parametrize(("check", "path", "text"), PLANTED)
def test_a_planted_fault_is_found(tmp_path: Path, check: str, path: str, text: str) -> None:
    _plant(tmp_path, path, text)
    assert len(CHECKS[check](tmp_path)) == 1


ALLOWED = [
    (
        "advisor/measure/replay/engine.py",
        "from advisor.store import engine\nfrom . import limits\nfrom advisor.types import Sample",
    ),
    (
        "advisor/store/engine.py",
        "import sqlalchemy\nfrom advisor.store.tables import RunRow\nfrom .tables import RunRow",
    ),
    (
        "advisor/llm/client.py",
        "import os\nos.environ.setdefault('LITELLM_LOCAL_MODEL_COST_MAP', 'True')\nimport litellm",
    ),
    ("advisor/llm/client.py", "import os\nos.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'\nos.kill"),
    (
        "advisor/ui/queries.py",
        "import streamlit\nfrom advisor.measure import quoting\nfrom advisor.settings import DATA",
    ),
    ("advisor/ingest/files/rows.py", "from advisor.ingest.records import columns\nfrom . import bytestream"),
    ("advisor/__init__.py", '"""What it does."""'),
    ("advisor/__main__.py", "from advisor.cli.main import main"),
    (
        "pages/summary/summary.py",
        "import streamlit as st\nfrom advisor.ui import queries\n" + "# why\n\n" * 80 + "st.write(1)",
    ),
    ("app.py", "import streamlit as st\nfrom advisor.ui import state"),
    ("advisor/ui/page.py", "def f(n) -> None: st.caption(f'{n:,} of them.')\ndef g(n) -> str: return f'{n:,} of 3'"),
    (
        "advisor/store/engine.py",
        '"""One two three."""\nASK_PROMPT = "One two three"\nif None:\n    raise ValueError("One two three")\n'
        'SQL = "SELECT one FROM two"\nCODE = "one_two"',
    ),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_the_layers_allow_passes(tmp_path: Path, path: str, text: str) -> None:
    _plant(tmp_path, path, text)
    assert [fault for check in CHECKS.values() for fault in check(tmp_path)] == []


def _plant(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
