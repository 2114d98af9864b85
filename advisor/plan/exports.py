"""The PDF and the other files that leave the program."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from advisor.collect.contract_prices import given_costs
from advisor.decide.decisions import current_report
from advisor.decide.results import load_results
from advisor.errors import BadInput
from advisor.judge.label_files import render_labels
from advisor.plan.business_case import case_from, in_view_of
from advisor.plan.configuration.archive import gateway_archive
from advisor.plan.configuration.optimization import make_optimization
from advisor.plan.configuration.routes import make_deployment, served_cases
from advisor.plan.configuration.served import make_serving
from advisor.plan.configuration.serving import serving_files
from advisor.plan.data_flow import providers
from advisor.plan.dossier import dossier_of, with_texts
from advisor.plan.moving import CaseFacts, case_facts
from advisor.plan.study_file import write_study_file
from advisor.plan.succession import tested_on
from advisor.plan.timeline import leave_by
from advisor.plan.trace import make_trace, trace_files
from advisor.plan.training.recipes import training_files
from advisor.plan.training.sets import make_training
from advisor.report import calendar, markdown
from advisor.report.exports import focus_table, results_csv
from advisor.report.figures import figures_json
from advisor.report.packing import count_pages
from advisor.report.pdf import render_pdf
from advisor.report.web import web_page
from advisor.report.workbook import workbook
from advisor.store import Store
from advisor.store.log.traffic import load_traffic
from advisor.text.ready.gateway import Ends, decided
from advisor.types import Report, Study
from advisor.types.deployment import Deployment, Serving, Trace
from advisor.types.dossier import Audience, Dossier, Export, Paper, Texts
from advisor.types.ready import Optimization, Training
from advisor.types.scenarios import CaseInput

if TYPE_CHECKING:
    import pandas as pd


OF_REPORT: Mapping[Export, Callable[[Dossier], bytes]] = {
    Export.WORKBOOK: workbook,
    Export.PAGE: web_page,
    Export.SUMMARY: lambda dossier: markdown.summary(dossier).encode(),
    Export.FIGURES: figures_json,
    Export.PLAN: lambda dossier: markdown.plan(dossier).encode(),
    Export.TASKS: calendar.tasks_csv,
    Export.CALENDAR: calendar.calendar,
}
"""Made from the whole report."""
READY = (Export.LITELLM, Export.DEPLOY, Export.TRACE, Export.FINETUNE, Export.DPO)
"""Archives for engineers."""
DAY = (2026, 1, 1, 0, 0, 0)
"""Of every file in an archive: one made again is the same."""
QUOTING = ("prompt", "recorded_answer", "answer", "error")
"""Columns of the results with texts of the log and of models."""


def make_pdf(
    store: Store,
    study: Study,
    audience: Audience = Audience.FULL,
    paper: Paper = Paper.A4,
    texts: Texts = Texts.FULL,
) -> bytes:
    """The migration report of the stored decision. Raises BadInput when nothing can be decided yet."""
    return render_pdf(with_texts(dossier_of(store, study), texts), audience, paper)


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


def export(store: Store, study: Study, what: Export, path: Path, texts: Texts = Texts.FULL) -> int:
    """Write a file; returns its rows or an archive's files, 1 for a document. Raises BadInput when it can't be made."""
    rows = 1
    if what in OF_REPORT:
        content = OF_REPORT[what](with_texts(dossier_of(store, study), texts))
    elif what in READY:
        files = make_ready(store, study, paid_report(store, study), what).files
        content, rows = zipped(files), len(files)
    elif what is Export.STUDY:
        if texts is Texts.NONE:
            raise BadInput("There's no share-safe study file: it names your logs. Take it as stored.")
        text, rows = write_study_file(store, study)
        content = text.encode()
    elif what is Export.LABELS:
        content, rows = render_labels(store, study, path.suffix)
    else:
        check_writable(path)
        table = results(store, study, texts) if what is Export.RESULTS else costs(store, study)
        return results_csv(table, path.resolve())
    write_whole(path, content)
    return rows


class Ready(NamedTuple):
    """One of READY."""

    files: Mapping[str, str]
    """Texts by the name of the file."""
    made: Deployment | Serving | Trace | Training
    """What they hold."""
    cheaper: Optimization | None = None
    """Of DEPLOY."""


def make_ready(store: Store, study: Study, report: Report, what: Export, *, with_tested: bool = False) -> Ready:
    """An archive for engineers; ``report``: as ``paid_report`` has it. Raises BadInput."""
    if what in (Export.FINETUNE, Export.DPO):
        training = make_training(store, study, report, is_pairs=what is Export.DPO, with_tested=with_tested)
        return Ready(training_files(training), training)
    if what is Export.LITELLM:
        facts, whole = case_facts(store, study), current_report(store, study)
        deployment = make_deployment(report, facts.inputs[CaseInput.FALLBACK_SHARE])
        said = decided(whole.recommendation, case_from(whole, facts), ends_of(report, facts), deployment)
        return Ready(gateway_archive(deployment, said), deployment)
    trace, serving = make_trace(store, study, served_cases(report)), make_serving(store, study, report)
    if what is Export.TRACE:
        return Ready(trace_files(trace, serving), trace)
    cheaper = make_optimization(store, study, report, serving, trace)
    return Ready(serving_files(serving, cheaper), serving, cheaper)


def ends_of(report: Report, facts: CaseFacts) -> dict[str, Ends]:
    """By model of the log that is switched off."""
    found = {}
    for model, (on, successor) in facts.followers.items():
        found[model] = Ends(on, leave_by(on, facts.today), successor, *tested_on(report, model, successor))
    return found


def paid_report(store: Store, study: Study) -> Report:
    """The stored decision without moves that never pay back. Raises BadInput when nothing can be decided yet."""
    report = current_report(store, study)
    return in_view_of(report, case_from(report, case_facts(store, study)))


def zipped(files: Mapping[str, str]) -> bytes:
    """A zip with these texts, by name."""
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        for name, text in sorted(files.items()):
            info = ZipInfo(name, DAY)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            archive.writestr(info, text)
    return content.getvalue()


def results(store: Store, study: Study, texts: Texts) -> "pd.DataFrame":
    """Every answer of the run that is decided on, with as much of its texts as may be shown."""
    table = load_results(store, study)
    if texts is Texts.NONE:
        return table.drop(columns=[*QUOTING], errors="ignore")
    if texts is Texts.REDACTED and len(table):
        from advisor.collect.redaction import redact_texts

        redacted = (redact_texts(text or "" for text in row) for row in table[[*QUOTING]].itertuples(index=False))
        table[[*QUOTING]] = [*redacted]
    return table


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
