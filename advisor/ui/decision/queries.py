"""What the page Report hands out: the PDF and the exports."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from advisor.errors import AdvisorError
from advisor.store.studies import get_study
from advisor.ui.server import store


def pdf(study_id: int, decided_at: datetime) -> bytes:
    """The report as a PDF, made once per decision. Raises AdvisorError."""
    return _pdf(study_id, decided_at)


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


@st.cache_data(max_entries=8, show_spinner="Setting the report ...")
def _pdf(study_id: int, decided_at: datetime) -> bytes:
    from advisor.plan.exports import make_pdf

    return make_pdf(store(), get_study(store(), study_id))
