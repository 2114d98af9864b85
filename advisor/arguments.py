"""What the command line takes: commands, their arguments, and what each means."""

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from advisor.errors import BadInput
from advisor.settings import Settings
from advisor.types import Json, Lane, Model, Role, RunOptions

Command = Callable[[argparse.Namespace], tuple[Json, int]]
"""Does one command; gives what is printed and the exit code."""


_FIELDS = {
    "new_name": "name",
    "model": "litellm_id",
    "role": "role",
    "api_base": "api_base",
    "key_env": "key_env",
    "input_price": "input_price_usd_per_mtok",
    "output_price": "output_price_usd_per_mtok",
    "cache_read_price": "cache_read_price_usd_per_mtok",
    "cache_write_price": "cache_write_price_usd_per_mtok",
    "licence": "licence",
    "max_samples": "max_samples",
    "params": "params",
}
"""Argument -> field of a model."""


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
        "cost, latency, id, session, use_case, target, any_of (several right answers) ...; a dot leads into an object",
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
        metavar="MODEL",
        help="you have read the changed licence of this model",
    )

    model = commands.add_parser("model", help="register models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = model.add_parser("add", help="register a model")
    sub.set_defaults(settings=settings, do=do["model add"], role="candidate")
    _model_arguments(sub, required=True)
    sub = model.add_parser(
        "edit",
        help="change a registered model; its answers stay, and are priced again where prices change",
        description="Only what is given changes; '' takes a value back. The id, address and parameters of a model "
        "with answers are fixed.",
        argument_default=argparse.SUPPRESS,
    )
    sub.set_defaults(settings=settings, do=do["model edit"], json=False)
    sub.add_argument("--name", dest="new_name", metavar="NAME", help="another name")
    _model_arguments(sub, required=False)

    sub = command("quote", "what a run would cost before it is spent")
    _run_arguments(sub)

    sub = command("replay", "ask the models and score their answers; safe to kill and to resume")
    _run_arguments(sub)
    sub.add_argument("--seed", type=int, default=RunOptions.seed)
    sub.add_argument("--epochs", type=int, default=RunOptions.epochs)
    sub.add_argument("--concurrency", type=int, default=RunOptions.concurrency)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True)
    sub.add_argument(
        "--early-stop",
        action="store_true",
        help="ask in rounds and make no more calls for what is decided; the verdicts are by a test that allows that",
    )
    sub.add_argument("--budget", dest="budget_usd", type=float, metavar="USD")
    sub.add_argument("--allow-unpriced", action="store_true")
    sub.add_argument(
        "--resume",
        metavar="RUN|latest",
        help="a run by its id, as `status` tells it; pages number the runs of each study",
    )
    sub.add_argument("--no-judge", dest="judged", action="store_false")

    sub = command("load-test", "how many calls at a time a model takes before its answers come too late")
    sub.add_argument("--model", required=True, metavar="NAME", help="as it is registered")
    sub.add_argument("--max-concurrency", type=int, default=64, metavar="N", help="most calls in flight")
    limit = "limit of the 95th percentile, in seconds; else that of the study"
    sub.add_argument("--max-ttft-p95", type=float, metavar="S", help=f"first token: {limit}")
    sub.add_argument("--max-latency-p95", type=float, metavar="S", help=f"whole answer: {limit}")
    sub.add_argument("--seed", type=int, default=1)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True)
    sub.add_argument("--budget", dest="budget_usd", type=float, metavar="USD")
    sub.add_argument("--allow-unpriced", action="store_true")

    sub = command("score", "score the stored answers again")
    sub.add_argument("--judge", metavar="NAME", help="a judge to ask about every pair that it has not judged yet")
    sub.add_argument(
        "--audit", type=int, metavar="N", help="have a judge read N answers of each model for refusals and claims"
    )
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


def given_fields(a: argparse.Namespace, in_dollars: Callable[[Model, float], Model]) -> dict[str, Any]:
    """The fields of a model that the command names; ``in_dollars`` turns its prices into dollars."""
    given = {field: getattr(a, name) for name, field in _FIELDS.items() if hasattr(a, name)}
    prices = {name: price for name, price in given.items() if name.endswith("_usd_per_mtok")}
    priced = in_dollars(Model(name=a.name, litellm_id="", **prices), a.usd_per_unit)
    given |= {name: getattr(priced, name) for name in prices}
    given |= {"role": Role(given["role"])} if "role" in given else {}
    return given | ({"params": given["params"] or {}} if "params" in given else {})


def _model_arguments(sub: argparse.ArgumentParser, *, required: bool) -> None:
    sub.set_defaults(allow_key_host=False, usd_per_unit=1.0)
    sub.add_argument("--json", action="store_true")
    sub.add_argument("name")
    sub.add_argument("--study", required=True)
    sub.add_argument("--model", required=required, metavar="PROVIDER/ID")
    sub.add_argument("--api-base", type=_text, metavar="URL")
    sub.add_argument("--key-env", type=_text, metavar="VAR", help="name of the environment variable that holds the key")
    sub.add_argument(
        "--allow-key-host", action="store_true", help="send this key to this host, even if it isn't the key's provider"
    )
    sub.add_argument("--role", choices=["candidate", "baseline", "judge"])
    sub.add_argument("--input-price", type=_dollars, metavar="USD_PER_MTOK")
    sub.add_argument("--output-price", type=_dollars, metavar="USD_PER_MTOK")
    cached = "default: the input price"
    sub.add_argument("--cache-read-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument("--cache-write-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument(
        "--usd-per-unit",
        type=float,
        metavar="USD",
        help="the prices are in another currency, of which one unit costs so much, such as 1.09; kept in dollars",
    )
    sub.add_argument("--licence", type=_text, metavar="ID", help="default: what the catalog knows")
    sub.add_argument("--max-samples", type=_whole, metavar="N", help="ask it about N samples of a run at most")
    sub.add_argument("--params", type=_object, metavar="JSON", help="parameters to send with every call, as an object")


def _run_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--sample", dest="sample_size", type=int, default=RunOptions.sample_size, metavar="N")
    sub.add_argument("--baseline", type=_lane, metavar="{recorded,live}")
    sub.add_argument(
        "--last-turn-only", action="store_true", help="of each conversation only the last call; agents resend the rest"
    )
    sub.add_argument(
        "--noise-floor",
        dest="repeated",
        type=int,
        default=RunOptions.repeated,
        metavar="N",
        help="ask a live baseline twice about N samples, to see what chance alone does",
    )
    sub.add_argument(
        "--audit",
        dest="audited",
        type=int,
        default=RunOptions.audited,
        metavar="N",
        help="have a registered judge read N answers of each model for refusals and unsupported claims (default "
        "%(default)s)",
    )
    sub.add_argument(
        "--fresh", action="store_true", help="make every call, even one that an earlier run has an answer to"
    )


def options_of(a: argparse.Namespace) -> RunOptions:
    """What a quote or a replay is told."""
    return RunOptions(**{name: value for name, value in vars(a).items() if name in RunOptions.__dataclass_fields__})


def _lane(text: str) -> Lane:
    lanes = {"recorded": Lane.RECORDED, "live": Lane.BASELINE}
    if text not in lanes:
        raise BadInput(f"--baseline {text!r} should be recorded or live.")
    return lanes[text]


def _columns(text: str) -> dict[str, str]:
    """``prompt=question,answer=reply`` as a mapping."""
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not role.strip() or not column.strip() for role, _, column in pairs):
        raise BadInput(f"--columns {text!r} should read like prompt=question,answer=reply.")
    return {role.strip(): column.strip() for role, _, column in pairs}


def _text(text: str) -> str | None:
    return text.strip() or None


def _dollars(text: str) -> float | None:
    return float(text) if text.strip() else None


def _whole(text: str) -> int | None:
    return int(text) if text.strip() else None


def _object(text: str) -> dict[str, Json]:
    """A JSON object; raises BadInput for anything else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadInput(f'--params {text!r} isn\'t a JSON object such as {{"temperature": 0}}.')
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is no day; write it like 2026-03-31.") from None
