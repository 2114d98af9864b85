"""What is decided while a run goes on, so that no more calls need to be made for it (METHOD 2).

A run may look at any time: only tests by betting count, each against the chance of an error that is left when it is
shared by all tests of the run, those not begun included. What is settled as ``switch`` is a ``switch`` in the final
decision too, whatever is asked meanwhile.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from advisor.analysis.quality.clusters import groups_of
from advisor.analysis.quality.columns import Array, Columns, columns_of
from advisor.analysis.quality.difference import bet, by_betting
from advisor.analysis.quality.evidence import UseCaseEvidence, margin_of
from advisor.analysis.quality.outcomes import is_judged_throughout, score
from advisor.analysis.statistics.sequential import follow
from advisor.analysis.verdict.exam import exam_result
from advisor.analysis.verdict.gates import Checked
from advisor.analysis.verdict.measured import Measured, Setting, measure
from advisor.analysis.verdict.rule import Facts, rule
from advisor.types import Endpoint, Evidence, Exam, ExamResult, GateName, Verdict
from advisor.types.assessments import SoFar

MIN_SAMPLES = 20
"""Nothing is settled on fewer."""


def settled(
    evidence: Sequence[UseCaseEvidence],
    confidence: float,
    margin: float | None,
    exam: Exam | None = None,
) -> list[tuple[str, str, Verdict, int]]:
    """(use case, candidate, ``switch`` or ``keep``, samples looked at) of all that is decided by now.

    ``evidence`` holds every use case and candidate of the run, with all planned pairs in order of asking, those not
    asked yet marked as missing. Looked at is what comes before the first of these. A use case with samples that go
    together is never settled early, as betting needs independent pairs. ``margin`` (a fraction) serves where a use case
    has none; ``exam`` is the judge's, whose votes settle nothing before it is passed.
    """
    setting = _setting(evidence, confidence, margin, exam)
    found = []
    for item in evidence:
        planned = _planned(item)
        if _go_together(planned):
            continue
        for model, columns in _looked_at(item, planned):
            if len(columns) >= MIN_SAMPLES and (verdict := _settle(_measured(item, model, columns, setting), setting)):
                found.append((item.name, model, verdict, len(columns)))
    return found


def so_far(
    evidence: Sequence[UseCaseEvidence], confidence: float, margin: float | None, exam: Exam | None = None
) -> list[SoFar]:
    """Every candidate in each use case; the arguments are those of :func:`settled`, and so are the verdicts."""
    setting = _setting(evidence, confidence, margin, exam)
    found = []
    for item in evidence:
        planned = _planned(item)
        together = _go_together(planned)
        looked = dict(_looked_at(item, planned))
        limit = margin_of(item.endpoint, item.limits.margin, margin)
        judge = ExamResult(exam_result(exam).code).state if item.endpoint is Endpoint.PAIRWISE else None
        for model in planned:
            row = SoFar(use_case=item.name, model=model, margin=limit, judge=judge)
            if model in looked:
                measured = _measured(item, model, _voted_so_far(looked[model], item.endpoint), setting)
                row = _seen(row, measured, setting, together=together)
            found.append(row)
    return found


def _seen(row: SoFar, measured: Measured, setting: Setting, *, together: bool) -> SoFar:
    """The same with what the pairs say that count by now; ``together``: some samples go together."""
    d, scale = _differences(measured)
    if not len(d):
        return row
    tested = None if together else by_betting(d, scale, 1 - (1 - setting.confidence) / setting.tests)
    return replace(
        row,
        n=len(d),
        delta=float(d.mean()),
        interval=tested and (tested.low, tested.high),
        verdict=None if together or len(measured.columns) < MIN_SAMPLES else _settle(measured, setting),
    )


def _setting(
    evidence: Sequence[UseCaseEvidence], confidence: float, margin: float | None, exam: Exam | None
) -> Setting:
    tests = sum(len(item.candidates) for item in evidence)
    return Setting(baseline="", confidence=confidence, margin=margin, tests=tests, exam=exam)


def _planned(item: UseCaseEvidence) -> dict[str, Columns]:
    """By candidate all its pairs, those not asked yet included."""
    return {model: columns_of(candidate.pairs) for model, candidate in item.candidates.items()}


def _go_together(planned: Mapping[str, Columns]) -> bool:
    return any(groups_of(columns) for columns in planned.values())


def _looked_at(item: UseCaseEvidence, planned: Mapping[str, Columns]) -> Iterator[tuple[str, Columns]]:
    """Of each candidate with evidence the pairs before the first that was not asked yet."""
    for model, columns in planned.items():
        n = int(np.argmax(columns.missing)) if columns.missing.any() else len(columns)
        if n and item.candidates[model].source is not Evidence.NONE:
            yield model, columns.where(np.arange(len(columns)) < n)


def _voted_so_far(columns: Columns, endpoint: Endpoint) -> Columns:
    """Those up to the last with a vote, where votes decide: judges follow the answers in the same order."""
    if endpoint is not Endpoint.PAIRWISE:
        return columns
    voted = ~(np.isnan(columns.candidate.y) & np.isnan(columns.votes.reviewed_y))
    return columns.where(np.arange(len(columns)) <= np.max(np.flatnonzero(voted), initial=-1))


def _measured(item: UseCaseEvidence, model: str, seen: Columns, setting: Setting) -> Measured:
    # Its range would be that of a fixed sample; only what is decided by betting below counts.
    return measure(replace(item, is_sequential=False), model, seen, setting)


def _differences(measured: Measured) -> tuple[Array, int]:
    """Candidate minus baseline of each pair that counts, and their scale."""
    endpoint = measured.evidence.endpoint
    scored = score(measured.counted, endpoint)
    return scored.candidate - scored.baseline, 2 if endpoint is Endpoint.PAIRWISE else 1


def _settle(measured: Measured, setting: Setting) -> Verdict | None:
    quality, endpoint = measured.quality, measured.evidence.endpoint
    threshold = setting.tests / ((1 - setting.confidence) / 2)
    if any(_fails_surely(checked, threshold) for checked in measured.gates):
        return Verdict.KEEP
    if quality.n < MIN_SAMPLES or (endpoint is Endpoint.PAIRWISE and not is_judged_throughout(measured.columns)):
        return None
    d, scale = _differences(measured)
    made = bet(d, quality.margin, scale, threshold)
    if max(made.wealth, made.against) < threshold:
        return None
    tested = by_betting(d, scale, setting.confidence)  # so that pairs that drift go on
    if tested.high < -quality.margin:
        return None if measured.basis == Evidence.AGREEMENT else Verdict.KEEP
    # Holm's correction is never stricter than this.
    facts = Facts(measured=measured, setting=setting, p_holm=min(tested.at(quality.within) * setting.tests, 1.0))
    return Verdict.SWITCH if rule(facts).verdict is Verdict.SWITCH else None


def _fails_surely(checked: Checked, threshold: float) -> bool:
    """Whether a gate fails at whatever look; one constant answer is broken beyond any chance."""
    if not checked.gate.beyond_doubt or checked.faults is None:
        return checked.gate.beyond_doubt and checked.gate.name == GateName.IDENTICAL
    return follow(-np.asarray(checked.faults), checked.allowed, threshold).against >= threshold
