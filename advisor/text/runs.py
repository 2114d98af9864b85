"""Runs, load tests and jobs: what limits a run, how far a job is, how a test ended."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from advisor.text.messages import Words, worded
from advisor.text.names import short_name
from advisor.text.numbers import count, listing, percent, seconds
from advisor.types import (
    Clock,
    LoadEnd,
    LoadMeasure,
    LoadStep,
    Message,
    Role,
    RunNote,
)
from advisor.types.assessments import MIN_N_P95


def busy_machine(runs: Sequence[int]) -> str:
    """That latencies of these runs, by number, were measured on too busy a machine."""
    return f"This machine was too busy during {listing([f'run {n}' for n in runs])}, so latencies are too high."


def busy_advice(runs: Sequence[int]) -> str:
    """The same, with what to do."""
    return f"{busy_machine(runs)} Replay with fewer concurrent calls, or on an idle machine."


def run_note(note: Message) -> str:
    """What a run will not do, and what to do about it."""
    return worded(_NOTES, note)


def median_and_p95(p50: float, p95: float, n: int) -> str:
    """A latency, and whether its p95 is uncertain."""
    doubt = f" (uncertain: {count(n, 'answer')})" if n < MIN_N_P95 else ""
    return f"median {seconds(p50)}, p95 {seconds(p95)}{doubt}"


Timed = tuple[str, float, float, int]
"""A model with its median and p95 in seconds, and the number of timed answers."""


def latency_sentence(candidate: Timed | None, baseline: Timed | None, *, recorded: bool, chosen: bool = False) -> str:
    """Median and p95 of the fastest candidate and of the baseline.

    ``recorded``: the baseline's are from the log; ``chosen``: use cases move to the candidate.
    """
    if candidate is None:
        who = "The chosen candidate wasn't timed" if chosen else "No candidate was timed"
        return f"{who}: pre-recorded answers and failed calls have no latency."
    text = f"{candidate[0]}: {median_and_p95(*candidate[1:])}"
    if baseline is None:
        return f"{text}. The baseline's latency is unknown."
    name = f"{short_name(baseline[0])} (from the log, same samples)" if recorded else baseline[0]
    return f"{text}. {name}: {median_and_p95(*baseline[1:])}."


def limit_words(latency_s: float | None, ttft_s: float | None) -> str:
    """The p95 limits that are set."""
    limits = {"latency": latency_s, "TTFT": ttft_s}
    told = listing([f"{name} {seconds(limit)}" for name, limit in limits.items() if limit is not None] or ["none set"])
    return f"p95 limit: {told}."


def not_timed_here(*, is_logged: bool) -> str:
    """That a run didn't time the baseline."""
    if is_logged:
        return "The baseline's latency is from the log, measured elsewhere under other load."
    return "The baseline's latency is unknown: the log has none."


def few_timed(n: int, noun: str = "answer") -> str:
    """That a p95 is uncertain; empty where it isn't."""
    return f"p95 uncertain: {count(n, noun)}, {MIN_N_P95} needed" if n < MIN_N_P95 else ""


def time_note(n: int, *, is_logged: bool, has_ttft: bool) -> str:
    """Caveats of a model's latency, which was timed ``n`` times."""
    told = ("measured elsewhere" * is_logged, few_timed(n, "timed answer"), "not streamed, so no TTFT" * (not has_ttft))
    return "; ".join(filter(None, told))


def not_timed(*, illustrative: bool, is_logged: bool) -> str:
    """Why a model has no latency."""
    return "pre-recorded answers" if illustrative else "no latency in the log" if is_logged else "no answer was timed"


def capacity(
    model: str, kept: LoadStep, enough: int, broken: LoadStep | None, excess: tuple[LoadMeasure, float] | None
) -> str:
    """How much load a model handles: concurrency and throughput within the limits, and what broke them.

    ``enough``: calls in flight beyond which throughput no longer grows; ``excess``: the limit that ``broken`` broke.
    """
    handled = f"{count(kept.concurrency, 'concurrent call')}, {rate(kept.goodput_per_s)}/s"
    text = f"{model} handles {handled}"
    if broken is not None and excess is not None:
        measure, limit = excess
        text += {
            LoadMeasure.FAILED: f", before more than {percent(limit)} of the calls failed",
            LoadMeasure.TTFT: f", before p95 time to first token exceeded {limit:g} s",
            LoadMeasure.LATENCY: f", before p95 latency exceeded {limit:g} s",
        }[measure]
        text += ". This machine was the bottleneck" if broken.is_machine_bound else ""
    else:
        text += " within the limits; more wasn't tested"
    if enough < kept.concurrency:
        text += f". Beyond {enough:,} throughput no longer grows"
    return f"{text}."


def load_note(step: LoadStep) -> str:
    """Caveats of a step of a load test."""
    bound = "this machine was the bottleneck" if step.is_machine_bound else ""
    return "; ".join(filter(None, (bound, few_timed(step.calls - step.failed))))


def rate(per_s: float) -> str:
    """Answers or calls a second."""
    return f"{per_s:,.0f}" if per_s >= 9.95 else f"{per_s:.2g}"


def nothing_to_call(reused: int) -> str:
    """That a planned run would ask nothing, without a full stop."""
    return f"Nothing to call: earlier runs have all {count(reused, 'answer')}"


def cannot_call(model: str, why: str, calls: int, *, role: Role) -> str:
    """That a run starts without one of its models."""
    if role is Role.CANDIDATE:
        return f"{model} can't be called: {why}. The others run without it. Run again to add it later."
    then = "Its votes will be missing" if role is Role.JUDGE else "The others still run"
    return f"{model} can't be called: {why}. {then}. Use Resume later to make its {count(calls, 'call')}."


def not_checked(models: Sequence[str]) -> str:
    """That a run starts by testing these models."""
    return f"{listing(models)}: not tested yet. The run does that first. A failed test stops only that model."


def failed_test(models: Sequence[str]) -> str:
    """That these will probably fail."""
    return f"{listing(models)}: the last test failed. Test again on Candidates, or expect failed calls."


def not_sent(model: str, why: str, calls: int) -> str:
    """Calls that will fail without being made."""
    return f"{count(calls, 'call')} to {model} won't be sent and count as failed: {why}."


def nothing_compares(use_cases: Sequence[str]) -> str:
    """That these have no reference answers and the study has no judge."""
    return f"{listing(use_cases)}: no reference answers and no judge. Add a judge, or review pairs after the replay."


def fewer_samples(model: str, most: int) -> str:
    """That a model has its own limit of samples."""
    return f"{model} answers only {most:,} of the samples."


def enough_words(is_enough: bool | None, *, is_decided: bool, can_be: bool) -> str:
    """Whether a run can decide a use case."""
    if is_decided:
        return "decided already"
    if is_enough is None:
        return "maybe"
    return "yes" if is_enough else "no, add samples" if can_be else "no, the log is too small"


def needed_note(columns: Collection[str]) -> str:
    """What the columns of the table of needed samples say; those of them that it has."""
    told = {
        "Needed": "Needed: samples for an 80% chance of confirming a model as good as today's.",
        "Price": "Price: what these samples cost.",
        "Effective": "Effective: what the planned samples are worth, as some are alike.",
    }
    return " ".join(words for name, words in told.items() if name in columns)


def samples_needed(guesses: Sequence[tuple[float, int]], seen: int | None) -> str:
    """How many samples a decision takes: as the last run has it, else by how often answers differ."""
    if seen is not None:
        return f"about {seen:,}, from the last run"
    if len(guesses) == 1:
        return f"about {guesses[0][1]:,}"
    return ", ".join(f"{n:,} if they differ on {percent(share)}" for share, n in guesses)


def clocks(ways: Mapping[str, Sequence[str]]) -> str:
    """How latencies were measured, by model; empty where that is not known."""
    if (told := ways.get(Clock.OTHER)) is not None:
        return f"How latency was measured: {' '.join(told)}"
    if set(ways) == {Clock.NONE}:
        return "Latency wasn't measured: the answers are pre-recorded."
    named = "; ".join(f"{', '.join(names)}: {_CLOCKS[Clock(way)]}" for way, names in ways.items())
    how = "How latency was measured: on the calling machine's monotonic clock, without rate limits, pauses and retries"
    return f"{how}. {named}." if named else ""


def _too_few(short: list[tuple[str, int, int]], helped: list[str], enough: int) -> str:
    lacks = [f"{name} ({asked:,} of about {needed:,})" for name, asked, needed in short]
    remedy = f"A sample of {enough:,} is enough" if helped else "The log has no more"
    if helped and len(helped) < len(short):
        remedy += f" for {listing(helped, len(helped))}; the log has no more for the others"
    return f"May not decide {listing(lacks, len(lacks))}: too few samples. {remedy}."


_CLOCKS = {
    Clock.SOCKET: "at the socket, from the request's last byte sent to the first token and the last byte received",
    Clock.LITELLM: "around litellm's call, including its own time",
    Clock.LITELLM_PROCESS: "around litellm's call in a separate process, including its own time",
    Clock.NONE: "not measured (pre-recorded answers)",
}
_NOTES: Words = {
    RunNote.TOO_FEW_SAMPLES: _too_few,
    RunNote.NO_EARLY_STOP: lambda use_cases: (
        f"No early stop for {listing(use_cases, len(use_cases))}: samples share conversations, templates or passages. "
        "Early stopping needs independent samples."
    ),
}


STUDY_FILE_HEAD = "# Repeats the study. Put the logs next to this file. Human reviews aren't in it."


_KEPT = "Earlier steps are kept."


def load_end(end: Message | None) -> str:
    """Why a load test ended; empty while it has not."""
    return worded(_ENDS, end) if end else ""


def _in_flight(concurrency: int) -> str:
    return f"{count(concurrency, 'call')} in flight"


def _beyond(concurrency: int, measure: str, value: float | None, limit: float, error: str, machine_bound: bool) -> str:
    what = "p95 time to first token" if measure == LoadMeasure.TTFT else "p95 latency"
    if measure == LoadMeasure.FAILED:
        found = f"{value or 0:.0%} of calls failed"
    elif value is None:
        found = f"{what} couldn't be measured"
    else:
        found = f"{what} was {value:.3g} s, above the limit of {limit:g} s"
    last = f" Last failure: {error}" if error else ""
    bound = " The load generator, not the model, was the limit." if machine_bound else ""
    return f"At {_in_flight(concurrency)}, {found}.{last}{bound}"


_ENDS: Words = {
    LoadEnd.WITHIN_LIMITS: lambda concurrency: (
        f"{_in_flight(concurrency)} stayed within the limits; more weren't tested."
    ),
    LoadEnd.BEYOND_LIMITS: _beyond,
    LoadEnd.BUDGET_SPENT: lambda concurrency: f"The budget ran out at {_in_flight(concurrency)}. {_KEPT}",
    LoadEnd.CANCELLED: lambda concurrency: (
        f"Cancelled at {_in_flight(concurrency)}. {_KEPT}" if concurrency else "Cancelled."
    ),
    LoadEnd.CANCELLED_WAITING: "Cancelled before it started.",
    LoadEnd.INTERRUPTED: f"Interrupted. {_KEPT}",
    LoadEnd.UNUSABLE: "The model can't be used: {error}",
    LoadEnd.NOTHING_MEASURED: lambda error: f"No call can be measured: {error or 'the samples were deleted'}",
    LoadEnd.FAULT: f"The program failed ({{error}}). {_KEPT}",
    LoadEnd.DIED: f"The worker process ended before the test did. {_KEPT} Start a new test.",
    LoadEnd.OTHER: "{error}",
}


_STUDY_FILE_FAULTS = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "dataclass_type": "must be a table",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
}
"""By pydantic's codes, where its own words are for programmers."""


def study_file_fault(code: str, key: str | int, given: object, said: str, known: Iterable[str]) -> str:
    """What is wrong with one key of STUDY.toml, by what pydantic found; ``known`` are the keys of its table."""
    if code == "extra_forbidden":
        return f"unknown key {key!r}. Keys are {', '.join(sorted(known))}"
    fault = _STUDY_FILE_FAULTS.get(code) or f"can't be {given!r}. {said}"
    return f"{key} {fault}"
