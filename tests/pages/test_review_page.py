"""Review: blind until it is saved, saved the right way round, by keys, taken back, and worth what agreement says."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from advisor.analysis.next_steps import next_steps
from advisor.collect.readable import both_ends
from advisor.decide.decisions import decide
from advisor.jobs.sample import load_sample
from advisor.judge.agreement import Agreement, ReviewFacts
from advisor.judge.reviews import BlindPair, Queue, Reviewing, list_queue, next_pair
from advisor.measure.run_lifecycle import finish_run, start_run
from advisor.plan.exports import export
from advisor.store import Store
from advisor.store.deletion import delete_study
from advisor.store.jobs import file_job, finish_job
from advisor.store.log.use_cases import list_use_cases
from advisor.store.run.reviews import Review, add_reviews, load_reviews, remove_review
from advisor.store.run.runs import change_run, list_runs
from advisor.store.run.samples import list_run_samples, map_run_samples
from advisor.store.run.scores import ScoreKey, Vote, save_judgements, save_scores
from advisor.store.tables import StudyRow
from advisor.text.advice.reasons import all_reviewed, review_progress
from advisor.text.results import provisional_note
from advisor.text.scores import judge_check
from advisor.types import Judgement, Preference, ReviewNeed, Run, RunOptions, Score, Status, Study
from advisor.types.decisions import Bill
from advisor.types.dossier import Export
from advisor.types.reports import Step
from advisor.ui import state
from advisor.ui.evidence.review import agreement as review_agreement
from advisor.ui.evidence.review import queries as queries_review
from advisor.ui.evidence.review import review
from tests.made.drafts import ANSWER, ROLES, drafting, same, writer
from tests.made.judge import examined
from tests.made.pairs import BETTER, WORSE, drafts, judge, paired_run
from tests.made.run import replayed
from tests.pages.tables import tables

PAGE = "pages/evidence/review.py"
Open = Callable[..., AppTest]
KEYS = {
    "review_first": "1",
    "review_second": "2",
    "review_tie": "3",
    "review_first_left": "left",
    "review_second_right": "right",
    "review_tie_down": "down",
    "review_tie_0": "0",
    "review_skip": "s",
    "review_differences": "d",
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test needs no time to look at a pair."""
    monkeypatch.setattr(review, "QUICKEST_S", 0.0)


def downloads(app: AppTest) -> Sequence[Any]:
    return app.get("download_button")


def run_of(store: Store, study: Study) -> Run:
    (run,) = list_runs(store, study.id)
    return run


def reviewed(store: Store, study: Study, name: str) -> dict[tuple[int, int], Review]:
    found = load_reviews(store, run_of(store, study).id)
    return {(r.sample_id, r.model_id): r for r in found if r.reviewer == name}


def begin(open_page: Open) -> AppTest:
    app = open_page(PAGE).button(key="change_reviewer").click().run()
    return app.text_input(key="reviewer_name").set_value("Dana").run()


def said(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.success, app.warning)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def pair_of(**changes: object) -> BlindPair:
    values: dict[str, object] = {
        "sample_id": 1,
        "model_id": 1,
        "use_case": "",
        "before": "",
        "prompt": "",
        "first": "",
        "second": "",
        "candidate_first": True,
        "queue": Queue.RANDOM,
        "done": 0,
        "left": 1,
    }
    return BlindPair(**(values | changes))  # type: ignore[arg-type]


def texts(pair: BlindPair) -> list[str]:
    """A pair as the page shows it."""
    return [both_ends(pair.prompt, review.LONG_PROMPT), pair.first, pair.second]


def test_a_name_comes_first(open_page: Open, replayed_study: Study) -> None:
    app = open_page(PAGE)
    app.button(key="change_reviewer").click().run()
    assert "Enter your name" in app.caption[-1].value
    assert not app.code
    told = said(app)
    assert " reviews" in told
    assert " decide" in told, "there is no judge to check"


def test_the_header_is_of_the_decision_that_the_reviews_changed(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    decide(store, replayed_study)
    app = begin(open_page)
    app.button(key="review_tie").click().run()
    app.button(key="review_reveal").click().run()
    assert "updated just now" in said(app)
    assert "changed since the last update" not in said(app)


def test_a_result_is_shown_though_the_reviews_leave_another_use_case_first(open_page: Open, store: Store) -> None:
    study = load_sample(store)
    run, (case,) = (
        run_of(store, study),
        [case for case in list_use_cases(store, study.id) if case.name == "Reply draft"],
    )
    queue = list_queue(store, study, run, Reviewing(reviewer="Dana", use_cases=(case.name,), queue=Queue.RANDOM))
    candidate = queue[0][1]
    pairs = [(*pair, Preference.TIE) for pair in queue if pair[1] == candidate]
    add_reviews(store, run.id, pairs[:29], reviewer="Dana")
    app = begin(open_page)
    assert app.selectbox(key="use_case").value == str(case.id)
    app.button(key="review_first").click().run()
    app.button(key="review_reveal").click().run()
    assert app.selectbox(key="use_case").value == str(case.id)
    assert "Of 1 pair you preferred" in said(app)


def test_nothing_tells_which_is_which_until_the_reviewer_has_finished(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    run = run_of(store, replayed_study)
    app = begin(open_page)
    firsts = []
    for choice in ("tie", "first", "second"):
        parts = [app.main.markdown, app.code, app.button, app.caption, app.info, app.get("progress")]
        below = str(parts).replace("\\", "")
        assert "30B" not in below
        assert "gpt-4o" not in below
        pair = next_pair(store, replayed_study, run, Reviewing(reviewer="Dana"))
        assert pair is not None
        firsts.append(pair.candidate_first)
        app.button(key=f"review_{choice}").click().run()
    app.button(key="review_reveal").click().run()
    assert not app.exception
    assert not app.code, "no pair is judged beside the names"
    assert "review_undo" not in {button.key for button in app.button}
    shown = tables(app)[0]
    assert ["30B" in name for name in shown["First"]] == firsts
    assert list(shown["You preferred"]) == ["neither", shown["First"][1], shown["Second"][2]]
    assert "Of 3 pairs you preferred" in said(app)
    assert "quality" in [link.proto.page for link in app.get("page_link")]
    before = app.selectbox(key="use_case").index
    app.selectbox(key="use_case").select_index(1 if before != 1 else 2).run()
    assert "Of 3 pairs you preferred" not in said(app), "another use case has no result of this one's"
    app.selectbox(key="use_case").select_index(before).run()
    app.button(key="review_more").click().run()
    assert len(app.code) == 3
    assert "30B" not in said(app)


def test_differences_are_marked_and_hidden_again(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    assert len(app.code) == 3
    app.button(key="review_differences").click().run()
    assert not app.exception
    assert len(app.code) == 1, "the prompt"
    app.button(key="review_differences").click().run()
    assert len(app.code) == 3


def test_a_choice_is_kept_for_the_answer_that_was_shown(open_page: Open, store: Store, replayed_study: Study) -> None:
    run = run_of(store, replayed_study)
    app = begin(open_page)
    for choice in ("first", "second", "tie", "first_left", "second_right", "tie_down", "tie_0"):
        pair = next_pair(store, replayed_study, run, Reviewing(reviewer="Dana"))
        assert pair is not None
        assert [block.value for block in app.code] == texts(pair)
        app.button(key=f"review_{choice}").click().run()
        assert not app.exception
        if choice.startswith("tie"):
            expected = Preference.TIE
        else:
            is_candidate = choice.startswith("first") == pair.candidate_first
            expected = Preference.CANDIDATE if is_candidate else Preference.BASELINE
        kept = reviewed(store, replayed_study, "Dana")[pair.key]
        assert (kept.preference, kept.picked) == (expected, False)
    assert len(reviewed(store, replayed_study, "Dana")) == 7


def test_every_choice_has_a_key_of_its_own(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    assert {button.key: button.proto.shortcut for button in app.button if button.proto.shortcut} == KEYS
    app.button(key="review_first").click().run()
    assert app.button(key="review_undo").proto.shortcut == "u"


def test_skipping_shows_another_pair_and_saves_nothing(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    before = app.code[0].value
    app.button(key="review_skip").click().run()
    assert not app.exception
    assert app.code[0].value != before
    assert reviewed(store, replayed_study, "Dana") == {}


def test_a_wrong_key_is_undone_and_the_pair_comes_back(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    first = [block.value for block in app.code]
    app.button(key="review_first").click().run()
    second = [block.value for block in app.code]
    app.button(key="review_tie").click().run()
    app.button(key="review_undo").click().run()
    assert [block.value for block in app.code] == second
    assert len(reviewed(store, replayed_study, "Dana")) == 1
    app.button(key="review_undo").click().run()
    assert [block.value for block in app.code] == first
    assert reviewed(store, replayed_study, "Dana") == {}
    assert "review_undo" not in {button.key for button in app.button}


def test_choices_stay_with_their_study_although_another_gets_its_id(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    app = begin(open_page)
    app.button(key="review_tie").click().run()
    assert "review_undo" in {button.key for button in app.button}
    with store.engine.begin() as connection:  # as if it had been deleted and the next one made
        connection.execute(update(StudyRow).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))
    app.run()
    assert not app.exception
    assert "review_undo" not in {button.key for button in app.button}
    assert len(reviewed(store, replayed_study, "Dana")) == 1


def test_after_another_replay_choices_can_still_be_undone_and_revealed(
    open_page: Open,
    store: Store,
    replayed_study: Study,
) -> None:
    first = run_of(store, replayed_study)
    app = begin(open_page)
    for _ in range(2):
        app.button(key="review_tie").click().run()
    finish_run(store, start_run(store, replayed_study, RunOptions(sample_size=first.options.sample_size)).id)
    app.run()
    app.button(key="review_undo").click().run()
    assert not app.exception
    newest = list_runs(store, replayed_study.id)[0]
    assert newest.id != first.id
    assert sum(review.reviewer == "Dana" for review in load_reviews(store, newest.id)) == 1
    app.button(key="review_reveal").click().run()
    assert len(tables(app)[0]) == 1


def test_a_key_held_down_judges_no_pair_unseen(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = begin(open_page)
    app.button(key="review_first").click().run()
    after_one = [block.value for block in app.code]
    monkeypatch.setattr(review, "QUICKEST_S", 60.0)
    for key in ("review_first", "review_tie_0", "review_undo"):
        app.button(key=key).click().run()
        assert review.NOT_TAKEN in {warning.value for warning in app.warning}
    assert [block.value for block in app.code] == after_one
    assert len(reviewed(store, replayed_study, "Dana")) == 1


def test_a_key_too_many_does_not_begin_the_wait_anew(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = begin(open_page)
    monkeypatch.setattr(review, "QUICKEST_S", 60.0)
    app.button(key="review_first").click().run()
    assert reviewed(store, replayed_study, "Dana") == {}
    sight, since = app.session_state[state.IN_SIGHT]
    app.session_state[state.IN_SIGHT] = (sight, since - 60.0)
    app.button(key="review_first").click().run()
    assert len(reviewed(store, replayed_study, "Dana")) == 1
    assert not [warning for warning in app.warning if warning.value == review.NOT_TAKEN]


def test_two_keys_at_once_say_one_thing_of_one_pair(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    app.button(key="review_first").click()
    app.button(key="review_tie").click()
    app.run()
    (kept,) = reviewed(store, replayed_study, "Dana").values()
    assert kept.preference is not Preference.TIE
    assert review.NOT_TAKEN in {warning.value for warning in app.warning}


def test_the_use_case_stays_chosen_while_another_tab_is_looked_at(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    name = app.selectbox(key="use_case").options[-1]
    app.selectbox(key="use_case").select(name).run()
    app.segmented_control(key="review_queue").set_value(Queue.TELLING).run()
    for tab in ("Agreement", "Review pairs"):
        app.session_state["tab"] = tab
        app.run()
    box = app.selectbox(key="use_case")
    assert box.options[box.index or 0] == name
    assert app.segmented_control(key="review_queue").value == Queue.TELLING


def test_what_came_before_is_shown_on_demand(open_page: Open, store: Store, replayed_study: Study) -> None:
    app = begin(open_page)
    pair = next_pair(store, replayed_study, run_of(store, replayed_study), Reviewing(reviewer="Dana"))
    assert pair is not None
    assert pair.before
    app.session_state["pair_before"] = True
    app.run()
    assert [block.value for block in app.code] == [pair.before, *texts(pair)]


def test_of_a_long_prompt_both_ends_are_shown_and_the_whole_on_demand(
    open_page: Open, store: Store, replayed_study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = next_pair(store, replayed_study, run_of(store, replayed_study), Reviewing(reviewer="Dana"))
    assert pair is not None
    long = f"Answer from the article. {'It says much. ' * 200}\n\nQuestion: how do I reset it?"
    monkeypatch.setattr(queries_review, "next_pair", lambda *_, **__: replace(pair, prompt=long, before=""))
    app = begin(open_page)
    shown = app.code[0].value
    assert len(shown) < 700
    assert shown.startswith("Answer from the article.")
    assert shown.endswith("Question: how do I reset it?")
    app.session_state["pair_whole"] = True
    assert app.run().code[0].value == long


def test_one_use_case_can_be_chosen(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    name = app.selectbox(key="use_case").options[-1]
    app.selectbox(key="use_case").select(name).run()
    assert any(caption.value.startswith(f"{name} ·") for caption in app.caption)


def test_without_a_judge_no_pair_stands_out(open_page: Open, replayed_study: Study) -> None:
    app = begin(open_page)
    app.segmented_control(key="review_queue").set_value(Queue.TELLING).run()
    assert not app.exception
    assert "No disputed pairs" in said(app)


def test_when_all_is_judged_the_last_can_still_be_undone(open_page: Open, store: Store, replayed_study: Study) -> None:
    run = run_of(store, replayed_study)
    queue = list_queue(store, replayed_study, run)
    last = next_pair(store, replayed_study, run, Reviewing(reviewer="Dana"), listed=queue)
    assert last is not None
    add_reviews(store, run.id, [(*pair, Preference.TIE) for pair in queue if pair != last.key], reviewer="Dana")
    app = begin(open_page)
    app.button(key="review_tie").click().run()
    assert f"All {len(queue)} pairs reviewed" in said(app)
    app.button(key="review_undo").click().run()
    assert [block.value for block in app.code] == texts(last)


def test_without_answers_it_says_what_to_do(open_page: Open, sample_study: Study) -> None:
    assert "No answers to compare yet" in said(open_page(PAGE))


@pytest.mark.slow
def test_agreement_of_two_people_is_shown_with_its_reason_where_it_is_missing(
    open_page: Open, store: Store, replayed_study: Study
) -> None:
    run = run_of(store, replayed_study)
    for name, preference in (("Ann", Preference.TIE), ("*Bo*", Preference.BASELINE)):
        words = [(*pair, Preference.TIE) for pair in list_queue(store, replayed_study, run)[:4]]
        add_reviews(store, run.id, [*words[:3], (*words[3][:2], preference)], reviewer=name)
    app = open_page(PAGE, tab="Agreement")
    assert "*Bo* and Ann agree on 3 of 4 pairs, which may be chance: 6 more pairs are needed" in said(app)
    assert "No judge has voted on this run" in said(app)
    assert tables(app)[0].iloc[2].tolist() == ["baseline better", 0, 1, 0]


@pytest.mark.slow
def test_reviews_go_out_and_come_in_with_every_row_accounted_for(
    open_page: Open, store: Store, replayed_study: Study, tmp_path: Path
) -> None:
    run = run_of(store, replayed_study)
    for written in load_reviews(store, run.id):
        remove_review(store, run.id, written.sample_id, written.model_id, reviewer=written.reviewer)
    assert "No reviews" in said(open_page(PAGE, tab="Agreement"))
    assert all(download.disabled for download in downloads(open_page(PAGE, tab="Files")))
    add_reviews(
        store, run.id, [(*pair, Preference.TIE) for pair in list_queue(store, replayed_study, run)[:3]], reviewer="Ann"
    )
    app = open_page(PAGE, tab="Files")
    assert not any(download.disabled for download in downloads(app))
    export(store, replayed_study, Export.LABELS, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    broken = json.dumps(json.loads(lines[0]) | {"model": "nobody"})
    app.file_uploader(key="reviews_file").set_value(("in.jsonl", "\n".join([*lines, broken]).encode(), "text/plain"))
    app.run()
    app.button(key="reviews_import").click().run()
    assert not app.exception
    assert "3 reviews imported into run 1, 3 of them replacing an earlier review" in said(app)
    assert tables(app)[0].values.tolist() == [[4, "the run has no candidate 'nobody'"]]


@pytest.mark.parametrize(
    ("made", "need", "words"),
    [
        (12, ReviewNeed("Larch", 0, 30, checks=False, votes=0), "12 of 30 reviews of Chat"),
        (30, ReviewNeed("Larch", 0, 30, checks=False, votes=0), "30 reviews of Chat: enough to decide"),
        (4, ReviewNeed("Larch", 0, 30, checks=True, votes=90), "4 of 30 reviews to check the judge"),
        (45, None, "45 reviews of Chat"),
    ],
)
def test_progress_says_how_many_reviews_decide(made: int, need: ReviewNeed | None, words: str) -> None:
    assert review_progress("Chat", made, need) == words


def test_reviews_that_may_agree_by_chance_arent_enough() -> None:
    need = ReviewNeed("Larch", 32, 30, checks=True, votes=90)
    words = review_progress("", 32, need, doubt="nearly all pairs are ties")
    assert words == "32 reviews to check the judge: not enough yet, nearly all pairs are ties"


def test_the_end_says_which_pairs_needed_no_person() -> None:
    assert all_reviewed(159, 4) == "All 159 pairs done: 4 reviewed, 155 with the same answers"
    assert all_reviewed(4, 4) == "All 4 pairs reviewed"


def test_agreement_reads_as_a_sentence() -> None:
    assert (
        judge_check(26, 30, 0, is_contradicted=False, is_by_chance=False)
        == "Reviewers confirm the judge: they agree on 26 of 30 pairs."
    )
    assert "18 more reviews" in judge_check(9, 12, 18, is_contradicted=False, is_by_chance=False)
    tied = judge_check(31, 32, 0, is_contradicted=False, is_by_chance=True, is_tied=True)
    assert "31 of 32 pairs, but nearly all are ties, so that may be chance. Review more pairs" in tied
    assert "contradict" in judge_check(9, 40, 0, is_contradicted=True, is_by_chance=True)
    known = Agreement(n=50, same=41, kappa=0.62, low=0.44, high=0.8)
    assert (
        review_agreement.judge_sentence(known)
        == "The judge and reviewers agree on 41 of 50 pairs; kappa .62 (.44 to .80)."
    )
    few = Agreement(n=12, same=9, missing=18)
    assert "9 of 12 pairs, which may be chance: 18 more pairs are needed" in review_agreement.judge_sentence(few)


@pytest.mark.slow
def test_where_a_judge_reads_people_check_it(open_page: Open, store: Store, tmp_path: Path) -> None:
    study, run, candidate, (judge_id,) = paired_run(store, tmp_path, drafts(40), judges=1)
    change_run(store, run.id, status=Status.SUCCEEDED)
    queue = list_queue(store, study, run)
    doubted, *sure = queue
    words = {sample: {judge_id: (BETTER, BETTER)} for sample, _ in sure} | {doubted[0]: {judge_id: (BETTER, WORSE)}}
    judge(store, run, candidate, words)
    add_reviews(store, run.id, [(*pair, BETTER if n else WORSE) for n, pair in enumerate(sure[:29])], reviewer="Ann")
    app = begin(open_page)
    assert app.get("progress")[0].proto.text == "29 reviews · 0 by you"
    app.segmented_control(key="review_queue").set_value(Queue.TELLING).run()
    assert app.get("progress")[0].proto.text == "0 of 2 disputed pairs", "one that turned, one that Ann denies"
    app.button(key="review_tie").click().run()
    app.button(key="review_tie").click().run()
    assert not app.exception
    assert {pair: review.picked for pair, review in reviewed(store, study, "Dana").items()} == {
        doubted: True,
        sure[0]: True,
    }
    app.segmented_control(key="review_queue").set_value(Queue.RANDOM).run()
    assert app.get("progress")[0].proto.text == "29 reviews · 0 by you"
    app.button(key="review_tie").click().run()
    app.session_state["tab"] = "Agreement"
    app.run()
    assert not app.exception
    told = said(app)
    assert "The judge and reviewers agree on 29 of 30 pairs; kappa .66 (" in told
    assert "1 review of picked pairs is excluded" in told, "a random review takes the place of a picked one"
    assert "Only human reviews can drive a switch" not in told
    add_reviews(store, run.id, [(*pair, WORSE) for pair in sure[1:20]], reviewer="Bo")
    assert "below .4). Only human reviews can drive a switch" in said(app.run())


def test_scoring_again_is_seen(open_page: Open, store: Store, tmp_path: Path) -> None:
    study, run, candidate, (judge_id,) = paired_run(store, tmp_path, drafts(5), judges=1)
    change_run(store, run.id, status=Status.SUCCEEDED)
    pairs = list_queue(store, study, run)
    judge(store, run, candidate, {sample: {judge_id: (BETTER, BETTER)} for sample, _ in pairs})
    add_reviews(store, run.id, [(*pairs[1], BETTER)], reviewer="Ann")
    app = begin(open_page)
    app.segmented_control(key="review_queue").set_value(Queue.TELLING).run()
    assert "No disputed pairs" in said(app)
    job = file_job(store, "score", study.id, {"run": run.id})
    sample = pairs[0][0]
    words = [Judgement(candidate_first=first, preference=BETTER if first else WORSE) for first in (True, False)]
    save_judgements(
        store, run.id, [sample], [Vote(sample, candidate, word, judge_id) for word in words], prompt_version="1"
    )
    save_scores(store, run.id, [sample], [(sample, candidate, Score(scorer="pairwise", value=0.5))])
    finish_job(store, job.id, Status.SUCCEEDED)
    app.run()
    assert app.get("progress")[0].proto.text == "0 of 1 disputed pair"


def test_each_use_case_has_a_row_and_says_what_is_missing() -> None:
    facts = ReviewFacts(
        reviews=[Review(n, 1, Preference.TIE, "a", picked=False, at=datetime.now(UTC)) for n in range(45)],
        scores={ScoreKey(n, 1, "pairwise"): Score(scorer="pairwise", value=0.5) for n in range(45)},
        pairs={"Big": [(n, 1) for n in range(40)], "Small": [(n, 1) for n in range(40, 45)]},
        is_judged=True,
    )
    facts.scores[ScoreKey(0, 1, "pairwise")] = Score(scorer="pairwise", value=1.0)
    big, small = review_agreement.judge_rows(facts).to_dict("records")
    assert (big["Reviews"], big["Judge agrees"], big["Why unknown"]) == (40, "39 of 40", "")
    assert (small["Kappa"], small["Why unknown"]) == ("–", "few pairs here; all use cases of a judge count together")
    facts.scores[ScoreKey(0, 1, "pairwise")] = Score(scorer="pairwise", value=0.5)
    big, _ = review_agreement.judge_rows(facts).to_dict("records")
    assert (big["Judge agrees"], big["Kappa"], big["Why unknown"]) == ("40 of 40", "–", "all votes are the same")


def test_reviews_are_of_the_use_cases_of_their_own_study_not_of_one_that_was_deleted(
    store: Store, tmp_path: Path, do_jobs: Callable[[], None]
) -> None:
    """SQLite gives the ids of what was deleted to what comes next."""
    for order in ("A" * 30 + "B" * 30, "AB" * 30):
        rows = [
            {**row, "metadata": {"use_case": f"Letters {name}"}} for row, name in zip(drafts(60), order, strict=True)
        ]
        study, run, candidate, _ = paired_run(store, tmp_path, rows, name=order[:2])
        places = dict(zip(list_run_samples(store, run.id), order, strict=True))
        add_reviews(store, run.id, [(sample, candidate, BETTER) for sample in places], reviewer="Ann")
        found = queries_review.review_facts(study.id, run.id).pairs
        assert {name: {places[sample] for sample, _ in pairs} for name, pairs in found.items()} == {
            "Letters A": {"A"},
            "Letters B": {"B"},
        }
        delete_study(store, study.id)
        do_jobs()
    assert (study.id, run.id) == (1, 1)


@pytest.mark.slow
def test_pairs_come_from_all_use_cases_that_rest_on_a_judge_and_ties_dont_confirm_it(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    rows = [{**row, "metadata": {"use_case": "AB"[n % 2]}} for n, row in enumerate(drafting(160))]
    tying = examined(same, (ANSWER.format(n) for n in range(160)), lambda text: text.startswith("Hello"))
    study, run, _ = replayed(store, tmp_path, rows, ROLES, {"open": writer, "judge": tying}, audited=160)
    decisions = decide(store, study).recommendation.use_cases
    assert [(each.name, each.provisional) for each in decisions] == [("A", True), ("B", True)]
    app = begin(open_page)
    assert app.selectbox(key="use_case").options[:1] == [review.ON_JUDGE]
    assert app.get("progress")[0].proto.text == "0 of 30 reviews to check the judge · 0 by you"
    for _ in range(2):
        app.button(key="review_tie").click().run()
    names = map_run_samples(store, run.id)
    assert {names[sample] for sample, _ in reviewed(store, study, "Dana")} == {"A", "B"}
    add_reviews(store, run.id, [(*pair, Preference.TIE) for pair in list_queue(store, study, run)[:40]], reviewer="Ann")
    app.run()
    assert "reviews to check the judge: not enough yet, nearly all pairs are ties" in app.get("progress")[0].proto.text
    found = decide(store, study)
    assert found.recommendation.use_cases[0].provisional
    assert "and reviews don't confirm them yet: nearly all pairs are ties" in provisional_note(found.recommendation)
    first = next_steps(replace(found.recommendation, bill=Bill()), {})[0]
    assert (first.code, first.values["pairs"]) == (Step.REVIEW, 0), "another judge would meet the same ties"
    app = open_page(PAGE)
    app.button(key="change_reviewer").click().run()
    assert "Review more pairs: those with a winner tell" in said(app)
