"""Where a study stands and the one next step."""

from dataclasses import dataclass

from advisor.decide.freshness import is_current
from advisor.judge.run_facts import first_answered
from advisor.plan.business_case import in_view_of
from advisor.store.company import read_company
from advisor.store.studies import shared_at
from advisor.text.progress import stage_words
from advisor.types import Message, Model, Report, ReviewNeed, Role, Run, Step, Study, Verdict
from advisor.types.dossier import Export
from advisor.types.reports import JUDGING, cases_of
from advisor.types.studies import Stage
from advisor.ui import address, navigation, queries
from advisor.ui.cache import cached
from advisor.ui.server import store
from advisor.ui.state import ADD, PAIRS, PART, ROLE, TAB

STEPS = ("Import", "Pick", "Run", "Decide", "Share")
"""The way of a study, as the header shows it."""
DONE = {
    Stage.NO_LOG: 0,
    Stage.NO_CANDIDATE: 1,
    Stage.NO_RUN: 2,
    Stage.RUNNING: 2,
    Stage.STOPPED: 2,
    Stage.ANSWERED: 3,
    Stage.OUTDATED: 3,
    Stage.DECIDED: 4,
}
"""How many of these steps are behind a study."""
NEXT: dict[Stage, tuple[str, str]] = {
    Stage.NO_LOG: (navigation.PROMPT_LOG, "Import a prompt log"),
    Stage.NO_CANDIDATE: (navigation.CATALOG, "Pick models"),
    Stage.NO_RUN: (navigation.RUN, "Start a replay"),
    Stage.RUNNING: (navigation.RUN, "Watch the replay"),
    Stage.STOPPED: (navigation.RUN, "Look at the replay"),
    Stage.ANSWERED: (navigation.QUALITY, "See the decision"),
    Stage.OUTDATED: (navigation.QUALITY, "See the new decision"),
    Stage.DECIDED: (navigation.REPORT, "Open the report"),
}
"""The page of the next step, and what the link says."""
WHERE: dict[str, tuple[str, str]] = {
    Step.STAY: (navigation.COST, "Reduce the bill"),
    Step.FINISH_RUN: (navigation.RUN, "Finish the run"),
    Step.REVIEW: (navigation.REVIEW, "Review pairs"),
    Step.BETTER_JUDGE: (navigation.CANDIDATES, "Add another judge"),
    Step.ASK_JUDGE: (navigation.RUN, "Ask the judge"),
    Step.EXAMINE: (navigation.RUN, "Examine the judge"),
    Step.REAL_CANDIDATE: (navigation.CATALOG, "Pick a model"),
    Step.SUCCESSOR: (navigation.CANDIDATES, "Add {successor}"),
    Step.LICENCE: (navigation.CATALOG, "Read the license"),
    Step.ADD_JUDGE: (navigation.CANDIDATES, "Add a judge"),
    Step.DIFFERING: (navigation.REVIEW, "Review answers"),
    Step.REVIEW_PAIRS: (navigation.REVIEW, "Review pairs"),
    Step.MISSING_VOTES: (navigation.RUN, "Ask the judge"),
    Step.OTHER_LIMIT: (navigation.SCENARIOS, "Change the drop"),
    Step.OTHER_CANDIDATE: (navigation.CATALOG, "Find a model"),
    Step.FIX_CALLS: (navigation.CANDIDATES, "Check the model"),
    Step.OTHER_SAMPLES: (navigation.PROMPT_LOG, "Import more"),
    Step.STEADY: (navigation.RUN, "Run again"),
    Step.REFERENCES: (navigation.USE_CASES, "See the references"),
    Step.IMPORT: (navigation.PROMPT_LOG, "Import more"),
    Step.REPLAY: (navigation.RUN, "Run more samples"),
    Step.CAVEAT: (navigation.QUALITY, "See the evidence"),
    Step.READ_REFUSALS: (navigation.RUN, "Check refusals"),
    Step.MEASURE_TIMES: (navigation.LATENCY, "Measure latency"),
    Step.FINE_TUNE: (navigation.FILES, "Training files"),
    Step.NEW_CANDIDATE: (navigation.CATALOG, "Find a model"),
}
"""The page where a step is done, and its button; the shadow phase starts outside this program."""
FOR_A_JUDGE = (Step.ADD_JUDGE, Step.BETTER_JUDGE)


def place_of(step: Message, study: Study) -> tuple[str, str]:
    """The same of one step, with the names that it has; the sample study takes no more calls."""
    page, label = WHERE[step.code]
    if study.is_sample and page == navigation.PROMPT_LOG:
        return page, "Import your own log"
    return page, label.format(successor=_successor(step))


def _successor(step: Message) -> str:
    """The model that a step tests in place of one that ends, without its provider; empty: it tests none."""
    return str(step.values.get("successor", "")).rpartition("/")[2]


def _bare_id(model: Model) -> str:
    return model.plain_id.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one study stands."""

    study: Study
    stage: Stage
    run: Run | None
    """The newest."""
    report: Report | None

    @property
    def next_step(self) -> tuple[str, str]:
        """Page and label of the one next step."""
        if self.step:
            name = _successor(self.step)
            if name and name in map(_bare_id, queries.models(self.study.id)):
                return navigation.RUN, f"Test {name}"
            return place_of(self.step, self.study)
        if self.lacks_judge:
            return navigation.CANDIDATES, "Add a judge"
        return NEXT[self.stage]

    @property
    def step(self) -> Message | None:
        """The first of the decision's next steps, as Plan lists them; None: the page comes from the stage.

        Once something is decided, only what its judges need comes before the report, and the test of a successor that
        the moves don't pay back against.
        """
        if self.stage is not Stage.DECIDED or self.report is None:
            return None
        case = queries.case(self.study.id, self.report)
        steps = [step for step in in_view_of(self.report, case).plan.next_steps if step.code in WHERE]
        untested = _successor(steps[0]) if steps and case.overtaken_by else ""
        if untested and untested not in map(_bare_id, self.report.models):
            return steps[0]
        return next((step for step in steps if not self.decided[0] or step.code in JUDGING), None)

    @property
    def lacks_judge(self) -> bool:
        """Whether the first run would compare nothing in some use case: people can, but they rarely want to."""
        return self.stage is Stage.NO_RUN and bool(
            queries.unjudged_in(self.study, queries.baseline_lane(self.study.id))
        )

    @property
    def next_query(self) -> dict[str, str]:
        """What the link to that page says besides."""
        return query_of(self.study, self.report, self.step) if self.step else {}

    @property
    def decided(self) -> tuple[int, int]:
        """On how many use cases the evidence of now decides, and of how many."""
        cases = self.report.recommendation.use_cases if self.report and self.stage is Stage.DECIDED else ()
        return sum(case.verdict is not Verdict.NEED_MORE_DATA for case in cases), len(cases)

    @property
    def is_shared(self) -> bool:
        """Whether a file of the decision of now was downloaded."""
        if self.stage is not Stage.DECIDED or self.report is None:
            return False
        at = shared_at(store(), self.study.id)
        return at is not None and at >= self.report.recommendation.created_at

    @property
    def words(self) -> str:
        """The state in a few words."""
        return stage_words(self.stage, self.report.recommendation.created_at if self.report else None)


def standing(study: Study) -> Standing:
    """Look where a study stands."""
    return _standing(study, read_company(store()))


@cached(shared=True, most=256)  # Summary asks it of every study
def _standing(study: Study, company: object) -> Standing:
    """``company``: what a decision rests on beside the study."""
    runs = queries.runs(study.id)
    report = queries.report(study.id)
    return Standing(study=study, stage=_stage(study, runs, report), run=runs[0] if runs else None, report=report)


def answered_run(study_id: int) -> Run | None:
    """The newest run with answers: the one that is decided on."""
    return first_answered(queries.runs(study_id), queries.tally)


def is_outdated(study: Study, report: Report) -> bool:
    """Whether answers, scores, reviews, limits or use cases changed after the decision."""
    run = answered_run(study.id)
    return run is None or not is_current(store(), study, report, run)


def review_needs(report: Report | None) -> dict[str, ReviewNeed]:
    """The use cases that wait for people, the largest bill first, each with the reviews that decide."""
    cases = report.recommendation.use_cases if report else ()
    largest = sorted(cases, key=lambda case: -(case.monthly_baseline_usd or 0.0))
    return {case.name: need for case in largest if (need := case.review_need)}


def query_of(study: Study, report: Report | None, step: Message) -> dict[str, str]:
    """What the link to the page of a step says besides: the use case that waits for reviews, the form to import."""
    page = WHERE[step.code][0]
    if page == navigation.PROMPT_LOG:
        return {PART: ADD}
    if step.code == Step.FINE_TUNE:
        return {PART: Export.FINETUNE.value}
    if step.code in FOR_A_JUDGE:
        return {ROLE: Role.JUDGE.value}
    if page != navigation.REVIEW:
        return {}
    waiting = [name for name in review_needs(report) if name in cases_of(step)]
    return {TAB: PAIRS, **address.of_cases(study.id, waiting[:1] or cases_of(step))}


def _stage(study: Study, runs: list[Run], report: Report | None) -> Stage:
    if not queries.logs(study.id):
        return Stage.NO_LOG
    if runs and runs[0].state.status.is_active:
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
