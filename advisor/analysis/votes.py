"""Whose votes count where answers are compared, and what the order of the answers did to a judge's."""

import numpy as np

from advisor.analysis.columns import Columns
from advisor.analysis.quality import MIN_SCORED


def is_for_people(columns: Columns, *, is_doubted: bool) -> bool:
    """Whether people's votes alone count: they compared all pairs, or enough of them where the judge is doubted."""
    equal = columns.differs == 0
    answered = ~(equal | columns.missing | columns.candidate.failed | columns.baseline.failed)
    labelled = answered & ~np.isnan(columns.reviewed_y)
    return bool(labelled.any() and ((is_doubted and labelled.sum() >= MIN_SCORED) or (labelled == answered).all()))


def turned_of(columns: Columns) -> tuple[int, int]:
    """(judges' votes that turned with the order of the answers, votes given in both orders)."""
    asked = columns.where(~columns.missing)
    return int(asked.flips.sum()), int(asked.judges.sum())


def orders_of(columns: Columns) -> tuple[int, int]:
    """(pairs in which at least one order of the judge's votes names a winner, those in which both name the same)."""
    asked = columns.where(~columns.missing)
    return int(asked.decided.sum()), int((asked.decided & asked.agreed).sum())
