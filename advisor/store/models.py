"""Registered models."""

from dataclasses import asdict

from sqlalchemy import delete, func, select, update

from advisor.errors import BadInput
from advisor.store.engine import Store
from advisor.store.tables import GenerationRow, ModelRow
from advisor.types import Model, Probe, Role

IDENTITY = ("role", "litellm_id", "api_base", "params")
"""What may not change while answers are stored under a name."""


def add_model(store: Store, study_id: int, model: Model) -> Model:
    """Register a model, or change the one of the same name as long as it has no answers.

    Raises BadInput when answers of another model are stored under this name.
    """
    values = {
        "role": model.role,
        "litellm_id": model.litellm_id,
        "api_base": model.api_base,
        "key_env": model.key_env,
        "confirmed_key": model.confirmed_key,
        "input_price_usd_per_mtok": model.input_price_usd_per_mtok,
        "output_price_usd_per_mtok": model.output_price_usd_per_mtok,
        "cache_read_price_usd_per_mtok": model.cache_read_price_usd_per_mtok,
        "cache_write_price_usd_per_mtok": model.cache_write_price_usd_per_mtok,
        "params": model.params,
        "licence": model.licence,
        "illustrative": model.illustrative,
        "max_samples": model.max_samples,
    }
    with store.write() as session:
        row = session.scalar(select(ModelRow).where(ModelRow.study_id == study_id, ModelRow.name == model.name))
        if row is None:
            row = ModelRow(study_id=study_id, name=model.name, probe=None, **values)
            session.add(row)
        else:
            answers = select(func.count()).where(GenerationRow.model_id == row.id, GenerationRow.failure.is_(None))
            same = all(getattr(row, name) == values[name] for name in IDENTITY)
            if not same and session.scalar(answers):
                raise BadInput(
                    f"The name {model.name!r} belongs to {row.litellm_id!r}, which has answers already. "
                    "Register the other model under a new name."
                )
            session.execute(update(ModelRow).where(ModelRow.id == row.id).values(**values))
            session.refresh(row)
        session.flush()
        return _model(row)


def list_models(store: Store, study_id: int, role: Role | None = None) -> list[Model]:
    """The models of a study in the order in which they were registered."""
    query = select(ModelRow).where(ModelRow.study_id == study_id).order_by(ModelRow.id)
    if role is not None:
        query = query.where(ModelRow.role == role)
    with store.read() as session:
        return [_model(row) for row in session.scalars(query)]


def set_probe(store: Store, model_id: int, probe: Probe) -> None:
    """Keep what a probe showed."""
    with store.write() as session:
        session.execute(update(ModelRow).where(ModelRow.id == model_id).values(probe=asdict(probe)))


def delete_model(store: Store, model_id: int) -> None:
    """Delete a model with its answers."""
    with store.write() as session:
        session.execute(delete(ModelRow).where(ModelRow.id == model_id))


def _model(row: ModelRow) -> Model:
    return Model(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        litellm_id=row.litellm_id,
        api_base=row.api_base,
        key_env=row.key_env,
        confirmed_key=row.confirmed_key,
        input_price_usd_per_mtok=row.input_price_usd_per_mtok,
        output_price_usd_per_mtok=row.output_price_usd_per_mtok,
        cache_read_price_usd_per_mtok=row.cache_read_price_usd_per_mtok,
        cache_write_price_usd_per_mtok=row.cache_write_price_usd_per_mtok,
        params=row.params,
        licence=row.licence,
        illustrative=row.illustrative,
        max_samples=row.max_samples,
        probe=Probe(**row.probe) if row.probe else None,
    )
