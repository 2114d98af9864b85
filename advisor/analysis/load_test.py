"""A load test in numbers: what one step showed, whether it kept within the limits, and which step comes next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from advisor.analysis.latency import known, quantiles, times_of
from advisor.types import Generation, LoadLimits, LoadMeasure, LoadStep

MOST_FAILED = 0.05
"""A larger share of failed calls is beyond what a model takes, whatever the limits are."""


class Excess(NamedTuple):
    """A limit that was broken."""

    measure: LoadMeasure
    value: float | None
    """A share of the calls, or seconds; None: it could not be measured."""
    limit: float


def measure(
    concurrency: int, answers: Sequence[Generation], *, wall_s: float, lags_s: Sequence[float], limits: LoadLimits
) -> LoadStep:
    """One step from the answers and failures that came within ``wall_s`` seconds of full load.

    ``lags_s`` are samples of how late the event loop was.
    """
    good = [answer for answer in answers if answer.failure is None]
    tokens = [answer.usage.output_tokens for answer in good if answer.usage is not None]
    step = LoadStep(
        concurrency=concurrency,
        calls=len(answers),
        failed=len(answers) - len(good),
        wall_s=wall_s,
        requests_per_s=len(good) / wall_s,
        output_tokens_per_s=sum(tokens) / wall_s if tokens else None,
        goodput_per_s=sum(_is_in_time(answer, limits) for answer in good) / wall_s,
        times=times_of(known(a.latency_s for a in good), known(a.ttft_s for a in good)),
        tpot_p50_s=quantiles(known(map(_token_s, good))).p50,
        loop_lag_p99_s=float(np.quantile(lags_s, 0.99)) if lags_s else None,
        within_limits=True,
    )
    return replace(step, within_limits=excess(step, limits) is None)


def excess(step: LoadStep, limits: LoadLimits) -> Excess | None:
    """The first limit that a step broke; None: it kept within all of them."""
    if step.failed > MOST_FAILED * step.calls:
        return Excess(LoadMeasure.FAILED, step.failed / step.calls, MOST_FAILED)
    for measured, value, limit in (
        (LoadMeasure.TTFT, step.times.ttft_p95_s, limits.ttft_p95_s),
        (LoadMeasure.LATENCY, step.times.latency_p95_s, limits.latency_p95_s),
    ):
        if limit is not None and (value is None or value > limit):
            return Excess(measured, value, limit)
    return None


def best_step(steps: Sequence[LoadStep]) -> LoadStep | None:
    """The step within the limits with the highest goodput; None if there is none."""
    return max((step for step in steps if step.within_limits), key=lambda step: step.goodput_per_s, default=None)


def ladder(most: int) -> list[int]:
    """Calls in flight, step by step: 1, 2, 4, 8 ... and ``most``."""
    doubled = [2**power for power in range(most.bit_length()) if 2**power < most]
    return [*doubled, most]


def between(good: int, bad: int) -> int | None:
    """The step in the middle of the last good and the first bad one; None where nothing lies between."""
    middle = (good + bad) // 2
    return middle if good and middle not in (good, bad) else None


def _is_in_time(answer: Generation, limits: LoadLimits) -> bool:
    return all(
        limit is None or (value is not None and value <= limit)
        for value, limit in ((answer.ttft_s, limits.ttft_p95_s), (answer.latency_s, limits.latency_p95_s))
    )


def _token_s(answer: Generation) -> float | None:
    """Seconds for each output token after the first; None where it is not known."""
    if answer.usage is None or answer.ttft_s is None or answer.latency_s is None or answer.usage.output_tokens < 2:
        return None
    return (answer.latency_s - answer.ttft_s) / (answer.usage.output_tokens - 1)
