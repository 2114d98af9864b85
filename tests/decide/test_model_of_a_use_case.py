"""A log of several closed models: every use case is compared with, and stays on, the one that it runs on."""

from pathlib import Path
from typing import Any

from advisor.decide.decision_json import describe_decision
from advisor.decide.decisions import decide
from advisor.plan.dossier import UNDATED
from advisor.report.pdf import compose
from advisor.store import Store
from advisor.text.plan import plan_sentence
from advisor.types import Lane, Role, Verdict
from tests.made.log import call
from tests.made.run import replayed
from tests.report.made_report import dossier

MATH, CHAT = "gpt-4o (recorded)", "gpt-4o-mini (recorded)"


def logged(n: int, use_case: str, model: str) -> dict[str, Any]:
    row = call(n, answer="right", target="right", metadata={"use_case": use_case})
    return row | {side: row[side] | {"model": model} for side in ("request", "response")}


def test_each_use_case_is_told_with_its_own_model(store: Store, tmp_path: Path) -> None:
    rows = [logged(n, "math", "gpt-4o") for n in range(12)] + [logged(n, "chat", "gpt-4o-mini") for n in range(12, 30)]
    rows += [logged(30, "math", "gpt-4o-mini")]
    study, run, _ = replayed(
        store, tmp_path, rows, {"open": Role.CANDIDATE}, {"open": lambda body: "wrong"}, baseline=Lane.RECORDED
    )
    report = decide(store, study, run=run)
    recommendation = report.recommendation
    by_name = {decision.name: decision for decision in recommendation.use_cases}
    assert {name: decision.baseline for name, decision in by_name.items()} == {"math": MATH, "chat": CHAT}
    assert {decision.verdict for decision in by_name.values()} == {Verdict.KEEP}
    assert recommendation.bill.worth is False
    assert by_name["math"].candidates[0].ruling.reason.values["baseline"] == MATH
    assert {"math": {"gpt-4o": 12, "gpt-4o-mini": 1}} in [
        warning.values.get("use_cases") for warning in recommendation.remarks.warnings
    ]
    told = describe_decision(recommendation)["use_cases"]
    assert {case["name"]: case["baseline"] for case in told} == {"math": MATH, "chat": CHAT}
    paper = compose(dossier(report))
    assert paper["baseline"] == f"{CHAT} and {MATH}"
    assert ["gpt-4o latency" in case["facts"] for case in paper["use_cases"]] == [
        case["name"] == "math" for case in told
    ]
    shown = {(example["use_case"], example["baseline_name"]) for example in paper["noticed"][0]}
    assert shown
    assert shown <= {("math", "gpt-4o (baseline)"), ("chat", "gpt-4o-mini (baseline)")}
    assert plan_sentence(report, UNDATED).endswith("2 use cases stay on gpt-4o-mini and gpt-4o.")
