"""What every command shares: how it is declared, its exit codes, and its messages for a person."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from advisor.errors import BadInput
from advisor.types import Json

DONE, FAILED, BAD_INPUT, IN_PART = 0, 1, 2, 3

Command = Callable[[argparse.Namespace], tuple[Json, int]]
"""Does one command; returns what to print and the exit code."""


class Parser(argparse.ArgumentParser):
    """Raises BadInput instead of ending the process."""

    def error(self, message: str) -> Any:
        """What argparse calls for a wrong command line."""
        raise BadInput(f"{message}. See `{self.prog} --help`.")


class Commands:
    """The commands of a parser, or of a group of them."""

    def __init__(self, parser: argparse.ArgumentParser, *, dest: str = "command") -> None:
        """``dest``: where the parsed arguments keep the command's name."""
        self._commands = parser.add_subparsers(
            dest=dest, required=True, metavar="COMMAND" if dest == "command" else None, parser_class=Parser
        )

    def group(self, name: str, text: str) -> "Commands":
        """A command that has commands of its own, such as ``model add``."""
        return Commands(self._commands.add_parser(name, help=text), dest="action")

    def add(self, name: str, do: Command, text: str, *, study: bool = True, **more: Any) -> argparse.ArgumentParser:
        """A command that ``do`` does. ``study``: it needs the name of one. ``more`` goes to the parser."""
        sub = self._commands.add_parser(name, help=text, **more)
        sub.add_argument("--json", action="store_true", default=False, help="print one JSON object to stdout")
        sub.set_defaults(do=do)
        if study:
            sub.add_argument("--study", required=True, metavar="S", help="name of the study")
        return sub


def open_study(a: argparse.Namespace) -> tuple[Any, Any]:
    """The store and the command's study."""
    from advisor.measure.studies import find_study, open_store

    store = open_store()
    return store, find_study(store, a.study)


def code_of(result: dict[str, Json]) -> int:
    """The exit code of a run or a refresh by its outcome."""
    if result["status"] == "failed":
        return FAILED
    return IN_PART if result["partial"] else DONE


def say(words: str) -> None:
    """Print a message for a person."""
    print(words, file=sys.stderr, flush=True)
