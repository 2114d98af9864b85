"""What pages remember of a study until it changes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from advisor.store.engine import Change
from advisor.store.studies import revision_of
from advisor.types import Report, Run, Study, UseCase
from advisor.ui.server import store

P = ParamSpec("P")
Found = TypeVar("Found")
Of = TypeVar("Of", int, Study, Run)

BY_ID: dict[str | type, Callable[[Any], Any]] = {
    Run: lambda run: run.id,
    UseCase: lambda case: case.id,
    Report: lambda report: (report.recommendation.run, report.recommendation.created_at),
}
"""What belongs to a study is as its revision has it: an id tells it from others."""


def cached(
    change: Change = Change.OTHER,
    *,
    prices: bool = False,
    shared: bool = False,
    most: int = 64,
    spinner: str | bool = False,
) -> Callable[[Callable[Concatenate[Of, P], Found]], Callable[Concatenate[Of, P], Found]]:
    """Remember what a read returns, whose first argument is a study, its id, or a run of it.

    It reads again on another day and after a change of the study, or only after those from ``change`` on; with
    ``prices`` also when other list prices are in use.

    ``shared``: all get one object, which nobody changes; else each gets a copy. ``most``: results that are kept.
    """
    keep: Any = st.cache_resource if shared else st.cache_data

    def decorate(read: Callable[Concatenate[Of, P], Found]) -> Callable[Concatenate[Of, P], Found]:
        def remembered(_of: Of, revision: tuple[object, ...], *args: P.args, **kwargs: P.kwargs) -> Found:
            return read(_of, *args, **kwargs)

        remembered.__module__, remembered.__qualname__ = read.__module__, read.__qualname__  # tell caches apart
        kept = keep(remembered, max_entries=most, show_spinner=spinner, hash_funcs=BY_ID)

        def ask(of: Of, /, *args: P.args, **kwargs: P.kwargs) -> Found:
            study_id, run_id = (of.study_id, of.id) if isinstance(of, Run) else (_id(of), None)
            lists: tuple[str, ...] = ()
            if prices:
                from advisor.money.price_refresh import lists_version  # slow to import

                lists = lists_version()
            revision = (study_id, run_id, revision_of(store(), study_id, change), datetime.now(UTC).date(), lists)
            found: Found = kept(of, revision, *args, **kwargs)
            return found

        return ask

    return decorate


def _id(study: int | Study) -> int:
    return study if isinstance(study, int) else study.id
