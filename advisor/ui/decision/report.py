"""Report: the PDF to forward, and the exports."""

import re
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from advisor.errors import AdvisorError
from advisor.store.studies import get_study
from advisor.text.headline import headline, privacy_words, report_contents
from advisor.types import Report, Study
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_list
from advisor.ui.components.text import inline
from advisor.ui.server import store


def show_contents(report: Report) -> None:
    """What is in the report, and what to check before forwarding it."""
    recommendation = report.recommendation
    verdicts.headline(headline(recommendation))
    show_list(report_contents(report))
    if report.examples and not recommendation.is_sample_study:
        st.warning(inline(privacy_words(report)), icon=":material/visibility:")


def offer_files(study: Study, report: Report) -> None:
    """The PDF and the exports, each made when it is asked for."""
    name = file_stem(study.name)
    with st.container(horizontal=True):
        st.download_button(
            "Download PDF",
            data=partial(pdf, study.id, report.recommendation.created_at),
            file_name=f"{name}-report.pdf",
            mime="application/pdf",
            on_click="ignore",
            type="primary",
            icon=":material/picture_as_pdf:",
            key="download_pdf",
        )
        for label, what, file_name, mime, icon in (
            ("All answers (CSV)", "results", f"{name}-results.csv", "text/csv", "table"),
            ("Study file (TOML)", "study", f"{name}.toml", "application/toml", "description"),
        ):
            st.download_button(
                label,
                data=partial(export, study.id, what),
                file_name=file_name,
                mime=mime,
                on_click="ignore",
                icon=f":material/{icon}:",
                key=f"download_{what}",
            )
    st.caption("The study file repeats the study with `python -m advisor run`, without the log and human reviews.")


@say_errors()
def show_preview(study: Study, report: Report) -> None:
    """The PDF itself."""
    made = pdf(study.id, report.recommendation.created_at)
    st.pdf(made, height=900, key="report_preview", alt=f"Migration report: {headline(report.recommendation)}")


def file_stem(name: str) -> str:
    """A study's name as a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "study"


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def pdf(study_id: int, decided_at: datetime) -> bytes:
    """The report as a PDF, made once per decision. Raises AdvisorError."""
    from advisor.plan.exports import make_pdf

    return make_pdf(store(), get_study(store(), study_id))


def export(study_id: int, what: str) -> bytes:
    """The content of a file to download: ``results`` or ``study``; what went wrong where it can't be made.

    Streamlit says of a failed download only that it failed.
    """
    from advisor.plan.exports import export as write

    with TemporaryDirectory() as folder:
        path = Path(folder) / what
        try:
            write(store(), get_study(store(), study_id), what, path)
        except AdvisorError as error:
            return f"{error}\n".encode()
        return path.read_bytes()
