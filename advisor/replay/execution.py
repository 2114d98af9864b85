"""One run from claim to finish, in this process: safe to kill at any moment and to start again.

What is stored is never asked again. What was in flight, and at most the last 50 ms of answers, is asked again and
counted in ``asked_again``.
"""

import asyncio
import gc
import os
import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from advisor.errors import AdvisorError, BadInput
from advisor.llm import gateway
from advisor.llm.builtin import BUILTIN_CONCURRENCY, BUILTIN_ID, builtin_server
from advisor.llm.client import Client
from advisor.llm.clients import is_local, open_client
from advisor.replay.budget import Budget
from advisor.replay.calls import Call, plan_calls, plan_judge_calls
from advisor.replay.engine import Engine, Outcome
from advisor.replay.judging import Decided, judge_pairs, lanes_of
from advisor.replay.probing import probe_model
from advisor.replay.writer import Writer
from advisor.store import Store
from advisor.store.generations import list_answered, spent_usd, tally_run
from advisor.store.logs import load_samples
from advisor.store.models import list_models
from advisor.store.runs import beat_run, change_run, claim_run, get_run, list_run_samples, queue_run
from advisor.types import Lane, Model, Role, Run, Status

BEAT_S = 1.0
TIMEOUT_S = 90.0
BUILTIN_TIMEOUT_S = 600.0
"""The built-in model shares this machine's cores with everything else."""


def owner_name() -> str:
    """This process, as it signs a run: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead_here(owner: str | None) -> bool:
    """Whether a run's owner was a process of this machine that no longer lives."""
    host, _, pid = (owner or "").rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def execute_run(store: Store, run_id: int, decided: Decided, *, data_dir: Path) -> Run:
    """Make every call of a run that has no answer yet, then ask the judges; returns the run as it ended.

    Raises BadInput when another living process works on it, ModelUnavailable or BadInput when a model cannot be used
    at all (nothing is asked then), StoreError when answers could not be stored.
    """
    owner = owner_name()
    before = get_run(store, run_id)
    if not claim_run(store, run_id, owner, take_over=is_dead_here(before.owner)):
        raise BadInput(_refusal(get_run(store, run_id)))
    crashed = before.status is Status.RUNNING
    try:
        with _Heart(store, run_id, owner) as heart:
            _execute(store, get_run(store, run_id), decided, data_dir, heart, crashed=crashed)
    except AdvisorError as error:
        ended = {"status": Status.FAILED, "error": str(error), "finished_at": datetime.now(UTC)}
        change_run(store, run_id, by=owner, **ended)
        raise
    except BaseException:  # interrupted: nobody works on it from here on, and what is stored is kept
        change_run(store, run_id, by=owner, status=Status.PAUSED)
        raise
    return get_run(store, run_id)


def _execute(store: Store, run: Run, decided: Decided, data_dir: Path, heart: "_Heart", *, crashed: bool) -> None:
    samples = list(load_samples(store, list_run_samples(store, run.id)))
    models = {model.id: model for model in list_models(store, run.study_id) if model.id in run.model_ids}
    lanes = lanes_of(run, list(models.values()))
    judges = [model for model in models.values() if model.role is Role.JUDGE and run.judged]
    budget = Budget(cap_usd=run.budget_usd, spent_usd=spent_usd(store, run.id))
    with ExitStack() as stack:
        base = stack.enter_context(builtin_server()) if any(_is_builtin(m) for m in models.values()) else None
        if not all(is_local(model) for model in models.values()):
            gateway.load()
        for model in models.values():
            if model.probe is None and not model.illustrative and heart.wanted is None:
                probe_model(store, model, data_dir, base)
        gc.collect()
        gc.freeze()  # litellm's heap would make collections slow enough to show in the latencies
        calls = _unanswered(store, run, plan_calls(samples, lanes, epochs=run.epochs, seed=run.seed))
        if crashed:
            change_run(store, run.id, asked_again=run.asked_again + min(len(calls), _in_flight(run, lanes)))
        runner = _Runner(store, run, data_dir, base, budget, heart)
        outcome = runner.run(calls)
        if judges and outcome.stopped is None:
            pairs = judge_pairs(store, run, samples, lanes, decided)
            judging = plan_judge_calls(pairs, judges, run.seed)
            change_run(store, run.id, planned_judge=len(judging))
            judged = runner.run(_unanswered(store, run, judging))
            outcome.stopped = judged.stopped
            outcome.given_up.update(judged.given_up)
    _finish(store, run, outcome)


def judge_run(store: Store, run: Run, judge: Model, decided: Decided, *, data_dir: Path) -> None:
    """Ask one judge about every pair of a finished run that it has not judged yet; the run keeps its status.

    Raises as :func:`execute_run`.
    """
    owner, dead = owner_name(), is_dead_here(run.owner)
    if not queue_run(store, run.id, take_over=dead) or not claim_run(store, run.id, owner, take_over=dead):
        raise BadInput(_refusal(get_run(store, run.id)))
    try:
        with _Heart(store, run.id, owner) as heart, ExitStack() as stack:
            base = stack.enter_context(builtin_server()) if _is_builtin(judge) else None
            samples = list(load_samples(store, list_run_samples(store, run.id)))
            models = [model for model in list_models(store, run.study_id) if model.id in run.model_ids]
            pairs = judge_pairs(store, run, samples, lanes_of(run, models), decided)
            budget = Budget(cap_usd=run.budget_usd, spent_usd=spent_usd(store, run.id))
            runner = _Runner(store, run, data_dir, base, budget, heart)
            runner.run(_unanswered(store, run, plan_judge_calls(pairs, [judge], run.seed)))
    finally:
        change_run(store, run.id, by=owner, status=run.status, wanted=None)


class _Runner:
    """Runs lists of calls with what one run has in common."""

    def __init__(
        self, store: Store, run: Run, data_dir: Path, builtin_base: str | None, budget: Budget, heart: "_Heart"
    ) -> None:
        self._store, self._run, self._data_dir = store, run, data_dir
        self._builtin_base, self._budget, self._heart = builtin_base, budget, heart

    def run(self, calls: list[Call]) -> Outcome:
        if not calls:
            return Outcome()
        with Writer(self._store, self._run.id) as writer:
            outcome = asyncio.run(self._make(calls, writer))
        if writer.error is not None:
            raise writer.error
        return outcome

    async def _make(self, calls: list[Call], writer: Writer) -> Outcome:
        models = {call.key.model_id: call.model for call in calls}
        clients: dict[int, Client] = {}
        try:
            for model_id, model in models.items():
                base = self._builtin_base if _is_builtin(model) else None
                clients[model_id] = open_client(model, data_dir=self._data_dir, api_base=base)
            engine = Engine(
                clients=clients,
                concurrency={model_id: slots_of(model, self._run.concurrency) for model_id, model in models.items()},
                budget=self._budget,
                stream=self._run.stream,
                timeout_s={model_id: timeout_of(model) for model_id, model in models.items()},
                keep=writer.put,
                asked_to_stop=lambda: Status.FAILED if writer.error else self._heart.wanted,
            )
            return await engine.run(calls)
        finally:
            for client in clients.values():
                await client.close()


class _Heart:
    """Beats in a thread of its own, so that a busy loop cannot make a run look dead."""

    def __init__(self, store: Store, run_id: int, owner: str) -> None:
        self._store, self._run_id, self._owner = store, run_id, owner
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heart-{run_id}", daemon=True)
        self.wanted: Status | None = None
        """What a person asked for: paused or cancelled."""

    def __enter__(self) -> "_Heart":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            try:
                self.wanted = self.wanted or beat_run(self._store, self._run_id, self._owner)
            except AdvisorError:
                continue  # a locked database: the next beat may get through


def _refusal(run: Run) -> str:
    if run.status is Status.RUNNING:
        return f"Run {run.id} is being worked on by another process; wait for it or cancel it first."
    return f"Run {run.id} is {run.status.replace('_', ' ')}; resume it first."


def slots_of(model: Model, concurrency: int) -> int:
    """Calls in flight at a time for one model."""
    return min(concurrency, BUILTIN_CONCURRENCY) if _is_builtin(model) else concurrency


def timeout_of(model: Model) -> float:
    """Seconds one call may take."""
    return BUILTIN_TIMEOUT_S if _is_builtin(model) else TIMEOUT_S


def _unanswered(store: Store, run: Run, calls: list[Call]) -> list[Call]:
    answered = list_answered(store, run.id)
    return [call for call in calls if call.key not in answered]


def _in_flight(run: Run, lanes: list[tuple[Lane, Model]]) -> int:
    return sum(slots_of(model, run.concurrency) for _, model in lanes)


def _is_builtin(model: Model) -> bool:
    return model.litellm_id == BUILTIN_ID


def _finish(store: Store, run: Run, outcome: Outcome) -> None:
    tally = tally_run(store, run.id)
    status = outcome.stopped or (Status.FAILED if tally.planned and not tally.succeeded else Status.SUCCEEDED)
    notes = [f"{name} was given up: {why}" for name, why in outcome.given_up.items()]
    if outcome.stopped is Status.BUDGET_EXCEEDED:
        notes.append("The budget is used up; raise it and resume to make the missing calls.")
    lag = float(np.quantile(outcome.lags_s, 0.99)) if outcome.lags_s else run.loop_lag_p99_s
    change_run(
        store,
        run.id,
        by=owner_name(),
        status=status,
        error=" ".join(notes) or None,
        finished_at=datetime.now(UTC),
        wall_s=(run.wall_s or 0.0) + outcome.wall_s,
        loop_lag_p99_s=lag,
        wanted=None,
    )
