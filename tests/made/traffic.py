"""Puts calls into a store as an import does, without a file."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from advisor.collect.intake import new_sample
from advisor.store import Store
from advisor.store.log.imports import LogWriter, complete_logs
from advisor.store.log.traffic import roll_up
from advisor.store.log_tables import GroupRow, UseCaseRow
from advisor.store.studies import create_study, get_study
from advisor.types import Answer, Kind, PriceOrigin, PriceSource, Request, Sample, Study, Usage
from tests.nested import nested

START = datetime(2026, 11, 1, tzinfo=UTC)
"""A Sunday, at midnight."""

A_LIST = PriceSource(origin=PriceOrigin.GENAI_PRICES, version="0.2.3")


def made_call(prompt: str = "Hello", *, days: float | None = 0.0, **more: Any) -> Sample:
    """A call so many days after START; None: the log has no times."""
    facts: dict[str, Any] = {
        "request": Request(messages=[{"role": "user", "content": prompt}]),
        "answer": Answer(text="Hello"),
        "model": "gpt-4o",
        "usage": Usage(input_tokens=1000, output_tokens=100),
        "at": None if days is None else START + timedelta(days=days),
        "use_case": "Triage",
    }
    return nested(Sample, facts | more)


def store_calls(
    store: Store,
    calls: Sequence[tuple[Sample, float | None]],
    *,
    name: str = "S",
    format: str = "openai_chat",
    traffic_share: float = 1.0,
    sources: Mapping[float, PriceSource] | None = None,
) -> Study:
    """A study with one log of these calls, each with its cost; a cost that the sample has itself is a logged one.

    ``sources`` are by cost.
    """
    study = create_study(store, name)
    writer = LogWriter(store, study.id, name="log.jsonl", format=format, redacted=False)
    digests = len(calls) * study.id
    writer.add(
        [
            new_sample(
                sample, f"{digests + n:032x}", None if cost is None else (cost, (sources or {}).get(cost, A_LIST))
            )
            for n, (sample, cost) in enumerate(calls)
        ]
    )
    n = len(calls)
    writer.finish(rows=n, accepted=n, rejected=0, duplicates=0, not_replayable=0, redactions={})
    _name_use_cases(store, study.id)
    roll_up(store, [writer.log_id])
    complete_logs(store, study.id, [writer.log_id], traffic_share=traffic_share)
    return get_study(store, study.id)


def _name_use_cases(store: Store, study_id: int) -> None:
    """Every group is the use case of its label."""
    with store.write(None) as session:
        for group in session.scalars(select(GroupRow).where(GroupRow.study_id == study_id)).all():
            use_case = UseCaseRow(study_id=study_id, name=group.label, kind=Kind.CHAT)
            session.add(use_case)
            session.flush()
            group.use_case_id = use_case.id
