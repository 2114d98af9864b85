"""A small study in a store, for tests."""

from datetime import UTC, datetime

from advisor.collect.intake import new_sample
from advisor.store import Store
from advisor.store.log.groups import list_new_groups
from advisor.store.log.imports import LogWriter, complete_logs
from advisor.store.log.traffic import roll_up
from advisor.store.log.use_cases import make_use_case
from advisor.store.models import add_model
from advisor.store.run.runs import create_run
from advisor.store.studies import create_study
from advisor.types import (
    AS_LOGGED,
    Answer,
    Frozen,
    Kind,
    Lane,
    Metered,
    Model,
    NewSample,
    Reference,
    Request,
    Run,
    Sample,
    StoredModel,
    Study,
    Usage,
)

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)

FROZEN = Frozen(margin=None, confidence=0.95, max_latency_p95_s=None, max_ttft_p95_s=None, use_cases=())


def fill(store: Store, samples: int = 5) -> tuple[Study, StoredModel, Run]:
    """A study with a log, one candidate and a queued run over all samples."""
    study = create_study(store, "S")
    writer = LogWriter(store, study.id, name="log.jsonl", format="openai_chat", redacted=False)
    writer.add([_sample(n) for n in range(samples)])
    writer.finish(rows=samples, accepted=samples, rejected=0, duplicates=0, not_replayable=0, redactions={})
    new = list_new_groups(store, study.id, examples=1)
    make_use_case(store, study.id, "Triage", Kind.CLASSIFICATION, [group.id for group in new])
    roll_up(store, [writer.log_id])
    complete_logs(store, study.id, [writer.log_id])
    model = add_model(store, study.id, Model(name="M", litellm_id="openai/m"))
    run = create_run(
        store,
        study.id,
        samples=dict.fromkeys(range(1, samples + 1)),
        frozen=FROZEN,
        seed=1,
        epochs=1,
        sample_size=samples,
        baseline_lane=Lane.RECORDED,
        baseline="recorded",
        concurrency=4,
        stream=True,
        judged=False,
        budget_usd=None,
        planned=samples,
        models=[model.id],
    )
    return study, model, run


def _sample(n: int) -> NewSample:
    sample = Sample(
        request=Request(messages=[{"role": "user", "content": f"Ticket {n}"}]),
        answer=Answer(text="billing"),
        model="gpt-4o",
        metered=Metered(usage=Usage(input_tokens=10 + n, cache_read_tokens=4, output_tokens=2), at=NOON),
        use_case="Triage",
        reference=Reference("billing"),
    )
    return new_sample(sample, f"{n:032x}", (0.001, AS_LOGGED))
