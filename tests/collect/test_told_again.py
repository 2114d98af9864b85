"""Why a model was given up is told as long as calls of it are missing, also after the run is taken up again."""

from collections import Counter
from pathlib import Path

import pytest
from aiohttp import web

from advisor.measure.replay.timing import HELLO
from advisor.measure.run_lifecycle import finish_run, requeue_run, start_run
from advisor.store import Store
from advisor.store.run.tallies import tally_run
from advisor.types import Role, RunOptions
from tests.made.log import call
from tests.made.run import asked, made_study
from tests.server import Body, MisbehavingServer

SIZE, LAST = 30, 3
"""Calls of two rounds where a run may stop early, and those that are refused."""


@pytest.mark.parametrize("early_stop", [True, False])
def test_a_refused_key_is_told_until_the_calls_are_answered(store: Store, tmp_path: Path, *, early_stop: bool) -> None:
    given, is_refused = Counter[str](), [True]

    def answer(body: Body) -> str:
        if asked(body) == HELLO.messages[0]["content"]:
            return "ok"
        if is_refused[0] and given.total() >= SIZE - LAST:
            raise web.HTTPUnauthorized
        given[asked(body)] += 1
        return "billing"

    with MisbehavingServer(answers={"open": answer}) as server:
        rows = [call(n, target="billing") for n in range(SIZE)]
        study = made_study(store, tmp_path, rows, server.url, {"open": Role.CANDIDATE})
        setup = RunOptions(sample_size=SIZE, stream=False, concurrency=1, early_stop=early_stop)
        run = finish_run(store, start_run(store, study, setup).id)
        told = run.state.error or ""
        assert "open was given up: " in told
        requeue_run(store, run)
        run = finish_run(store, run.id)
        assert (run.state.error, tally_run(store, run.id).succeeded) == (told, SIZE - LAST)
        is_refused[0] = False
        requeue_run(store, run)
        run = finish_run(store, run.id)
    assert (run.state.error, tally_run(store, run.id).missing) == (None, 0)
    assert given.total() == len(given) == SIZE, "nothing is asked twice"
