"""The PDF, by Typst: tagged, archivable (PDF/A-2a, PDF/UA-1), with the fonts inside Typst only.

The same Report makes the same bytes on every machine.
"""

import json
from datetime import UTC
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from advisor.report.document import compose
from advisor.types import Report

TEMPLATE = Path(__file__).with_name("template.typ")
STANDARDS = ["a-2a", "ua-1"]


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


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False)
