"""Starting, stopping, resuming and finishing a replay, early too where all is decided."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from advisor.decide.evidence import gather_evidence
from advisor.decide.limits import as_frozen
from advisor.errors import BadInput
from advisor.judge.reviews import add_written_reviews
from advisor.judge.run_facts import RunFacts
from advisor.judge.scores import score_run
from advisor.judge.trust import take_exam
from advisor.measure.draft import Draft, check_budget, draft_run
from advisor.measure.notify import tell_end
from advisor.measure.quoting import Quote, nobody_to_ask, price_draft
from advisor.measure.registration import why_not_asked
from advisor.measure.replay.asking import Settle
from advisor.measure.replay.execution import execute_run
from advisor.measure.replay.ownership import is_dead_here
from advisor.money.price_refresh import check_candidates
from advisor.store import Store
from advisor.store.jobs import file_job
from advisor.store.models import list_models
from advisor.store.run.generations import CallKey, list_answered, list_asked
from advisor.store.run.runs import change_run, create_run, get_run, is_stale, list_runs, queue_run
from advisor.store.studies import get_study
from advisor.types import Job, Role, Run, RunOptions, Settled, Status, Study


def start_run(store: Store, study: Study, setup: RunOptions) -> Run:
    """Freeze a run and queue it; nothing is asked yet. A candidate that can't be asked for want of a key is left out.

    Raises BadInput when there is nothing to ask, when no candidate can be asked, when a budget is set and a model has
    no price, when the licence of a candidate changed and nobody has reviewed it, and while another run of the study is
    queued or running.
    """
    check_candidates(store, study)
    draft = draft_run(store, study, setup)
    quote, expected = price_draft(store, study, setup, draft)
    if nobody := nobody_to_ask(quote, draft.models):
        raise BadInput(nobody)
    draft = _without_unaskable(draft, quote)
    if quote.unpriced and setup.budget_usd is not None and not setup.planning.allow_unpriced:
        raise BadInput(
            f"No known price for {', '.join(quote.unpriced)}, so the budget can't be enforced. Add prices "
            "(--input-price and --output-price), or allow unpriced models (--allow-unpriced)."
        )
    return create_run(
        store,
        study.id,
        samples={sample_id: expected.get(sample_id) for sample_id in draft.sample_ids},
        frozen=draft.frozen,
        is_dead=is_dead_here,
        baseline_lane=draft.lane,
        baseline=draft.baseline,
        planned=len(draft.keys),
        planned_judge=quote.judge_calls + quote.judge_reused,
        quoted=quote.lanes,
        models=[model.id for model in [*draft.models, *draft.judges]],
        **replace(setup, sample_size=len(draft.sample_ids)).kept,
    )


def _without_unaskable(draft: Draft, quote: Quote) -> Draft:
    """Without the candidates of which every call would fail; one that has answers of earlier runs stays with those."""
    planned = Counter(key.model_id for key in draft.keys)
    lost = {name: calls for name, _, calls in quote.unaskable}
    gone = {m.id for m in draft.models if m.role is Role.CANDIDATE and lost.get(m.name) == planned[m.id]}
    models = [model for model in draft.models if model.id not in gone]
    return replace(draft, models=models, keys=[key for key in draft.keys if key.model_id not in gone])


def left_out(store: Store, run: Run) -> dict[str, str]:
    """Candidates by name that a run was started without, with what keeps them from being asked now."""
    models = [model for model in list_models(store, run.study_id) if model.role is Role.CANDIDATE]
    return {m.name: why for m in models if m.id not in run.plan.model_ids and (why := why_not_asked(m))}


def finish_run(store: Store, run_id: int) -> Run:
    """Make every call of a queued run that is still missing, ask the judges, score what is stored.

    All by what it was planned with. Models that never were are probed first. Blocks until it is done, and then tells
    whoever wants to be told. Raises BadInput when the run is not queued or another living process works on it.
    """
    before = get_run(store, run_id)
    try:
        return execute_run(
            store,
            run_id,
            settle=settling(store, before),
            score=lambda run: score_ended(store, run),
        )
    finally:
        tell_end(store, before)


def score_ended(store: Store, run: Run) -> None:
    """Score what is stored of a run whose calls are made; the sample study's reviews come with its files."""
    if get_study(store, run.study_id).is_sample:
        add_written_reviews(store, run)
    score_run(store, run)


def is_left_behind(run: Run) -> bool:
    """Whether a run says that it is running although its process is dead or silent."""
    return run.state.status is Status.RUNNING and (is_dead_here(run.state.owner) or is_stale(run, datetime.now(UTC)))


def find_run(store: Store, study: Study, which: str) -> Run:
    """A run by its id, or the newest for ``latest``. Raises BadInput when there is none in this study."""
    runs = list_runs(store, study.id)
    if not runs:
        raise BadInput(f"Study {study.name!r} has no run yet; start one with `replay`.")
    if which == "latest":
        return runs[0]
    for run in runs:
        if str(run.id) == which:
            return run
    ids = ", ".join(str(run.id) for run in runs)
    raise BadInput(f"Study {study.name!r} has no run {which!r}. Its run ids: {ids}.")


def ask_run(store: Store, run: Run, wanted: Status) -> None:
    """Ask the process that works on a run to pause or cancel it; done at once where nobody works on it."""
    if run.state.status is Status.RUNNING and not is_dead_here(run.state.owner):
        change_run(store, run.id, wanted=wanted)
    else:
        change_run(store, run.id, status=wanted, resting=None)


def requeue_run(store: Store, run: Run, *, budget_usd: float | None = None) -> None:
    """Queue the missing calls of a run again, with a new budget if one is given.

    Raises BadInput when a living process works on it or on another run of the study, or the budget is not one.
    """
    check_budget(budget_usd)
    take_over = is_dead_here(run.state.owner)
    if not queue_run(store, run.id, take_over=take_over, budget_usd=budget_usd, is_dead=is_dead_here):
        raise BadInput("Another process is working on this run. Wait for it, or cancel it first.")


def file_replay(store: Store, study: Study, setup: RunOptions) -> tuple[Run, Job]:
    """Freeze a run and queue its replay. Raises BadInput when it cannot be planned, or a licence must be reviewed."""
    run = start_run(store, study, setup)
    return run, file_job(store, "replay", study.id, {"run": run.id})


def file_resume(store: Store, study: Study, run: Run, *, budget_usd: float | None = None) -> Job:
    """Queue the rest of a run that was paused, stopped or left behind by a dead process; perhaps with a new budget.

    Raises BadInput when a living process works on it, or the budget is not one.
    """
    requeue_run(store, run, budget_usd=budget_usd)
    return file_job(store, "replay", study.id, {"run": run.id})


def settling(store: Store, run: Run) -> Settle:
    """What the engine asks between two rounds: scores the answers that are new and looks at the evidence again."""
    scored: set[int] = set()
    answered: set[CallKey] = set()

    def settle() -> list[Settled]:
        from advisor.analysis.verdict.stopping import settled

        now = get_run(store, run.id)
        study = as_frozen(get_study(store, run.study_id), run)
        new_answers = list_answered(store, run.id) - answered  # to calls that an earlier round had lost, too
        fresh = sorted({key.sample_id for key in new_answers} | (list_asked(store, run.id) - scored))
        score_run(store, now, fresh, planned=True)
        scored.update(fresh)
        answered.update(new_answers)
        facts = RunFacts(store, study, now, planned=True)
        ids = {model.name: model.id for model in facts.candidates}
        found = settled(
            gather_evidence(facts),
            confidence=study.confidence,
            margin=study.margin,
            exam=take_exam(store, facts),
        )
        cases = {use_case.name: use_case.id for use_case in facts.use_cases}
        kept = {(each.use_case_id, each.model_id) for each in now.settled}
        new = [Settled(cases[name], ids[model], verdict, n) for name, model, verdict, n in found]
        return [*now.settled, *(each for each in new if (each.use_case_id, each.model_id) not in kept)]

    return settle
