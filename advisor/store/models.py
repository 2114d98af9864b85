"""Registered models."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from advisor.errors import BadInput
from advisor.store.columns import ACTIVE, value_of
from advisor.store.engine import Change, Store, study_of
from advisor.store.run.generations import IS_BESIDES
from advisor.store.run.tallies import REFUSED
from advisor.store.tables import GenerationRow, JudgementRow, ModelRow, RunRow
from advisor.types import Lane, Model, Prices, PriceSource, Probe, Role, Run, StoredModel, Usage

ASKED = ("litellm_id", "api_base", "params")
"""What makes two calls differ that hold the same request."""
FIELDS = ("name", "role", *ASKED, "key_env", "confirmed_key", "licence", "illustrative", "max_samples")
PRICES = {f"{kind}_price_usd_per_mtok": kind for kind in Prices.__dataclass_fields__}
"""By column."""

Price = Callable[[Usage, datetime], tuple[float, PriceSource] | None]
"""(dollars, source) of a call with this usage at a time (aware); None: unpriced."""


def add_model(store: Store, study_id: int, model: Model, price: Price | None = None) -> StoredModel:
    """Register a model, or change the one of the same name; as :func:`edit_model`.

    Raises BadInput when answers of another model are stored under this name, and as :func:`edit_model`.
    """
    with store.write(study_id, Change.SETUP) as session:
        row = session.scalar(select(ModelRow).where(ModelRow.study_id == study_id, ModelRow.name == model.name))
        if row is None:
            row = ModelRow(study_id=study_id, probe=None, **_columns(model))
            session.add(row)
        else:
            same = all(getattr(row, name) == getattr(model, name) for name in ("role", *ASKED))
            if not same and _has_answers(session, row.id):
                raise BadInput(
                    f"The name {model.name!r} belongs to {row.litellm_id!r}, which has answers already. "
                    "Add the other model under a new name."
                )
            _change(session, row, model, price)
        session.flush()
        return _model(row)


def edit_model(store: Store, model: StoredModel, price: Price) -> StoredModel:
    """Give the model with the id of ``model`` these values; its answers stay.

    After new prices the answers are priced again by ``price``.

    Raises BadInput when the model is gone, its name is taken, its role or what is asked would change although it has
    answers, or a replay with it is queued or running.
    """
    with store.write(study_of(ModelRow, model.id), Change.SETUP) as session:
        row = session.get(ModelRow, model.id)
        if row is None:
            raise BadInput("This model was deleted in the meantime.")
        taken = select(ModelRow.id).where(ModelRow.study_id == row.study_id, ModelRow.name == model.name)
        if session.scalar(taken.where(ModelRow.id != row.id)) is not None:
            raise BadInput(f"The study has another model called {model.name!r}. Choose another name.")
        if _has_answers(session, row.id):
            if row.role != model.role:
                raise BadInput(f"{row.name!r} has answers as {row.role}. Add it under another name for the new role.")
            if any(getattr(row, name) != getattr(model, name) for name in ASKED):
                raise BadInput(
                    f"{row.name!r} has answers, so its id, address and parameters are fixed. "
                    "Add the other one as a new model."
                )
        _change(session, row, model, price)
        session.flush()
        return _model(row)


def _change(session: Session, row: ModelRow, model: Model, price: Price | None) -> None:
    changed = {name: value for name, value in _columns(model).items() if getattr(row, name) != value}
    if not changed:
        return
    active = select(RunRow).where(RunRow.study_id == row.study_id, RunRow.status.in_(ACTIVE))
    if any(row.id in run.models for run in session.scalars(active)):
        raise BadInput(f"A replay with {row.name!r} is queued or running. Wait until it ends, or cancel it first.")
    if "name" in changed:
        live = RunRow.study_id == row.study_id, RunRow.baseline_lane == Lane.BASELINE, RunRow.baseline == row.name
        session.execute(update(RunRow).where(*live).values(baseline=model.name))
    for name, value in changed.items():
        setattr(row, name, value)
    if changed.keys() & {*ASKED, "role", "key_env", "confirmed_key"}:
        row.probe = None
    if changed.keys() & PRICES.keys() and price is not None:
        _price_again(session, row, price)


def _price_again(session: Session, row: ModelRow, price: Price) -> None:
    columns = (GenerationRow.id, GenerationRow.at, *(getattr(GenerationRow, n) for n in Usage.__dataclass_fields__))
    query = select(*columns).where(GenerationRow.model_id == row.id, GenerationRow.input_tokens.is_not(None))
    values = []
    for each in session.execute(query):
        cost_usd, source = price(Usage.of(each._mapping), each.at) or (None, None)
        values.append({"id": each.id, "cost_usd": cost_usd, "price_source": source and source.code})
    if values:
        session.execute(update(GenerationRow), values)


def has_answers(store: Store, model_id: int) -> bool:
    """Whether a model answered a call, or judged a pair."""
    with store.read() as session:
        return _has_answers(session, model_id)


def _has_answers(session: Session, model_id: int) -> bool:
    answers = select(GenerationRow.id).where(GenerationRow.model_id == model_id, GenerationRow.failure.is_(None))
    votes = select(JudgementRow.id).where(JudgementRow.judge_id == model_id)
    return any(session.scalar(query.limit(1)) is not None for query in (answers, votes))


def list_models(store: Store, study_id: int) -> list[StoredModel]:
    """The models of a study in the order in which they were registered."""
    query = select(ModelRow).where(ModelRow.study_id == study_id).order_by(ModelRow.id)
    return [_model(row) for row in store.scalars(query)]


def list_models_of(store: Store, run: Run) -> list[StoredModel]:
    """The models that a run asks, judges among them, without those that were deleted since."""
    return [model for model in list_models(store, run.study_id) if model.id in run.plan.model_ids]


def set_probe(store: Store, model_id: int, probe: Probe) -> None:
    """Keep what a probe showed."""
    change = update(ModelRow).where(ModelRow.id == model_id).values(probe=asdict(probe))
    store.execute(study_of(ModelRow, model_id), Change.ANSWERS, change)


def delete_model(store: Store, model_id: int) -> None:
    """Delete a model with its answers, of which its runs plan none any more; what they cost stays counted there."""
    row = GenerationRow
    own = (row.model_id == model_id, row.cost_usd.is_not(None), row.reused.is_not(True))
    paid = select(row.run_id, row.lane, func.sum(row.cost_usd)).where(*own).group_by(row.run_id, row.lane)
    study = select(ModelRow.study_id).where(ModelRow.id == model_id)
    with store.write(study_of(ModelRow, model_id), Change.SETUP) as session:
        for run_id, lane, usd in session.execute(paid).all():
            column = RunRow.removed_judge_usd if lane is Lane.JUDGE else RunRow.removed_usd
            change = update(RunRow).where(RunRow.id == run_id)
            session.execute(change.values({column: func.coalesce(column, 0.0) + usd}))
        for run in session.scalars(select(RunRow).where(RunRow.study_id.in_(study))):
            if model_id in run.models:
                _plan_without(session, run, model_id)
        session.execute(delete(ModelRow).where(ModelRow.id == model_id))


def _plan_without(session: Session, run: RunRow, gone: int) -> None:
    """Plan no call of a model that is to be deleted, and no vote by or about it."""
    row, models = GenerationRow, session.scalars(select(ModelRow).where(ModelRow.id.in_(run.models))).all()
    judges = [each.id for each in models if each.role is Role.JUDGE]
    if gone in judges:
        run.planned_judge -= run.planned_judge // len(judges)
    else:
        votes = JudgementRow.run_id == run.id, JudgementRow.model_id == gone, JudgementRow.judge_id.in_(judges)
        refused = row.run_id == run.id, row.about_model_id == gone, row.failure.in_(REFUSED), ~IS_BESIDES
        counts = (session.scalar(select(func.count()).where(*each)) or 0 for each in (votes, refused))
        run.planned_judge = max(run.planned_judge - sum(counts), 0)
        left = [each for each in models if each.id not in (gone, *judges)]
        run.planned = run.planned - _calls(session, run, gone) if left else 0
    run.models = [-each if each == gone else each for each in run.models]


def _calls(session: Session, run: RunRow, model_id: int) -> int:
    """How many calls a run planned of a model, whatever share it has by now: of a whole run those that it made."""
    model, row = session.get_one(ModelRow, model_id), GenerationRow
    size, is_repeated = run.sample_size, model.role is Role.BASELINE and run.epochs == 1
    now = min(model.max_samples or size, size) * run.epochs + is_repeated * min(run.repeated or 0, size)
    made = select(func.count()).where(row.run_id == run.id, row.lane != Lane.JUDGE)
    own, others = (
        session.scalar(made.where(each)) or 0 for each in (row.model_id == model_id, row.model_id != model_id)
    )
    return min(max(now, own), run.planned - others)


def _columns(model: Model) -> dict[str, Any]:
    prices = {column: getattr(model.prices, kind) for column, kind in PRICES.items()}
    return {name: getattr(model, name) for name in FIELDS} | prices


def _model(row: ModelRow) -> StoredModel:
    prices = Prices(**{kind: getattr(row, column) for column, kind in PRICES.items()})
    return value_of(StoredModel, row, prices=prices, probe=Probe(**row.probe) if row.probe else None)
