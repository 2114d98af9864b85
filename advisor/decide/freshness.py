"""Whether the answers of a run can be believed: they may be old, or timed by a machine that was too busy."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from advisor.analysis.age import stale_evidence
from advisor.judge.scores import RULE_VERSIONS
from advisor.store import Store
from advisor.store.company import read_company
from advisor.store.log.edits import list_edits
from advisor.store.log.logs import list_logs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.reviews import mark_reviews
from advisor.store.run.runs import get_run, list_runs
from advisor.store.run.tallies import count_reused, median_latency_s, tally_run
from advisor.store.scenarios import list_scenarios
from advisor.types import Message, Model, Report, Role, Run, Study

DECIDES_AS = 4
"""Raised when the same evidence is decided or worded otherwise than by the version before."""


def basis_of(store: Store, study: Study, run: Run) -> str:
    """A mark of all that a decision on ``run`` rests on: it changes with answers, scores, reviews, limits and prices.

    Cheap enough for every page: no answer is read.
    """
    runs = list_runs(store, study.id)
    parts = (
        (DECIDES_AS, RULE_VERSIONS),
        run.id,
        study,
        [(each.id, each.state.status, each.state.finished_at, each.settled, each.scored_with) for each in runs],
        [(log.id, log.accepted) for log in list_logs(store, study.id)],
        list_use_cases(store, study.id),
        list_edits(store, study.id, limit=1),
        _models(store, study, runs),
        mark_reviews(store, [each.id for each in runs]),
        read_company(store),
        *(each for each in list_scenarios(store, study.id) if each.chosen),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _models(store: Store, study: Study, runs: Sequence[Run]) -> list[tuple[Model, object]]:
    """The judges and what any run asked, with what a test showed them to lack: a new candidate decides nothing yet."""
    asked = {model_id for run in runs for model_id in run.plan.model_ids}
    return [
        (replace(model, probe=None), model.probe and model.probe.cannot(needs_tools=True))
        for model in list_models(store, study.id)
        if model.id in asked or model.role is Role.JUDGE
    ]


def stale_answers(store: Store, run: Run) -> Message | None:
    """That the oldest answers of a run are old; None while they are fresh."""
    return stale_evidence(tally_run(store, run.id).oldest_at, run.state.started_at, datetime.now(UTC))


def is_current(store: Store, study: Study, report: Report, run: Run) -> bool:
    """Whether a decision is the one on ``run`` by the study's own limits, and nothing changed since."""
    decision = report.recommendation
    return not decision.limits_given and decision.basis == basis_of(store, study, run)


MOST_LAG = 0.05
"""How late the event loop may be, as a share of the median latency (PERF: the loop's lag is in every latency)."""


def is_saturated(store: Store, run: Run) -> bool:
    """Whether the latencies of a run are higher than the truth, because its own process could not keep up."""
    if run.machine.loop_lag_p99_s is None:
        return False
    median = median_latency_s(store, run.id)
    return median is not None and run.machine.loop_lag_p99_s > MOST_LAG * median


def busy_runs(store: Store, run: Run) -> tuple[int, ...]:
    """The numbers of the runs in which too busy a machine timed answers that this run holds, reused ones too."""
    asked_in = [get_run(store, source) for source, _ in count_reused(store, run) if source is not None]
    return tuple(each.number for each in (*asked_in, run) if is_saturated(store, each))
