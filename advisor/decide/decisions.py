"""The decision: from stored evidence to one stored Report that page, command line and PDF all show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.evidence import UseCaseEvidence
from advisor.analysis.verdict.recommend import DecisionInput, recommend
from advisor.bulk import without_cycle_search
from advisor.catalog.licences import licence_note
from advisor.collect.contract_prices import LONG_TOKENS, count_costlier_at_list
from advisor.collect.volume import span_of
from advisor.decide.evidence import MANY, gather_evidence
from advisor.decide.examples import choose_examples
from advisor.decide.freshness import basis_of, busy_runs, stale_answers
from advisor.decide.frozen import changed_since
from advisor.decide.grounds import decision_input, keep_grounds
from advisor.decide.limits import at_chosen_prices, check_limits, chosen_scenario, planned_limits
from advisor.errors import BadInput
from advisor.judge.run_facts import RunFacts, newest_answered
from advisor.judge.scored_with import unchecked_reasons, unchecked_warnings, versions_of
from advisor.judge.scores import is_outdated, score_run
from advisor.money.closed_models import deadlines
from advisor.store import Store, reports
from advisor.store.company import read_company
from advisor.store.log.logs import count_text_only, list_logs, load_sample_facts
from advisor.store.log.use_cases import load_rubrics
from advisor.store.models import list_models
from advisor.store.run.generations import list_judges, load_generation_facts
from advisor.store.run.runs import get_run
from advisor.store.studies import finished_logs
from advisor.types import (
    Json,
    Lane,
    LeftOut,
    Message,
    PriceSource,
    Recommendation,
    Report,
    Role,
    Run,
    Status,
    Step,
    Study,
    WarningCode,
)
from advisor.types.reports import cases_of

SHORT_LOG_DAYS = 7
FAR_APART = 3.0
"""Input tokens a call that a server reports, by those of the log: beyond it one of them is wrong."""
BY_A_NEW_JUDGE = (Step.ADD_JUDGE, Step.BETTER_JUDGE, Step.DIFFERING, Step.MISSING_VOTES)
"""Next steps that a judge takes who wasn't asked yet."""


@without_cycle_search()
def decide(
    store: Store,
    study: Study,
    *,
    run: Run | None = None,
    margin: float | None = None,
    confidence: float | None = None,
) -> Report:
    """Decide a study on its newest run (or the one given) and store the result.

    ``margin`` and ``confidence`` are fractions; None takes the study's own. A run that was scored by older rules is
    scored again first; no model is called. Raises BadInput without a run with
    answers yet or a number makes no sense.
    """
    margin = study.margin if margin is None else margin
    confidence = study.confidence if confidence is None else confidence
    check_limits(margin, confidence)
    run = run or newest_answered(store, study)
    if is_outdated(run) and not run.state.status.is_active:
        score_run(store, run)
        run = get_run(store, run.id)
    basis = basis_of(store, study, run)  # before the evidence is read: what changes meanwhile makes it outdated
    facts = RunFacts(store, replace(study, margin=margin, confidence=confidence), run)
    evidence = at_chosen_prices(store, facts.study, gather_evidence(facts))
    models = {model.name: model for model in facts.models.values()}
    warnings = [*_warnings(store, facts), *_about_the_bill(store, facts, evidence)]
    given = decision_input(store, facts, evidence, at=datetime.now(UTC), warnings=warnings)
    recommendation = _recommended(facts, given)
    scored = [case for case in facts.use_cases if not case.ignored and facts.samples_of(case)]
    recommendation = replace(
        recommendation,
        basis=basis,
        limits_given=(margin, confidence) != (study.margin, study.confidence),
        remarks=replace(
            recommendation.remarks,
            versions=tuple(versions_of(run, scored)),
            excluded=(*_excluded(store, study), *unchecked_reasons(run.scored_with)),
        ),
    )
    company = read_company(store)
    licences = ((model, model.licence) for model in models.values() if model.licence)
    notes = {m.name: note for m, licence in licences if (note := licence_note(company, m.litellm_id, licence))}
    ending = [one for one in deadlines(store, study) if one.on]
    ends = {one.name or one.model: one.on for one in ending if one.on}
    successors = {one.name or one.model: one.successor for one in ending if one.successor}
    report = Report(
        recommendation=recommendation,
        plan=plan(recommendation, models, notes, ends, successors),
        examples=choose_examples(facts, recommendation),
        log=_log_facts(store, study),
        models=tuple(replace(model, probe=None) for model in models.values()),
        price_sources=_price_sources(store, facts),
        scenario=chosen_scenario(store, facts.study),
        planned=planned_limits(run),
    )
    if not recommendation.limits_given:
        keep_grounds(store, given, basis)
    reports.save_report(store, study.id, run.id, report)
    return report


def recommend_run(
    store: Store, facts: RunFacts, evidence: Sequence[UseCaseEvidence], *, at: datetime
) -> Recommendation:
    """The decision on a run by this evidence and the limits of ``facts.study``; nothing is stored. ``at`` is aware."""
    return _recommended(facts, decision_input(store, facts, evidence, at=at, warnings=()))


def _recommended(facts: RunFacts, given: DecisionInput) -> Recommendation:
    found = recommend(given)
    return replace(
        found,
        run=replace(found.run, timed=facts.timed),
        judging=replace(found.judging, reviewed=facts.reviewed),
    )


def latest_report(store: Store, study: Study) -> Report | None:
    """The newest stored decision of a study; None where there is none, or only one of another version's shape.

    None also where its answers were deleted with their models. A judge that was added since is to be asked before
    anything else is done about judges.
    """
    report = reports.latest_report(store, study.id)
    if report is None or not get_run(store, report.recommendation.run.id).plan.planned:
        return None
    return replace(report, plan=replace(report.plan, next_steps=_steps_now(store, study, report)))


def _steps_now(store: Store, study: Study, report: Report) -> tuple[Message, ...]:
    steps = report.plan.next_steps
    if not any(step.code in BY_A_NEW_JUDGE for step in steps) or not (new := unasked_judges(store, study, report)):
        return steps
    waiting = [name for step in steps if step.code in BY_A_NEW_JUDGE for name in cases_of(step)]
    ask = Message.of(Step.ASK_JUDGE, judges=new, use_cases=list(dict.fromkeys(waiting)))
    first = next(place for place, step in enumerate(steps) if step.code in BY_A_NEW_JUDGE)
    others = [step for step in steps[first:] if step.code not in BY_A_NEW_JUDGE]
    return (*steps[:first], ask, *others)


def unasked_judges(store: Store, study: Study, report: Report) -> list[str]:
    """Names of the judges that were added after the run of a decision, and have said nothing on its answers."""
    run_id = report.recommendation.run.id
    asked = {judge_id for _, judge_id, _ in list_judges(store, run_id)} | set(get_run(store, run_id).plan.model_ids)
    return [model.name for model in list_models(store, study.id) if model.role is Role.JUDGE and model.id not in asked]


def current_report(store: Store, study: Study) -> Report:
    """The newest decision, by the limits it was asked for with; made now if the evidence changed since.

    Raises BadInput when nothing can be decided yet.
    """
    report = latest_report(store, study)
    try:
        run = newest_answered(store, study)
    except BadInput:
        if report is None:
            raise
        return report  # a run without a single answer was decided on when it ended
    if (
        report is not None
        and not run.state.status.is_active
        and report.recommendation.basis == basis_of(store, study, run)
    ):
        return report
    return decide(store, study, run=run)


def span_warnings(span: tuple[datetime, datetime] | None) -> list[Message]:
    """What limits all monthly figures, from the first and the last time in a log."""
    if span is None or span[0] == span[1]:
        return [Message.of(WarningCode.NO_MONTH)]
    days = (span[1] - span[0]).total_seconds() / 86400
    return [Message.of(WarningCode.SHORT_LOG, days=days)] if days < SHORT_LOG_DAYS else []


def _warnings(store: Store, facts: RunFacts) -> list[Message]:
    run, study = facts.run, facts.study
    warnings = span_warnings(span_of(store, study))
    if run.baseline_lane is Lane.RECORDED:
        warnings.append(Message.of(WarningCode.RECORDED_BASELINE))
        if mixed := _mixed_answers(facts):
            warnings.append(Message.of(WarningCode.MIXED_ANSWERS, use_cases=mixed))
    if any(model.illustrative for model in facts.models.values()):
        warnings.append(Message.of(WarningCode.ILLUSTRATIVE))
    if busy := busy_runs(store, run):
        warnings.append(Message.of(WarningCode.BUSY, runs=list(busy)))
    if run.state.status in (Status.CANCELLED, Status.BUDGET_EXCEEDED, Status.PAUSED):
        warnings.append(Message.of(WarningCode.ENDED_EARLY, status=run.state.status.value))
    warnings += unchecked_warnings(run.scored_with)
    if old := stale_answers(store, run):
        warnings.append(old)
    asked = [case for case in facts.use_cases if facts.samples_of(case)]
    rubrics = load_rubrics(store, study.id)
    if changes := changed_since(run, study, asked, rubrics):
        warnings.append(Message.of(WarningCode.CHANGED, changes=[asdict(change) for change in changes]))
    return warnings


def _about_the_bill(store: Store, facts: RunFacts, evidence: Sequence[UseCaseEvidence]) -> list[Message]:
    """What today's bill is of, where that is another model than the answers are compared with, and what it lacks."""
    warnings = []
    if billed := {case.name: list(case.log.billed) for case in evidence if case.log.billed}:
        warnings.append(Message.of(WarningCode.OTHER_BILL, baseline=facts.run.baseline, use_cases=billed))
    volumes = ((case.name, facts.volumes[case.name]) for case in evidence)
    if assumed := {name: [v.assumed, v.calls] for name, v in volumes if v.assumed > MANY * v.calls}:
        warnings.append(Message.of(WarningCode.ASSUMED_COSTS, use_cases=assumed))
    if counted := _other_counts(facts):
        warnings.append(Message.of(WarningCode.INPUT_TOKENS, models=counted))
    if long := count_costlier_at_list(store, facts.study, facts.given):
        warnings.append(Message.of(WarningCode.LONG_PROMPTS, calls=long, tokens=LONG_TOKENS))
    if calls := count_text_only(store, finished_logs(facts.study.id)):
        warnings.append(Message.of(WarningCode.BESIDE_TEXT, calls=calls))
    return warnings


def _other_counts(facts: RunFacts) -> dict[str, list[int]]:
    """Candidate -> input tokens a call, measured and logged of the same calls, where these are far apart."""
    sums = {model.id: (0, 0, 0) for model in facts.candidates}
    for key, generation in facts.generations.items():
        used, logged = generation.usage, facts.samples[key.sample_id].metered.usage
        if key.model_id in sums and key.epoch == 1 and used and logged:
            calls, measured, in_log = sums[key.model_id]
            measured, in_log = measured + used.total_input_tokens, in_log + logged.total_input_tokens
            sums[key.model_id] = calls + 1, measured, in_log
    return {
        facts.models[model_id].name: [round(measured / calls), round(in_log / calls)]
        for model_id, (calls, measured, in_log) in sums.items()
        if min(measured, in_log) > 0 and not 1 / FAR_APART <= measured / in_log <= FAR_APART
    }


def _mixed_answers(facts: RunFacts) -> dict[str, dict[str, int]]:
    """Use case -> model -> its recorded answers, where several models gave those that are compared as one's."""
    counts = {
        case.name: Counter(sample.model for sample in facts.samples_of(case) if sample.model)
        for case in facts.use_cases
        if not case.ignored
    }
    return {name: dict(models.most_common()) for name, models in counts.items() if len(models) > 1}


def _excluded(store: Store, study: Study) -> list[Message]:
    """Why calls of the log are not part of the sample's population, the most frequent first."""
    frame = load_sample_facts(store, study.id, ("not_replayable",))
    reasons = Counter(str(reason) for reason in frame["not_replayable"].dropna())
    found = [Message.of(LeftOut.NOT_REPLAYABLE, reason=reason, calls=n) for reason, n in reasons.items()]
    if rejected := sum(log.rejected for log in list_logs(store, study.id)):
        found.append(Message.of(LeftOut.UNREADABLE, calls=rejected))
    return sorted(found, key=lambda each: -each.values["calls"])


def _log_facts(store: Store, study: Study) -> dict[str, Json]:
    logs = list_logs(store, study.id)
    span = span_of(store, study)
    return {
        "files": [log.name for log in reversed(logs)],
        "rows": sum(log.rows for log in logs),
        "accepted": sum(log.accepted for log in logs),
        "rejected": sum(log.rejected for log in logs),
        "duplicates": sum(log.duplicates for log in logs),
        "not_replayable": sum(log.not_replayable for log in logs),
        "first_at": span[0].isoformat() if span else None,
        "last_at": span[1].isoformat() if span else None,
        "redacted": all(log.redacted for log in logs),
        "names_redacted": all(log.names_redacted for log in logs),
        "traffic_share": study.traffic_share,
    }


def _price_sources(store: Store, facts: RunFacts) -> tuple[PriceSource, ...]:
    logged = load_sample_facts(store, facts.study.id, ("price_source",), given=facts.given)["price_source"].dropna()
    replayed = load_generation_facts(store, facts.run.id, ("price_source",))["price_source"].dropna()
    found = {replace(PriceSource.of(code), text_only=False) for code in (*logged.unique(), *replayed.unique())}
    return tuple(sorted(found, key=lambda source: source.code))
