"""Where a study stands and the one next step."""

from dataclasses import dataclass
from enum import StrEnum

from advisor.analysis.evidence import DEFAULT_MARGINS
from advisor.analysis.gates import LATENCY, TTFT
from advisor.study.endpoints import endpoint_of
from advisor.types import Assessment, Job, Report, Role, Run, Status, Study, UseCase, UseCaseDecision
from advisor.ui import format, queries

OVERVIEW = "pages/start/overview.py"
PROMPT_LOG = "pages/collect/prompt_log.py"
CANDIDATES = "pages/measure/candidates.py"
REPLAY = "pages/measure/replay.py"
QUALITY = "pages/compare/quality.py"
REPORT = "pages/decide/report.py"


class Stage(StrEnum):
    """How far a study is; the value is what the screen says."""

    NO_LOG = "no log yet"
    NO_CANDIDATE = "log imported, no candidate yet"
    NO_RUN = "ready for a replay"
    RUNNING = "replay running"
    STOPPED = "replay stopped before an answer came"
    ANSWERED = "answers are in, not decided yet"
    OUTDATED = "decided, but something changed since"
    DECIDED = "decided"


NEXT: dict[Stage, tuple[str, str]] = {
    Stage.NO_LOG: (PROMPT_LOG, "Import a prompt log"),
    Stage.NO_CANDIDATE: (CANDIDATES, "Choose candidates"),
    Stage.NO_RUN: (REPLAY, "Start a replay"),
    Stage.RUNNING: (REPLAY, "Watch the replay"),
    Stage.STOPPED: (REPLAY, "Look at the replay"),
    Stage.ANSWERED: (QUALITY, "Decide on the answers"),
    Stage.OUTDATED: (QUALITY, "Decide again"),
    Stage.DECIDED: (REPORT, "Open the report"),
}
"""The page of the next step, and what the link says."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one study stands."""

    stage: Stage
    run: Run | None
    """The newest."""
    report: Report | None

    @property
    def next_step(self) -> tuple[str, str]:
        """Page and label of the one next step."""
        return NEXT[self.stage]

    @property
    def words(self) -> str:
        """The state in a few words with its age."""
        decided = f"decided {format.ago(self.report.recommendation.created_at)}" if self.report else ""
        if self.stage is Stage.DECIDED:
            return decided
        return f"{decided}, but something changed since" if self.stage is Stage.OUTDATED else self.stage.value


def standing(study: Study) -> Standing:
    """Look where a study stands."""
    runs = queries.runs(study.id)
    report = queries.report(study.id)
    return Standing(stage=_stage(study, runs, report), run=runs[0] if runs else None, report=report)


def answered_run(study_id: int) -> Run | None:
    """The newest run with answers: the one that is decided on."""
    return next((run for run in queries.runs(study_id) if queries.tally(run.id).succeeded), None)


def is_outdated(study: Study, report: Report) -> bool:
    """Whether answers, scores, limits or use cases changed after the decision."""
    decision = report.recommendation
    run = answered_run(study.id)
    if run is None or run.id != decision.run:
        return True
    scored = any(_ended_after(job, report) for job in queries.jobs(study.id, "score"))
    finished = run.finished_at is not None and run.finished_at > decision.created_at
    return scored or finished or _choices_changed(study, report)


def _stage(study: Study, runs: list[Run], report: Report | None) -> Stage:
    if not queries.logs(study.id):
        return Stage.NO_LOG
    if runs and runs[0].status.is_active:
        return Stage.RUNNING
    if answered_run(study.id) is not None:
        if report is None:
            return Stage.ANSWERED
        return Stage.OUTDATED if is_outdated(study, report) else Stage.DECIDED
    if runs:
        return Stage.STOPPED
    if not any(model.role is Role.CANDIDATE for model in queries.models(study.id)):
        return Stage.NO_CANDIDATE
    return Stage.NO_RUN


def _ended_after(job: Job, report: Report) -> bool:
    ended = job.heartbeat_at or job.created_at
    return job.status is Status.SUCCEEDED and ended > report.recommendation.created_at


def _choices_changed(study: Study, report: Report) -> bool:
    cases = {case.name: case for case in queries.use_cases(study.id)}
    recommendation = report.recommendation
    for decision in recommendation.use_cases:
        case = cases.get(decision.name)
        if case is None or case.ignored or case.kind is not decision.kind or case.samples != decision.samples:
            return True
        if endpoint_of(case, recommendation.baseline_lane) is not decision.endpoint:
            return True
        if any(_limits_changed(study, case, decision, assessment) for assessment in decision.candidates):
            return True
    return recommendation.confidence != study.confidence


def _limits_changed(study: Study, case: UseCase, decision: UseCaseDecision, assessment: Assessment) -> bool:
    margin = next(m for m in (case.margin, study.margin, DEFAULT_MARGINS[decision.endpoint]) if m is not None)
    seconds = {gate.name: gate.limit for gate in assessment.gates if gate.name in (TTFT, LATENCY)}
    now = {TTFT: study.max_ttft_p95_s, LATENCY: study.max_latency_p95_s}
    return assessment.margin != margin or any(limit != now[name] for name, limit in seconds.items())
