"""One run from claim to finish, in this process: safe to kill at any moment and to start again.

What is stored is never asked again. What was in flight, and at most the last 50 ms of answers, is asked again and
counted in ``asked_again``.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from advisor.errors import BadInput, ModelUnavailable
from advisor.judge.endpoints import Decided, decided_for
from advisor.llm import hosts
from advisor.llm.builtin import builtin_server
from advisor.llm.opening import get_ready, open_client
from advisor.measure.replay.asking import Asking, Settle
from advisor.measure.replay.budget import Budget
from advisor.measure.replay.engine import Engine, Outcome
from advisor.measure.replay.loading import Loader
from advisor.measure.replay.ownership import Heart, is_dead_here, lag_p99_s, note_end, owner_name, owning
from advisor.measure.replay.plan import lanes_of
from advisor.measure.replay.probing import probe_model
from advisor.measure.replay.reuse import last_unstored_s, untold_usd
from advisor.measure.replay.timing import quiet
from advisor.measure.replay.track import Feed, Load, Shut, Track, clocks_of, slots_of, timeout_of
from advisor.measure.replay.writer import Writer, patiently
from advisor.store import Store
from advisor.store.models import list_models, list_models_of
from advisor.store.run.generations import CallKey
from advisor.store.run.runs import change_run, claim_run, get_run, is_being_scored, queue_run
from advisor.store.run.tallies import spent_usd, tally_run
from advisor.store.run.workers import is_shared, raise_lag
from advisor.types import FailureKind, Role, Run, Status, StoredModel

if TYPE_CHECKING:
    from advisor.measure.replay.workers import Member
    from advisor.store.run.chunks import Chunks


def execute_run(
    store: Store,
    run_id: int,
    *,
    settle: Settle,
    score: Callable[[Run], None],
) -> Run:
    """Make every call of a run that has no answer yet, ask the judges, then score; returns the run as it ended.

    ``settle`` is asked between two rounds of a run that may stop early. The calls of a model that can't be asked fail
    with the reason; the others are made. The run is running until ``score`` returns. If its process dies during that,
    whoever takes the run over only scores.

    Raises BadInput when another living process works on it, StoreError when answers could not be stored.
    """
    before = get_run(store, run_id)
    if not claim_run(store, run_id, owner_name(), take_over=is_dead_here(before.state.owner)):
        raise BadInput(_refusal(get_run(store, run_id)))
    with owning(store, run_id), Heart(store, run_id) as heart:
        run = get_run(store, run_id)
        if before.state.wanted is not None:  # its process died before it could pause or cancel
            note_end(store, run, Outcome(stopped=before.state.wanted))
        elif not is_being_scored(run):
            with _asking(store, run, heart, last_unstored_s(before)) as asking:
                asking.ask_all(settle)
            note_end(store, run, asking.outcome)
        run = get_run(store, run_id)
        score(run)
        change_run(store, run_id, by=owner_name(), status=run.state.resting, resting=None, wanted=None)
    return get_run(store, run_id)


@contextmanager
def _asking(store: Store, run: Run, heart: Heart, unstored_s: float) -> Iterator[Asking]:
    models = list_models_of(store, run)
    asked = [model for _, model in lanes_of(run, models)]
    judges = [model for model in models if model.role is Role.JUDGE and run.options.judged]
    loader = Loader(store, run, models, decided_for(store, run))
    with _ready(store, run, [*asked, *judges], heart) as runner:
        unstored_s = 0.0 if is_shared(store) else unstored_s  # there each chunk tells whether it was begun
        yield Asking(store, run, models, loader, runner.run, unstored_s=unstored_s)


def judge_run(store: Store, run: Run, judges: Sequence[StoredModel], decided: Decided) -> Outcome:
    """Ask judges about what they have not judged yet of a run that has ended, by the rubrics in force.

    The run keeps its status, also when this is interrupted. Raises BadInput while it is not at rest, and as
    :func:`execute_run`.
    """
    if run.state.resting is None and run.state.status.is_active:
        raise BadInput(_refusal(run))
    resting = run.state.resting or run.state.status
    is_queued = queue_run(store, run.id, take_over=is_dead_here(run.state.owner), resting=resting)
    if not is_queued or not claim_run(store, run.id, owner_name()):
        raise BadInput(_refusal(get_run(store, run.id)))
    try:
        models = list_models_of(store, run)
        loader = Loader(store, run, [*models, *judges], decided)
        with Heart(store, run.id) as heart, _ready(store, run, judges, heart) as runner:
            asking = Asking(store, run, models, loader, runner.run, unstored_s=0.0)
            asking.judge_again(judges)
            return asking.outcome
    finally:
        kept = {
            "status": resting,
            "resting": None,
            "finished_at": run.state.finished_at,
            "planned_judge": run.plan.planned_judge,
        }
        change_run(store, run.id, by=owner_name(), wanted=None, **kept)


def help_run(store: Store, run_id: int, model_ids: Collection[int], chunks: "Chunks") -> dict[str, str]:
    """Take part in a run that another process conducts: make calls to these models until none waits any more.

    Returns the names of models that this process gives up or can't ask, and why: their calls are left to others.
    Raises StoreError when answers could not be stored.
    """
    from advisor.measure.replay.workers import Member, Work, take_part

    run = get_run(store, run_id)
    models = list_models(store, run.study_id)
    asked = [model for model in models if model.id in model_ids]
    known = [model for model in models if model.id in run.plan.model_ids or model in asked]
    loader = Loader(store, run, known, decided_for(store, run))
    member = Member(store, run, chunks, leads=False)
    with _ready(store, run, asked, member) as runner, member:  # who is not ready yet takes no share
        outcome = take_part(store, member, Work(asked, (), _patient(loader), runner.make))
    raise_lag(store, run_id, lag_p99_s(outcome))
    return outcome.given_up


@contextmanager
def _ready(store: Store, run: Run, models: Sequence[StoredModel], heart: "Heart | Member") -> "Iterator[_Runner]":
    """Whatever calls need: the built-in model's server, litellm, a probe of each new model, a process that is quiet."""
    with ExitStack() as stack:
        builtin: str | ModelUnavailable | None = None
        if any(model.is_builtin for model in models):
            try:
                builtin = stack.enter_context(builtin_server())
            except ModelUnavailable as error:
                builtin = error
        get_ready(models)
        new = [model for model in models if model.probe is None and not model.illustrative]
        for model in new:
            if heart.wanted is None and not (model.is_builtin and isinstance(builtin, ModelUnavailable)):
                probe_model(store, model, builtin if isinstance(builtin, str) else None)
        stack.enter_context(quiet())
        yield _Runner(store, run, builtin, heart, awake=new)


class _Runner:
    """Makes calls with what one run has in common."""

    def __init__(
        self,
        store: Store,
        run: Run,
        builtin: str | ModelUnavailable | None,
        heart: "Heart | Member",
        *,
        awake: Sequence[StoredModel],
    ) -> None:
        """``builtin``: where the built-in model is served, or why it isn't. ``awake`` were asked something just now."""
        self._store, self._run, self._clocks = store, run, run.machine.clocks
        self._builtin = builtin
        self._heart, self._awake = heart, awake
        self._is_resumed = tally_run(store, run.id).succeeded > 0
        self._budget: Budget | None = None

    def run(self, models: Sequence[StoredModel], keys: Sequence[CallKey], loader: Loader) -> Outcome:
        """Make the calls of these keys. Raises StoreError when answers could not be stored or calls not be loaded."""
        if not keys:
            return Outcome()
        load = _patient(loader)
        if isinstance(self._heart, Heart) and is_shared(self._store):
            from advisor.measure.replay.workers import Work, conduct

            untold = untold_usd(self._store, self._run, loader)
            return conduct(self._store, self._run, self._heart, Work(models, keys, load, self.make), untold_usd=untold)
        asked = [(model, [key for key in keys if key.model_id == model.id]) for model in models]
        fed = [(model, Feed(own, load, ahead=2 * slots_of(model, self._run.options))) for model, own in asked if own]
        with Writer(self._store, self._run) as writer:
            outcome = asyncio.run(self.make(fed, writer, self._budget_so_far(loader)))
        self._awake = [*self._awake, *(model for model, _ in fed)]
        if writer.error is not None:
            raise writer.error
        return outcome

    def _budget_so_far(self, loader: Loader) -> Budget:
        if self._budget is None:
            spent = spent_usd(self._store, self._run.id) + untold_usd(self._store, self._run, loader)
            self._budget = Budget(cap_usd=self._run.options.budget_usd, spent_usd=spent)
        return self._budget

    async def make(
        self,
        fed: Sequence[tuple[StoredModel, Feed]],
        writer: Writer,
        budget: Budget,
        follow: Callable[[Sequence[Track]], None] = lambda _: None,
    ) -> Outcome:
        """Make the calls that feeds give until they are empty or the run stops; ``follow`` is shown what is asked."""
        tracks: list[Track] = []
        shut: list[Shut] = []
        try:
            for model, feed in fed:
                try:
                    tracks.append(self._track(model, feed))
                except (BadInput, ModelUnavailable) as error:
                    kind = FailureKind.AUTH if isinstance(error, BadInput) else FailureKind.NETWORK
                    shut.append(Shut(model.name, feed, str(error), kind))
            self._clocks = clocks_of(tracks, self._clocks)
            change_run(self._store, self._run.id, by=owner_name(), clocks=self._clocks)
            engine = Engine(
                tracks,
                shut=shut,
                budget=budget,
                stream=self._run.options.stream,
                writer=writer,
                listener=self._heart,
            )
            follow(tracks)
            return await engine.run()
        finally:
            for track in tracks:
                await track.client.close()

    def _track(self, model: StoredModel, feed: Feed) -> Track:
        """Raises BadInput or ModelUnavailable for a model that can't be asked from here."""
        base = self._builtin if model.is_builtin else None
        if isinstance(base, ModelUnavailable):
            raise base
        return Track(
            model=model,
            client=open_client(model, api_base=base, in_flight=slots_of(model, self._run.options)),
            feed=feed,
            concurrency=slots_of(model, self._run.options),
            timeout_s=timeout_of(model),
            provider=hosts.host_of(model),
            is_warm=self._is_resumed or model.illustrative or model.role is Role.JUDGE or model in self._awake,
        )


def _patient(loader: Loader) -> Load:
    return lambda batch: patiently(lambda: loader.load(batch))


def _refusal(run: Run) -> str:
    if run.state.status is Status.RUNNING:
        return "This run is being worked on by another process; wait for it or cancel it first."
    return f"This run is {run.state.status.replace('_', ' ')}; resume it first."
