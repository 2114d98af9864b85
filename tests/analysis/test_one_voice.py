"""What is said of one candidate never contradicts itself: verdict, sentence, obstacles and their numbers agree."""

import random
import re
from itertools import cycle, islice
from typing import Any

import pytest

from advisor.analysis.migration_plan import plan
from advisor.analysis.quality.evidence import Pair
from advisor.text.advice.obstacles import why_not
from advisor.text.advice.reasons import in_context, reason
from advisor.text.plan import quality_of, why
from advisor.types import Assessment, Cause, Endpoint, Obstacle, Recommendation, Refusal, Step, Verdict
from tests.analysis.decisions import READ, assess, decide, use_case
from tests.made_input import made_pair
from tests.nested import changed

BY_CHANCE = (Obstacle.OPEN_GATE, Obstacle.REFUSALS_DOUBTFUL)
RANGE = re.compile(r"CI ([-+]?[\d.]+) to ([-+]?[\d.]+)[,)]")
BELOW = re.compile(r"([\d.]+) pts? below")
BEYOND = re.compile(r"It (?:may be|is at least|is) ([\d.]+) (?:pts?|points?) worse")
"""What is worse than the limit, to whatever digits that takes."""


def made(draw: random.Random) -> tuple[list[Pair], Endpoint]:
    """Answers with whole or fractional scores, or comparisons: mostly alike, so that few of them decide."""
    n, rate = draw.choice((12, 40, 55, 60, 90, 160, 300)), draw.choice((0.0, 0.01, 0.03, 0.08, 0.2))
    kind = draw.choice(("whole", "fractional", "fractional", "judged"))
    shift = draw.choice((-1, -1, 1))
    pairs = []
    for i in range(n):
        moved = shift * draw.choice((0.05, 0.2, 0.5)) if draw.random() < rate else 0.0
        if kind == "judged":
            y, baseline = (0.5 if not moved else 0.5 + 0.5 * shift), None
        elif kind == "whole":
            y, baseline = (1.0 if shift > 0 or not moved else 0.0), (0.0 if shift > 0 and moved else 1.0)
        else:
            baseline = draw.choice((0.6, 0.8))
            y = min(max(baseline + moved, 0.0), 1.0)
        pairs.append(made_pair(sample_id=i, candidate_y=y, baseline_y=baseline, **READ))
    return pairs, Endpoint.PAIRWISE if kind == "judged" else Endpoint.TARGET


def numbers(pattern: str | re.Pattern[str], text: str) -> list[float]:
    return [float(found.replace(",", "")) for found in re.findall(pattern, text)]


def check(found: Assessment) -> None:
    """Every number stands on the side of the limit that its sentence says."""
    limit, cause, told = 100 * found.difference.margin, found.ruling.reason.code, reason(found)
    text = " ".join((told, *why_not(found)))
    low, high = (float(end) for end in found_range.groups()) if (found_range := RANGE.search(told)) else (None, None)
    if low is not None and high is not None:
        assert low <= high, text
        assert (low > -limit) is (cause == Cause.GOOD), text
        assert (high < -limit) is (cause == Cause.WORSE), text
    if cause in (Cause.WORSE, Cause.PROBABLY_WORSE):
        assert low is not None, text
        assert all(worse >= limit for worse in numbers(BELOW, told)), text
        assert numbers(BELOW, told), text
    for worse, message in ((each, m) for m, words in told_of(found) for each in numbers(BEYOND, words)):
        assert worse > limit or (worse == limit and message == Obstacle.PROBABLY_WORSE), text
    if found.ruling.verdict is Verdict.SWITCH:
        assert found.ruling.why_not == (), text
        assert "can't" not in text, text
    else:
        assert found.ruling.why_not, text
        assert len(why_not(found)) == len(found.ruling.why_not), "each obstacle has words of its own"


def told_of(found: Assessment) -> list[tuple[str, str]]:
    """Each obstacle with its words."""
    return list(zip((message.code for message in found.ruling.why_not), why_not(found), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_no_sentence_says_what_another_denies(seed: int) -> None:
    draw = random.Random(seed)
    seen = []
    for margin in islice(cycle((0.02, 0.05, 0.1)), 60):
        pairs, endpoint = made(draw)
        found = assess(pairs, endpoint=endpoint, margin=margin)
        check(found)
        seen += [message.code for message in found.ruling.why_not]
    assert Obstacle.NOT_SURE in seen


def in_groups(draw: random.Random, pairs: list[Pair]) -> list[Pair]:
    """The same in conversations, some about one document, some reviewed, with faults one by one or by conversations."""
    size, documents = draw.choice((1, 3, 10)), draw.choice((0, 0, 8))
    rates = {name: draw.choice((0.0, 0.0, 0.02, 0.06, 0.3)) for name in ("truncated", "instructs", "refusal")}
    whole, is_reviewed = draw.random() < 0.3, draw.random() < 0.4
    found = []
    for i, pair in enumerate(pairs):
        chance = random.Random(f"{draw.random() if not whole else len(pairs)}:{i // size}")
        faults: dict[str, Any] = {f"candidate_{name}": chance.random() < rate for name, rate in rates.items()}
        faults["candidate_refusal"] = Refusal.FULL if faults["candidate_refusal"] else Refusal.NONE
        texts = (i % documents,) if documents else ()
        reviewed = pair.candidate.y if is_reviewed and i % 2 else None
        found.append(changed(pair, session=f"s{i // size}", texts=texts, reviewed_y=reviewed, **faults))
    return found


def check_decision(found: Recommendation) -> None:
    """Verdict, gates, obstacles, what is needed, and the plan tell the same."""
    (decision,) = found.use_cases
    steps, told = plan(found, {}, {}).next_steps, quality_of(decision)
    for a in decision.candidates:
        check(a)
        text, codes = " ".join(why_not(a)), [message.code for message in a.ruling.why_not]
        failing = [gate for gate in a.gates if gate.passed is False]
        by_chance = len([gate for gate in failing if not gate.beyond_doubt])
        assert sum(code in BY_CHANCE for code in codes) == text.count("perhaps by chance") == by_chance, text
        assert codes.count(Obstacle.GATE) == len(failing) - by_chance, text
        assert a.difference.ci_low is not None
        assert a.difference.ci_high is not None
        if a.ruling.verdict is Verdict.SWITCH:
            assert not failing
            assert a.ruling.n_needed is None
            assert a.difference.ci_low > -a.difference.margin
            assert a.difference.p_holm is not None
            assert a.difference.p_holm <= 0.025
        if a.ruling.verdict is Verdict.KEEP:
            assert a.difference.ci_high < -a.difference.margin or any(gate.beyond_doubt for gate in failing)
            assert a.ruling.n_needed is None
        if a.ruling.n_needed is not None:
            assert a.ruling.n_needed > a.quality.n, text
        for more in numbers(r"about ([\d,]+) more sample", text):
            assert a.ruling.n_needed == pytest.approx(a.quality.n + more, rel=0.01), (
                text,
                a.quality.n,
                a.ruling.n_needed,
            )
    shown = decision.shown
    if shown is None:
        return
    assert reason(shown) in why(decision) or in_context(shown) in why(decision)
    assert shown.difference.low is not None
    for worst in numbers(r"(?:between|[\d.]+ to) ([\d.]+) points? worse", told):
        assert (worst < 100 * shown.difference.margin) == (shown.difference.low > -shown.difference.margin), (
            told,
            shown.difference.low,
        )
    for best in numbers(r"([\d.]+) to [\d.]+ points? worse", told):
        assert (best > 100 * shown.difference.margin) == (
            (shown.difference.ci_high or 0.0) < -shown.difference.margin
        ), (told, shown.difference.ci_high)
    wanted = [
        a.ruling.n_needed
        for a in decision.candidates
        if a.ruling.n_needed and a.ruling.verdict is Verdict.NEED_MORE_DATA
    ]
    for step in steps:
        if step.code in (Step.REPLAY, Step.IMPORT):
            few = [m for a in decision.candidates for m in a.ruling.why_not if m.code == Obstacle.TOO_FEW]
            least = [message.values["values"]["least"] for message in few]
            assert step.values["n"] in (min(wanted, default=None), *least), steps


@pytest.mark.parametrize("seed", range(4))
def test_groups_and_gates_are_told_of_with_one_voice(seed: int) -> None:
    draw = random.Random(seed)
    verdicts, groups, open_gates = set(), 0, 0
    for margin in islice(cycle((0.02, 0.05, 0.2)), 60):
        made_so = [made(draw) for _ in range(draw.choice((1, 1, 3)))]
        endpoint = made_so[0][1]
        pairs = {f"open {i}": in_groups(draw, each) for i, (each, kind) in enumerate(made_so) if kind is endpoint}
        found = decide(use_case(pairs, endpoint=endpoint, margin=margin))
        check_decision(found)
        verdicts |= {a.ruling.verdict for a in found.use_cases[0].candidates}
        groups += sum(a.difference.is_clustered for a in found.use_cases[0].candidates)
        open_gates += sum(
            message.code in BY_CHANCE for a in found.use_cases[0].candidates for message in a.ruling.why_not
        )
    assert verdicts == {Verdict.SWITCH, Verdict.KEEP, Verdict.NEED_MORE_DATA}
    assert groups > 20
    assert open_gates > 5
