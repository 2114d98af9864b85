"""What the command line takes: commands, their arguments, and what each means."""

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from advisor.errors import BadInput
from advisor.settings import Settings
from advisor.types import Json

Command = Callable[[argparse.Namespace], tuple[Json, int]]
"""Does one command; gives what is printed and the exit code."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise BadInput(f"{message}. See `{self.prog} --help`.")


def build_parser(do: Mapping[str, Command], settings: Settings) -> argparse.ArgumentParser:
    """The parser whose result names, as ``do``, the function of its command."""
    parser = _Parser(prog="python -m advisor", description="Can open-weight models replace a closed LLM API?")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, text: str, *, study: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text)
        sub.add_argument("--json", action="store_true", help="print one JSON object")
        sub.set_defaults(settings=settings, do=do[name])
        if study:
            sub.add_argument("--study", required=True, metavar="S", help="name of the study")
        return sub

    sub = command("import", "add logs to a study")
    sub.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, a folder, a zip archive, or another tool's database as env:NAME, with its URL in the variable "
        "NAME (the process list shows a URL given here)",
    )
    sub.add_argument("--format", default="auto", metavar="NAME", help="if what it is found out to be is wrong")
    sub.add_argument(
        "--columns",
        type=_columns,
        metavar="prompt=COL,answer=COL",
        help="what columns or keys mean: prompt, messages, system, answer, model, time, input_tokens, output_tokens, "
        "cost, latency, id, session, use_case, target ...; a dot leads into an object",
    )
    sub.add_argument("--preset", metavar="NAME", help="columns as they were saved on the page")
    sub.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="replace personal data and secrets by placeholders before anything is stored, or keep them: choose one",
    )
    sub.add_argument("--traffic-share", type=float, metavar="F", help="which fraction of the real traffic the log is")

    sub = command(
        "profile", "what the log says about the traffic, and what open models would cost at their list prices"
    )
    sub.add_argument("--start", type=_day, metavar="DAY", help="first day, such as 2026-03-01")
    sub.add_argument("--end", type=_day, metavar="DAY", help="last day")

    catalog = commands.add_parser("catalog", help="prices and open models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = catalog.add_parser(
        "refresh", help="ask the sources on the internet for newer lists; nothing of a study is sent"
    )
    sub.set_defaults(settings=settings, do=do["catalog refresh"])
    sub.add_argument("--json", action="store_true")
    sub.add_argument(
        "--reviewed",
        action="append",
        default=[],
        metavar="NAME",
        help="you looked at the changed licence of this model, or at the prices of this source that were held back",
    )

    model = commands.add_parser("model", help="register models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = model.add_parser("add", help="register a model")
    sub.set_defaults(settings=settings, do=do["model add"])
    sub.add_argument("--json", action="store_true")
    sub.add_argument("name")
    sub.add_argument("--study", required=True)
    sub.add_argument("--model", required=True, metavar="PROVIDER/ID")
    sub.add_argument("--api-base", metavar="URL")
    sub.add_argument("--key-env", metavar="VAR", help="name of the environment variable that holds the key")
    sub.add_argument(
        "--allow-key-host", action="store_true", help="send this key to this host, even if it isn't the key's provider"
    )
    sub.add_argument("--role", choices=["candidate", "baseline", "judge"], default="candidate")
    sub.add_argument("--input-price", type=float, metavar="USD_PER_MTOK")
    sub.add_argument("--output-price", type=float, metavar="USD_PER_MTOK")
    sub.add_argument("--cache-read-price", type=float, metavar="USD_PER_MTOK", help="default: the input price")
    sub.add_argument("--cache-write-price", type=float, metavar="USD_PER_MTOK", help="default: the input price")
    sub.add_argument(
        "--usd-per-unit",
        type=float,
        default=1.0,
        metavar="USD",
        help="the prices are in another currency, of which one unit costs so much, such as 1.09; kept in dollars",
    )

    sub = command("quote", "what a run would cost before it is spent")
    _run_arguments(sub)

    sub = command("replay", "ask the models and score their answers; safe to kill and to resume")
    _run_arguments(sub)
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--epochs", type=int, default=1)
    sub.add_argument("--concurrency", type=int, default=8)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True)
    sub.add_argument(
        "--early-stop",
        action="store_true",
        help="ask in rounds and make no more calls for what is decided; the verdicts are by a test that allows that",
    )
    sub.add_argument("--budget", type=float, metavar="USD")
    sub.add_argument("--allow-unpriced", action="store_true")
    sub.add_argument(
        "--resume",
        metavar="RUN|latest",
        help="a run by its id, as `status` tells it; pages number the runs of each study",
    )
    sub.add_argument("--no-judge", dest="judge", action="store_false")

    sub = command("load-test", "how many calls at a time a model takes before its answers come too late")
    sub.add_argument("--model", required=True, metavar="NAME", help="as it is registered")
    sub.add_argument("--max-concurrency", type=int, default=64, metavar="N", help="most calls in flight")
    limit = "limit of the 95th percentile, in seconds; else that of the study"
    sub.add_argument("--max-ttft-p95", type=float, metavar="S", help=f"first token: {limit}")
    sub.add_argument("--max-latency-p95", type=float, metavar="S", help=f"whole answer: {limit}")
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True)
    sub.add_argument("--budget", type=float, metavar="USD")
    sub.add_argument("--allow-unpriced", action="store_true")

    sub = command("score", "score the stored answers again")
    sub.add_argument("--judge", metavar="NAME", help="a judge to ask about every pair that it has not judged yet")
    sub.add_argument("--labels", metavar="FILE", help="reviews by people, as `export --what labels` writes them")
    sub = command("status", "studies and their runs", study=False)
    sub.add_argument("--study", metavar="S")
    sub = command("recommend", "the decision")
    sub.add_argument("--margin", type=float)
    sub.add_argument("--confidence", type=float)
    sub = command("report", "the PDF")
    sub.add_argument("-o", "--output", required=True, metavar="FILE.pdf")
    sub = command("export", "data and configuration out")
    sub.add_argument("--what", required=True, choices=["results", "study", "labels"])
    sub.add_argument("-o", "--output", required=True, metavar="FILE")
    sub = command("run", "a whole study from one file", study=False)
    sub.add_argument("file", metavar="STUDY.toml")
    sub = command("demo", "the sample log through the built-in model, no keys, no network", study=False)
    sub.add_argument("-o", "--output", metavar="FILE.pdf")
    sub = command("work", "one worker process", study=False)
    sub.add_argument("--parent", type=int, default=None, help=argparse.SUPPRESS)
    sub.add_argument("--imports", action="store_true", help=argparse.SUPPRESS)
    return parser


def _run_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--sample", type=int, default=200, metavar="N")
    sub.add_argument("--baseline", choices=["recorded", "live"], default=None)
    sub.add_argument(
        "--last-turn-only", action="store_true", help="of each conversation only the last call; agents resend the rest"
    )
    sub.add_argument(
        "--noise-floor",
        type=int,
        default=0,
        metavar="N",
        help="ask a live baseline twice about N samples, to see what chance alone does",
    )
    sub.add_argument(
        "--audit",
        type=int,
        default=0,
        metavar="N",
        help="have a judge read N answers of each model, by use case, for unsupported claims and refusals",
    )
    sub.add_argument(
        "--fresh", action="store_true", help="make every call, even one that an earlier run has an answer to"
    )


def _columns(text: str) -> dict[str, str]:
    """``prompt=question,answer=reply`` as a mapping."""
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not role.strip() or not column.strip() for role, _, column in pairs):
        raise BadInput(f"--columns {text!r} should read like prompt=question,answer=reply.")
    return {role.strip(): column.strip() for role, _, column in pairs}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no day; write it like 2026-03-31.") from None
