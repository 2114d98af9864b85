"""Real data with published results: LLMPerf latencies and the PandaLM human test set."""

import gzip
import json
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.analysis.latency import quantiles, summary
from advisor.analysis.quality.clusters import Groups, cluster_se
from advisor.analysis.statistics.agreement import confusion, kappa, kappa_interval, rates
from advisor.analysis.statistics.intervals import mean_t
from advisor.analysis.statistics.ppi import Corrected, ppi_mean
from advisor.types import Grouping
from tests.analysis.comparisons import bradley_terry, one_group_each

MEASURES = (
    "ttft_s",
    "end_to_end_latency_s",
    "inter_token_latency_s",
    "request_output_throughput_token_per_s",
)
PUBLISHED_AS = {
    "quantiles_p25": "p25",
    "quantiles_p50": "p50",
    "quantiles_p75": "p75",
    "quantiles_p90": "p90",
    "quantiles_p95": "p95",
    "quantiles_p99": "p99",
    "mean": "mean",
    "stddev": "sd",
    "min": "min",
    "max": "max",
}
SHARE_OF_FIRST = {1: 1.0, 2: 0.0, 0: 0.5}


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        return [json.loads(line) for line in lines]


def test_llmperf_statistics_are_reproduced(shared: Path) -> None:
    published = json.loads((shared / "truth" / "llmperf" / "summary.json").read_text())
    runs = defaultdict(list)
    for row in rows(shared / "truth" / "llmperf" / "requests.jsonl.gz"):
        if row["error_code"] is None:
            runs[row["run"]].append(row)
    checked = 0
    for run, requests in runs.items():
        for key in MEASURES:
            values = np.array([request[key] for request in requests], dtype=float)
            found = summary(values)
            assert found is not None
            for name, field in PUBLISHED_AS.items():
                expected = float(published[run][f"results_{key}_{name}"])
                assert getattr(found, field) == pytest.approx(expected, rel=1e-9, abs=1e-9)
                checked += 1
            shown = quantiles(values)
            assert (shown.p50, shown.p95, shown.n) == (found.p50, found.p95, found.n)
            assert shown.p95_supported is (len(requests) >= 59)
    assert checked == 760


def test_a_summary_of_few_values_is_that_of_the_standard_library() -> None:
    values = [0.2, 0.9, 0.4, 3.1, 0.5, 0.4, 1.7]
    found, cuts = summary(np.array(values)), statistics.quantiles(values, n=100, method="inclusive")
    assert found is not None
    assert (found.p25, found.p50, found.p75) == pytest.approx((cuts[24], cuts[49], cuts[74]))
    assert (found.p90, found.p95, found.p99) == pytest.approx((cuts[89], cuts[94], cuts[98]))
    assert (found.n, found.min, found.max) == (7, 0.2, 3.1)
    assert (found.mean, found.sd) == pytest.approx((statistics.mean(values), statistics.stdev(values)))
    shown = quantiles(np.array(values * 9))
    assert (shown.n, shown.p95_supported) == (63, True)
    assert not quantiles(np.array(values * 8)).p95_supported, "56 of the 59 that it takes"


def test_one_value_has_no_spread_and_none_has_no_summary() -> None:
    one = summary(np.array([2.5]))
    assert one is not None
    assert (one.n, one.mean, one.sd, one.min, one.p99, one.max) == (1, 2.5, None, 2.5, 2.5, 2.5)
    assert summary(np.array([])) is None


@pytest.fixture(scope="module")
def pandalm(shared: Path) -> list[dict[str, Any]]:
    return rows(shared / "truth" / "pandalm" / "pairs.jsonl.gz")


def human(row: dict[str, Any]) -> int:
    return Counter(row[f"annotator{i}"] for i in (1, 2, 3)).most_common(1)[0][0]


def test_agreement_of_people_is_reproduced(pandalm: list[dict[str, Any]]) -> None:
    marks = [[row[f"annotator{i}"] for row in pandalm] for i in (1, 2, 3)]
    found = [kappa(marks[i], marks[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert found == pytest.approx([0.8520, 0.8789, 0.8617], abs=5e-5)


def test_how_sure_the_agreement_of_people_is(pandalm: list[dict[str, Any]]) -> None:
    for i, j in ((1, 2), (1, 3), (2, 3)):
        first, second = ([row[f"annotator{k}"] for row in pandalm] for k in (i, j))
        agreed, low, high = kappa_interval(first, second)
        drawn = np.random.default_rng(0).integers(len(first), size=(150, len(first)))
        resampled = [kappa([first[k] for k in draw], [second[k] for k in draw]) for draw in drawn.tolist()]
        assert low < agreed < high
        assert (high - low) / 2 / 1.96 == pytest.approx(np.std(resampled), rel=0.2)


def test_the_majority_of_people_is_reproduced(pandalm: list[dict[str, Any]]) -> None:
    labels = [human(row) for row in pandalm]
    assert Counter(labels) == {0: 105, 1: 422, 2: 472}
    table = confusion(labels, [row["pandalm7b"] for row in pandalm], [0, 1, 2])
    assert [sum(row) for row in table] == [105, 422, 472]


@pytest.mark.parametrize(
    ("judge", "published"),
    [("pandalm7b", (0.6677, 0.5738, 0.5750, 0.5743)), ("gpt35", (0.7107, 0.5879, 0.5736, 0.5755))],
)
def test_judges_against_people_are_reproduced(
    pandalm: list[dict[str, Any]], judge: str, published: tuple[float, ...]
) -> None:
    labels = [human(row) for row in pandalm]
    assert rates(labels, [row[judge] or 0 for row in pandalm]) == pytest.approx(published, abs=5e-5)


def test_leaving_out_what_could_not_be_read_flatters_the_judge(pandalm: list[dict[str, Any]]) -> None:
    read = [row for row in pandalm if row["gpt35"] is not None]
    assert len(pandalm) - len(read) == 25
    found = rates([human(row) for row in read], [row["gpt35"] for row in read])
    assert found.accuracy == pytest.approx(0.7156, abs=5e-5)


def test_strengths_of_the_five_models_are_reproduced(pandalm: list[dict[str, Any]]) -> None:
    results = []
    for row in pandalm:
        first, second = row["cmp_key"].split("_")
        results.append((first, second, SHARE_OF_FIRST[human(row)]))
    found = bradley_terry(results)
    assert found is not None
    published = {
        "llama-7b": 0.7243,
        "pythia-6.9b": 0.0736,
        "bloom-7b": -0.0182,
        "opt-7b": -0.2430,
        "cerebras-gpt-6.7B": -0.5368,
    }
    assert found == pytest.approx(published, abs=5e-5)
    assert list(found) == list(published)


def scores(pandalm: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """The first answer's score by people and by the judge."""
    return (
        np.array([SHARE_OF_FIRST[human(row)] for row in pandalm]),
        np.array([SHARE_OF_FIRST[row["gpt35"] or 0] for row in pandalm]),
    )


def corrected(y: np.ndarray, f: np.ndarray, order: np.ndarray, labels: int) -> tuple[Corrected, Corrected, Corrected]:
    """The labels alone, plain PPI and PPI++, with the first ``labels`` items of ``order`` labelled."""
    labelled, rest = order[:labels], order[labels:]
    alone, plain, best = (ppi_mean(y[labelled], f[labelled], f[rest], lam=lam) for lam in (0.0, 1.0, None))
    return alone, plain, best


def test_few_labels_and_a_judge_are_combined_as_in_ppi_py(pandalm: list[dict[str, Any]]) -> None:
    alone, plain, best = corrected(*scores(pandalm), np.random.default_rng(0).permutation(999), 200)
    assert alone.se == pytest.approx(0.03370, abs=5e-6)
    assert (plain.n, plain.unlabelled) == (200, 799)
    assert plain.estimate == pytest.approx(0.53186796, abs=5e-9)
    assert plain.se == pytest.approx(0.03358, abs=5e-6)
    # Published as .5135 with the variance over n + N; ppi_py, which the estimate is from, has n + N - 1.
    assert best.lam * 999 / 998 == pytest.approx(0.5135, abs=5e-5)
    assert best.estimate == pytest.approx(0.52608828, abs=5e-9)
    assert best.se == pytest.approx(0.02753, abs=5e-6)


def test_what_a_judge_saves_is_reproduced(pandalm: list[dict[str, Any]]) -> None:
    y, f = scores(pandalm)
    rng = np.random.default_rng(1)
    drawn = [corrected(y, f, rng.permutation(999), 150) for _ in range(500)]
    widths = np.mean([[one.high - one.low for one in kinds] for kinds in drawn], axis=0)
    assert widths == pytest.approx([0.151, 0.154, 0.127], abs=0.004)


def test_answers_to_one_prompt_go_together(pandalm: list[dict[str, Any]]) -> None:
    y, _ = scores(pandalm)
    holders = one_group_each([f"{row['instruction']}\0{row['input']}" for row in pandalm])
    assert holders.shape == (999, 170)
    assert 1.3 <= cluster_se(y, Groups(of=Grouping.PROMPTS, holders=holders)) / mean_t(y).se <= 1.4
