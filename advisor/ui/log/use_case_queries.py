"""What the page Use cases reads: shares of the cost, examples, possible splits, and how answers are judged."""

from dataclasses import dataclass

import streamlit as st

from advisor.collect import splitting, use_cases
from advisor.collect.contract_prices import given_costs
from advisor.collect.readable import prompt_text, system_prompt, text_of
from advisor.collect.splitting import SplitPart
from advisor.collect.volume import logged_bill
from advisor.judge import checks, rubrics
from advisor.judge.checks import Preview
from advisor.judge.endpoints import endpoint_of
from advisor.judge.versions import scored_with
from advisor.measure.rejudging import Due, what_is_due
from advisor.store.edits import Edit
from advisor.store.groups import list_groups, read_some
from advisor.store.logs import load_samples
from advisor.store.traffic import sum_by_use_case
from advisor.types import Check, Endpoint, Match, Role, Rubric, Run, Sample, Status, Study, UseCase
from advisor.ui import queries
from advisor.ui.queries import Revision, log_revision
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


def cost_shares(study_id: int) -> dict[str, float]:
    """Use case -> its fraction of the cost that is known; without ignored ones and those whose cost nobody knows.

    Answers without a cost are taken to cost as much as the others of their use case on average.
    """
    return _cost_shares(study_id, queries.bill_revision(study_id))


def last_edit(study: Study) -> Edit | None:
    """The change that can be undone next."""
    return use_cases.last_edit(store(), study)


def examples(study: Study, use_case: UseCase, count: int) -> list[LoggedCall]:
    """Some calls of a use case, chosen by chance but always the same."""
    return _examples(study.id, use_case, count, log_revision(study.id))


def parts(study: Study, use_case: UseCase) -> list[SplitPart]:
    """What the log itself tells apart within a use case, the largest first."""
    return _parts(study, use_case, log_revision(study.id))


def preview(study: Study, use_case: UseCase, count: int) -> list[SplitPart]:
    """What a split by words would make, the largest first. Raises BadInput when the words tell nothing apart."""
    return _preview(study, use_case, count, log_revision(study.id))


def suggested_checks(study: Study, use_case: UseCase) -> tuple[Check, ...]:
    """Checks that today's answers pass and that the use case does not have."""
    return _suggested_checks(study, use_case, log_revision(study.id))


def suggested_match(study: Study, use_case: UseCase) -> Match | None:
    """How the right answers ask to be compared."""
    return _suggested_match(study, use_case, log_revision(study.id))


def judged(study: Study, use_case: UseCase, tried: tuple[Check, ...], match: Match | None) -> Preview:
    """How real answers would be judged with these checks and this way of matching, the wrong ones first."""
    answers = [(run.id, queries.tally(run.id).succeeded) for run in queries.runs(study.id)]
    return _judged(study, use_case, tried, match, (log_revision(study.id), tuple(answers)))


def rubric_versions(use_case: UseCase) -> list[Rubric]:
    """What judges check answers against: the version in force first, the suggestion last."""
    return rubrics.versions(store(), use_case)


def judged_version(use_case: UseCase, run: Run) -> int | None:
    """The version of the judge's questions by which the verdicts of a run count; None where no judge was asked."""
    kept = scored_with(run, use_case.id)
    return None if kept is None else kept.rubric


def judging_due(study: Study, run: Run) -> Due:
    """What scoring a run again would ask its judges."""
    versions = tuple((case.id, rubric_versions(case)[0].version) for case in queries.use_cases(study.id))
    return _due(study, run, (versions, queries.run_revision(run.id)))


def new_judges(study: Study, run: Run) -> list[str]:
    """Names of the judges that were registered after a run was made, if it has anything for them to compare."""
    if not is_judged_pairwise(study, run):
        return []
    return [m.name for m in queries.models(study.id) if m.role is Role.JUDGE and m.id not in run.model_ids]


def is_judged_pairwise(study: Study, run: Run) -> bool:
    """Whether comparing answers decides any use case, or may have to."""
    cases = queries.use_cases(study.id)
    return any(not case.ignored and endpoint_of(case, run.baseline_lane) is not Endpoint.TARGET for case in cases)


def changed_since_scored(study: Study, run: Run) -> bool:
    """Whether use cases, or how they are judged, changed after the answers of a run were scored."""
    edit = last_edit(study)
    jobs = [job for job in queries.jobs(study.id, "score") if job.status is Status.SUCCEEDED]
    scored = [at for at in (run.finished_at, *(job.heartbeat_at for job in jobs)) if at is not None]
    return edit is not None and bool(scored) and edit.at > max(scored)


@st.cache_data(max_entries=16, show_spinner=False)
def _cost_shares(study_id: int, revision: Revision) -> dict[str, float]:
    given = given_costs(store(), queries.study(study_id))
    bills = {name: logged_bill(vars(sums)) for name, sums in sum_by_use_case(store(), study_id, given).items()}
    costs = {name: usd for name, usd in bills.items() if usd is not None}
    total = sum(costs.values())
    return {name: cost / total for name, cost in costs.items()} if total else {}


@st.cache_data(max_entries=16, show_spinner=False)
def _due(_study: Study, _run: Run, revision: Revision) -> Due:
    return what_is_due(store(), _study, _run)


@st.cache_data(max_entries=64, show_spinner=False)
def _examples(study_id: int, use_case: UseCase, count: int, revision: Revision) -> list[LoggedCall]:
    groups = list_groups(store(), study_id, examples=0, use_case_id=use_case.id)
    some = [call.id for call in read_some(store(), groups, _LOOKED_AT)]
    calls = [_logged(use_case, sample) for sample in load_samples(store(), some)]
    different = list({call.prompt: call for call in calls}.values())
    return different[:: max(len(different) // count, 1)][:count]


@st.cache_data(max_entries=64, show_spinner=False)
def _parts(_study: Study, use_case: UseCase, revision: Revision) -> list[SplitPart]:
    return splitting.list_parts(store(), _study, use_case)


@st.cache_data(max_entries=64, show_spinner="Looking for parts ...")
def _preview(_study: Study, use_case: UseCase, count: int, revision: Revision) -> list[SplitPart]:
    return splitting.preview_split(store(), _study, use_case, count)


@st.cache_data(max_entries=64, show_spinner=False)
def _suggested_checks(_study: Study, use_case: UseCase, revision: Revision) -> tuple[Check, ...]:
    return checks.suggested_checks(store(), _study, use_case)


@st.cache_data(max_entries=64, show_spinner=False)
def _suggested_match(_study: Study, use_case: UseCase, revision: Revision) -> Match | None:
    return checks.suggested_match(store(), _study, use_case)


@st.cache_data(max_entries=64, show_spinner="Trying it on real answers ...")
def _judged(
    _study: Study, use_case: UseCase, tried: tuple[Check, ...], match: Match | None, revision: Revision
) -> Preview:
    return checks.preview(store(), _study, use_case, tried, match)


def _logged(use_case: UseCase, sample: Sample) -> LoggedCall:
    return LoggedCall(
        system=system_prompt(sample.request.messages),
        prompt=prompt_text(sample.request.messages),
        answer=text_of(sample.answer) if sample.answer else None,
        target="\nor ".join(checks.right_texts(use_case, sample, indent=1)) if sample.has_target else None,
    )
