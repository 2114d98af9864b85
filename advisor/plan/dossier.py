"""What a board asks about a decision: what to approve, why now, how sure it is, what can go wrong, where data goes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from advisor.decide.decisions import current_report
from advisor.decide.flags import copied, flags
from advisor.judge.word_diff import Side, word_diff
from advisor.money.closed_models import cheaper_alternative
from advisor.plan.business_case import at_traffic, case_of, in_view_of
from advisor.plan.dangers import dangers_of
from advisor.plan.data_flow import data_flows
from advisor.plan.first_test import cheaper_untested, with_test_first, with_tests
from advisor.plan.moving import effort_of
from advisor.plan.narrative import with_narrative
from advisor.plan.questions import Failures, outlook_of, stored_failures
from advisor.plan.schedule import prepared_from, schedule_of
from advisor.plan.succession import tested_on
from advisor.plan.timeline import timeline
from advisor.store import Store
from advisor.store.plan_steps import list_plan_steps, list_task_owners
from advisor.types import (
    Example,
    Json,
    Lane,
    Message,
    Report,
    Study,
    UseCaseDecision,
    Verdict,
)
from advisor.types.business import BusinessCase, CaseOption
from advisor.types.calls import Prices
from advisor.types.dossier import (
    GRAVE,
    Ask,
    Confidence,
    DataFlow,
    Dossier,
    Doubt,
    Noticed,
    Pairs,
    Schedule,
    Texts,
)
from advisor.types.messages import FlagCode, WarningCode
from advisor.types.money import Bridge
from advisor.types.reports import Task
from advisor.types.scenarios import BEFORE

UNDATED = Schedule()
"""Of a plan that is in no calendar yet."""
FEW_SAMPLES = 100
SHOWN = 900
"""Characters of an answer on paper."""
WARNED = {WarningCode.STALE: Doubt.STALE, WarningCode.SHORT_LOG: Doubt.SHORT_LOG}


def dossier_of(store: Store, study: Study, report: Report | None = None, bridge: Bridge | None = None) -> Dossier:
    """All that a report on a study's decision says. Raises BadInput when nothing can be decided yet.

    ``report`` and ``bridge``: where they are at hand; reading them takes long.
    """
    report = report or current_report(store, study)
    case, today = case_of(store, study, report, bridge), datetime.now(UTC).date()
    report = in_view_of(report, case)
    effort = effort_of(report, case.inputs)
    stints = timeline(report.plan, today, list_plan_steps(store, study.id), effort.engineer_days)
    known = flags(store, study, cheaper_alternative(store, study))
    schedule = schedule_of(report, stints, known, today, list_task_owners(store, study.id), effort)
    failures = stored_failures(store, study, report.recommendation.run.id)
    made = make_dossier(report, case, known, schedule, failures)
    return with_narrative(store, study, made)


def make_dossier(
    report: Report,
    case: BusinessCase,
    known: Iterable[Message] = (),
    schedule: Schedule = UNDATED,
    failures: Failures = lambda *_: (),
) -> Dossier:
    """The same from what was read. ``known``: the flags of the study."""
    report = at_traffic(in_view_of(report, case))
    is_worth = report.recommendation.bill.worth is not False and (
        case.pays or not case.moving or case.overtaken_by is not None
    )
    flow = data_flows(report) if any(move.phases for move in report.plan.moves) else ()
    tried = cheaper_untested(case, report)
    report = with_test_first(report, tried)
    schedule = with_tests(schedule, report)
    doubts = tuple(_doubts(report))
    return Dossier(
        report=report,
        case=case,
        ask=(_successor(case, schedule, tried) or _ask(report, case, schedule, flow, tried))
        if is_worth
        else _stays(Ask.NOT_WORTH, report, case, schedule, tried),
        why_now=tuple(_retiring(report, known)),
        confidence=_confidence(doubts),
        doubts=doubts,
        dangers=dangers_of(report, case, flow, schedule) if is_worth else (),
        data_flows=flow,
        schedule=schedule,
        pairs=_pairs(report.examples),
        outlook=outlook_of(report, case, failures),
    )


def _retiring(report: Report, known: Iterable[Message]) -> Iterator[Message]:
    """What ends; a successor that failed replaces nothing."""
    for each in known:
        if each.code == FlagCode.RETIRES and each.values["days"] >= 0:
            failed = tested_on(report, each.values["model"], each.values["successor"] or "")[1]
            yield replace(each, values=each.values | {"successor": None}) if failed else each


def with_texts(dossier: Dossier, texts: Texts) -> Dossier:
    """With only those prompts and answers of the log that may be shown."""
    report = dossier.report
    if texts is Texts.NONE:
        report = replace(report, examples=(), log=report.log | {"files": []})
    elif texts is Texts.REDACTED:
        report = replace(report, examples=tuple(map(_redacted, report.examples)))
    return replace(dossier, report=report, pairs=_pairs(report.examples, texts))


def _pairs(examples: Iterable[Example], texts: Texts = Texts.FULL) -> Pairs:
    return Pairs(shown=tuple(map(_noticed, examples)), texts=texts)


def _redacted(example: Example) -> Example:
    from advisor.collect.redaction import redact_texts

    texts = redact_texts((example.prompt, example.baseline, example.candidate, example.reference))
    prompt, baseline, candidate, reference = texts
    return replace(example, prompt=prompt, baseline=baseline, candidate=candidate, reference=reference)


def _noticed(example: Example) -> Noticed:
    """With what differs; long texts only as far as paper shows them."""
    diff = word_diff(example.baseline[:SHOWN], example.candidate[:SHOWN])
    baseline, candidate = (
        tuple((each.text, each.side is not Side.SAME) for each in diff.seen_on(side))
        for side in (Side.LEFT, Side.RIGHT)
    )
    return Noticed(example=example, baseline=baseline, candidate=candidate)


def _ask(report: Report, case: BusinessCase, schedule: Schedule, flows: tuple[DataFlow, ...], tried: Json) -> Message:
    decision = report.recommendation
    moves = [each for each in decision.use_cases if each.target]
    if not decision.use_cases:
        return Message.of(Ask.NOTHING)
    if moves:
        stints = schedule.stints
        last = max((stint.first for stint in stints if stint.phase.traffic_share == 1), default=None)
        hosts = {flow.after.model: flow.after for flow in flows}
        ends = {each.task.code: each.last.isoformat() for each in schedule.tasks}
        return Message.of(
            Ask.MOVE,
            use_cases=[each.name for each in moves],
            models={each.chosen: (host.is_own, host.name) for each in moves if (host := hosts[each.chosen or ""])},
            start=min(stint.first for stint in stints).isoformat() if stints else None,
            end=last.isoformat() if last else None,
            test={
                "usd": _test_usd(report, case, tried),
                "work": case.inputs.work(sum(case.inputs[days] for days in BEFORE)),
                "by": ends[Task.MOVE],
            }
            if Task.TEST in ends
            else None,
            saved=_waiting(case),
            rises=not case.is_brief and (case.saved_later or 0.0) > case.saved.point,
            reviews=decision.judging.reviews_wanted if any(each.provisional for each in moves) else 0,
            tried=tried,
            beside=_beside(case, schedule),
            decide_by=prepared_from(schedule),
            latest=schedule.decide_by.isoformat() if schedule.decide_by else None,
            all=len(decision.use_cases),
        )
    open_ones = [each.name for each in decision.use_cases if each.verdict is Verdict.NEED_MORE_DATA]
    if open_ones:
        return Message.of(Ask.MORE_EVIDENCE, use_cases=open_ones, tried=tried)
    return _stays(Ask.STAY, report, case, schedule, tried)


def _beside(case: BusinessCase, schedule: Schedule) -> Json:
    """What is tested along, as it follows today's models, on how many use cases, and its work; None: nothing is."""
    tests = next((each.task.values for each in schedule.tasks if each.task.code == Task.TEST_CHEAPER), None)
    if tests is None or not tests["along"]:
        return None
    work = case.inputs.work(len(tests["along"]) * case.inputs.test_work["days"])
    return {"models": tests["along"], "on": len(tests["use_cases"]), "work": work}


def _waiting(case: BusinessCase) -> float:
    """Dollars that a month of waiting costs."""
    a_month = case.saved_later or 0.0 if case.is_brief else case.saved.point
    return a_month if case.moving and case.net(12).point > 0 else 0.0


def _successor(case: BusinessCase, schedule: Schedule, tried: Json) -> Message | None:
    if case.overtaken_by is None:
        return None
    return Message.of(
        Ask.SUCCESSOR,
        successor=case.overtaken_by.successor.rpartition("/")[2],
        use_cases=[one.use_case for one in case.moving],
        passed=case.successor_passed,
        work=case.inputs.test_work,
        tried=tried,
        decide_by=schedule.decide_by.isoformat() if schedule.decide_by else None,
    )


def _stays(code: Ask, report: Report, case: BusinessCase, schedule: Schedule, tried: Json) -> Message:
    ends = next((each.task.values for each in schedule.tasks if each.task.code == Task.REPLACE), None)
    baselines, work = _baselines(report.recommendation.use_cases), case.inputs.test_work
    return Message.of(code, baselines=baselines, work=work, tried=tried, ends=ends)


def _test_usd(report: Report, case: BusinessCase, tried: Json) -> float | None:
    """Dollars of the tests: the same samples again, and all samples with the closed models. None: not known."""
    cases = report.recommendation.use_cases
    known = [(a.quality.n, a.costs.usd_per_1k) for each in cases if (a := each.target)]
    bills = [tried["usd"]["high"]] if isinstance(tried, dict) else []
    if case.inputs.tested_beside:
        bills += [
            each.monthly_usd and each.monthly_usd.high for each in case.options if each.option is CaseOption.SUCCESSOR
        ]
    if None in bills or any(usd is None for _, usd in known):
        return None
    calls = sum(each.monthly_calls or 0.0 for each in cases)
    a_call = sum(bills) / calls if calls else 0.0
    return sum(n * (usd or 0.0) / 1000 for n, usd in known) + a_call * report.recommendation.run.sample_size


def _baselines(decisions: tuple[UseCaseDecision, ...]) -> list[str]:
    return list(dict.fromkeys(each.baseline_facts.model for each in decisions))


def _doubts(report: Report) -> Iterator[Message]:
    decision = report.recommendation
    moves = [each.target for each in decision.use_cases if each.target]
    yield from (Message(code=Doubt.COPIED, values=each.values) for each in copied(decision))
    if any(a.illustrative for a in moves):
        yield Message.of(Doubt.ILLUSTRATIVE)
    chosen = {each.chosen for each in decision.use_cases if each.target}
    if priced := [each for each in report.models if each.name in chosen and each.prices != Prices()]:
        is_made_up = all(each.illustrative for each in priced)
        yield Message.of(Doubt.PRICE, models=[each.name for each in priced], illustrative=is_made_up)
    if decision.run.partial:
        yield Message.of(Doubt.PARTIAL, missing=decision.run.missing)
    if any(each.provisional for each in decision.use_cases):
        yield Message.of(Doubt.PROVISIONAL, pairs=decision.judging.reviews_wanted)
    for warning in decision.remarks.warnings:
        if warning.code == WarningCode.INPUT_TOKENS:
            counted = {name: tokens for name, tokens in warning.values["models"].items() if name in chosen}
            yield from [Message.of(Doubt.INPUT_TOKENS, models=counted)] if counted else []
        elif warning.code in WARNED:
            yield Message.of(WARNED[WarningCode(warning.code)], **warning.values)
    least = min((a.quality.n for a in moves), default=FEW_SAMPLES)
    if least < FEW_SAMPLES:
        yield Message.of(Doubt.FEW_SAMPLES, n=least)
    if decision.run.baseline_lane is Lane.RECORDED:
        yield Message.of(Doubt.RECORDED_BASELINE)


def _confidence(doubts: tuple[Message, ...]) -> Confidence:
    if any(each.code in GRAVE for each in doubts):
        return Confidence.LOW
    return Confidence.MEDIUM if any(each.code != Doubt.PRICE for each in doubts) else Confidence.HIGH
