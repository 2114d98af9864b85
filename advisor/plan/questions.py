"""What the six questions of a product manager are answered from: the decision, the catalog, and what answers lost."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence

from advisor.analysis.training import just_short
from advisor.catalog.gpus import rentable_gpus
from advisor.catalog.licences import licence
from advisor.catalog.open_models import OpenModel, open_model
from advisor.decide.failures import tally_kinds
from advisor.decide.losses import list_uneven
from advisor.decide.subject import find_subject
from advisor.store import Store
from advisor.store.run.runs import get_run
from advisor.types import (
    Assessment,
    Endpoint,
    FailureKindName,
    Recommendation,
    Report,
    StoredModel,
    Study,
    UseCaseDecision,
    Verdict,
)
from advisor.types.business import BusinessCase
from advisor.types.questions import Contender, Outlook, Potential, Spread, Tuning, Weights
from advisor.types.scenarios import CaseInput

MOST_GPUS = 8
"""Of one machine."""
HOURS = 730.5
"""Of a month."""
Failures = Callable[[str, str], Sequence[tuple[FailureKindName, int]]]
"""(use case, model) -> what it lost to the baseline."""


def outlook_of(report: Report, case: BusinessCase, failures: Failures) -> Outlook:
    """Read from what was decided. Raises BadInput when the catalog is damaged."""
    decision = report.recommendation
    models = {model.name: model for model in report.models}
    ids = {model.name: model.plain_id for model in report.models if not model.illustrative}
    open_cases = tuple(each.name for each in decision.use_cases if _is_open(models.get(each.chosen or "")))
    names = dict.fromkeys(a.model for each in decision.use_cases for a in each.candidates)
    contenders = sorted((_contender(decision, name, ids.get(name, "")) for name in names), key=_rank, reverse=True)
    every = [a for each in decision.use_cases for a in each.candidates]
    return Outlook(
        contenders=tuple(contenders),
        baseline=Spread(
            _ends(each.baseline_facts.times.latency_p95_s for each in decision.use_cases),
            _ends(a.costs.baseline_usd_per_1k for a in every),
        ),
        open_cases=open_cases,
        open_share=_share(decision, open_cases),
        tuning=_tuning(decision, contenders, case, failures),
    )


def _is_open(model: StoredModel | None) -> bool:
    """The maker or the person says so, or it runs where weights are needed."""
    if model is None:
        return False
    return bool(model.licence or model.illustrative or model.api_base or model.is_builtin or open_model(model.plain_id))


def _share(decision: Recommendation, use_cases: Collection[str]) -> float | None:
    bills = {each.name: each.monthly_baseline_usd for each in decision.use_cases}
    known = {name: usd for name, usd in bills.items() if usd is not None}
    if len(known) < len(bills) or not sum(known.values()):
        return None
    return sum(usd for name, usd in known.items() if name in use_cases) / sum(known.values())


def stored_failures(store: Store, study: Study, run_id: int) -> Failures:
    """By what the answers of a run were scored with."""

    def read(use_case: str, model: str) -> Sequence[tuple[FailureKindName, int]]:
        subject = find_subject(store, study, get_run(store, run_id), use_case, model)
        return [*tally_kinds(list_uneven(store, study, subject, gains=False)).items()] if subject else []

    return read


def _contender(decision: Recommendation, name: str, litellm_id: str) -> Contender:
    mine = [(case.name, a) for case in decision.use_cases for a in case.candidates if a.model == name]
    deltas = [(case, a.difference.delta) for case, a in mine if a.difference.delta is not None and a.counts]
    good = _with(mine, Verdict.SWITCH)
    known = open_model(litellm_id) if litellm_id else None
    weights = _weights(known) if known else None
    return Contender(
        model=name,
        illustrative=mine[0][1].illustrative,
        good=good,
        partly=_with(mine, Verdict.ROUTE),
        worse=_with(mine, Verdict.KEEP),
        undecided=_with(mine, Verdict.NEED_MORE_DATA),
        deltas=tuple(sorted(deltas, key=lambda each: -each[1])),
        failing=tuple(dict.fromkeys(gate.name for _, a in mine for gate in a.gates if gate.passed is False)),
        spread=Spread(
            _ends(a.times.latency_p95_s for _, a in mine),
            _ends(a.costs.usd_per_1k for _, a in mine),
        ),
        weights=weights,
        potential=Potential.NOT_NEEDED if len(good) == len(mine) else _potential(weights),
    )


def hardware_of(report: Report, decision: UseCaseDecision) -> Weights | None:
    """The least hardware for the target of a move; None unless it's self-hosted and in the catalog."""
    model = next((each for each in report.models if each.name == decision.chosen), None)
    known = open_model(model.plain_id) if model and model.api_base else None
    return _weights(known) if known else None


def _with(mine: Iterable[tuple[str, Assessment]], verdict: Verdict) -> tuple[str, ...]:
    return tuple(case for case, a in mine if a.ruling.verdict is verdict)


def _rank(contender: Contender) -> tuple[int, int, float]:
    return (len(contender.good), -len(contender.worse), sum(delta for _, delta in contender.deltas))


def _ends(values: Iterable[float | None]) -> tuple[float, float] | None:
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None


def _weights(model: OpenModel) -> Weights:
    terms = licence(model.licence) if model.licence else None
    memory, fitting = model.size.vram_gb, []
    if memory is not None:
        needed = [(gpu, math.ceil(memory / gpu.memory_gb)) for gpu in rentable_gpus()]
        fitting = [(gpu.usd_per_hour[1] * n * HOURS, n, gpu.name) for gpu, n in needed if n <= MOST_GPUS]
    usd, gpus, gpu = min(fitting, default=(None, None, None))
    return Weights(
        licence=terms.name if terms else None,
        is_permissive=bool(terms and terms.is_permissive),
        total_b=model.size.total_b,
        memory_gb=memory,
        gpu=gpu,
        gpus=gpus,
        usd_a_month=usd,
    )


def _potential(weights: Weights | None) -> Potential:
    if weights is None or weights.licence is None or weights.gpus is None:
        return Potential.UNKNOWN
    if not weights.is_permissive:
        return Potential.LICENCE
    return Potential.GOOD if weights.gpus == 1 else Potential.LARGE


def _tuning(
    decision: Recommendation, contenders: Sequence[Contender], case: BusinessCase, failures: Failures
) -> Tuning | None:
    """Where most is paid among the use cases that are just short of a move."""
    short = [(each, a) for each in decision.use_cases if (a := just_short(each))]
    if not short:
        return None
    chosen, a = max(short, key=lambda pair: pair[0].monthly_baseline_usd or 0.0)
    assert a.difference.delta is not None
    training = case.inputs[CaseInput.TRAINING_USD]
    return Tuning(
        use_case=chosen.name,
        contender=next(each for each in contenders if each.model == a.model),
        samples=chosen.samples,
        has_references=a.quality.endpoint is Endpoint.TARGET,
        tested=a.quality.n,
        delta=a.difference.delta,
        margin=a.difference.margin,
        failures=tuple(failures(chosen.name, a.model)),
        saved=a.costs.savings_usd,
        training_usd=training or None,
    )
