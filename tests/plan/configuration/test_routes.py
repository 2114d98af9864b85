"""The sample decision as routes: what moves, what stays, and what no gateway reaches."""

from dataclasses import replace
from pathlib import Path

import pytest

from advisor.plan.configuration.routes import alias_of, make_deployment
from advisor.plan.configuration.served import make_serving
from advisor.plan.exports import export
from advisor.store import Store
from advisor.store.studies import list_studies
from advisor.types import Prices, Report, Role, StoredModel
from advisor.types.deployment import Deployment, Gap, ServeGap
from advisor.types.dossier import Export
from tests.pages.decided_study import sample_database

CHOSEN = "Larch 30B (illustrative)"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return sample_database(tmp_path_factory.mktemp("routes") / "advisor.db")


def with_models(report: Report, *more: StoredModel, **changes: object) -> Deployment:
    """The routes when the candidate is another model, as ``changes`` say."""
    models = [
        replace(model, illustrative=False, **changes) if changes and model.name == CHOSEN else model  # type: ignore[arg-type]
        for model in report.models
    ]
    return make_deployment(replace(report, models=(*models, *more)))


def test_a_model_of_the_sample_has_no_host(report: Report) -> None:
    made = with_models(report)
    moving = [case.name for case in report.recommendation.use_cases if case.target]
    assert moving
    assert [(gap.code, gap.values["use_case"]) for gap in made.gaps] == [(Gap.ILLUSTRATIVE, name) for name in moving]
    assert not made.moves
    assert {(route.today.litellm_id, route.today.key_env) for route in made.routes} == {
        ("openai/gpt-5.1-2025-11-13", "OPENAI_API_KEY")
    }


def test_a_move_holds_its_model_its_steps_and_what_was_measured(report: Report) -> None:
    headers = {"X-Team": "desk", "Authorization": "Bearer example"}
    made = with_models(
        report,
        litellm_id="litellm/hosted_vllm/Qwen/Qwen3-32B",
        api_base="http://10.0.0.5:8000/v1",
        key_env="VLLM_API_KEY",
        params={"extra_headers": headers, "temperature": 0},
        prices=Prices(input=0.1, output=0.4),
    )
    ramp = made.moves[0].ramp
    assert ramp
    assert ramp.target.litellm_id == "hosted_vllm/Qwen/Qwen3-32B"
    assert ramp.target.params == {"extra_headers": {"X-Team": "desk"}, "temperature": 0}
    assert {gap.code for gap in made.gaps} == {Gap.SECRET_HEADER}
    assert "Bearer" not in repr(made)
    assert ramp.shares == (0.0, 0.05, 0.25, 1.0)
    assert ramp.target.openrouter is None, "a server of one's own"
    case = next(case for case in report.recommendation.use_cases if case.target)
    assert case.target
    assert ramp.usd_a_month == case.usd_a_month(case.target)
    assert ramp.latency_p95_s == case.target.times.latency_p95_s


def test_a_move_to_a_host_has_its_name_at_openrouter(report: Report) -> None:
    made = with_models(report, litellm_id="fireworks_ai/accounts/fireworks/models/gpt-oss-20b")
    assert {each.ramp.target.openrouter for each in made.moves if each.ramp} == {"openai/gpt-oss-20b"}


def test_a_registered_baseline_says_where_todays_model_is(report: Report) -> None:
    azure = StoredModel(
        id=99, name="GPT", litellm_id="azure/gpt-5.1-2025-11-13", api_base="https://a.example", role=Role.BASELINE
    )
    made = with_models(report, azure)
    assert {route.today.litellm_id for route in made.routes} == {azure.litellm_id}


def test_a_model_that_no_list_knows_leaves_its_use_case_out(report: Report) -> None:
    decision = report.recommendation
    cases = tuple(
        replace(case, baseline_facts=replace(case.baseline_facts, model="acme-1")) for case in decision.use_cases
    )
    made = make_deployment(replace(report, recommendation=replace(decision, use_cases=cases)))
    assert not made.routes
    assert {gap.code for gap in made.gaps} == {Gap.NO_PROVIDER}


def test_aliases_suit_every_gateway() -> None:
    assert alias_of("Ticket triage (v2)") == "ticket-triage-v2"
    assert alias_of("Résumé") == "resume"
    assert alias_of("要約") == "unnamed"
    assert alias_of("A b", {"a-b", "a-b-2"}) == "a-b-3"


def test_each_archive_is_exported_and_is_the_same_each_time(report: Report, tmp_path: Path) -> None:
    sample_database(tmp_path / "advisor.db")
    store = Store(f"sqlite:///{tmp_path / 'advisor.db'}")
    (study,) = list_studies(store)
    for what, files in ((Export.LITELLM, 7), (Export.DEPLOY, 1), (Export.TRACE, 3)):
        assert export(store, study, what, tmp_path / "a.zip") == files
        export(store, study, what, tmp_path / "b.zip")
        assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    serving = make_serving(store, study, report)
    assert [gap.code for gap in serving.gaps] == [ServeGap.ILLUSTRATIVE]
    candidate = StoredModel(id=9, name="Own", litellm_id="hosted_vllm/openai/gpt-oss-20b", role=Role.CANDIDATE)
    twin = replace(candidate, id=10, name="Hosted", litellm_id="groq/openai/gpt-oss-20b")
    (model,) = make_serving(store, study, replace(report, models=(*report.models, candidate, twin))).models
    assert (model.repository, model.use_cases) == ("openai/gpt-oss-20b", ())
    assert model.load.longest
    assert model.context
    assert model.context >= model.load.longest
    store.close()
