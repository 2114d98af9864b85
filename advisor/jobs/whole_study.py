"""From a log to a decision and a PDF in one go: STUDY.toml, and the demonstration."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from advisor.collect.imports import ImportOptions, import_logs
from advisor.decide.decisions import decide
from advisor.decide.limits import set_traffic_share, setting_limits
from advisor.jobs.sample import OWN_RUN, load_sample
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.sample_needs import was_asked_in_full
from advisor.plan.exports import check_writable, write_pdf
from advisor.plan.study_file import Batch, apply_use_cases
from advisor.store import Store
from advisor.store.studies import find_study
from advisor.text.progress import progress_words
from advisor.text.runs import run_note
from advisor.types import Report, Run, RunOptions, Study


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came out of a whole study."""

    study: Study
    run: Run
    report: Report
    path: Path | None
    pages: int | None


def run_batch(store: Store, batch: Batch, say: Callable[[str], None]) -> Outcome:
    """Import, register, replay, decide and report as a STUDY.toml asks. Raises what each step raises."""
    if batch.report:
        check_writable(batch.report)
    say("Importing")
    import_logs(
        store,
        batch.study,
        batch.logs,
        ImportOptions(redact=batch.redact),
        on_progress=lambda now: say(progress_words(now)),
    )
    study = find_study(store, batch.study)
    limited = replace(
        study,
        margin=batch.margin,
        confidence=batch.confidence or study.confidence,
        max_latency_p95_s=batch.max_latency_p95_s,
        max_ttft_p95_s=batch.max_ttft_p95_s,
    )
    with setting_limits(store, limited, {}):
        pass
    set_traffic_share(store, study, batch.traffic_share)
    apply_use_cases(store, study, batch.use_cases)
    for model in batch.models:
        register_model(store, study, model)
    return _finish(store, find_study(store, batch.study), batch.options, batch.report, say)


def run_demo(store: Store, path: Path | None, say: Callable[[str], None]) -> Outcome:
    """The sample study from log to PDF, with nothing but this machine."""
    if path:
        check_writable(path)
    say("Importing the sample log")
    study = load_sample(store, with_run=False)
    return _finish(store, study, OWN_RUN, path, say)


def _finish(store: Store, study: Study, setup: RunOptions, path: Path | None, say: Callable[[str], None]) -> Outcome:
    run = start_run(store, study, setup)
    say(f"Replaying {run.plan.planned} calls")
    if run.options.early_stop and (in_full := was_asked_in_full(store, run)):
        say(run_note(in_full))
    run = finish_run(store, run.id)
    say("Deciding")
    report = decide(store, study, run=run)
    pages = write_pdf(store, study, path) if path else None
    return Outcome(study=study, run=run, report=report, path=path, pages=pages)
