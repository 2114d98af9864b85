"""Traffic for the Prompt log page: read once per log, computed again for each range of days."""

from datetime import UTC, date, datetime

import streamlit as st

from advisor.money.profile import Facts, Profile, load_facts, profile_of
from advisor.ui import queries
from advisor.ui.queries import Revision
from advisor.ui.server import store


def profile(study_id: int, start: date | None = None, end: date | None = None) -> Profile:
    """The traffic of a study from one day to another, both within; None: from the first, to the last.

    Raises BadInput when the range is empty.
    """
    _, *log = queries.bill_revision(study_id)
    today = datetime.now(UTC).date()  # list prices change
    return _profile(study_id, start, end, queries.study(study_id).traffic_share, (*log, today))


@st.cache_data(max_entries=64, show_spinner=False)
def _profile(study_id: int, start: date | None, end: date | None, share: float, revision: Revision) -> Profile:
    return profile_of(_facts(study_id, revision), share, start, end)


@st.cache_resource(max_entries=4, show_spinner=False)  # nobody changes them, and copies of so many would take long
def _facts(study_id: int, revision: Revision) -> Facts:
    return load_facts(store(), queries.study(study_id))
