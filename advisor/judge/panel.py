"""Whose votes count: those of the judges that passed their exam, alone or together as a panel."""

from collections.abc import Collection, Iterable

from advisor.analysis.trust import grade
from advisor.judge.exam import answered_controls, results_of
from advisor.scoring.judge import PROMPT_VERSION
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.scores import Vote
from advisor.types import Exam


def exam_of(store: Store, study_id: int, judge_ids: Collection[int], reviews: int = 0) -> Exam | None:
    """The exam of those of these judges whose votes count; None without a judge.

    A judge that fails is left out, so that it can't water down the mean vote of the others. Where none passes, the
    exam is that of the one that found most.
    """
    names = {model.id or 0: model.name for model in list_models(store, study_id) if model.id in judge_ids}
    results = {name: results_of(answered_controls(store, study_id, id_)) for id_, name in names.items()}
    exams = [Exam(judges=(name,), prompt_version=PROMPT_VERSION, controls=found) for name, found in results.items()]
    if not exams:
        return None
    passed = [exam for exam in exams if grade(exam).is_passed] or [max(exams, key=lambda exam: exam.found)]
    kinds = {kind for exam in passed for kind in exam.controls}
    judges = tuple(name for exam in passed for name in exam.judges)
    return Exam(
        judges=judges,
        left_out=tuple(name for name in names.values() if name not in judges),
        prompt_version=PROMPT_VERSION,
        controls={kind: _sum(exam.controls.get(kind, (0, 0)) for exam in passed) for kind in sorted(kinds)},
        reviews=reviews,
    )


def counting(store: Store, study_id: int, votes: Collection[Vote]) -> list[Vote]:
    """Those of these votes that count; all where no judge passed, as then none decides anything."""
    judge_ids = {vote.judge_id for vote in votes}
    exam = exam_of(store, study_id, judge_ids)
    if exam is None or not grade(exam).is_passed:
        return list(votes)
    ids = {model.id for model in list_models(store, study_id) if model.name in exam.judges}
    return [vote for vote in votes if vote.judge_id in ids]


def _sum(results: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found, asked = zip(*results, strict=True)
    return sum(found), sum(asked)
