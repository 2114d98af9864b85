"""Whatever changes what belongs to a study raises its revision, in the same transaction."""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module

import pytest

import advisor.store
from advisor.store import Store
from advisor.store.deletion import delete_study, remove_rows
from advisor.store.engine import Change
from advisor.store.jobs import file_job, finish_job, stop_job
from advisor.store.log.edits import list_edits, recorded, undo_edit
from advisor.store.log.groups import assign_groups, drop_empty_groups, list_groups, make_group, move_all_samples
from advisor.store.log.imports import LogWriter, complete_logs, discard_logs
from advisor.store.log.totals import save_totals
from advisor.store.log.traffic import roll_up
from advisor.store.log.use_cases import add_rubric, adopt_answers, list_use_cases, make_use_case
from advisor.store.models import add_model, delete_model, edit_model, set_probe
from advisor.store.plan_steps import save_plan_step, save_task_owner
from advisor.store.reports import save_grounds, save_narrative, save_report
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.load_tests import add_step, change_load_test, claim_load_test, create_load_test
from advisor.store.run.reviews import add_reviews, put_reviews, remove_note, remove_review, save_note
from advisor.store.run.runs import change_run, claim_run, create_run, queue_run
from advisor.store.run.samples import list_run_samples
from advisor.store.run.scores import save_judgements, save_scores
from advisor.store.run.workers import count_asked_again, raise_lag
from advisor.store.scenarios import delete_scenario, save_case_inputs, save_scenario
from advisor.store.studies import (
    change_study,
    create_study,
    delete_empty_study,
    revision_of,
    set_name_price,
)
from advisor.types import (
    Generation,
    GroupKey,
    Kind,
    Lane,
    LoadTest,
    Model,
    Preference,
    Probe,
    Run,
    Score,
    Sending,
    Status,
    StoredModel,
    Study,
    Usage,
)
from advisor.types.dossier import Narrative
from advisor.types.prices import Total, TotalSource
from advisor.types.scenarios import CaseInputs, Limits, Scenario
from tests.made.load_test import STEP
from tests.report.made_report import small_report
from tests.store.fill import FROZEN, fill

OF_NO_STUDY = {
    "create_study": "it begins at zero",
    "queue_forgotten": "of studies that nobody sees any more",
    "remove_rows": "of a study that nobody sees any more",
    "mark_shared": "nothing that is remembered rests on it",
    "save_company": "of all studies",
    "save_preset": "of all studies",
    "delete_preset": "of all studies",
    "setting_up": "makes tables",
    "claim_job": "a sign of life",
    "beat_job": "a sign of life",
    "beat_run": "a sign of life",
    "beat_worker": "a sign of life",
    "leave_run": "a sign of life",
}
"""Writers that raise nothing, and why."""


@dataclass(frozen=True)
class Made:
    """A study with some of everything."""

    store: Store
    study: Study
    model: StoredModel
    run: Run
    test: LoadTest
    use_case: int
    group: int
    job: int
    log: LogWriter

    @property
    def sample_id(self) -> int:
        """The first of the run's samples."""
        return list_run_samples(self.store, self.run.id)[0]

    @property
    def model_id(self) -> int:
        return self.model.id


def record(made: Made) -> None:
    with recorded(made.store, "Renamed", [made.use_case]):
        pass


def undo(made: Made) -> None:
    undo_edit(made.store, made.study.id, list_edits(made.store, made.study.id)[0].id)


def interrupted(made: Made) -> LogWriter:
    return LogWriter(made.store, made.study.id, name="b", format="x", redacted=False)


LIMITS = {"budget_usd": None, "max_ttft_p95_s": None, "max_latency_p95_s": None}
ANSWER = Generation(
    answer=None, usage=Usage(), cost_usd=None, latency_s=1.0, sending=Sending(attempts=1), at=datetime.now(UTC)
)
OTHER: dict[str, Callable[[Made], object]] = {
    "LogWriter.__init__": interrupted,
    "LogWriter.add": lambda made: interrupted(made).add([]),
    "LogWriter.remove": lambda made: made.log.remove(["none"]),
    "LogWriter.finish": lambda made: made.log.finish(
        rows=0, accepted=0, rejected=0, duplicates=0, not_replayable=0, redactions={}
    ),
    "save_scenario": lambda made: save_scenario(made.store, made.study.id, Scenario(name="One", limits=Limits())),
    "delete_scenario": lambda made: delete_scenario(made.store, made.study.id, "One"),
    "save_case_inputs": lambda made: save_case_inputs(made.store, made.study.id, CaseInputs(unit="ticket")),
    "save_narrative": lambda made: save_narrative(
        made.store, made.study.id, datetime(2026, 11, 24, tzinfo=UTC), Narrative(model="Writer", text="Move.")
    ),
    "save_task_owner": lambda made: save_task_owner(made.store, made.study.id, "test", "Maya"),
    "save_plan_step": lambda made: save_plan_step(
        made.store, list_use_cases(made.store, made.study.id)[0].id, 5, owner="Ann"
    ),
    "save_note": lambda made: save_note(made.store, made.sample_id, made.model_id, author="Ann", text="Late."),
    "remove_note": lambda made: remove_note(made.store, made.sample_id, made.model_id, author="Ann"),
    "file_job": lambda made: file_job(made.store, "score", made.study.id, {}),
    "stop_job": lambda made: stop_job(made.store, made.job),
    "finish_job": lambda made: finish_job(made.store, made.job, Status.SUCCEEDED),
    "create_load_test": lambda made: create_load_test(made.store, made.study.id, made.model_id, stream=True, **LIMITS),
    "claim_load_test": lambda made: claim_load_test(made.store, made.test.id),
    "change_load_test": lambda made: change_load_test(made.store, made.test.id, cost_usd=1.0),
    "add_step": lambda made: add_step(made.store, made.test.id, STEP, 1.0),
    "save_report": lambda made: save_report(made.store, made.study.id, made.run.id, small_report()),
    "save_grounds": lambda made: save_grounds(made.store, made.run, "basis", {}, b""),
    "put_reviews": lambda made: put_reviews(made.store, made.run.id, []),
    "add_reviews": lambda made: add_reviews(
        made.store, made.run.id, [(1, made.model_id, Preference.TIE)], reviewer="Ann"
    ),
    "remove_review": lambda made: remove_review(made.store, made.run.id, 1, made.model_id, reviewer="Ann"),
}
"""Reviews, decisions, jobs, load tests, and logs that nobody sees yet."""
ANSWERS: dict[str, Callable[[Made], object]] = {
    "set_probe": lambda made: set_probe(made.store, made.model_id, Probe(reachable=True)),
    "save_generations": lambda made: save_generations(
        made.store, made.run, [StoredGeneration(key=CallKey(1, Lane.CANDIDATE, made.model_id, 1), generation=ANSWER)]
    ),
    "create_run": lambda made: (
        change_run(made.store, made.run.id, status=Status.SUCCEEDED),
        create_run(
            made.store,
            made.study.id,
            samples={1: None},
            frozen=FROZEN,
            seed=1,
            epochs=1,
            sample_size=1,
            baseline_lane=Lane.RECORDED,
            baseline="recorded",
            concurrency=1,
            stream=True,
            judged=False,
            planned=1,
            models=[made.model_id],
        ),
    ),
    "claim_run": lambda made: claim_run(made.store, made.run.id, "me"),
    "queue_run": lambda made: queue_run(made.store, made.run.id),
    "change_run": lambda made: change_run(made.store, made.run.id, wall_s=1.0),
    "save_scores": lambda made: save_scores(
        made.store, made.run.id, [1], [(1, made.model_id, Score(scorer="target", value=1.0))]
    ),
    "save_judgements": lambda made: save_judgements(made.store, made.run.id, [1], [], prompt_version="1"),
    "count_asked_again": lambda made: count_asked_again(made.store, made.run.id, 1),
    "raise_lag": lambda made: raise_lag(made.store, made.run.id, 1.0),
}
"""What runs bring."""
TOTAL = Total(TotalSource.OPENAI_USAGE, date(2026, 10, 1), "gpt-4o", 10.0, 100.0, 10.0, None)
SETUP: dict[str, Callable[[Made], object]] = {
    "delete_study": lambda made: delete_study(made.store, made.study.id),
    "recorded": record,
    "undo_edit": lambda made: (record(made), undo(made)),
    "make_group": lambda made: make_group(made.store, made.study.id, "key", GroupKey("a", "", Kind.CHAT)),
    "move_all_samples": lambda made: move_all_samples(
        made.store, [made.group], make_group(made.store, made.study.id, "key", GroupKey("a", "", Kind.CHAT))
    ),
    "assign_groups": lambda made: assign_groups(made.store, [made.group], made.group),
    "drop_empty_groups": lambda made: drop_empty_groups(made.store, made.study.id),
    "complete_logs": lambda made: complete_logs(made.store, made.study.id, [made.log.log_id]),
    "discard_logs": lambda made: (interrupted(made), discard_logs(made.store, made.study.id)),
    "add_model": lambda made: add_model(made.store, made.study.id, Model(name="N", litellm_id="openai/n")),
    "edit_model": lambda made: (
        change_run(made.store, made.run.id, status=Status.SUCCEEDED),
        edit_model(made.store, made.model, lambda *_: None),
    ),
    "delete_model": lambda made: delete_model(made.store, made.model_id),
    "add_rubric": lambda made: add_rubric(made.store, made.use_case, ["Is it short?"]),
    "adopt_answers": lambda made: adopt_answers(made.store, made.use_case),
    "change_study": lambda made: change_study(made.store, made.study.id, margin=0.1),
    "set_name_price": lambda made: set_name_price(made.store, made.study.id, "gpt-x", {"same_as": "gpt-4o"}),
    "save_totals": lambda made: save_totals(made.store, made.study.id, [TOTAL]),
    "delete_empty_study": lambda made: delete_empty_study(made.store, made.study.id),
    "roll_up": lambda made: roll_up(made.store, [made.log.log_id]),
    "make_use_case": lambda made: make_use_case(made.store, made.study.id, "Other", Kind.CHAT, []),
}
"""What changes the log, use cases, models or limits."""


@pytest.fixture
def made(store: Store) -> Made:
    study, model, run = fill(store)
    (case,) = list_use_cases(store, study.id)
    return Made(
        store,
        study,
        model,
        run,
        create_load_test(store, study.id, model.id, stream=True, **LIMITS),
        case.id,
        list_groups(store, study.id, examples=0)[0].id,
        file_job(store, "score", study.id, {}).id,
        LogWriter(store, study.id, name="a", format="x", redacted=False),
    )


def writers() -> Iterator[str]:
    """Names of all public functions and methods of store/ that open a transaction to write."""
    for module in pkgutil.walk_packages(advisor.store.__path__, "advisor.store."):
        tree = ast.parse(inspect.getsource(import_module(module.name)))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and _writes(node) and not node.name.startswith("_"):
                yield node.name
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef) and _writes(method):
                        yield f"{node.name}.{method.name}"


def _writes(function: ast.FunctionDef) -> bool:
    calls = [ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)]
    writing = {f"{store}.{how}" for store in ("store", "self._store") for how in ("write", "execute")}
    return not writing.isdisjoint(calls)


def test_no_writer_is_forgotten() -> None:
    assert set(writers()) <= {*OTHER, *ANSWERS, *SETUP, *OF_NO_STUDY}


@pytest.mark.parametrize("name", [*OTHER, *ANSWERS, *SETUP])
def test_each_writer_raises_the_revision(made: Made, name: str) -> None:
    other = create_study(made.store, "Other")
    before = revisions(made.store, made.study.id)
    (OTHER | ANSWERS | SETUP)[name](made)
    raised = [new > old for new, old in zip(revisions(made.store, made.study.id), before, strict=True)]
    assert raised == [True, name not in OTHER, name in SETUP]
    assert revisions(made.store, other.id) == [0, 0, 0]


def test_writers_on_both_databases(any_store: Store) -> None:
    study, model, run = fill(any_store)
    whole, answers, setup = revisions(any_store, study.id)
    save_scores(any_store, run.id, [1], [(1, model.id, Score(scorer="target", value=1.0))])
    change_study(any_store, study.id, margin=0.1)
    assert revisions(any_store, study.id) == [whole + 2, answers + 2, setup + 1]


def test_what_is_rolled_back_raises_nothing(made: Made) -> None:
    before = revisions(made.store, made.study.id)
    with pytest.raises(ZeroDivisionError), made.store.write(made.study.id):
        raise ZeroDivisionError
    assert revisions(made.store, made.study.id) == before


def test_a_deleted_study_has_none(made: Made) -> None:
    change_run(made.store, made.run.id, status=Status.CANCELLED)
    delete_study(made.store, made.study.id)
    assert remove_rows(made.store, made.study.id)
    assert revisions(made.store, made.study.id) == []


def revisions(store: Store, study_id: int) -> list[int]:
    found = [revision_of(store, study_id, change) for change in Change]
    return [each[1] for each in found if each is not None]
