"""What makes a self-hosted model cheaper: memory, dollars and measured quality, or that it isn't known."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from advisor.catalog.gpus import rentable_gpus
from advisor.plan.configuration.optimization import make_optimization
from advisor.plan.configuration.routes import upstream
from advisor.plan.configuration.served import flag_of, make_serving
from advisor.plan.configuration.serving import llama_command, sglang_command, vllm_command
from advisor.plan.trace import make_trace
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.studies import list_studies
from advisor.text.ready.optimization import optimization_rows
from advisor.types import Report, Role, StoredModel, Study
from advisor.types.deployment import Called, ServeGap
from advisor.types.ready import Lever, Optimization
from tests.pages.decided_study import sample_database


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Study, Report]:
    path: Path = tmp_path_factory.mktemp("optimization") / "advisor.db"
    report = sample_database(path)
    store = Store(f"sqlite:///{path}")
    return store, list_studies(store)[0], report


def with_models(decided: tuple[Store, Study, Report], *models: StoredModel) -> Optimization:
    store, study, report = decided
    report = replace(report, models=(*report.models, *models))
    return make_optimization(store, study, report, make_serving(store, study, report), make_trace(store, study))


def candidate(id: int, name: str, litellm_id: str) -> StoredModel:
    return StoredModel(id=id, name=name, litellm_id=litellm_id, role=Role.CANDIDATE)


def test_fewer_bits_take_less_memory_and_their_quality_is_that_of_a_candidate(
    decided: tuple[Store, Study, Report],
) -> None:
    name = "Larch 30B (illustrative)"  # measured in the sample; here under the name of a quantized repository
    own = candidate(90, "Llama", "hosted_vllm/meta-llama/Llama-3.3-70B-Instruct")
    (unknown,) = with_models(decided, own).models
    assert unknown.today
    assert {variant.what: variant.tried for variant in unknown.variants if variant.lever is Lever.QUANTIZATION}
    assert all(variant.tried is None for variant in unknown.variants)
    four = next(variant for variant in unknown.variants if variant.what == "q4_k_m")
    assert four.copy.weights_gb == pytest.approx(70.6 * 0.5625, rel=0.02)
    hours = {gpu.name: gpu.usd_per_hour[1] for gpu in rentable_gpus()}
    assert four.copy.gpus
    assert four.copy.gpu
    assert four.copy.usd_a_month == pytest.approx(four.copy.gpus * hours[four.copy.gpu] * 730.5, rel=0.001)
    assert four.copy.weights_gb < unknown.today.weights_gb

    store, study, report = decided
    renamed = tuple(
        replace(model, litellm_id="hosted_vllm/acme/Llama-3.3-70B-Instruct-AWQ") if model.name == name else model
        for model in report.models
    )
    known = with_models((store, study, replace(report, models=renamed)), own).models[-1]
    tried = next(variant.tried for variant in known.variants if variant.what == "q4_k_m")
    assert tried
    assert tried.candidate == name
    assert len(tried.deltas) > 1


def test_a_server_of_ones_own_has_the_name_that_the_gateway_asks_for(decided: tuple[Store, Study, Report]) -> None:
    store, study, report = decided
    model = replace(
        candidate(90, "Llama", "hosted_vllm/meta-llama/Llama-3.3-70B-Instruct"), api_base="http://gpu:8000/v1"
    )
    hosted = candidate(91, "gpt-oss", "groq/openai/gpt-oss-20b")
    local = replace(candidate(92, "Phi", "openai/phi-4"), api_base="http://localhost:8000/v1")
    small = replace(candidate(93, "Gemma", "ollama/gemma-4-12b"), api_base="http://localhost:11434")
    own, other, here, last = make_serving(store, study, replace(report, models=(model, hosted, local, small))).models
    assert last.called.port == 11434
    assert [ServeGap.OLLAMA_API in {gap.code for gap in each.gaps} for each in (own, other, here, last)] == [0, 0, 0, 1]
    assert here.called == Called("phi-4", 8000, local.api_base)
    asked = upstream(model, report.recommendation.created_at)
    assert own.called == Called(asked.model, 8000, asked.api_base)
    assert other.called == Called(other.alias, 8001, None)
    for command in (vllm_command(own), sglang_command(own)):
        assert flag_of(command, "--served-model-name") == asked.model
    assert flag_of(llama_command(own), "--alias") == asked.model


def test_of_two_candidates_with_the_same_weights_the_server_of_ones_own_is_served(
    decided: tuple[Store, Study, Report],
) -> None:
    store, study, report = decided
    moved = [(case, move) for case, move in report.moves if move.phases and case.chosen]
    hosted = replace(candidate(90, str(moved[0][0].chosen), "groq/openai/gpt-oss-20b"), illustrative=False)
    own = replace(candidate(91, "Own", "hosted_vllm/openai/gpt-oss-20b"), api_base="http://127.0.0.1:9530/v1")
    closed = replace(candidate(92, "Tuned", "hosted_vllm/Qwen/Qwen3-32B"), api_base="http://127.0.0.1:9530/v1")
    serving = make_serving(store, study, replace(report, models=(hosted, own, closed)))
    (served,) = serving.models
    assert (served.name, served.use_cases) == ("Own", ())
    assert served.called == Called("openai/gpt-oss-20b", 9530, own.api_base)
    assert not serving.gaps  # nothing moves to the closed one
    (gap,) = (each for each in served.gaps if each.code == ServeGap.SAME_ADDRESS)
    assert gap.values["others"] == ["Tuned"]
    moved_to = replace(closed, name=hosted.name)
    (gap,) = make_serving(store, study, replace(report, models=(moved_to,))).gaps
    assert (gap.code, gap.values["at"]) == (ServeGap.NOT_OPEN, closed.api_base)
    moved_to = replace(own, name=hosted.name)
    (served,) = make_serving(store, study, replace(report, models=(moved_to,))).models
    usd = [case.usd_a_month(case.target) for case, _ in moved if case.target and case.chosen == hosted.name]
    assert served.called.usd_a_month == sum(each for each in usd if each is not None) > 0
    (alone,) = make_serving(store, study, replace(report, models=(hosted,))).models
    assert alone.use_cases == tuple(case.name for case, _ in moved if case.chosen == hosted.name)
    assert alone.called.at is None


def test_the_limit_of_tokens_counts_what_the_model_itself_wrote(decided: tuple[Store, Study, Report]) -> None:
    store, study, report = decided
    larch = next(model for model in report.models if model.name.startswith("Larch"))
    thinking = replace(larch, name="Thinking", litellm_id="groq/openai/gpt-oss-20b", illustrative=False)
    tokens = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
    facts = load_sample_facts(store, study.id, ("error", *tokens))
    logged = facts.loc[facts["error"].isna(), [*tokens]].sum(axis=1).max()
    (unmeasured,) = make_serving(store, study, replace(report, models=(replace(thinking, id=90),))).models
    assert unmeasured.load.longest == logged
    assert ServeGap.UNTESTED_THOUGHTS in {gap.code for gap in unmeasured.gaps}
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE generation SET output_tokens = 9000 WHERE model_id = :id"), {"id": larch.id})
    (measured,) = make_serving(store, study, replace(report, models=(thinking,))).models
    assert measured.load.longest
    assert measured.load.longest > 9000 > logged
    assert (measured.load.answer, unmeasured.load.answer) == (9000, None)
    assert ServeGap.UNTESTED_THOUGHTS not in {gap.code for gap in measured.gaps}


def test_shared_beginnings_and_bulk_are_those_of_the_log(decided: tuple[Store, Study, Report]) -> None:
    found = with_models(decided)
    assert found.repeated == make_trace(*decided[:2]).repeated
    assert found.repeated
    assert [row[0] for row in optimization_rows(found, ["vllm"])] == ["Prefix caching", "Batching"]
    nothing = optimization_rows(Optimization(models=(), repeated=None, in_bulk=None), ["llama.cpp"])
    assert all("unknown" in row[1] for row in nothing)
