"""Token counts of the vendors, brought to one meaning: four counts that do not overlap (types.Usage)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from advisor.ingest.values.json_text import as_object, as_objects, object_in
from advisor.ingest.values.numbers import parse_count
from advisor.types import Answer, Json, Usage

_SPLIT_KEYS = ("prompt_tokens_details", "input_token_details")
"""Under which gateways tell what the input was made of."""
_DETAILS = (
    *_SPLIT_KEYS,
    "input_tokens_details",
    "completion_tokens_details",
    "output_token_details",
    "server_tool_use",
)
_counts = attrgetter(*Usage.__dataclass_fields__)
_UNTOLD = (None,) * len(Usage.__dataclass_fields__)
_BESIDE_TEXT = ("web_search_requests", "num_search_queries", "num_sources_used", "audio_tokens", "audio")
"""Counts of what Anthropic, Perplexity, xAI, OpenAI and LiteLLM bill by other prices than those of text."""
_COUNT = r"(\d(?:[\d.,]*\d)?)"
_TAKEN, _GIVEN = (
    rf"(?:(?:{words})(?:[\s_-]*tok\w*)?\s*[:=]?\s*)?" for words in ("out(?:put)?|completion", "in(?:put)?|prompt")
)
_PART = r"(?:[/|;+]|,(?=\s*[a-z])|(?<=[a-z]),?|\s(?=[a-z]))"
BOTH_SIDES = re.compile(rf"{_GIVEN}{_COUNT}\s*{_GIVEN}{_PART}\s*{_TAKEN}{_COUNT}\s*{_TAKEN}", re.I)
"""``312 in / 206 out``."""


@dataclass(frozen=True, kw_only=True)
class BilledMore(Usage):
    """Usage of a call whose bill the counts of tokens alone do not tell."""

    cache_write_1h_tokens: int = 0
    """The part of the cache writes that Anthropic keeps for an hour, which has a price of its own."""
    beside_text: bool = False
    """Whether more is billed than tokens of text: the provider's own tools, as its web search, or audio."""


@dataclass(frozen=True, kw_only=True)
class HalfTold(Usage):
    """Usage of a call of which only the prompt's tokens are told, or only the answer's; the others are 0 here."""

    is_of_prompt: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Token counts as a log tells them, each in any spelling or unknown."""

    given: Json = None
    """Of the prompt."""
    taken: Json = None
    """Of the answer."""
    read: Json = None
    """From a cache, like ``written`` to one."""
    written: Json = None
    written_1h: Json = None
    """The part of ``written`` that is kept for an hour."""
    reasoning: Json = None
    total: Json = None
    is_apart: bool = False
    """Whether the cache is known not to be a part of the prompt."""

    def usage(self) -> Usage | None:
        """Four counts that do not overlap; None where neither prompt nor answer is told.

        Most count the cache as a part of the prompt and reasoning as a part of the answer; who doesn't is known by a
        part that is larger than the whole, by the total, or ``is_apart``.
        """
        given, taken = parse_count(self.given), parse_count(self.taken)
        if given is None and taken is None:
            return None
        given, taken, total = given or 0, taken or 0, parse_count(self.total)
        read, written, thought = (parse_count(count) or 0 for count in (self.read, self.written, self.reasoning))
        is_apart = self.is_apart or read + written > given or total == given + taken + read + written
        if thought > taken or (thought and total == given + taken + thought):
            taken += thought
        usage = Usage(
            input_tokens=given if is_apart else given - read - written,
            cache_read_tokens=read,
            cache_write_tokens=written,
            output_tokens=taken,
            reasoning_tokens=thought,
        )
        return with_long_kept(usage, parse_count(self.written_1h) or 0)


def both_sides(given: Json, taken: Json) -> tuple[Json, Json]:
    """The counts of a cell that tells both and is given for each: ``312 in / 206 out``."""
    found = BOTH_SIDES.fullmatch(given.strip()) if isinstance(given, str) and given == taken else None
    return (found[1], found[2]) if found else (given, taken)


def as_told(usage: Usage | None, *, given: Json, taken: Json) -> Usage | None:
    """The same, HalfTold where a log has counts for the one side only; a provider leaves out those that are 0."""
    counts = parse_count(given), parse_count(taken)
    is_cached = usage is not None and bool(usage.cache_read_tokens or usage.cache_write_tokens)
    if usage is None or is_cached or (None in counts) is (counts == (None, None)):
        return usage
    return HalfTold(input_tokens=counts[0] or 0, output_tokens=counts[1] or 0, is_of_prompt=counts[1] is None)


def half_told(usage: Usage | None, answer: Answer | None) -> HalfTold | None:
    """The usage where tokens of one side only are told; an answer with words never took none."""
    if usage is None or isinstance(usage, HalfTold):
        return usage
    if usage.output_tokens or not usage.total_input_tokens or answer is None or not answer.text:
        return None
    return HalfTold(**{name: getattr(usage, name) for name in Usage.__dataclass_fields__}, is_of_prompt=True)


def is_told(usage: Usage | None) -> bool:
    """Whether the tokens of both sides are known."""
    return usage is not None and not isinstance(usage, HalfTold)


def counts_told(usage: Usage | None) -> Sequence[int | None]:
    """The counts in their order, None for those that no log tells."""
    if usage is None:
        return _UNTOLD
    counts: tuple[int, ...] = _counts(usage)
    if not isinstance(usage, HalfTold):
        return counts
    return [
        count if (name in Usage.INPUT) is usage.is_of_prompt else None
        for name, count in zip(Usage.__dataclass_fields__, counts, strict=True)
    ]


def kept_an_hour(usage: Usage | None) -> int:
    """Tokens written to a cache that keeps them for an hour instead of five minutes."""
    return usage.cache_write_1h_tokens if isinstance(usage, BilledMore) else 0


def is_billed_beside_text(usage: Usage | None) -> bool:
    """Whether more is billed than tokens of text."""
    return isinstance(usage, BilledMore) and usage.beside_text


def with_beside_text(usage: Usage | None) -> Usage | None:
    """The same where more is billed than tokens of text."""
    return BilledMore(**vars(usage) | {"beside_text": True}) if usage is not None else None


def with_long_kept(usage: Usage, tokens: int) -> Usage:
    """The same where so many of the cache writes are kept for an hour."""
    tokens = min(tokens, usage.cache_write_tokens)
    return BilledMore(**vars(usage) | {"cache_write_1h_tokens": tokens}) if tokens > 0 else usage


def read_usage(usage: Json) -> Usage | None:
    """Normalise a vendor's usage object; None when it tells no counts.

    OpenAI's prompt tokens include what the cache gave, Anthropic's and Bedrock's do not; Gemini's output leaves out the
    thoughts (checked on recorded responses of each).
    """
    told = usage if isinstance(usage, dict) else object_in(usage)
    for vendor in (_langchain, _openai, _gemini, _bedrock, _anthropic):
        if (found := vendor(told)) is not None:
            return _with_more(found, told)
    return None


def _with_more(found: Usage, usage: dict[str, Json]) -> Usage | None:
    """With what the usage object tells of a bill beside the four counts."""
    if found.cache_write_tokens:
        found = with_long_kept(found, _long_kept(usage))
    places = [usage, *(details for key in _DETAILS if isinstance(details := usage.get(key), dict))]
    more = any(_count(place, key) for place in places for key in _BESIDE_TEXT)
    return with_beside_text(found) if more else found


def _count(counts: dict[str, Json], *keys: str) -> int:
    """The first count there is under the keys."""
    for key in keys:
        value = counts.get(key)
        if value is None:
            continue
        count = value if type(value) is int and value >= 0 else parse_count(value)
        if count is not None:
            return count
    return 0


def _long_kept(usage: dict[str, Json]) -> int:
    """As Anthropic's API, LangChain, LiteLLM and Bedrock's Converse tell it."""
    split = [as_object(usage.get(key)) for key in _SPLIT_KEYS]
    places = [usage.get("cache_creation"), *split, *(details.get("cache_creation_token_details") for details in split)]
    told = [_count(as_object(place), "ephemeral_1h_input_tokens") for place in places]
    hourly = (block for block in as_objects(usage.get("cacheDetails")) if block.get("ttl") == "1h")
    return max(*told, sum(_count(block, "inputTokens") for block in hourly))


def _openai(usage: dict[str, Json]) -> Usage | None:
    is_responses = "input_tokens_details" in usage or ("output_tokens_details" in usage and not _is_anthropic(usage))
    if usage.get("prompt_tokens") is None and usage.get("completion_tokens") is None and not is_responses:
        return None
    given = as_object(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    taken = as_object(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    read = _count(given, "cached_tokens") or _count(
        usage, "prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens"
    )
    written = _count(given, "cache_write_tokens", "cache_creation_tokens") or _count(
        usage, "cache_creation_input_tokens"
    )
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    written = max(0, min(written, prompt - read))  # some gateways tell the same tokens as read and as written
    reasoning = _count(taken, "reasoning_tokens")
    output = _count(usage, "completion_tokens", "output_tokens")
    if reasoning and _count(usage, "total_tokens") == prompt + output + reasoning:
        output += reasoning  # xAI's completion tokens leave it out, which only their total tells
    return Usage(
        input_tokens=max(0, prompt - read - written),
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=output,
        reasoning_tokens=reasoning,
    )


def _is_anthropic(usage: dict[str, Json]) -> bool:
    return "cache_read_input_tokens" in usage or "thinking_tokens" in as_object(usage.get("output_tokens_details"))


def _langchain(usage: dict[str, Json]) -> Usage | None:
    if "input_token_details" not in usage and "output_token_details" not in usage:
        return None
    if usage.get("input_tokens") is None and usage.get("output_tokens") is None:
        return None
    given, taken = as_object(usage.get("input_token_details")), as_object(usage.get("output_token_details"))
    read, written = _count(given, "cache_read"), written_to_cache(given)
    return Usage(
        input_tokens=max(0, _count(usage, "input_tokens") - read - written),
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=_count(usage, "output_tokens"),
        reasoning_tokens=_count(taken, "reasoning"),
    )


def written_to_cache(details: dict[str, Json]) -> int:
    """LangChain's count of cache writes: as one number, or by how long they are kept, with 0 for the sum."""
    split = sum(_count(details, f"ephemeral_{kept}_input_tokens") for kept in ("5m", "1h"))
    return max(_count(details, "cache_creation"), split)


def _gemini(usage: dict[str, Json]) -> Usage | None:
    if usage.get("promptTokenCount") is None and usage.get("prompt_token_count") is None:
        return None
    read = _count(usage, "cachedContentTokenCount", "cached_content_token_count")
    thoughts = _count(usage, "thoughtsTokenCount", "thoughts_token_count")
    return Usage(
        input_tokens=max(0, _count(usage, "promptTokenCount", "prompt_token_count") - read),
        cache_read_tokens=read,
        output_tokens=_count(usage, "candidatesTokenCount", "candidates_token_count") + thoughts,
        reasoning_tokens=thoughts,
    )


def _bedrock(usage: dict[str, Json]) -> Usage | None:
    return Counts(
        given=usage.get("inputTokens"),
        taken=usage.get("outputTokens"),
        read=_count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount"),
        written=_count(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        is_apart=True,
    ).usage()


def read_anthropic_usage(usage: Json) -> Usage | None:
    """Anthropic's counts, which leave out of the input what the cache gave or took."""
    found = _anthropic(told := as_object(usage))
    return _with_more(found, told) if found is not None else None


def _anthropic(usage: dict[str, Json]) -> Usage | None:
    if usage.get("input_tokens") is None and usage.get("output_tokens") is None:
        return None
    details = usage.get("output_tokens_details")
    return Usage(
        input_tokens=_count(usage, "input_tokens"),
        cache_read_tokens=_count(usage, "cache_read_input_tokens"),
        cache_write_tokens=_count(usage, "cache_creation_input_tokens"),
        output_tokens=_count(usage, "output_tokens"),
        reasoning_tokens=_count(details if isinstance(details, dict) else usage, "thinking_tokens", "reasoning_tokens"),
    )
