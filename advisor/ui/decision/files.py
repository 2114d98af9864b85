"""Files: what an engineer runs after the decision, kind by kind."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from advisor.text.headline import headline
from advisor.text.ready import gateway
from advisor.types import Report, Study
from advisor.types.dossier import Export
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.text import inline
from advisor.ui.decision.report import file_stem


def show(study: Study, report: Report) -> None:
    """Each kind: what it is, what it holds for this decision, the download and its files."""
    verdicts.headline(headline(report.recommendation))
    _show_gateway(study, report)


@say_errors()
def _show_gateway(study: Study, report: Report) -> None:
    from advisor.plan.configuration.routes import make_deployment

    deployment = make_deployment(report)
    with st.container(border=True, key="files_litellm"):
        st.markdown(f"**{gateway.TITLE}**  \n{inline(gateway.WHAT)} {inline(gateway.holds(deployment))}")
        for line in map(gateway.gap_words, deployment.gaps):
            st.markdown(f":material/info: {inline(line)}")
        _offer(study, report, Export.LITELLM, "5.yaml")


def _offer(study: Study, report: Report, what: Export, main: str) -> None:
    """The archive to download, and its files to read."""
    files = archive(study.id, report, what)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [main, *sorted(name for name in files if name != main)]
        chosen = st.selectbox("Preview", names, key=f"preview_{what}", width=260)
        st.download_button(
            "Download archive",
            data=partial(_zip, study.id, report, what),
            file_name=f"{file_stem(study.name)}-{what}.zip",
            mime="application/zip",
            on_click="ignore",
            type="primary",
            icon=":material/folder_zip:",
            key=f"download_{what}",
        )
    st.code(files[chosen], language=None, height=420)  # the colors of a language lack contrast


@cached(prices=True, most=8)
def archive(study_id: int, report: Report, what: Export) -> Mapping[str, str]:
    """The files of one of READY by name. Raises AdvisorError."""
    from advisor.plan.exports import READY

    return READY[what](report)


def _zip(study_id: int, report: Report, what: Export) -> bytes:
    from advisor.plan.configuration.archive import zipped

    return zipped(archive(study_id, report, what))
