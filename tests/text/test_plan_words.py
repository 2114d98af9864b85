"""Every sentence about a decision's headline, warnings and plan, with sample values, in one file: plan_words.txt.

Run ``python -m tests.text.test_plan_words`` to write it again after a change of the words, and read the difference.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from advisor.text import warnings
from advisor.text.advice.steps import next_steps
from advisor.text.headline import sentence
from advisor.text.plan import condition, duration, phase_name, quality_of, risks, why
from advisor.types import (
    BaselineFacts,
    Cause,
    Caveat,
    CaveatCode,
    Change,
    Condition,
    Evidence,
    Exam,
    Gate,
    GateName,
    LeftOut,
    Match,
    Matching,
    Message,
    Money,
    Move,
    Phase,
    Plan,
    Recommendation,
    Report,
    Risk,
    Status,
    Step,
    UseCaseDecision,
    Verdict,
    VersionCode,
    WarningCode,
)
from tests.charts.made_decision import assessment, decision, recommendation
from tests.nested import changed

SNAPSHOT = Path(__file__).parent / "plan_words.txt"
NUMERIC = asdict(Match(how=Matching.NUMERIC, tolerance=0.05, loose=True))
CHANGES = [
    Message.of(Change.CONFIDENCE, before=0.95, now=0.6),
    Message.of(Change.LATENCY, before=None, now=3.0),
    Message.of(Change.TTFT, before=0.5, now=1.5),
    Message.of(Change.IGNORED, use_case="Chat"),
    Message.of(Change.ENDPOINT, use_case="Chat", before="target", now="pairwise"),
    Message.of(Change.MARGIN, use_case="Chat", before=0.05, now=0.1),
    Message.of(Change.RUBRIC, use_case="Chat", before=0, now=1),
    Message.of(Change.KIND, use_case="Chat", before="chat", now="classification"),
    Message.of(Change.MATCH, use_case="Chat", before=None, now=NUMERIC),
    Message.of(Change.CHECKS, use_case="Chat", added=["contains “Dear”"], removed=["at most 90 words"]),
    Message.of(Change.USE_CASES),
]
_AT = "2026-11-20T08:00:00+00:00"
_UNCHECKED = {"use_case": "Chat", "findings": [["scorer_failed", ["AttributeError"], 0]]}
WARNINGS = [
    Message.of(WarningCode.NOISE_UNKNOWN),
    Message.of(WarningCode.NOISE_DIFFERS, better=2, worse=20, n=100),
    Message.of(WarningCode.NOISE_SAME, better=2, worse=1, n=60),
    Message.of(WarningCode.NO_MONTH),
    Message.of(WarningCode.SHORT_LOG, days=6.52),
    Message.of(WarningCode.RECORDED_BASELINE),
    Message.of(WarningCode.MIXED_ANSWERS, use_cases={"Math": {"gpt-4o": 1204, "gpt-4o-mini": 1}}),
    Message.of(WarningCode.ILLUSTRATIVE),
    Message.of(WarningCode.BUSY, runs=[2, 3]),
    Message.of(WarningCode.ENDED_EARLY, status="budget_exceeded"),
    *(
        Message.of(WarningCode.UNCHECKED, scorer=scorer, answers=12, **_UNCHECKED)
        for scorer in ("validity", "checks", "target", "agreement", "personal_data")
    ),
    Message.of(WarningCode.STALE, at=_AT, days=31, is_older=False),
    Message.of(WarningCode.STALE, at=_AT, days=40, is_older=True),
    Message.of(WarningCode.CHANGED, changes=[asdict(each) for each in CHANGES[:2]]),
    Message.of(WarningCode.OTHER_BILL, baseline="gpt-4.1", use_cases={"Triage": ["gpt-4o"], "Chat": ["o1", "o3"]}),
    Message.of(WarningCode.ASSUMED_COSTS, use_cases={"Triage": [1000, 2000]}),
    Message.of(WarningCode.INPUT_TOKENS, models={"Larch": [20, 1252]}),
    Message.of(WarningCode.LONG_PROMPTS, calls=1, tokens=200_000),
    Message.of(WarningCode.LONG_PROMPTS, calls=1204, tokens=200_000),
    Message.of(WarningCode.BESIDE_TEXT, calls=1204),
    Message.of(WarningCode.LACKS_BILL, use_cases=["Triage", "Chat"]),
    Message.of(WarningCode.JUDGE_UNREADABLE, judge="o3", unparsed=20, judged=200),
    Message.of(WarningCode.JUDGE_TIES, judge="o3", tied=80, pairs=100),
    Message.of(WarningCode.JUDGE_KIN, judge="o3", models=["gpt-4o"]),
    Message.of(WarningCode.JUDGE_KIN, judge="o3", models=["gpt-4o", "gpt-oss-20b"]),
]
VERSIONS = [
    Message.of(VersionCode.JUDGE_PROMPT, version="3"),
    Message.of(VersionCode.RUBRIC, use_case="Chat", version=0),
    Message.of(VersionCode.RUBRIC, use_case="Chat", version=2),
    Message.of(VersionCode.CHECKS, use_case="Chat", checks=["contains “Dear”", "at most 90 words"], digest="37ab3482"),
    Message.of(VersionCode.MATCH, use_case="Chat", match=NUMERIC),
]
LEFT_OUT = [
    Message.of(LeftOut.NOT_REPLAYABLE, reason="ends with an assistant message", calls=12),
    Message.of(LeftOut.UNREADABLE, calls=3),
    Message.of(LeftOut.UNCHECKED, scorer="checks", calls=12, **_UNCHECKED),
]
_BASELINE = {"baseline": "gpt-4o"}
CONDITIONS = [
    Message.of(Condition.SWITCHABLE, model="Larch 30B", **_BASELINE),
    Message.of(Condition.MIRRORED, model="Larch 30B", share=0.05),
    Message.of(Condition.MIRRORED, model="Larch 30B", share=1.0),
    Message.of(Condition.TOO_FEW_CALLS, calls=300, days=304, pairs=30),
    Message.of(Condition.REAL_MODEL),
    Message.of(Condition.JUDGE_REVIEWED, pairs=30),
    Message.of(Condition.APPROVED),
    Message.of(Condition.LAST_STEP, share=0.0),
    Message.of(Condition.LAST_STEP, share=0.25),
    Message.of(Condition.QUALITY, margin=0.05, calls=300, sure=1340, **_BASELINE),
    Message.of(Condition.WIN_RATE, margin=0.05, pairs=636, **_BASELINE),
    Message.of(Condition.FAULTS, limit=0.02, **_BASELINE),
    Message.of(Condition.ERRORS, limit=0.02),
    Message.of(Condition.TTFT, limit=0.5),
    Message.of(Condition.LATENCY, limit=6.0),
    Message.of(Condition.COST, usd=1.234),
    Message.of(Condition.FALLBACK, until=None, **_BASELINE),
    Message.of(Condition.FALLBACK, until="2027-01-14", **_BASELINE),
    Message.of(Condition.SHADOW_ROLLBACK, **_BASELINE),
    Message.of(Condition.ROLLBACK, errors=0.05, faults=0.05, margin=0.05, **_BASELINE),
]
RISKS = [
    Message.of(Risk.BASELINE_ENDS, on="2027-01-14", **_BASELINE),
    Message.of(Risk.LICENCE, conditions="MIT: keep the copyright notice."),
    Message.of(Risk.NO_LICENCE),
    Message.of(Risk.NOT_PROBED),
    Message.of(Risk.UNSURE_SAVING),
    Message.of(Risk.PARTIAL),
]
_OPEN = {"use_case": "Classify", "model": "Larch 30B"}
_CASES = ["Classify", "Chat"]
_UNREAD = {"unread": 30, "of": 32, "example": "“Both are fine.”"}
STEPS = [
    Message.of(Step.STAY, baselines=["gpt-4o", "gpt-4o-mini"], usd=50.0),
    Message.of(Step.FINISH_RUN),
    Message.of(Step.REVIEW, pairs=30, more=False, use_cases=_CASES),
    Message.of(Step.REVIEW, pairs=18, more=True, use_cases=_CASES),
    Message.of(Step.REVIEW, pairs=0, more=True, use_cases=_CASES),
    Message.of(Step.BETTER_JUDGE, pairs=30, use_cases=_CASES),
    Message.of(Step.BETTER_JUDGE, pairs=30, use_cases=["Chat"], state="failed", judges=["o3 (illustrative)", "Hazel"]),
    Message.of(Step.BETTER_JUDGE, pairs=0, use_cases=_CASES, state="unreadable", judges=["o3"], **_UNREAD),
    Message.of(Step.ASK_JUDGE, judges=["o3"], use_cases=_CASES),
    Message.of(Step.EXAMINE, least=30, use_cases=_CASES),
    Message.of(Step.SHADOW, savings_usd=None, **_OPEN),
    Message.of(Step.SHADOW, savings_usd={"low": 410.0, "point": 450.0, "high": 520.0}, **_OPEN),
    Message.of(Step.REAL_CANDIDATE, use_cases=_CASES),
    Message.of(Step.TEST_CHEAPER, model="openai/gpt-6-luna", use_cases=["Chat", "Classify"], of=2),
    Message.of(
        Step.TEST_CHEAPER, model="openai/gpt-6-luna", use_cases=["Chat"], of=2, baseline="gpt-4o", on="2027-01-14"
    ),
    Message.of(Step.SUCCESSOR, baseline="gpt-4o-2024-08-06", successor="gpt-6-luna", on="2027-01-14", use_cases=_CASES),
    Message.of(Step.LICENCE),
    Message.of(Step.ADD_JUDGE, use_cases=_CASES),
    Message.of(Step.DIFFERING, use_cases=_CASES),
    Message.of(Step.REVIEW_PAIRS, pairs=40, **_OPEN),
    Message.of(Step.OTHER_LIMIT, model="Larch 30B", use_cases=_CASES),
    Message.of(Step.OTHER_LIMIT, smaller=True, model="Larch 30B", use_cases=_CASES),
    Message.of(Step.OTHER_CANDIDATE, use_cases=_CASES),
    Message.of(Step.OTHER_CANDIDATE, model="Larch 30B", gate=None, use_cases=_CASES),
    Message.of(Step.OTHER_CANDIDATE, model="Larch 30B", gate=GateName.REFUSED.value, use_cases=_CASES),
    Message.of(Step.OTHER_CANDIDATE, model="Larch 30B", gate=GateName.LATENCY.value, use_cases=_CASES),
    Message.of(Step.FIX_CALLS, model="Larch 30B", use_cases=_CASES),
    Message.of(Step.OTHER_SAMPLES, of="prompts", use_cases=_CASES),
    Message.of(Step.STEADY, use_cases=_CASES),
    Message.of(Step.REFERENCES, model="Larch 30B", use_cases=_CASES),
    Message.of(Step.MISSING_VOTES, use_cases=_CASES),
    Message.of(Step.IMPORT, samples=500, more=1174, n=1674, reviews=None, **_OPEN),
    Message.of(Step.REPLAY, n=300, reviews=None, **_OPEN),
    Message.of(Step.REPLAY, n=300, reviews=150, **_OPEN),
    Message.of(Step.CAVEAT, use_case="Classify"),
    Message.of(Step.READ_REFUSALS, more=False, use_cases=_CASES),
    Message.of(Step.READ_REFUSALS, more=True, use_cases=_CASES),
    Message.of(Step.MEASURE_TIMES, use_cases=_CASES),
    Message.of(Step.FIX_FORM, model="Larch 30B", gate=GateName.VALIDITY.value, use_cases=["Chat"]),
    Message.of(Step.FINE_TUNE, use_cases=_CASES),
    Message.of(Step.NEW_CANDIDATE),
]
FAMILIES: list[tuple[type[StrEnum], list[Message]]] = [
    (WarningCode, WARNINGS),
    (Change, CHANGES),
    (VersionCode, VERSIONS),
    (LeftOut, LEFT_OUT),
    (Condition, CONDITIONS),
    (Risk, RISKS),
    (Step, STEPS),
]


def decided(name: str, verdict: Verdict, **fields: object) -> UseCaseDecision:
    """A use case whose one candidate has this verdict."""
    of: dict[str, Any] = {"reason": Message.of(Cause.REFUSALS_NOT_READ), **fields}
    one = changed(assessment("Larch 30B", verdict=verdict), **of)
    chosen = one.model if verdict is Verdict.SWITCH else None
    made = decision(name=name, candidates=(one,), verdict=verdict, chosen=chosen)
    return replace(made, reported=one.model, baseline="gpt-4o", baseline_facts=BaselineFacts(model="gpt-4o"))


def headlines() -> Iterator[Recommendation]:
    """Every state of the evidence."""
    moves, stays = decided("Triage", Verdict.SWITCH), decided("Tools", Verdict.KEEP)
    unsure = decided("Chat", Verdict.NEED_MORE_DATA)
    unread = decided(
        "Chat", Verdict.NEED_MORE_DATA, gates=(Gate(name=GateName.REFUSED, value=None, limit=None, passed=None),)
    )
    provisional = decided("Notes", Verdict.SWITCH, provisional=True)
    none = decided("Chat", Verdict.NEED_MORE_DATA, evidence=Evidence.NONE, reason=Message.of(Cause.NO_EVIDENCE))
    waits = decided("Chat", Verdict.NEED_MORE_DATA, reason=Message.of(Cause.JUDGE_NOT_PROVEN))
    exam = Exam(judges=("o3",), prompt_version="2", controls={}, reviews=12)
    mail = {verdict: decided("Mail", verdict) for verdict in Verdict}
    for cases in (
        (), (moves,), (moves, stays, unsure), (stays,), (stays, mail[Verdict.KEEP]), (stays, unsure), (unsure,),
        (unsure, mail[Verdict.NEED_MORE_DATA]), (unsure, waits), (moves, unsure, waits), (waits, none),
        (replace(unsure, candidates=()),), (none,), (unread,),
    ):  # fmt: skip
        yield recommendation(use_cases=cases)
    yield changed(recommendation(use_cases=(moves, provisional)), reviews_wanted=18, exam=exam)
    yield changed(recommendation(use_cases=(waits,)), reviews_wanted=30)
    yield recommendation(use_cases=(waits,))
    yield changed(recommendation(use_cases=(moves,)), worth=False)
    yield changed(recommendation(use_cases=(moves,)), monthly=None)
    yield changed(recommendation(use_cases=(moves, mail[Verdict.SWITCH])), left_out=("Mail",))
    yield changed(recommendation(use_cases=(moves,)), partial=True, missing=12, is_sample_study=True)
    yield changed(recommendation(use_cases=(moves,)), partial=True, status=Status.CANCELLED)


def sentences() -> Iterator[str]:
    """The file, line by line."""
    held = Caveat(code=CaveatCode.CLASS_NEVER_RIGHT, n=40, value=0.0, baseline_value=0.9, p=0.001, where="refund")
    case = decided("Classify", Verdict.SWITCH, caveats=(held,), savings_usd=Money(low=-5.0, point=10.0, high=20.0))
    found = recommendation(use_cases=(case,))
    move = Move(use_case="Classify", risks=tuple(RISKS))
    plan = Plan(moves=(move,), next_steps=tuple(STEPS))
    report = Report(recommendation=found, plan=plan, examples=(), log={}, models=(), price_sources=())
    yield "# Headline"
    yield from map(sentence, headlines())
    words: list[tuple[str, list[Message], Callable[[Message], str]]] = [
        ("Warnings", WARNINGS, warnings.warning),
        ("Changed since the run was planned", CHANGES, warnings.change),
        ("Scored with", VERSIONS, warnings.version),
        ("Not counted", LEFT_OUT, warnings.left_out),
        ("Conditions of a step", CONDITIONS, condition),
    ]
    for title, samples, word in words:
        yield f"# {title}"
        yield from (f"{sample.code}: {word(sample)}" for sample in samples)
    yield "# Risks"
    yield from risks(case, move)
    yield "# Next steps"
    yield from (f"{step.code}: {said}" for step, said in zip(STEPS, next_steps(report), strict=True))
    yield "# Steps of a move"
    for share, days in ((0.0, None), (0.05, 3), (0.25, 31), (1.0, 90)):
        phase = Phase(
            traffic_share=share, least_days=7, days=days, calls=300, entry=(), exit=(), rollback=CONDITIONS[-1]
        )
        yield f"{phase_name(share)}: {duration(phase)}"
    yield "# Where no candidate is reported"
    few = replace(case, candidates=(changed(case.candidates[0], reason=Message.of(Cause.NO_EVIDENCE)),) * 2)
    for each in (replace(case, candidates=()), replace(few, chosen=None, reported=None)):
        yield f"{why(each)} Quality: {quality_of(each)}"


def test_the_words_are_those_of_the_file() -> None:
    assert "\n".join(sentences()) + "\n" == SNAPSHOT.read_text("utf-8")


@pytest.mark.parametrize(("family", "samples"), FAMILIES)
def test_every_code_has_words(family: type[StrEnum], samples: list[Message]) -> None:
    assert {sample.code for sample in samples} == set(family)


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(sentences()) + "\n", "utf-8")
