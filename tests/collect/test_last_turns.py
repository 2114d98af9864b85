"""Agents resend the whole conversation at every turn; the last call of each is enough."""

import pandas as pd

from advisor.measure.draft import last_turns


def test_the_last_call_of_each_session_and_all_that_have_none() -> None:
    at = pd.to_datetime(pd.Series(["2026-01-01", "2026-01-03", "2026-01-02", None, "2026-01-01", None, None]), utc=True)
    facts = pd.DataFrame({"id": range(1, 8), "session": ["a", "a", "a", "b", "b", None, None], "at": at})
    assert last_turns(facts)["id"].to_list() == [2, 5, 6, 7]


def test_without_times_the_last_in_the_log_is_the_last() -> None:
    facts = pd.DataFrame({"id": [4, 5, 6], "session": ["a", "a", "b"], "at": [None, None, None]})
    assert last_turns(facts)["id"].to_list() == [5, 6]
