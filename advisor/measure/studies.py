"""Opening the store, finding studies, and where their runs stand."""

from dataclasses import asdict
from datetime import UTC, datetime

from advisor.settings import database_url
from advisor.store import Store
from advisor.store.deletion import delete_study
from advisor.store.log.logs import load_sample_facts
from advisor.store.run.runs import list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.studies import create_study, find_study, get_study, list_studies
from advisor.types import Json, Run, Status, Study

__all__ = ["create_study", "delete_study", "find_study", "get_study", "list_studies", "open_store"]

_LISTED = (
    "run", "status", "planned", "succeeded", "failed", "cost_usd", "expected_total_usd", "heartbeat_age_s", "error",
)  # fmt: skip
"""Of each run, as ``status`` prints them."""


def open_store() -> Store:
    """The store that the environment names. Raises BadInput or StoreError with the remedy."""
    return Store(database_url())


def describe_run(store: Store, run: Run) -> dict[str, Json]:
    """Where a run stands, as ``replay`` prints it."""
    from advisor.decide.freshness import is_saturated

    return _stand(store, run) | {"saturated": is_saturated(store, run)}


def _stand(store: Store, run: Run) -> dict[str, Json]:
    from advisor.measure.replay.forecast import forecast_run

    tally = tally_run(store, run.id)
    age = (datetime.now(UTC) - run.state.heartbeat_at).total_seconds() if run.state.heartbeat_at else None
    expected = forecast_run(store, run).cost_usd if run.state.status.is_active else None
    return {
        "run": run.id,
        "status": run.state.status.value,
        "planned": tally.planned,
        "succeeded": tally.succeeded,
        "failed": tally.failed,
        "skipped": tally.skipped,
        "spared": tally.spared,
        "reused": tally.reused,
        "asked_again": run.machine.asked_again,
        "cost_usd": tally.cost_usd if not tally.unpriced else None,
        "judge_cost_usd": tally.judge.cost_usd,
        "expected_total_usd": expected and asdict(expected),
        "wall_s": run.state.wall_s,
        "partial": run.state.status is not Status.SUCCEEDED or tally.missing > 0 or tally.judge.given_up > 0,
        "heartbeat_age_s": age,
        "error": run.state.error,
    }


def describe_studies(store: Store, studies: list[Study]) -> list[dict[str, Json]]:
    """Studies and their runs, as ``status`` prints them."""
    listed = []
    for study in studies:
        runs = [_stand(store, run) for run in list_runs(store, study.id)]
        told = [{key: run[key] for key in _LISTED} for run in runs]
        listed.append({"study": study.name, "samples": len(load_sample_facts(store, study.id)), "runs": told})
    return listed
