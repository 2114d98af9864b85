"""How a run ends: by itself, by an error, by an interruption."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np

from advisor.errors import AdvisorError, StoreError
from advisor.llm.failures import scrub
from advisor.llm.keys import mask_for
from advisor.measure.replay.engine import Outcome
from advisor.measure.replay.heart import owner_name
from advisor.store import Store
from advisor.store.runs import change_run
from advisor.store.tallies import tally_run
from advisor.store.workers import raise_lag
from advisor.types import Run, Status


@contextmanager
def owning(store: Store, run_id: int) -> Iterator[None]:
    """See to it that a run that ends by an error does not look as if somebody worked on it."""
    try:
        yield
    except AdvisorError as error:
        finished_at = None if isinstance(error, StoreError) else datetime.now(UTC)  # answers in hand were lost
        ended = {"status": Status.FAILED, "error": str(error), "finished_at": finished_at}
        change_run(store, run_id, by=owner_name(), resting=None, **ended)
        raise
    except Exception as error:
        why = scrub(f"A fault of the program ({type(error).__name__}: {error}). What is stored is kept.", mask_for())
        change_run(store, run_id, by=owner_name(), status=Status.FAILED, resting=None, error=why)
        raise
    except BaseException:  # interrupted: nobody works on it from here on, and what is stored is kept
        change_run(store, run_id, by=owner_name(), status=Status.PAUSED, resting=None)
        raise


def note_end(store: Store, run: Run, outcome: Outcome) -> None:
    """Keep how a run will end once it is scored."""
    tally = tally_run(store, run.id)
    status = outcome.stopped or (Status.FAILED if tally.planned and not tally.succeeded else Status.SUCCEEDED)
    notes = [f"{name} was given up: {why}" for name, why in outcome.given_up.items()]
    if outcome.stopped is Status.BUDGET_EXCEEDED:
        notes.append(
            "What is left of the budget pays for no further call; raise it and resume to make the missing ones."
        )
    raise_lag(store, run.id, lag_p99_s(outcome))
    change_run(
        store,
        run.id,
        by=owner_name(),
        resting=status,
        error=" ".join(notes) or None,
        finished_at=datetime.now(UTC),
        wall_s=(run.wall_s or 0.0) + outcome.wall_s,
    )


def lag_p99_s(outcome: Outcome) -> float:
    """Seconds by which the event loop was late, 99th percentile."""
    return float(np.quantile(outcome.lags_s, 0.99)) if outcome.lags_s else 0.0
