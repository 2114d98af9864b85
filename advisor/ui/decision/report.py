"""Report: the PDF to forward, and the exports."""

import base64
import re
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from advisor.errors import AdvisorError
from advisor.store.studies import get_study
from advisor.text import numbers
from advisor.text.headline import headline, privacy_words
from advisor.types import Report, Study
from advisor.ui import state
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.server import store
from advisor.ui.summary import card

PAGE_PX = 800
"""The width of the preview: a page at reading size."""


def show(study: Study, report: Report) -> None:
    """The decision, the download, what to check before forwarding it, and the first page."""
    recommendation = report.recommendation
    name = file_stem(study.name)
    verdicts.headline(headline(recommendation))
    if issues := card.count_flags(study):
        with st.container(border=True, gap="small", key="issues"):
            st.markdown(f"**{numbers.count(issues, 'issue')} your VP will ask about**")
            card.show_flags(study, decided=True)
    with st.container(horizontal=True):
        st.download_button(
            "Download PDF",
            data=partial(pdf, study.id, recommendation.created_at),
            file_name=f"{name}-report.pdf",
            mime="application/pdf",
            on_click="ignore",
            type="primary",
            icon=":material/picture_as_pdf:",
            key="download_pdf",
        )
        with st.popover("Copy link", icon=":material/link:"):
            st.code(f"{st.context.url}?{state.STUDY}={state.address_of(study)}", language=None)
    if report.examples and not recommendation.is_sample_study:
        st.warning(inline(privacy_words(report)), icon=":material/visibility:")
    _show_first_page(study, report)
    with st.expander("Other files", icon=":material/folder:", key="other_files"):
        _offer_files(study, name)


def _offer_files(study: Study, name: str) -> None:
    """The exports, each made when it is asked for."""
    with st.container(horizontal=True):
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
def _show_first_page(study: Study, report: Report) -> None:
    page, pages = first_page(study.id, report.recommendation.created_at)
    with st.container(border=True, width=PAGE_PX, key="report_preview"):
        encoded = base64.b64encode(page).decode()  # st.image has no text alternative
        st.html(f'<img src="data:image/png;base64,{encoded}" alt="Page 1 of the report" style="width:100%">')
        st.caption(f"Page 1 of {pages}")


def file_stem(name: str) -> str:
    """A study's name as a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "study"


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def pdf(study_id: int, decided_at: datetime) -> bytes:
    """The report as a PDF, made once per decision. Raises AdvisorError."""
    from advisor.plan.exports import make_pdf

    return make_pdf(store(), get_study(store(), study_id))


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def first_page(study_id: int, decided_at: datetime) -> tuple[bytes, int]:
    """The first page as an image, and how many pages there are. Raises AdvisorError."""
    from advisor.plan.exports import preview

    return preview(store(), get_study(store(), study_id))


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
