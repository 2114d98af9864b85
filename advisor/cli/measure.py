"""Commands of a run: quote, replay, load-test, status."""

import argparse
import signal
from dataclasses import asdict

from advisor.cli.commands import DONE, FAILED, IN_PART, Commands, code_of, open_study, say
from advisor.errors import BadInput
from advisor.types import Json, Lane, Repeats, Role, RunOptions, Status


def add_commands(commands: Commands) -> None:
    """Commands of a run: quote, replay, load-test, status."""
    sub = commands.add("quote", _quote, "estimate what a replay would cost")
    _run_arguments(sub)

    sub = commands.add("replay", _replay, "call the models and score their answers; safe to stop and resume")
    _run_arguments(sub)
    sub.add_argument("--seed", type=int, default=RunOptions.seed, help="seed of the sample (default %(default)s)")
    sub.add_argument("--epochs", type=int, default=Repeats.epochs, help="calls per sample (default %(default)s)")
    at_once = "concurrent calls per model (default %(default)s)"
    sub.add_argument("--concurrency", type=int, default=RunOptions.concurrency, help=at_once)
    sub.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, default=RunOptions.stream, help="stream answers (default)"
    )
    clear = "stop calling a candidate once its result is clear (uses a sequential test)"
    sub.add_argument("--early-stop", action="store_true", help=clear)
    _budget_arguments(sub)
    sub.add_argument("--resume", metavar="RUN|latest", help="continue a run; `status` lists the ids")
    sub.add_argument("--no-judge", dest="judged", action="store_false", help="don't call the judges")

    sub = commands.add("load-test", _load_test, "find out how many concurrent calls a model can handle")
    sub.add_argument("--model", required=True, metavar="NAME", help="name of the model in the study")
    sub.add_argument(
        "--max-concurrency",
        type=int,
        default=64,
        metavar="N",
        help="highest number of concurrent calls (default %(default)s)",
    )
    limit = "in seconds (default: the study's limit)"
    sub.add_argument("--max-ttft-p95", type=float, metavar="S", help=f"limit of the p95 time to first token, {limit}")
    sub.add_argument("--max-latency-p95", type=float, metavar="S", help=f"limit of the p95 latency, {limit}")
    sub.add_argument("--seed", type=int, default=1, help="seed of the sample (default %(default)s)")
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True, help="stream answers (default)")
    _budget_arguments(sub)

    sub = commands.add("status", _status, "list studies and their runs", study=False)
    sub.add_argument("--study", metavar="S", help="only this study")


def _run_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--sample",
        dest="sample_size",
        type=int,
        default=RunOptions.sample_size,
        metavar="N",
        help="number of samples (default %(default)s)",
    )
    sub.add_argument(
        "--baseline",
        type=_lane,
        metavar="{recorded,live}",
        help="compare with the recorded answers or a live baseline",
    )
    sub.add_argument("--last-turn-only", action="store_true", help="sample only the last call of each conversation")
    sub.add_argument(
        "--noise-floor",
        dest="repeated",
        type=int,
        default=Repeats.repeated,
        metavar="N",
        help="call a live baseline twice on N samples to measure chance differences",
    )
    sub.add_argument(
        "--audit",
        dest="audited",
        type=int,
        default=RunOptions.audited,
        metavar="N",
        help="have a judge check N answers of each model for refusals and unsupported claims (default %(default)s)",
    )
    sub.add_argument("--fresh", action="store_true", help="make every call, even if an earlier run has its answer")


def _budget_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--budget", dest="budget_usd", type=float, metavar="USD", help="stop before spending more")
    sub.add_argument("--allow-unpriced", action="store_true", help="call models without a known price")


def options_of(a: argparse.Namespace) -> RunOptions:
    """The options of a quote or a replay."""
    return RunOptions.of(vars(a))


def _lane(text: str) -> Lane:
    lanes = {"recorded": Lane.RECORDED, "live": Lane.BASELINE}
    if text not in lanes:
        raise BadInput(f"--baseline can't be {text!r}. Use recorded or live.")
    return lanes[text]


def _quote(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.quoting import quote_run
    from advisor.measure.sample_needs import too_few_samples
    from advisor.text.runs import run_note

    store, study = open_study(a)
    setup = options_of(a)
    quote = quote_run(store, study, setup)
    if lacking := too_few_samples(store, study, setup):
        say(run_note(lacking))
    summed = {name: getattr(quote, name) for name in ("input_tokens", "output_tokens")}
    return asdict(quote) | summed | {"cost_usd": quote.cost_usd and asdict(quote.cost_usd)}, DONE


def _replay(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.run_lifecycle import find_run, finish_run, left_out, requeue_run, start_run
    from advisor.measure.sample_needs import too_few_samples, was_asked_in_full
    from advisor.measure.studies import describe_run
    from advisor.text.runs import cannot_call, run_note

    store, study = open_study(a)
    if a.resume:
        run, missing = find_run(store, study, a.resume), {}
        requeue_run(store, run, budget_usd=a.budget_usd)
    else:
        setup = options_of(a)
        run = start_run(store, study, setup)
        missing = left_out(store, run)
        for name, why in missing.items():
            say(cannot_call(name, why, 0, role=Role.CANDIDATE))
        if lacking := too_few_samples(store, study, setup):
            say(run_note(lacking))
    say(f"Run {run.number} (id {run.id}): {run.plan.planned} calls")
    if run.options.early_stop and (in_full := was_asked_in_full(store, run)):
        say(run_note(in_full))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = finish_run(store, run.id)
    result = describe_run(store, run)
    return result, code_of(result) or (IN_PART if missing else DONE)


def _load_test(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.work import seldom
    from advisor.measure import load_tests

    store, study = open_study(a)
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
    test = load_tests.finish_load_test(store, test.id, max_concurrency=a.max_concurrency, seed=a.seed, say=seldom(say))
    codes = {Status.SUCCEEDED: DONE, Status.FAILED: FAILED}
    return load_tests.describe_load_test(store, test), codes.get(test.status, IN_PART)


def _status(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.measure.studies import describe_studies, find_study, list_studies, open_store

    store = open_store()
    studies = [find_study(store, a.study)] if a.study else list_studies(store)
    return {"studies": describe_studies(store, studies)}, DONE
