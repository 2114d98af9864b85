"""Commands of what leaves the program: report, export."""

import argparse
from pathlib import Path

from advisor.cli.commands import DONE, Commands, open_study
from advisor.types import Json


def add_commands(commands: Commands) -> None:
    """Commands of what leaves the program: report, export."""
    sub = commands.add("report", _report, "write the PDF report")
    sub.add_argument("-o", "--output", required=True, metavar="FILE.pdf")
    sub = commands.add("export", _export, "export results, labels or the study file")
    sub.add_argument("--what", required=True, choices=["results", "study", "labels"])
    sub.add_argument("-o", "--output", required=True, metavar="FILE")


def _report(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import write_pdf

    return {"path": a.output, "pages": write_pdf(*open_study(a), Path(a.output))}, DONE


def _export(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.plan.exports import export

    return {"path": a.output, "rows": export(*open_study(a), a.what, Path(a.output))}, DONE
