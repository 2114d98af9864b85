"""The control pairs a judge still has to answer, and whose votes count."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from advisor.analysis.verdict.exam import exam_result, grade
from advisor.scoring.controls import is_found
from advisor.scoring.judge import PROMPT_VERSION, parse_judgement
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.generations import Subject, list_judges
from advisor.store.run.known_answers import load_controls, load_refused
from advisor.store.run.replies import Replies, count_unread
from advisor.store.run.scores import Vote
from advisor.types import ControlKind, Exam, Message, Preference, Run

EACH = {kind: 16 if kind in (ControlKind.ENTITY, ControlKind.CLAIM) else 6 for kind in ControlKind}
"""Control pairs of each kind. More of those that only show whether a judge reads what the answers say."""
LEAST_SAMPLES = 16
"""Of a run; with fewer no candidate can pass the default margin, so no exam is taken."""


class Control(NamedTuple):
    """What makes a control pair of a study unique."""

    kind: ControlKind
    task: int
    """Number in the shipped set; 0: made from the answer to a sample."""
    sample_id: int
    """0 for a task of the shipped set."""


Controls = Mapping[Control, bool]
"""Control pairs that were answered in both orders -> whether both named the better answer."""


def answered_controls(store: Store, study_id: int, judge_id: int) -> Controls:
    """The control pairs that a judge has answered in both orders; an answer that can't be read names nobody."""
    said: dict[Control, dict[bool, Preference]] = defaultdict(dict)
    for key, text in load_controls(store, study_id, judge_id):
        subject = key.subject
        if subject.prompt == PROMPT_VERSION:
            judgement = parse_judgement(text, candidate_first=subject.candidate_first)
            said[_control(subject, key.sample_id)][subject.candidate_first] = judgement.preference
    return {control: is_found(list(sides.values())) for control, sides in said.items() if len(sides) == 2}


def refused_controls(store: Store, study_id: int, judge_id: int) -> set[Control]:
    """The control pairs that the judge's host refused, such as by a filter: others take their place."""
    return {_control(subject, sample_id) for sample_id, subject in load_refused(store, study_id, judge_id)}


def lacking(controls: Collection[Control], samples: int) -> dict[ControlKind, int]:
    """How many control pairs of each kind are still to be asked, in a run of so many samples with judged pairs."""
    if samples < LEAST_SAMPLES:
        return {}
    held = Counter(control.kind for control in controls)
    return {kind: each - held[kind] for kind, each in EACH.items() if held[kind] < each}


def results_of(controls: Controls) -> dict[str, tuple[int, int]]:
    """Kind -> (pairs in which the better answer was found in both orders, pairs answered)."""
    asked = Counter(control.kind for control in controls)
    found = Counter(control.kind for control, is_right in controls.items() if is_right)
    return {kind.value: (found[kind], asked[kind]) for kind in ControlKind if asked[kind]}


def _control(subject: Subject, sample_id: int) -> Control:
    assert subject.control is not None
    return Control(subject.control, subject.task, 0 if subject.task else sample_id)


def exam_of(store: Store, run: Run, judge_ids: Collection[int]) -> Exam | None:
    """The exam of those of these judges of a run whose votes count; None without a judge.

    A judge that fails is left out, so that it can't water down the mean vote of the others. Where none passes, the
    exam is that of the one that found most.
    """
    names = {model.id: model.name for model in list_models(store, run.study_id) if model.id in judge_ids}
    replies = defaultdict(Replies, count_unread(store, run.id))
    exams = [
        Exam(
            judges=(name,),
            prompt_version=PROMPT_VERSION,
            controls=results_of(answered_controls(store, run.study_id, id_)),
            unread=replies[id_].votes,
            audits_unread=replies[id_].audits,
            example=replies[id_].example,
        )
        for id_, name in names.items()
    ]
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
        unread=_sum(exam.unread for exam in passed),
        audits_unread=_sum(exam.audits_unread for exam in exams),
        example=next((exam.example for exam in exams if exam.example), ""),
    )


class Panel:
    """The judges of a run, each use case with the exam of those that voted there."""

    def __init__(self, store: Store, run: Run) -> None:
        judges: dict[str, set[int]] = defaultdict(set)
        for name, judge_id, _ in list_judges(store, run.id):
            judges[name].add(judge_id)
        exams = {ids: exam_of(store, run, ids) for ids in set(map(frozenset, judges.values()))}
        self._names = {model.id: model.name for model in list_models(store, run.study_id)}
        self.exams = {name: exam for name, ids in judges.items() if (exam := exams[frozenset(ids)]) is not None}
        """By use case."""
        self.trusted = {name: exam.judges for name, exam in self.exams.items() if grade(exam).is_passed}
        """By use case the names of the judges whose votes count alone."""

    def counting(self, votes: Iterable[Vote], use_cases: Mapping[int, str]) -> list[Vote]:
        """Those of these votes that count; all of a use case where no judge passed, as then none decides there.

        ``use_cases`` is by sample id.
        """
        return [
            vote
            for vote in votes
            if (name := use_cases[vote.sample_id]) not in self.trusted
            or self._names.get(vote.judge_id) in self.trusted[name]
        ]


def _sum(results: Iterable[tuple[int, int]]) -> tuple[int, int]:
    found, asked = zip(*results, strict=True)
    return sum(found), sum(asked)


def result_of(exam: Exam | None) -> Message:
    """How an exam went; the code is an ExamResult."""
    return exam_result(exam)
