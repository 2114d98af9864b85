"""The sample study: decided as soon as it is loaded, and ready to be run for real."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.decide.decisions import decide, latest_report
from advisor.errors import CallError
from advisor.jobs.sample import JUDGES, OWN_RUN, SAMPLE_SETUP, SAMPLE_STUDY, is_shipped, load_sample
from advisor.llm.opening import open_client
from advisor.llm.written_judge import WrittenJudge
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.money.closed_models import cheaper_model, deadlines
from advisor.store import Store
from advisor.store.models import delete_model, list_models
from advisor.store.run.reviews import load_reviews
from advisor.store.run.runs import change_run, list_runs
from advisor.store.run.tallies import tally_run
from advisor.store.studies import find_study
from advisor.types import Cause, FailureKind, Report, Request, Role, Run, Status, Study, Verdict

DATA = Path(__file__).resolve().parents[2] / "data"
HELD = "Reply draft"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "advisor.db"
    with closing(Store(f"sqlite:///{path}")) as opened:
        load_sample(opened)
    return path


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(loaded, tmp_path / "copy.db")
    with closing(Store(f"sqlite:///{tmp_path / 'copy.db'}")) as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> Study:
    return find_study(store, SAMPLE_STUDY)


def decided(store: Store, study: Study) -> Report:
    report = latest_report(store, study)
    assert report is not None
    return report


def test_it_opens_with_a_decision_worth_making(store: Store, study: Study) -> None:
    found = decided(store, study).recommendation
    assert found.is_sample_study
    assert {case.verdict for case in found.use_cases} == {Verdict.SWITCH, Verdict.KEEP, Verdict.NEED_MORE_DATA}
    assert found.bill.monthly is not None
    assert 10_000 < found.bill.monthly.baseline_usd < 15_000
    assert found.bill.worth
    assert any(deadline.on for deadline in deadlines(store, study)), "today's model is switched off"
    assert cheaper_model("gpt-5.1-2025-11-13") == "gpt-6-luna"
    assert (found.run.partial, found.run.missing) == (False, 0)
    assert load_sample(store).id == study.id
    (run,) = list_runs(store, study.id)
    assert run.state.status is Status.SUCCEEDED


def test_after_a_load_that_failed_the_next_makes_the_run(store: Store, study: Study) -> None:
    (before,) = list_runs(store, study.id)
    change_run(store, before.id, status=Status.FAILED)
    load_sample(store)
    assert [run.state.status for run in list_runs(store, study.id)] == [Status.SUCCEEDED, Status.FAILED]


def test_one_judge_passes_and_the_other_holds_a_use_case(store: Store, study: Study) -> None:
    alder, hazel = (judge.name for judge in JUDGES)
    found = decided(store, study).recommendation
    assert found.judging.exam is not None
    assert (found.judging.exam.judges, found.judging.exam.left_out) == ((alder,), (hazel,))
    assert (found.judging.exam.found, found.judging.exam.asked) == (50, 50)
    held = {case.name for case in found.use_cases if case.has_cause(Cause.JUDGE_NOT_PROVEN)}
    assert held == {HELD}
    values = next(case.candidates[0].ruling.reason.values for case in found.use_cases if case.name == HELD)
    assert values["exam"]["values"]["judges"] == [hazel]
    assert all("(illustrative)" in judge.judge for judge in found.judging.judges)


def test_it_holds_what_a_real_run_would_have_stored(store: Store, study: Study) -> None:
    """The illustrative candidate and the judges asked again give the same; nothing is taken over."""
    shipped = list_runs(store, study.id)[0]
    builtin = next(model for model in list_models(store, study.id) if model.is_builtin)
    delete_model(store, builtin.id)
    run = finish_run(store, start_run(store, study, OWN_RUN).id)
    assert run.state.status is Status.SUCCEEDED
    tally = tally_run(store, run.id)
    assert (tally.succeeded, tally.reused, tally.missing) == (642, 0, 0)
    models = list_models(store, study.id)
    assert [is_shipped(study, each, models) for each in (shipped, run)] == [True, False]
    assert [len(load_reviews(store, each.id)) for each in (run, shipped)] == [35, 35]
    own, before = _by_use_case(store, study, run), _by_use_case(store, study, shipped)
    assert own == before


def _by_use_case(store: Store, study: Study, run: Run) -> dict[str, tuple[object, ...]]:
    cases = decide(store, study, run=run).recommendation.use_cases
    first = {case.name: case.candidates[0] for case in cases}
    return {name: (a.model, a.quality.n, a.difference.delta, a.quality.wins, a.costs) for name, a in first.items()}


def test_a_small_run_of_ones_own_takes_over_what_is_known(store: Store, study: Study) -> None:
    builtin = next(model for model in list_models(store, study.id) if model.is_builtin)
    delete_model(store, builtin.id)
    run = finish_run(store, start_run(store, study, replace(SAMPLE_SETUP, sample_size=12)).id)
    tally = tally_run(store, run.id)
    assert (tally.succeeded, tally.reused, tally.missing) == (12, 12, 0)


def test_its_judges_have_no_vote_on_other_answers() -> None:
    alder = open_client(JUDGES[0])
    assert isinstance(alder, WrittenJudge)
    asked = "\n\n".join(f"===== ANSWER {x} 1 =====\n{x}\n===== END OF ANSWER {x} 1 =====" for x in "AB")
    with pytest.raises(CallError) as caught:
        asyncio.run(alder.complete(Request(messages=[{"role": "user", "content": asked}]), stream=False, timeout_s=1))
    assert caught.value.kind is FailureKind.UNSUPPORTED


def test_every_file_is_said_to_be_made_up_or_recorded() -> None:
    said = (DATA / "sample" / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in (DATA / "sample").iterdir() if path.suffix == ".jsonl"]
    assert [name for name in files if f"`{name}`" not in said] == []
    assert all(judge.illustrative and judge.role is Role.JUDGE for judge in JUDGES)
