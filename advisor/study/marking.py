"""What the stored scores of a run were made with, use case by use case, and how that reads."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import NamedTuple

import orjson

from advisor.scoring.judge import PROMPT_VERSION
from advisor.scoring.own_checks import describe
from advisor.store.use_cases import marking_of
from advisor.text.numbers import count, listing, shorten
from advisor.types import Check, Json, Marking, Match, Matching, Run, UseCase

WAYS = {
    Matching.EXACT: "the same text, letter by letter",
    Matching.NORMALISED: "the same text; case, spaces and punctuation around it do not count",
    Matching.NUMERIC: "the same number",
    Matching.LABEL: "the same label, however it is dressed",
    Matching.FIELDS: "field by field: how many fields of an object are right",
}
AUTOMATIC = "automatic: by the kind of use case and the form of the right answer"
_LONGEST = 80
"""Characters of one check in a sentence."""


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
    marking = marking_of(stored)
    return None if marking is None else ScoredWith(rubric, marking)


def versions_of(run: Run, use_cases: Iterable[UseCase]) -> list[str]:
    """What the scores of these use cases were made with, where a person could have chosen it."""
    found = [(case.name, kept) for case in use_cases if (kept := scored_with(run, case.id)) is not None]
    words = []
    if any(kept.rubric is not None for _, kept in found):
        words.append(f"Judge's prompt: version {run.scored_with['judge_prompt']}.")
    words += [
        f"Judge's questions for {name}: {f'version {kept.rubric}' if kept.rubric else 'as suggested for its kind'}."
        for name, kept in found
        if kept.rubric is not None
    ]
    for name, kept in found:
        if checks := kept.marking.checks:
            which = checks_words(checks, most=len(checks))
            words.append(f"{name} has {count(len(checks), 'own check')} (version {_digest(checks)}): {which}.")
    words += [
        f"Right answers of {name} compared: {match_words(kept.marking.match)}."
        for name, kept in found
        if kept.marking.match is not None
    ]
    return words


def match_words(match: Match | None) -> str:
    """How answers are compared with right ones."""
    way = AUTOMATIC if match is None or match.how is None else WAYS[match.how]
    if match is None:
        return way
    within = f", within {100 * match.tolerance:g} %" if match.tolerance else ""
    return f"{way}{within}{', whatever the punctuation and date format' if match.loose else ''}"


def checks_words(checks: Sequence[Check], most: int) -> str:
    """Which checks, each as it was written but for its length."""
    return listing([shorten(describe(check), _LONGEST) for check in checks], most=most)


def _digest(checks: Sequence[Check]) -> str:
    """Equal for the same checks in the same order."""
    stored = orjson.dumps([asdict(check) for check in checks])
    return hashlib.blake2b(stored, digest_size=4).hexdigest()
