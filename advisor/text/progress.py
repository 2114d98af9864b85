"""How far a job is, in English."""

from advisor.text.numbers import count, percent
from advisor.types import JobPhase, Progress

_DOING = {
    JobPhase.READING: "Reading {subject}",
    JobPhase.RESUMING: "Resuming {subject}",
    JobPhase.JOINING: "Joining the parts of calls",
    JobPhase.GROUPING: "Finding the use cases",
    JobPhase.FETCHING: "Fetching from {subject}",
    JobPhase.WARMING_UP: "Concurrency {subject}: first round, not counted",
    JobPhase.MEASURING: "Concurrency {subject}",
}
_UNITS = {JobPhase.READING: "row", JobPhase.RESUMING: "row", JobPhase.JOINING: "call", JobPhase.MEASURING: "call"}


def progress_words(progress: Progress) -> str:
    """Such as "Reading log.jsonl: 34 %"."""
    doing = _DOING[progress.phase].format(subject=progress.subject)
    share = share_done(progress)
    if share is not None:
        return f"{doing}: {percent(share)}"
    return f"{doing}: {count(progress.done, _UNITS[progress.phase])}" if progress.done else doing


def share_done(progress: Progress | None) -> float | None:
    """From 0 to 1; None where the whole is not known."""
    if progress is None or not progress.done or not progress.total:
        return None
    return min(progress.done / progress.total, 1.0)
