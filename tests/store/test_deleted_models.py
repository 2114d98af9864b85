"""A run with a model that was deleted lacks what the others lack, and no new model takes its place."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import insert

from advisor.store import Store
from advisor.store.models import add_model, delete_model, edit_model, list_models_of
from advisor.store.run.generations import CallKey, StoredGeneration, Subject, save_generations
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.tallies import tally_run
from advisor.store.tables import JudgementRow
from advisor.text.progress import answers_of, ended_early
from advisor.types import FailureKind, Generation, Lane, Model, Preference, Role, Run, Status
from advisor.types.enums import About
from tests.store.fill import NOON, fill
from tests.store.test_store import answered


@pytest.mark.parametrize(("gone", "planned", "skipped"), [("M", 7, 5), ("Other", 7, 0), ("Part", 10, 5), ("J", 12, 5)])
@pytest.mark.parametrize("is_early", [False, True])
@pytest.mark.parametrize("voted", [(), ("M",), ("M", "Part")])
def test_a_run_lacks_what_the_models_that_are_left_lack(
    any_store: Store, gone: str, planned: int, skipped: int, voted: Sequence[str], *, is_early: bool
) -> None:
    """Also after an early stop, with votes on one model only, and with another share of the calls than the others."""
    run, models = made(any_store, voted)
    change_run(any_store, run.id, spared=5 if is_early else 0, status=Status.SUCCEEDED)
    delete_model(any_store, models[gone])
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.spared + tally.skipped) == (planned, skipped)
    assert tally.skipped == (0 if is_early else skipped)
    votes = sum(10 if name == "M" else 4 for name in voted if name != gone) * (gone != "J")
    assert (tally.judge.planned, tally.judge.voted, tally.judge.lacking) == (votes, votes, 0)
    lacks = tally.missing > 0
    assert ("not made" in ended_early(get_run(any_store, run.id), tally)) is lacks
    told = answers_of(get_run(any_store, run.id), tally)
    assert "1 model was deleted since" in told
    assert (f" answers, {votes} judge votes." in told) is (votes > 0), "those that are left"


@pytest.mark.parametrize("gone", ["M", "Part"])
@pytest.mark.parametrize("edited", ["M", "Part"])
@pytest.mark.parametrize("share", [1, 3, None])
def test_a_whole_run_stays_whole_whatever_share_a_model_has_by_now(
    any_store: Store, gone: str, edited: str, share: int | None
) -> None:
    run, models = made(any_store, ())
    delete_model(any_store, models["Other"])
    change_run(any_store, run.id, status=Status.SUCCEEDED)
    assert tally_run(any_store, run.id).missing == 0
    (model,) = (each for each in list_models_of(any_store, get_run(any_store, run.id)) if each.name == edited)
    edit_model(any_store, replace(model, max_samples=share), lambda *_: None)
    delete_model(any_store, models[gone])
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.missing) == (2 if gone == "M" else 5, 0)


@pytest.mark.parametrize(("gone", "refused"), [("M", 1), ("Part", 2), ("Other", 3), ("J", 0)])
def test_refusals_about_a_model_that_was_deleted_count_no_more(any_store: Store, gone: str, refused: int) -> None:
    run, models = made(any_store, ("M",))
    about = [("M", 4), ("M", 5), ("Part", 1)]
    save_generations(any_store, run, [refusal(n, models["J"], models[name]) for name, n in about])
    assert tally_run(any_store, run.id).judge.refused == 3
    delete_model(any_store, models[gone])
    assert tally_run(any_store, run.id).judge.refused == refused


def test_a_failed_run_without_answers_still_lacks_them(any_store: Store) -> None:
    study, model, run = fill(any_store)
    other = add_model(any_store, study.id, Model(name="Other", litellm_id="openai/other"))
    change_run(any_store, run.id, models=[model.id, other.id], planned=10, status=Status.FAILED)
    delete_model(any_store, other.id)
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.missing) == (5, 5)
    assert answers_of(get_run(any_store, run.id), tally).startswith(f"Run {run.number} failed: 0 answers")
    delete_model(any_store, model.id)
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.missing) == (0, 0)
    assert "its answers were deleted" in answers_of(get_run(any_store, run.id), tally)


def made(store: Store, voted: Sequence[str]) -> tuple[Run, dict[str, int]]:
    """A run with three models, of which one has no answer and one is asked two samples, and a judge; ids by name."""
    study, model, run = fill(store)
    other = add_model(store, study.id, Model(name="Other", litellm_id="openai/other"))
    part = add_model(store, study.id, Model(name="Part", litellm_id="openai/part", max_samples=2))
    judge = add_model(store, study.id, Model(name="J", role=Role.JUDGE, litellm_id="openai/j"))
    models = {each.name: each.id for each in (model, other, part, judge)}
    answers = {"M": range(1, 6), "Part": range(1, 3)}
    votes = sum(2 * len(answers[name]) for name in voted)
    change_run(store, run.id, models=[*models.values()], planned=12, planned_judge=votes)
    save_generations(store, run, [answered(n, models[name]) for name, mine in answers.items() for n in mine])
    for name in voted:
        add_votes(store, run.id, models[name], judge.id, answers[name])
    return run, models


def test_a_new_model_is_none_of_the_run(any_store: Store) -> None:
    """SQLite gives the id of the newest model again."""
    study, model, run = fill(any_store)
    last = add_model(any_store, study.id, Model(name="Last", litellm_id="openai/last"))
    change_run(any_store, run.id, models=[model.id, last.id])
    delete_model(any_store, last.id)
    add_model(any_store, study.id, Model(name="New", litellm_id="openai/new"))
    assert [each.name for each in list_models_of(any_store, get_run(any_store, run.id))] == ["M"]


def add_votes(store: Store, run_id: int, model_id: int, judge_id: int, samples: Sequence[int]) -> None:
    """Of one judge on the pairs of a model, in both orders."""
    same = {"run_id": run_id, "model_id": model_id, "judge_id": judge_id, "reason": "", "parsed": True}
    same |= {"preference": Preference.TIE, "prompt_version": "1"}
    votes = [same | {"sample_id": n, "candidate_first": first} for n in samples for first in (True, False)]
    with store.write(None) as session:
        session.execute(insert(JudgementRow), votes)


def refusal(sample_id: int, judge_id: int, about: int) -> StoredGeneration:
    key = CallKey(sample_id, Lane.JUDGE, judge_id, 1, Subject(About.PAIR, about))
    return StoredGeneration(key=key, generation=Generation(failure=FailureKind.BAD_REQUEST, error="too long", at=NOON))
