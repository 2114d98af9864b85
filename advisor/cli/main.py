"""The command line's entry: results go to stdout as JSON, messages to stderr."""

import contextlib
import json
import os
import sys

from advisor.cli import collect, jobs, measure, models, money, results
from advisor.cli.commands import BAD_INPUT, FAILED, IN_PART, Command, Commands, Parser, say
from advisor.errors import AdvisorError, BadInput
from advisor.settings import PRIVATE


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 bad input, 3 done in part."""
    os.umask(PRIVATE)
    wants_json = "--json" in (argv if argv is not None else sys.argv[1:])
    try:
        arguments = build_parser().parse_args(argv)
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


def build_parser() -> Parser:
    """The parser; its result holds the function of the command as ``do``."""
    parser = Parser(
        prog="python -m advisor", description="Find out if an open-weight model can replace your closed LLM API."
    )
    commands = Commands(parser)
    for part in (collect, money, models, measure, results, jobs):
        part.add_commands(commands)
    return parser


def _complain(error: AdvisorError, code: int, wants_json: bool) -> int:
    say(str(error))
    if wants_json:
        print(json.dumps({"error": str(error)}, ensure_ascii=False), flush=True)
    return code
