"""Commands of traffic and prices: profile, catalog refresh."""

import argparse
from datetime import date

from advisor.cli.commands import DONE, Commands, code_of, open_study, say
from advisor.errors import BadInput
from advisor.types import Json


def add_commands(commands: Commands) -> None:
    """Commands of traffic and prices: profile, catalog refresh."""
    sub = commands.add("profile", _profile, "show the log's traffic and what open models would cost at list prices")
    sub.add_argument("--start", type=_day, metavar="DAY", help="first day, YYYY-MM-DD")
    sub.add_argument("--end", type=_day, metavar="DAY", help="last day, YYYY-MM-DD")

    catalog = commands.group("catalog", "update prices and open models")
    sub = catalog.add("refresh", _catalog_refresh, "download newer lists; none of your data is sent", study=False)
    sub.add_argument(
        "--reviewed",
        action="append",
        default=[],
        metavar="MODEL",
        help="confirm that you have read this model's changed license",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} isn't a date. Use YYYY-MM-DD.") from None


def _profile(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.money.profile import describe_profile

    return describe_profile(*open_study(a), start=a.start, end=a.end), DONE


def _catalog_refresh(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.money.price_refresh import do_refresh
    from advisor.text.progress import progress_words

    result = do_refresh(reviewed=a.reviewed, say=lambda now: say(progress_words(now)))
    for each in result["sources"]:
        say(": ".join(filter(None, [f"{each['name']} {each['status']}", each["why"]])))
    return result, code_of(result)
