"""Which columns tell what is known about a call: model, time, tokens, latency, session."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise

from advisor.ingest.homemade.names import Hint, hints_of, last_hint, plain_name
from advisor.ingest.homemade.profile import Column, Kind
from advisor.ingest.records.columns import SYNONYMS, guess_columns
from advisor.ingest.values.numbers import parse_count

_TEXTS = ("messages", "prompt", "system", "answer")
_WITH_UNIT = re.compile(r"\d\s*(ms|s|sec)\s*$")
USAGES = ("usage", "token_usage", "usage_metadata")
"""Objects of counts, which are read as a whole."""
_IN, _OUT = frozenset({"in", "i"}), frozenset({"out", "o"})
"""Words for whose tokens they are: ``iTokens``."""
_HOLDS = {
    "time": (Kind.TIME, Kind.TEXT, Kind.OTHER),
    "input_tokens": (Kind.NUMBER, Kind.EMPTY),
    "output_tokens": (Kind.NUMBER, Kind.EMPTY),
}
"""What has to stand in a column that is named for a role, where that can be told."""


def find_facts(columns: Sequence[Column], taken: Iterable[str]) -> dict[str, str]:
    """Role to path for everything but the texts: by the usual names, else by words of a name, and by the values."""
    used = set(taken)
    columns = [column for column in columns if column.path.partition(".")[0] not in USAGES or column.path in USAGES]
    leaves: dict[str, str] = {}
    for column in sorted(columns, key=lambda column: column.path.count(".")):
        leaves.setdefault(column.leaf, column.path)
    by_path = {column.path: column for column in columns}
    kinds = {column.path: column.kind for column in columns}
    found: dict[str, str] = {}
    for role, leaf in guess_columns(leaves).items():
        path = leaves[leaf]
        if role in _TEXTS or path in used or kinds[path] not in _HOLDS.get(role, (kinds[path],)):
            continue
        if kinds[path] is Kind.OBJECT and role != "params":
            continue
        if role == "session" and _numbers_rows(by_path[path]):
            continue
        found[role] = path
        used.add(path)
    for role, score in _SCORES.items():
        if role in found and not _is_improved(role, found[role], columns):
            continue
        scored = [(score(column), -column.place, column.path) for column in columns if column.path not in used]
        best = max(scored, default=(0.0, 0, ""))
        if best[0] > 0:
            found[role] = best[2]
            used.add(best[2])
    return found


def _is_improved(role: str, path: str, columns: Sequence[Column]) -> bool:
    """Whether a column of the usual name holds nothing, so that another one is looked for."""
    column = next(column for column in columns if column.path == path)
    return role in ("time", "model") and (
        column.kind is Kind.EMPTY or (role == "time" and column.kind is not Kind.TIME)
    )


def _time(column: Column) -> float:
    if column.kind is not Kind.TIME:
        return 0.0
    hints = hints_of(column.path)
    usual = plain_name(column.leaf) in SYNONYMS["time"]
    return 1.0 + usual + (Hint.BEGIN in hints) + 0.5 * (Hint.TIME in hints) - 1.5 * (Hint.LATER in hints)


def _model(column: Column) -> float:
    if column.kind is Kind.MODEL:
        hints = hints_of(column.leaf)
        return 1.0 + (Hint.MODEL in hints) + 0.5 * ("used" in plain_name(column.leaf))
    is_named = Hint.MODEL in hints_of(column.leaf) and not {Hint.ABOUT, Hint.ANSWER, Hint.PROMPT, Hint.TEXT} & hints_of(
        column.leaf
    )
    return 0.5 * (is_named and column.kind in (Kind.TEXT, Kind.ID) and column.prose < 0.1)


def _tokens(column: Column, side: Hint) -> float:
    hints = hints_of(column.path)
    if column.kind is not Kind.NUMBER or Hint.TOKENS not in hints_of(column.leaf) or Hint.ALL in hints:
        return 0.0
    words = plain_name(column.path).split("_")
    own = last_hint(column.path, (Hint.PROMPT, Hint.ANSWER)) or (
        Hint.PROMPT if not _IN.isdisjoint(words) else Hint.ANSWER if not _OUT.isdisjoint(words) else None
    )
    return float(own is side)


def _latency(column: Column) -> float:
    if column.kind is not Kind.NUMBER:
        return 0.0
    hints = hints_of(column.leaf)
    if {Hint.TOKENS, Hint.ID} & hints:
        return 0.0
    words = set(plain_name(column.leaf).split("_"))
    has_unit = any(isinstance(value, str) and _WITH_UNIT.search(value) for value in column.values)
    is_span = Hint.TIME in hints and (has_unit or bool({Hint.ANSWER, Hint.BOT} & hints))
    is_unnamed = not hints and has_unit
    return 2.0 * (Hint.DURATION in hints) + is_span + 0.5 * is_unnamed - 0.5 * bool({"first", "queue", "ttft"} & words)


def _session(column: Column) -> float:
    hints = hints_of(column.leaf)
    if Hint.SESSION not in hints or {Hint.TEXT, Hint.ABOUT, Hint.TIME, Hint.DURATION, Hint.TOKENS} & hints:
        return 0.0
    if column.kind not in (Kind.ID, Kind.NUMBER, Kind.TEXT) or column.prose > 0.1 or _numbers_rows(column):
        return 0.0
    if last_hint(column.leaf, (Hint.SESSION, Hint.PROMPT, Hint.ANSWER)) is not Hint.SESSION:  # chat_completion_id
        return 0.0
    return 1.0 + (Hint.ID in hints)


def _numbers_rows(column: Column) -> bool:
    """Whether the values count the rows."""
    counts = [parse_count(value) for value in column.values]
    return len(counts) > 2 and all(one is not None and other == one + 1 for one, other in pairwise(counts))


_SCORES: dict[str, Callable[[Column], float]] = {
    "time": _time,
    "model": _model,
    "input_tokens": partial(_tokens, side=Hint.PROMPT),
    "output_tokens": partial(_tokens, side=Hint.ANSWER),
    "latency": _latency,
    "session": _session,
}
