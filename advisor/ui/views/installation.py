"""Settings: which keys are there, where data is kept, the prices and the versions."""

import pandas as pd
import streamlit as st

from advisor.study.about import Installation, describe_installation
from advisor.ui import format, queries, stage
from advisor.ui.components.text import plain
from advisor.ui.server import settings, store, worker


def look() -> Installation:
    """Facts about this installation."""
    return describe_installation(store(), settings())


def headline(facts: Installation) -> None:
    """Whether anything is missing."""
    missing = [name for name, present in facts.keys.items() if not present]
    if missing:
        st.markdown(
            f"{format.counted(len(missing), 'key')} that a model names "
            f"{'is' if len(missing) == 1 else 'are'} not set: {', '.join(f'`{name}`' for name in missing)}."
        )
    elif facts.keys:
        st.markdown("Every key that a registered model names is set.")
    else:
        st.markdown("No registered model names a key.")


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
        st.dataframe(table, hide_index=True, key="keys", alt="Keys that registered models name")
    else:
        st.page_link(stage.CANDIDATES, label="Register a model", icon=":material/arrow_forward:")


def show_store(facts: Installation) -> None:
    """Where data is kept, and whether the worker runs."""
    st.subheader("Database and worker")
    plain(facts.database, key="database")
    studies = queries.studies()
    state = "runs" if worker().is_alive else "does not run; it is started again with the next page"
    st.caption(
        f"{format.counted(len(studies), 'study').replace('studys', 'studies')} here. The worker process {state}."
    )


def show_versions(facts: Installation) -> None:
    """Prices with their date, and what is installed."""
    st.subheader("Prices and versions")
    st.markdown(f"Prices: {facts.price_source}.")
    table = pd.DataFrame(facts.versions.items(), columns=["Program", "Version"])
    st.dataframe(table, hide_index=True, key="versions", alt="Versions of what is installed")
