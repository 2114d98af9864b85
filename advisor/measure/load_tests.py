"""Load tests of one model: what one would cost, starting, finishing, stopping and telling it."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from typing import NamedTuple

from advisor.analysis.load_test import Excess, best_step, excess
from advisor.errors import BadInput
from advisor.measure.draft import check_budget
from advisor.measure.registration import find_model, is_priced
from advisor.measure.replay.calls import output_limit, sample_call
from advisor.measure.replay.load_step import count_calls
from advisor.measure.replay.load_test_execution import Climb, execute_load_test
from advisor.measure.replay.planned_cost import Bill, Size
from advisor.store import Store
from advisor.store.jobs import file_job, list_active
from advisor.store.log.logs import load_sample_facts, load_samples
from advisor.store.models import list_models
from advisor.store.run.generations import CallKey
from advisor.store.run.load_tests import change_load_test, claim_load_test, create_load_test, get_load_test
from advisor.text.runs import load_end
from advisor.types import (
    Job,
    Json,
    Lane,
    LoadEnd,
    LoadStep,
    LoadTest,
    Message,
    Money,
    Progress,
    Status,
    StoredModel,
    Study,
)

MAX_CONCURRENCY = 64
MOST_CONCURRENCY = 1024
SAME = 0.97
"""Steps whose goodput is this near to the best one's do the same work."""
PRICED_SAMPLES = 200
"""So many requests tell what the average one costs."""


@dataclass(frozen=True, kw_only=True)
class LoadSetup:
    """What a person chooses before a load test."""

    model: str
    """The name it is registered by."""
    max_concurrency: int = MAX_CONCURRENCY
    max_ttft_p95_s: float | None = None
    max_latency_p95_s: float | None = None
    """Without a limit only failing calls end the climb."""
    stream: bool = True
    budget_usd: float | None = None
    allow_unpriced: bool = False
    seed: int = 1


@dataclass(frozen=True, kw_only=True)
class LoadQuote:
    """What a load test may take. It ends earlier when the model reaches its limits earlier."""

    samples: int
    """Requests of the log that are asked, again and again where they are few."""
    least_calls: int
    most_calls: int
    cost_usd: Money | None
    """None: no price is known."""


def quote_load_test(store: Store, study: Study, setup: LoadSetup) -> LoadQuote:
    """What a load test would cost. Raises BadInput when it cannot be made."""
    model, ids = _check(store, study, setup)
    least, most = count_calls(setup.max_concurrency)
    drawn = set(_draw(ids, min(PRICED_SAMPLES, len(ids)), setup.seed))
    bill = Bill()
    for sample in load_samples(store, drawn):
        call = sample_call(CallKey(sample.id, Lane.CANDIDATE, model.id, 1), model, sample)
        size = Size(call.input_tokens, call.output_tokens)
        bill.add(model, size, limit=output_limit(call.request.params))
    average = bill.quote(samples=len(drawn), calls=len(drawn), judge_calls=0).cost_usd
    cost = average and Money(
        low=average.low / len(drawn) * least,
        point=average.point / len(drawn) * least,
        high=average.high / len(drawn) * most,
    )
    return LoadQuote(samples=len(ids), least_calls=least, most_calls=most, cost_usd=cost)


def start_load_test(store: Store, study: Study, setup: LoadSetup) -> LoadTest:
    """Make a load test that waits for its turn; nothing is asked yet.

    Raises BadInput when it cannot be made, or when a budget is set and the model has no price.
    """
    model, _ = _check(store, study, setup)
    if setup.budget_usd is not None and not setup.allow_unpriced and not is_priced(model):
        raise BadInput(
            f"{model.name} has no known price, so the budget can't be enforced. Add its prices (--input-price "
            "and --output-price), or allow unpriced models (--allow-unpriced)."
        )
    return create_load_test(
        store,
        study.id,
        model.id,
        stream=setup.stream,
        max_ttft_p95_s=setup.max_ttft_p95_s,
        max_latency_p95_s=setup.max_latency_p95_s,
        budget_usd=setup.budget_usd,
    )


def finish_load_test(
    store: Store, test_id: int, *, max_concurrency: int, seed: int, say: Callable[[Progress], None]
) -> LoadTest:
    """Measure a load test that waits; one that was cancelled meanwhile stays so. ``say`` is told how far it is.

    Raises BadInput or ModelUnavailable when the model cannot be used at all, StoreError when a step is not stored.
    """
    if claim_load_test(store, test_id):
        test = get_load_test(store, test_id)
        model = next(model for model in list_models(store, test.study_id) if model.id == test.model_id)
        _, most = count_calls(max_concurrency)
        climb = Climb(model, _draw(_ids(store, test.study_id), most, seed), max_concurrency)
        execute_load_test(store, test, climb, say=say)
    elif get_load_test(store, test_id).status is Status.RUNNING:  # a job is done again only when its worker is gone
        ended = {"status": Status.FAILED, "ended_because": Message.of(LoadEnd.DIED), "finished_at": datetime.now(UTC)}
        change_load_test(store, test_id, **ended, wanted=None)
    return get_load_test(store, test_id)


def stop_load_test(store: Store, test: LoadTest) -> None:
    """Ask whoever measures a load test to stop; done at once where no worker does. What was measured stays."""
    is_at_work = any(job.arguments["load_test"] == test.id for job in list_active(store, "load_test"))
    if test.status is Status.RUNNING and is_at_work:
        change_load_test(store, test.id, wanted=Status.CANCELLED)
    else:  # a command line that still lives sees it within a second
        waited = test.status is Status.QUEUED
        why = Message.of(LoadEnd.CANCELLED_WAITING) if waited else Message.of(LoadEnd.CANCELLED, concurrency=None)
        ended = {"status": Status.CANCELLED, "ended_because": why, "finished_at": datetime.now(UTC)}
        change_load_test(store, test.id, **ended)


class Capacity(NamedTuple):
    """What a load test found."""

    kept: LoadStep
    """The most concurrent step within the limits."""
    enough: int
    """Calls in flight beyond which throughput no longer grows."""
    broken: LoadStep | None
    """The next step; None: more wasn't tested."""
    excess: Excess | None
    """The limit that it broke."""


def capacity_of(test: LoadTest) -> Capacity | None:
    """How much load a model can handle; None: no step was within the limits."""
    best = best_step(test.steps)
    if best is None:
        return None
    within = [step for step in test.steps if step.within_limits]
    kept = max(within, key=lambda step: step.concurrency)
    enough = next(step.concurrency for step in within if step.goodput_per_s >= SAME * best.goodput_per_s)
    broken = next((step for step in test.steps if step.concurrency > kept.concurrency), None)
    over = excess(broken, test.limits) if broken else None
    return Capacity(kept, enough, broken, over)


def describe_load_test(store: Store, test: LoadTest) -> dict[str, Json]:
    """A load test as the command line prints it."""
    best = best_step(test.steps)
    names = {model.id: model.name for model in list_models(store, test.study_id)}
    return {
        "load_test": test.id,
        "model": names.get(test.model_id),
        "status": test.status.value,
        "stream": test.stream,
        "max_ttft_p95_s": test.limits.ttft_p95_s,
        "max_latency_p95_s": test.limits.latency_p95_s,
        "steps": [step.flat | {"machine_bound": step.is_machine_bound} for step in test.steps],
        "goodput_per_s": best.goodput_per_s if best else None,
        "best_concurrency": best.concurrency if best else None,
        "ended_because": load_end(test.ended_because) or None,
        "ended_code": test.ended_because.code if test.ended_because else None,
        "cost_usd": test.cost_usd,
    }


def _check(store: Store, study: Study, setup: LoadSetup) -> tuple[StoredModel, list[int]]:
    """The model, and the ids of the samples that can be asked. Raises BadInput when the test cannot be made."""
    model = find_model(store, study, setup.model)
    if model.illustrative:
        raise BadInput(f"{setup.model} has pre-recorded answers, so it can't be load-tested. Choose another model.")
    if not 1 <= setup.max_concurrency <= MOST_CONCURRENCY:
        raise BadInput(f"Set the highest number of concurrent calls to 1 to {MOST_CONCURRENCY} (--max-concurrency).")
    for limit in (setup.max_ttft_p95_s, setup.max_latency_p95_s):
        if limit is not None and not (math.isfinite(limit) and limit > 0):
            raise BadInput("A limit must be more than 0 seconds.")
    if setup.max_ttft_p95_s is not None and not setup.stream:
        raise BadInput("Time to first token needs streamed answers. Leave out --no-stream.")
    check_budget(setup.budget_usd)
    ids = _ids(store, study.id)
    if not ids:
        raise BadInput(f"Study {study.name!r} has no calls to replay. Import a log first.")
    return model, ids


def _ids(store: Store, study_id: int) -> list[int]:
    facts = load_sample_facts(store, study_id, ("id", "not_replayable"))
    return [int(id_) for id_ in facts[facts["not_replayable"].isna()]["id"]]


def _draw(ids: Sequence[int], amount: int, seed: int) -> list[int]:
    """So many of the samples in random order; all of them before any comes again."""
    shuffled = random.Random(seed)
    rounds = (shuffled.sample(ids, len(ids)) for _ in count())
    return list(islice((id_ for each in rounds for id_ in each), amount)) if ids else []


def file_load_test(store: Store, study: Study, setup: LoadSetup) -> tuple[LoadTest, Job]:
    """Queue a load test of one model. Raises BadInput when it cannot be made."""
    test = start_load_test(store, study, setup)
    arguments = {"load_test": test.id, "max_concurrency": setup.max_concurrency, "seed": setup.seed}
    return test, file_job(store, "load_test", study.id, arguments)
