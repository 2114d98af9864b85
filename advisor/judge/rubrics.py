"""What judges check the answers of a use case against: the suggestion for its kind, or what a person wrote."""

from collections.abc import Sequence

from advisor.errors import BadInput
from advisor.scoring.judge import suggested_rubric
from advisor.store import Store
from advisor.store.log.use_cases import add_rubric, list_rubrics
from advisor.types import Rubric, UseCase

MOST_QUESTIONS = 7
LONGEST_QUESTION = 300


def rubric_of(store: Store, use_case: UseCase) -> Rubric:
    """The rubric in force: the newest version, else the suggestion."""
    return versions(store, use_case)[0]


def versions(store: Store, use_case: UseCase) -> list[Rubric]:
    """Every version, the newest, which is in force, first; the suggestion, version 0, last."""
    return [*list_rubrics(store, use_case.id), suggested_rubric(use_case.kind)]


def save_rubric(store: Store, use_case: UseCase, questions: Sequence[str]) -> Rubric:
    """Put these questions in force as a new version; the same ones as now make none.

    Judgements that were made by an earlier version stay as they are, and do not count as made by this one. Raises
    BadInput for no questions, too many, or one that is empty, too long or there twice.
    """
    checked = _checked(questions)
    current = rubric_of(store, use_case)
    return current if checked == current.questions else add_rubric(store, use_case.id, checked)


def _checked(questions: Sequence[str]) -> tuple[str, ...]:
    plain = tuple(" ".join("".join(c if c.isprintable() else " " for c in text).split()) for text in questions)
    if not 1 <= len(plain) <= MOST_QUESTIONS:
        raise BadInput(f"A judge needs 1 to {MOST_QUESTIONS} questions, one a line; three to five work best.")
    for number, text in enumerate(plain, start=1):
        if not 1 <= len(text) <= LONGEST_QUESTION:
            raise BadInput(f"Question {number} must have 1 to {LONGEST_QUESTION} characters; it has {len(text)}.")
    if len({text.casefold() for text in plain}) < len(plain):
        raise BadInput("A question appears twice. Remove one.")
    return plain
