"""Real data with published results: LLMPerf latencies and the PandaLM human test set."""

import gzip
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.analysis.intervals import cluster_se, mean_t
from advisor.analysis.judging import kappa
from advisor.analysis.latency import quantiles


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        return [json.loads(line) for line in lines]


def test_llmperf_quantiles_are_reproduced(shared: Path) -> None:
    published = json.loads((shared / "truth" / "llmperf" / "summary.json").read_text())
    runs = defaultdict(list)
    for row in rows(shared / "truth" / "llmperf" / "requests.jsonl.gz"):
        if row["error_code"] is None:
            runs[row["run"]].append(row)
    checked = 0
    for run, requests in runs.items():
        for key in ("ttft_s", "end_to_end_latency_s"):
            result = quantiles(np.array([request[key] for request in requests], dtype=float))
            for name, value in (("p50", result.p50), ("p95", result.p95)):
                assert value == pytest.approx(float(published[run][f"results_{key}_quantiles_{name}"]), rel=1e-9)
                checked += 1
            assert result.p95_supported is (len(requests) >= 59)
    assert checked == 19 * 4


@pytest.fixture(scope="module")
def pandalm(shared: Path) -> list[dict[str, Any]]:
    return rows(shared / "truth" / "pandalm" / "pairs.jsonl.gz")


def human(row: dict[str, Any]) -> int:
    return Counter(row[f"annotator{i}"] for i in (1, 2, 3)).most_common(1)[0][0]


def test_agreement_of_people_is_reproduced(pandalm: list[dict[str, Any]]) -> None:
    marks = [[row[f"annotator{i}"] for row in pandalm] for i in (1, 2, 3)]
    found = [kappa(marks[i], marks[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert found == pytest.approx([0.8520, 0.8789, 0.8617], abs=5e-5)


def test_answers_to_one_prompt_go_together(pandalm: list[dict[str, Any]]) -> None:
    y = np.array([{1: 1.0, 2: 0.0, 0: 0.5}[human(row)] for row in pandalm])
    se, groups = cluster_se(y, [f"{row['instruction']}\0{row['input']}" for row in pandalm])
    assert groups == 170
    assert 1.2 < se / mean_t(y).se < 1.5
