"""The calls of a run: which model answers which sample, and what a judge is asked."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.replay.sampling import share_of_model
from advisor.scoring.judge import judge_request
from advisor.store.generations import CallKey
from advisor.types import Answer, Kind, Lane, Model, Request, Sample

CHARACTERS_PER_TOKEN = 3.5
"""A cautious guess for estimates before anything is measured."""

DEFAULT_OUTPUT_TOKENS = 400
JUDGE_OUTPUT_TOKENS = 200


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to one model."""

    key: CallKey
    model: Model
    request: Request
    input_tokens: int
    """Estimated."""
    output_tokens: int
    """Estimated from the log, at most the request's own limit."""


def plan_calls(
    samples: Sequence[Sample], models: Sequence[tuple[Lane, Model]], *, epochs: int, seed: int
) -> list[Call]:
    """Every call of the baseline and candidate lanes, in an order that is random but fixed by the seed."""
    calls = [
        Call(
            key=CallKey(_id(sample.id), lane, _id(model.id), epoch),
            model=model,
            request=Request(messages=sample.request.messages, params={**sample.request.params, **model.params}),
            input_tokens=input_estimate(sample),
            output_tokens=output_estimate(sample),
        )
        for lane, model in models
        for sample in share_of_model(samples, model.max_samples, seed)
        for epoch in range(1, epochs + 1)
    ]
    random.Random(seed).shuffle(calls)
    return calls


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two answers to one sample that a judge compares."""

    sample: Sample
    kind: Kind
    candidate: Model
    candidate_answer: Answer
    baseline_answer: Answer


def plan_judge_calls(pairs: Iterable[Pair], judges: Sequence[Model], seed: int) -> list[Call]:
    """Both orders of every pair for every judge."""
    calls = []
    for pair in pairs:
        for judge in judges:
            for candidate_first in (True, False):
                answers = (pair.candidate_answer, pair.baseline_answer)
                first, second = answers if candidate_first else answers[::-1]
                request = judge_request(pair.sample.request, first, second, pair.kind)
                subject = judge_subject(_id(pair.candidate.id), candidate_first=candidate_first)
                calls.append(
                    Call(
                        key=CallKey(_id(pair.sample.id), Lane.JUDGE, _id(judge.id), 1, subject),
                        model=judge,
                        request=Request(messages=request.messages, params={**request.params, **judge.params}),
                        input_tokens=count_characters(request.messages) // 3,
                        output_tokens=JUDGE_OUTPUT_TOKENS,
                    )
                )
    random.Random(seed).shuffle(calls)
    return calls


def judge_subject(candidate_id: int, *, candidate_first: bool) -> str:
    """How a judge's call names its pair: ``<candidate id>:candidate`` or ``...:baseline``, by who stands first."""
    return f"{candidate_id}:{'candidate' if candidate_first else 'baseline'}"


def read_subject(subject: str) -> tuple[int, bool]:
    """The candidate's id, and whether it stood first."""
    candidate_id, first = subject.split(":")
    return int(candidate_id), first == "candidate"


def input_estimate(sample: Sample) -> int:
    """Input tokens of a sample: as logged, else from its length."""
    if sample.usage and sample.usage.total_input_tokens:
        return sample.usage.total_input_tokens
    return int(count_characters(sample.request.messages) / CHARACTERS_PER_TOKEN) + 8


def output_estimate(sample: Sample) -> int:
    """Output tokens of a sample: as logged, else from the recorded answer, else a guess; at most its own limit."""
    if sample.usage and sample.usage.output_tokens:
        estimate = sample.usage.output_tokens
    elif sample.answer and sample.answer.text:
        estimate = int(len(sample.answer.text) / CHARACTERS_PER_TOKEN) + 1
    else:
        estimate = DEFAULT_OUTPUT_TOKENS
    limit = output_limit(sample.request)
    return min(estimate, limit) if limit else estimate


def output_limit(request: Request) -> int | None:
    """The request's own limit on output tokens, if it has one."""
    limit = request.params.get("max_completion_tokens") or request.params.get("max_tokens")
    return int(limit) if isinstance(limit, int) and limit > 0 else None


def count_characters(messages: list[dict[str, object]]) -> int:
    """Characters of all message contents."""
    return sum(len(str(message.get("content") or "")) for message in messages)


def _id(value: int | None) -> int:
    if value is None:
        raise ValueError("a call needs stored samples and models")
    return value
