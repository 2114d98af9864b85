"""How far a study, a run and a job are: states, counts, what a run lacks, and what it is doing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from advisor.text.numbers import ago, count, dollars, listing, percent, rough, seconds, shorten
from advisor.types import JobPhase, Notice, NoticeKind, Progress, Run, Status, Tally, Verdict
from advisor.types.studies import Stage

STAGES = {
    Stage.NO_LOG: "no log yet",
    Stage.NO_CANDIDATE: "log imported, no candidate yet",
    Stage.NO_RUN: "not run yet",
    Stage.RUNNING: "replay running",
    Stage.STOPPED: "replay stopped before the first answer",
    Stage.ANSWERED: "answers in, decision pending",
    Stage.OUTDATED: "changed since the last update",
    Stage.DECIDED: "up to date",
}
STATES = {
    Status.QUEUED: "queued",
    Status.RUNNING: "running",
    Status.PAUSED: "paused",
    Status.SUCCEEDED: "finished",
    Status.BUDGET_EXCEEDED: "stopped: budget used up",
    Status.CANCELLED: "cancelled",
    Status.FAILED: "failed",
}


ALMOST_S = 95
"""Less is told in tens of seconds."""
DECIDED_BEFORE = "The decision below was made before this replay."


def stage_words(stage: Stage, decided_at: datetime | None) -> str:
    """The state of a study in a few words, of a decision its age."""
    return f"updated {ago(decided_at)}" if stage is Stage.DECIDED and decided_at else STAGES[stage]


def nothing_yet(stage: Stage) -> str:
    """Why a page has nothing to show."""
    return f"Nothing to show yet: {STAGES[stage]}."


def no_savings_yet(stage: Stage) -> str:
    """Why savings aren't known."""
    return f"Savings aren't known yet: {STAGES[stage]}."


def calls_done(run: Run, done: int, planned: int | None, spared: int) -> str:
    """A run in one line: calls done, judges' among them, of ``planned`` while it's at work; those that were spared."""
    judges = ", judges included" if run.plan.planned_judge else ""
    of = "" if planned is None else f" of {planned:,}"
    return f"Run {run.number}, {STATES[run.state.status]}: {done:,}{of} calls done{judges}{_early(spared, 'call')}"


def answers_of(run: Run, tally: Tally) -> str:
    """How a run ended, its answers and the votes that count, with those that stopping early spared."""
    if not tally.planned:
        return f"Run {run.number}: its answers were deleted with their model"
    found = ", ".join(filter(None, (count(tally.succeeded, "answer"), votes_given(tally.judge.voted))))
    return f"Run {run.number} {STATES[run.state.status]}: {found}{_early(tally.spared, 'answer')}{_deleted(run)}"


def _deleted(run: Run) -> str:
    """That models of the run were deleted since."""
    deleted = sum(model_id < 0 for model_id in run.plan.model_ids)
    was = "was deleted since, with its" if deleted == 1 else "were deleted since, with their"
    return f". {count(deleted, 'model')} {was} answers or votes" if deleted else ""


def _early(spared: int, what: str) -> str:
    return f". Stopped early: {count(spared, what)} {'wasn' if spared == 1 else 'weren'}'t needed" if spared else ""


def answers_done(tally: Tally) -> str:
    """Of those planned, without those that stopping early spared; with the last of its models they are deleted."""
    return f"{tally.succeeded:,} of {tally.planned - tally.spared:,}" if tally.planned else "deleted"


def missing(tally: Tally) -> str:
    """What a run lacks, in the numbers of its tiles."""
    votes = tally.judge.lacking
    parts = [f"{count(tally.failed, 'call')} failed"] if tally.failed else []
    parts += [f"{count(tally.skipped, 'call')} not made"] if tally.skipped else []
    parts += [f"{count(votes, 'judge vote')} missing"] if votes else []
    return ", ".join(parts)


def failed_calls(tally: Tally) -> str:
    """Of calls to models."""
    return f"{tally.failed:,} of {tally.succeeded + tally.failed:,}" if tally.planned else "deleted"


def failed_votes(tally: Tally) -> str:
    """Of calls to judges, where any were made."""
    made = tally.judge.failed + tally.judge.succeeded
    return f"{tally.judge.failed:,} of {made:,} by judges" if made else ""


def votes_given(votes: int) -> str:
    """By judges, where any voted: they follow the answers in rounds, and the answers wait for them."""
    return count(votes, "judge vote") if votes else ""


def time_left(left_s: float | None, *, is_done: bool) -> str:
    """Until a run at work ends: "about 40 s", "about 6 min"."""
    if is_done:
        return "almost done"
    if left_s is None or left_s >= ALMOST_S:
        return rough(left_s)
    return f"about {max(10 * round(left_s / 10), 10)} s"


def partial_run(run: Run, tally: Tally) -> str:
    """That a run lacks answers, and what to do."""
    return f"Run {run.number} is partial: {missing(tally)}. Resume it on the Run page."


def ended_early(run: Run, tally: Tally) -> str:
    """How a run ended that isn't whole, and what it lacks."""
    lacks = f" {missing(tally)}." if tally.missing else ""
    return f"Run {run.number} {STATES[run.state.status]}.{lacks} {run.state.error or ''}".strip()


def left_behind(run: Run, *, goes_on: bool) -> str:
    """That the process of a run is gone."""
    then = "A worker continues it within a minute." if goes_on else "Resume it to make the missing calls."
    return (
        f"The process of run {run.number} stopped (last progress {ago(run.state.heartbeat_at)}). "
        f"All answers so far are kept. {then}"
    )


def notice_line(notice: Notice, wait_s: float | None) -> str:
    """What holds calls back right now, and how long."""
    until = f" Next call in {seconds(wait_s)}." if wait_s is not None else ""
    return f"{notice_words(notice).removesuffix('.')}.{until}"


def doing(tally: Tally, *, is_scored: bool, planned_judge: int, has_judges: bool, tests: bool) -> str:
    """What a run is doing while no number changes; empty while one does. ``tests``: models that are new to it."""
    if is_scored:
        return "All calls are done. Scoring the answers."
    if not tally.succeeded + tally.failed:
        return "Testing new models first." if tests else "Getting ready for the first calls."
    if tally.skipped or tally.judge.succeeded + tally.judge.failed < planned_judge:
        return ""
    left = ["retries of failed calls"] if tally.failed else []
    left += ["judge votes", "the judges' exam"] if has_judges else []
    left.append("scoring")
    return f"All calls planned so far are done. Left: {listing(left)}."


_HELD_BACK = {
    NoticeKind.GIVEN_UP: "{provider} was given up: {why}",
    NoticeKind.UNANSWERING: "{provider} doesn't answer and is retried: {why}",
    NoticeKind.UNASKABLE: "{provider} can't be called: {why}",
    NoticeKind.THROTTLED: "{provider} limits the rate of calls",
}


def notice_words(notice: Notice) -> str:
    """What holds calls back right now."""
    return _HELD_BACK[notice.kind].format(provider=notice.provider, why=notice.why)


def waits_for_worker(what: str) -> str:
    """That no worker took up a job in good time."""
    return f"{what}: still waiting. Another job may be running. If not, start a worker with `python -m advisor work`."


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


RUN_ENDS = {
    Status.SUCCEEDED: "is finished",
    Status.BUDGET_EXCEEDED: "stopped, because its budget is used up",
    Status.FAILED: "failed",
}
"""How a run ends by itself; one that a person paused or cancelled isn't news to them."""


def run_ended(run: Run, study: str, tally: Mapping[str, Any]) -> str:
    """A run's end with its counts and its cost, as one line for a chat."""
    cost = "at an unknown cost" if tally["cost_usd"] is None else f"for {dollars(tally['cost_usd'])}"
    return (
        f"Run {run.number} of {study} {RUN_ENDS[run.state.status]}: {tally['succeeded']:,} of {tally['planned']:,} "
        f"calls answered, {tally['failed']:,} failed, {cost}."
    )


def given_up(why: str) -> str:
    """What happened to a model of a run."""
    return f"was given up: {why}"


def unread_reply(text: str) -> str:
    """The beginning of a judge's reply that can't be read."""
    return f"“{shorten(text, 80)}”"


def budget_ended(notes: Sequence[str], *, is_budget_used_up: bool) -> str | None:
    """Why a run ended before all of its calls were made; None: nothing stopped it."""
    spent = ["The budget doesn't cover another call. Raise it and resume the run."] if is_budget_used_up else []
    return " ".join([*notes, *spent]) or None


def reused_answers(answers: int, run: int | None) -> str:
    """Answers that come from an earlier run, by its number if it's known."""
    source = f"run {run}" if run else "an earlier run"
    return f"{count(answers, 'answer')} reused from {source}, free and with their measured latency."


def ignored_parameters(model: str, params: Sequence[str]) -> str:
    """Parameters that a model doesn't take."""
    return f"{model} ignores: {', '.join(params)}. They weren't sent."


def decided_early(told: Sequence[str], spared: int) -> str:
    """What early stopping decided, in the order in which it did."""
    saved = f" ({count(spared, 'call')} saved)" if spared else ""
    return f"Decided early{saved}: {'; '.join(told)}."


def settled(model: str, use_case: str, verdict: Verdict, samples: int) -> str:
    """One result of early stopping."""
    end = {Verdict.SWITCH: "good enough", Verdict.KEEP: "not good enough"}.get(verdict, verdict)
    return f"{model} in {use_case} ({end}, after {count(samples, 'sample')})"


def no_candidate(listed: Mapping[str, str]) -> str:
    """That none of these candidates can be called, each with the reason."""
    reasons = "; ".join(f"{name}: {why}" for name, why in listed.items())
    return (
        f"No candidate can be called ({reasons}). Set the variable where the advisor runs, or put the key into "
        ".streamlit/secrets.toml under that name."
    )


def planned_run(
    samples: int, decides: tuple[int, int], price: str, takes: str | None, *, is_judged: bool = False
) -> str:
    """A planned run in a line; ``decides``: use cases that it can decide, of all; ``is_judged``: by a new judge."""
    decided, cases = decides
    which = "the use case" if cases == 1 else f"{'all' if decided == cases else f'{decided} of'} {cases} use cases"
    provided = " if the judge passes its exam" if is_judged else ""
    what = f"Replay {count(samples, 'sample')}{f', enough to decide {which}{provided}' if decided else ''}"
    return f"{what}. {price}{f', {takes}' if takes else ''}."
