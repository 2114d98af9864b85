"""What a page of a run says, and what it costs to say it."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from advisor.store import Store
from advisor.store.run.runs import change_run, list_runs
from advisor.types import Study
from advisor.ui import server


@pytest.mark.usefixtures("replayed_study")
def test_the_answers_of_a_run_at_work_are_not_counted_for_every_question(
    store: Store, open_page: Callable[..., AppTest]
) -> None:
    (run,) = list_runs(store, 1)
    change_run(store, run.id, status="running", owner="elsewhere:1", heartbeat_at=datetime.now(UTC))
    counted = Counter[str]()

    @event.listens_for(server.store().engine, "before_cursor_execute")
    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted["tally"] += " AS besides" in statement

    at = open_page("pages/log/use_cases.py")
    assert not at.exception
    assert 0 < counted["tally"] < 4, "once, unless the page takes longer than a count is good for"


def test_the_replay_page_tells_what_could_not_be_checked(
    store: Store, replayed_study: Study, open_page: Callable[..., AppTest]
) -> None:
    (run,) = list_runs(store, replayed_study.id)
    findings = [["check_suspended", ["'a+'", "0.5", "3"], 0]]
    unchecked = [["Ticket *triage*", "checks", 12, findings]]
    change_run(store, run.id, scored_with={**run.scored_with, "unchecked": unchecked})
    at = open_page("pages/evidence/run.py")
    (told,) = [warning.value.replace("\\", "") for warning in at.warning]
    assert told.startswith(
        "12 answers in Ticket *triage* couldn't be checked fully by your own checks ('a+' took longer than 0.5 s"
    )
    assert told.endswith("Fix the checks on the Use cases page, then rescore.")
