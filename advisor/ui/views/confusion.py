"""Which label a candidate gave for which right one."""

import pandas as pd
import streamlit as st

from advisor.study.confusion import Confusion
from advisor.text import numbers
from advisor.text.names import candidate_name
from advisor.types import Assessment, Kind, Report, Study, UseCaseDecision
from advisor.ui import queries_labels
from advisor.ui.components.text import inline

OTHER, NONE = "another label", "no known label"


def show_confusion(study: Study, report: Report, decision: UseCaseDecision, candidate: Assessment) -> None:
    """The confusion matrix of a classification, counted when it is asked for."""
    if decision.kind is not Kind.CLASSIFICATION:
        return
    box = st.expander(
        "Which labels are mixed up", icon=":material/grid_on:", key="confusion", on_change="rerun", expanded=False
    )
    if not box.open:
        return
    with box:
        found = queries_labels.confusion(study.id, report.recommendation.run, decision.name, candidate.model)
        if found is None:
            st.markdown("The log holds no right labels to set the answers against.")
            return
        st.markdown(f"{_how_many(found, candidate)} Rows are the right labels, columns those that were given.")
        st.caption(rates_words(found))
        st.dataframe(
            confusion_table(found),
            hide_index=True,
            placeholder="",
            column_config={"Right label": st.column_config.Column(pinned=True)},
            key="confusion_table",
            alt="How often each label was given for each right label",
        )


def _how_many(found: Confusion, candidate: Assessment) -> str:
    if not found.scored:
        return "None of these answers is scored against its right label yet: score them again on the page Use cases."
    counted = f"{found.right:,} of {numbers.count(found.scored, 'answer')}"
    more = f" {found.otherwise:,} more name it in a form that does not count as right." if found.otherwise else ""
    return f"{inline(candidate_name(candidate))} gave the right label in {counted}.{more}"


def rates_words(found: Confusion) -> str:
    """How good the labels are when a rare one counts as much as a frequent one."""
    precision, recall = (numbers.percent(share) for share in (found.rates.precision, found.rates.recall))
    return (
        f"With every label counted alike, however rare: a given label is right in {precision} (precision), a right one "
        f"is found in {recall} (recall); F1 {found.rates.f1:.2f}."
    )


def confusion_table(found: Confusion) -> pd.DataFrame:
    """One row per right label; cells without an answer are empty."""
    known = set(found.labels)
    columns = [*found.labels, OTHER, NONE]
    rows = []
    for right in found.labels:
        row: dict[str, str | int | None] = {"Right label": right} | dict.fromkeys(columns)
        for (wanted, given), n in found.counts.items():
            if wanted == right:
                name = NONE if given is None else given if given in known else OTHER
                row[name] = int(row[name] or 0) + n
        rows.append(row)
    table = pd.DataFrame(rows, columns=["Right label", *columns])
    used = [name for name in columns if name in known or table[name].notna().any()]
    return table[["Right label", *used]].astype(dict.fromkeys(used, "Int64"))
