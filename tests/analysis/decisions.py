"""Builders shared by the tests of the decision."""

from collections.abc import Mapping, Sequence
from typing import Any

from advisor.analysis.money.business_case import business_case
from advisor.analysis.quality.evidence import CandidateEvidence, JudgeAgreement, Pair, UseCaseEvidence
from advisor.analysis.verdict.recommend import recommend
from advisor.types import Assessment, ControlKind, Endpoint, Evidence, Exam, Kind, Model, Recommendation, Refusal
from advisor.types.scenarios import CaseInputs
from tests.made_input import decision_input, made_pair
from tests.nested import nested

NOTHING_MOVES = business_case([], CaseInputs(), calls=None, today_usd=None)
READ: dict[str, Any] = {
    "candidate_refusal": Refusal.NONE,
    "baseline_refusal": Refusal.NONE,
    "refusals_read": True,
}
"""A judge read both answers, and neither is a refusal."""
PASSED = Exam(judges=("j",), prompt_version="1", controls={kind.value: (6, 6) for kind in ControlKind})
OF_CANDIDATE = (
    "reviews", "written_reviews", "kappa", "kappa_high", "flips", "fields", "near_constant", "copied",
)  # fmt: skip
BASIS = {Endpoint.TARGET: "target", Endpoint.AGREEMENT: "agreement", Endpoint.PAIRWISE: "judge"}


def target_pairs(both: int = 0, better: int = 0, worse: int = 0, neither: int = 0, **fields: Any) -> list[Pair]:
    """Pairs with a right answer: (candidate, baseline) right or wrong, both read for refusals."""
    marks = [(1.0, 1.0)] * both + [(1.0, 0.0)] * better + [(0.0, 1.0)] * worse + [(0.0, 0.0)] * neither
    return [
        made_pair(**{"sample_id": i, "candidate_y": c, "baseline_y": b, **READ, **fields})
        for i, (c, b) in enumerate(marks)
    ]


def judged_pairs(wins: int = 0, ties: int = 0, losses: int = 0, **fields: Any) -> list[Pair]:
    """Pairs that a judge compared, both answers read for refusals."""
    marks = [1.0] * wins + [0.5] * ties + [0.0] * losses
    return [made_pair(**{"sample_id": i, "candidate_y": y, **READ, **fields}) for i, y in enumerate(marks)]


def use_case(
    pairs: Mapping[str, list[Pair]] | list[Pair],
    *,
    name: str = "triage",
    kind: Kind = Kind.CLASSIFICATION,
    endpoint: Endpoint = Endpoint.TARGET,
    **fields: Any,
) -> UseCaseEvidence:
    """Fields of one candidate, such as ``flips``, are given by candidate; ``evidence`` is what each is measured on."""
    by_model = {"open": pairs} if isinstance(pairs, list) else dict(pairs)
    sources = fields.pop("evidence", dict.fromkeys(by_model, BASIS[endpoint]))
    each = {key: fields.pop(key) for key in OF_CANDIDATE if key in fields}
    candidates = {
        model: _candidate(
            {"pairs": by_model.get(model, []), "source": Evidence(sources.get(model, "none"))}
            | {key: values[model] for key, values in each.items() if model in values}
        )
        for model in dict.fromkeys([*by_model, *sources])
    }
    given = {"name": name, "kind": kind, "endpoint": endpoint, "candidates": candidates, "samples": 500, **fields}
    return nested(UseCaseEvidence, given)


def _candidate(given: dict[str, Any]) -> CandidateEvidence:
    kappa, high = given.pop("kappa", None), given.pop("kappa_high", None)
    agreement = None if kappa is None else JudgeAgreement(kappa=kappa, high=high, reviews=given.get("reviews", 0))
    return CandidateEvidence(agreement=agreement, **given)


def decide(*evidence: UseCaseEvidence, models: Sequence[Model] = (), **fields: Any) -> Recommendation:
    given = {"models": {model.name: model for model in models}, "exam": PASSED, **fields}
    return recommend(decision_input(evidence, **given))


def assess(pairs: list[Pair], **fields: Any) -> Assessment:
    """The one assessment of one candidate in one use case."""
    keys = ("noise", "margin_of_study", "models", "judges", "exam")
    run: dict[str, Any] = {key: fields.pop(key) for key in keys if key in fields}
    if "margin_of_study" in run:
        run["margin"] = run.pop("margin_of_study")
    return decide(use_case(pairs, **fields), **run).use_cases[0].candidates[0]
