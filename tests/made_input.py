"""What a decision rests on, for tests that make up its evidence."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from advisor.analysis.evidence import Pair, UseCaseEvidence
from advisor.analysis.recommend import DecisionInput
from advisor.types import Lane, Run, Status, Study
from tests.nested import nested

AT = datetime(2026, 1, 1, tzinfo=UTC)
RUN = Run(
    id=1,
    number=1,
    study_id=1,
    status=Status.SUCCEEDED,
    wanted=None,
    seed=1,
    epochs=1,
    sample_size=100,
    baseline_lane=Lane.BASELINE,
    baseline="closed",
    concurrency=8,
    stream=False,
    judged=False,
    budget_usd=None,
    planned=100,
    planned_judge=0,
    model_ids=(),
    created_at=AT,
)


def made_pair(**given: Any) -> Pair:
    """By flat names: ``candidate_y``, ``baseline_cost_usd``, ``session``."""
    return nested(Pair, {"sample_id": 1, **given})


def decision_input(evidence: Sequence[UseCaseEvidence], **given: Any) -> DecisionInput:
    """By these fields of it; fields of the run, and the study's ``is_sample`` and ``study`` (its name), may be among
    them.
    """
    of_run = {f.name for f in fields(Run)} - {f.name for f in fields(DecisionInput)}
    study = {"name": given.pop("study", "s"), "is_sample": given.pop("is_sample", False)}
    run = {name: given.pop(name) for name in list(given) if name in of_run}
    defaults: dict[str, Any] = {
        "created_at": AT,
        "margin": None,
        "confidence": 0.95,
        "models": {},
        "missing": 0,
        "noise": None,
    }
    return DecisionInput(
        study=Study(id=1, created_at=AT, **study), run=Run(**{**vars(RUN), **run}), evidence=evidence,
        **{**defaults, **given},
    )  # fmt: skip
