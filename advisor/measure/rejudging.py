"""Scoring the stored answers of a run again: with other rubrics, judges, checks, limits or labels."""

from dataclasses import dataclass

from advisor.collect.use_cases import last_edit
from advisor.errors import BadInput, ModelUnavailable
from advisor.judge.endpoints import decided, decided_for, is_compared
from advisor.judge.exam import answered_controls, lacking
from advisor.judge.run_facts import answered_or_newest
from advisor.judge.scores import judged_by, score_run
from advisor.measure.registration import find_model
from advisor.measure.replay.engine import Outcome
from advisor.measure.replay.execution import judge_run
from advisor.measure.replay.loading import Loader
from advisor.store import Store
from advisor.store.jobs import file_job, list_jobs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models, list_models_of
from advisor.store.run.generations import CallKey, Subject, list_judges, list_pair_calls, list_read
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.samples import map_run_samples
from advisor.store.run.tallies import tally_run
from advisor.text.warnings import warning
from advisor.types import Endpoint, Job, Json, Lane, Role, Run, Status, StoredModel, Study
from advisor.types.enums import About


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is left for the judges of a run to say."""

    judges: tuple[StoredModel, ...]
    calls: int
    """About pairs and control pairs."""


def score_again(
    store: Store, study: Study, *, judge: str | None, run: Run | None = None, audit: int | None = None
) -> dict[str, Json]:
    """Score the newest run with answers again, or the one given; candidates are not asked.

    With ``judge`` that judge is asked about every pair it has not judged yet. Without, the judges that the run has
    are asked about the pairs of use cases whose rubric has changed since, and about the control pairs they lack. With
    ``audit`` so many answers of each model are read for refusals and unsupported claims, by that judge or those of the
    run.

    Raises BadInput without a run, when the name is not that of a judge or there is none to read answers,
    ModelUnavailable when no judge answers.
    """
    run = run or answered_or_newest(store, study)
    judges = [_judge_called(store, study, judge)] if judge is not None else what_is_due(store, study, run).judges
    if audit is not None:
        judges = judges or _judges_of(store, study, run)
        if audit < 1 or not judges:
            raise BadInput("Give the number of answers to check. If the run has no judge, name one with --judge.")
        change_run(store, run.id, audited=max(audit, run.options.audited))
        run = get_run(store, run.id)
    before, read_before = tally_run(store, run.id), len(list_read(store, run.id))
    outcome = Outcome()
    if judges:
        choice = decided(store, study.id, run.baseline_lane)
        outcome = judge_run(store, run, judges, choice)
    scored = score_run(store, run)
    after = tally_run(store, run.id)
    failed = after.judge.failed - before.judge.failed
    read = len(list_read(store, run.id))
    if audit is not None and not read:
        raise ModelUnavailable(f"{judges[0].name} read no answer; probe it on the page Candidates.")
    if judges and failed > 0 and after.judge.succeeded == before.judge.succeeded:
        names = ", ".join(each.name for each in judges)
        raise ModelUnavailable(f"{names} gave no answer to {failed} calls; probe it on the page Candidates.")
    return {
        "scored": scored.scores,
        "warnings": [warning(each) for each in scored.warnings],
        "answers_read": read - read_before,
        "judge_calls": after.judge.succeeded + after.judge.failed - before.judge.succeeded - before.judge.failed,
        "judge_cost_usd": None
        if after.judge.cost_usd is None
        else after.judge.cost_usd - (before.judge.cost_usd or 0.0),
        "partial": outcome.stopped is not None or bool(outcome.given_up) or failed > 0,
    }


def what_is_due(store: Store, study: Study, run: Run) -> Due:
    """What scoring a run again asks its judges.

    In use cases whose rubric is newer than one that pairs were judged by, and in those that a comparison decides since
    the run was planned: every pair that lacks a vote by the rubric in force. Then the control pairs that the judges
    with votes lack.
    """
    choice = decided(store, study.id, run.baseline_lane)
    asked_by = list_judges(store, run.id)
    judges = _judges_of(store, study, run)
    in_force = {name: rubrics[0].version for name, rubrics in choice.rubrics.items()}
    outdated = {name for name, _, version in asked_by if in_force.get(name, version) != version}
    new = set[str]()
    if run.plan.frozen is not None:
        planned = decided_for(store, run).endpoints
        compared = {name for name, way in choice.endpoints.items() if way is Endpoint.PAIRWISE}
        new = {name for name in compared if planned[name] is not Endpoint.PAIRWISE}
    controls = _controls_due(store, study, run)
    if not judges or not (outdated or new):  # as nearly always: no pair need be looked at
        return Due(judges=tuple(judges) if controls else (), calls=controls)
    names = map_run_samples(store, run.id)
    answered = set(list_pair_calls(store, run.id))
    judged = judged_by(answered, names)
    pairs: set[tuple[int, Subject]] = set()
    for name in outdated:
        about = set().union(*judged[name].values())
        pairs |= {(sample_id, Subject(About.PAIR, model_id, rubric=in_force[name])) for sample_id, model_id in about}
    if new:
        loader = Loader(store, run, list_models_of(store, run), choice)
        pairs |= set(loader.pairs([id_ for id_, name in names.items() if name in new]))
    due = sum(
        CallKey(sample_id, Lane.JUDGE, judge.id, 1, subject) not in answered
        for sample_id, pair in pairs
        for judge in judges
        for subject in pair.orders
    )
    due += controls
    return Due(judges=tuple(judges) if due else (), calls=due)


def new_judges(store: Store, study: Study, run: Run) -> list[str]:
    """Names of the judges registered after a run was made, if it has anything for them to compare."""
    if not is_compared(list_use_cases(store, study.id), run.baseline_lane):
        return []
    return [m.name for m in list_models(store, study.id) if m.role is Role.JUDGE and m.id not in run.plan.model_ids]


def changed_since_scored(store: Store, study: Study, run: Run) -> bool:
    """Whether use cases, or how they are judged, changed after the answers of a run were scored."""
    edit = last_edit(store, study)
    jobs = [job for job in list_jobs(store, study.id, kind="score") if job.status is Status.SUCCEEDED]
    scored = [at for at in (run.state.finished_at, *(job.heartbeat_at for job in jobs)) if at is not None]
    return edit is not None and bool(scored) and edit.at > max(scored)


def _judges_of(store: Store, study: Study, run: Run) -> list[StoredModel]:
    """The judges that the run was planned with, and those that were asked about its answers since."""
    asked_ever = {*run.plan.model_ids, *(judge_id for _, judge_id, _ in list_judges(store, run.id))}
    return [each for each in list_models(store, study.id) if each.role is Role.JUDGE and each.id in asked_ever]


def _controls_due(store: Store, study: Study, run: Run) -> int:
    """Calls about the control pairs that judges with a vote in a run lack."""
    voters = {judge_id for _, judge_id, _ in list_judges(store, run.id)}
    lacks = (lacking(answered_controls(store, study.id, judge_id), run.options.sample_size) for judge_id in voters)
    return 2 * sum(sum(each.values()) for each in lacks)


def _judge_called(store: Store, study: Study, name: str) -> StoredModel:
    model = find_model(store, study, name)
    if model.role is not Role.JUDGE:
        raise BadInput(f"{name!r} is registered as a {model.role.value}; add it with --role judge.")
    return model


def file_score(store: Store, study: Study, run: Run, *, judge: str | None = None) -> Job:
    """Queue scoring the stored answers of a run again.

    Its judges are asked where a rubric has changed since; ``judge`` is one that has not judged it yet.
    """
    return file_job(store, "score", study.id, {"run": run.id, "judge": judge})
