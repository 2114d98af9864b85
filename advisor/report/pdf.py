"""A Dossier as the texts that the template sets, and as a PDF by Typst.

The PDF is tagged and archivable (PDF/A-2a, PDF/UA-1). The same Dossier makes the same bytes with the same fonts.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from advisor.charts import colours
from advisor.charts.fonts import cjk_family, font_folders
from advisor.charts.labels import lacks_font, printable
from advisor.errors import AdvisorError
from advisor.report.evidence import (
    best_candidates,
    charted_of,
    keep_in_mind,
    more_charts,
    quality_charts,
    summary_line,
    use_case,
)
from advisor.report.examples import SHARES, noticed
from advisor.report.front import front
from advisor.report.method import method
from advisor.report.money import input_rows, money
from advisor.report.packing import packed
from advisor.report.risks import risks
from advisor.report.roadmap import roadmap
from advisor.text.business_case.board import texts_words, verdicts
from advisor.text.business_case.narrative import byline
from advisor.text.business_case.paper import (
    BEST_SHOWN,
    EMPTY,
    MARKED,
    NO_FONT,
    NOT_SET,
    TERMS,
    rest_of_steps,
    rest_words,
)
from advisor.text.business_case.questions import Answer, answers
from advisor.text.business_case.sign_off import drops_words
from advisor.text.names import baselines_of
from advisor.text.numbers import day, shorten
from advisor.types import Json, Recommendation
from advisor.types.dossier import Audience, Dossier, Narrative, Paper

TEMPLATE = Path(__file__).with_name("template.typ")
MOST_LISTED = 12
"""Use cases in the evidence of a VP ..."""
MOST_STEPS = 6
"""... and next steps."""
STANDARDS = ["a-2a", "ua-1"]
LESS: Mapping[str, list[str]] = {
    "missing codepoints": ["a-2b"],  # marks of Thai or Devanagari, drawn in a chart
    "could not be displayed": [],  # letters without a glyph: a box, but a report
}
"""What is still kept, where a text lets more fail."""
PREVIEW_PPI = 110.0
"""A page at reading size."""


def render_pdf(dossier: Dossier, audience: Audience = Audience.FULL, paper: Paper = Paper.A4) -> bytes:
    """The report as a PDF. Raises AdvisorError when it can't be set."""
    import typst

    options = _options(dossier, audience, paper) | {"pdf_standards": STANDARDS, "format": "pdf"}
    template = TEMPLATE.read_bytes()
    try:
        pdf = typst.compile(template, **options)
    except typst.TypstError as error:
        less = next((standards for fault, standards in LESS.items() if fault in error.message), None)
        if less is None:
            raise AdvisorError(NOT_SET.format(error.message)) from error
        pdf = typst.compile(template, **options | {"pdf_standards": less})
    assert isinstance(pdf, bytes)
    return packed(pdf)


def first_page(dossier: Dossier) -> bytes:
    """Page one as a PNG."""
    import typst

    options = _options(dossier, Audience.BOARD, Paper.A4)
    page = typst.compile(TEMPLATE.read_bytes(), format="png", ppi=PREVIEW_PPI, **options)
    first = page[0] if isinstance(page, list) else page
    assert isinstance(first, bytes)
    return first


def _options(dossier: Dossier, audience: Audience, paper: Paper) -> dict[str, Any]:
    return {
        "font_paths": _fonts(),
        "ignore_system_fonts": True,
        "sys_inputs": {"document": json.dumps(compose(dossier, audience)), "paper": paper.value},
        "timestamp": dossier.report.recommendation.created_at.astimezone(UTC).replace(microsecond=0),
    }


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=list(font_folders()))


def compose(dossier: Dossier, audience: Audience = Audience.FULL) -> Json:
    """The document as JSON, as much of it as the audience reads."""
    report = dossier.report
    recommendation = report.recommendation
    document: dict[str, Json] = {
        "title": shorten(recommendation.study, 120),
        "short_title": shorten(recommendation.study, 60),
        "baseline": shorten(baselines_of(recommendation), 120),
        "date": day(recommendation.created_at),
        "sample": "Sample data" if recommendation.is_sample_study else "",
        "partial": "Partial run" if recommendation.run.partial else "",
        "front": front(dossier),
        "empty": EMPTY,
        "colours": {
            "switch": colours.PASS,
            "route": colours.PASS,
            "keep": colours.FAIL,
            "need_more_data": colours.UNKNOWN,
            "needs_review": colours.REVIEW,
            "review": colours.REVIEW,
            "pass": colours.PASS,
            "fail": colours.FAIL,
            "unknown": colours.UNKNOWN,
            "chosen": colours.CANDIDATES[0],
            "baseline": colours.BASELINE,
        },
    }
    words = verdicts(dossier)
    if audience is not Audience.BOARD:
        listed = _listed(recommendation) if audience is Audience.VP else recommendation
        best, plan = best_candidates(listed), roadmap(dossier)
        if audience is Audience.VP:
            plan["next_steps"] = _some(plan["next_steps"])
        compared = {decision.name: decision.baseline for decision in recommendation.use_cases}
        document |= {
            "summary": _summary(dossier.narrative),
            "charts": quality_charts(best, recommendation),
            "terms": f"{TERMS} {drops_words(dossier)}{f' {BEST_SHOWN}' * (best != listed)}",
            "keep_in_mind": keep_in_mind(recommendation),
            "lines": [
                summary_line(decision, words[decision.name], recommendation.judging.exam)
                for decision in listed.use_cases
            ],
            "rest": rest_words(len(recommendation.use_cases) - len(listed.use_cases)),
            "money": money(dossier),
            "texts": texts_words(dossier),
            "marked": MARKED * bool(dossier.pairs.shown),
            "noticed": [
                [
                    noticed(shown, compared.get(shown.example.use_case, recommendation.run.baseline), share)
                    for shown in dossier.pairs.shown
                ]
                for share in SHARES
            ],
            "risks": risks(dossier),
            "plan": plan,
            "questions": [_question(each) for each in answers(dossier)],
        }
    if audience is Audience.FULL:
        document |= {
            "more_charts": more_charts(recommendation),
            "more_left_out": BEST_SHOWN * (charted_of(recommendation) != recommendation),
            "use_cases": [use_case(decision, words[decision.name]) for decision in recommendation.use_cases],
            "method": method(dossier),
            "inputs": input_rows(dossier.case),
        }
    texts = json.dumps(document, ensure_ascii=False)
    document["cjk"] = cjk_family(texts)
    if lacks_font(texts):
        document["no_font"] = NO_FONT
    ready = _ready(document)
    assert isinstance(ready, dict)
    return ready


def _listed(recommendation: Recommendation) -> Recommendation:
    """Of many use cases those that move, as far as six pages have room."""
    if len(recommendation.use_cases) <= MOST_LISTED:
        return recommendation
    moving = [case for case in recommendation.use_cases if case.target] or recommendation.use_cases
    return replace(recommendation, use_cases=tuple(moving[:MOST_LISTED]))


def _some(steps: list[str]) -> list[str]:
    """As many next steps as six pages have room for."""
    return steps if len(steps) <= MOST_STEPS + 1 else [*steps[:MOST_STEPS], rest_of_steps(len(steps) - MOST_STEPS)]


def _summary(narrative: Narrative | None) -> Json:
    if narrative is None:
        return {"text": [], "by": ""}
    return {"text": [*filter(None, map(str.strip, narrative.text.split("\n")))], "by": byline(narrative.model)}


def _question(answer: Answer) -> Json:
    rows = [[shorten(cell) for cell in row] for row in answer.rows]
    lines = [shorten(line, 400) for line in answer.lines]
    return {"question": answer.question, "lines": lines, "header": [*answer.header] if rows else [], "rows": rows}


def _ready(value: Json) -> Json:
    """Every string without what the fonts lack; drawings are not text."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_ready(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key == "svg" else _ready(item) for key, item in value.items()}
    return value
