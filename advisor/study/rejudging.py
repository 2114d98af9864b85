"""Scoring the stored answers of the newest run again: with other rubrics, judges, checks, limits or labels."""

from dataclasses import dataclass
from pathlib import Path

from advisor.errors import BadInput, ModelUnavailable
from advisor.replay.execution import judge_run
from advisor.replay.subject import PAIR, read_subject
from advisor.store import Store
from advisor.store.generations import list_subjects
from advisor.store.models import list_models
from advisor.store.runs import list_runs, map_run_samples
from advisor.store.tallies import tally_run
from advisor.study.endpoints import decided
from advisor.study.models import find_model
from advisor.study.scores import score_run
from advisor.types import Json, Model, Role, Run, Study


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is left for the judges of a run to say."""

    judges: tuple[Model, ...]
    calls: int
    """About pairs; some more check the judges."""


def score_again(
    store: Store, study: Study, *, judge: str | None, data_dir: Path, run: Run | None = None
) -> dict[str, Json]:
    """Score the newest run again, or the one given; candidates are not asked.

    With ``judge`` that judge is asked about every pair it has not judged yet. Without, the judges that the run has
    are asked about the pairs of use cases whose rubric has changed since; nobody where none has.

    Raises BadInput when there is no run or the name is not that of a judge, ModelUnavailable when no judge answers.
    """
    run = run or _newest(store, study)
    judges = [_judge_called(store, study, judge)] if judge is not None else what_is_due(store, study, run).judges
    before = tally_run(store, run.id)
    if judges:
        judge_run(store, run, judges, decided(store, study.id, run.baseline_lane), data_dir=data_dir)
    scored = score_run(store, run)
    after = tally_run(store, run.id)
    failed = after.judge_failed - before.judge_failed
    if judges and failed > 0 and after.judge_succeeded == before.judge_succeeded:
        names = ", ".join(each.name for each in judges)
        raise ModelUnavailable(f"{names} gave no answer to {failed} calls; probe it on the page Candidates.")
    return {
        "scored": scored.scores,
        "judge_calls": after.judge_succeeded + after.judge_failed - before.judge_succeeded - before.judge_failed,
        "judge_cost_usd": None
        if after.judge_cost_usd is None
        else after.judge_cost_usd - (before.judge_cost_usd or 0.0),
    }


def _newest(store: Store, study: Study) -> Run:
    runs = list_runs(store, study.id)
    if not runs:
        raise BadInput(f"Study {study.name!r} has no run yet; start one with `replay`.")
    return runs[0]


def what_is_due(store: Store, study: Study, run: Run) -> Due:
    """What scoring a run again asks its judges: nothing unless a rubric is in force by which no pair was judged."""
    names = map_run_samples(store, run.id)
    asked: dict[str, set[int]] = {}
    pairs: dict[str, set[tuple[int, int]]] = {}
    for sample_id, text in list_subjects(store, run.id):
        subject = read_subject(text)
        if subject.about == PAIR and sample_id in names:
            asked.setdefault(names[sample_id], set()).add(subject.rubric)
            pairs.setdefault(names[sample_id], set()).add((sample_id, subject.model_id))
    rubrics = decided(store, study.id, run.baseline_lane).rubrics
    new = [name for name, versions in asked.items() if name in rubrics and rubrics[name][0].version not in versions]
    models = list_models(store, study.id)
    judges = [model for model in models if new and model.role is Role.JUDGE and model.id in run.model_ids]
    return Due(judges=tuple(judges), calls=2 * len(judges) * sum(len(pairs[name]) for name in new))


def _judge_called(store: Store, study: Study, name: str) -> Model:
    model = find_model(store, study, name)
    if model.role is not Role.JUDGE:
        raise BadInput(f"{name!r} is registered as a {model.role.value}; add it with --role judge.")
    return model
