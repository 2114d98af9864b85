"""Command of the log: import."""

import argparse
import signal
from typing import TYPE_CHECKING

from advisor.cli.commands import DONE, Commands, open_study, say
from advisor.errors import BadInput
from advisor.types import Json

if TYPE_CHECKING:
    from advisor.collect.tally import Account

_HINTS = {
    "durations_unknown": " To set it, import into a new study with --durations.",
    "date_order": " To change it, import into a new study with --dates.",
    "model": " To name it, import into a new study with --model.",
    "staff_answers": " Is one of them the bot? Import into a new study with "
    "--columns prompt=TEXT,speaker=WHO,bot=NAME.",
}
"""By code, or by the fact that is missing. In the same study calls would be duplicates, or come twice."""
UNITS, DATES = ("s", "ms", "us", "ns"), ("day-first", "month-first")


def add_commands(commands: Commands) -> None:
    """Commands of the log: import, price-name."""
    _add_price_name(commands)
    sub = commands.add("import", _import, "add logs to a study")
    sub.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, folder or zip archive, s3://BUCKET/PREFIX (or gs://, abfss://) or "
        "bigquery://PROJECT/DATASET/TABLE with keys in the environment, or env:NAME for a database with its URL in the "
        "variable NAME: PostgreSQL of another tool, or mongodb://USER:PASSWORD@HOST/DATABASE/COLLECTION (a URL given "
        "here would show in the process list)",
    )
    sub.add_argument("--format", default="auto", metavar="NAME", help="log format, if auto-detection gets it wrong")
    sub.add_argument(
        "--columns",
        type=_columns,
        metavar="prompt=COL,answer=COL",
        help="map columns or keys to: prompt, messages, system, answer, model, time, input_tokens, output_tokens, "
        "cost, latency, id, session, use_case, target, any_of (several reference answers), "
        "speaker, with bot=NAME ...; a dot for nested keys",
    )
    sub.add_argument("--preset", metavar="NAME", help="a column mapping saved on the page Prompt log")
    sub.add_argument(
        "--redact",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="required: replace personal data and secrets with placeholders before storing, or keep them",
    )
    sub.add_argument("--durations", choices=UNITS, help="unit of latencies where their columns don't tell it")
    sub.add_argument("--dates", choices=DATES, help="how to read dates such as 03/05/2026")
    sub.add_argument("--model", metavar="NAME", help="model of calls that name none, such as gpt-4o")
    sub.add_argument(
        "--strict",
        action="store_true",
        help="import nothing and end with 2 if no call has something that its format holds, such as answers",
    )
    sub.add_argument(
        "--traffic-share",
        type=float,
        metavar="F",
        help="fraction of your real traffic that the log covers; a usage export sets it too",
    )


def _add_price_name(commands: Commands) -> None:
    sub = commands.add(
        "price-name", _price_name, "price a model of the log that no price list has, or list such prices"
    )
    sub.add_argument("name", nargs="?", metavar="NAME", help="the model as the log names it, such as a deployment")
    either = sub.add_mutually_exclusive_group()
    either.add_argument("--same-as", metavar="MODEL", help="the model that it is, such as gpt-4o")
    either.add_argument("--forget", action="store_true", help="remove the price of NAME")
    sub.add_argument("--input", type=float, metavar="USD", help="dollars per million input tokens")
    sub.add_argument("--output", type=float, metavar="USD", help="dollars per million output tokens")


def _price_name(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.collect.contract_prices import forget_price, price_as, price_at, prices_by_name, unpriced_models
    from advisor.types import Prices

    store, study = open_study(a)
    if a.name is None:
        if a.forget or a.same_as or a.input is not None or a.output is not None:
            raise BadInput("Name the model, as the log names it.")
    elif a.forget:
        forget_price(store, study, a.name)
    elif a.same_as:
        price_as(store, study, a.name, a.same_as)
    else:
        price_at(store, study, a.name, Prices(input=a.input, output=a.output))
    return {
        "study": study.name,
        "name": a.name,
        "prices": prices_by_name(store, study),
        "unpriced_models": unpriced_models(store, study),
    }, DONE


def _columns(text: str) -> dict[str, str]:
    from advisor.collect.mapping import read_columns

    return read_columns(text)


def _say_understood(account: "Account") -> None:
    """What is zero or unusual first, then the shares, then what wasn't used."""
    from advisor.collect.accounting import findings_of, is_loud
    from advisor.text.import_findings import import_finding, shares_words
    from advisor.types.codes import Fact

    for found in findings_of(account):
        hint = _HINTS.get(found.values.get("fact", found.code), "")
        say(f"{'WARNING: ' if is_loud(found) else ''}{account.file}: {import_finding(found)}{hint}")
    if account.guess:
        say(f"{account.file}: {account.guess}")
    tally = account.tally
    rows = f" from {account.rows:,} rows" if account.rows else ""
    shares = shares_words({fact: tally.share(fact) for fact in Fact})
    say(f"{account.file} ({account.format}, {tally.calls:,} calls{rows}): {shares}")
    if account.unused:
        say(
            f"{account.file}: columns not used: "
            + ", ".join(f"{name} ({text})" if text else name for name, text in account.unused.items())
        )


def _import(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.collect.import_jobs import summarise
    from advisor.collect.imports import ImportOptions, import_logs
    from advisor.collect.mapping import columns_of
    from advisor.jobs.work import seldom
    from advisor.measure.studies import open_store
    from advisor.text.catalog import unpriced_words
    from advisor.text.traffic import billed_words
    from advisor.types.studies import Hints

    if a.redact is None:
        raise BadInput(
            "Choose how to handle personal data: --redact replaces it with placeholders, --no-redact keeps it."
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    store = open_store()
    report = import_logs(
        store,
        a.study,
        a.files,
        ImportOptions(
            redact=a.redact,
            format=a.format,
            hints=Hints(durations=a.durations, dates=a.dates, model=a.model),
            is_strict=a.strict,
            columns=(columns_of(store, a.preset) if a.preset else {}) | (a.columns or {}) or None,
            traffic_share=a.traffic_share,
        ),
        on_progress=seldom(say),
    )
    for account in report.accounts:
        _say_understood(account)
    if report.unpriced:
        say(f"{unpriced_words(report.unpriced)} Set it with `advisor price-name`.")
    for told in billed_words(report.billed) if report.billed else ():
        say(told)
    for file, reason in report.files.passed_over:
        say(f"Skipped: {file}. {reason}")
    return summarise(report), DONE
