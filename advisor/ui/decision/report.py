"""Report: the PDF to forward, and the exports."""

import re
from functools import partial

import streamlit as st

from advisor.text import numbers
from advisor.text.headline import headline
from advisor.types import Report, Study
from advisor.ui.components import verdicts
from advisor.ui.components.errors import say_errors
from advisor.ui.components.table import show_list
from advisor.ui.components.text import inline
from advisor.ui.decision import queries


def show_contents(report: Report) -> None:
    """What is in the report, and what to check before forwarding it."""
    recommendation = report.recommendation
    verdicts.headline(headline(recommendation))
    show_list(contents(report))
    if report.examples and not recommendation.is_sample_study:
        st.warning(inline(privacy_words(report)), icon=":material/visibility:")


def offer_files(study: Study, report: Report) -> None:
    """The PDF and the exports, each made when it is asked for."""
    name = file_stem(study.name)
    with st.container(horizontal=True):
        st.download_button(
            "Download PDF",
            data=partial(queries.pdf, study.id, report.recommendation.created_at),
            file_name=f"{name}-report.pdf",
            mime="application/pdf",
            on_click="ignore",
            type="primary",
            icon=":material/picture_as_pdf:",
            key="download_pdf",
        )
        st.download_button(
            "All answers (CSV)",
            data=partial(queries.export, study.id, "results"),
            file_name=f"{name}-results.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/table:",
            key="download_results",
        )
        st.download_button(
            "Study file (TOML)",
            data=partial(queries.export, study.id, "study"),
            file_name=f"{name}.toml",
            mime="application/toml",
            on_click="ignore",
            icon=":material/description:",
            key="download_study",
        )
    st.caption("The study file repeats the study with `python -m advisor run`, without the log and human reviews.")


@say_errors()
def show_preview(study: Study, report: Report) -> None:
    """The PDF itself."""
    pdf = queries.pdf(study.id, report.recommendation.created_at)
    st.pdf(pdf, height=900, key="report_preview", alt=f"Migration report: {headline(report.recommendation)}")


def contents(report: Report) -> list[str]:
    """The report's parts, one line each."""
    recommendation = report.recommendation
    moving = sum(bool(move.phases) for move in report.plan.moves)
    parts = [
        f"The decision on {numbers.count(len(recommendation.use_cases), 'use case')} with quality, cost and latency "
        "of every candidate",
        f"The plan: {numbers.count(moving, 'move')} with steps and rollback conditions"
        if moving
        else "The plan: nothing moves yet; reasons and next steps",
        example_words(report),
        f"Method: {numbers.count(recommendation.run.sample_size, 'sample')}, run {recommendation.run.number}, "
        f"seed {recommendation.run.seed}, {numbers.percent(recommendation.confidence)} confidence; price sources and "
        "exclusions",
    ]
    if recommendation.run.partial:
        parts.append("A note on every page: partial run")
    return parts


def example_words(report: Report) -> str:
    """How many pairs of answers are shown, and how many of those are pre-recorded."""
    if not report.examples:
        return "No examples: no pair of answers could be compared"
    text = f"{numbers.count(len(report.examples), 'pair')} of answers side by side"
    written = sum(example.illustrative for example in report.examples)
    if not written:
        return text
    return f"{text}, {'all' if written == len(report.examples) else written} with pre-recorded candidate answers"


def privacy_words(report: Report) -> str:
    """What a reader of the PDF gets to see of the log."""
    shown = f"The PDF shows {numbers.count(len(report.examples), 'prompt')} from the log with both answers"
    if report.log.get("redacted"):
        return f"{shown}. Personal data was replaced at import. Check them before you forward it."
    return f"{shown}. Personal data was not replaced. Check them before you forward it."


def file_stem(name: str) -> str:
    """A study's name as a file name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "study"
