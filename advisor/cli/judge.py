"""Command of scores: score."""

import argparse
from pathlib import Path

from advisor.cli.commands import DONE, IN_PART, Commands, open_study
from advisor.types import Json


def add_commands(commands: Commands) -> None:
    """Command of scores: score."""
    sub = commands.add("score", _score, "score stored answers again")
    sub.add_argument("--judge", metavar="NAME", help="have this judge vote on every pair it hasn't judged yet")
    sub.add_argument(
        "--audit", type=int, metavar="N", help="have a judge check N answers of each model for refusals and claims"
    )
    sub.add_argument("--labels", metavar="FILE", help="human reviews, in the format of `export --what labels`")


def _score(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.judge.label_files import take_labels
    from advisor.measure.rejudging import score_again

    store, study = open_study(a)
    labels = take_labels(store, study, Path(a.labels)) if a.labels else None
    result = score_again(store, study, judge=a.judge, audit=a.audit, data_dir=a.settings.data_dir)
    result |= {"labels": labels} if labels is not None else {}
    return result, IN_PART if result["partial"] else DONE
