"""The command line: its commands, their arguments and the help for each."""

import argparse
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from advisor.errors import BadInput
from advisor.settings import Settings
from advisor.types import Json, Lane, Model, Role, RunOptions

Command = Callable[[argparse.Namespace], tuple[Json, int]]
"""Runs one command; returns what to print and the exit code."""


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
    """The parser; its result holds the function of the command as ``do``."""
    parser = _Parser(
        prog="python -m advisor", description="Find out if an open-weight model can replace your closed LLM API."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    def command(name: str, text: str, *, study: bool = True) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text)
        sub.add_argument("--json", action="store_true", help="print one JSON object to stdout")
        sub.set_defaults(settings=settings, do=do[name])
        if study:
            sub.add_argument("--study", required=True, metavar="S", help="name of the study")
        return sub

    sub = command("import", "add logs to a study")
    sub.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, folder or zip archive, or env:NAME for another tool's database with its URL in the variable NAME "
        "(a URL given here would show in the process list)",
    )
    sub.add_argument("--format", default="auto", metavar="NAME", help="log format, if auto-detection gets it wrong")
    sub.add_argument(
        "--columns",
        type=_columns,
        metavar="prompt=COL,answer=COL",
        help="map columns or keys to: prompt, messages, system, answer, model, time, input_tokens, output_tokens, "
        "cost, latency, id, session, use_case, target, any_of (several reference answers) ...; a dot for nested keys",
    )
    sub.add_argument("--preset", metavar="NAME", help="a column mapping saved on the page Prompt log")
    sub.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="required: replace personal data and secrets with placeholders before storing, or keep them",
    )
    sub.add_argument(
        "--traffic-share", type=float, metavar="F", help="fraction of your real traffic that the log covers"
    )

    sub = command("profile", "show the log's traffic and what open models would cost at list prices")
    sub.add_argument("--start", type=_day, metavar="DAY", help="first day, YYYY-MM-DD")
    sub.add_argument("--end", type=_day, metavar="DAY", help="last day, YYYY-MM-DD")

    catalog = commands.add_parser("catalog", help="update prices and open models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = catalog.add_parser("refresh", help="download newer lists; none of your data is sent")
    sub.set_defaults(settings=settings, do=do["catalog refresh"])
    sub.add_argument("--json", action="store_true", help="print one JSON object to stdout")
    sub.add_argument(
        "--reviewed",
        action="append",
        default=[],
        metavar="MODEL",
        help="confirm that you have read this model's changed license",
    )

    model = commands.add_parser("model", help="add or edit models").add_subparsers(
        dest="action", required=True, parser_class=_Parser
    )
    sub = model.add_parser("add", help="add a model")
    sub.set_defaults(settings=settings, do=do["model add"], role="candidate")
    _model_arguments(sub, required=True)
    sub = model.add_parser(
        "edit",
        help="edit a model; its answers stay and follow its new prices",
        description="Changes only the options you give; '' clears a value. Once a model has answers, its id, address "
        "and parameters are fixed.",
        argument_default=argparse.SUPPRESS,
    )
    sub.set_defaults(settings=settings, do=do["model edit"], json=False)
    sub.add_argument("--name", dest="new_name", metavar="NAME", help="new name")
    _model_arguments(sub, required=False)

    sub = command("quote", "estimate what a replay would cost")
    _run_arguments(sub)

    sub = command("replay", "call the models and score their answers; safe to stop and resume")
    _run_arguments(sub)
    sub.add_argument("--seed", type=int, default=RunOptions.seed, help="seed of the sample (default %(default)s)")
    sub.add_argument("--epochs", type=int, default=RunOptions.epochs, help="calls per sample (default %(default)s)")
    at_once = "concurrent calls per model (default %(default)s)"
    sub.add_argument("--concurrency", type=int, default=RunOptions.concurrency, help=at_once)
    sub.add_argument("--stream", action=argparse.BooleanOptionalAction, default=True, help="stream answers (default)")
    clear = "stop calling a candidate once its result is clear (uses a sequential test)"
    sub.add_argument("--early-stop", action="store_true", help=clear)
    sub.add_argument("--budget", dest="budget_usd", type=float, metavar="USD", help="stop before spending more")
    sub.add_argument("--allow-unpriced", action="store_true", help="call models without a known price")
    sub.add_argument("--resume", metavar="RUN|latest", help="continue a run; `status` lists the ids")
    sub.add_argument("--no-judge", dest="judged", action="store_false", help="don't call the judges")

    sub = command("load-test", "find out how many concurrent calls a model can handle")
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
    sub.add_argument("--budget", dest="budget_usd", type=float, metavar="USD", help="stop before spending more")
    sub.add_argument("--allow-unpriced", action="store_true", help="call models without a known price")

    sub = command("score", "score stored answers again")
    sub.add_argument("--judge", metavar="NAME", help="have this judge vote on every pair it hasn't judged yet")
    sub.add_argument(
        "--audit", type=int, metavar="N", help="have a judge check N answers of each model for refusals and claims"
    )
    sub.add_argument("--labels", metavar="FILE", help="human reviews, in the format of `export --what labels`")
    sub = command("status", "list studies and their runs", study=False)
    sub.add_argument("--study", metavar="S", help="only this study")
    sub = command("recommend", "show the verdicts and the plan")
    sub.add_argument("--margin", type=float, help="acceptable drop in quality, such as 0.05")
    sub.add_argument("--confidence", type=float, help="confidence level, such as 0.95")
    sub = command("report", "write the PDF report")
    sub.add_argument("-o", "--output", required=True, metavar="FILE.pdf")
    sub = command("export", "export results, labels or the study file")
    sub.add_argument("--what", required=True, choices=["results", "study", "labels"])
    sub.add_argument("-o", "--output", required=True, metavar="FILE")
    sub = command("run", "run a whole study from one file", study=False)
    sub.add_argument("file", metavar="STUDY.toml")
    sub = command("demo", "run the sample study on the built-in model, without keys or network", study=False)
    sub.add_argument("-o", "--output", metavar="FILE.pdf")
    sub = command("work", "run one worker process", study=False)
    sub.add_argument("--parent", type=int, default=None, help=argparse.SUPPRESS)
    sub.add_argument("--imports", action="store_true", help=argparse.SUPPRESS)
    return parser


def given_fields(a: argparse.Namespace, in_dollars: Callable[[Model, float], Model]) -> dict[str, Any]:
    """The fields of a model that the command sets; ``in_dollars`` converts its prices to dollars."""
    given = {field: getattr(a, name) for name, field in _FIELDS.items() if hasattr(a, name)}
    prices = {name: price for name, price in given.items() if name.endswith("_usd_per_mtok")}
    priced = in_dollars(Model(name=a.name, litellm_id="", **prices), a.usd_per_unit)
    given |= {name: getattr(priced, name) for name in prices}
    given |= {"role": Role(given["role"])} if "role" in given else {}
    return given | ({"params": given["params"] or {}} if "params" in given else {})


def _model_arguments(sub: argparse.ArgumentParser, *, required: bool) -> None:
    sub.set_defaults(allow_key_host=False, usd_per_unit=1.0)
    sub.add_argument("--json", action="store_true", help="print one JSON object to stdout")
    sub.add_argument("name", help="name of the model in the study")
    sub.add_argument("--study", required=True, metavar="S", help="name of the study")
    sub.add_argument("--model", required=required, metavar="PROVIDER/ID", help="id as litellm spells it")
    sub.add_argument("--api-base", type=_text, metavar="URL", help="address of the server, if you self-host")
    sub.add_argument("--key-env", type=_text, metavar="VAR", help="environment variable with the key")
    sub.add_argument(
        "--allow-key-host", action="store_true", help="send this key to this host even if it isn't the key's provider"
    )
    sub.add_argument("--role", choices=["candidate", "baseline", "judge"], help="default for a new model: candidate")
    sub.add_argument("--input-price", type=_dollars, metavar="USD_PER_MTOK")
    sub.add_argument("--output-price", type=_dollars, metavar="USD_PER_MTOK")
    cached = "default: the input price"
    sub.add_argument("--cache-read-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument("--cache-write-price", type=_dollars, metavar="USD_PER_MTOK", help=cached)
    sub.add_argument(
        "--usd-per-unit",
        type=float,
        metavar="USD",
        help="exchange rate to USD, such as 1.09 for prices in euros",
    )
    sub.add_argument("--licence", type=_text, metavar="ID", help="license of the model (default: from the catalog)")
    sub.add_argument("--max-samples", type=_whole, metavar="N", help="call it on at most N samples of a run")
    sub.add_argument("--params", type=_object, metavar="JSON", help="parameters for every call, as a JSON object")


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
        default=RunOptions.repeated,
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


def options_of(a: argparse.Namespace) -> RunOptions:
    """The options of a quote or a replay."""
    return RunOptions(**{name: value for name, value in vars(a).items() if name in RunOptions.__dataclass_fields__})


def _lane(text: str) -> Lane:
    lanes = {"recorded": Lane.RECORDED, "live": Lane.BASELINE}
    if text not in lanes:
        raise BadInput(f"--baseline can't be {text!r}. Use recorded or live.")
    return lanes[text]


def _columns(text: str) -> dict[str, str]:
    """``prompt=question,answer=reply`` as a mapping."""
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not role.strip() or not column.strip() for role, _, column in pairs):
        raise BadInput(f"Can't read --columns {text!r}. Write it like prompt=question,answer=reply.")
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
        raise BadInput(f'--params {text!r} isn\'t a JSON object. Write it like {{"temperature": 0}}.')
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} isn't a date. Use YYYY-MM-DD.") from None
