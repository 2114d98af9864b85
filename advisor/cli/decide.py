"""Command of the decision: recommend."""

import argparse

from advisor.cli.commands import DONE, Commands, open_study
from advisor.types import Json


def add_commands(commands: Commands) -> None:
    """Command of the decision: recommend."""
    sub = commands.add("recommend", _recommend, "show the verdicts and the plan")
    sub.add_argument("--margin", type=float, help="acceptable drop in quality, such as 0.05")
    sub.add_argument("--confidence", type=float, help="confidence level, such as 0.95")


def _recommend(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.decide.decision_json import describe_decision
    from advisor.decide.decisions import decide

    report = decide(*open_study(a), margin=a.margin, confidence=a.confidence)
    return describe_decision(report.recommendation), DONE
