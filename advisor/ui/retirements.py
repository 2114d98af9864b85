"""That today's model is switched off soon, wherever it matters to what is chosen or paid."""

from datetime import UTC, datetime

import streamlit as st

from advisor.decide import flags
from advisor.plan.schedule import leave_by
from advisor.store.engine import Change
from advisor.text.headline import flag
from advisor.types import Message, Study, UseCaseDecision
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.text import inline
from advisor.ui.server import store


def show_retirements(study: Study) -> None:
    """Each of today's models that is switched off soon, with its successor, in a line."""
    for message in retirements(study.id):
        st.markdown(f":orange[:material/event_busy:] {inline(flag(message))}")


def until(study_id: int, decision: UseCaseDecision) -> str:
    """The ISO day by which the calls of a use case leave a model that ends soon; empty: it doesn't, or has ended."""
    ends = (each for each in retirements(study_id) if each.values["model"] == decision.baseline_facts.model)
    day = next(map(leave_by, ends), None)
    return day.isoformat() if day and day >= datetime.now(UTC).date() else ""


@cached(Change.SETUP, prices=True, most=16)
def retirements(study_id: int) -> tuple[Message, ...]:
    """What is said of them; empty: none is switched off soon."""
    return tuple(flags.retirements(store(), queries.study(study_id)))
