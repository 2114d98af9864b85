"""What makes a self-hosted model cheaper: memory, dollars and measured quality, or that it isn't known."""

from dataclasses import replace
from pathlib import Path

import pytest

from advisor.catalog.gpus import rentable_gpus
from advisor.plan.configuration.optimization import make_optimization
from advisor.plan.configuration.served import make_serving
from advisor.plan.trace import make_trace
from advisor.store import Store
from advisor.store.studies import list_studies
from advisor.text.ready.optimization import optimization_rows
from advisor.types import Report, Role, StoredModel, Study
from advisor.types.ready.optimization import Lever, Optimization
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


def test_shared_beginnings_and_bulk_are_those_of_the_log(decided: tuple[Store, Study, Report]) -> None:
    found = with_models(decided)
    assert found.repeated == make_trace(*decided[:2]).repeated
    assert found.repeated
    assert [row[0] for row in optimization_rows(found)] == ["Prefix caching", "Batching"]
    nothing = optimization_rows(Optimization(models=(), repeated=None, in_bulk=None))
    assert all("unknown" in row[1] for row in nothing)
