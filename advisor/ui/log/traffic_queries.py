"""Traffic of a log: read once, computed again for each range of days."""

from datetime import date

from advisor.money.profile import Facts, Profile, load_facts, profile_of
from advisor.store.engine import Change
from advisor.ui import queries
from advisor.ui.cache import cached
from advisor.ui.server import store


@cached(Change.SETUP, prices=True)
def profile(study_id: int, start: date | None = None, end: date | None = None) -> Profile:
    """The traffic of a study from one day to another, both within; None: from the first, to the last.

    Raises BadInput when the range is empty.
    """
    return profile_of(facts(study_id), queries.study(study_id).traffic_share, start, end)


@cached(Change.SETUP, prices=True, shared=True, most=4)  # a log may hold a million calls: copies would take long
def facts(study_id: int) -> Facts:
    """Every call of the log of a study."""
    return load_facts(store(), queries.study(study_id))
