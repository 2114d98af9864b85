"""What a run lacks after one of its models was deleted: what the others lacked before."""

import pytest
from sqlalchemy import insert

from advisor.store import Store
from advisor.store.models import add_model, delete_model
from advisor.store.run.generations import save_generations
from advisor.store.run.runs import change_run
from advisor.store.run.tallies import tally_run
from advisor.store.tables import JudgementRow
from advisor.types import Model, Preference, Role
from tests.store.fill import fill
from tests.store.test_store import answered


@pytest.mark.parametrize(("is_whole", "missing"), [(True, 5), (False, 0)])
def test_what_the_other_models_lack_stays_when_one_is_deleted(
    any_store: Store, *, is_whole: bool, missing: int
) -> None:
    study, model, run = fill(any_store)
    other = add_model(any_store, study.id, Model(name="Other", litellm_id="openai/other"))
    part = add_model(any_store, study.id, Model(name="Part", litellm_id="openai/part", max_samples=2))
    change_run(any_store, run.id, models=[model.id, other.id, part.id], planned=12)
    answers = [answered(n, model.id) for n in range(1, 6)] + [answered(n, part.id) for n in (1, 2)]
    save_generations(any_store, run, answers)
    delete_model(any_store, model.id if is_whole else other.id)
    tally = tally_run(any_store, run.id)
    assert (tally.planned, tally.missing) == (7, missing)


@pytest.mark.parametrize(("is_whole", "missing"), [(True, 10), (False, 0)])
def test_what_the_other_judge_lacks_stays_when_one_is_deleted(
    any_store: Store, *, is_whole: bool, missing: int
) -> None:
    study, model, run = fill(any_store)
    judges = [add_model(any_store, study.id, Model(name=name, role=Role.JUDGE, litellm_id="openai/j")) for name in "JK"]
    change_run(any_store, run.id, models=[model.id, *(judge.id for judge in judges)], planned_judge=20)
    save_generations(any_store, run, [answered(n, model.id) for n in range(1, 6)])
    add_votes(any_store, run.id, model.id, judges[0].id)
    delete_model(any_store, judges[0 if is_whole else 1].id)
    tally = tally_run(any_store, run.id)
    assert (tally.judge.planned, tally.missing) == (10, missing)


@pytest.mark.parametrize("is_voted", [True, False])
def test_votes_on_a_deleted_model_are_not_missing(any_store: Store, *, is_voted: bool) -> None:
    study, model, run = fill(any_store)
    other = add_model(any_store, study.id, Model(name="Other", litellm_id="openai/other"))
    judge = add_model(any_store, study.id, Model(name="J", role=Role.JUDGE, litellm_id="openai/j"))
    change_run(any_store, run.id, models=[model.id, other.id, judge.id], planned=10, planned_judge=20)
    save_generations(any_store, run, [answered(n, each.id) for n in range(1, 6) for each in (model, other)])
    for each in (model, other) if is_voted else ():
        add_votes(any_store, run.id, each.id, judge.id)
    delete_model(any_store, other.id)
    tally = tally_run(any_store, run.id)
    assert (tally.judge.planned, tally.missing) == (10, 0 if is_voted else 10)


def add_votes(store: Store, run_id: int, model_id: int, judge_id: int) -> None:
    """Of one judge on all five pairs of a model, in both orders."""
    same = {"run_id": run_id, "model_id": model_id, "judge_id": judge_id, "reason": "", "parsed": True}
    same |= {"preference": Preference.TIE, "prompt_version": "1"}
    votes = [same | {"sample_id": n, "candidate_first": first} for n in range(1, 6) for first in (True, False)]
    with store.write(None) as session:
        session.execute(insert(JudgementRow), votes)
