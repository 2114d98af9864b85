"""The PDF as a reader gets it: pages, text, structure, and hostile text that stays text."""

import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from advisor.analysis.migration_plan import plan
from advisor.charts.labels import printable
from advisor.report.evidence import keep_in_mind
from advisor.report.packing import count_pages
from advisor.report.pdf import compose, render_pdf
from advisor.text.advice.reasons import in_context
from advisor.text.advice.steps import next_steps
from advisor.text.business_case.ask import ask_words
from advisor.text.gates import criteria
from advisor.text.numbers import dollars, percent
from advisor.text.plan import condition, why
from advisor.types import (
    ControlKind,
    Exam,
    Example,
    Json,
    JudgeFacts,
    Kind,
    Message,
    PriceOrigin,
    PriceSource,
    Report,
    UseCaseDecision,
    Verdict,
    WarningCode,
)
from advisor.types.dossier import Audience
from tests.nested import changed
from tests.report.made_report import BASELINE, HOSTILE, RTL, SOLAR, dossier, large_report, small_report


@pytest.fixture(scope="module")
def large() -> Report:
    return large_report()


@pytest.fixture(scope="module")
def large_pdf(large: Report) -> bytes:
    return render_pdf(dossier(large))


@pytest.fixture(scope="module")
def pages(large_pdf: bytes) -> list[str]:
    return texts(large_pdf)


def texts(pdf: bytes) -> list[str]:
    return [squeeze(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def squeeze(text: str) -> str:
    """Without the line breaks of the layout."""
    return re.sub(r"\s+", " ", text)


def dense(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_pages_are_a4_tagged_titled_and_archivable(large_pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(large_pdf))
    assert {tuple(round(float(v)) for v in page.mediabox[2:]) for page in reader.pages} == {(595, 842)}
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert reader.metadata.title == "Sample study: migration report"
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part\W+2", xmp)
    assert re.search(r"pdfaid:conformance\W+A", xmp)
    assert re.search(r"pdfuaid:part\W+1", xmp)


def test_colours_and_letters_need_nothing_from_the_readers_machine(large_pdf: bytes) -> None:
    """PDF/A-2: an output intent, and every font embedded, with what its glyphs mean."""
    reader = PdfReader(io.BytesIO(large_pdf))
    root: Any = reader.trailer["/Root"]
    (intent,) = (each.get_object() for each in root["/OutputIntents"])
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object()["/N"] == 3
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert not {"/AcroForm", "/OpenAction", "/AA"} & set(root)
    pages: list[Any] = list(reader.pages)
    fonts = {each.idnum: each.get_object() for page in pages for each in page["/Resources"]["/Font"].values()}
    assert len(fonts) > 3
    for font in fonts.values():
        parts = [each.get_object() for each in font.get("/DescendantFonts", [])]
        assert "/ToUnicode" in font
        for part in parts or [font]:
            assert {"/FontFile2", "/FontFile3"} & set(part["/FontDescriptor"].get_object())


def test_tags_are_packed(large_pdf: bytes) -> None:
    """They were most of a long report; the cross-reference is a stream then."""
    assert large_pdf.count(b"/Type/StructElem") == 0
    assert large_pdf.count(b"/Type/ObjStm") >= 1
    assert len(large_pdf) < 400_000


def test_every_figure_has_a_text_alternative(large: Report, large_pdf: bytes) -> None:
    document = compose(dossier(large))
    charts = [*document["charts"], *document["more_charts"]]
    found = []

    def walk(node: Json) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            walk(node.get("/K", []))

    root: Any = PdfReader(io.BytesIO(large_pdf)).trailer["/Root"]
    walk(root["/StructTreeRoot"]["/K"])
    assert found == [chart["alt"] for chart in charts]
    assert len(found) == 4, "quality of the best candidates and of all, bills, latency"
    assert SOLAR in found[0]


def test_same_report_same_bytes(large: Report, large_pdf: bytes) -> None:
    assert render_pdf(dossier(large)) == large_pdf


@pytest.mark.slow
def test_page_one_answers(large: Report, pages: list[str]) -> None:
    first = pages[0]
    recommendation = large.recommendation
    monthly = recommendation.bill.monthly
    assert monthly is not None
    assert ask_words(dossier(large)) in first
    assert "Sample data. A fictional company" in first
    assert "Partial run." in first
    assert "24 Nov 2026" in first
    case = dossier(large).case
    for amount in (monthly.baseline_usd, monthly.savings_usd.point, case.net(12).point, case.one_off_usd):
        assert dollars(amount) in first
    for words in ("✓ Move", "? Need more data", "⇄ Move part", "Low: ", "Approved by", f"month {case.payback}"):
        assert words in first
    for decision in recommendation.use_cases:
        assert dense(printable(decision.name)[:24]) in dense(first) or not decision.name.isascii()


def test_the_evidence_says_that_the_judge_failed_its_exam(large: Report) -> None:
    judge = JudgeFacts(judge="Judge", judged=100, unparsed=0, pairs=50, flipped=0)
    recommendation = changed(large.recommendation, judges=(judge,))
    passed = Exam(judges=("Judge",), prompt_version="2", controls={kind.value: (10, 10) for kind in ControlKind})
    failed = replace(passed, controls={kind.value: (0, 10) for kind in ControlKind})
    for exam, is_said in ((passed, False), (failed, True)):
        report = replace(large, recommendation=changed(recommendation, exam=exam))
        assert ("failed its exam" in str(keep_in_mind(report.recommendation))) is is_said


def test_every_page_carries_the_marks_and_its_number(pages: list[str]) -> None:
    for number, text in enumerate(pages, 1):
        assert "Sample data · Partial run" in text
        assert f"page {number} of {len(pages)}" in text
        assert "24 Nov 2026" in text
        assert "Sample study · Migration report" in text


def with_cases(report: Report, use_cases: tuple[UseCaseDecision, ...]) -> Report:
    recommendation = replace(report.recommendation, use_cases=use_cases)
    return replace(report, recommendation=recommendation, plan=plan(recommendation, {}, {}))


def test_pre_recorded_answers_are_not_called_real(large: Report, pages: list[str]) -> None:
    """Each pair names who wrote the answer; no heading or sentence says more of it."""
    text = " ".join(pages)
    section = text[text.rindex("What users will notice") : text.rindex("Risk and compliance")]
    written = [example for example in large.examples if example.illustrative]
    assert [section.count(example.model) for example in written] == [1] * len(written) == [1]
    assert written[0].model.endswith("(illustrative)")
    assert not re.search(r"\breal\b", section)


def test_no_page_holds_but_the_words_that_there_are_no_examples() -> None:
    report = small_report()
    cases = tuple(replace(report.recommendation.use_cases[0], name=name) for name in "ABC")
    three = with_cases(replace(report, examples=()), cases)
    board, vp = (render_pdf(dossier(three), audience) for audience in (Audience.BOARD, Audience.VP))
    assert count_pages(board) == 1
    assert sum("No pairs yet" in text for text in texts(vp)) == 1


def test_a_whole_run_of_an_own_study_is_not_marked() -> None:
    text = " ".join(texts(render_pdf(dossier(small_report()))))
    assert "Sample data" not in text
    assert "Partial run" not in text


def test_evidence_equals_the_recommendation(large: Report, pages: list[str]) -> None:
    text = dense(" ".join(pages))
    for decision in large.recommendation.use_cases:
        for a in decision.candidates:
            assert dense(in_context(a)) in text
            if a.quality.score is not None and a.quality.baseline_score is not None:
                assert dense(f"{percent(a.quality.score)} ({percent(a.quality.baseline_score)})") in text
    assert "candidatecallfailed(timeout)" in text
    assert "✗Notgoodenough" in text


def test_plan_has_gates_and_rollback(large: Report, pages: list[str]) -> None:
    text = dense(" ".join(pages))
    moves = [(decision, move) for decision, move in large.moves if move.phases]
    assert moves
    for decision, move in moves:
        for words in (*map(condition, move.phases[0].entry), why(decision)):
            assert dense(words) in text
        for limits in criteria(move):
            assert all(dense(limit) in text for limit in limits.values())
    for step in next_steps(large):
        assert dense(step.removeprefix("Or ").split("Code review")[0])[1:] in text, "after “Later:” or “Unless ...,”"


def test_method_says_how_the_sample_was_drawn_and_what_was_left_out(pages: list[str]) -> None:
    text = " ".join(pages)
    for words in (
        "Seed 7",
        "1,725 calls",
        "95% confidence",
        "Holm's correction",
        "Called twice, the baseline",
        "genai-prices 0.2.3",
        "52,310",
        "ends with an assistant message",
        "redacted before storage",
        "1 Nov 2026 to 7 Nov 2026",
        "25% of the traffic",
    ):
        assert words in text


def test_hostile_text_is_printed_as_it_is(large: Report, pages: list[str]) -> None:
    text = dense(" ".join(pages))
    assert dense(HOSTILE) in text
    assert dense("#Draft *replies* <b>$to$</b> @customers \\") in text
    assert "invoiceU+202Efdp.exeandbellU+0007andnulU+0000end" in text
    assert "GreatjobU+1F389U+1F389and" in text
    assert "x…(9,500morecharacters)" in text
    for word in RTL.replace(",", "").split():
        assert word in text or word[::-1] in text


@pytest.mark.parametrize(
    "text",
    [
        "\\u{1F600} #{panic()} #panic() ${",
        "]" * 50 + "[" * 50,
        "`" * 40,
        "\u2028\u2029\x85\x1b[31m\ufeff",
        "\ud83d lone surrogate",
        "e\u0301\u0327\u20dd zalgo " + "a" + "\u0300" * 40,
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍👩‍👧‍👦 ﷽",
        "\n" * 500,
        "\t\t\t",
        "ไทย 한국어 हिन्दी Tiếng Việt Ελληνικά Русский",
        "عربي" * 40,
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_any_text_makes_a_pdf(text: str) -> None:
    report = small_report()
    recommendation = report.recommendation
    decision = replace(recommendation.use_cases[0], name=text)
    hostile = replace(
        report,
        recommendation=changed(
            recommendation,
            study=text,
            baseline=text,
            warnings=(Message.of(WarningCode.JUDGE_KIN, judge=text, models=[text]),),
            use_cases=(decision,),
        ),
        examples=(Example(use_case=text, model=text, prompt=text, baseline=text, candidate=text, outcome=0.5),),
        log=report.log | {"files": [text]},
        price_sources=(PriceSource(origin=PriceOrigin.OTHER, note=text),),
    )
    assert count_pages(render_pdf(dossier(hostile))) >= 2


def test_every_character_called_printable_has_a_glyph() -> None:
    """PDF/A refuses a character without one, in the regular and in the bold weight.

    Marks are set with the letter before them, so alone they prove nothing.
    """
    every = "".join(chr(code) for code in range(0x21, 0x1FFFF) if not 0xD800 <= code < 0xE000)
    shown = [c for c in every if printable(c) == c and unicodedata.category(c)[0] != "M"]
    assert len(shown) > 3_000
    assert {"é", "✓", "⇄", "–", "ש", "ế", "ж"} <= set(shown)
    lines = "\n".join("".join(shown[i : i + 40]) for i in range(0, len(shown), 40))
    report = small_report()
    example = Example(use_case="Chat", model=SOLAR, prompt="", baseline="", candidate="", outcome=0.5)
    parts = [lines[i : i + 450] for i in range(0, len(lines), 450)]
    report = replace(report, examples=tuple(replace(example, prompt=part) for part in parts))
    root: Any = PdfReader(io.BytesIO(render_pdf(dossier(report)))).trailer["/Root"]
    assert "pdfaid:part" in root["/Metadata"].get_data().decode()


def test_a_small_report_names_what_is_not_known() -> None:
    text = " ".join(texts(render_pdf(dossier(small_report()))))
    assert "unknown: the log has no times" in text
    assert "– no price" in text
    assert "– not timed" in text
    assert "No pairs yet" in text
    assert "– no times in the log" in text
    assert f"{BASELINE}: answers, cost and latency are from the log" in text
    assert "90% confidence" in text


def test_a_study_without_use_cases_or_facts() -> None:
    report = small_report()
    recommendation = changed(
        report.recommendation,
        use_cases=(),
        verdict=Verdict.NEED_MORE_DATA,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )
    bare = replace(report, recommendation=recommendation, plan=replace(report.plan, moves=(), next_steps=()), log={})
    text = " ".join(texts(render_pdf(dossier(bare))))
    assert "Nothing to decide yet" in text
    assert "2 Jan 2026" in text


@pytest.mark.slow
def test_many_use_cases_are_drawn_on_several_charts(large: Report) -> None:
    recommendation = large.recommendation
    many = tuple(replace(d, name=f"{d.name} {i}", kind=Kind.CHAT) for i in range(3) for d in recommendation.use_cases)
    report = with_cases(large, many)
    assert len(compose(dossier(report))["charts"]) > 1
    assert count_pages(render_pdf(dossier(report))) > 20


def test_document_is_plain_json_without_numbers(large: Report) -> None:
    """Numbers are formatted in one place, never by the template."""

    def leaves(value: Json) -> list[Json]:
        if isinstance(value, dict):
            return [leaf for item in value.values() for leaf in leaves(item)]
        return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]

    document = compose(dossier(large))
    assert json.loads(json.dumps(document)) == document
    document["money"]["swings"] = document["plan"]["calendar"] = document["noticed"] = []  # lengths of bars, and marks
    assert {type(leaf) for leaf in leaves(document)} == {str}
