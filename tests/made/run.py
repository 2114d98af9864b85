"""A study from its log to its decision, over HTTP: models answer as a test says."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from advisor.collect.imports import ImportOptions, import_logs
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.measure.studies import find_study
from advisor.store import Store
from advisor.store.engine import study_of
from advisor.store.models import set_probe
from advisor.store.run.runs import change_run
from advisor.store.tables import GenerationRow, RunRow
from advisor.types import Model, Prices, Probe, Role, Run, RunOptions, Study
from tests.made.log import write_log
from tests.nested import nested
from tests.server import Body, MisbehavingServer

PRICES: dict[str, Any] = {"prices": Prices(input=1.0, output=1.0)}
Answers = Mapping[str, Callable[[Body], str | Body]]


def made_study(
    store: Store, folder: Path, rows: list[dict[str, Any]] | Path, url: str, roles: Mapping[str, Role], name: str = "S"
) -> Study:
    """A study of these calls, or of a log, with these models, which need no probe any more."""
    log = rows if isinstance(rows, Path) else write_log(folder / "log.jsonl", rows)
    import_logs(store, name, [log], ImportOptions(redact=False))
    study = find_study(store, name)
    for called, role in roles.items():
        model = register_model(
            store, study, Model(name=called, litellm_id=f"openai/{called}", api_base=url, role=role, **PRICES)
        )
        set_probe(store, model.id, Probe(reachable=True))
    return study


def replayed(
    store: Store,
    folder: Path,
    rows: list[dict[str, Any]],
    roles: Mapping[str, Role],
    answers: Answers,
    **setup: Any,
) -> tuple[Study, Run, MisbehavingServer]:
    """The study, its finished run, and the server as it was asked."""
    with MisbehavingServer(answers=answers) as server:
        study = made_study(store, folder, rows, server.url, roles)
        given = {"sample_size": len(rows), "stream": False, "concurrency": 16, "audited": 0, **setup}
        run = start_run(store, study, nested(RunOptions, given))
        return study, finish_run(store, run.id), server


def made_old(store: Store, run: Run, days: int) -> None:
    """Make a run and all its answers as old as that."""
    then = datetime.now(UTC) - timedelta(days=days)
    change_run(store, run.id, started_at=then, finished_at=then)
    with store.write(study_of(RunRow, run.id)) as session:
        session.execute(update(GenerationRow).where(GenerationRow.run_id == run.id).values(at=then))


def asked(body: Body) -> str:
    """The last message."""
    return str(body["messages"][-1]["content"])


def fenced_answers(body: Body) -> tuple[str, str]:
    """Answers A and B as they stand in a judge's prompt."""
    first, second = (
        re.search(
            rf"===== ANSWER {letter} (\w+) =====\n(.*?)\n===== END OF ANSWER {letter} \1 =====", asked(body), re.S
        )
        for letter in "AB"
    )
    assert first is not None
    assert second is not None
    return first[2], second[2]


def verdict(letter: str) -> str:
    """A judge's answer."""
    return json.dumps({"reason": "as the test has it", "verdict": letter})
