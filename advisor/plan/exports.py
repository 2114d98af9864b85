"""The PDF and the other files that leave the program."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from advisor.collect.contract_prices import given_costs
from advisor.decide.results import load_results
from advisor.errors import BadInput
from advisor.judge.label_files import render_labels
from advisor.plan.dossier import dossier_of, providers, with_texts
from advisor.plan.study_file import write_study_file
from advisor.report import calendar, markdown
from advisor.report.exports import results_csv
from advisor.report.figures import figures
from advisor.report.focus import focus_table
from advisor.report.pdf import count_pages, first_page, render_pdf
from advisor.report.web import web_page
from advisor.report.workbook import workbook
from advisor.store import Store
from advisor.store.log.traffic import load_traffic
from advisor.types import Study
from advisor.types.dossier import Audience, Dossier, Paper, Texts

if TYPE_CHECKING:
    import pandas as pd


class Made(NamedTuple):
    """A file made from the whole report."""

    ending: str
    mime: str
    make: Callable[[Dossier], bytes]


OF_REPORT: Mapping[str, Made] = {
    "workbook": Made(".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
    "page": Made(".html", "text/html", web_page),
    "summary": Made(".md", "text/markdown", lambda dossier: markdown.summary(dossier).encode()),
    "figures": Made(".json", "application/json", lambda dossier: json.dumps(figures(dossier), indent=1).encode()),
    "plan": Made(".md", "text/markdown", lambda dossier: markdown.plan(dossier).encode()),
    "tasks": Made(".csv", "text/csv", calendar.tasks_csv),
    "calendar": Made(".ics", "text/calendar", calendar.calendar),
}
EXPORTS = ("results", "study", "labels", "costs", *OF_REPORT)


def make_pdf(
    store: Store,
    study: Study,
    audience: Audience = Audience.FULL,
    paper: Paper = Paper.A4,
    texts: Texts = Texts.FULL,
) -> bytes:
    """The migration report of the stored decision. Raises BadInput when nothing can be decided yet."""
    return render_pdf(with_texts(dossier_of(store, study), texts), audience, paper)


def preview(store: Store, study: Study) -> bytes:
    """The report's first page as a PNG. Raises BadInput as ``make_pdf`` does."""
    return first_page(dossier_of(store, study))


def write_pdf(
    store: Store,
    study: Study,
    path: Path,
    audience: Audience = Audience.FULL,
    paper: Paper = Paper.A4,
    texts: Texts = Texts.FULL,
) -> int:
    """Write the report; returns its pages. Raises BadInput when the file cannot be written."""
    pdf = make_pdf(store, study, audience, paper, texts)
    write_whole(path, pdf)
    return count_pages(pdf)


def make_file(store: Store, study: Study, what: str, texts: Texts = Texts.FULL) -> bytes:
    """One of OF_REPORT. Raises BadInput when nothing can be decided yet."""
    return OF_REPORT[what].make(with_texts(dossier_of(store, study), texts))


def export(store: Store, study: Study, what: str, path: Path, texts: Texts = Texts.FULL) -> int:
    """Write one of EXPORTS; returns its rows, or 1 for a document.

    ``results`` is a CSV with a row per answer, ``study`` a file that repeats the study, ``labels`` people's reviews,
    ``costs`` what the log cost in FOCUS columns.
    """
    if what in OF_REPORT:
        content = make_file(store, study, what, texts)
        write_whole(path, content)
        return 1
    if what in ("results", "costs"):
        check_writable(path)
        return results_csv(load_results(store, study) if what == "results" else costs(store, study), path.resolve())
    if what == "study":
        text, rows = write_study_file(store, study)
        write_whole(path, text.encode())
        return rows
    if what == "labels":
        content, rows = render_labels(store, study, path.suffix)
        write_whole(path, content)
        return rows
    raise BadInput(f"{what!r} can't be exported; choose one of {', '.join(EXPORTS)}.")


def costs(store: Store, study: Study) -> "pd.DataFrame":
    """What the log cost by day, use case and model, in FOCUS columns."""
    traffic = load_traffic(store, study.id, given_costs(store, study))
    return focus_table(traffic, providers(map(str, traffic["model"].unique())))


def check_writable(path: Path) -> None:
    """Raises BadInput when a regular file cannot be made here."""
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):
        raise BadInput(f"{path} can't be written: give a file in a folder that exists.")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link is followed. Raises BadInput that names it."""
    check_writable(path)
    path = path.resolve()
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{path} can't be written ({error.strerror}); choose another place.") from None
