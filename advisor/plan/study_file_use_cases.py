"""How each use case of a study is judged, as STUDY.toml tells it: written from a study, read, and set in another."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from advisor.collect.use_cases import change
from advisor.decide.limits import check_limits
from advisor.errors import BadInput
from advisor.judge.checks import set_checks, set_match
from advisor.judge.rubrics import rubric_of, save_rubric
from advisor.store import Store
from advisor.store.log.use_cases import list_use_cases
from advisor.types import Check, CheckKind, Endpoint, Kind, Match, Matching, Study, UseCase

Word = TypeVar("Word", bound=StrEnum)
KEYS = {"name", "kind", "endpoint", "margin", "ignored", "match", "checks", "questions"}


@dataclass(frozen=True, kw_only=True)
class UseCaseSettings:
    """How one use case is judged; what is None or empty is chosen by what its samples allow."""

    name: str
    kind: Kind | None = None
    endpoint: Endpoint | None = None
    margin: float | None = None
    """A fraction."""
    ignored: bool = False
    match: Match | None = None
    checks: tuple[Check, ...] = ()
    questions: tuple[str, ...] = ()
    """That a judge checks its answers against."""


def tables_of(store: Store, study: Study) -> list[dict[str, Any]]:
    """The keys and values of every use case; None is left out of the file."""
    return [_table(store, case) for case in list_use_cases(store, study.id)]


def read_table(entry: Any) -> UseCaseSettings:
    """One table of the file. Raises BadInput that names the use case."""
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise BadInput("every table of use_cases needs a name.")
    name = entry["name"]
    try:
        if unknown := sorted(entry.keys() - KEYS):
            raise BadInput(f"unknown key {unknown[0]!r}. Use {', '.join(sorted(KEYS))}")
        margin = entry.get("margin")
        check_limits(None if margin is None else float(margin), None)
        match = entry.get("match")
        return UseCaseSettings(
            name=name,
            kind=_word(Kind, entry.get("kind")),
            endpoint=_word(Endpoint, entry.get("endpoint")),
            margin=None if margin is None else float(margin),
            ignored=bool(entry.get("ignored", False)),
            match=None if match is None else _match(match),
            checks=tuple(Check(kind=CheckKind(c["kind"]), value=c.get("value", "")) for c in entry.get("checks", [])),
            questions=tuple(map(str, entry.get("questions", []))),
        )
    except (BadInput, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"use case {name!r}: {error}") from None


def apply_settings(store: Store, study: Study, wanted: Sequence[UseCaseSettings]) -> None:
    """Judge the use cases of a study so. Raises BadInput for one that the log did not make, before any is changed."""
    cases = {case.name: case for case in list_use_cases(store, study.id)}
    if missing := [each.name for each in wanted if each.name not in cases]:
        raise BadInput(
            f"The log has no use case {missing[0]!r}. Use cases named, merged or split by hand aren't "
            "recreated. Use the name from the import, or remove the table."
        )
    for each in wanted:
        case = cases[each.name]
        set_match(store, case, each.match)
        set_checks(store, case, each.checks)
        change(
            store, case, kind=each.kind or case.kind, endpoint=each.endpoint, margin=each.margin, ignored=each.ignored
        )
        if each.questions:
            save_rubric(store, case, each.questions)


def _table(store: Store, case: UseCase) -> dict[str, Any]:
    rubric = rubric_of(store, case)
    match = case.match
    return {
        "name": case.name,
        "kind": case.kind.value,
        "endpoint": case.endpoint.value if case.endpoint else None,
        "margin": case.margin,
        "ignored": case.ignored or None,
        "match": {"how": match.how, "tolerance": match.tolerance or None, "loose": match.loose or None}
        if match
        else None,
        "checks": [{"kind": check.kind.value, "value": check.value} for check in case.checks] or None,
        "questions": list(rubric.questions) if rubric.version else None,
    }


def _match(table: dict[str, Any]) -> Match:
    loose = table.get("loose", False)
    if not isinstance(loose, bool):
        raise BadInput("loose must be true or false")
    return Match(how=_word(Matching, table.get("how")), tolerance=table.get("tolerance", 0.0), loose=loose)


def _word(words: type[Word], value: Any) -> Word | None:
    return None if value is None else words(value)
