"""Settings: which keys are there, where data is kept, the prices with their refresh, and the versions."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from advisor.errors import AdvisorError
from advisor.study.about import Installation, describe_installation
from advisor.study.refresh import (
    KIND,
    asked_hosts,
    blocking_changes,
    file_refresh,
    mark_reviewed,
    price_lists,
    trouble,
)
from advisor.text import numbers
from advisor.text.numbers import listing
from advisor.types import Job, Json
from advisor.ui import queries, stage
from advisor.ui.components import progress
from advisor.ui.components.text import inline, plain
from advisor.ui.queries_watch import take_up_lists
from advisor.ui.server import ensure_worker, settings, store, worker

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
            f"{numbers.count(len(missing), 'key')} that a registered model needs "
            f"{'is' if len(missing) == 1 else 'are'} not set: {', '.join(f'`{name}`' for name in missing)}."
        )
    elif facts.keys:
        st.markdown("Every key that a registered model needs is set.")
    else:
        st.markdown("No registered model needs a key.")


def show_keys(facts: Installation) -> None:
    """Names of keys and whether they are set, never a value."""
    st.subheader("Keys")
    st.caption(
        "Keys come from the environment or from .streamlit/secrets.toml. They are never stored, logged, shown or "
        "exported; set one and start the app again."
    )
    if facts.keys:
        table = pd.DataFrame(
            {
                "Variable": list(facts.keys),
                "State": ["set" if present else "missing" for present in facts.keys.values()],
            }
        )
        st.dataframe(table, hide_index=True, key="keys", alt="Keys that registered models need")
    else:
        st.page_link(stage.CANDIDATES, label="Register a model", icon=":material/arrow_forward:")


def show_store(facts: Installation) -> None:
    """Where data is kept, and whether the worker runs."""
    st.subheader("Database and worker")
    plain(facts.database, key="database")
    studies = queries.studies()
    state = "runs" if worker().is_alive else "does not run; it is started again with the next page"
    st.caption(f"{numbers.count(len(studies), 'study').replace('studys', 'studies')} here. The worker process {state}.")


def show_prices(facts: Installation) -> None:
    """Which lists price calls, and how old they are: also where this machine is offline."""
    st.subheader("Prices and open models")
    st.markdown(f"Prices: {inline(facts.price_source)}. What a call cost is stored with its list and never rewritten.")
    for each in price_lists(datetime.now(UTC)):
        words = f"{inline(each.name)}: {inline(each.note)}."
        if each.is_stale:
            st.warning(f"{words} Prices may have changed; refresh them where the internet is there.", icon=STALE)
        else:
            st.caption(words)
    st.caption(
        f"Open models, licences and hosts: facts of {inline(facts.catalog_checked_on or 'a day that is not known')}, "
        "which come with the program."
    )
    problem = trouble()
    if problem:
        st.error(inline(problem))


def refresh() -> None:
    """Asking the sources for newer lists, if a person wants it, and what the last time brought."""
    try:
        sources = asked_hosts()
    except AdvisorError as error:
        st.error(inline(str(error)))
        return
    wanted: dict[str, list[str]] = {}
    for source in sources:
        wanted.setdefault(source.host, []).append(source.what)
    told = "; ".join(f"{inline(host)} for {inline(listing(what))}" for host, what in wanted.items())
    jobs = queries.jobs(None, KIND)
    newest = jobs[0] if jobs else None
    is_active = newest is not None and newest.status.is_active
    if st.button("Refresh from the internet", key="refresh", icon=":material/sync:", disabled=is_active):
        _file()
    st.caption(
        f"Only when you press it. Asked are {told}. They see the address of this machine and which models the "
        "catalog holds; nothing of a study is sent. Whatever fails, the last good list stays."
    )
    if newest is not None and newest.status.is_active:
        _watch(newest.id)  # what waits for a person may be another in a moment
        return
    if newest is not None:
        _show_outcome(newest)
    _show_reviews()


def _file() -> None:
    try:
        file_refresh(store())
    except AdvisorError as error:
        st.toast(str(error), icon=":material/error:")
        return
    st.rerun()


def _watch(job_id: int) -> None:
    def line() -> bool:
        ensure_worker()
        job = queries.job(job_id)
        if job is None or not job.status.is_active:
            return False
        progress.job_line(job, "Refreshing", waits_long=queries.is_waiting_long(job))
        return True

    progress.poll(line, every="1s")


def _show_outcome(job: Job) -> None:
    if not isinstance(job.result, dict):
        st.error(f"The refresh of {numbers.ago(job.created_at)} failed. {inline(job.error or '')}")
        return
    sources = job.result["sources"]
    st.markdown(f"**{_outcome_words(job.result)}** Asked {numbers.ago(job.created_at)}.")
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
    st.dataframe(table, hide_index=True, key="refreshed", alt="What became of every list at the last refresh")
    changed = [each for each in sources if any(each["counts"].values())]
    if changed:
        with st.expander("What changed", key="refresh_changes"):
            for each in changed:
                _show_changes(each)


def _outcome_words(result: dict[str, Json]) -> str:
    if result["status"] == "failed":
        return "Nothing could be refreshed; all that was there is kept. Try again when this machine is online."
    return "Some lists could not be refreshed; what was there of them is kept." if result["partial"] else "All is new."


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
        st.dataframe(
            table, hide_index=True, key=f"changed_{each['name']}", alt="Dollars per million tokens that changed"
        )
    for kind, told in (("new", "New"), ("gone", "Gone")):
        if changes[kind]:
            st.caption(f"{told} ({counts[kind]:,}): {inline(listing(changes[kind], most=30))}")


def _show_reviews() -> None:
    """What a person must look at before it is used."""
    for change in blocking_changes():
        row = st.container(border=True, key=f"licence_{change.model}")
        row.markdown(
            f":orange[:material/gavel:] The licence of **{inline(change.model)}** ({inline(change.repo)}) changed from "
            f"{inline(change.before)} to **{inline(change.after)}**, seen on {inline(change.seen_on)}. It is no "
            "candidate until somebody has read the licence."
        )
        row.button(
            "I have read it",
            key=f"read_{change.model}",
            icon=":material/check:",
            on_click=_review,
            args=(change.model,),
        )


def _review(model: str) -> None:
    try:
        mark_reviewed([model])
    except AdvisorError as error:
        st.toast(str(error), icon=":material/error:")


def show_versions(facts: Installation) -> None:
    """What is installed."""
    st.subheader("Versions")
    table = pd.DataFrame(facts.versions.items(), columns=["Program", "Version"])
    st.dataframe(table, hide_index=True, key="versions", alt="Versions of what is installed")
