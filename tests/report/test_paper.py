"""The report on both papers: page one is one page whatever a study holds, a vice president's has six, texts on wish."""

from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from advisor.analysis.money.cost import certain
from advisor.charts import labels
from advisor.charts.fonts import cjk_family
from advisor.plan.dossier import with_texts
from advisor.report.packing import count_pages
from advisor.report.pdf import compose, render_pdf
from advisor.report.roadmap import work_rows
from advisor.report.web import web_page
from advisor.text.business_case.paper import NO_FONT, rest_words
from advisor.types import Example, Message, Report
from advisor.types.business import CaseOption, OptionCost
from advisor.types.dossier import Audience, Danger, Dossier, Paper, Texts
from tests.nested import changed
from tests.report.made_report import HOSTILE, SOLAR, dossier, large_report

CJK, ARABIC = "把客户的工单分类到正确的团队并且给出简短的理由", "تصنيف تذاكر العملاء حسب الفريق المناسب"
PROMPT = "My name is on the invoice. Write to anna.berg@example.com about order 4711. " * 20


def full(report: Report) -> Dossier:
    """With everything page one may list: all options, and more risks than it has room for."""
    made = dossier(report)
    options = tuple(OptionCost(option=option, monthly_usd=certain(100.0), model=SOLAR * 9) for option in CaseOption)
    dangers = tuple(Message.of(Danger.NOT_PROBED, model=f"{SOLAR} {i}" * 9) for i in range(8))
    return replace(made, case=replace(made.case, options=options), dangers=(*made.dangers, *dangers))


def named(count: int, name: str) -> Report:
    """The large report with so many use cases of such names."""
    report = large_report()
    whole = [*zip(report.recommendation.use_cases, report.plan.moves, strict=True)]
    many = [whole[i % len(whole)] for i in range(count)]
    decision = changed(report.recommendation, study=name * 4, baseline=name * 4)
    cases = tuple(replace(case, name=f"{i} {name}"[:200]) for i, (case, _) in enumerate(many))
    moves = tuple(replace(move, use_case=case.name) for case, (_, move) in zip(cases, many, strict=True))
    return replace(
        report,
        recommendation=replace(decision, use_cases=cases),
        plan=replace(report.plan, moves=moves, next_steps=()),
        examples=(),
    )


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("name", ["Ticket triage", "x" * 200, HOSTILE, CJK, ARABIC], ids=lambda name: ascii(name)[:12])
@pytest.mark.parametrize("count", [2, 40])
def test_page_one_is_one_page(count: int, name: str, paper: Paper) -> None:
    pdf = render_pdf(full(named(count, name)), Audience.BOARD, paper)
    assert count_pages(pdf) == 1
    text = PdfReader(BytesIO(pdf)).pages[0].extract_text()
    assert "Approved by" in text
    assert "Confidence" in text
    assert "more" in text, "what has no room is counted"


@pytest.mark.parametrize("paper", Paper)
def test_a_vice_president_reads_six_pages(paper: Paper) -> None:
    report = large_report()
    long = tuple(
        replace(each, prompt=PROMPT, baseline=PROMPT, candidate=f"No. {PROMPT}", reference=PROMPT)
        for each in report.examples
    )
    for shown in (report.examples, long):
        assert count_pages(render_pdf(dossier(replace(report, examples=shown)), Audience.VP, paper)) <= 6
    many = render_pdf(dossier(named(40, "Ticket triage")), Audience.VP, paper)
    assert count_pages(many) <= 6
    left = 40 - len(compose(dossier(named(40, "Ticket triage")), Audience.VP)["lines"])
    assert rest_words(left) in " ".join(page.extract_text() for page in PdfReader(BytesIO(many)).pages)


def test_page_one_says_the_same_on_both_papers() -> None:
    made = dossier(large_report())
    usd = [certain(float(100 + i)) for i, _ in enumerate(CaseOption)]
    options = tuple(OptionCost(option=one, monthly_usd=bill) for one, bill in zip(CaseOption, usd, strict=True))
    made = replace(made, case=replace(made.case, options=options))
    front = compose(made, Audience.BOARD)["front"]
    told = [cells[0] for cells in (*front["dangers"], *front["options"])] + [front["signed"]]
    shown = []
    for paper in Paper:
        (page,) = PdfReader(BytesIO(render_pdf(made, Audience.BOARD, paper))).pages
        text = " ".join(page.extract_text().split())
        shown.append([" ".join(words.split()) in text for words in told])
    assert shown[0] == shown[1]
    assert all(shown[0])


def test_use_cases_that_move_alike_share_a_row_of_the_plan() -> None:
    made = dossier(named(40, "Ticket triage"))
    rows, bars = work_rows(made), compose(made)["plan"]["calendar"]["rows"]
    alike = {
        tuple((s.phase.percent, s.first, s.last) for s in made.schedule.stints if s.use_case == name)
        for name in names(made)
    }
    assert len(rows) - len(made.schedule.tasks) == len(alike) < len(names(made))
    assert len(bars) == len(rows)


def names(made: Dossier) -> set[str]:
    return {stint.use_case for stint in made.schedule.stints}


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("客户工单分类", "SC"),
        ("返信の下書きを作成してください", "JP"),
        ("답장 초안 작성", "KR"),
        ("Ticket triage", "SC"),
    ],
)
def test_letters_have_the_forms_of_their_language(text: str, family: str) -> None:
    assert cjk_family(text) == f"Noto Sans CJK {family}"


def test_the_web_page_has_what_the_paper_has() -> None:
    """The calendar's and the sensitivity's bars, each move, the log and the words: as many as there are."""
    made = dossier(large_report())
    page, document = unescape(web_page(made, Audience.FULL).decode()), compose(made)
    rows = document["plan"]["calendar"]["rows"]
    assert page.count('<div class="lane">') >= len(rows) > 0
    for row in rows:
        for bar in row["bars"]:
            assert f"left: {bar['at']}%; width: {bar['wide']}%" in page
    assert page.count('<div class="bar">') == len(document["money"]["swings"]) > 0
    assert page.count('<p class="soft">Start when</p>') == len(document["plan"]["moves"]) > 0
    for cells in (*document["method"]["log"], *document["method"]["words"]):
        assert f">{cells[0]}<" in page
    for case in document["use_cases"]:
        for detail in case["details"]:
            assert all(f"<li>{words}</li>" in page for words in detail["why_not"])


def test_nothing_of_the_log_is_in_a_copy_to_share() -> None:
    made = with_texts(dossier(large_report()), Texts.NONE)
    page, paper = web_page(made, Audience.FULL).decode(), str(compose(made))
    for example in large_report().examples:
        for text in (example.prompt, example.baseline, example.candidate):
            assert not text or text[:30] not in page + paper or text[:30] in str(made.report.recommendation)
    assert "export-2026-11.jsonl" in str(compose(dossier(large_report())))
    assert "export-2026-11.jsonl" not in paper
    assert "left out of this copy" in page
    assert "left out of this copy" in paper


def test_redaction_gives_a_value_one_placeholder_in_prompt_and_answers() -> None:
    example = Example(
        use_case="Chat", model=SOLAR, prompt=PROMPT, baseline="To anna.berg@example.com.", candidate="No.", outcome=0.5
    )
    made = with_texts(dossier(replace(large_report(), examples=(example,))), Texts.REDACTED)
    (shown,) = made.pairs.shown
    assert shown.example.prompt.count("<EMAIL_1>") == 20
    assert shown.example.baseline == "To <EMAIL_1>."
    assert "anna.berg" not in str(compose(made))
    assert "replaced by placeholders" in str(compose(made))


def test_a_missing_font_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    report = named(2, "Triage \U00017000")
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(render_pdf(dossier(report)))).pages)
    assert text.count(NO_FONT[:40]) == 1
    assert "U+17000" in text
    assert "no_font" not in compose(dossier(named(2, "Triage")))
    assert labels.lacks_font("\U00017000")


@pytest.mark.parametrize("name", [CJK, ARABIC, "🎉"], ids=ascii)
def test_every_script_is_archivable(name: str) -> None:
    reader = PdfReader(BytesIO(render_pdf(dossier(named(3, name)))))
    root: Any = reader.trailer["/Root"]
    assert "pdfaid:part" in root["/Metadata"].get_data().decode()
    sizes = {round(float(value)) for page in reader.pages for value in page.mediabox[2:]}
    assert sizes == {595, 842}
