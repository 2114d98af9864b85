"""The steps of a roll-out in the calendar, and their file."""

from datetime import date

from advisor.plan.timeline import timeline
from advisor.text.gates import criteria
from advisor.text.plan import timeline_sentence
from advisor.types import Condition, Message, Move, Phase, Plan, PlanStep


def phase(share: float, days: int | None = None) -> Phase:
    error = Message.of(Condition.ERRORS, limit=0.02)
    back = Message.of(Condition.ROLLBACK, baseline="gpt-4o", errors=0.05, faults=0.05, margin=0.1)
    return Phase(traffic_share=share, least_days=7, days=days, calls=300, entry=(), exit=(error,), rollback=back)


def test_steps_follow_each_other_from_the_chosen_day() -> None:
    phases = (phase(0.0, None), phase(0.05, 12), phase(0.25, 900), phase(1.0, 1))
    moves = (Move(use_case="A", phases=phases), Move(use_case="B"))
    stints = timeline(Plan(moves=moves, next_steps=()), date(2026, 12, 1), {})
    assert [stint.use_case for stint in stints] == ["A"] * 4
    # A Monday with a week to prepare; 7 days at least, on to the holidays' end, 12 as measured up to a Monday, at most
    # 60, and 7 again.
    assert [stint.first.isoformat() for stint in stints] == ["2026-12-14", "2027-01-04", "2027-01-18", "2027-03-19"]
    assert (stints[-1].end, stints[-1].last) == (date(2027, 3, 26), date(2027, 3, 25))
    assert all(stint.last.weekday() < 5 for stint in stints)
    on, off = criteria(moves[0])
    assert on == {"Failed calls": "at most 2%"}
    assert [*off.values()] == ["clearly 10 pts or more", "over +5 pts", "over 5% in any hour"]
    assert "all traffic from 19 Mar 2027; no new step over New Year" in timeline_sentence(stints)


def test_entered_days_move_the_steps_after_them() -> None:
    plan = Plan(moves=(Move(use_case="A", phases=(phase(0.0), phase(0.05), phase(1.0))),), next_steps=())

    def days(**entered: date) -> list[tuple[int, int]]:
        steps = {("A", int(percent[1:])): PlanStep(starts_on=day) for percent, day in entered.items()}
        return [(stint.first.day, stint.last.day) for stint in timeline(plan, date(2026, 11, 30), steps)]

    assert days() == [(7, 11), (14, 1), (4, 8)], "none begins on its own between 20 Dec and 2 Jan"
    assert days(p0=date(2026, 12, 4)) == [(4, 10), (11, 17), (18, 24)]
    assert days(p5=date(2026, 12, 10)) == [(7, 9), (10, 16), (17, 23)]
    assert days(p5=date(2026, 12, 21), p100=date(2026, 12, 28)) == [(7, 18), (21, 25), (28, 1)]
    assert days(p0=date(2026, 12, 4), p5=date(2026, 12, 2)) == [(4, 10), (11, 17), (18, 24)]  # before the step before
