"""Whether a stored decision still says what the evidence says now."""

import hashlib
from datetime import UTC, datetime

from advisor.analysis.age import stale_evidence
from advisor.store import Store
from advisor.store.log.edits import list_edits
from advisor.store.log.logs import list_logs
from advisor.store.log.use_cases import list_use_cases
from advisor.store.models import list_models
from advisor.store.run.reviews import mark_reviews
from advisor.store.run.runs import list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.scenarios import list_scenarios
from advisor.types import Message, Report, Run, Study

DECIDES_AS = 3
"""Raised when the same evidence is decided or worded otherwise than by the version before."""


def basis_of(store: Store, study: Study, run: Run) -> str:
    """A mark of all that a decision on ``run`` rests on: it changes with answers, scores, reviews, limits and prices.

    Cheap enough for every page: no answer is read.
    """
    runs = list_runs(store, study.id)
    parts = (
        DECIDES_AS,
        run.id,
        study,
        [(each.id, each.state.status, each.state.finished_at, each.settled, each.scored_with) for each in runs],
        [(log.id, log.accepted) for log in list_logs(store, study.id)],
        list_use_cases(store, study.id),
        list_edits(store, study.id, limit=1),
        list_models(store, study.id),
        mark_reviews(store, [each.id for each in runs]),
        *(each for each in list_scenarios(store, study.id) if each.chosen),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def stale_answers(store: Store, run: Run) -> Message | None:
    """That the oldest answers of a run are old; None while they are fresh."""
    return stale_evidence(tally_run(store, run.id).oldest_at, run.state.started_at, datetime.now(UTC))


def is_current(store: Store, study: Study, report: Report, run: Run) -> bool:
    """Whether a decision is the one on ``run`` by the study's own limits, and nothing changed since."""
    decision = report.recommendation
    return not decision.limits_given and decision.basis == basis_of(store, study, run)
