"""The report's own words, and that charts say numbers as sentences do."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.money.cost import is_worth
from advisor.analysis.verdict.gates import LIMITS
from advisor.plan.exports import OF_REPORT
from advisor.report.examples import MOST_PROMPT, cut
from advisor.report.pdf import compose
from advisor.text import gates, names, results
from advisor.text.business_case.board import strip
from advisor.text.business_case.case import NET, SAVED, effort_words
from advisor.text.business_case.figures import money_figures
from advisor.text.numbers import dollars
from advisor.types import Gate, GateName, Model, Money, Monthly, Verdict
from advisor.types.dossier import Export
from tests.nested import changed
from tests.report.made_report import dossier, large_report, small_report

ROOT = Path(__file__).resolve().parents[2]


def test_a_table_tells_a_loss_from_the_margin_as_the_sentence_does() -> None:
    decision = next(d for d in large_report().recommendation.use_cases if d.candidates[0].difference.delta is not None)
    assessment = changed(decision.candidates[0], delta=-0.02, ci_low=-0.1008, bound=None, ci_high=0.1008, margin=0.1)
    assert results.difference(assessment) == "-2 pts (-10.1 to +10)"
    assert "10.1 pts worse" in results.between(-0.1008, 0.1008, 0.1)
    priced = changed(assessment, usd_per_1k=1.67, baseline_usd_per_1k=4.4)
    assert results.cost(priced) == "$1.67 ($4.40)"


@pytest.mark.parametrize(
    ("gate", "value", "limit", "words"),
    [
        (
            Gate(name=GateName.VALIDITY, value=0.005, limit=0.02, passed=True),
            "+0.5 pts",
            "at most 2 pts more",
            "✓ Within",
        ),
        (
            Gate(name=GateName.ERRORS, value=0.5, limit=0.02, passed=False, beyond_doubt=True),
            "50%",
            "at most 2%",
            "✗ Outside",
        ),
        (
            Gate(name=GateName.LATENCY, value=6.04, limit=6.0, passed=False),
            "6.0 s",
            "at most 6.0 s",
            "? Outside, perhaps by chance",
        ),
        (Gate(name=GateName.TTFT, value=0.5, limit=None, passed=None), "500 ms", "none", "– No limit set"),
        (Gate(name=GateName.REFUSED, value=None, limit=0.02, passed=None), "–", "at most 2%", "– Not measured"),
    ],
)
def test_gates_in_words(gate: Gate, value: str, limit: str, words: str) -> None:
    assert gates.gate_value(gate) == value
    assert gates.gate_limit(gate).startswith(limit)
    assert gates.gate_words(gate) == words


def test_every_gate_and_verdict_has_words() -> None:
    assert set(LIMITS) <= set(GateName) == set(names.GATES)
    decision = large_report().recommendation.use_cases[0]
    assert all(names.decision_words(replace(decision, verdict=v)) for v in Verdict)
    assert set(names.Outcome) == set(names.SYMBOLS) == set(names.OUTCOMES)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("x" * 1300, "x" * 500 + "… (800 more characters)"),
        ("a\n" * 40, "a\n" * 15 + "a… (48 more characters)"),
        ("", ""),
    ],
)
def test_long_examples_are_cut_visibly(text: str, shown: str) -> None:
    assert cut(text, MOST_PROMPT) == shown


def test_an_illustrative_name_is_marked_once() -> None:
    assert "Aspen written (illustrative)" in str(compose(dossier(large_report()))["plan"])
    assert "(illustrative) (illustrative" not in str(compose(dossier(large_report())))
    for name in ("Aspen", "Aspen (illustrative)"):
        assert Model(name=name, litellm_id="written/aspen", illustrative=True).name == "Aspen (illustrative)"


def test_importing_the_report_loads_no_drawing_library() -> None:
    code = (
        "import sys, advisor.report.pdf, advisor.store.reports, advisor.report.exports; "
        "print(*sorted({'plotly', 'matplotlib', 'typst', 'pydantic', 'scipy.stats'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_rendering_loads_no_plotly() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/report'); from made_report import dossier, small_report; "
        "from advisor.report.pdf import render_pdf; render_pdf(dossier(small_report())); print('plotly' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_page_one_says_what_is_saved_and_how_sure_that_is() -> None:
    report = large_report()

    def tiles(saved: tuple[float, float]) -> tuple[str, dict[str, str]]:
        money = Money(low=saved[0], point=saved[0], high=saved[1])
        monthly = Monthly(baseline_usd=570.0, plan_usd=570.0 - saved[0], savings_usd=money)
        first = report.recommendation.use_cases[0]
        cases = (replace(first, candidates=tuple(changed(a, savings_usd=money) for a in first.candidates)),)
        decision = changed(report.recommendation, monthly=monthly, worth=is_worth(monthly, cases), use_cases=cases)
        told = replace(report, recommendation=decision, plan=plan(decision, {}, {}))
        front = compose(dossier(told))["front"]
        return front["ask"], {each["label"]: f"{each['value']}, {each['note']}" for each in front["figures"]}

    ask, figures = tiles((140.0, 180.0))
    assert ask.startswith("Approve moving ")
    assert figures[SAVED].startswith("$140, 25% of $570")
    ask, figures = tiles((0.0013, 0.017))
    assert "isn't worth a migration" in ask


def test_what_has_no_words_leaves_no_trace_and_the_share_of_the_traffic_is_said_once() -> None:
    made = dossier(large_report())
    page, text = (OF_REPORT[what](made).decode() for what in (Export.PAGE, Export.SUMMARY))
    assert not re.findall(r'<p class="soft">\s*</p>', page)
    assert text.count("25% of the traffic") == 1


def test_why_a_bill_is_not_known() -> None:
    (figure,) = compose(dossier(small_report()))["front"]["figures"]
    assert (figure["value"], figure["note"]) == ("–", "unknown: the log has no times, or one alone")


def test_the_engineering_cost_is_worded_however_much_moves() -> None:
    case = dossier(large_report()).case
    assert case.moving
    assert effort_words(case).endswith(" code; labels come on top")
    assert effort_words(replace(case, moving=())) == ""
    bare = replace(case, moving=tuple(replace(one, changes=()) for one in case.moving))
    assert ", 0 of them engineering for " in effort_words(bare)


def test_page_one_says_what_a_move_costs_in_its_first_year_and_waits_for() -> None:
    made = dossier(large_report())
    case, (first, *_) = made.case, strip(made)
    assert case.net(12).point < 0
    assert case.payback
    figures = {each["label"]: each["value"] for each in money_figures(made)}
    assert figures[NET.format(12)] == dollars(case.net(12).point)
    assert figures["Payback"] == f"month {case.payback}"
    assert made.ask.values["saved"] == 0.0, "waiting costs nothing"
    kept = replace(made.report.plan, moves=tuple(replace(move, phases=()) for move in made.report.plan.moves))
    (still, *_) = strip(replace(made, report=replace(made.report, plan=kept)))
    assert ("Move" in first["word"], bool(first["note"])) == (True, True)
    assert ("Good enough" in still["word"], still["note"]) == (True, "")
