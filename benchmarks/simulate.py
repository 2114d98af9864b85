"""False switches and power by simulation, written into docs/statistics.md: ``python -m benchmarks.simulate``.

10,000 studies a cell and five seeds take half an hour; ``--studies`` and ``--seeds`` make fewer.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from advisor.analysis.quality.difference import fixed, lower_bound, whole_of
from advisor.analysis.statistics.intervals import holm, tango_p
from advisor.types import Endpoint
from tests.analysis.simulated import ALPHA, MARGIN, Cell, Equal, conversations, fields, held, passed
from tests.analysis.simulated_judges import BAD, FORM, USABLE, judged

DOCS = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
START, END = "<!-- made by make simulate -->", "<!-- end -->"
SIZES = ((10, 24), (20, 12), (30, 8), (60, 4), (60, 8))
DISCORDANCES, ICCS, KINDS = (0.1, 0.2, 0.3, 0.4), (0.0, 0.1, 0.2, 0.6), ("rates", "copies")
SHAPES = {
    "5% lost whole, the others ±.1": (0.05, 0.0, 0.1, 1.0),
    "10% lost whole, the others ±.1": (0.1, 0.0, 0.1, 1.0),
    "3% lost, 3% gained whole, the others ±.1": (0.03, 0.03, 0.1, 1.0),
    "7.5% lost, 2.5% gained whole, the others equal": (0.075, 0.025, 0.0, 1.0),
    "8.3% lost by .6, the others equal": (1 / 12, 0.0, 0.0, 0.6),
    "15% lost, 5% gained by .5, the others equal": (0.15, 0.05, 0.0, 0.5),
    "none lost, all ±.1": (0.0, 0.0, 0.1, 1.0),
    "none lost, all ±.3": (0.0, 0.0, 0.3, 1.0),
}
EQUAL = {
    "100 samples": Equal(100),
    "400 samples": Equal(400),
    "400 samples, the last fifth half as often right for all": Equal(400, harder=0.5),
    "300 samples, 8 candidates": Equal(300, candidates=8),
    "400 samples, compared pair by pair": Equal(400, endpoint=Endpoint.PAIRWISE),
    "60 conversations of 8, half alike": Equal(480, conversation=8, alike=0.5),
    "60 conversations of 8, all alike": Equal(480, conversation=8, alike=1.0),
    "30 conversations of 8, half alike": Equal(240, conversation=8, alike=0.5),
    "2,000 samples, 40 classes": Equal(2000, classes=40),
}
LENGTHS = (50, 60, 100, 200, 400)


class Row(NamedTuple):
    """Shares of studies that pass at the margin (errors) and with an equal candidate (power)."""

    error: float
    power: float
    plain_error: float
    plain_power: float

    @property
    def words(self) -> str:
        shares = " | ".join(f"{100 * share:.1f}" for share in self)
        return (
            f"{shares} | {'none' if self.power < 0.2 and (self.plain_error > 0.03 or self.plain_power < 0.2) else ''}"
        )


def measure(cell: Cell, studies: int, seeds: int) -> Row:
    total = studies * seeds
    at_margin = [passed(cell, studies, seed, is_equal=False) for seed in range(seeds)]
    equal = [passed(cell, studies, 100 + seed, is_equal=True) for seed in range(seeds)]
    return Row(
        sum(each.product for each in at_margin) / total,
        sum(each.product for each in equal) / total,
        sum(each.plain for each in at_margin) / total,
        sum(each.plain for each in equal) / total,
    )


def eight(n: int, discordance: float, studies: int, seeds: int) -> str:
    """Eight candidates in one use case: at the margin any that passes; all equal, the best one called better."""
    switched = better = alone = 0
    for seed in range(seeds):
        draw = np.random.default_rng(seed)
        half, total = discordance / 2, studies
        counts = draw.multinomial(n, (half + MARGIN / 2, half - MARGIN / 2, 1 - discordance), size=(total, 8))
        switched += sum(min(holm([tango_p(b, c, n, MARGIN) for c, b, _ in one])) <= ALPHA for one in counts.tolist())
        for one in draw.multinomial(n, (half, half, 1 - discordance), size=(total, 8)):
            lost, gained, _ = max(one.tolist(), key=lambda each: each[1] - each[0])
            d = np.repeat((-1.0, 1.0, 0.0), (lost, gained, n - lost - gained))
            tested = fixed(d, whole_of(d, None, 1), None, 1, 0.95)
            better += lower_bound(tested, 1, ALPHA / 8) > 0
            alone += lower_bound(tested, 1, ALPHA) > 0
    shares = (f"{100 * k / studies / seeds:.1f}" for k in (switched, better, alone))
    return f"| {n} | {discordance} | {' | '.join(shares)} |"


def hidden(name: str, shape: Equal, studies: int, seeds: int) -> str:
    """How often something is found in the mean of candidates that hide nothing."""
    found = [held(shape, studies, 200 + seed) for seed in range(seeds)]
    of = studies * seeds
    return f"| {name} | {100 * sum(f.held for f in found) / of:.2f} | {100 * sum(f.told for f in found) / of:.2f} |"


def tables(studies: int, seeds: int) -> Iterator[str]:
    total = f" ({studies:,}, {seeds} seeds)" if seeds > 1 else ""
    yield f"{studies * seeds:,} studies a cell{total}. All figures in %.\n"
    head = "false switch | power | plain t: false switch | plain t: power | a valid test with power |"
    cells = [(*size, psi, icc, kind) for kind in KINDS for size in SIZES for psi in DISCORDANCES for icc in ICCS]
    yield f"### Conversations\n\n| groups x size | kind | discordance | ICC | {head}\n{'|---' * 9}|"
    for number, size, psi, icc, kind in cells:
        if icc or kind == KINDS[0]:
            row = measure(conversations(number, size, psi, icc, kind), studies, seeds)
            yield f"| {number} x {size} | {kind} | {psi} | {icc} | {row.words} |"
    yield f"\n### Scores in between (F1)\n\n| answers | n | {head}\n|---|---|---|---|---|---|---|"
    for shape, arguments in SHAPES.items():
        for n in LENGTHS:
            yield f"| {shape} | {n} | {measure(fields(n, *arguments), studies, seeds).words} |"
    yield "\n### What a mean hides\n\nStudies of equal candidates in which one is held, or has any caveat.\n"
    yield f"| study | held | any caveat |\n{'|---' * 3}|"
    for name, equal in EQUAL.items():
        yield hidden(name, equal, studies, seeds)
    yield "\n### Eight candidates\n\nOf 8 equal ones, how often the best is falsely called better, also without K.\n"
    yield f"| n | discordance | any false switch | called better | without K |\n{'|---' * 5}|"
    for n in (100, 300):
        for psi in (0.1, 0.3):
            yield eight(n, psi, studies, seeds)
    yield from judges(studies, seeds)


def judges(studies: int, seeds: int) -> Iterator[str]:
    """Bad judges with a candidate at the margin, controls as bad as real pairs and 90 % right; a usable one."""
    yield "\n### Judges\n\n300 pairs. Bad judges: a candidate at the margin. Usable ones: an equal candidate.\n"
    yield f"| judge | controls found | true ties | switch | proven |\n{'|---' * 5}|"
    bad = [
        (name, judge._replace(control=control), ties, -0.2)
        for name, judge in BAD.items()
        for control in (judge.control, 0.9)
        for ties in (0.0, 0.4)
    ]
    for name, judge, ties, delta in [
        *bad,
        ("form alone", FORM, 0.0, -0.2),
        ("usable", USABLE, 0.6, 0.0),
        ("usable", USABLE, 0.95, 0.0),
    ]:
        found = [judged(judge, studies, seed, ties=ties, delta=delta) for seed in range(seeds)]
        switched, passed = (100 * sum(each) / seeds for each in zip(*found, strict=True))
        yield f"| {name} | {judge.control:.0%} | {ties:.0%} | {switched:.1f} | {passed:.1f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    made = "\n".join(tables(given.studies, given.seeds))
    before, _, rest = DOCS.read_text().partition(START)
    DOCS.write_text(f"{before}{START}\n\n{made}\n\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
