"""What the page Report hands out: the PDF and the exports."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from advisor.store.studies import get_study
from advisor.ui.server import store


def pdf(study_id: int, decided_at: datetime) -> bytes:
    """The report as a PDF, made once per decision. Raises AdvisorError."""
    return _pdf(study_id, decided_at)


def export(study_id: int, what: str) -> bytes:
    """The content of a file to download: ``results`` or ``study``. Raises AdvisorError."""
    from advisor.plan.exports import export as write

    with TemporaryDirectory() as folder:
        path = Path(folder) / what
        write(store(), get_study(store(), study_id), what, path)
        return path.read_bytes()


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def _pdf(study_id: int, decided_at: datetime) -> bytes:
    from advisor.plan.exports import make_pdf

    return make_pdf(store(), get_study(store(), study_id))
