"""What a run at work will have cost and when it will be done: the same for everybody who looks."""

from collections.abc import Mapping

from advisor.measure.replay.execution import slots_of
from advisor.measure.replay.forecast import Forecast, forecast
from advisor.store import Store
from advisor.store.models import list_models
from advisor.store.tallies import LaneKey, LaneTally, tally_lanes, tally_lanes_of_study, tally_run
from advisor.types import Run

__all__ = ["Forecast", "forecast_run", "tally_before"]


def tally_before(store: Store, run: Run) -> dict[LaneKey, LaneTally]:
    """What the calls of earlier runs of the study took; the same as long as the run goes on."""
    return tally_lanes_of_study(store, run.study_id, before=run.id)


def forecast_run(store: Store, run: Run, earlier: Mapping[LaneKey, LaneTally] | None = None) -> Forecast:
    """From what is stored of a run by now; ``earlier`` as :func:`tally_before` gives it."""
    models = [model for model in list_models(store, run.study_id) if model.id in run.model_ids]
    slots = {model.id or 0: slots_of(model, run.concurrency) for model in models if not model.illustrative}
    earlier = tally_before(store, run) if earlier is None else earlier
    return forecast(run, tally_run(store, run.id), tally_lanes(store, run.id), earlier, slots)
