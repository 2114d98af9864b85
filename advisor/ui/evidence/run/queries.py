"""What planning a run reads: how many samples it needs, and what it would cost."""

from advisor.measure.quoting import Quote, quote_run
from advisor.measure.registration import why_not_asked
from advisor.measure.replay.forecast import planned_s
from advisor.measure.sample_needs import (
    Need,
    Sizes,
    asked_in_full,
    plan_needs,
    plan_sizes,
    too_few_samples,
    was_asked_in_full,
)
from advisor.store.engine import Change
from advisor.types import Lane, Message, Run, RunOptions
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.server import store


def quote(study_id: int, setup: RunOptions) -> Quote:
    """What a run would cost. Raises BadInput when it cannot be planned."""
    made = tuple((run.id, run.state.status, run.state.finished_at) for run in queries.runs(study_id))
    asked = tuple((why_not_asked(each), each.probe) for each in queries.models(study_id))
    return _quote(study_id, setup, made, asked)


@cached()
def takes_s(study_id: int, setup: RunOptions) -> float | None:
    """About how long a run will take; None: no time at all."""
    return planned_s(store(), queries.study(study_id), setup, quote(study_id, setup).lanes)


@cached()
def sizes(study_id: int, lane: Lane) -> Sizes:
    """How many samples are enough, and how many there are. Raises BadInput when no run can be planned."""
    return plan_sizes(store(), queries.study(study_id), RunOptions(baseline=lane))


@cached()
def needs(study_id: int, setup: RunOptions) -> list[Need]:
    """Whether a run can decide each of its use cases."""
    return plan_needs(store(), queries.study(study_id), setup, weighed=False)


@cached(prices=True)
def weighed_needs(study_id: int, setup: RunOptions) -> list[Need]:
    """The same with what the samples are worth; slower."""
    return plan_needs(store(), queries.study(study_id), setup)


@cached()
def too_few(study_id: int, setup: RunOptions) -> Message | None:
    """Of which use cases a run asks too few samples."""
    return too_few_samples(store(), queries.study(study_id), setup)


@cached(Change.SETUP)
def asked_in_full_by(study_id: int, setup: RunOptions) -> Message | None:
    """Which use cases of a planned run cannot stop early; None where all can. Raises BadInput."""
    return asked_in_full(store(), queries.study(study_id), setup)


@cached(Change.SETUP)
def asked_in_full_in(run: Run) -> Message | None:
    """The same of a run that there is."""
    return was_asked_in_full(store(), run)


@cached(Change.SETUP, prices=True, spinner="Counting the calls ...")
def _quote(study_id: int, setup: RunOptions, made: object, asked: object) -> Quote:
    """``made`` and ``asked``: runs whose answers can be used again; why models cannot be asked, and their tests."""
    return quote_run(store(), queries.study(study_id), setup)
