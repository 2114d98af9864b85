"""Testing a new model on the sample of a run that was measured before.

It asks what the run asked, with its seed and settings; what the run was answered is taken over, so that only the new
model's calls are paid.
"""

import dataclasses
from dataclasses import dataclass

from advisor.errors import BadInput
from advisor.measure.draft import Draft, draft_run
from advisor.measure.quoting import Quote, quote_draft
from advisor.measure.registration import key_of, register_model
from advisor.measure.replay.plan import plan_calls
from advisor.measure.run_lifecycle import file_replay
from advisor.money.price_refresh import blocked
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.run.samples import list_run_samples
from advisor.types import Job, Lane, Model, Planning, Role, Run, RunOptions, StoredModel, Study

_NEW = -1
"""Id of a model that is not registered yet."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A new model on the sample of a run, before anything is spent."""

    model: Model
    setup: RunOptions
    quote: Quote
    """Of what will be asked; what the run was answered costs nothing."""
    missing_key: str | None
    """The variable that should hold the provider's key and is not set here; None: one is, or none is needed."""


def same_setup(store: Store, study: Study, run: Run) -> RunOptions:
    """The settings of a run, with which the same sample is drawn again.

    Raises BadInput when the log or the use cases have changed so that another would be drawn.
    """
    sample = list_run_samples(store, run.id)
    for last_turn_only in (False, True):  # the one choice that a run does not keep; its sample tells
        planning = Planning(
            last_turn_only=last_turn_only, allow_unpriced=True
        )  # as in that run: the new model has a price
        setup = dataclasses.replace(run.options, fresh=False, planning=planning)
        if draft_run(store, study, setup).sample_ids == sample:
            return setup
    raise BadInput(
        f"The log or its use cases changed after run {run.number}, so its sample can't be drawn again. "
        "Register the model on the page Candidates and start a new replay."
    )


def quote_trial(store: Store, study: Study, run: Run, name: str, litellm_id: str) -> Trial:
    """What testing a model on the sample of a run would cost. Raises BadInput when it cannot be done."""
    model = Model(name=_free_name(store, study, name, litellm_id), litellm_id=litellm_id)
    change = blocked(model)
    if change:
        raise BadInput(f"The license of {model.name} changed to {change.after}. Review it on the page Settings first.")
    setup = same_setup(store, study, run)
    draft, added = draft_run(store, study, setup), StoredModel(**vars(model), id=_NEW)
    whole = quote_draft(store, study, setup, _with(draft, [*draft.models, added], setup))
    alone = quote_draft(store, study, setup, _with(draft, [added], setup))
    is_alone = whole.calls == alone.calls
    key = key_of(model)
    missing = key.name if key and not key.is_set else None
    return Trial(model=model, setup=setup, quote=alone if is_alone else whole, missing_key=missing)


def start_trial(store: Store, study: Study, trial: Trial) -> tuple[Run, Job]:
    """Register the model as a candidate and queue the replay. Raises BadInput when either cannot be done."""
    register_model(store, study, trial.model)
    return file_replay(store, study, trial.setup)


def _with(draft: Draft, models: list[StoredModel], setup: RunOptions) -> Draft:
    """The same draft, asked of these models."""
    lanes = [(Lane.BASELINE if model.role is Role.BASELINE else Lane.CANDIDATE, model) for model in models]
    keys = plan_calls(draft.use_cases, lanes, setup.repeats, setup.seed)
    return dataclasses.replace(draft, models=models, keys=keys)


def _free_name(store: Store, study: Study, name: str, litellm_id: str) -> str:
    """What to call it in the study: by its host too, as the page Candidates does."""
    wanted = f"{name} at {litellm_id.partition('/')[0]}"
    if any(model.litellm_id == litellm_id or model.name == wanted for model in list_models(store, study.id)):
        raise BadInput(f"{wanted} is already in this study. Start a replay on the page Replay.")
    return wanted
