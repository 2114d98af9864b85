"""Answers with a judge's verdicts, made ones and the published ones of real models, from the log to the decision."""

import gzip
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from advisor.decide.decisions import decide
from advisor.store import Store
from advisor.types import Endpoint, Role, Verdict
from tests.made.judge import examined
from tests.made.log import call
from tests.made.run import asked, fenced_answers, replayed, verdict
from tests.server import Body

PAIRS = ["bloom-7b_llama-7b", "cerebras-gpt-6.7B_llama-7b"]
SWITCHING: dict[int | str | None, int] = {1: 20, 2: 60, 0: 15, "same": 10, None: 3}
KEEPING: dict[int | str | None, int] = {1: 60, 2: 15, 0: 20}
"""How often the judge says what; None: nothing that can be read."""


@pytest.fixture(params=[SWITCHING, KEEPING, *(pytest.param(key, marks=pytest.mark.shared) for key in PAIRS)])
def rows(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Two models' answers to each prompt, and which of them the judge prefers: 0 none, 1 the first, 2 the second."""
    if isinstance(request.param, str):
        packed = request.getfixturevalue("shared") / "truth" / "pandalm" / "pairs.jsonl.gz"
        published = [json.loads(line) for line in gzip.decompress(packed.read_bytes()).splitlines()]
        return [row for row in published if row["cmp_key"] == request.param]
    made = [*(said for said, times in request.param.items() for _ in range(times))]
    return [
        {
            "instruction": f"Describe part {n} of a bicycle.",
            "input": f"Part {n}",
            "response1": (steel := f"Part {n} is round, weighs {400 + 37 * n} g and is made of steel."),
            "response2": steel if said == "same" else f"Part {n}, of aluminium, weighs {300 + 31 * n} g and is flat.",
            "gpt35": 0 if said == "same" else said,
        }
        for n, said in enumerate(made)
    ]


def test_win_rates_and_verdicts_are_those_of_the_data(rows: list[dict[str, Any]], store: Store, tmp_path: Path) -> None:
    """The first model's answers are the log, the second is the candidate; the judge says what it said."""
    for row in rows:
        row |= {name: str(row[name]) for name in ("response1", "response2")}
    prompts = {f"{row['instruction']}\n\n{row['input']}": row for row in rows}
    kept = [(prompt, row) for prompt, row in prompts.items() if row["response1"].strip() and row["response2"].strip()]
    log = [
        call(n, prompt, row["response1"], metadata={"use_case": "Writing help"}) for n, (prompt, row) in enumerate(kept)
    ]
    said = {frozenset((row["response1"].strip(), row["response2"].strip())): row for _, row in kept}

    def judge(body: Body) -> str:
        first, second = (text.strip() for text in fenced_answers(body))
        row = said.get(frozenset((first, second)))
        if row is None or not row["gpt35"]:
            return "I cannot say." if row is not None and row["gpt35"] is None else verdict("tie")
        better = row[f"response{row['gpt35']}"].strip()
        return verdict("A" if first == better else "B")

    seconds = {row["response2"].strip() for _, row in kept}
    proven = examined(judge, (row["response1"] for _, row in kept), lambda text: text.strip() in seconds)
    answers = {"second": lambda body: prompts[asked(body)]["response2"], "judge": proven}
    study, _, _ = replayed(store, tmp_path, log, {"second": Role.CANDIDATE, "judge": Role.JUDGE}, answers, audited=150)
    (use_case,) = decide(store, study).recommendation.use_cases
    (found,) = use_case.candidates
    read = [row for _, row in kept if row["gpt35"] is not None]
    same = [row for row in read if row["response1"].strip() == row["response2"].strip()]
    counted = Counter({1: "losses", 2: "wins"}.get(row["gpt35"], "ties") for row in read if row not in same)
    counted["ties"] += len(same)
    assert found.quality.endpoint is Endpoint.PAIRWISE
    assert (found.quality.wins, found.quality.ties, found.quality.losses) == (
        counted["wins"],
        counted["ties"],
        counted["losses"],
    )
    n = counted.total()
    assert found.quality.n == n
    assert found.quality.score == (counted["wins"] + counted["ties"] / 2) / n
    low, high = (bound / 2 for bound in tango(counted["wins"], counted["losses"], n))
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((low, high), abs=1e-9)
    expected = Verdict.SWITCH if low > -0.1 else Verdict.KEEP if high < -0.1 else Verdict.NEED_MORE_DATA
    assert found.ruling.verdict is expected, found.ruling.reason


def tango(b: int, c: int, n: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The score interval again, straight from METHOD 2, on a grid that is refined."""

    def inside(d: float) -> bool:
        big_b, big_c = -b - c + (2 * n - b + c) * d, -c * d * (1 - d)
        q = (math.sqrt(max(big_b**2 - 8 * n * big_c, 0)) - big_b) / (4 * n)
        return abs(b - c - n * d) <= z * math.sqrt(max(n * (2 * q + d * (1 - d)), 0)) + 1e-15

    point, bounds = (b - c) / n, []
    for end in (-1.0, 1.0):
        near, far = point, end
        for _ in range(200):
            middle = (near + far) / 2
            near, far = (middle, far) if inside(middle) else (near, middle)
        bounds.append(near)
    return bounds[0], bounds[1]
