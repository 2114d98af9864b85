"""The flags beside a decision, whole sentences."""

from typing import Any

from advisor.text.advice.judges import judge_clause
from advisor.text.messages import Words, upper, worded
from advisor.text.names import bare_name, short_name
from advisor.text.numbers import count, day_of, dollars, listing, money_range
from advisor.types import Message, Money
from advisor.types.messages import FlagCode


def flag(message: Message) -> str:
    """One flag, whole sentences."""
    return worded(_FLAGS, message)


def _retires(model: str, on: str, days: int, successor: str | None, usd: float | None = None) -> str:
    model = short_name(model)
    if days < 0:
        return f"{model} was switched off on {day_of(on)}."
    price = f", about {dollars(usd)} a month at list price" if usd else ""
    then = f"; {short_name(successor)} replaces it{price}" if successor else ""
    return f"{model} retires in {count(days, 'day')} ({day_of(on)}){then}."


def _judge(state: str, judges: list[str], use_cases: list[str], **v: Any) -> str:
    then = f"{listing(use_cases)} can't move on those votes" if use_cases else "Those votes don't count"
    clause = judge_clause(state, judges, **v)
    return f"{clause if judges else upper(clause)}. {then}."


def one_answer(prompts: int) -> str:
    """What a model did that always answers the same."""
    return f"one answer to all {count(prompts, 'prompt')}"


def _untested(model: str, litellm_id: str, saved: dict[str, float], retires: str | None) -> str:
    ends = f"It retires on {day_of(retires)}. " if retires else ""
    return f"{model} might save {money_range(Money(**saved))} a month. {ends}Not tested yet."


def _unproven(models: list[str], use_cases: list[str], usd: float, more: bool) -> str:
    where = use_cases[0] if len(use_cases) == 1 else count(len(use_cases), "use case")
    models = [bare_name(model) for model in models]
    return f"{listing(models)} could save {dollars(usd)}{' more' * more} a month in {where}. Tested, not proven yet."


_FLAGS: Words = {
    FlagCode.CONSTANT: lambda model, prompts, **_: (
        f"{bare_name(model)} gave {one_answer(prompts)}. Check its setup, then replay."
    ),
    FlagCode.COPIED: lambda model, hits, n, expected, **_: (
        f"{bare_name(model)} repeats the recorded answer almost word for word in {hits:,} of {n:,} long answers "
        f"({expected:,} expected). Check that it doesn't answer from the log."
    ),
    FlagCode.RETIRES: _retires,
    FlagCode.PARTIAL: lambda run, missing: f"Run {run} is incomplete: {count(missing, 'call')} unanswered.",
    FlagCode.JUDGE_NOT_PROVEN: _judge,
    FlagCode.JUDGE_CONTRADICTED: _judge,
    FlagCode.STALE: lambda at, days: f"The evidence is {count(days, 'day')} old.",
    FlagCode.UNTESTED: _untested,
    FlagCode.UNPROVEN: _unproven,
}
