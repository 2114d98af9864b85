"""Who serves a model: exact joins only, nobody who has stopped, and what is not known said to be so."""

from dataclasses import replace
from datetime import date

from advisor.catalog.gpus import accelerators, holds
from advisor.catalog.hosts import host_of, offers
from advisor.catalog.list_copies import model_list
from advisor.catalog.open_models import Edition, candidates_catalog, editions, open_model, standings

DAY = date(2026, 11, 24)
MODELS = {model.id: model for model in candidates_catalog()}


def ids(model_id: str, on: date = DAY) -> set[str]:
    return {offer.litellm_id for offer in offers(MODELS[model_id], on)}


def test_ids_join_by_the_whole_name_on_hugging_face() -> None:
    found = ids("gpt-oss-120b")
    assert found > set(MODELS["gpt-oss-120b"].litellm_ids)
    assert "together_ai/openai/gpt-oss-120b" in found, "not written down, but the whole name"
    assert "inferenceapis/gpt-oss-120b" in model_list()
    assert "inferenceapis/gpt-oss-120b" not in found, "a name without its organisation joins nothing by itself"
    for model in MODELS.values():
        written = {litellm_id.lower() for litellm_id in model.litellm_ids}
        for litellm_id in ids(model.id):
            name = litellm_id.partition("/")[2].lower()
            assert litellm_id.lower() in written or name == (model.hf_repo or "").lower(), litellm_id


def test_a_hosted_product_of_a_similar_name_is_not_the_weights() -> None:
    for model in MODELS.values():
        assert not {"dashscope/qwen3.8-max", "dashscope/qwen3.8-flash"} & ids(model.id)
    assert ids("mistral-large-4") == {"mistral/mistral-large-4-0"}, "the name without -0 was the preview's"
    assert not any(litellm_id.startswith("openrouter/") for model in MODELS for litellm_id in ids(model))


def test_no_id_belongs_to_two_models() -> None:
    owners: dict[str, str] = {}
    for model in MODELS.values():
        for litellm_id in ids(model.id):
            assert owners.setdefault(litellm_id, model.id) == model.id
            assert open_model(litellm_id) in (model, None)


def test_a_host_that_stopped_is_left_out_from_that_day() -> None:
    gone = "together_ai/moonshotai/Kimi-K2.7-Code"
    assert model_list()[gone]["deprecation_date"] == "2026-08-27"
    assert gone in ids("kimi-k2.7-code", date(2026, 8, 26))
    assert gone not in ids("kimi-k2.7-code", date(2026, 8, 27))
    ends = {offer.litellm_id: offer.ends_on for offer in offers(MODELS["phi-4"], DAY)}
    assert ends["azure_ai/Phi-4"] == date(2027, 1, 17)


def test_what_a_list_does_not_tell_is_unknown() -> None:
    offer = offers(replace(MODELS["phi-4"], litellm_ids=("nobody/phi-4",), hf_repo="microsoft/none"), DAY)[0]
    assert (offer.context_tokens, offer.tools, offer.json_schema, offer.ends_on) == (None, None, None, None)
    assert (offer.host.name, offer.host.regions, offer.host.retention) == ("nobody", None, None)


def test_where_hosts_keep_data_has_a_source_and_a_day() -> None:
    hosts = {offer.host.name: offer.host for model in MODELS.values() for offer in offers(model, DAY)}
    assert len(hosts) > 20
    for host in hosts.values():
        told = any((host.regions, host.retention, host.trains_on_data))
        assert told == bool(host.source_url and host.evidence and host.checked_on), host.name
    scaleway = host_of("scaleway/llama-3.3-70b-instruct")
    assert scaleway.regions == "France (Paris)"
    assert scaleway.trains_on_data == "no"
    assert host_of("bedrock_mantle/x") == host_of("bedrock/x")
    assert host_of("baseten/x").retention is None
    assert host_of("openai/gpt-4o").trains_on_data == "no, unless you opt in"
    assert host_of("vertex_ai-language-models/x").name == "Google Vertex AI"


def test_every_host_in_use_is_written_down() -> None:
    codes = {offer.litellm_id.partition("/")[0] for model in MODELS.values() for offer in offers(model, DAY)}
    assert [code for code in codes if host_of(f"{code}/x").name == code and code != "aiand"] == []


def test_standings_are_kept_with_their_edition() -> None:
    known = {(one.model_id, one.edition.board): one for one in standings()}
    assert len(known) == len(standings())
    kimi = known["kimi-k3", "aa"]
    assert (kimi.value, kimi.edition) == (44, Edition("aa", "v4.3.2", "2026-10-09"))
    assert known["olmo-3.1-32b", "arena"].not_of_this_model is not None
    assert known["mistral-large-4", "aa"].not_of_this_model is not None
    assert {one.model_id for one in standings()} <= set(MODELS)


def test_editions_hold_at_least_two_models_and_the_newest_comes_first() -> None:
    found = editions()
    assert found[0].as_of == "2026-10-09"
    assert Edition("aa", "v4.3.2", "2026-10-07") not in found, "only the preview of one model"
    assert len({edition.board for edition in found}) == 2
    assert [edition.as_of for edition in found] == sorted((edition.as_of for edition in found), reverse=True)


def test_hardware_that_nobody_rents_out_can_be_at_hand() -> None:
    memory = {one.id: one.memory_gb for one in accelerators()}
    assert memory["m3-ultra"] == 512
    gpt_oss = MODELS["gpt-oss-120b"]
    assert gpt_oss.size.vram_gb == 80
    assert holds(gpt_oss, 80) is True
    assert holds(gpt_oss, 79) is False
    assert holds(replace(gpt_oss, size=replace(gpt_oss.size, vram_gb=None)), 10_000) is None
