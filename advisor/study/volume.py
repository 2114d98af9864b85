"""What the log says about the real traffic: calls, spend and tokens a month, by use case."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from advisor.analysis.cost import monthly_calls
from advisor.store import Store
from advisor.store.logs import load_sample_facts
from advisor.store.studies import list_use_cases
from advisor.types import Study, UseCase


@dataclass(frozen=True, kw_only=True)
class Volume:
    """The traffic of one use case, or of the whole study."""

    calls: int
    """In the log."""
    monthly_calls: float | None
    """None where the log has no times."""
    monthly_usd: float | None
    """None where times or prices are missing."""
    priced: int
    """Calls whose cost is known."""


def span_of(facts: pd.DataFrame) -> tuple[datetime, datetime] | None:
    """First and last call of a log, or None where it has no times."""
    at = facts["at"].dropna()
    return None if at.empty else (at.min().to_pydatetime(), at.max().to_pydatetime())


def volume_of(facts: pd.DataFrame, study: Study, span: tuple[datetime, datetime] | None) -> Volume:
    """Traffic a month of the calls in ``facts`` at the span of the whole log.

    Calls without a cost are taken to cost as much as the others on average.
    """
    monthly = monthly_calls(len(facts), span[0], span[1], study.traffic_share) if span else None
    costs = facts["cost_usd"].dropna()
    monthly_usd = float(costs.mean()) * monthly if monthly is not None and len(costs) else None
    return Volume(calls=len(facts), monthly_calls=monthly, monthly_usd=monthly_usd, priced=len(costs))


def volume_by_use_case(facts: pd.DataFrame, study: Study) -> dict[str, Volume]:
    """Traffic a month of every use case."""
    span = span_of(facts)
    return {str(name): volume_of(group, study, span) for name, group in facts.groupby("use_case")}


def use_cases_with_volume(store: Store, study: Study) -> list[UseCase]:
    """The use cases of a study with their calls a month."""
    volumes = volume_by_use_case(load_sample_facts(store, study.id), study)
    return [
        replace(use_case, monthly_calls=volumes[use_case.name].monthly_calls) if use_case.name in volumes else use_case
        for use_case in list_use_cases(store, study.id)
    ]
