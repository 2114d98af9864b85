"""Settings: keys, database, prices with their refresh, and versions."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from advisor.jobs.installation import Installation, describe_installation
from advisor.measure.registration import Readiness, probe_model, readiness
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
from advisor.text.catalog import (
    LISTS,
    installation_state,
    keys_headline,
    licence_changed,
    models_checked,
    prices_in_use,
    refresh_outcome,
)
from advisor.text.numbers import listing
from advisor.types import Job, Json, StoredModel
from advisor.ui import navigation, progress, queries
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline, plain
from advisor.ui.decision.watch import take_up_lists
from advisor.ui.server import store, worker

DOTS = {
    Readiness.READY: ("green", "check_circle", "works"),
    Readiness.LACKS: ("orange", "error", "works"),
    Readiness.BLOCKED: ("red", "cancel", "can't be used"),
    Readiness.UNTESTED: ("gray", "help", "set, not tested"),
    Readiness.FAILED: ("red", "cancel", "failed"),
}
"""Color, icon and word of a key by the model that uses it."""


def look() -> Installation:
    """Facts about this installation, with the newest lists taken up."""
    take_up_lists()
    return describe_installation(store())


def show_keys(facts: Installation) -> None:
    """Names of keys, whether they are set and work, never a value; each can be tested."""
    missing = [name for name, present in facts.keys.items() if not present]
    verdicts.headline(keys_headline(len(missing), len(facts.keys)))
    for name, present in facts.keys.items():
        _show_key(name, present, facts.key_models[name])
    if facts.keys:
        st.caption(
            "Set keys in the environment or .streamlit/secrets.toml and restart. Values are never stored or shown."
        )
    else:
        st.markdown("None of your models needs a key. When you add one that does, this page shows which key to set.")
        st.page_link(navigation.CANDIDATES, label="Add a model", icon=":material/arrow_forward:")


def _show_key(name: str, present: bool, model: StoredModel) -> None:
    state, why = readiness(model, needs_tools=False) if present else (Readiness.BLOCKED, "")
    colour, icon, words = DOTS[state] if present else ("red", "cancel", "missing")
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"key_{name}"):
        st.markdown(f":{colour}[:material/{icon}:] `{name}` {words} · {inline(model.name)}", width="content")
        if present and st.button("Test", key=f"test_{name}", icon=":material/network_check:"):
            with say_errors():
                with st.spinner("Testing …"):
                    probe_model(store(), model)
                st.rerun()
        if present and why and state is not Readiness.READY:
            st.caption(inline(why))


def show_about(facts: Installation) -> None:
    """Where data is kept, whether the worker runs, and what is installed; closed."""
    with st.expander("About", icon=":material/info:", key="about"):
        plain(facts.database, key="database")
        st.caption(installation_state(len(queries.studies()), is_worker_alive=worker().is_alive))
        table = pd.DataFrame(facts.versions.items(), columns=["Program", "Version"])
        show_table(table, key="versions", alt="Versions of what is installed")


def show_prices(facts: Installation) -> None:
    """How old the price lists are: also where this machine is offline."""
    st.header("Prices and open models")
    for each in price_lists(datetime.now(UTC)):
        colour, icon = ("orange", "event_busy") if each.is_stale else ("green", "check_circle")
        st.markdown(f":{colour}[:material/{icon}:] {inline(each.name)}: {inline(each.note)}")
    st.markdown(f":gray[:material/library_books:] {inline(models_checked(facts.catalog_checked_on))}")
    st.caption(inline(prices_in_use(facts.price_source)))
    if problem := trouble():
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
    outcome = refresh_outcome(has_failed=job.result["status"] == "failed", is_partial=job.result["partial"])
    st.markdown(f"**{outcome}** Refreshed {numbers.ago(job.created_at)}.")
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
        words = licence_changed(f"{change.model} ({change.repo})", change.before, change.after, change.seen_on)
        row.markdown(f":orange[:material/gavel:] {inline(words)}")
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
