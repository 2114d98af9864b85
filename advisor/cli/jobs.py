"""Commands of whole studies and the worker: run, demo, work."""

import argparse
from pathlib import Path
from typing import Any

from advisor.cli.commands import DONE, Commands, code_of, say
from advisor.types import Json


def add_commands(commands: Commands) -> None:
    """Commands of whole studies and the worker: run, demo, work."""
    sub = commands.add("run", _run, "run a whole study from one file", study=False)
    sub.add_argument("file", metavar="STUDY.toml")
    sub = commands.add(
        "demo", _demo, "run the sample study on the built-in model, without keys or network", study=False
    )
    sub.add_argument("-o", "--output", metavar="FILE.pdf")
    sub = commands.add("work", _work, "run one worker process", study=False)
    sub.add_argument("--parent", type=int, default=None, help=argparse.SUPPRESS)
    sub.add_argument("--imports", action="store_true", help=argparse.SUPPRESS)


def _run(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.whole_study import run_batch
    from advisor.measure.studies import open_store
    from advisor.plan.study_file import read_study_file

    batch = read_study_file(Path(a.file))
    return _whole(run_batch(open_store(), batch, say))


def _demo(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.jobs.whole_study import run_demo
    from advisor.measure.studies import open_store

    return _whole(run_demo(open_store(), Path(a.output) if a.output else None, say))


def _whole(outcome: Any) -> tuple[Json, int]:
    from advisor.measure.studies import describe_run, open_store
    from advisor.plan.business_case import describe_decided

    store = open_store()
    result = describe_decided(store, outcome.study, outcome.report)
    result |= {"report": str(outcome.path) if outcome.path else None, "pages": outcome.pages}
    return result, code_of(describe_run(store, outcome.run))


def _work(a: argparse.Namespace) -> tuple[Json, int]:
    from advisor.worker import run_worker

    run_worker(parent=a.parent, imports=a.imports)
    return {}, DONE
