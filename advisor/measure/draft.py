"""What a run would ask, planned but not made: its sample, lanes, models and calls."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd

from advisor.analysis.sampling import count_calls, draw_samples, needs_of
from advisor.decide.frozen import freeze
from advisor.errors import BadInput
from advisor.judge.endpoints import Decided, decided
from advisor.measure.replay.plan import plan_calls
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.generations import CallKey
from advisor.text.names import recorded_name
from advisor.types import Endpoint, Frozen, Lane, Role, Run, RunOptions, RunPlan, RunState, Status, StoredModel, Study


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A run that is planned but not made."""

    lane: Lane
    baseline: str
    sample_ids: list[int]
    models: list[StoredModel]
    use_cases: dict[int, str]
    """By sample id."""
    available: dict[str, int]
    """Calls that can be asked, by use case."""
    keys: list[CallKey]
    judges: list[StoredModel]
    decided: Decided
    frozen: Frozen


def draft_run(store: Store, study: Study, setup: RunOptions) -> Draft:
    """Draw the sample and plan the calls of a run. Raises BadInput when it cannot be planned."""
    if setup.sample_size < 1 or setup.repeats.epochs < 1 or setup.concurrency < 1:
        raise BadInput("Sample, epochs and concurrency must be at least 1.")
    if setup.audited < 0:
        raise BadInput("The number of answers to audit can't be negative.")
    if setup.repeats.repeated < 0:
        raise BadInput("The number of samples for the noise floor can't be negative.")
    if not 0 <= setup.seed < 2**31:
        raise BadInput("The seed must be a whole number from 0 to 2147483647.")
    check_budget(setup.budget_usd)
    models = list_models(store, study.id)
    lane = setup.baseline or (Lane.BASELINE if _of(models, Role.BASELINE) else Lane.RECORDED)
    if lane is Lane.BASELINE and not _of(models, Role.BASELINE):
        raise BadInput(
            "A live baseline needs a model. Add one with `model add NAME --role baseline`, or use --baseline recorded."
        )
    candidates = _of(models, Role.CANDIDATE)
    if not candidates:
        raise BadInput("The study has no candidates. Add one with `model add` or on the page Candidates.")
    use_cases = list_use_cases(store, study.id)
    choice = decided(store, study.id, lane)
    columns = ("id", "use_case", "session", "model", "at", "has_answer", "not_replayable")
    facts = _askable(load_sample_facts(store, study.id, columns), lane)
    if setup.planning.last_turn_only:
        facts = last_turns(facts)
    ids = sorted(draw_samples(facts, needs_of(use_cases, choice.endpoints), setup.sample_size, setup.seed))
    names = facts.set_index("id")["use_case"]
    asked = [(Lane.CANDIDATE, model) for model in candidates]
    baselines = _of(models, Role.BASELINE)[:1] if lane is Lane.BASELINE else []
    asked += [(Lane.BASELINE, model) for model in baselines]
    drawn = {id_: str(names[id_]) for id_ in ids}
    compared = {Endpoint.PAIRWISE, Endpoint.AGREEMENT} & set(choice.endpoints.values())
    return Draft(
        lane=lane,
        baseline=baselines[0].name if baselines else recorded_name(facts["model"].dropna()),
        sample_ids=ids,
        models=[model for _, model in asked],
        use_cases=drawn,
        available=count_calls(facts),
        keys=plan_calls(drawn, asked, setup.repeats, setup.seed),
        judges=_of(models, Role.JUDGE) if setup.judged and (compared or setup.audited) else [],
        decided=choice,
        frozen=freeze(study, use_cases, set(drawn.values()), choice),
    )


def as_run(study: Study, setup: RunOptions, draft: Draft) -> Run:
    """The run as far as the calls depend on it."""
    return Run(
        id=0,
        number=0,
        study_id=study.id,
        options=replace(setup, sample_size=len(draft.sample_ids), baseline=draft.lane),
        baseline_lane=draft.lane,
        baseline=draft.baseline,
        state=RunState(status=Status.QUEUED, created_at=datetime.now(UTC)),
        plan=RunPlan(planned=len(draft.keys), planned_judge=0, model_ids=tuple(model.id for model in draft.models)),
    )


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
        raise BadInput("None of the log's calls can be replayed. The page Prompt log lists the reasons.")
    if lane is Lane.RECORDED:
        answered = replayable[replayable["has_answer"]]
        if answered.empty:
            raise BadInput(
                "None of the replayable calls has a recorded answer. Add a baseline model and replay it live."
            )
        return answered
    return replayable


def check_budget(budget_usd: float | None) -> None:
    """Raises BadInput for a budget that is not a number of dollars."""
    if budget_usd is not None and not (math.isfinite(budget_usd) and budget_usd >= 0):
        raise BadInput("The budget can't be negative.")


def _of(models: Sequence[StoredModel], role: Role) -> list[StoredModel]:
    return [model for model in models if model.role is role]
