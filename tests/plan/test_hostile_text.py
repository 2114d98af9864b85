"""Every file of a study with names, prompts and answers that would act where they are shown."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook
from pypdf import PdfReader

from advisor.collect.imports import ImportOptions, import_logs
from advisor.errors import BadInput
from advisor.judge.scores import score_run
from advisor.measure.registration import register_model
from advisor.measure.run_lifecycle import start_run
from advisor.measure.studies import find_study
from advisor.plan.exports import export, make_pdf
from advisor.store import Store
from advisor.store.run.generations import CallKey, StoredGeneration, save_generations
from advisor.store.run.reviews import Review, put_reviews
from advisor.store.run.runs import change_run
from advisor.store.run.samples import list_run_samples
from advisor.types import Answer, Generation, Lane, Model, Preference, RunOptions, Status, Study
from advisor.types.dossier import Export, Texts
from advisor.types.texts import FORMULA_STARTS
from tests.made.log import call, write_log

MAIL = "anna.berg@example.com"
ACTING = {
    "tags": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;",
    "markdown": "# *a* _b_ [x](javascript:alert(1)) ![y](http://z) | `c` ~d~",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "typst": "#set page(fill: red) $x^2$ @label #panic() \\u{41}",
    "control": "bell\x07 escape\x1b[31m tab\x0b end",
    "long": "x" * 190,
    "override": "invoice\u202efdp.exe",
}
STUDY, CANDIDATE = "=1+1 <b>bold</b> #x", "@SUM(A1) <i>M</i>"
TABLES = (Export.RESULTS, Export.COSTS, Export.TASKS, Export.LABELS)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Study]]:
    folder = tmp_path_factory.mktemp("hostile")
    store = Store(f"sqlite:///{folder / 'advisor.db'}")
    rows = [
        call(20 * case + n, prompt=f"{text} {MAIL} {n}", answer=text, expected=text, metadata={"use_case": text})
        for case, text in enumerate(ACTING.values())
        for n in range(12)
    ]
    import_logs(store, STUDY, [write_log(folder / "secret-name.jsonl", rows)], ImportOptions(redact=False))
    study = find_study(store, STUDY)
    model = register_model(store, study, Model(name=CANDIDATE, litellm_id="openai/m", api_base="http://127.0.0.1:9/v1"))
    run = start_run(store, study, RunOptions(sample_size=len(rows), baseline=Lane.RECORDED))
    samples = list_run_samples(store, run.id)
    answers = [
        StoredGeneration(
            key=CallKey(sample, Lane.CANDIDATE, model.id, 1),
            generation=Generation(answer=Answer(text="=2+2 <b>answer</b>"), latency_s=0.5),
        )
        for sample in samples
    ]
    save_generations(store, run, answers)
    change_run(store, run.id, status=Status.SUCCEEDED, finished_at=datetime.now(UTC))
    score_run(store, run)
    now = datetime.now(UTC)
    put_reviews(store, run.id, [Review(samples[0], model.id, Preference.TIE, "=HYPERLINK(1)", picked=False, at=now)])
    yield store, study
    store.close()


def made(known: tuple[Store, Study], what: Export, folder: Path, texts: Texts = Texts.FULL) -> bytes:
    path = folder / f"file{'.csv' if what in TABLES else ''}"
    export(*known, what, path, texts)
    return path.read_bytes()


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [dict(attrs).get("href") or ""] * (tag == "a")

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("what", TABLES)
def test_no_cell_of_a_table_is_a_formula(known: tuple[Store, Study], what: Export, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(made(known, what, tmp_path).decode("utf-8-sig"), newline="")))
    assert len(rows) > 1 or what is Export.TASKS
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(FORMULA_STARTS) or re.fullmatch(r"-?[\d.]+", cell), cell


def test_only_our_own_formulas_are_in_the_workbook(known: tuple[Store, Study], tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(made(known, Export.WORKBOOK, tmp_path)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    ours = re.compile(
        r"=(?:SUM|IF|IFERROR|MATCH|MIN|POWER|Inputs|Months|'One-off cost'|'Business case'|not within \d+ months"
        r"|[-+*/()$!:,>=.\d\"A-M])+"
    )
    formulas = [cell for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in formulas if not ours.fullmatch(cell.value)]
    assert {cell.parent.title for cell in formulas} <= {"Summary", "Business case", "Months", "One-off cost"}
    assert ACTING["formula"] in [cell.value for cell in cells]


def test_nothing_acts_on_the_web_page(known: tuple[Store, Study], tmp_path: Path) -> None:
    page = Page()
    page.feed(made(known, Export.PAGE, tmp_path).decode())
    assert not page.tags & {"script", "img", "i", "iframe"}
    assert all(re.fullmatch("#[a-z-]+", link) for link in page.links)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert ACTING["tags"] in page.words
    assert "\u202e" not in page.words
    assert "\x1b" not in page.words


@pytest.mark.parametrize("what", [Export.SUMMARY, Export.PLAN])
def test_nothing_acts_in_markdown(known: tuple[Store, Study], what: Export, tmp_path: Path) -> None:
    text = made(known, what, tmp_path).decode()
    assert not re.search(r"(?<!\\)(<|`|~|\]\(|!\[)", text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)


def test_the_figures_name_everything_as_it_is(known: tuple[Store, Study], tmp_path: Path) -> None:
    found = json.loads(made(known, Export.FIGURES, tmp_path))
    assert found["study"] == STUDY
    assert {ACTING["tags"], ACTING["formula"], ACTING["override"]} <= {each["name"] for each in found["use_cases"]}


def test_the_calendar_and_the_study_file_can_be_read(known: tuple[Store, Study], tmp_path: Path) -> None:
    Calendar.from_ical(made(known, Export.CALENDAR, tmp_path))
    found = tomllib.loads(made(known, Export.STUDY, tmp_path).decode())
    assert ACTING["typst"] in {case["name"] for case in found["use_cases"]}


def test_the_pdf_is_archivable_and_spells_out_what_would_act(known: tuple[Store, Study]) -> None:
    reader = PdfReader(io.BytesIO(make_pdf(*known)))
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    assert "/Metadata" in reader.trailer["/Root"]  # type: ignore[operator]
    for name in ("tags", "formula", "typst"):
        assert re.sub(r"\s+", "", ACTING[name])[:30] in text
    assert "U+202E" in text
    assert "\u202e" not in text


@pytest.mark.parametrize("texts", [Texts.REDACTED, Texts.NONE])
@pytest.mark.parametrize("what", [Export.RESULTS, Export.PAGE])
def test_a_copy_to_share_holds_no_address(
    known: tuple[Store, Study], what: Export, texts: Texts, tmp_path: Path
) -> None:
    assert MAIL in made(known, what, tmp_path).decode()
    content = made(known, what, tmp_path, texts).decode()
    assert MAIL not in content
    assert ("<EMAIL_1>" in content or "&lt;EMAIL_1&gt;" in content) is (texts is Texts.REDACTED)
    assert "answer</b>" not in content or texts is Texts.REDACTED


def test_a_study_file_names_its_logs(known: tuple[Store, Study], tmp_path: Path) -> None:
    assert b"secret-name" in made(known, Export.STUDY, tmp_path)
    with pytest.raises(BadInput, match="as stored"):
        made(known, Export.STUDY, tmp_path, Texts.NONE)
