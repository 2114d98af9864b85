"""The tables of load tests, and of what the processes that work on one run tell each other."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from advisor.store.columns import Base, Id, owned_by
from advisor.types import Message, Status


class LoadTestRow(Base):
    __tablename__ = "load_test"
    id: Mapped[Id]
    study_id: Mapped[int] = owned_by("study.id")
    model_id: Mapped[int] = owned_by("model.id")
    status: Mapped[Status]
    wanted: Mapped[Status | None]
    stream: Mapped[bool]
    max_ttft_p95_s: Mapped[float | None]
    max_latency_p95_s: Mapped[float | None]
    budget_usd: Mapped[float | None]
    cost_usd: Mapped[float | None]
    ended_because: Mapped[Message | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class LoadStepRow(Base):
    __tablename__ = "load_step"
    load_test_id: Mapped[int] = mapped_column(ForeignKey("load_test.id", ondelete="CASCADE"), primary_key=True)
    concurrency: Mapped[int] = mapped_column(primary_key=True)
    calls: Mapped[int]
    failed: Mapped[int]
    wall_s: Mapped[float]
    requests_per_s: Mapped[float]
    output_tokens_per_s: Mapped[float | None]
    goodput_per_s: Mapped[float]
    """Calls a second that kept within the limits."""
    ttft_p50_s: Mapped[float | None]
    ttft_p95_s: Mapped[float | None]
    tpot_p50_s: Mapped[float | None]
    latency_p50_s: Mapped[float | None]
    latency_p95_s: Mapped[float | None]
    loop_lag_p99_s: Mapped[float | None]
    within_limits: Mapped[bool]


class WorkerRow(Base):
    __tablename__ = "worker"
    owner: Mapped[str] = mapped_column(primary_key=True)
    """Host and process id."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    """The run whose calls it makes."""
    outstanding_usd: Mapped[float]
    """What it may still spend of the run's budget, beside what is stored."""
    beat_at: Mapped[datetime]


class ProviderRow(Base):
    __tablename__ = "provider"
    name: Mapped[str] = mapped_column(primary_key=True)
    held_until: Mapped[datetime | None]
    """No worker calls it before."""
