"""What the page Use cases reads: shares of the cost, examples, possible splits, and how answers are judged."""

from dataclasses import dataclass

from advisor.collect import use_cases
from advisor.collect import use_cases as splitting
from advisor.collect.contract_prices import given_costs
from advisor.collect.readable import prompt_text, system_prompt, text_of
from advisor.collect.use_cases import SplitPart
from advisor.collect.volume import logged_bill
from advisor.judge import checks, rubrics
from advisor.judge.checks import Preview
from advisor.judge.endpoints import endpoint_of
from advisor.judge.scored_with import scored_with
from advisor.measure.rejudging import Due, what_is_due
from advisor.store.edits import Edit
from advisor.store.engine import Change
from advisor.store.groups import list_groups, read_some
from advisor.store.logs import load_samples
from advisor.store.traffic import sum_by_use_case
from advisor.types import Check, Endpoint, Match, Role, Rubric, Run, Status, StoredSample, Study, UseCase
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.server import store

_LOOKED_AT = 30
"""Calls that examples are chosen from, so that the same question is not shown twice."""


@dataclass(frozen=True, kw_only=True)
class LoggedCall:
    """One call of the log as plain text."""

    system: str
    """The system prompt, or nothing."""
    prompt: str
    answer: str | None
    target: str | None
    """The right answer; of several, one a line."""


@cached(Change.SETUP, most=16)
def cost_shares(study_id: int) -> dict[str, float]:
    """Use case -> its fraction of the cost that is known; without ignored ones and those whose cost nobody knows.

    Answers without a cost are taken to cost as much as the others of their use case on average.
    """
    given = given_costs(store(), queries.study(study_id))
    bills = {name: logged_bill(vars(sums)) for name, sums in sum_by_use_case(store(), study_id, given).items()}
    costs = {name: usd for name, usd in bills.items() if usd is not None}
    total = sum(costs.values())
    return {name: cost / total for name, cost in costs.items()} if total else {}


def last_edit(study: Study) -> Edit | None:
    """The change that can be undone next."""
    return use_cases.last_edit(store(), study)


@cached(Change.SETUP)
def examples(study: Study, use_case: UseCase, count: int) -> list[LoggedCall]:
    """Some calls of a use case, chosen by chance but always the same."""
    groups = list_groups(store(), study.id, examples=0, use_case_id=use_case.id)
    some = [call.id for call in read_some(store(), groups, _LOOKED_AT)]
    calls = [_logged(use_case, sample) for sample in load_samples(store(), some)]
    different = list({call.prompt: call for call in calls}.values())
    return different[:: max(len(different) // count, 1)][:count]


@cached(Change.SETUP)
def parts(study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the log itself tells apart within a use case, the largest first."""
    return splitting.list_parts(store(), study, use_case)


@cached(Change.SETUP, spinner="Looking for parts ...")
def preview(study: Study, use_case: UseCase, count: int) -> list[SplitPart]:
    """What a split by words would make, the largest first. Raises BadInput when the words tell nothing apart."""
    return splitting.preview_split(store(), study, use_case, count)


@cached(Change.SETUP)
def suggested_checks(study: Study, use_case: UseCase) -> tuple[Check, ...]:
    """Checks that today's answers pass and that the use case does not have."""
    return checks.suggested_checks(store(), study, use_case)


@cached(Change.SETUP)
def suggested_match(study: Study, use_case: UseCase) -> Match | None:
    """How the right answers ask to be compared."""
    return checks.suggested_match(store(), study, use_case)


@cached(Change.ANSWERS, spinner="Trying it on real answers ...")
def judged(study: Study, use_case: UseCase, tried: tuple[Check, ...], match: Match | None) -> Preview:
    """How real answers would be judged with these checks and this way of matching, the wrong ones first."""
    return checks.preview(store(), study, use_case, tried, match)


def rubric_versions(use_case: UseCase) -> list[Rubric]:
    """What judges check answers against: the version in force first, the suggestion last."""
    return rubrics.versions(store(), use_case)


def judged_version(use_case: UseCase, run: Run) -> int | None:
    """The version of the judge's questions by which the verdicts of a run count; None where no judge was asked."""
    kept = scored_with(run, use_case.id)
    return None if kept is None else kept.rubric


@cached(most=16)
def judging_due(study: Study, run: Run) -> Due:
    """What scoring a run again would ask its judges."""
    return what_is_due(store(), study, run)


def new_judges(study: Study, run: Run) -> list[str]:
    """Names of the judges that were registered after a run was made, if it has anything for them to compare."""
    if not is_judged_pairwise(study, run):
        return []
    return [m.name for m in queries.models(study.id) if m.role is Role.JUDGE and m.id not in run.plan.model_ids]


def is_judged_pairwise(study: Study, run: Run) -> bool:
    """Whether comparing answers decides any use case, or may have to."""
    cases = queries.use_cases(study.id)
    return any(not case.ignored and endpoint_of(case, run.baseline_lane) is not Endpoint.TARGET for case in cases)


def changed_since_scored(study: Study, run: Run) -> bool:
    """Whether use cases, or how they are judged, changed after the answers of a run were scored."""
    edit = last_edit(study)
    jobs = [job for job in queries.jobs(study.id, "score") if job.status is Status.SUCCEEDED]
    scored = [at for at in (run.state.finished_at, *(job.heartbeat_at for job in jobs)) if at is not None]
    return edit is not None and bool(scored) and edit.at > max(scored)


def _logged(use_case: UseCase, sample: StoredSample) -> LoggedCall:
    return LoggedCall(
        system=system_prompt(sample.request.messages),
        prompt=prompt_text(sample.request.messages),
        answer=text_of(sample.answer) if sample.answer else None,
        target="\nor ".join(checks.right_texts(use_case, sample, indent=1)) if sample.has_target else None,
    )
