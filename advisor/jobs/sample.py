"""The sample study: a fictional help desk's log, its candidates, and its run, of which every answer is shipped."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from advisor.collect.imports import ImportOptions, import_logs
from advisor.decide.decisions import decide
from advisor.errors import BadInput, CallError
from advisor.judge.endpoints import decided_for
from advisor.llm.client import Client
from advisor.llm.opening import open_client
from advisor.llm.written import WrittenClient
from advisor.measure.registration import BUILTIN, register_model
from advisor.measure.replay.asking import Asking
from advisor.measure.replay.calls import Call, as_failed, as_priced
from advisor.measure.replay.engine import Outcome
from advisor.measure.replay.loading import BATCH, Loader
from advisor.measure.replay.ownership import Heart, note_end, owner_name, owning
from advisor.measure.run_lifecycle import score_ended, start_run
from advisor.settings import DATA
from advisor.store import Store
from advisor.store.models import list_models_of
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.runs import change_run, claim_run, get_run, list_runs
from advisor.store.studies import find_study
from advisor.types import Clock, Lane, Model, Prices, Role, Run, RunOptions, Sending, Status, StoredModel, Study

SAMPLE_STUDY = "Sample study"
LOG = "helpdesk.jsonl"
BUILTIN_ANSWERS = "builtin.jsonl"
"""The built-in model's, recorded once."""
RECORDED_S = 141.0
"""How long the recorded run took."""
TIMEOUT_S = 1.0
"""No answer from a file takes so long."""

SAMPLE_SETUP = RunOptions(sample_size=642, baseline=Lane.RECORDED, concurrency=8)
"""The whole log: enough for every kind of verdict. The built-in model answers a small part of it."""
OWN_RUN = replace(SAMPLE_SETUP, fresh=True)
"""For whoever wants to see it run: nothing is taken over from the shipped run."""
TRAFFIC_SHARE = 0.0000625
"""The fictional team logs one call in 16,000."""

ILLUSTRATIVE = Model(
    name="Larch 30B (illustrative)",
    litellm_id="written/sample",
    prices=Prices(input=0.10, output=0.40),
    licence="apache-2.0",
    illustrative=True,
)
"""Its price is illustrative too."""
JUDGES = tuple(
    Model(
        name=f"{name} judge (illustrative)",
        litellm_id=f"written/{name.lower()}",
        role=Role.JUDGE,
        prices=Prices(input=0.0, output=0.0),
        illustrative=True,
    )
    for name in ("Alder", "Hazel")
)
"""The first passes its exam, but reads no conversations; the second fails."""


def load_sample(store: Store, *, with_run: bool = True) -> Study:
    """Import the sample log, register its models, and store and decide its run; loading it again adds nothing.

    Its personal data are invented, so that they are kept as they are. Nothing is called: the answers are those that
    are shipped. ``with_run`` False leaves the run out.

    Raises BadInput when the files of the sample are missing, or when a worker has taken its run.
    """
    log = DATA / "sample" / LOG
    if not log.is_file():
        raise BadInput(f"The sample log {log.name} is missing from {log.parent}; restore data/sample/ and try again.")
    import_logs(store, SAMPLE_STUDY, [log], ImportOptions(redact=False, traffic_share=TRAFFIC_SHARE, is_sample=True))
    study = find_study(store, SAMPLE_STUDY)
    for model in (ILLUSTRATIVE, BUILTIN, *JUDGES):
        register_model(store, study, model)
    if with_run and all(run.state.status is Status.FAILED for run in list_runs(store, study.id)):
        decide(store, study, run=_store_run(store, study))
    return study


def is_shipped(study: Study, run: Run, asked: Iterable[StoredModel]) -> bool:
    """Whether a run has the answers and the times that are shipped; ``asked``: its models."""
    return study.is_sample and not run.options.fresh and all(each.illustrative or each.is_builtin for each in asked)


def _store_run(store: Store, study: Study) -> Run:
    """A run of the sample as it ends when every call gets the answer that is shipped."""
    run = start_run(store, study, SAMPLE_SETUP)
    if not claim_run(store, run.id, owner_name()):
        raise BadInput(f"Run {run.number} of the sample is being worked on by another process; wait until it ends.")
    with owning(store, run.id), Heart(store, run.id):
        models = list_models_of(store, run)
        clients = {model.id: _client(model) for model in models}

        def make(_: Sequence[StoredModel], keys: Sequence[CallKey], loader: Loader) -> Outcome:
            for start in range(0, len(keys), BATCH):
                calls = loader.load(keys[start : start + BATCH])
                save_generations(store, run, asyncio.run(_answers(clients, calls)))
            return Outcome()

        asking = Asking(store, run, models, Loader(store, run, models, decided_for(store, run)), make, unstored_s=0.0)
        asking.ask_all(lambda: ())
        asking.outcome.wall_s = RECORDED_S
        note_end(store, run, asking.outcome)
        run = get_run(store, run.id)
        score_ended(store, run)
        clocks = {
            clock: [model.name for model in models if model.is_builtin is is_timed]
            for clock, is_timed in ((Clock.NONE, False), (Clock.SOCKET, True))
        }
        change_run(store, run.id, by=owner_name(), status=run.state.resting, resting=None, wanted=None, clocks=clocks)
    return get_run(store, run.id)


def _client(model: StoredModel) -> Client:
    if model.is_builtin:
        return WrittenClient(DATA / "sample" / BUILTIN_ANSWERS)
    return open_client(model)


async def _answers(clients: dict[int, Client], calls: Sequence[Call]) -> list[StoredGeneration]:
    return [await _answer(clients[call.key.model_id], call) for call in calls]


async def _answer(client: Client, call: Call) -> StoredGeneration:
    try:
        answered = await client.complete(call.request, stream=True, timeout_s=TIMEOUT_S)
    except CallError as error:
        return as_failed(call, error, Sending())
    return as_priced(call, answered, Sending())
