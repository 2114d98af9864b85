"""One call: what is sent to whom, how large it is likely to be, and what makes it the same as another."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

import orjson

from advisor.catalog.prices import price_call
from advisor.errors import CallError
from advisor.scoring.audit import parse_audit
from advisor.scoring.judge import parse_judgement
from advisor.store.run.generations import CallKey, StoredGeneration
from advisor.text.progress import unread_reply
from advisor.types import FailureKind, Generation, Json, Request, Sample, Sending, StoredModel, Usage
from advisor.types.enums import About

CHARACTERS_PER_TOKEN = 3.5
"""A cautious guess for estimates before anything is measured."""
IMAGE_TOKENS = 800
"""As a middling image costs."""
DEFAULT_OUTPUT_TOKENS = 400
JUDGE_OUTPUT_TOKENS = 200
AUDIT_OUTPUT_TOKENS = 500
DIGEST_BYTES = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request to one model."""

    key: CallKey
    model: StoredModel
    request: Request
    """With the model's own parameters over the logged ones."""
    input_tokens: int
    """Estimated."""
    output_tokens: int
    """Estimated from the log, at most the request's own limit."""
    digest: str
    """Equal for calls that ask the same of the same model in the same epoch."""
    obstacle: "Obstacle | None" = None
    """Why it is not sent."""


class Obstacle(NamedTuple):
    """What a model is known not to take: the call is a failure of the model before it is made."""

    kind: FailureKind
    reason: str
    """Of every such call to the model, as in "It takes no images"."""
    message: str
    """Of this call."""


def sample_call(key: CallKey, model: StoredModel, sample: Sample) -> Call:
    """The call of a baseline or candidate lane."""
    request = with_params_of(model, sample.request)
    return Call(
        key=key,
        model=model,
        request=request,
        input_tokens=input_estimate(sample),
        output_tokens=output_estimate(sample),
        digest=call_digest(key, model, request),
    )


def judge_call(key: CallKey, judge: StoredModel, question: Request, output_tokens: int = JUDGE_OUTPUT_TOKENS) -> Call:
    """The call that asks a judge about one order of a pair, or about one answer."""
    request = with_params_of(judge, question)
    return Call(
        key=key,
        model=judge,
        request=request,
        input_tokens=count_characters(request.messages) // 3,
        output_tokens=output_tokens,
        digest=call_digest(key, judge, request),
    )


def with_params_of(model: StoredModel, request: Request) -> Request:
    """A request as it goes to a model."""
    return Request(messages=request.messages, params={**request.params, **model.params})


def call_digest(key: CallKey, model: StoredModel, request: Request) -> str:
    """32 hexadecimal digits over lane, model, address, parameters, messages and epoch.

    What a judge is asked about stands in its messages.
    """
    asked = [key.lane, model.litellm_id, model.api_base, request.params, request.messages, key.epoch]
    return hashlib.blake2b(_canonical(asked), digest_size=DIGEST_BYTES).hexdigest()


def can_read(call: Call, generation: Generation) -> bool:
    """Whether a judge's answer says what it was asked for; a model that is compared may answer what it likes."""
    about, text = call.key.subject.about, generation.answer.text if generation.answer else None
    if about is About.SAMPLE:
        return True
    return parse_audit(text) is not None if about is About.AUDIT else parse_judgement(text, candidate_first=True).parsed


def with_tokens_of(before: Generation | None, generation: Generation) -> Generation:
    """An answer with the tokens of the one before it, which was paid too."""
    counts = [vars(each.usage) for each in (before, generation) if each is not None and each.usage is not None]
    if before is None or not counts:
        return generation
    return replace(generation, usage=Usage(**{name: sum(each[name] for each in counts) for name in counts[0]}))


def as_unread(generation: Generation) -> Generation:
    """An answer that can't be read, as a failed call with the tokens that it took."""
    text = (generation.answer.text if generation.answer else None) or ""
    return replace(generation, answer=None, failure=FailureKind.UNREADABLE, error=unread_reply(text))


def as_failed(call: Call, error: CallError, sending: Sending, at: datetime | None = None) -> StoredGeneration:
    """A call without an answer; ``at`` is now, unless it is given."""
    at = at or datetime.now(UTC)
    generation = Generation(failure=FailureKind(error.kind), error=str(error), sending=sending, at=at)
    return StoredGeneration(key=call.key, generation=generation, digest=call.digest)


def as_priced(call: Call, generation: Generation, sending: Sending) -> StoredGeneration:
    """An answer with its cost by the prices of today."""
    priced = generation.usage and price_call(call.model, generation.usage, generation.at or datetime.now(UTC))
    cost_usd, source = priced or (None, None)
    generation = replace(generation, cost_usd=cost_usd, sending=sending)
    return StoredGeneration(key=call.key, generation=generation, price_source=source, digest=call.digest)


def input_estimate(sample: Sample) -> int:
    """Input tokens of a sample: as logged, else from its length."""
    if sample.metered.usage and sample.metered.usage.total_input_tokens:
        return sample.metered.usage.total_input_tokens
    messages = sample.request.messages
    return int(count_characters(messages) / CHARACTERS_PER_TOKEN) + IMAGE_TOKENS * count_images(messages) + 8


def output_estimate(sample: Sample) -> int:
    """Output tokens of a sample: as logged, else from the recorded answer, else a guess; at most its own limit."""
    if sample.metered.usage and sample.metered.usage.output_tokens:
        estimate = sample.metered.usage.output_tokens
    elif sample.answer and sample.answer.text:
        estimate = int(len(sample.answer.text) / CHARACTERS_PER_TOKEN) + 1
    else:
        estimate = DEFAULT_OUTPUT_TOKENS
    limit = output_limit(sample.request.params)
    return min(estimate, limit) if limit else estimate


def output_limit(params: Mapping[str, Json]) -> int | None:
    """The request's own limit on output tokens, if it has one."""
    limit = params.get("max_completion_tokens") or params.get("max_tokens")
    return int(limit) if isinstance(limit, int) and limit > 0 else None


def count_characters(messages: Sequence[Mapping[str, Json]]) -> int:
    """Characters that a model reads as text: contents, text parts, and arguments of tool calls."""
    texts = [message.get("content") for message in messages if isinstance(message.get("content"), str)]
    texts += [part.get("text") for part in parts_of(messages)]
    texts += [call["function"]["arguments"] for message in messages for call in message.get("tool_calls") or ()]
    return sum(len(text) for text in texts if isinstance(text, str))


def count_images(messages: Sequence[Mapping[str, Json]]) -> int:
    """Images in all messages."""
    return sum(part.get("type") == "image_url" for part in parts_of(messages))


def parts_of(messages: Sequence[Mapping[str, Json]]) -> Iterator[dict[str, Json]]:
    """The parts of all contents that consist of parts."""
    for message in messages:
        if isinstance(message.get("content"), list):
            yield from (part for part in message["content"] if isinstance(part, dict))


def _canonical(value: Json) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # half an emoji, as logs cut by length hold it
        return repr(value).encode("utf-8", "backslashreplace")
