"""What providers bill beside tokens of text, as web searches, is in no cost: the calls that had it are counted."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.collect.contract_prices import given_costs
from advisor.collect.imports import ImportOptions, ImportReport, import_logs
from advisor.measure.studies import find_study
from advisor.money.profile import load_facts, profile_of
from advisor.store import Store
from advisor.store.log.logs import load_sample_facts
from advisor.store.models import add_model
from advisor.text.warnings import beside_text
from advisor.types import AT_CONTRACT, Model, Prices, PriceSource
from tests.made.log import call, write_log

AT = "2026-11-01T10:00:00Z"
ASKED = [{"role": "user", "content": "News?"}]


def anthropic(searches: int) -> dict[str, Any]:
    usage = {"input_tokens": 900, "output_tokens": 100, "server_tool_use": {"web_search_requests": searches}}
    return {
        "timestamp": AT,
        "request": {"model": "claude-sonnet-4-5", "max_tokens": 500, "messages": ASKED},
        "response": {
            "id": f"msg_{searches}", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": [{"type": "text", "text": "None."}], "stop_reason": "end_turn", "usage": usage,
        },
    }  # fmt: skip


def responses(*kinds: str) -> dict[str, Any]:
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "None."}]}
    return {
        "timestamp": AT,
        "request": {"model": "gpt-5", "input": ASKED, "tools": [{"type": kind[:-5]} for kind in kinds]},
        "response": {
            "id": f"resp_{len(kinds)}", "object": "response", "status": "completed", "model": "gpt-5",
            "output": [*({"type": kind, "id": kind, "status": "completed"} for kind in kinds), said],
            "usage": {"input_tokens": 900, "output_tokens": 100, "input_tokens_details": {"cached_tokens": 0}},
        },
    }  # fmt: skip


def gemini(grounding: dict[str, Any], modality: str = "TEXT") -> dict[str, Any]:
    answer = {"role": "model", "parts": [{"text": "None."}]}
    return {
        "timestamp": AT,
        "model": "gemini-2.5-pro",
        "request": {"contents": [{"role": "user", "parts": [{"text": "News?"}]}]},
        "response": {
            "candidates": [{"content": answer, "finishReason": "STOP", "groundingMetadata": grounding}],
            "usageMetadata": {
                "promptTokenCount": 900, "candidatesTokenCount": 100,
                "promptTokensDetails": [{"modality": modality, "tokenCount": 900}],
            },
            "modelVersion": "gemini-2.5-pro",
        },
    }  # fmt: skip


def chat(model: str = "gpt-4o", **details: int) -> dict[str, Any]:
    row = call(1)
    row["request"]["model"] = row["response"]["model"] = model
    row["response"]["usage"]["prompt_tokens_details"] = {"cached_tokens": 0, "audio_tokens": 0} | details
    return row


def imported(store: Store, tmp_path: Path, *rows: dict[str, Any]) -> ImportReport:
    return import_logs(store, "S", [write_log(tmp_path / "log.jsonl", list(rows))], ImportOptions(redact=False))


@pytest.mark.parametrize(
    ("row", "is_more"),
    [
        (anthropic(2), True),
        (anthropic(0), False),
        (responses("web_search_call"), True),
        (responses("file_search_call"), True),
        (responses("computer_call"), False),
        (responses(), False),
        (gemini({"webSearchQueries": ["news"]}), True),
        (gemini({}), False),
        (gemini({}, "AUDIO"), True),
        (chat(), False),
        (chat(audio_tokens=50), True),
        (chat("gpt-4o-search-preview"), True),
    ],
)
def test_it_is_told_from_the_log(store: Store, tmp_path: Path, row: dict[str, Any], is_more: bool) -> None:
    report = imported(store, tmp_path, row)
    assert report.counts.accepted == 1, report.rejections
    assert report.sums.cost_usd, json.dumps(row)
    assert report.beside_text == is_more
    study = find_study(store, "S")
    assert profile_of(load_facts(store, study), 1.0).bill.beside_text == is_more
    source = load_sample_facts(store, study.id)["price_source"][0]
    assert PriceSource.of(source).text_only == is_more


def test_a_given_price_lacks_it_too_and_the_import_tells_what_the_profile_does(store: Store, tmp_path: Path) -> None:
    """A second log of a model whose price is given by then."""
    imported(store, tmp_path, call(1))
    study = find_study(store, "S")
    model = Model(name="closed", litellm_id="openai/gpt-4o", prices=Prices(input=1.25, output=5))
    add_model(store, study.id, model)
    report = imported(store, tmp_path, chat(audio_tokens=50) | {"timestamp": "2026-11-03T10:00:00Z"})
    assert (report.given, report.beside_text) == (("gpt-4o",), 1)
    usd = (100 * 1.25 + 5 * 5) / 1e6
    assert report.sums.cost_usd == pytest.approx(usd)
    profile = profile_of(load_facts(store, study), 1.0)
    assert profile.bill.cost_usd == pytest.approx(2 * usd)
    assert profile.bill.beside_text == 1
    assert {cost.source for cost in given_costs(store, study)} == {AT_CONTRACT, replace(AT_CONTRACT, text_only=True)}


def test_what_perplexity_says_it_took_is_the_cost(store: Store, tmp_path: Path) -> None:
    """Its searches and citations are in it."""
    row = chat("sonar-deep-research")
    told = {"input_tokens_cost": 0.0, "output_tokens_cost": 0.1, "search_queries_cost": 0.05, "total_cost": 0.15}
    row["response"]["usage"] |= {"num_search_queries": 10, "cost": told}
    report = imported(store, tmp_path, row)
    assert report.sums.cost_usd == pytest.approx(0.15)
    assert report.beside_text == 0


def test_it_is_worded_by_how_many_calls_there_are() -> None:
    assert beside_text(0) == ""
    assert beside_text(1).startswith("For 1 call the")
    assert beside_text(1200).startswith("For 1,200 calls the")
