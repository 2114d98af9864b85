"""A Report as the texts that the template sets, and as a PDF by Typst.

The PDF is tagged and archivable (PDF/A-2a, PDF/UA-1), with the fonts inside Typst only. The same Report makes the same
bytes on every machine.
"""

import json
from datetime import UTC
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from advisor.charts import colours
from advisor.charts.labels import printable
from advisor.report.evidence import charts, example, use_case
from advisor.report.front import front
from advisor.report.method import method
from advisor.report.roadmap import roadmap
from advisor.text.names import baselines_of
from advisor.text.numbers import day, shorten
from advisor.types import Json, Report

TEMPLATE = Path(__file__).with_name("template.typ")
STANDARDS = ["a-2a", "ua-1"]
PREVIEW_PPI = 110.0
"""A page at reading size."""


def render_pdf(report: Report) -> bytes:
    """The report as a PDF for A4."""
    import typst

    document = json.dumps(compose(report))
    options: dict[str, Any] = {
        "pdf_standards": STANDARDS,
        "font_paths": _fonts(),
        "ignore_system_fonts": True,
        "format": "pdf",
        "sys_inputs": {"document": document},
        "timestamp": report.recommendation.created_at.astimezone(UTC).replace(microsecond=0),
    }
    template = TEMPLATE.read_bytes()
    try:
        pdf = typst.compile(template, **options)
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        pdf = typst.compile(template, **options | {"pdf_standards": []})  # letters without a glyph: a box, but a report
    assert isinstance(pdf, bytes)
    return pdf


def count_pages(pdf: bytes) -> int:
    """The pages of a PDF."""
    from pypdf import PdfReader

    return len(PdfReader(BytesIO(pdf)).pages)


def first_page(report: Report) -> tuple[bytes, int]:
    """The first page as a PNG, and how many pages the PDF has."""
    import typst

    document = json.dumps(compose(report))
    pages = typst.compile(
        TEMPLATE.read_bytes(),
        format="png",
        ppi=PREVIEW_PPI,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": document},
    )
    return (pages[0], len(pages)) if isinstance(pages, list) else (pages, 1)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False)


def compose(report: Report) -> Json:
    """The whole document as JSON."""
    recommendation = report.recommendation
    compared = {decision.name: decision.baseline for decision in recommendation.use_cases}
    document = {
        "title": shorten(recommendation.study, 120),
        "date": day(recommendation.created_at),
        "sample": "Sample data" if recommendation.is_sample_study else "",
        "partial": "Partial run" if recommendation.run.partial else "",
        "baseline": shorten(baselines_of(recommendation), 120),
        "front": front(report),
        "charts": charts(recommendation),
        "use_cases": [use_case(decision) for decision in recommendation.use_cases],
        "examples": [
            example(shown, compared.get(shown.use_case, recommendation.run.baseline)) for shown in report.examples
        ],
        "plan": roadmap(report),
        "method": method(report),
        "colours": {"pass": colours.PASS, "fail": colours.FAIL, "unknown": colours.UNKNOWN, "ink": colours.BASELINE},
    }
    return _ready(document)


def _ready(value: Json) -> Json:
    """Every string without what the fonts lack; drawings are not text."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_ready(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "svg" else _ready(item) for key, item in value.items()}
    return value
