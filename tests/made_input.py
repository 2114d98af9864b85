"""What a decision rests on, for tests that make up its evidence."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from advisor.analysis.quality.evidence import Pair, UseCaseEvidence
from advisor.analysis.verdict.recommend import DecisionInput
from advisor.types import (
    Assessment,
    Cause,
    Endpoint,
    Evidence,
    Lane,
    Message,
    Recommendation,
    Run,
    RunOptions,
    Status,
    Study,
    UseCaseDecision,
    Verdict,
    WarningCode,
)
from tests.nested import nested

AT = datetime(2026, 1, 1, tzinfo=UTC)


def made_run(**given: Any) -> Run:
    """By flat names: ``status``, ``seed``, ``planned``; by default a whole one of 100 samples."""
    defaults = {
        "id": 1,
        "number": 1,
        "study_id": 1,
        "status": Status.SUCCEEDED,
        "created_at": AT,
        "sample_size": 100,
        "baseline_lane": Lane.BASELINE,
        "baseline": "closed",
        "stream": False,
        "judged": False,
        "planned": 100,
        "planned_judge": 0,
        "model_ids": (),
    }
    left = {**defaults, **given}
    options = {name: left.pop(name) for name in [*left] if name in RunOptions().kept}
    return nested(Run, {"options": nested(RunOptions, {"baseline": left["baseline_lane"], **options}), **left})


def made_pair(**given: Any) -> Pair:
    """By flat names: ``candidate_y``, ``baseline_cost_usd``, ``session``."""
    return nested(Pair, {"sample_id": 1, **given})


def made_assessment(**given: Any) -> Assessment:
    """By flat names: ``ci_low``, ``usd_per_1k``, ``verdict``; by default a target's, without a verdict yet."""
    defaults = {
        "model": "Open",
        "endpoint": Endpoint.TARGET,
        "evidence": Evidence.TARGET,
        "n": 200,
        "answered": given.get("n", 200),
        "margin": 0.05,
        "verdict": Verdict.NEED_MORE_DATA,
        "reason": Message.of(Cause.NOT_SURE),
    }
    return nested(Assessment, {**defaults, **given})


def made_recommendation(use_cases: tuple[UseCaseDecision, ...], **given: Any) -> Recommendation:
    """By flat names: ``monthly``, ``partial``, ``exam``; by default of a whole run."""
    defaults = {
        "study": "study",
        "is_sample_study": False,
        "id": 1,
        "number": 1,
        "status": Status.SUCCEEDED,
        "baseline": "closed",
        "baseline_lane": Lane.BASELINE,
        "seed": 0,
        "sample_size": 200,
        "partial": False,
        "created_at": AT,
        "confidence": 0.95,
        "use_cases": use_cases,
        "noise_floor": Message.of(WarningCode.NOISE_UNKNOWN),
    }
    return nested(Recommendation, {**defaults, **given})


def decision_input(evidence: Sequence[UseCaseEvidence], **given: Any) -> DecisionInput:
    """By these fields of it; fields of the run, and the study's ``is_sample`` and ``study`` (its name), may be among
    them.
    """
    study = {
        "name": given.pop("study", "s"),
        "is_sample": given.pop("is_sample", False),
        "margin": given.pop("margin", None),
        "confidence": given.pop("confidence", 0.95),
    }
    of_decision = {f.name for f in fields(DecisionInput)}
    run = {name: given.pop(name) for name in list(given) if name not in of_decision}
    defaults: dict[str, Any] = {
        "created_at": AT,
        "models": {},
        "missing": 0,
        "noise": None,
    }
    return DecisionInput(
        study=Study(id=1, created_at=AT, **study), run=made_run(**run), evidence=evidence,
        **{**defaults, **given},
    )  # fmt: skip
