"""The command line: the same jobs without a browser. Results go to stdout as JSON, messages to stderr."""

import argparse
import contextlib
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from advisor.arguments import Command, build_parser, given_fields, options_of
from advisor.errors import AdvisorError, BadInput
from advisor.measure.studies import describe_run, describe_studies, find_study, list_studies, open_store
from advisor.settings import PRIVATE, Settings
from advisor.types import Json, Model, Status

DONE, FAILED, BAD_INPUT, IN_PART = 0, 1, 2, 3


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 bad input, 3 done in part."""
    os.umask(PRIVATE)
    wants_json = "--json" in (argv if argv is not None else sys.argv[1:])
    try:
        arguments = build_parser(_COMMANDS, Settings.from_env()).parse_args(argv)
        do: Command = arguments.do
        result, code = do(arguments)
    except BadInput as error:
        return _complain(error, BAD_INPUT, wants_json)
    except AdvisorError as error:
        return _complain(error, FAILED, wants_json)
    except Exception as error:
        from advisor.jobs.work import fault_words

        return _complain(AdvisorError(fault_words(error, "Stored data is kept.")), FAILED, wants_json)
    except KeyboardInterrupt:
        stopped = AdvisorError(
            "Interrupted. Stored data is kept. Run the command again to continue (a replay with --resume latest)."
        )
        return _complain(stopped, IN_PART, wants_json)
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(result, ensure_ascii=False, indent=None if arguments.json else 2), flush=True)
    return code


def say(words: str) -> None:
    """Print a message for a person."""
    print(words, file=sys.stderr, flush=True)


def _complain(error: AdvisorError, code: int, wants_json: bool) -> int:
    say(str(error))
    if wants_json:
        print(json.dumps({"error": str(error)}, ensure_ascii=False), flush=True)
    return code


def _import(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.collect.imports import import_logs
    from advisor.collect.interrupted import summarise
    from advisor.collect.presets import columns_of
    from advisor.jobs.work import seldom

    if a.redact is None:
        raise BadInput(
            "Choose how to handle personal data: --redact replaces it with placeholders, --no-redact keeps it."
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    store = open_store(a.settings)
    report = import_logs(
        store,
        a.study,
        a.files,
        redact=a.redact,
        data_dir=a.settings.data_dir,
        format=a.format,
        columns=(columns_of(store, a.preset) if a.preset else {}) | (a.columns or {}) or None,
        traffic_share=a.traffic_share,
        on_progress=seldom(say),
    )
    for file, reason in report.passed_over:
        say(f"Skipped: {file}. {reason}")
    return summarise(report), DONE


def _profile(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.money.profile import describe_profile

    return describe_profile(*_open(a), start=a.start, end=a.end), DONE


def _open(a: argparse.Namespace) -> tuple[Any, Any]:
    """The store and the command's study."""
    store = open_store(a.settings)
    return store, find_study(store, a.study)


def _catalog_refresh(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.money.price_refresh import do_refresh
    from advisor.text.progress import progress_words

    result = do_refresh(a.settings.data_dir, reviewed=a.reviewed, say=lambda now: say(progress_words(now)))
    for each in result["sources"]:
        say(": ".join(filter(None, [f"{each['name']} {each['status']}", each["why"]])))
    return result, _run_code(result)


def _model_add(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.models import describe_model, in_dollars, register_model

    given = Model(**{"name": a.name, **given_fields(a, in_dollars)})
    return describe_model(register_model(*_open(a), given, allow_key_host=a.allow_key_host)), DONE


def _model_edit(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.models import describe_model, edit_model, find_model, in_dollars, with_changes

    store, study = _open(a)
    model = with_changes(find_model(store, study, a.name), given_fields(a, in_dollars))
    return describe_model(edit_model(store, model, allow_key_host=a.allow_key_host)), DONE


def _quote(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.planning import too_few_samples
    from advisor.measure.quoting import quote_run
    from advisor.text.runs import run_note

    store, study = _open(a)
    setup = options_of(a)
    quote = quote_run(store, study, setup)
    if lacking := too_few_samples(store, study, setup):
        say(run_note(lacking))
    return asdict(quote), DONE


def _replay(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.planning import too_few_samples, was_asked_in_full
    from advisor.measure.replays import find_run, finish_run, requeue_run, start_run
    from advisor.text.runs import run_note

    store, study = _open(a)
    if a.resume:
        run = find_run(store, study, a.resume)
        requeue_run(store, run, budget_usd=a.budget_usd)
    else:
        setup = options_of(a)
        run = start_run(store, study, setup)
        if lacking := too_few_samples(store, study, setup):
            say(run_note(lacking))
    say(f"Run {run.number} (id {run.id}): {run.planned} calls")
    if run.early_stop and (in_full := was_asked_in_full(store, run)):
        say(run_note(in_full))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = finish_run(store, run.id, a.settings.data_dir)
    result = describe_run(store, run)
    return result, _run_code(result)


def _run_code(result: dict[str, Json]) -> int:
    if result["status"] == "failed":
        return FAILED
    return IN_PART if result["partial"] else DONE


def _load_test(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.work import seldom
    from advisor.measure import load_tests

    store, study = _open(a)
    of_study = study.max_ttft_p95_s if a.stream else None
    setup = load_tests.LoadSetup(
        model=a.model,
        max_concurrency=a.max_concurrency,
        max_ttft_p95_s=of_study if a.max_ttft_p95 is None else a.max_ttft_p95,
        max_latency_p95_s=study.max_latency_p95_s if a.max_latency_p95 is None else a.max_latency_p95,
        stream=a.stream,
        budget_usd=a.budget_usd,
        allow_unpriced=a.allow_unpriced,
        seed=a.seed,
    )
    quote = load_tests.quote_load_test(store, study, setup)
    test = load_tests.start_load_test(store, study, setup)
    say(f"Load test {test.id}: at most {quote.most_calls} calls")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    test = load_tests.finish_load_test(
        store, test.id, a.settings.data_dir, max_concurrency=a.max_concurrency, seed=a.seed, say=seldom(say)
    )
    codes = {Status.SUCCEEDED: DONE, Status.FAILED: FAILED}
    return load_tests.describe_load_test(store, test), codes.get(test.status, IN_PART)


def _score(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.judge.labels import take_labels
    from advisor.measure.rejudging import score_again

    store, study = _open(a)
    labels = take_labels(store, study, Path(a.labels)) if a.labels else None
    result = score_again(store, study, judge=a.judge, audit=a.audit, data_dir=a.settings.data_dir)
    result |= {"labels": labels} if labels is not None else {}
    return result, IN_PART if result["partial"] else DONE


def _status(a: argparse.Namespace) -> tuple[Json, int]:
    store = open_store(a.settings)
    studies = [find_study(store, a.study)] if a.study else list_studies(store)
    return {"studies": describe_studies(store, studies)}, DONE


def _recommend(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.decide.answers import describe_decision
    from advisor.decide.decisions import decide

    report = decide(*_open(a), margin=a.margin, confidence=a.confidence)
    return describe_decision(report.recommendation), DONE


def _report(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import write_pdf

    return {"path": a.output, "pages": write_pdf(*_open(a), Path(a.output))}, DONE


def _export(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import export

    return {"path": a.output, "rows": export(*_open(a), a.what, Path(a.output))}, DONE


def _run(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.whole_study import run_batch
    from advisor.plan.study_file import read_study_file

    batch = read_study_file(Path(a.file))
    return _whole(run_batch(open_store(a.settings), batch, a.settings, say), a)


def _demo(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.whole_study import run_demo

    return _whole(run_demo(open_store(a.settings), a.settings, Path(a.output) if a.output else None, say), a)


def _whole(outcome: Any, a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.decide.answers import describe_decision

    result = describe_decision(outcome.report.recommendation)
    result |= {"report": str(outcome.path) if outcome.path else None, "pages": outcome.pages}
    return result, _run_code(describe_run(open_store(a.settings), outcome.run))


def _work(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.worker import run_worker

    run_worker(a.settings, parent=a.parent, imports=a.imports)
    return {}, DONE


_COMMANDS: dict[str, Command] = {
    "import": _import,
    "profile": _profile,
    "catalog refresh": _catalog_refresh,
    "model add": _model_add,
    "model edit": _model_edit,
    "quote": _quote,
    "replay": _replay,
    "load-test": _load_test,
    "score": _score,
    "status": _status,
    "recommend": _recommend,
    "report": _report,
    "export": _export,
    "run": _run,
    "demo": _demo,
    "work": _work,
}
