"""What the stored scores of a run were made with, use case by use case, and what could not be checked."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import orjson

from advisor.scoring.judge import PROMPT_VERSION
from advisor.scoring.own_checks import CHECKS
from advisor.scoring.validity import VALIDITY
from advisor.store import Store
from advisor.store.columns import typed
from advisor.store.run.scores import Unchecked, list_unchecked, read_findings
from advisor.text.numbers import shorten
from advisor.text.scores import check_words
from advisor.types import (
    Check,
    Endpoint,
    Json,
    LeftOut,
    Marking,
    Match,
    Message,
    Run,
    UseCase,
    VersionCode,
    WarningCode,
)

_LONGEST = 80
"""Characters of a check's name."""


class ScoredWith(NamedTuple):
    """What the stored scores of one use case were made with."""

    rubric: int | None
    """Version whose judgements count; None where no judge was asked."""
    marking: Marking


def keep_scored_with(use_cases: Iterable[UseCase], rubrics: Mapping[str, int]) -> dict[str, Json]:
    """What a run keeps of a scoring; ``rubrics`` are the versions that count, by name of the use case."""
    kept = {str(case.id): [rubrics.get(case.name), asdict(case.marking)] for case in use_cases}
    return {"judge_prompt": PROMPT_VERSION, "use_cases": kept}


def scored_with(run: Run, use_case_id: int) -> ScoredWith | None:
    """What the scores of a use case were made with; None where no scoring kept it."""
    rubric, stored = run.scored_with.get("use_cases", {}).get(str(use_case_id), (None, None))
    return None if stored is None else ScoredWith(rubric, typed(Marking, stored))


def versions_of(run: Run, use_cases: Iterable[UseCase]) -> list[Message]:
    """What the scores of these use cases were made with, where a person could have chosen it."""
    found = [(case.name, kept) for case in use_cases if (kept := scored_with(run, case.id)) is not None]
    judged = [(name, kept.rubric) for name, kept in found if kept.rubric is not None]
    versions = [Message.of(VersionCode.JUDGE_PROMPT, version=run.scored_with["judge_prompt"])] if judged else []
    versions += [Message.of(VersionCode.RUBRIC, use_case=name, version=rubric) for name, rubric in judged]
    versions += [
        Message.of(VersionCode.CHECKS, use_case=name, checks=named_checks(checks), digest=_digest(checks))
        for name, kept in found
        if (checks := kept.marking.checks)
    ]
    versions += [
        Message.of(VersionCode.MATCH, use_case=name, match=stored_match(match))
        for name, kept in found
        if (match := kept.marking.match) is not None
    ]
    return versions


def stored_match(match: Match | None) -> dict[str, Json] | None:
    """A way of comparing as JSON."""
    return None if match is None else asdict(match)


def named_checks(checks: Iterable[Check]) -> list[str]:
    """Checks by name, each as it was written but for its length."""
    return [shorten(check_words(check), _LONGEST) for check in checks]


def _digest(checks: Sequence[Check]) -> str:
    """Equal for the same checks in the same order."""
    stored = orjson.dumps([asdict(check) for check in checks])
    return hashlib.blake2b(stored, digest_size=4).hexdigest()


PERSONAL_DATA = "personal_data"

_SCORERS = (VALIDITY, CHECKS, Endpoint.TARGET.value, Endpoint.AGREEMENT.value, PERSONAL_DATA)


def find_unchecked(store: Store, run_id: int) -> list[Unchecked]:
    """What the scorers could not check among the scored answers of a run, the most first."""
    return list_unchecked(store, run_id, _SCORERS)


def unchecked_warnings(scored_with: Mapping[str, Json]) -> list[Message]:
    """One for each check of a use case that could not say all."""
    return [Message.of(WarningCode.UNCHECKED, answers=n, **of) for n, of in _stored(scored_with)]


def unchecked_reasons(scored_with: Mapping[str, Json]) -> list[Message]:
    """Why answers do not count in one of the checks."""
    return [Message.of(LeftOut.UNCHECKED, calls=n, **of) for n, of in _stored(scored_with)]


def _stored(scored_with: Mapping[str, Json]) -> Iterator[tuple[int, dict[str, Json]]]:
    for use_case, scorer, answers, stored in scored_with.get("unchecked") or ():
        findings = [[code.value, list(details), more] for code, details, more in read_findings(stored)]
        yield answers, {"use_case": use_case, "scorer": scorer, "findings": findings}
