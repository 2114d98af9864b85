"""Exports of usage and cost, as the vendors document them: by their dashboards and by the pages of their APIs."""

import json
from datetime import date
from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from advisor.ingest.totals import read_totals, source_of
from advisor.types import Json
from advisor.types.prices import Total, TotalSource

DAY = date(2025, 10, 1)
START, END = 1759276800, 1759363200
"""1 October 2025, UTC, as OpenAI's epochs."""
TIMES = {"start_time": START, "end_time": END}
MODEL = "claude-sonnet-4-20250514"
ANTHROPIC = {"starting_at": "2025-10-01T00:00:00Z", "ending_at": "2025-10-02T00:00:00Z"}


def totals(tmp_path: Path, *texts: str) -> list[Total]:
    """What is read of some files, each of which has to be taken for an export."""
    files = []
    for number, text in enumerate(texts):
        path = tmp_path / f"export_{number}"
        path.write_text(text, encoding="utf-8")
        log = open_log(path)
        assert log.has_totals, log.format
        files.append((path, log.container, path.name))
    return read_totals(files)


def page(times: dict[str, Json], *results: dict[str, Json]) -> str:
    return json.dumps({"object": "page", "data": [{"object": "bucket", **times, "results": list(results)}]})


def used(requests: int, model: str | None = "gpt-4o-2024-08-06") -> dict[str, Json]:
    tokens: dict[str, Json] = {"input_tokens": 10 * requests, "output_tokens": requests, "input_cached_tokens": 5}
    return {"object": "organization.usage.completions.result", "model": model, "num_model_requests": requests, **tokens}


def test_openai_usage_by_the_api(tmp_path: Path) -> None:
    text = page(TIMES, used(1000), used(40), used(7, None))
    model = "gpt-4o-2024-08-06"
    assert totals(tmp_path, text) == [
        Total(TotalSource.OPENAI_USAGE, DAY, model, 1040, 10_400, 1040, None),
        Total(TotalSource.OPENAI_USAGE, DAY, "", 7, 70, 7, None),
    ]


def test_openai_usage_of_the_dashboard_has_minutes_keys_and_empty_rows(tmp_path: Path) -> None:
    text = (
        "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,api_key_id,model,input_tokens,"
        "output_tokens,input_cached_tokens\n"
        f"{START},{START + 60},2025-10-01T00:00:00+00:00,2025-10-01T00:01:00+00:00,,,,,,,\n"
        f"{START + 60},{START + 120},,,p,3.0,key_a,gpt-4o-2024-08-06,4212,1673,0\n"
        f"{START + 60},{START + 120},,,p,3.0,key_b,gpt-4o-2024-08-06,5904,1419,0\n"
    )
    expected = Total(TotalSource.OPENAI_USAGE, DAY, "gpt-4o-2024-08-06", 6, 10_116, 3092, None)
    assert totals(tmp_path, text) == [expected]


def test_openai_costs_by_the_api_and_of_the_dashboard(tmp_path: Path) -> None:
    def cost(usd: float, item: str | None) -> dict[str, Json]:
        return {"object": "organization.costs.result", "amount": {"value": usd, "currency": "usd"}, "line_item": item}

    by_api = page(
        TIMES, cost(2.0, "gpt-4o-2024-08-06, input"), cost(1.5, "gpt-4o-2024-08-06, output"), cost(0.25, None)
    )
    table = (
        "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id\n"
        f'{START},{END},,,2.000,usd,"gpt-4o-2024-08-06, input",p\n'
        f'{START},{END},,,1.5000000000,usd,"gpt-4o-2024-08-06, output",p\n'
        f"{START},{END},,,0.25,usd,,\n"
    )
    for text in (by_api, table):
        assert {each.model: each.usd for each in totals(tmp_path, text)} == {"gpt-4o-2024-08-06": 3.5, "": 0.25}


def test_anthropic_usage_counts_tokens_only(tmp_path: Path) -> None:
    creation = {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500}
    tokens = {"uncached_input_tokens": 1500, "cache_creation": creation, "cache_read_input_tokens": 200}
    result = {**tokens, "output_tokens": 500, "model": MODEL, "server_tool_use": {"web_search_requests": 9}}
    table = (
        "usage_date_utc,model_version,api_key,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
        "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count\n"
        "2025-10-01,claude-sonnet-4-20250514,k,1500,500,1000,200,500,9\n"
    )
    expected = Total(TotalSource.ANTHROPIC_USAGE, DAY, MODEL, None, 3200, 500, None)
    for text in (json.dumps({"data": [{**ANTHROPIC, "results": [result]}], "has_more": False}), table):
        assert totals(tmp_path, text) == [expected]


def test_anthropics_api_gives_cents_and_its_console_dollars(tmp_path: Path) -> None:
    result = {"amount": "123.78912", "currency": "USD", "cost_type": "tokens", "model": MODEL}
    search = {"amount": "40", "currency": "USD", "cost_type": "web_search", "description": "Web search", "model": None}
    table = "usage_date_utc,model,token_type,cost_usd,cost_type\n2025-10-01,Claude Sonnet 4,output,1.20,token\n"
    by_api = json.dumps({"data": [{**ANTHROPIC, "results": [result, search]}]})
    assert {each.model: each.usd for each in totals(tmp_path, by_api)} == {
        MODEL: pytest.approx(1.2378912), "Web search": pytest.approx(0.4),
    }  # fmt: skip
    assert {each.model: each.usd for each in totals(tmp_path, table)} == {"Claude Sonnet 4": 1.2}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Date,Model,Total requests,Input tokens,Output tokens,Cost", "2025-10-0{},gpt-4o,{}00,2400,480,0.5"),
        ("day,model_name,calls,prompt_tokens,completion_tokens,spend_usd", "2025-10-0{},gpt-4o,{}00,2400,480,0.5"),
        ("date,model,model_permaslug,usage,requests,prompt_tokens,completion_tokens",
         "2025-10-0{},gpt-4o,openai/gpt-4o,0.5,{}00,2400,480"),
    ],
)  # fmt: skip
def test_a_gateways_totals_by_day_are_no_calls(tmp_path: Path, header: str, cells: str) -> None:
    text = "\n".join([header, *(cells.format(day, day) for day in (1, 2))])
    first, second = totals(tmp_path, text)
    assert first == Total(TotalSource.GATEWAY_TOTALS, DAY, "gpt-4o", 100, 2400, 480, 0.5)
    assert second.requests == 200


@pytest.mark.parametrize(
    "row",
    [
        {"date": "2025-10-01", "model": "gpt-4o", "requests": "Where is my parcel?"},
        {"date": "2025-10-01", "model": "gpt-4o", "calls": 2, "prompt": "Where?", "answer": "Here."},
        {"date": "2025-10-01", "model": "gpt-4o", "calls": 2, "request_id": "r1", "input_tokens": 5},
        {"date": "2025-10-01", "model": "gpt-4o", "requests": 1, "input_tokens": 5},
    ],
)
def test_a_table_of_calls_is_not_taken_for_totals(row: dict[str, Json]) -> None:
    assert source_of(Path("log.csv"), [row]) is None


def test_a_row_of_two_files_counts_once_and_one_twice_in_a_file_twice(tmp_path: Path) -> None:
    (found,) = totals(tmp_path, page(TIMES, used(5), used(5)), page(TIMES, used(5)))
    assert found.requests == 10


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("start_time,end_time,start_time_iso,end_time_iso\n1759276800,1759363200,,\n", "no usage or cost"),
        (page(TIMES), "no usage or cost"),
        (page(TIMES, used(0)), "no usage or cost"),
        (page(TIMES | {"end_time": START + 30 * 86_400}, used(5)), "row 1: it covers more than a day"),
        (page(TIMES, {"amount": {"value": 3, "currency": "eur"}, "line_item": None}), "Only US dollars"),
        (page({"start_time": "soon"}, used(5)), "row 1: no time found"),
        (page(TIMES, used(5))[:-40], "row"),
        ("date,model,requests\n2025-09-01,gpt-4o,900\n2025-10-01,gpt-4o,800\n", "whether a row"),
        ("date,model,requests\n2025-09-01,gpt-4o,900\n", "whether a row"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        totals(tmp_path, text)


def test_records_with_lists_are_no_exports(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    call = {"prompt": "Where is my parcel?", "answer": "On its way.", "data": [1, 2], "start_time": START}
    path.write_text(json.dumps(call), encoding="utf-8")
    assert not open_log(path).has_totals
