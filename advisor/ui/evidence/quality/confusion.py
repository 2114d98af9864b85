"""Which label a candidate gave for which reference label."""

import pandas as pd
import streamlit as st

from advisor.decide.confusion import Confusion, confusion_of
from advisor.store.engine import Change
from advisor.store.run.runs import get_run
from advisor.text.results import label_rates, logged_labels, right_labels
from advisor.types import Assessment, Kind, Report, Study, UseCaseDecision
from advisor.ui.cache import cached
from advisor.ui.components.table import opened, show_table
from advisor.ui.components.text import inline
from advisor.ui.server import store

OTHER, NONE = "another label", "no known label"


def show_confusion(study: Study, report: Report, decision: UseCaseDecision, candidate: Assessment) -> None:
    """The confusion matrix of a classification, counted when it is asked for."""
    if decision.kind is not Kind.CLASSIFICATION:
        return
    box = opened("Confusion matrix", icon="grid_on", key="confusion")
    if box is None:
        return
    with box:
        found = _confusion(study.id, report.recommendation.run.id, decision.name, candidate.model)
        if found is None:
            st.markdown("The log has no labels to compare with.")
            return
        if found.is_logged:
            told = logged_labels(inline(candidate.model), found.right, found.scored)
        else:
            told = right_labels(inline(candidate.model), found.right, found.scored, found.otherwise)
        st.markdown(f"{told} Rows: {_right(found).lower()}s. Columns: given labels.")
        st.caption(label_rates(found.rates.precision, found.rates.recall, found.rates.f1))
        show_table(
            confusion_table(found).astype(object).fillna(""),
            key="confusion_table",
            alt=f"How often each label was given for each {_right(found).lower()}",
        )


def _right(found: Confusion) -> str:
    return "Logged label" if found.is_logged else "Reference label"


def confusion_table(found: Confusion) -> pd.DataFrame:
    """One row per right label; cells without an answer are empty."""
    known = set(found.labels)
    columns = [*found.labels, OTHER, NONE]
    rows = []
    for right in found.labels:
        row: dict[str, str | int | None] = {_right(found): right} | dict.fromkeys(columns)
        for (wanted, given), n in found.counts.items():
            if wanted == right:
                name = NONE if given is None else given if given in known else OTHER
                row[name] = int(row[name] or 0) + n
        rows.append(row)
    table = pd.DataFrame(rows, columns=[_right(found), *columns])
    used = [name for name in columns if name in known or table[name].notna().any()]
    return table[[_right(found), *used]].astype(dict.fromkeys(used, "Int64"))


@cached(Change.ANSWERS, most=32, spinner="Counting labels ...")
def _confusion(study_id: int, run_id: int, use_case: str, model: str) -> Confusion | None:
    """Which label a candidate gave for which right one; None where there are no right labels."""
    return confusion_of(store(), get_run(store(), run_id), use_case, model)
