"""What is decided while a run goes on, so that no more calls need to be made for it (METHOD 2).

A run may look at any time: only tests by betting count, each against the chance of an error that is left when it is
shared by all tests of the run, those not begun included. What is settled as ``switch`` is a ``switch`` in the final
decision too, whatever is asked meanwhile.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from advisor.analysis.quality.clusters import groups_of
from advisor.analysis.quality.columns import columns_of
from advisor.analysis.quality.difference import bet, by_betting
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.quality.outcomes import is_judged_throughout, score
from advisor.analysis.statistics.sequential import follow
from advisor.analysis.verdict.gates import Checked
from advisor.analysis.verdict.measured import Measured, Setting, measure
from advisor.analysis.verdict.rule import Facts, rule
from advisor.types import Endpoint, Evidence, Exam, GateName, Verdict

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
    tests = sum(len(item.candidates) for item in evidence)
    setting = Setting(baseline="", confidence=confidence, margin=margin, tests=tests, exam=exam)
    found = []
    for item in evidence:
        asked = {model: columns_of(candidate.pairs) for model, candidate in item.candidates.items()}
        if any(groups_of(columns) for columns in asked.values()):
            continue
        for model, columns in asked.items():
            n = int(np.argmax(columns.missing)) if columns.missing.any() else len(columns)
            if n < MIN_SAMPLES or item.candidates[model].source is Evidence.NONE:
                continue
            seen = columns.where(np.arange(len(columns)) < n)
            # Its range would be that of a fixed sample; only what is decided by betting below counts.
            fixed = replace(item, is_sequential=False)
            measured = measure(fixed, model, seen, setting)
            verdict = _settle(measured, setting)
            if verdict is not None:
                found.append((item.name, model, verdict, n))
    return found


def _settle(measured: Measured, setting: Setting) -> Verdict | None:
    quality, endpoint = measured.quality, measured.evidence.endpoint
    threshold = setting.tests / ((1 - setting.confidence) / 2)
    if any(_fails_surely(checked, threshold) for checked in measured.gates):
        return Verdict.KEEP
    if quality.n < MIN_SAMPLES or (endpoint is Endpoint.PAIRWISE and not is_judged_throughout(measured.columns)):
        return None
    scored = score(measured.counted, endpoint)
    d, scale = scored.candidate - scored.baseline, 2 if endpoint is Endpoint.PAIRWISE else 1
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
