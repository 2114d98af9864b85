"""Self-hosting: every number with its source, what is missing, and what the result does not say."""

import re
from collections.abc import Callable

from advisor.text.messages import Words, worded
from advisor.text.money import price_source
from advisor.text.numbers import count, day_of, dollars, listing, money_range, projected, rounded_calls, seconds
from advisor.text.results import NO_TIMES
from advisor.types import BillPoint, HostingInput, HostingNote, HostingSource, Message, PriceSource

_INPUTS: dict[HostingInput, tuple[str, str | Callable[..., str]]] = {
    HostingInput.CALLS: ("Answered calls a month", lambda calls: projected(calls)),
    HostingInput.TOKENS: ("Tokens per call, average", "{input:,} in, {output:,} out"),
    HostingInput.BUSIEST_HOUR: ("Busiest hour", "{calls:,.0f} calls, {tokens_per_s:,.2f} output tokens/s"),
    HostingInput.AVERAGE_HOUR: ("Average hour ÷ busiest hour", "{share:.1%}"),
    HostingInput.IN_FLIGHT: ("Peak calls in flight, all traffic", "{calls:,}"),
    HostingInput.BILL: ("Today's bill a month", lambda usd: dollars(usd)),
    HostingInput.WEIGHTS: ("Weights", "{gb:,.1f} GB = {billion:,g} billion × {bytes_each:g} bytes ({precision})"),
    HostingInput.WEIGHTS_OF_FILES: ("Weights", "{gb:,g} GB ({precision})"),
    HostingInput.GPU_MEMORY: ("GPU memory", "{gb:g} GB, {usable:.0%} usable"),
    HostingInput.CACHE_OF_TOKEN: (
        "Memory per token of a call (KV cache)",
        "{size:,.0f} bytes = 2 × {layers} layers × {heads} heads × {head_size} × {bytes_each:g} bytes",
    ),
    HostingInput.CACHED_TOKENS: ("Tokens in memory at the peak, one copy", "{tokens:,.0f}"),
    HostingInput.GPU_HOUR: ("Price per GPU hour", "${usd:g} (${low:g} to ${high:g})"),
    HostingInput.THROUGHPUT: (
        "Output tokens/s of one copy",
        lambda tokens, spread: f"{tokens:,g}{f', ±{spread:.0%}' if spread else ''}",
    ),
    HostingInput.SPARE_COPIES: ("Spare copies", "{copies}"),
    HostingInput.ENGINEERS: ("Engineers", "{hours:g} h a month × ${usd:g}"),
    HostingInput.MIGRATION: ("One-off migration cost", lambda usd: dollars(usd)),
    HostingInput.HOSTED_CALL: ("Average call at hosts", "${usd:.6f} (${low:.6f} to ${high:.6f})"),
}
"""(name, value) of every number that a result rests on."""


def hosting_input(value: Message, source: Message) -> tuple[str, str, str]:
    """(name, value, source) of a number that the result rests on."""
    name, words = _INPUTS[HostingInput(value.code)]
    return name, worded({value.code: words}, value), worded(_SOURCES, source)


def hosting_note(note: Message) -> str:
    """What the result lacks, with what to do, or what it does not say."""
    return worded(_NOTES, note)


def hosting_sentence(model: str, precision: str, gpu: str, gpus: int | None, now: BillPoint | None) -> str:
    """Whether self-hosting pays off, or what is unknown. ``gpus``: of one copy; None: it fits into no machine."""
    if gpus is None:
        return f"{model} ({precision}) doesn't fit into one machine with {gpu}."
    if now is None:
        return f"{model} needs {count(gpus, 'GPU')} ({gpu}) for each copy; the monthly cost is unknown."
    own = f"{model} on your own GPUs costs {money_range(now.own)} a month ({now.copies} copies)"
    others = [(now.hosted.point, "hosts")] if now.hosted else []
    others += [(now.closed_usd, "today's models")] if now.closed_usd is not None else []
    if not others:
        return f"{own}."
    least, who = min(others, key=lambda other: other[0])
    compared = "more than" if now.own.low > least else "less than" if now.own.high < least else "about the same as"
    return f"{own}, {compared} {who} at {dollars(least)}."


def break_even_sentence(now: BillPoint, from_hosted: float | None, from_closed: float | None) -> str:
    """The two break-evens, or why there is none; empty where neither bill is known."""
    told = []
    for what, bill, at in (
        ("hosts", now.hosted.point if now.hosted else None, from_hosted),
        ("today's model", now.closed_usd, from_closed),
    ):
        if bill is not None:
            never = "at no volume: even a fully used GPU costs more per token"
            when = never if at is None else f"from {rounded_calls(at)} calls on"
            told.append(f"against {what} ({dollars(bill)} a month now) {when}")
    return f"Self-hosting pays off {'; '.join(told)}." if told else ""


def doubled_sentence(now: BillPoint, doubled: BillPoint) -> str:
    """What changes when the traffic doubles."""
    text = f"When the traffic doubles: {doubled.copies} copies instead of {now.copies}, "
    text += f"{money_range(doubled.own)} a month"
    text += f"; hosts {dollars(doubled.hosted.point)}" if doubled.hosted else ""
    text += f"; today's model {dollars(doubled.closed_usd)}" if doubled.closed_usd is not None else ""
    return f"{text}."


def memory_sentence(weights_gb: float, cache_gb: float | None, total_gb: float) -> str:
    """What one copy of a model takes."""
    cache = "cache unknown" if cache_gb is None else f"cache {cache_gb:,.1f} GB"
    return f"Memory of one copy: weights {weights_gb:,.1f} GB, {cache}, {total_gb:,.1f} GB in all."


def _checked(what: str, checked_on: str | None) -> str:
    return f"{what}, model catalog, {f'checked {day_of(checked_on)}' if checked_on else 'check date unknown'}"


def _load_test(test: int, model: str, concurrency: int, host: str, machine_bound: bool) -> str:
    bound = " The load generator was the limit, so the model can do more." if machine_bound else ""
    return (
        f"load test {test} of {model}, {concurrency:,} calls in flight at {host}.{bound} Valid only if one copy on the "
        "same GPUs answered."
    )


_SOURCES: Words = {
    HostingSource.LOGGED_CALLS: "{calls:,} logged calls, without failed ones",
    HostingSource.LOGGED_TOKENS: "logged token counts, today's tokenizer",
    HostingSource.ALL_HOURS: "busiest hour of the log, all traffic",
    HostingSource.HOURS_OF_WEEK: "busiest hour of an average week, all traffic",
    HostingSource.HOURS_OF_DAY: "busiest hour of an average day, all traffic",
    HostingSource.QUIET_HOURS_TOO: "all hours of the log, quiet ones included",
    HostingSource.LOGGED_LATENCIES: "start and latency of each logged call",
    HostingSource.LITTLES_LAW: lambda latency_s, deviations: (
        f"calls/s in the busiest hour × {seconds(latency_s)} latency, plus {deviations:g} standard deviations "
        "for bursts"
    ),
    HostingSource.PRICED_ANSWERS: "{calls:,} answers with a known price; others at their use case's average",
    HostingSource.MODEL_FILES: lambda checked_on: _checked("file size", checked_on),
    HostingSource.MODEL_PARAMETERS: lambda checked_on: _checked("parameters", checked_on),
    HostingSource.GPU_CATALOG: "GPU catalog: {gpu}",
    HostingSource.GPU_PRICES: lambda points, priced, confidence: (
        f"{re.sub(r' *[(][^)]*[)]', '', points)} ({priced.replace('..', ' to ')})"  # without where each was read
    ),
    HostingSource.CATALOG: "{words}",
    HostingSource.CALLS_IN_FLIGHT: "peak calls in flight × tokens per call",
    HostingSource.ENTERED: lambda words=None: "entered" if words is None else f"entered: {words or 'no source given'}",
    HostingSource.LOAD_TEST: _load_test,
    HostingSource.LOAD_TOOL: "result file of {tool}. Valid only for one copy under full load on the same GPUs.",
    HostingSource.HOST_PRICES: lambda prices, cheapest, median, source: (
        f"{prices} list prices, cheapest at {cheapest}, median at {median} ({price_source(PriceSource.of(source))}); "
        "logged tokens"
    ),
}
_GUESS = "Memory is a first guess, {factor:g} × the weights:"
_MORE = "Long prompts and many calls in flight need more."
_NOTES: Words = {
    HostingNote.NOT_ONE_MACHINE: "One machine with {gpus} of these GPUs can't hold the model. Choose a larger GPU or "
    "fewer bytes per weight; several machines aren't sized here.",
    HostingNote.NO_THROUGHPUT: "Throughput of one copy is unknown. Enter a number with its source, or add the "
    "model on your own server under Candidates and run a load test on Latency.",
    HostingNote.NO_TIMES: f"{NO_TIMES[0].upper()}{NO_TIMES[1:]}. Calls a month are unknown.",
    HostingNote.NO_USAGE: "The log doesn't have both input and output tokens.",
    HostingNote.NO_HOST_PRICE: "No host lists a price for this model, so hosted and self-hosted can't be compared.",
    HostingNote.NO_BILL: "Today's monthly bill is unknown, so the payback time is too.",
    HostingNote.FAILED_LEFT_OUT: "{calls:,} of {of:,} calls failed without tokens and aren't counted.",
    HostingNote.USE_CASES_WITHOUT_PRICE: lambda use_cases: (
        f"Today's bill is unknown: no answer in {listing(use_cases, len(use_cases))} has a price."
    ),
    HostingNote.IN_FLIGHT_UNKNOWN: "Peak calls in flight are unknown: the log has no times or latencies.",
    HostingNote.FEW_CALLS: "Even the busiest hour of the day has fewer than {least} calls. Chance makes it look "
    "busier, so real utilization may be better.",
    HostingNote.SHORT_LOG: "The log covers less than a week: the average hour may lack nights and weekends.",
    HostingNote.CACHE_GUESSED: f"{_GUESS} the KV cache shape is unknown. {_MORE}",
    HostingNote.MEMORY_GUESSED: f"{_GUESS} calls in flight are unknown. {_MORE}",
    HostingNote.NO_NATIVE_PRECISION: "{gpu} doesn't compute in {precision}: it saves memory, not time.",
    HostingNote.ALL_EXPERTS: "All experts must fit in memory, although each token uses only some.",
    HostingNote.AVERAGED: "Utilization is averaged over the busiest hour: shorter bursts wait longer. "
    "Machines are paid {hours:g} hours a month. Memory includes {overhead:.0%} overhead.",
}
