"""How much CPU the commands use on the sample, from start to end, as seconds and as a ratio.

The ratio is to the import of pandas and SQLAlchemy, which every one of them needs and which a busy machine slows down
alike. The replays call a server on this machine about a log of three calls, once as ``openai/NAME``, without litellm,
and once as a provider that it has rules for.
"""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.jobs.sample import load_sample
from advisor.settings import ROOT
from advisor.store import Store
from tests.command import Advisor
from tests.made.log import call, write_log
from tests.server import MisbehavingServer

TIMES = 3
BAR = 3.0
"""Of a replay without litellm."""
FLOOR = "import pandas, sqlalchemy.orm"
COMMANDS = [
    "status",
    "profile",
    "quote",
    "score",
    "recommend",
    "report -o out.pdf",
    "export --what results -o out.csv",
    "export --what finetune -o out.jsonl",
    "model add Hosted --model groq/llama-3.3-70b-versatile",
]


def test_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    advisor = Advisor(tmp_path)
    monkeypatch.setattr("tests.command.ROOT", tmp_path)  # where what they write lies
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    store = Store(advisor.url)
    load_sample(store)
    store.close()
    floor_s = cpu_s(lambda: subprocess.run([sys.executable, "-c", FLOOR], check=True))
    print(f"\n\nCPU of a command\n{FLOOR:44}{floor_s:6.2f} s   1.0 x")

    def told(command: str, study: str) -> float:
        arguments = command.partition("#")[0].split()
        took_s = cpu_s(lambda: advisor.run_process(*arguments, "--study", study))
        print(f"{command[:42]:44}{took_s:6.2f} s  {took_s / floor_s:4.1f} x")
        return took_s / floor_s

    for command in COMMANDS:
        told(command, "Sample study")
    log = write_log(tmp_path / "log.jsonl", [call(n) for n in range(3)])
    told(f"import --no-redact {log}", "openai")
    advisor.run_process(*f"import --no-redact {log} --study hosted_vllm".split())
    ratios = {}
    with MisbehavingServer() as server:
        for study in ("openai", "hosted_vllm"):
            model = f"{study}/ok --api-base {server.url} --input-price 1 --output-price 1"
            advisor.run_process(*f"model add A --study {study} --model {model}".split())
            ratios[study] = told(f"replay --fresh --no-judge   # {study}/ok", study)
    assert ratios["openai"] < BAR


def cpu_s(command: Callable[[], object]) -> float:
    """The least CPU that the command's process used."""

    def used_s() -> float:
        of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return of_children.ru_utime + of_children.ru_stime

    least = float("inf")
    for _ in range(TIMES):
        before_s = used_s()
        command()
        least = min(least, used_s() - before_s)
    return least
