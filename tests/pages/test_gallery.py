"""The failure gallery on the Quality page: by kind, side by side, judged by one key, and no text of a log is markup."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.decide.failures import Regression, tally_kinds
from advisor.judge.pairs import load_texts
from advisor.store.run.reviews import add_reviews, load_reviews
from advisor.store.run.runs import get_run
from advisor.text.scores import FAILURE_KINDS
from advisor.types import Preference, Report, UseCaseDecision
from advisor.ui import server
from advisor.ui.evidence.quality import failures as gallery
from advisor.ui.evidence.review import review
from advisor.ui.server import store
from tests.pages.decided_study import (
    COMPARE,
    HOSTILE,
    HOSTILE_CASE,
    QUICK,
    assert_calm,
    hostile_database,
    open_page,
    said,
    sample_database,
)

QUALITY = COMPARE[0]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    path = tmp_path_factory.mktemp("gallery") / "sample.db"
    return path, sample_database(path)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gallery") / "hostile.db"
    hostile_database(path)
    return path


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test needs no time to look at an answer."""
    monkeypatch.setattr(review, "QUICKEST_S", 0.0)


@pytest.fixture
def report(sample: tuple[Path, Report], tmp_path: Path) -> Report:
    """The sample study's decision, with the app's database holding it."""
    shutil.copy(sample[0], tmp_path / "advisor.db")
    return sample[1]


def losses(report: Report, decision: UseCaseDecision) -> tuple[Regression, ...]:
    found = gallery.regressions(1, report, decision.name, decision.candidates[0].model)
    assert found is not None
    return found


def most_lost(report: Report) -> UseCaseDecision:
    return max(report.recommendation.use_cases, key=lambda decision: len(losses(report, decision)))


def open_gallery(report: Report, decision: UseCaseDecision, reviewer: str = "") -> AppTest:
    at = open_page(QUALITY)
    at.selectbox(key="quality_use_case_pick").set_value(report.recommendation.use_cases.index(decision))
    at.session_state["regressions"] = True
    at.session_state["reviewer"] = reviewer
    at.run()
    assert_calm(at)
    return at


def shown(at: AppTest) -> list[str]:
    """The texts of the two columns of every pair, as a reader sees them."""
    return [_text_of(element.proto.body) for element in at.get("html")]


def shortcuts(at: AppTest) -> dict[str, str]:
    return {str(button.key): button.proto.shortcut for button in at.button if button.proto.shortcut}


def head(at: AppTest) -> str:
    """Which answer is in sight."""
    return next(caption.value for caption in at.caption if caption.value.startswith("Answer "))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(body: str) -> _Reader:
    reader = _Reader()
    reader.feed(body)
    reader.close()
    return reader


def _text_of(body: str) -> str:
    return _read(body).text


@pytest.mark.slow
def test_losses_stand_side_by_side_one_by_one_the_worst_first(report: Report) -> None:
    decision = most_lost(report)
    found = losses(report, decision)
    assert len(found) > 1
    at = open_gallery(report, decision)
    assert len(open_page(QUALITY).get("html")) == 0, "nothing is loaded before it is asked for"
    run = get_run(store(), report.recommendation.run.id)
    texts = load_texts(store(), run, [regression.key for regression in found])

    def sides(number: int) -> list[str]:
        text = texts[found[number - 1].key]
        return [text.baseline, text.candidate]

    assert shown(at) == sides(1)
    key = f"regressions_page_{decision.name}_{decision.candidates[0].model}_None_0"
    at.pagination(key=key).set_value(2).run()
    assert_calm(at)
    assert shown(at) == sides(2)


def test_kinds_are_counted_and_one_can_be_chosen(report: Report) -> None:
    decision = max(report.recommendation.use_cases, key=lambda decision: len(tally_kinds(losses(report, decision))))
    counts = tally_kinds(losses(report, decision))
    at = open_gallery(report, decision)
    pills = at.pills(key=f"regressions_kind_{decision.name}_{decision.candidates[0].model}")
    assert pills.options == [f"{FAILURE_KINDS[kind]} ({number})" for kind, number in counts.items()]
    kind, number = list(counts.items())[-1]
    pills.set_value(kind).run()
    assert_calm(at)
    heads = [caption.value for caption in at.caption if caption.value.startswith("Answer ")]
    assert heads == [f"Answer 1 of {number} · {FAILURE_KINDS[kind]}"]


def test_every_loss_says_why_what_it_cost_and_how_long_it_took(report: Report) -> None:
    at = open_gallery(report, most_lost(report))
    assert said(at).count("Why it's worse: ") == 1
    assert said(at).count(" per 1,000, ") == 2
    assert "latency not measured" in said(at), "the illustrative candidate's answers are written"


def test_a_name_comes_before_agreeing(report: Report) -> None:
    at = open_gallery(report, most_lost(report))
    assert "Enter your name to agree or disagree" in said(at)
    assert at.button(key="regression_agree").disabled
    assert at.button(key="regression_disagree").disabled
    assert not at.button(key="regression_next").disabled


def test_the_keys_go_from_one_answer_to_the_next_and_picked_reviews_are_kept(report: Report) -> None:
    decision = most_lost(report)
    first, second, third = losses(report, decision)[:3]
    at = open_gallery(report, decision, "Dana")
    assert shortcuts(at) == {
        "regression_agree": "a",
        "regression_disagree": "d",
        "regression_previous": "p",
        "regression_next": "n",
    }
    assert at.button(key="regression_previous").disabled
    for choice in ("agree", "disagree", "agree"):
        at.button(key=f"regression_{choice}").click().run()
    assert_calm(at)
    kept = {
        (r.sample_id, r.model_id): (r.preference, r.picked)
        for r in load_reviews(server.store(), report.recommendation.run.id)
        if r.reviewer == "Dana"
    }
    assert kept == {
        first.key: (Preference.BASELINE, True),
        second.key: (Preference.TIE, True),
        third.key: (Preference.BASELINE, True),
    }
    assert head(at).startswith("Answer 4 of ")
    assert "3 of " in said(at)
    at.button(key="regression_previous").click().run()
    assert head(at).startswith("Answer 3 of ")
    assert "You agree: the candidate's answer is worse." in said(at)
    at.button(key="regression_next").click().run()
    assert head(at).startswith("Answer 4 of ")
    at.pagination[0].set_value(1).run()
    at.button(key="regression_next").click().run()
    assert head(at).startswith("Answer 2 of "), "by number, then by key"


def test_the_last_answer_stays_in_sight(report: Report) -> None:
    decision = most_lost(report)
    at = open_gallery(report, decision, "Dana")
    number = len(losses(report, decision))
    at.pagination[0].set_value(number).run()
    at.button(key="regression_agree").click().run()
    assert_calm(at)
    assert head(at).startswith(f"Answer {number} of {number}")
    assert "You agree: the candidate's answer is worse." in said(at)
    assert at.button(key="regression_next").disabled


def test_a_key_held_down_labels_no_answer_unseen(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_gallery(report, most_lost(report), "Dana")
    monkeypatch.setattr(review, "QUICKEST_S", 60.0)
    at.button(key="regression_agree").click().run()
    assert review.NOT_TAKEN in {warning.value for warning in at.warning}
    assert head(at).startswith("Answer 1 of ")
    assert all(r.reviewer != "Dana" for r in load_reviews(server.store(), report.recommendation.run.id))


@pytest.mark.slow
def test_a_blind_word_is_shown_and_not_changed(report: Report) -> None:
    decision = most_lost(report)
    first = losses(report, decision)[0]
    add_reviews(server.store(), report.recommendation.run.id, [(*first.key, Preference.TIE)], reviewer="Dana")
    at = open_gallery(report, decision, "Dana")
    assert "You reviewed it blind." in said(at)
    assert at.button(key="regression_agree").disabled
    at.button(key="regression_next").click().run()
    assert not at.button(key="regression_agree").disabled


def test_logged_text_is_never_markup(hostile: Path, tmp_path: Path) -> None:
    shutil.copy(hostile, tmp_path / "advisor.db")
    at = open_page(QUALITY)
    picker = at.selectbox(key=f"quality_candidate_pick_{HOSTILE_CASE}")
    picker.set_value(picker.options.index(QUICK))
    at.session_state["regressions"] = True
    at.session_state["reviewer"] = HOSTILE
    at.run()
    assert_calm(at)
    assert any(HOSTILE in code.value for code in at.code)
    texts = [element.value for kind in (at.markdown, at.caption) for element in kind]
    assert [text for text in texts if re.search(r"(?<!\\)!(?<!\\)\[|(?<!\\)<img|[^\\]\$[xy]", text)] == []


@pytest.mark.parametrize(
    ("left", "right"), [(HOSTILE, f"{HOSTILE} more"), ("<b>a</b> &amp; b", "'><script>1</script>"), ("", HOSTILE)]
)
def test_marked_texts_read_as_they_are(left: str, right: str) -> None:
    for body, text in zip(gallery.marked(left, right), (left, right), strict=True):
        reader = _read(body)
        assert reader.text == (text or "(no answer)")
        assert reader.tags <= {"div", "ins", "del", "em"}


def test_a_difference_is_marked_by_more_than_colour() -> None:
    left, right = gallery.marked("It takes five days.", "It takes three days.")
    assert re.findall(r"<del [^>]*>(\w+)</del>", left) == ["five"]
    assert re.findall(r"<ins [^>]*>(\w+)</ins>", right) == ["three"]


def test_of_two_texts_with_little_in_common_nothing_is_marked() -> None:
    left, right = gallery.marked("Here is how you can make one dollar using 19 coins.", "I'm sorry, I can't help.")
    assert _read(left).tags == _read(right).tags == {"div"}
    assert "<del" in gallery.marked("It takes five days.", "It takes three days.")[0]


def test_the_end_of_a_long_text_is_shown_and_said_not_to_be_compared() -> None:
    long = "word " * 800 + "end"
    left, right = gallery.marked(long, "word")
    assert "Not compared from here" in left
    assert _text_of(left).endswith("end")
    assert "more characters" in gallery.marked("x" * 30_000, "y")[0]
    assert "Not compared" not in right


def test_what_is_not_known_of_cost_and_time_is_said() -> None:
    assert gallery.cost_and_time(None, None) == "cost unknown, latency not measured"
    assert gallery.cost_and_time(0.002, 1.84) == "$2.00 per 1,000, 1.8 s"
