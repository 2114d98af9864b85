"""What a board asks about a decision: what to approve, why now, how sure it is, what can go wrong, where data goes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from advisor.analysis.money.business_case import MONTHS
from advisor.catalog.hosts import Host, host_of
from advisor.catalog.listed_models import listed_entry
from advisor.collect.redaction import redact_texts
from advisor.decide.decisions import current_report
from advisor.decide.flags import flags
from advisor.judge.word_diff import Side, word_diff
from advisor.money.closed_models import cheaper_alternative
from advisor.plan.business_case import case_of
from advisor.plan.narrative import with_narrative
from advisor.plan.questions import Failures, outlook_of, stored_failures
from advisor.plan.timeline import timeline
from advisor.store import Store
from advisor.store.plan_steps import list_plan_steps
from advisor.types import (
    Example,
    Lane,
    Message,
    Move,
    Recommendation,
    Report,
    Risk,
    Stint,
    StoredModel,
    Study,
    UseCaseDecision,
    Verdict,
)
from advisor.types.business import BusinessCase
from advisor.types.dossier import (
    GRAVE,
    Ask,
    Confidence,
    Danger,
    DataFlow,
    Dossier,
    Doubt,
    Noticed,
    Pairs,
    Processor,
    Texts,
)
from advisor.types.money import Bridge
from advisor.types.reports import Condition
from advisor.types.warnings import FlagCode, WarningCode

FEW_SAMPLES = 100
SHOWN = 900
"""Characters of an answer on paper."""
WARNED = {WarningCode.STALE: Doubt.STALE, WarningCode.SHORT_LOG: Doubt.SHORT_LOG}
RISKS = {
    Risk.LICENCE: Danger.LICENCE,
    Risk.NO_LICENCE: Danger.NO_LICENCE,
    Risk.UNSURE_SAVING: Danger.UNSURE_SAVING,
    Risk.NOT_PROBED: Danger.NOT_PROBED,
    Risk.PARTIAL: Danger.PARTIAL,
}


def dossier_of(store: Store, study: Study, report: Report | None = None, bridge: Bridge | None = None) -> Dossier:
    """Everything for a report on the decision of a study. Raises BadInput when nothing can be decided yet.

    ``report`` and ``bridge``: where they are at hand; reading them takes long.
    """
    report = report or current_report(store, study)
    stints = timeline(report.plan, datetime.now(UTC).date(), list_plan_steps(store, study.id))
    known = flags(store, study, cheaper_alternative(store, study))
    failures = stored_failures(store, study, report.recommendation.run.id)
    made = make_dossier(report, case_of(store, study, report, bridge), known, stints, failures)
    return with_narrative(store, study, made)


def make_dossier(
    report: Report,
    case: BusinessCase,
    known: Iterable[Message] = (),
    stints: tuple[Stint, ...] = (),
    failures: Failures = lambda *_: (),
) -> Dossier:
    """The same of what was read; ``known``: the flags of the study."""
    is_worth = report.recommendation.bill.worth is not False and not (case.moving and case.saved.point <= 0)
    flow = data_flows(report) if is_worth else ()
    stints = stints if is_worth else ()
    doubts = tuple(_doubts(report))
    return Dossier(
        report=report,
        case=case,
        ask=_successor(case) or _ask(report, stints) if is_worth else _not_worth(report),
        why_now=tuple(each for each in known if each.code == FlagCode.RETIRES),
        confidence=_confidence(doubts),
        doubts=doubts,
        dangers=tuple(sorted(_dangers(report, flow), key=_rank)) if is_worth else (),
        data_flows=flow,
        stints=stints,
        pairs=_pairs(report.examples),
        outlook=outlook_of(report, case, failures),
    )


def with_texts(dossier: Dossier, texts: Texts) -> Dossier:
    """The same with as much of the log's prompts and answers as may be shown."""
    report = dossier.report
    if texts is Texts.NONE:
        report = replace(report, examples=(), log=report.log | {"files": []})
    elif texts is Texts.REDACTED:
        report = replace(report, examples=tuple(map(_redacted, report.examples)))
    return replace(dossier, report=report, pairs=_pairs(report.examples, texts))


def _pairs(examples: Iterable[Example], texts: Texts = Texts.FULL) -> Pairs:
    return Pairs(shown=tuple(map(_noticed, examples)), texts=texts)


def _redacted(example: Example) -> Example:
    texts = redact_texts((example.prompt, example.baseline, example.candidate, example.reference))
    prompt, baseline, candidate, reference = texts
    return replace(example, prompt=prompt, baseline=baseline, candidate=candidate, reference=reference)


def _rank(danger: Message) -> int:
    return [*Danger].index(Danger(danger.code))


def _noticed(example: Example) -> Noticed:
    """With what differs; long texts only as far as paper shows them."""
    diff = word_diff(example.baseline[:SHOWN], example.candidate[:SHOWN])
    baseline, candidate = (
        tuple((each.text, each.side is not Side.SAME) for each in diff.seen_on(side))
        for side in (Side.LEFT, Side.RIGHT)
    )
    return Noticed(example=example, baseline=baseline, candidate=candidate)


def _ask(report: Report, stints: tuple[Stint, ...]) -> Message:
    decision = report.recommendation
    moves = [each for each in decision.use_cases if each.target]
    if not decision.use_cases:
        return Message.of(Ask.NOTHING)
    if moves:
        last = max((stint.first for stint in stints if stint.phase.traffic_share == 1), default=None)
        models = list(dict.fromkeys(each.chosen for each in moves))
        return Message.of(
            Ask.MOVE,
            use_cases=[each.name for each in moves],
            models=models,
            start=min(stint.first for stint in stints).isoformat() if stints else None,
            end=last.isoformat() if last else None,
            is_illustrative=any(each.target and each.target.illustrative for each in moves),
            reviews=decision.judging.reviews_wanted if any(each.provisional for each in moves) else 0,
        )
    open_ones = [each.name for each in decision.use_cases if each.verdict is Verdict.NEED_MORE_DATA]
    if open_ones:
        return Message.of(Ask.MORE_EVIDENCE, use_cases=open_ones)
    return Message.of(Ask.STAY, baselines=_baselines(decision.use_cases))


def _successor(case: BusinessCase) -> Message | None:
    if case.ending is None or not case.ending.successor or case.net(MONTHS).point > 0:
        return None
    named = case.ending.successor.rpartition("/")[2]
    return Message.of(Ask.SUCCESSOR, successor=named, use_cases=[one.use_case for one in case.moving])


def _not_worth(report: Report) -> Message:
    return Message.of(Ask.NOT_WORTH, baselines=_baselines(report.recommendation.use_cases))


def _baselines(decisions: tuple[UseCaseDecision, ...]) -> list[str]:
    return list(dict.fromkeys(each.baseline_facts.model for each in decisions))


def _doubts(report: Report) -> Iterator[Message]:
    decision = report.recommendation
    moves = [each.target for each in decision.use_cases if each.target]
    if any(a.illustrative for a in moves):
        yield Message.of(Doubt.ILLUSTRATIVE)
    if decision.run.partial:
        yield Message.of(Doubt.PARTIAL, missing=decision.run.missing)
    if any(each.provisional for each in decision.use_cases):
        yield Message.of(Doubt.PROVISIONAL, pairs=decision.judging.reviews_wanted)
    for warning in decision.remarks.warnings:
        if warning.code in WARNED:
            yield Message.of(WARNED[WarningCode(warning.code)], **warning.values)
    least = min((a.quality.n for a in moves), default=FEW_SAMPLES)
    if least < FEW_SAMPLES:
        yield Message.of(Doubt.FEW_SAMPLES, n=least)
    if decision.run.baseline_lane is Lane.RECORDED:
        yield Message.of(Doubt.RECORDED_BASELINE)


def _confidence(doubts: tuple[Message, ...]) -> Confidence:
    if any(each.code in GRAVE for each in doubts):
        return Confidence.LOW
    return Confidence.MEDIUM if doubts else Confidence.HIGH


def _dangers(report: Report, flows: tuple[DataFlow, ...]) -> Iterator[Message]:
    decision = report.recommendation
    moves = [(case, move) for case, move in report.moves if case.target and move.phases]
    if not moves:
        return
    if any(case.target and case.target.illustrative for case, _ in moves):
        yield Message.of(Danger.ILLUSTRATIVE)
    if names := [case.name for case, _ in moves if case.provisional]:
        yield Message.of(Danger.PROVISIONAL, use_cases=names, pairs=decision.judging.reviews_wanted)
    yield _regression(moves)
    found: dict[tuple[str, str], Message] = {}
    for case, move in moves:
        for risk in move.risks:
            if risk.code == Risk.BASELINE_ENDS:
                found[Danger.RETIRES, case.baseline] = Message.of(Danger.RETIRES, **risk.values)
            elif risk.code in RISKS:
                danger = RISKS[Risk(risk.code)]
                found[danger, case.chosen or ""] = Message.of(danger, model=case.chosen, **risk.values)
    yield from found.values()
    for flow in flows:
        if flow.after.name not in (None, flow.before.name):
            yield Message.of(Danger.NEW_PROCESSOR, host=flow.after.name, regions=flow.after.regions)


def _regression(moves: list[tuple[UseCaseDecision, Move]]) -> Message:
    """With the numbers of the strictest rollback."""
    back = [phase.rollback for _, move in moves for phase in move.phases if phase.rollback.code == Condition.ROLLBACK]
    values = min((each.values for each in back), key=lambda each: each["margin"])
    return Message.of(Danger.REGRESSION, **{name: values[name] for name in ("baseline", "margin", "errors")})


def data_flows(report: Report) -> tuple[DataFlow, ...]:
    """Who gets the prompts before and after each move, moves with the same answer together."""
    models = {model.name: model for model in report.models}
    found: dict[tuple[Processor, Processor], list[str]] = {}
    for case in _moving(report.recommendation):
        after = models.get(case.chosen or "")
        flow = (_logged_at(case.baseline_facts.model), _processor(after, case.chosen or ""))
        found.setdefault(flow, []).append(case.name)
    return tuple(
        DataFlow(use_cases=tuple(names), before=before, after=after) for (before, after), names in found.items()
    )


def _moving(decision: Recommendation) -> list[UseCaseDecision]:
    return [each for each in decision.use_cases if each.target]


def providers(models: Iterable[str]) -> dict[str, str]:
    """Who makes each model of a log, where the lists know."""
    found = {model: _logged_at(model).name for model in models}
    return {model: name for model, name in found.items() if name}


def _logged_at(model: str) -> Processor:
    """The maker of a model in a log, which names no host."""
    provider = (listed_entry(model) or {}).get("litellm_provider")
    return _at(model, host_of(f"{provider}/{model}")) if provider else Processor(model=model)


def _processor(model: StoredModel | None, name: str) -> Processor:
    if model is None or model.illustrative:
        return Processor(model=name)
    if model.api_base:
        return Processor(model=name, is_own=True)
    return _at(name, host_of(model.litellm_id))


def _at(model: str, host: Host) -> Processor:
    return Processor(
        model=model,
        name=host.name,
        regions=host.regions,
        retention=host.retention,
        trains_on_data=host.trains_on_data,
        checked_on=host.checked_on,
    )
