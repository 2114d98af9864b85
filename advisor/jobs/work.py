"""Filing jobs, and the worker that does them one at a time."""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable

from advisor.collect.import_jobs import delete_uploads, summarise
from advisor.collect.imports import ImportOptions, ImportStopped, import_logs
from advisor.decide.decisions import decide
from advisor.errors import AdvisorError, BadInput, StoreError
from advisor.llm.failures import scrub
from advisor.llm.keys import mask_for
from advisor.measure.load_tests import finish_load_test
from advisor.measure.registration import probe_model
from advisor.measure.rejudging import score_again
from advisor.measure.replay.ownership import owner_name
from advisor.measure.run_lifecycle import finish_run
from advisor.money.price_refresh import KIND as REFRESH
from advisor.money.price_refresh import do_refresh, use_newest_lists
from advisor.store import Store
from advisor.store.deletion import KIND as DELETE
from advisor.store.deletion import remove_rows
from advisor.store.jobs import DECIDE, beat_job, claim_job, file_job, finish_job, get_job, list_active
from advisor.store.models import list_models
from advisor.store.run.runs import change_run, get_run
from advisor.store.studies import get_study
from advisor.text.progress import progress_words
from advisor.types import Job, Json, Progress, Status, Study
from advisor.types.studies import Hints

POLL_S = 0.5
BEAT_S = 2.0
TELL_S = 2.0


def seldom(say: Callable[[str], None]) -> Callable[[Progress], None]:
    """Says how far a job is, but is silent for a while after each time."""
    spoke = float("-inf")

    def tell(progress: Progress) -> None:
        nonlocal spoke
        if time.monotonic() - spoke >= TELL_S:
            spoke = time.monotonic()
            say(progress_words(progress))

    return tell


def work(store: Store, *, once: bool = False, imports: bool | None = None) -> None:
    """Claim and do jobs for ever; with ``once`` until the queue is empty. ``imports``: only those, or only others."""
    while True:
        try:
            job = claim_job(store, owner_name(), imports=imports)
        except AdvisorError:
            job = None  # a locked database: the next look may get through
        if job is not None:
            with contextlib.suppress(AdvisorError):  # its end could not be written: the job is claimed again later
                do_job(store, job)
        elif once:
            return
        else:
            time.sleep(POLL_S)


def do_job(store: Store, job: Job) -> None:
    """Do one claimed job and write how it ended; an error becomes its message, never a crash of the worker."""
    over, latest = threading.Event(), deque[Progress](maxlen=1)  # only the beat tells the store
    beat = threading.Thread(target=_beat, args=(store, job.id, latest, over), daemon=True)
    beat.start()
    status, error, result = Status.FAILED, None, None
    goes_on = False
    try:
        status, result = _do(store, job, latest)
    except ImportStopped as problem:
        status, error = Status.CANCELLED, str(problem)
    except AdvisorError as problem:
        error, goes_on = str(problem), isinstance(problem, StoreError)
        _fail_run(store, job, error, only_queued=True)
    except Exception as problem:
        error = fault_words(problem, "Nothing stored is lost; try again.")
        _fail_run(store, job, error)
    finally:
        over.set()
        beat.join()
    finish_job(store, job.id, status, error=error, result=result)
    if not goes_on:  # and not before: a job whose end is not written is done again
        delete_uploads(job)


def fault_words(problem: Exception, then: str) -> str:
    """What is said of an error that nobody foresaw; it may quote anything, keys included."""
    return f"{scrub(f'A fault of the program ({type(problem).__name__}: {problem})', mask_for())}. {then}"


def _do(store: Store, job: Job, latest: deque[Progress]) -> tuple[Status, Json]:
    arguments = job.arguments
    use_newest_lists()
    if job.kind == "import":
        return Status.SUCCEEDED, _import(store, job, latest)
    if job.kind == REFRESH:
        brought = do_refresh(say=latest.append)
        return Status(brought["status"]), brought
    if job.kind == DELETE:
        if not remove_rows(store, arguments["study"], is_wanted_elsewhere=lambda: _has_import(store)):
            file_job(store, DELETE, None, arguments)  # the rest comes after it
        return Status.SUCCEEDED, None
    study = get_study(store, job.study_id or 0)
    if job.kind == "probe":
        model = next((m for m in list_models(store, study.id) if m.id == arguments["model"]), None)
        if model is None:
            raise BadInput("This model was deleted in the meantime.")
        return Status.SUCCEEDED, {"reachable": probe_model(store, model).reachable}
    if job.kind == "replay":
        run = get_run(store, arguments["run"])
        if not run.state.status.is_active:
            return run.state.status, {
                "run": run.id
            }  # cancelled before the worker came to it, or done by another process
        run = finish_run(store, run.id)
        _decide(store, study)
        return run.state.status, {"run": run.id}
    if job.kind == DECIDE:
        decide(store, study)
        return Status.SUCCEEDED, None
    if job.kind == "score":
        run = get_run(store, arguments["run"])
        result = score_again(store, study, judge=arguments.get("judge"), run=run)
        _decide(store, study)
        return Status.SUCCEEDED, result
    if job.kind == "load_test":
        test = finish_load_test(
            store,
            arguments["load_test"],
            max_concurrency=arguments["max_concurrency"],
            seed=arguments["seed"],
            say=latest.append,
        )
        return test.status, {"load_test": test.id}
    raise BadInput(f"This version can't run jobs of type {job.kind!r}. Install the newer version.")


def _has_import(store: Store) -> bool:
    return any(job.status is Status.QUEUED for job in list_active(store, "import"))


def _decide(store: Store, study: Study) -> None:
    """So that no page has to wait for it; what cannot be decided is said by the page that is opened."""
    with contextlib.suppress(AdvisorError):
        decide(store, get_study(store, study.id))


def _import(store: Store, job: Job, latest: deque[Progress]) -> Json:
    arguments = job.arguments
    report = import_logs(
        store,
        arguments["study"],
        arguments["paths"],
        ImportOptions(
            redact=arguments["redact"],
            format=arguments["format"],
            columns=arguments["columns"],
            hints=Hints(*map(arguments.get, Hints._fields)),
            traffic_share=arguments["traffic_share"],
            labels=arguments["names"],
        ),
        on_progress=latest.append,
        is_stopped=lambda: _is_unwanted(store, job.id),
    )
    return summarise(report)


def _is_unwanted(store: Store, job_id: int) -> bool:
    """Whether a person cancelled the job meanwhile: asked afresh, so that no cancelled import ends as done."""
    job = get_job(store, job_id)
    return job is not None and job.wanted is Status.CANCELLED


def _fail_run(store: Store, job: Job, error: str, *, only_queued: bool = False) -> None:
    """Nobody works on the run of this job any more; ``only_queued``: if it began, it has noted its end itself."""
    if job.kind != "replay":
        return
    with contextlib.suppress(AdvisorError):
        if not only_queued or get_run(store, job.arguments["run"]).state.status is Status.QUEUED:
            change_run(store, job.arguments["run"], status=Status.FAILED, resting=None, error=error)


def _beat(store: Store, job_id: int, latest: deque[Progress], over: threading.Event) -> None:
    while not over.wait(BEAT_S):
        try:
            beat_job(store, job_id, latest[0] if latest else None)
        except AdvisorError:
            continue
