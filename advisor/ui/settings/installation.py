"""Settings: keys, database, prices with their refresh, and versions."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from advisor.jobs.installation import Installation, describe_installation
from advisor.money.price_refresh import (
    KIND,
    asked_hosts,
    blocking_changes,
    file_refresh,
    mark_reviewed,
    price_lists,
    trouble,
)
from advisor.text import numbers
from advisor.text.catalog import LISTS
from advisor.text.numbers import listing
from advisor.types import Job, Json
from advisor.ui import navigation, progress, queries
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline, plain
from advisor.ui.decision.watch import take_up_lists
from advisor.ui.server import settings, store, worker

STALE = ":material/event_busy:"


def look() -> Installation:
    """Facts about this installation, with the newest lists taken up."""
    take_up_lists()
    return describe_installation(store(), settings())


def headline(facts: Installation) -> None:
    """Whether anything is missing."""
    missing = [name for name, present in facts.keys.items() if not present]
    if missing:
        st.markdown(
            f"{numbers.count(len(missing), 'key')} missing for registered models: "
            f"{', '.join(f'`{name}`' for name in missing)}."
        )
    elif facts.keys:
        st.markdown("All keys for registered models are set.")
    else:
        st.markdown("No keys needed.")


def show_keys(facts: Installation) -> None:
    """Names of keys and whether they are set, never a value."""
    st.header("Keys")
    st.caption(
        "Set keys in the environment or in .streamlit/secrets.toml and restart the app. They are never stored, "
        "logged, shown or exported."
    )
    if facts.keys:
        table = pd.DataFrame(
            {
                "Variable": list(facts.keys),
                "State": ["set" if present else "missing" for present in facts.keys.values()],
            }
        )
        show_table(table, key="keys", alt="Keys that registered models need")
    else:
        st.page_link(navigation.CANDIDATES, label="Register a model", icon=":material/arrow_forward:")


def show_store(facts: Installation) -> None:
    """Where data is kept, and whether the worker runs."""
    st.header("Database and worker")
    plain(facts.database, key="database")
    studies = queries.studies()
    state = "is running" if worker().is_alive else "is stopped; the next page restarts it"
    st.caption(f"{numbers.count(len(studies), 'study').replace('studys', 'studies')} here. The worker process {state}.")


def show_prices(facts: Installation) -> None:
    """Which lists price calls, and how old they are: also where this machine is offline."""
    st.header("Prices and open models")
    st.markdown(
        f"Prices: {inline(facts.price_source)}. The cost of a call is stored with its price list and never changes."
    )
    for each in price_lists(datetime.now(UTC)):
        words = f"{inline(each.name)}: {inline(each.note)}."
        if each.is_stale:
            st.warning(f"{words} Prices may have changed; refresh them when online.", icon=STALE)
        else:
            st.caption(words)
    st.caption(
        f"Open models, licenses and hosts: built-in catalog of {inline(facts.catalog_checked_on or 'an unknown date')}."
    )
    problem = trouble()
    if problem:
        st.error(inline(problem))


@say_errors()
def refresh() -> None:
    """Asking the sources for newer lists, if a person wants it, and what the last time brought."""
    sources = asked_hosts()
    wanted: dict[str, list[str]] = {}
    for source in sources:
        wanted.setdefault(source.host, []).append(LISTS[source.name])
    told = "; ".join(f"{inline(host)} for {inline(listing(what))}" for host, what in wanted.items())
    jobs = queries.jobs(None, KIND)
    newest = jobs[0] if jobs else None
    is_active = newest is not None and newest.status.is_active
    if st.button("Refresh from the internet", key="refresh", icon=":material/sync:", disabled=is_active):
        _file()
    st.caption(f"Calls {told}. No study data is sent.")
    if newest is not None and newest.status.is_active:
        progress.watch_job(newest.id, "Refreshing")  # pending reviews may change in a moment
        return
    if newest is not None:
        _show_outcome(newest)
    _show_reviews()


@say_errors(st.toast)
def _file() -> None:
    file_refresh(store())
    st.rerun()


def _show_outcome(job: Job) -> None:
    if not isinstance(job.result, dict):
        st.error(f"The refresh of {numbers.ago(job.created_at)} failed. {inline(job.error or '')}")
        return
    sources = job.result["sources"]
    st.markdown(f"**{_outcome_words(job.result)}** Refreshed {numbers.ago(job.created_at)}.")
    table = pd.DataFrame(
        {
            "List": each["name"],
            "State": each["status"],
            "Why": each["why"],
            "Kept since": (each["kept_of"] or "")[:10] or "as installed",
            "Entries": numbers.whole(each["entries"]),
            **{
                title: numbers.whole(None if each["status"] == "failed" else each["counts"][kind])
                for title, kind in (("Prices changed", "prices"), ("New", "new"), ("Gone", "gone"))
            },
        }
        for each in sources
    )
    show_table(table, key="refreshed", alt="What became of every list at the last refresh")
    changed = [each for each in sources if any(each["counts"].values())]
    if changed:
        with st.expander("What changed", key="refresh_changes"):
            for each in changed:
                _show_changes(each)


def _outcome_words(result: dict[str, Json]) -> str:
    if result["status"] == "failed":
        return "Nothing could be refreshed; the old lists stay. Try again when online."
    return "Some lists couldn't be refreshed; their old versions stay." if result["partial"] else "All lists refreshed."


def _show_changes(each: dict[str, Json]) -> None:
    counts, changes = each["counts"], each["changes"]
    st.markdown(f"**{inline(each['name'])}**")
    if changes["prices"]:
        table = pd.DataFrame(
            {
                "Model": change["model"],
                "Price": name.replace("_", " "),
                "Before": numbers.price(change["before"][name]),
                "Now": numbers.price(after),
            }
            for change in changes["prices"]
            for name, after in change["after"].items()
            if after != change["before"][name]
        )
        show_table(table, key=f"changed_{each['name']}", alt="Dollars per million tokens that changed")
    for kind, told in (("new", "New"), ("gone", "Gone")):
        if changes[kind]:
            st.caption(f"{told} ({counts[kind]:,}): {inline(listing(changes[kind], most=30))}")


def _show_reviews() -> None:
    """What a person must look at before it is used."""
    for change in blocking_changes():
        row = st.container(border=True, key=f"licence_{change.model}")
        row.markdown(
            f":orange[:material/gavel:] The license of **{inline(change.model)}** ({inline(change.repo)}) changed from "
            f"{inline(change.before)} to **{inline(change.after)}**, seen on {inline(change.seen_on)}. "
            "It can't be a candidate until someone has read the license."
        )
        row.button(
            "I have read it",
            key=f"read_{change.model}",
            icon=":material/check:",
            on_click=_review,
            args=(change.model,),
        )


@say_errors(st.toast)
def _review(model: str) -> None:
    mark_reviewed([model])


def show_versions(facts: Installation) -> None:
    """What is installed."""
    st.header("Versions")
    table = pd.DataFrame(facts.versions.items(), columns=["Program", "Version"])
    show_table(table, key="versions", alt="Versions of what is installed")
