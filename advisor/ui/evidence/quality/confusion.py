"""Which label a candidate gave for which reference label."""

import pandas as pd
import streamlit as st

from advisor.decide.confusion import Confusion
from advisor.text import numbers
from advisor.types import Assessment, Kind, Report, Study, UseCaseDecision
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.quality import queries as queries_labels

OTHER, NONE = "another label", "no known label"


def show_confusion(study: Study, report: Report, decision: UseCaseDecision, candidate: Assessment) -> None:
    """The confusion matrix of a classification, counted when it is asked for."""
    if decision.kind is not Kind.CLASSIFICATION:
        return
    box = st.expander("Confusion matrix", icon=":material/grid_on:", key="confusion", on_change="rerun", expanded=False)
    if not box.open:
        return
    with box:
        found = queries_labels.confusion(study.id, report.recommendation.run.id, decision.name, candidate.model)
        if found is None:
            st.markdown("The log has no reference labels to compare with.")
            return
        st.markdown(f"{_how_many(found, candidate)} Rows: reference labels. Columns: given labels.")
        st.caption(rates_words(found))
        show_table(
            confusion_table(found),
            key="confusion_table",
            alt="How often each label was given for each reference label",
            pinned="Reference label",
            placeholder="",
        )


def _how_many(found: Confusion, candidate: Assessment) -> str:
    if not found.scored:
        return "These answers aren't scored yet. Score them again on the page Use cases."
    counted = f"{found.right:,} of {numbers.count(found.scored, 'answer')}"
    more = f" {found.otherwise:,} more name it in another form, which counts as wrong." if found.otherwise else ""
    return f"{inline(candidate.model)} gave the right label in {counted}.{more}"


def rates_words(found: Confusion) -> str:
    """How good the labels are when a rare one counts as much as a frequent one."""
    precision, recall = (numbers.percent(share) for share in (found.rates.precision, found.rates.recall))
    return f"Macro average: precision {precision}, recall {recall}, F1 {found.rates.f1:.2f}."


def confusion_table(found: Confusion) -> pd.DataFrame:
    """One row per right label; cells without an answer are empty."""
    known = set(found.labels)
    columns = [*found.labels, OTHER, NONE]
    rows = []
    for right in found.labels:
        row: dict[str, str | int | None] = {"Reference label": right} | dict.fromkeys(columns)
        for (wanted, given), n in found.counts.items():
            if wanted == right:
                name = NONE if given is None else given if given in known else OTHER
                row[name] = int(row[name] or 0) + n
        rows.append(row)
    table = pd.DataFrame(rows, columns=["Reference label", *columns])
    used = [name for name in columns if name in known or table[name].notna().any()]
    return table[["Reference label", *used]].astype(dict.fromkeys(used, "Int64"))
