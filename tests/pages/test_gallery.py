"""Pairs of answers on the Quality page: by kind, side by side, judged by one key, and no text of a log is markup."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from advisor.collect.readable import reference_text, split_prompt
from advisor.decide.failures import tally_kinds
from advisor.decide.pairs import Pairs, Row, even_rows, rows_of
from advisor.judge.pairs import load_texts
from advisor.store.run.reviews import add_reviews, load_reviews
from advisor.store.run.runs import get_run
from advisor.text.names import FAILURE_KINDS, GAIN_KINDS
from advisor.text.results import cost_and_time, review_words
from advisor.types import Endpoint, Preference, Report, UseCaseDecision
from advisor.ui import queries, server
from advisor.ui.components.word_marks import marked
from advisor.ui.evidence.quality.queries import Asked
from advisor.ui.evidence.quality.queries import pairs_of as pairs_of_cell
from advisor.ui.evidence.review import review
from advisor.ui.evidence.review.reviewer import name_key
from advisor.ui.server import store
from tests.pages.decided_study import (
    COMPARE,
    HOSTILE,
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


def pairs_of(report: Report, decision: UseCaseDecision) -> Pairs:
    found = pairs_of_cell(1, Asked(report, decision.name, decision.candidates[0].model, ()))
    assert found is not None
    return found


def losses(report: Report, decision: UseCaseDecision) -> list[Row]:
    pairs = pairs_of(report, decision)
    return rows_of(pairs.worse, pairs.requests)


def most_lost(report: Report) -> UseCaseDecision:
    return max(report.recommendation.use_cases, key=lambda decision: len(losses(report, decision)))


def address(report: Report, decision: UseCaseDecision, **more: str) -> dict[str, str]:
    (model,) = (each for each in report.models if each.name == decision.candidates[0].model)
    return {"use_case": queries.case_ids(1)[decision.name], "candidate": str(model.id), **more}


def open_gallery(report: Report, decision: UseCaseDecision, reviewer: str = "", **more: str) -> AppTest:
    at = open_page(QUALITY)
    for name, value in address(report, decision, **more).items():
        at.query_params[name] = value
    at.session_state[name_key(1)] = reviewer
    at.run()
    assert_calm(at)
    return at


def shown(at: AppTest) -> list[str]:
    """The texts of the columns of every pair, as a reader sees them."""
    return [_text_of(html.proto.body) for html in at.get("html") if html.proto.body.startswith("<div style")]


def shortcuts(at: AppTest) -> dict[str, str]:
    return {str(button.key): button.proto.shortcut for button in at.button if button.proto.shortcut}


def head(at: AppTest) -> str:
    """Which pair is in sight."""
    return next(text.value for text in at.markdown if " of " in text.value and " \u00b7 sample " in text.value)


def of_samples(rows: list[Row]) -> str:
    """What the head adds where prompts repeat: the number on the tab."""
    samples = sum(row.times for row in rows)
    return f"{samples} samples, repeats listed once \u00b7 " if samples > len(rows) else ""


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


def test_pairs_stand_side_by_side_with_the_reference_the_worst_first(report: Report) -> None:
    decision = next(each for each in report.recommendation.use_cases if each.endpoint is Endpoint.TARGET)
    rows = losses(report, decision)
    run = get_run(store(), report.recommendation.run.id)
    (model,) = queries.models(1)
    texts = load_texts(store(), run, [(row.sample_id, model.id) for row in rows])

    def sides(number: int) -> list[str]:
        text = texts[(rows[number - 1].sample_id, model.id)]
        assert text.sample.reference is not None
        return [reference_text(text.sample.reference.value), text.baseline, text.candidate]

    at = open_gallery(report, decision)
    assert shown(at) == sides(1)
    at.button(key="gallery_next").click().run()
    assert_calm(at)
    assert shown(at) == sides(2)
    assert at.query_params["sample"] == str(rows[1].sample_id)


def test_an_address_shows_its_pair_and_a_dead_one_says_so(report: Report) -> None:
    decision = most_lost(report)
    rows = losses(report, decision)
    at = open_gallery(report, decision, sample=str(rows[-1].sample_id))
    assert head(at).startswith(f"**{len(rows)} of {len(rows)}**")
    at.button(key="gallery_next").click().run()
    assert head(at).startswith(f"**1 of {len(rows)}**"), "after the last comes the first"
    dead = open_gallery(report, decision, sample="999999", show="gone", cluster="gone", delta="9")
    assert head(dead).startswith(f"**1 of {len(rows)}**")
    assert said(dead).count("link_off") == 3


def test_improvements_and_ties_are_one_click_away(report: Report) -> None:
    decision = next(each for each in report.recommendation.use_cases if each.candidates[0].quality.wins)
    pairs, quality = pairs_of(report, decision), decision.candidates[0].quality
    assert (len(pairs.better), len(pairs.even), len(pairs.worse)) == (quality.wins, quality.ties, quality.losses)
    at = open_gallery(report, decision)
    show = at.segmented_control(key="show")
    assert show.options == [
        f"Regressions ({quality.losses})",
        f"Improvements ({quality.wins})",
        f"Ties ({quality.ties})",
    ]
    show.set_value("better").run()
    assert_calm(at)
    assert at.query_params["show"] == "better"
    rows = rows_of(pairs.better, pairs.requests)
    assert head(at).startswith(f"**1 of {len(rows)}** \u00b7 {of_samples(rows)}{GAIN_KINDS[pairs.better[0].kind]}")
    at.segmented_control(key="show").set_value("even").run()
    assert head(at).startswith(f"**1 of {len(even_rows(pairs))}** \u00b7 {of_samples(even_rows(pairs))}equally good")
    assert "gallery_agree" not in shortcuts(at)


def test_kinds_are_counted_and_one_can_be_chosen(report: Report) -> None:
    decision = max(report.recommendation.use_cases, key=lambda each: len(tally_kinds(pairs_of(report, each).worse)))
    pairs = pairs_of(report, decision)
    counts = tally_kinds(pairs.worse)
    at = open_gallery(report, decision)
    pills = at.pills(key="cluster")
    assert pills.options[: len(counts)] == [f"{FAILURE_KINDS[kind]} ({number})" for kind, number in counts.items()]
    kind = list(counts)[-1]
    pills.set_value(kind.value).run()
    assert_calm(at)
    rows = rows_of([each for each in pairs.worse if each.kind is kind], pairs.requests)
    assert head(at).startswith(f"**1 of {len(rows)}** \u00b7 {of_samples(rows)}{FAILURE_KINDS[kind]}")
    assert at.query_params["cluster"] == kind.value
    again = open_gallery(report, decision, cluster=kind.value)
    assert head(again) == head(at), "the address keeps the filter"


def test_every_loss_says_why_what_it_cost_and_how_long_it_took(report: Report) -> None:
    at = open_gallery(report, most_lost(report))
    assert said(at).count("Why: ") == 1
    assert said(at).count(" per 1,000, ") == 2
    assert "latency not measured" in said(at), "the illustrative candidate's answers are written"


def test_a_name_comes_before_agreeing_and_noting(report: Report) -> None:
    at = open_gallery(report, most_lost(report))
    assert at.button(key="gallery_agree").disabled
    assert at.button(key="gallery_disagree").disabled
    assert not at.button(key="gallery_next").disabled
    at.text_input(key="reviewer_name").set_value("Dana").run()
    assert not at.button(key="gallery_agree").disabled


def test_the_keys_go_from_one_answer_to_the_next_and_picked_reviews_are_kept(report: Report) -> None:
    decision = most_lost(report)
    (model,) = queries.models(1)
    first, second, third = (row.sample_id for row in losses(report, decision)[:3])
    at = open_gallery(report, decision, "Dana")
    assert shortcuts(at) == {
        "gallery_previous": "left",
        "gallery_next": "right",
        "gallery_agree": "a",
        "gallery_disagree": "d",
    }
    for choice in ("agree", "disagree", "agree"):
        at.button(key=f"gallery_{choice}").click().run()
    assert_calm(at)
    kept = {
        r.sample_id: (r.preference, r.picked)
        for r in load_reviews(server.store(), report.recommendation.run.id)
        if r.reviewer == "Dana" and r.model_id == model.id
    }
    assert kept == {
        first: (Preference.BASELINE, True),
        second: (Preference.TIE, True),
        third: (Preference.BASELINE, True),
    }
    assert head(at).startswith("**4 of ")
    at.button(key="gallery_previous").click().run()
    assert head(at).startswith("**3 of ")
    assert "You agree: the candidate's answer is worse." in said(at)


def test_a_key_held_down_labels_no_answer_unseen(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    at = open_gallery(report, most_lost(report), "Dana")
    monkeypatch.setattr(review, "QUICKEST_S", 60.0)
    at.button(key="gallery_agree").click().run()
    assert review.NOT_TAKEN in {warning.value for warning in at.warning}
    assert head(at).startswith("**1 of ")
    assert all(r.reviewer != "Dana" for r in load_reviews(server.store(), report.recommendation.run.id))


@pytest.mark.parametrize(
    ("said", "counted", "words"),
    [
        (Preference.BASELINE, Preference.BASELINE, "You agree: the candidate's answer is worse."),
        (Preference.BASELINE, Preference.CANDIDATE, "You disagree: the candidate's answer is worse."),
        (Preference.CANDIDATE, Preference.BASELINE, "You disagree: the candidate's answer is better."),
        (Preference.TIE, Preference.CANDIDATE, "You disagree: it's equally good."),
        (Preference.TIE, Preference.TIE, "You agree: it's equally good."),
    ],
)
def test_a_reviewer_agrees_where_the_pair_counts_the_same(said: Preference, counted: Preference, words: str) -> None:
    assert review_words(said, counted, picked=True) == words


def test_a_picked_review_leaves_the_pairs_as_they_are(report: Report) -> None:
    decision = most_lost(report)
    found = pairs_of(report, decision)
    at = open_gallery(report, decision, "Dana")
    at.button(key="gallery_agree").click().run()
    assert pairs_of(report, decision) is found


@pytest.mark.slow
def test_a_blind_word_is_shown_and_not_changed(report: Report) -> None:
    decision = most_lost(report)
    (model,) = queries.models(1)
    first = (losses(report, decision)[0].sample_id, model.id)
    add_reviews(server.store(), report.recommendation.run.id, [(*first, Preference.TIE)], reviewer="Dana")
    at = open_gallery(report, decision, "Dana")
    assert "You reviewed it blind." in said(at)
    assert at.button(key="gallery_agree").disabled
    at.button(key="gallery_next").click().run()
    assert not at.button(key="gallery_agree").disabled


def test_a_note_is_shown_as_plain_text_and_deleted_by_its_author(report: Report) -> None:
    decision = most_lost(report)
    at = open_gallery(report, decision, "Dana")
    area = next(each for each in at.text_area if str(each.key).startswith("gallery_note"))
    area.set_value(HOSTILE)
    at.button(key="note_save").click().run()
    assert_calm(at)
    assert HOSTILE in {text.value for text in at.text}
    assert "Dana \u00b7 " in said(at)
    other = open_gallery(report, decision, "Kim")
    assert HOSTILE in {text.value for text in other.text}
    assert "note_delete" not in {str(button.key) for button in other.button}
    assert [area.value for area in other.text_area if str(area.key).startswith("gallery_note")] == [""]
    at.button(key="note_delete").click().run()
    assert HOSTILE not in {text.value for text in at.text}
    assert [area.value for area in at.text_area if str(area.key).startswith("gallery_note")] == [""]


def test_logged_text_is_never_markup(hostile: Path, tmp_path: Path) -> None:
    shutil.copy(hostile, tmp_path / "advisor.db")
    at = open_page(QUALITY)
    at.query_params["candidate"] = next(str(model.id) for model in queries.models(1) if model.name == QUICK)
    at.session_state[name_key(1)] = HOSTILE
    at.run()
    assert_calm(at)
    assert any(HOSTILE in code.value for code in at.code)
    texts = [element.value for kind in (at.markdown, at.caption, at.subheader) for element in kind]
    texts += [button.label for button in at.button]
    assert [text for text in texts if re.search(r"(?<!\\)!(?<!\\)\[|(?<!\\)<img|[^\\]\$[xy]", text)] == []


@pytest.mark.parametrize(
    ("left", "right"), [(HOSTILE, f"{HOSTILE} more"), ("<b>a</b> &amp; b", "'><script>1</script>"), ("", HOSTILE)]
)
def test_marked_texts_read_as_they_are(left: str, right: str) -> None:
    for body, text in zip(marked(left, right), (left, right), strict=True):
        reader = _read(body)
        assert reader.text == (text or "(no answer)")
        assert reader.tags <= {"div", "ins", "del", "em"}


def test_a_difference_is_marked_by_more_than_colour() -> None:
    left, right = marked("It takes five days.", "It takes three days.")
    assert re.findall(r"<u [^>]*>(\w+)</u>", left) == ["five"]
    assert re.findall(r"<ins [^>]*>(\w+)</ins>", right) == ["three"]


def test_of_two_texts_with_little_in_common_nothing_is_marked() -> None:
    left, right = marked("Here is how you can make one dollar using 19 coins.", "I'm sorry, I can't help.")
    assert _read(left).tags == _read(right).tags == {"div"}
    assert "<u" in marked("It takes five days.", "It takes three days.")[0]


def test_the_end_of_a_long_text_is_shown_and_said_not_to_be_compared() -> None:
    long = "word " * 800 + "end"
    left, right = marked(long, "word")
    assert "Not compared from here" in left
    assert _text_of(left).endswith("end")
    assert "more characters" in marked("x" * 30_000, "y")[0]
    assert "Not compared" not in right


def test_what_is_not_known_of_cost_and_time_is_said() -> None:
    assert cost_and_time(None, None) == "cost unknown, latency not measured"
    assert cost_and_time(0.002, 1.84) == "$2.00 per 1,000, 1.8 s"


def test_a_search_keeps_the_pairs_with_a_prompt_that_contains_the_words(report: Report) -> None:
    decision = most_lost(report)
    rows = losses(report, decision)
    (candidate,) = (model.id for model in report.models if model.name == decision.candidates[0].model)
    pair = (rows[0].sample_id, candidate)
    text = load_texts(server.store(), queries.run(1), [pair])[pair].sample.request.messages
    words = split_prompt(text)[1].splitlines()[0][:60].upper()
    at = open_gallery(report, decision, find=words)
    assert "of 1**" in said(at)
    at.text_input(key="find").set_value("no prompt has this").run()
    assert "No prompt in this list contains that" in said(at)
    assert all("(0)" in option for key in ("show", "cluster") for option in at.button_group(key=key).options)
    assert at.query_params["find"] == "no prompt has this"
