"""Quoting, starting and finishing a replay."""

import math
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from advisor.errors import BadInput
from advisor.replay.calls import JUDGE_OUTPUT_TOKENS, count_characters, output_limit, sample_call
from advisor.replay.execution import execute_run
from advisor.replay.heart import is_dead_here
from advisor.replay.loading import BATCH, Decided
from advisor.replay.obstacles import known_of, obstacle_of
from advisor.replay.plan import plan_calls
from advisor.replay.quote import Bill, Quote
from advisor.replay.sampling import draw_samples, needs_of
from advisor.store import Store
from advisor.store.generations import CallKey
from advisor.store.known_answers import list_known
from advisor.store.logs import load_sample_facts, load_samples
from advisor.store.models import list_models
from advisor.store.runs import change_run, create_run, get_run, is_stale, list_runs, queue_run
from advisor.store.studies import get_study
from advisor.store.use_cases import list_use_cases
from advisor.study.endpoints import decided
from advisor.study.notify import tell_end
from advisor.study.sample import add_written_reviews
from advisor.study.scores import score_run
from advisor.types import Endpoint, Lane, Model, Role, Run, Sample, Status, Study

__all__ = ["DEFAULT_SAMPLE", "Quote", "Setup", "ask_run", "find_run", "finish_run", "quote_run", "start_run"]

DEFAULT_SAMPLE = 200


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a person chooses before a run; frozen into it."""

    sample_size: int = DEFAULT_SAMPLE
    """In all, over the use cases; at most all."""
    seed: int = 1
    epochs: int = 1
    baseline: Lane | None = None
    """RECORDED or BASELINE (live); None: live where a baseline model is registered."""
    concurrency: int = 8
    stream: bool = True
    budget_usd: float | None = None
    allow_unpriced: bool = False
    judged: bool = True
    last_turn_only: bool = False
    """Of each conversation only the last call, which holds the turns before it: agents resend all of them each time."""
    repeated: int = 0
    """Samples that a live baseline is asked twice, to see what chance alone does."""
    fresh: bool = False
    """Make every call, even one that an earlier run of the study has an answer to."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A run that is planned but not made."""

    lane: Lane
    baseline: str
    sample_ids: list[int]
    models: list[Model]
    keys: list[CallKey]
    judges: list[Model]
    decided: Decided


def quote_run(store: Store, study: Study, setup: Setup) -> Quote:
    """What a run would cost. Raises BadInput when it cannot be planned."""
    return _quote(store, study, setup, _draft(store, study, setup))


def start_run(store: Store, study: Study, setup: Setup) -> Run:
    """Freeze a run and queue it; nothing is asked yet.

    Raises BadInput when there is nothing to ask, or when a budget is set and a model has no price.
    """
    draft = _draft(store, study, setup)
    quote = _quote(store, study, setup, draft)
    if quote.unpriced and setup.budget_usd is not None and not setup.allow_unpriced:
        raise BadInput(
            f"No price is known for {', '.join(quote.unpriced)}, so that the budget cannot be kept. Give its prices "
            "(--input-price and --output-price), or allow unpriced models (--allow-unpriced)."
        )
    return create_run(
        store,
        study.id,
        sample_ids=draft.sample_ids,
        seed=setup.seed,
        epochs=setup.epochs,
        sample_size=len(draft.sample_ids),
        baseline_lane=draft.lane,
        baseline=draft.baseline,
        concurrency=setup.concurrency,
        stream=setup.stream,
        judged=setup.judged,
        budget_usd=setup.budget_usd,
        planned=len(draft.keys),
        planned_judge=quote.judge_calls,
        repeated=setup.repeated,
        fresh=setup.fresh,
        models=[model.id for model in [*draft.models, *draft.judges]],
    )


def finish_run(store: Store, run_id: int, data_dir: Path) -> Run:
    """Make every call of a queued run that is still missing, ask the judges, score what is stored.

    Models that never were are probed first. Blocks until it is done, and then tells whoever wants to be told. Raises
    BadInput when the run is not queued or another living process works on it.
    """
    before = get_run(store, run_id)
    study = get_study(store, before.study_id)
    choice = decided(list_use_cases(store, study.id), before.baseline_lane)
    try:
        run = execute_run(store, run_id, choice, data_dir=data_dir)
        if study.is_sample:
            add_written_reviews(store, run, data_dir)
        score_run(store, run)
    finally:
        tell_end(store, before)
    return run


def is_left_behind(run: Run) -> bool:
    """Whether a run says that it is running although its process is dead or silent."""
    return run.status is Status.RUNNING and (is_dead_here(run.owner) or is_stale(run, datetime.now(UTC)))


def find_run(store: Store, study: Study, which: str) -> Run:
    """A run by its number, or the newest for ``latest``. Raises BadInput when there is none in this study."""
    runs = list_runs(store, study.id)
    if not runs:
        raise BadInput(f"Study {study.name!r} has no run yet; start one with `replay`.")
    if which == "latest":
        return runs[0]
    for run in runs:
        if str(run.id) == which:
            return run
    raise BadInput(f"Study {study.name!r} has no run {which!r}. Its runs: {', '.join(str(run.id) for run in runs)}.")


def ask_run(store: Store, run: Run, wanted: Status) -> None:
    """Ask the process that works on a run to pause or cancel it; done at once where nobody works on it."""
    if run.status is Status.RUNNING and not is_dead_here(run.owner):
        change_run(store, run.id, wanted=wanted)
    else:
        change_run(store, run.id, status=wanted)


def requeue_run(store: Store, run: Run, *, budget_usd: float | None = None) -> None:
    """Queue the missing calls of a run again, with a new budget if one is given.

    Raises BadInput when a living process works on it, or the budget is not one.
    """
    check_budget(budget_usd)
    if not queue_run(store, run.id, take_over=is_dead_here(run.owner), budget_usd=budget_usd):
        raise BadInput(f"Run {run.id} is being worked on by another process; wait for it or cancel it first.")


def check_budget(budget_usd: float | None) -> None:
    """Raises BadInput for a budget that is not a number of dollars."""
    if budget_usd is not None and not (math.isfinite(budget_usd) and budget_usd >= 0):
        raise BadInput("A budget is a number of dollars that is not negative.")


def _draft(store: Store, study: Study, setup: Setup) -> Draft:
    if setup.sample_size < 1 or setup.epochs < 1 or setup.concurrency < 1:
        raise BadInput("Sample, epochs and concurrency must be at least 1.")
    if setup.repeated < 0:
        raise BadInput("The number of samples to ask the baseline twice about cannot be negative.")
    if not 0 <= setup.seed < 2**31:
        raise BadInput("The seed is a whole number from 0 to 2147483647.")
    check_budget(setup.budget_usd)
    models = list_models(store, study.id)
    lane = setup.baseline or (Lane.BASELINE if _of(models, Role.BASELINE) else Lane.RECORDED)
    if lane is Lane.BASELINE and not _of(models, Role.BASELINE):
        raise BadInput(
            "A live baseline needs a registered model (`model add NAME --role baseline`); or use --baseline recorded."
        )
    candidates = _of(models, Role.CANDIDATE)
    if not candidates:
        raise BadInput("No candidate is registered; add one with `model add` or on the page Candidates.")
    use_cases = list_use_cases(store, study.id)
    choice = decided(use_cases, lane)
    facts = _askable(load_sample_facts(store, study.id), lane)
    if setup.last_turn_only:
        facts = last_turns(facts)
    ids = sorted(draw_samples(facts, needs_of(use_cases, choice.endpoints), setup.sample_size, setup.seed))
    names = facts.set_index("id")["use_case"]
    asked = [(Lane.CANDIDATE, model) for model in candidates]
    baselines = _of(models, Role.BASELINE)[:1] if lane is Lane.BASELINE else []
    asked += [(Lane.BASELINE, model) for model in baselines]
    pairwise = Endpoint.PAIRWISE in choice.endpoints.values()
    return Draft(
        lane=lane,
        baseline=baselines[0].name if baselines else recorded_name(facts),
        sample_ids=ids,
        models=[model for _, model in asked],
        keys=plan_calls(
            {id_: str(names[id_]) for id_ in ids},
            asked,
            epochs=setup.epochs,
            repeated=setup.repeated,
            seed=setup.seed,
        ),
        judges=_of(models, Role.JUDGE) if setup.judged and pairwise else [],
        decided=choice,
    )


def recorded_name(facts: pd.DataFrame) -> str:
    """What to call the recorded baseline: the model that wrote most of the log's answers."""
    names = Counter(name for name in facts["model"].dropna())
    return f"{names.most_common(1)[0][0]} (recorded)" if names else "the recorded answers"


def last_turns(facts: pd.DataFrame) -> pd.DataFrame:
    """The last call of each session, and every call that belongs to none, in their order."""
    in_time = facts.sort_values(["at", "id"], na_position="first")
    is_last = facts["session"].isna() | facts["id"].isin(in_time.drop_duplicates("session", keep="last")["id"])
    return facts[is_last]


def _askable(facts: pd.DataFrame, lane: Lane) -> pd.DataFrame:
    if facts.empty:
        raise BadInput("The study has no samples; import a log first.")
    replayable = facts[facts["not_replayable"].isna()]
    if replayable.empty:
        raise BadInput("No call of the log can be replayed; the page Prompt log lists the reasons.")
    if lane is Lane.RECORDED:
        answered = replayable[replayable["has_answer"]]
        if answered.empty:
            raise BadInput(
                "The log has no recorded answers to compare with; register a baseline model and replay it live."
            )
        return answered
    return replayable


def _quote(store: Store, study: Study, setup: Setup, draft: Draft) -> Quote:
    """Price a draft, a batch of samples at a time; what an earlier run was answered, or is not sent, costs nothing."""
    bill, reused, judge_calls = Bill(), 0, 0
    models = {model.id: model for model in draft.models}
    known = {model.id: known_of(model) for model in draft.models}
    keys: dict[int, list[CallKey]] = {}
    for key in draft.keys:
        keys.setdefault(key.sample_id, []).append(key)
    for start in range(0, len(draft.sample_ids), BATCH):
        samples = list(load_samples(store, draft.sample_ids[start : start + BATCH]))
        calls = [sample_call(key, models[key.model_id], s) for s in samples for key in keys.get(s.id or 0, ())]
        answered = set() if setup.fresh else list_known(store, study.id, [call.digest for call in calls])
        left_out = set()
        for call in calls:
            if call.digest in answered:
                reused += 1
            elif obstacle := obstacle_of(call, known[call.model.id]):
                bill.leave_out(call.model, obstacle)
                left_out.add(call.key)
            else:
                bill.add(call.model, call.input_tokens, call.output_tokens, output_limit(call.request.params))
        for sample in samples:
            if draft.decided.endpoints.get(sample.use_case or "") is Endpoint.PAIRWISE:
                pairs = _count_pairs(keys.get(sample.id or 0, ()), left_out)
                for judge in [judge for judge in draft.judges for _ in range(2 * pairs)]:
                    bill.add(judge, _judged_tokens(sample), JUDGE_OUTPUT_TOKENS)
                    judge_calls += 1
    return bill.quote(calls=len(draft.keys), judge_calls=judge_calls, reused=reused)


def _count_pairs(keys: Sequence[CallKey], left_out: Set[CallKey]) -> int:
    """How many pairs of answers to one sample there are to compare, if all of its calls that are sent are answered."""
    if any(key.lane is Lane.BASELINE and key in left_out for key in keys):
        return 0
    return sum(key.lane is Lane.CANDIDATE and key.epoch == 1 and key not in left_out for key in keys)


def _judged_tokens(sample: Sample) -> int:
    """What a judge reads: the prompt, two answers and its instructions."""
    answer = len(sample.answer.text or "") if sample.answer else 1000
    return (count_characters(sample.request.messages) + 2 * answer) // 3 + 400


def _of(models: Sequence[Model], role: Role) -> list[Model]:
    return [model for model in models if model.role is role]
