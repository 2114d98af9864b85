"""A run with a model that was deleted lacks nothing that could be counted, and no new model takes its place."""

from collections.abc import Sequence

import pytest
from sqlalchemy import insert

from advisor.store import Store
from advisor.store.models import add_model, delete_model, list_models_of
from advisor.store.run.generations import save_generations
from advisor.store.run.runs import change_run, get_run
from advisor.store.run.tallies import tally_run
from advisor.store.tables import JudgementRow
from advisor.text.progress import answers_of
from advisor.types import Model, Preference, Role, Status
from tests.store.fill import fill
from tests.store.test_store import answered


@pytest.mark.parametrize("gone", ["M", "Other", "Part", "J"])
@pytest.mark.parametrize(("voted", "spared"), [((), 3), (("M",), 0)])
def test_no_count_of_what_is_missing_outlives_a_model(
    any_store: Store, gone: str, voted: Sequence[str], spared: int
) -> None:
    """Also after an early stop, with votes on one model only, and with another share of the calls than planned."""
    study, model, run = fill(any_store)
    other = add_model(any_store, study.id, Model(name="Other", litellm_id="openai/other"))
    part = add_model(any_store, study.id, Model(name="Part", litellm_id="openai/part", max_samples=2))
    judge = add_model(any_store, study.id, Model(name="J", role=Role.JUDGE, litellm_id="openai/j"))
    models = {each.name: each.id for each in (model, other, part, judge)}
    change_run(any_store, run.id, models=[*models.values()], planned=12, planned_judge=24)
    change_run(any_store, run.id, spared=spared, status=Status.SUCCEEDED)
    answers = [answered(n, model.id) for n in range(1, 6)] + [answered(n, part.id) for n in (1, 2)]
    save_generations(any_store, run, answers)
    for name in voted:
        add_votes(any_store, run.id, models[name], judge.id)
    delete_model(any_store, models[gone])
    tally = tally_run(any_store, run.id)
    left = 7 - {"M": 5, "Part": 2}.get(gone, 0)
    assert (tally.missing, tally.spared, tally.planned, tally.succeeded) == (0, 0, left, left)
    assert "1 model was deleted with all answers" in answers_of(get_run(any_store, run.id), tally)


def test_a_new_model_is_none_of_the_run(any_store: Store) -> None:
    """SQLite gives the id of the newest model again."""
    study, model, run = fill(any_store)
    last = add_model(any_store, study.id, Model(name="Last", litellm_id="openai/last"))
    change_run(any_store, run.id, models=[model.id, last.id])
    delete_model(any_store, last.id)
    add_model(any_store, study.id, Model(name="New", litellm_id="openai/new"))
    assert [each.name for each in list_models_of(any_store, get_run(any_store, run.id))] == ["M"]


def add_votes(store: Store, run_id: int, model_id: int, judge_id: int) -> None:
    """Of one judge on all five pairs of a model, in both orders."""
    same = {"run_id": run_id, "model_id": model_id, "judge_id": judge_id, "reason": "", "parsed": True}
    same |= {"preference": Preference.TIE, "prompt_version": "1"}
    votes = [same | {"sample_id": n, "candidate_first": first} for n in range(1, 6) for first in (True, False)]
    with store.write(None) as session:
        session.execute(insert(JudgementRow), votes)
