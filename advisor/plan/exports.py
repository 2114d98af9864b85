"""The PDF and the other files that leave the program."""

from pathlib import Path

from advisor.decide.decisions import current_report
from advisor.decide.results import load_results
from advisor.errors import BadInput
from advisor.judge.label_files import render_labels
from advisor.plan.study_file import write_study_file
from advisor.report.exports import results_csv
from advisor.report.pdf import count_pages, first_page, render_pdf
from advisor.store import Store
from advisor.types import Study

EXPORTS = ("results", "study", "labels")


def make_pdf(store: Store, study: Study) -> bytes:
    """The migration report of the stored decision. Raises BadInput when nothing can be decided yet."""
    return render_pdf(current_report(store, study))


def preview(store: Store, study: Study) -> tuple[bytes, int]:
    """The report's first page as a PNG, and how many pages it has. Raises BadInput as ``make_pdf`` does."""
    return first_page(current_report(store, study))


def write_pdf(store: Store, study: Study, path: Path) -> int:
    """Write the report; returns its pages. Raises BadInput when the file cannot be written."""
    pdf = make_pdf(store, study)
    write_whole(path, pdf)
    return count_pages(pdf)


def export(store: Store, study: Study, what: str, path: Path) -> int:
    """Write one of EXPORTS; returns its rows.

    ``results`` is a CSV with a row per answer, ``study`` a file that repeats the study, ``labels`` people's reviews.
    """
    if what == "results":
        check_writable(path)
        return results_csv(load_results(store, study), path.resolve())
    if what == "study":
        text, rows = write_study_file(store, study)
        write_whole(path, text.encode())
        return rows
    if what == "labels":
        content, rows = render_labels(store, study, path.suffix)
        write_whole(path, content)
        return rows
    raise BadInput(f"{what!r} can't be exported; choose one of {', '.join(EXPORTS)}.")


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
