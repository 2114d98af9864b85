"""A run at work in words: what is decided so far, and what its judge keeps open."""

from collections.abc import Sequence

from advisor.text.advice.judges import judge_clause
from advisor.text.messages import upper
from advisor.text.names import OUTCOMES, SYMBOLS, Outcome
from advisor.text.numbers import count, signed
from advisor.types import Verdict
from advisor.types.assessments import SoFar
from advisor.types.codes import JudgeState


def so_far_words(row: SoFar) -> str:
    """A row of a run at work."""
    if row.delta is None:
        return f"{row.use_case}, {row.model}: {state_words(row)}"
    interval = f" (CI {signed(row.interval[0])} to {signed(row.interval[1])})" if row.interval else ""
    return f"{row.use_case}, {row.model}: {signed(row.delta)}{interval}, {count(row.n, 'sample')}, {state_words(row)}"


def state_words(row: SoFar) -> str:
    """Whether a row is decided, in a few words."""
    if row.verdict is not None:
        return f"{SYMBOLS[Outcome(row.verdict)]} {OUTCOMES[Outcome(row.verdict)]}"
    if row.judge in (JudgeState.FAILED, JudgeState.UNREADABLE):
        return upper(judge_clause(row.judge, ["judge"]))
    if row.delta is None:
        return "Waiting for answers" if row.judge is None else "Waiting for judge"
    if row.leans is not None:
        return "Good so far" if row.leans is Verdict.SWITCH else "Worse so far"
    return "Open" if row.interval else "At the end"


def so_far_title(rows: Sequence[SoFar]) -> str:
    """How much of a run at work is decided."""
    by_case: dict[str, list[Verdict | None]] = {}
    for row in rows:
        by_case.setdefault(row.use_case, []).append(row.verdict)
    decided = sum(Verdict.SWITCH in verdicts or None not in verdicts for verdicts in by_case.values())
    return f"{decided} of {count(len(by_case), 'use case')} decided so far"
