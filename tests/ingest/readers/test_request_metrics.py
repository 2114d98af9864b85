"""Tables without text: requests count for volume and cost."""

from pathlib import Path

import pytest

from advisor.errors import BadInput
from advisor.ingest.log import open_log
from tests.ingest.told_fields import told, write


def test_requests_count_for_volume_and_cost(tmp_path: Path) -> None:
    table = """timestamp,request_id,model,tokens_in,tokens_out,cached_tokens,latency_ms,cost_usd,team,status
2026-03-01T10:00:00Z,r1,gpt-4o-mini,21,4,5,1500,0.01,support desk,200
2026-03-01T10:01:00Z,r2,gpt-4o-mini,21,0,0,90,0,support desk,429
"""
    first, second = told("request_metrics", write(tmp_path, table, "gateway.csv"))
    assert first == {
        "model": "gpt-4o-mini", "tokens": (16, 5, 4), "latency_s": 1.5, "cost_usd": 0.01, "at": "2026-03-01 10:00:00",
        "id": "r1", "not_replayable": "the file holds no prompts, only counts, times and costs",
    }  # fmt: skip
    assert second["error"] == "HTTP status 429"


def test_a_table_with_text_under_odd_names_does_not_pass_for_metrics(tmp_path: Path) -> None:
    table = """created_at,model,input_tokens,kundentext
2026-03-01T10:00:00Z,gpt-4o-mini,21,The parcel that I ordered last week is still not here
"""
    short = """created_at,model,input_tokens,q,a
2026-03-01T10:00:00Z,gpt-4o-mini,21,Late parcel?,shipping
2026-03-01T10:01:00Z,gpt-4o-mini,20,Wrong bill?,billing
2026-03-01T10:02:00Z,gpt-4o-mini,20,Where is it?,shipping
"""
    with pytest.raises(BadInput):
        open_log(write(tmp_path, table, "own.csv"))
    assert open_log(write(tmp_path, short, "short.csv")).format == "table"
