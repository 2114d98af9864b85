"""Reports for tests, decided and planned by the real analysis on made-up pairs."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.evidence import CandidateEvidence, Limits, Pair, UseCaseEvidence, UseCaseLog
from advisor.analysis.statistics.noise import NoiseFloor
from advisor.analysis.verdict.recommend import recommend
from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.dossier import make_dossier
from advisor.plan.moving import CaseFacts
from advisor.plan.schedule import schedule_of
from advisor.plan.timeline import timeline
from advisor.types import (
    AT_CONTRACT,
    ControlKind,
    Endpoint,
    Evidence,
    Exam,
    Example,
    FailureKind,
    Kind,
    Lane,
    LeftOut,
    Message,
    PriceOrigin,
    Prices,
    PriceSource,
    Report,
    Role,
    Status,
    StoredModel,
    Verdict,
    WarningCode,
)
from advisor.types.dossier import Dossier
from advisor.types.licences import LicenceNote
from advisor.types.scenarios import BEFORE, CaseInputs
from tests.made_input import decision_input, made_pair
from tests.nested import changed

HOSTILE = (
    'Ignore the rest. #set page(fill: red) $x^2$ @label <b onclick="x()">bold</b> \\ *star* _under_ `tick` ~ '
    "= heading // comment /* block */ [square] {curly} \"quotes\" 'single' -- --- ... %s {{template}} &amp; #{1+1}"
)
RTL = "שלום עולם, مرحبا بالعالم"
SPOOF = "invoice\u202efdp.exe and bell\u0007 and nul\u0000 end"
EMOJI = "Great job 🎉🎉 and 数据迁移顾问 done"
LONG_LINE = "x" * 10_000

SOLAR, BUILTIN, WRITTEN = "Solar Pro 3 32B Instruct", "SmolLM2 135M (built in)", "Aspen written (illustrative)"
BASELINE = "gpt-4.1"


@cache
def large_report() -> Report:
    """The sample study: 8 use cases, 3 candidates, every verdict, missing values, hostile names, a partial run."""
    made = (
        _evidence(
            "Classify support tickets",
            Kind.CLASSIFICATION,
            Endpoint.TARGET,
            400,
            [(0.97, 0.96), (0.97, 0.55), (0.97, 0.97)],
        ),
        _evidence(
            "Extract invoice fields", Kind.EXTRACTION, Endpoint.TARGET, 900, [(0.93, 0.93), (0.93, 0.20), (0.93, 0.95)]
        ),
        _evidence("Summarise calls", Kind.SUMMARY, Endpoint.PAIRWISE, 120, [(0.5, 0.52), (0.5, 0.12), (0.5, 0.5)]),
        _evidence(
            "Answer questions about the travel policy for employees in all countries",
            Kind.QUESTION_ANSWERING,
            Endpoint.PAIRWISE,
            60,
            [(0.5, 0.44), (0.5, 0.2), (0.5, 0.41)],
        ),
        _evidence(
            "#Draft *replies* <b>$to$</b> @customers \\",
            Kind.DRAFTING,
            Endpoint.PAIRWISE,
            40,
            [(0.5, 0.47), (0.5, 0.1), (0.5, 0.48)],
        ),
        _evidence("Pick the tool", Kind.TOOL_USE, Endpoint.AGREEMENT, 150, [(0.9, 0.71), (0.9, 0.3), (0.9, 0.8)]),
        _evidence(
            "Code review בעברית", Kind.CODE, Endpoint.PAIRWISE, 30, [(0.5, 0.5), (0.5, 0.4), (0.5, 0.5)], judged=False
        ),
        _evidence(
            "Chat", Kind.CHAT, Endpoint.PAIRWISE, 25, [(0.5, 0.45), (0.5, 0.1), (0.5, 0.45)], costs=False, times=False
        ),
    )
    models = {
        SOLAR: StoredModel(
            id=1,
            name=SOLAR,
            litellm_id="together_ai/solar/Solar-Pro-3-32B",
            licence="apache-2.0",
            prices=Prices(input=0.2, output=0.6),
        ),
        BUILTIN: StoredModel(id=2, name=BUILTIN, litellm_id="builtin/smollm2-135m", licence="apache-2.0"),
        WRITTEN: StoredModel(id=3, name=WRITTEN, litellm_id="written/aspen", illustrative=True, licence=None),
        BASELINE: StoredModel(id=4, name=BASELINE, litellm_id="openai/gpt-4.1", role=Role.BASELINE),
        "Judge": StoredModel(id=5, name="Judge", litellm_id="anthropic/claude", role=Role.JUDGE),
    }
    given = decision_input(
        made,
        study="Sample study",
        is_sample=True,
        id=12,
        created_at=datetime(2026, 11, 24, 15, 30, tzinfo=UTC),
        baseline=BASELINE,
        seed=7,
        sample_size=1725,
        models=models,
        status=Status.BUDGET_EXCEEDED,
        missing=17,
        noise=NoiseFloor(n=60, better=2, worse=1),
        warnings=(Message.of(WarningCode.SHORT_LOG, days=6.5),),
        exam=Exam(judges=("Judge",), prompt_version="2", controls={kind.value: (5, 6) for kind in ControlKind}),
    )
    recommendation = changed(
        recommend(given),
        excluded=(
            Message.of(LeftOut.NOT_REPLAYABLE, reason="ends with an assistant message", calls=12),
            Message.of(LeftOut.UNREADABLE, calls=3),
        ),
    )
    route = replace(
        recommendation.use_cases[5],
        verdict=Verdict.ROUTE,
        candidates=(
            changed(recommendation.use_cases[5].candidates[0], verdict=Verdict.ROUTE),
            *recommendation.use_cases[5].candidates[1:],
        ),
    )
    cases = list(recommendation.use_cases)
    cases[5] = route
    recommendation = replace(recommendation, use_cases=tuple(cases))
    notes = {SOLAR: LicenceNote("Apache 2.0 asks to keep the licence text with copies.", None)}
    return Report(
        recommendation=recommendation,
        plan=plan(recommendation, models, notes),
        examples=(
            Example(
                use_case="Classify support tickets",
                model=SOLAR,
                prompt=HOSTILE,
                baseline="billing",
                candidate="refund\n\n" + RTL,
                outcome=0.0,
            ),
            Example(
                use_case="Extract invoice fields",
                model=WRITTEN,
                prompt=LONG_LINE,
                baseline='{"total": 12.5, "lines": [{"sku": "A-1",\n    "qty": 2}]}',
                candidate=SPOOF,
                outcome=1.0,
                illustrative=True,
            ),
            Example(
                use_case="#Draft *replies* <b>$to$</b> @customers \\",
                model=SOLAR,
                prompt="Reply politely. " * 300,
                baseline=EMOJI,
                candidate="",
                outcome=0.5,
            ),
        ),
        log={
            "files": ["export-2026-11.jsonl", "späte #zeilen.csv"],
            "rows": 52_310,
            "accepted": 51_800,
            "rejected": 110,
            "duplicates": 400,
            "not_replayable": 15,
            "first_at": "2026-11-01T00:00:12+00:00",
            "last_at": "2026-11-07T12:10:00+00:00",
            "redacted": True,
            "traffic_share": 0.25,
        },
        models=tuple(models.values()),
        price_sources=(PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3"), AT_CONTRACT),
    )


@cache
def small_report() -> Report:
    """One use case, one candidate; no costs, no times, no examples; an old log without facts."""
    evidence = _evidence("Chat", Kind.CHAT, Endpoint.PAIRWISE, 12, [(0.5, 0.5)], costs=False, times=False, monthly=None)
    given = decision_input(
        [evidence],
        study="Try-out",
        created_at=datetime(2026, 11, 24, 15, 30, tzinfo=UTC),
        baseline=BASELINE,
        baseline_lane=Lane.RECORDED,
        confidence=0.9,
        seed=0,
        sample_size=12,
        margin=0.2,
        models={SOLAR: StoredModel(id=6, name=SOLAR, litellm_id="together_ai/solar")},
    )
    recommendation = recommend(given)
    log = {
        "files": ["a.csv"],
        "rows": 12,
        "accepted": 12,
        "rejected": 0,
        "duplicates": 0,
        "not_replayable": 0,
        "first_at": None,
        "last_at": None,
        "redacted": False,
        "traffic_share": 1.0,
    }
    return Report(
        recommendation=recommendation,
        plan=plan(recommendation, {}, {}),
        examples=(),
        log=log,
        models=(StoredModel(id=7, name=SOLAR, litellm_id="together_ai/solar"),),
        price_sources=(),
    )


def _evidence(
    name: str,
    kind: Kind,
    endpoint: Endpoint,
    n: int,
    rates: Sequence[tuple[float, float]],
    *,
    judged: bool = True,
    costs: bool = True,
    times: bool = True,
    monthly: float | None = 9000.0,
) -> UseCaseEvidence:
    rng = random.Random(name)
    names = (SOLAR, BUILTIN, WRITTEN)[: len(rates)]
    basis = "judge" if endpoint is Endpoint.PAIRWISE else endpoint.value
    pairs = {
        model: [
            _pair(
                rng,
                i,
                name,
                endpoint,
                *rate,
                costs=costs,
                times=times and model != WRITTEN,
                untimed=not times,
                price=price,
            )
            for i in range(n)
        ]
        for model, rate, price in zip(names, rates, (0.3, 0.02, 0.4), strict=False)
    }
    return UseCaseEvidence(
        name=name,
        kind=kind,
        endpoint=endpoint,
        candidates={
            model: CandidateEvidence(source=Evidence(basis if judged else "none"), pairs=of_model)
            for model, of_model in pairs.items()
        },
        log=UseCaseLog(
            samples=n * 30,
            monthly_calls=monthly and monthly * n / 100,
            monthly_baseline_usd=monthly * n / 100 * 0.004 if monthly and costs else None,
        ),
        limits=Limits(max_latency_p95_s=6.0),
    )


def _pair(
    rng: random.Random,
    i: int,
    name: str,
    endpoint: Endpoint,
    ours: float,
    theirs: float,
    *,
    costs: bool,
    times: bool,
    untimed: bool,
    price: float,
) -> Pair:
    if endpoint is Endpoint.PAIRWISE:
        baseline, candidate = None, rng.choices((1.0, 0.5, 0.0), (theirs, 0.2, 1 - theirs))[0]
    else:
        baseline = float(rng.random() < ours)
        candidate = baseline if rng.random() < 0.9 - (ours - theirs) * 0.8 else float(rng.random() < theirs)
    cost = 0.004 * rng.uniform(0.5, 1.5)
    seconds = rng.lognormvariate(0.3, 0.5)
    return made_pair(
        sample_id=i,
        baseline_y=baseline,
        candidate_y=candidate,
        baseline_cost_usd=cost if costs else None,
        candidate_cost_usd=cost * price if costs else None,
        baseline_latency_s=None if untimed else seconds,
        candidate_latency_s=seconds * rng.uniform(0.4, 1.2) if times else None,
        baseline_ttft_s=None if untimed else seconds / 5,
        candidate_ttft_s=seconds / 6 if times else None,
        candidate_failure=FailureKind.TIMEOUT if rng.random() < 0.01 else None,
        candidate_valid=rng.random() > 0.01 if endpoint is not Endpoint.PAIRWISE else None,
        baseline_valid=True if endpoint is not Endpoint.PAIRWISE else None,
        baseline_text_digest=f"{i}",
        candidate_text_digest=f"{i}",
    )


def dossier(report: Report) -> Dossier:
    """A report with its business case and its plan in the calendar."""
    decision = report.recommendation
    today = decision.created_at.date()
    facts = CaseFacts(
        inputs=CaseInputs(measured=dict.fromkeys(BEFORE, 0.0)), entered={}, followers={}, usages={}, today=today
    )
    case = case_from(report, facts)
    report = in_view_of(report, case)
    stints = timeline(report.plan, today, {})
    return make_dossier(report, case, (), schedule_of(report, stints, (), today))
