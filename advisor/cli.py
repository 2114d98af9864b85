"""The command line: the same jobs without a browser. The result goes to stdout as JSON, talk to stderr."""

import argparse
import contextlib
import functools
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError, BadInput
from advisor.settings import Settings
from advisor.study.studies import describe_run, describe_studies, find_study, list_studies, open_store
from advisor.types import Json, Lane, Model, Role

say = functools.partial(print, file=sys.stderr, flush=True)
DONE, FAILED, BAD_INPUT, IN_PART = 0, 1, 2, 3
Command = Callable[[argparse.Namespace], tuple[Json, int]]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise BadInput(f"{message}. See `{self.prog} --help`.")


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 bad input, 3 done in part."""
    wants_json = "--json" in (argv if argv is not None else sys.argv[1:])
    try:
        arguments = _parser().parse_args(argv)
        do: Command = arguments.do
        result, code = do(arguments)
    except BadInput as error:
        return _complain(error, BAD_INPUT, wants_json)
    except AdvisorError as error:
        return _complain(error, FAILED, wants_json)
    except Exception as error:
        return _complain(
            AdvisorError(f"A fault of the program: {error!r}. What is stored is kept."), FAILED, wants_json
        )
    except KeyboardInterrupt:
        stopped = AdvisorError("Interrupted; what was stored is kept. The same import goes on, `--resume latest` a replay.")
        return _complain(stopped, IN_PART, wants_json)
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps(result, ensure_ascii=False, indent=None if arguments.json else 2), flush=True)
    return code


def _complain(error: AdvisorError, code: int, wants_json: bool) -> int:
    say(str(error))
    if wants_json:
        print(json.dumps({"error": str(error)}, ensure_ascii=False), flush=True)
    return code


def _import(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.imports import import_logs
    from advisor.study.jobs import seldom, summarise

    if a.redact is None:
        raise BadInput(
            "Choose what happens to personal data: --redact replaces it with placeholders, --no-redact keeps it."
        )
    report = import_logs(
        open_store(a.settings),
        a.study,
        a.files,
        redact=a.redact,
        data_dir=a.settings.data_dir,
        format=a.format,
        columns=a.columns,
        traffic_share=a.traffic_share,
        on_progress=seldom(say),
    )
    return summarise(report), DONE


def _open(a: argparse.Namespace) -> tuple[Any, Any]:
    """The store, and the study that the command names."""
    store = open_store(a.settings)
    return store, find_study(store, a.study)


def _model_add(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.models import is_priced, register_model

    model = register_model(
        *_open(a),
        Model(
            name=a.name,
            litellm_id=a.model,
            role=Role(a.role),
            api_base=a.api_base,
            key_env=a.key_env,
            input_price_usd_per_mtok=a.input_price,
            output_price_usd_per_mtok=a.output_price,
        ),
    )
    return {
        "name": model.name,
        "model": model.litellm_id,
        "role": model.role.value,
        "priced": is_priced(model),
        "licence": model.licence,
    }, DONE


def _quote(a: argparse.Namespace) -> tuple[Json, int]:
    from dataclasses import asdict

    from advisor.study.replays import Setup, quote_run

    return asdict(quote_run(*_open(a), Setup(sample_size=a.sample, baseline=_lane(a.baseline)))), DONE


def _lane(text: str | None) -> Lane | None:
    return {None: None, "recorded": Lane.RECORDED, "live": Lane.BASELINE}[text]


def _replay(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.replays import Setup, find_run, finish_run, requeue_run, start_run

    if a.early_stop:
        raise BadInput("--early-stop is not available in this version; run without it.")
    store, study = _open(a)
    if a.resume:
        run = find_run(store, study, a.resume)
        requeue_run(store, run, budget_usd=a.budget)
    else:
        setup = Setup(
            sample_size=a.sample,
            seed=a.seed,
            epochs=a.epochs,
            baseline=_lane(a.baseline),
            concurrency=a.concurrency,
            stream=a.stream,
            budget_usd=a.budget,
            allow_unpriced=a.allow_unpriced,
            judged=a.judge,
        )
        run = start_run(store, study, setup)
    say(f"Run {run.id}: {run.planned} calls")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = finish_run(store, run.id, a.settings.data_dir)
    result = describe_run(store, run)
    return result, _run_code(result)


def _run_code(result: dict[str, Json]) -> int:
    if result["status"] == "failed":
        return FAILED
    return IN_PART if result["partial"] else DONE


def _score(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.rejudging import score_again

    return score_again(*_open(a), judge=a.judge, data_dir=a.settings.data_dir), DONE


def _status(a: argparse.Namespace) -> tuple[Json, int]:
    store = open_store(a.settings)
    studies = [find_study(store, a.study)] if a.study else list_studies(store)
    return {"studies": describe_studies(store, studies)}, DONE


def _recommend(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.answers import describe_decision
    from advisor.study.decisions import decide

    report = decide(*_open(a), margin=a.margin, confidence=a.confidence)
    return describe_decision(report.recommendation), DONE


def _report(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.reports import write_pdf

    pages = write_pdf(*_open(a), Path(a.output))
    return {"path": a.output, "pages": pages}, DONE


def _export(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.reports import export

    return {"path": a.output, "rows": export(*_open(a), a.what, Path(a.output))}, DONE


def _run(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.batch import read_study_file
    from advisor.study.whole import run_batch

    batch = read_study_file(Path(a.file))
    return _whole(run_batch(open_store(a.settings), batch, a.settings, say), a)


def _demo(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.whole import run_demo

    return _whole(run_demo(open_store(a.settings), a.settings, Path(a.output) if a.output else None, say), a)


def _whole(outcome: Any, a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.study.answers import describe_decision

    result = describe_decision(outcome.report.recommendation)
    result |= {"report": str(outcome.path) if outcome.path else None, "pages": outcome.pages}
    return result, _run_code(describe_run(open_store(a.settings), outcome.run))


def _work(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.worker import run_worker

    run_worker(a.settings, parent=a.parent)
    return {}, DONE


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m advisor", description="Can open-weight models replace a closed LLM API?")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    settings = Settings.from_env()

    def command(name: str, do: Command, text: str, *, study: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        sub.set_defaults(settings=settings, do=do)
        if study:
            sub.add_argument("--study", required=True, metavar="S", help="name of the study")
        return sub

    sub = command("import", _import, "add logs to a study")
    sub.add_argument("files", nargs="+", metavar="FILE")
    sub.add_argument("--format", default="auto")
    sub.add_argument("--columns", type=_columns, metavar="prompt=COL,answer=COL")
    sub.add_argument("--redact", action=argparse.BooleanOptionalAction, default=None)
    sub.add_argument("--traffic-share", type=float, metavar="F", help="which fraction of the real traffic the log is")

    model = commands.add_parser("model", help="register models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = model.add_parser("add", help="register a model")
    sub.set_defaults(settings=settings, do=_model_add)
    sub.add_argument("--json", action="store_true")
    sub.add_argument("name")
    sub.add_argument("--study", required=True)
    sub.add_argument("--model", required=True, metavar="PROVIDER/ID")
    sub.add_argument("--api-base", metavar="URL")
    sub.add_argument("--key-env", metavar="VAR", help="name of the environment variable that holds the key")
    sub.add_argument("--role", choices=["candidate", "baseline", "judge"], default="candidate")
    sub.add_argument("--input-price", type=float, metavar="USD_PER_MTOK")
    sub.add_argument("--output-price", type=float, metavar="USD_PER_MTOK")

    sub = command("quote", _quote, "what a run would cost before it is spent")
    _run_arguments(sub)

    sub = command("replay", _replay, "ask the models and score their answers; safe to kill and to resume")
    _run_arguments(sub)
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--epochs", type=int, default=1)
    sub.add_argument("--concurrency", type=int, default=8)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True)
    sub.add_argument("--early-stop", action="store_true", help=argparse.SUPPRESS)
    sub.add_argument("--budget", type=float, metavar="USD")
    sub.add_argument("--allow-unpriced", action="store_true")
    sub.add_argument("--resume", metavar="RUN|latest")
    sub.add_argument("--no-judge", dest="judge", action="store_false")

    sub = command("score", _score, "score the stored answers again")
    sub.add_argument("--judge", metavar="NAME")
    sub = command("status", _status, "studies and their runs", study=False)
    sub.add_argument("--study", metavar="S")
    sub = command("recommend", _recommend, "the decision")
    sub.add_argument("--margin", type=float)
    sub.add_argument("--confidence", type=float)
    sub = command("report", _report, "the PDF")
    sub.add_argument("-o", "--output", required=True, metavar="FILE.pdf")
    sub = command("export", _export, "data and configuration out")
    sub.add_argument("--what", required=True, choices=["results", "study"])
    sub.add_argument("-o", "--output", required=True, metavar="FILE")
    sub = command("run", _run, "a whole study from one file", study=False)
    sub.add_argument("file", metavar="STUDY.toml")
    sub = command("demo", _demo, "the sample log through the built-in model, no keys, no network", study=False)
    sub.add_argument("-o", "--output", metavar="FILE.pdf")
    sub = command("work", _work, "one worker process", study=False)
    sub.add_argument("--parent", type=int, default=None, help=argparse.SUPPRESS)
    return parser


def _run_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--sample", type=int, default=200, metavar="N")
    sub.add_argument("--baseline", choices=["recorded", "live"], default=None)


def _columns(text: str) -> dict[str, str]:
    """``prompt=question,answer=reply`` as a mapping."""
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not role.strip() or not column.strip() for role, _, column in pairs):
        raise BadInput(f"--columns {text!r} should read like prompt=question,answer=reply.")
    return {role.strip(): column.strip() for role, _, column in pairs}
