"""That today's model is switched off soon, wherever it matters to what is chosen or paid."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

import streamlit as st

from advisor.decide import flags
from advisor.plan.timeline import leave_by
from advisor.store.engine import Change
from advisor.text.advice.flags import flag
from advisor.types import Message, Study, UseCaseDecision
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.components.text import inline
from advisor.ui.server import store


def show_retirements(study: Study) -> None:
    """Each of today's models that is switched off soon, with its successor, in a line."""
    for message in retirements(study.id):
        st.markdown(f":orange[:material/event_busy:] {inline(flag(message))}")


def leave_days(study_id: int, decisions: Iterable[UseCaseDecision]) -> dict[str, str]:
    """By use case the ISO day by which its calls leave a model that ends soon; empty: it doesn't, or has ended."""
    today = datetime.now(UTC).date()
    ends = {each.values["model"]: date.fromisoformat(each.values["on"]) for each in retirements(study_id)}
    days = {model: leave_by(on, today) for model, on in ends.items() if on >= today}
    return {
        each.name: days[model].isoformat() if (model := each.baseline_facts.model) in days else "" for each in decisions
    }


@cached(Change.SETUP, prices=True, most=16)
def retirements(study_id: int) -> tuple[Message, ...]:
    """What is said of them; empty: none is switched off soon."""
    return tuple(flags.retirements(store(), queries.study(study_id)))
