"""Report: the PDF to forward, what its readers will ask about, and the other files."""

import base64
import re
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import streamlit as st

from advisor.plan.narrative import can_write, expected_usd, write_narrative
from advisor.store.studies import get_study, mark_shared
from advisor.text import numbers
from advisor.text.business_case import narrative
from advisor.text.business_case.ask import ask_words
from advisor.text.business_case.paper import privacy_words
from advisor.text.business_case.questions import answers
from advisor.text.headline import card_title
from advisor.types import LOOPBACK, Report, Study
from advisor.types.dossier import Audience, Dossier, Export, Paper, Texts
from advisor.ui import address, navigation, queries, state
from advisor.ui.cache import cached
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_table
from advisor.ui.components.text import inline
from advisor.ui.evidence.cost.queries import bridge
from advisor.ui.server import store
from advisor.ui.stage import standing
from advisor.ui.summary import card

PAGE_PX = 800
"""The width of the preview: a page at reading size."""
AUDIENCES = {Audience.BOARD: "Board", Audience.VP: "VP", Audience.FULL: "Full"}
TEXTS = {Texts.FULL: "As stored", Texts.REDACTED: "Redacted", Texts.NONE: "Share-safe: left out"}
PAPERS = {Paper.A4: "A4", Paper.LETTER: "US Letter"}
REPORT_FILES = (
    ("Excel workbook", Export.WORKBOOK, "report.xlsx", "table_view"),
    ("Web page (HTML)", Export.PAGE, "report.html", "html"),
    ("Page 1 (Markdown)", Export.SUMMARY, "summary.md", "notes"),
    ("Figures (JSON)", Export.FIGURES, "figures.json", "data_object"),
    ("Plan (Markdown)", Export.PLAN, "plan.md", "checklist"),
    ("Tasks for Jira or Linear (CSV)", Export.TASKS, "tasks.csv", "task"),
    ("Calendar (ICS)", Export.CALENDAR, "plan.ics", "event"),
)
DATA_FILES = (
    ("All answers (CSV)", Export.RESULTS, "results.csv", "table"),
    ("Logged costs (FOCUS CSV)", Export.COSTS, "costs.csv", "payments"),
    ("Study file (TOML)", Export.STUDY, "study.toml", "description"),
)
"""Label, what, end of the file's name, icon."""


def show(study: Study, report: Report) -> None:
    """The decision, what readers will ask about, the download, and the first page."""
    name = file_stem(study.name)
    verdicts.headline(card_title(report.recommendation, queries.case(study.id, report), standing(study).tested_first))
    if issues := len(card.flags(study.id)):
        with st.container(border=True, gap="small", key="issues"):
            st.markdown(f"**{numbers.count(issues, 'issue')} your readers will ask about**")
            card.show_flags(study, decided=True, offered=standing(study).steps[:1])
    else:
        st.markdown("Ready to share: no open issue")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        audience = st.segmented_control(
            "For", [*AUDIENCES], format_func=AUDIENCES.__getitem__, default=Audience.VP, key="audience", required=True
        )
        paper = st.selectbox("Paper", [*PAPERS], format_func=PAPERS.__getitem__, key="paper", width=140)
        texts = st.selectbox("Prompts and answers", [*TEXTS], format_func=TEXTS.__getitem__, key="texts", width=200)
        st.download_button(
            "Download PDF",
            data=partial(shared, study.id, partial(pdf, study.id, report, str(audience), paper, texts)),
            file_name=f"{name}-report-{audience}.pdf",
            mime="application/pdf",
            type="primary",
            icon=":material/picture_as_pdf:",
            key="download_pdf",
            on_click="ignore",
        )
        _offer_text(study, report)
    if report.examples and not report.recommendation.is_sample_study and texts != Texts.NONE:
        st.warning(inline(privacy_words(report, texts == Texts.REDACTED)), icon=":material/visibility:")
    _show_summary(study, report)
    page, questions, files = address.tabs(["Page 1", "Questions", "Other files"])
    with page:
        _show_first_page(study, report)
    with questions:
        _show_questions(study, report)
    with files:
        _offer_files(study.id, name, REPORT_FILES, partial(file, study.id, report, texts))
        _offer_files(study.id, name, DATA_FILES, partial(file, study.id, report, texts))


@say_errors()
def _offer_text(study: Study, report: Report) -> None:
    from advisor.plan.exports import OF_REPORT

    text = OF_REPORT[Export.SUMMARY](dossier(study.id, report)).decode()
    with st.popover("Copy as text", icon=":material/content_copy:"):
        st.code(text, language=None, wrap_lines=True, height=320)
    with st.popover("Copy link", icon=":material/link:"):
        st.code(f"{st.context.url}?{state.STUDY}={state.address_of(study)}", language=None)
        if urlsplit(st.context.url or "").hostname in LOOPBACK:
            st.caption("Opens on this machine only: the app runs here.")


def _offer_files(
    study_id: int, name: str, files: tuple[tuple[str, Export, str, str], ...], make: Callable[[Export], bytes]
) -> None:
    """The exports, each made when it is asked for."""
    with st.container(horizontal=True):
        for label, what, ending, icon in files:
            st.download_button(
                label,
                data=partial(shared, study_id, partial(make, what)),
                file_name=f"{name}-{ending}",
                icon=f":material/{icon}:",
                key=f"download_{what}",
                on_click="ignore",
            )


@say_errors()
def _show_first_page(study: Study, report: Report) -> None:
    with st.container(border=True, width=PAGE_PX, key="report_preview"):
        encoded = base64.b64encode(first_page(study.id, report)).decode()  # st.image has no text alternative
        told = escape(f"Page 1 of the report. {ask_words(dossier(study.id, report))}")
        st.html(f'<img src="data:image/png;base64,{encoded}" alt="{told}" style="width:100%">')


@say_errors()
def _show_summary(study: Study, report: Report) -> None:
    """What a model wrote, and a way to ask one."""
    known = dossier(study.id, report)
    if written := known.narrative:
        with st.container(border=True, gap="small", width=PAGE_PX, key="executive_summary"):
            for line in filter(None, map(str.strip, written.text.split("\n"))):
                st.markdown(inline(line))
            st.caption(inline(narrative.byline(written.model)))
    able = [model for model in queries.models(study.id) if can_write(model, report.recommendation)]
    models = {model.name: model for model in sorted(able, key=lambda model: model.is_builtin)}
    with st.popover("Executive summary by a model", icon=":material/edit_note:"):
        if not models:
            st.markdown(narrative.NO_WRITER)
            st.page_link(navigation.CANDIDATES, label="Add a model", icon=":material/add:")
            return
        chosen = models[st.selectbox("Model", [*models], key="summary_model")]
        st.caption(inline(narrative.offer(chosen.name, expected_usd(known, chosen))))
        if st.button("Write summary", key="write_summary"):
            with say_errors():
                with st.spinner("Writing ..."):
                    write_narrative(store(), study, known, chosen)
                st.rerun()


@say_errors()
def _show_questions(study: Study, report: Report) -> None:
    for number, answer in enumerate(answers(dossier(study.id, report)), 1):
        with st.expander(answer.question, key=f"question_{number}"):
            for line in answer.lines:
                st.markdown(inline(line))
            if answer.rows:
                rows = [dict(zip(answer.header, row, strict=True)) for row in answer.rows]
                show_table(rows, key=f"answer_{number}", alt=answer.question)


def file_stem(name: str) -> str:
    """A study's name as a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "study"


def shared(study_id: int, make: Callable[[], bytes]) -> bytes:
    """A file to download, kept as shared once it is made.

    Not in a callback: Streamlit loses the finished file where a click runs the page again, and its button hangs.
    """
    made = make()
    mark_shared(store(), study_id)
    return made


@cached(prices=True, most=8, spinner="Setting the report ...")
def dossier(study_id: int, report: Report) -> Dossier:
    """All that is in the report. Raises AdvisorError."""
    from advisor.plan.dossier import dossier_of

    return dossier_of(store(), queries.study(study_id), report, bridge(study_id, report))


@cached(prices=True, most=8, spinner="Setting the report ...")
def pdf(study_id: int, report: Report, audience: str, paper: str, texts: str) -> bytes:
    """The report as a PDF. Raises AdvisorError."""
    from advisor.plan.dossier import with_texts
    from advisor.report.pdf import render_pdf

    return render_pdf(with_texts(dossier(study_id, report), Texts(texts)), Audience(audience), Paper(paper))


@cached(prices=True, most=8, spinner="Setting the report ...")
def first_page(study_id: int, report: Report) -> bytes:
    """The first page as an image. Raises AdvisorError."""
    from advisor.report.pdf import first_page as draw

    return draw(dossier(study_id, report))


@cached(prices=True, most=2, spinner="Making the file ...")
def file(study_id: int, report: Report, texts: str, what: Export) -> bytes:
    """The content of a file to download. Raises AdvisorError."""
    from advisor.plan.dossier import with_texts
    from advisor.plan.exports import OF_REPORT, export

    if what in OF_REPORT:
        return OF_REPORT[what](with_texts(dossier(study_id, report), Texts(texts)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / what
        export(store(), get_study(store(), study_id), what, path, Texts(texts))
        return path.read_bytes()
