"""What a run that is planned will not decide, or not stop early, and which latencies are too high."""

from collections.abc import Mapping, Sequence

from advisor.text.messages import Words, worded
from advisor.text.numbers import listing
from advisor.types import Clock, Message, RunNote


def busy_machine(runs: Sequence[int]) -> str:
    """That latencies of these runs, by number, were measured on too busy a machine."""
    return f"This machine was too busy during {listing([f'run {n}' for n in runs])}, so latencies are too high."


def run_note(note: Message) -> str:
    """What a run will not do, and what to do about it."""
    return worded(_NOTES, note)


def clocks(ways: Mapping[str, Sequence[str]]) -> str:
    """How latencies were measured, by model; empty where that is not known."""
    if (told := ways.get(Clock.OTHER)) is not None:
        return " ".join(told)
    named = "; ".join(f"{', '.join(names)}: {_CLOCKS[Clock(way)]}" for way, names in ways.items())
    return f"On the calling machine's monotonic clock. {named}." if named else ""


def _too_few(short: list[tuple[str, int, int]], helped: list[str], enough: int) -> str:
    listed = listing([f"{name} ({asked:,} of {needed:,})" for name, asked, needed in short], len(short))
    remedy = f"A sample of {enough:,} is enough" if helped else "The log has too few"
    if helped and len(helped) < len(short):
        remedy += f" for {listing(helped, len(helped))}; the log has too few for the others"
    return f"Too few samples to decide {listed}. {remedy}."


_CLOCKS = {
    Clock.SOCKET: "at the socket, from the request's last byte sent to the first token and the last byte received",
    Clock.LITELLM: "around litellm's call, including its own time",
    Clock.LITELLM_PROCESS: "around litellm's call in a separate process, including its own time",
    Clock.NONE: "not measured, because nothing is generated",
}
_NOTES: Words = {
    RunNote.TOO_FEW_SAMPLES: _too_few,
    RunNote.NO_EARLY_STOP: lambda use_cases: (
        f"No early stop for {listing(use_cases, len(use_cases))}: samples share conversations, templates or passages. "
        "Early stopping needs independent samples."
    ),
}
