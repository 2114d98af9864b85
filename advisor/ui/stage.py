"""Where a study stands and the one next step."""

from dataclasses import dataclass

from advisor.decide.freshness import is_current
from advisor.judge.run_facts import first_answered
from advisor.measure.registration import is_among, key_of
from advisor.store.company import read_company
from advisor.store.studies import shared_at
from advisor.text.catalog import ask_for_key, with_key
from advisor.text.names import bare_id
from advisor.text.progress import stage_words
from advisor.types import Message, Model, Report, ReviewNeed, Role, Run, Step, Study, Verdict
from advisor.types.dossier import Export
from advisor.types.reports import JUDGING, cases_of
from advisor.types.studies import Stage
from advisor.ui import address, navigation, queries
from advisor.ui.cache import cached
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.state import MORE, PAIRS, PART, ROLE, TAB

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
    Step.TEST_CHEAPER: (navigation.CANDIDATES, "Add a model"),
    Step.SUCCESSOR: (navigation.CANDIDATES, "Add a model"),
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
    Step.FIX_FORM: (navigation.QUALITY, "See the answers"),
    Step.FINE_TUNE: (navigation.FILES, "Training files"),
    Step.NEW_CANDIDATE: (navigation.CATALOG, "Find a model"),
}
"""The page where a step is done, and its button; the shadow phase starts outside this program."""
FOR_A_JUDGE = (Step.ADD_JUDGE, Step.BETTER_JUDGE)


def place_of(step: Message, study: Study) -> tuple[str, str]:
    """The same of one step, with the model that it tests; the sample study takes no more calls."""
    page, label = WHERE[step.code]
    if study.is_sample and page == navigation.PROMPT_LOG:
        return page, "Import your own log"
    model = tested_by(step, study)
    return test_of(study, model) if model else (page, label)


def test_of(study: Study, model: Model) -> tuple[str, str]:
    """The page on which a test of a model goes on, and what the button says: add it, ask for its key, or run it."""
    key, name = key_of(model), inline(bare_id(model.plain_id))
    if key is None or key.is_set:
        return navigation.RUN, f"Test {name}"
    is_added = is_among(model, queries.models(study.id))
    return navigation.CANDIDATES, ask_for_key(key.name, name) if is_added else with_key(f"Add {name}", key.name)


def tested_by(step: Message, study: Study) -> Model | None:
    """The closed model that a step tests, as its provider is asked for it; None: it tests none, or no list has it."""
    if step.code == Step.TEST_CHEAPER:
        return Model(name=bare_id(step.values["model"]), litellm_id=step.values["model"])
    name = bare_id(step.values.get("successor", ""))
    return next((one for one in queries.successors(study.id) if bare_id(one.plain_id) == name), None)


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
        if self.steps:
            return place_of(self.steps[0], self.study)
        if self.lacks_judge:
            return navigation.CANDIDATES, "Add a judge"
        return NEXT[self.stage]

    @property
    def test(self) -> Message | None:
        """The test of another closed model, where it comes before any move."""
        if self.stage is not Stage.DECIDED or self.report is None:
            return None
        first = next(iter(queries.advised(self.study.id, self.report).plan.next_steps), None)
        if first is None:
            return None
        is_for_all = first.code == Step.SUCCESSOR and queries.case(self.study.id, self.report).overtaken_by
        return first if first.code == Step.TEST_CHEAPER or is_for_all else None

    @property
    def tested_first(self) -> str:
        """The model of that test; empty: nothing is tested first."""
        return bare_id(self.test.values.get("model") or self.test.values["successor"]) if self.test else ""

    @property
    def steps(self) -> list[Message]:
        """What comes before the report, as Plan lists it: that test, and what judges or an undecided study need.

        Empty: the page of the next step comes from the stage.
        """
        if self.stage is not Stage.DECIDED or self.report is None:
            return []
        test, steps = self.test, [step for step in self.report.plan.next_steps if step.code in WHERE]
        needed = next((step for step in steps if not self.decided[0] or step.code in JUDGING), None)
        return [step for step in (test, needed) if step]

    @property
    def lacks_judge(self) -> bool:
        """Whether the first run would compare nothing in some use case: people can, but they rarely want to."""
        return self.stage is Stage.NO_RUN and bool(
            queries.unjudged_in(self.study, queries.baseline_lane(self.study.id))
        )

    @property
    def next_query(self) -> dict[str, str]:
        """What the link to that page says besides."""
        return query_of(self.study, self.report, self.steps[0]) if self.steps else {}

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
        return {PART: MORE}
    if step.code == Step.FINE_TUNE:
        return {PART: Export.FINETUNE.value}
    if step.code in FOR_A_JUDGE:
        return {ROLE: Role.JUDGE.value}
    if page == navigation.QUALITY:
        return address.of_cases(study.id, cases_of(step))
    if page != navigation.REVIEW:
        return {}
    if step.code == Step.REVIEW:
        return {TAB: PAIRS}
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
    if any(queries.tally(run.id).planned for run in runs):
        return Stage.STOPPED
    if not any(model.role is Role.CANDIDATE for model in queries.models(study.id)):
        return Stage.NO_CANDIDATE
    return Stage.NO_RUN
