"""Token counts of the vendors, brought to one meaning: four counts that do not overlap (types.Usage)."""

from advisor.ingest.cell import parse_count
from advisor.types import Json, Usage


def read_usage(usage: Json) -> Usage | None:
    """Normalise a vendor's usage object; None when it tells no counts.

    OpenAI's prompt tokens include what the cache gave, Anthropic's and Bedrock's do not; Gemini's output leaves out the
    thoughts (checked on recorded responses of each).
    """
    if not isinstance(usage, dict):
        return None
    for vendor in (_openai, _gemini, _bedrock, _anthropic):
        found = vendor(usage)
        if found is not None:
            return found
    return None


def _count(usage: dict[str, Json], *keys: str) -> int:
    """The first count there is under the keys; a dotted key looks into a nested object."""
    for key in keys:
        outer, _, inner = key.partition(".")
        value = usage.get(outer)
        if inner:
            value = value.get(inner) if isinstance(value, dict) else None
        count = parse_count(value)
        if count is not None:
            return count
    return 0


def _openai(usage: dict[str, Json]) -> Usage | None:
    is_responses = "input_tokens_details" in usage or "output_tokens_details" in usage
    if usage.get("prompt_tokens") is None and usage.get("completion_tokens") is None and not is_responses:
        return None
    read = _count(
        usage, "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens", "prompt_cache_hit_tokens",
        "cache_read_input_tokens", "cached_tokens",
    )  # fmt: skip
    written = _count(
        usage, "prompt_tokens_details.cache_write_tokens", "prompt_tokens_details.cache_creation_tokens",
        "input_tokens_details.cache_write_tokens", "cache_creation_input_tokens",
    )  # fmt: skip
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    written = max(0, min(written, prompt - read))  # some gateways tell the same tokens as read and as written
    return Usage(
        input_tokens=max(0, prompt - read - written),
        cache_read_tokens=read,
        cache_write_tokens=written,
        output_tokens=_count(usage, "completion_tokens", "output_tokens"),
        reasoning_tokens=_count(
            usage, "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens"
        ),
    )


def _gemini(usage: dict[str, Json]) -> Usage | None:
    if usage.get("promptTokenCount") is None:
        return None
    read, thoughts = _count(usage, "cachedContentTokenCount"), _count(usage, "thoughtsTokenCount")
    return Usage(
        input_tokens=max(0, _count(usage, "promptTokenCount") - read),
        cache_read_tokens=read,
        output_tokens=_count(usage, "candidatesTokenCount") + thoughts,
        reasoning_tokens=thoughts,
    )


def _bedrock(usage: dict[str, Json]) -> Usage | None:
    if usage.get("inputTokens") is None and usage.get("outputTokens") is None:
        return None
    return Usage(
        input_tokens=_count(usage, "inputTokens"),
        cache_read_tokens=_count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount"),
        cache_write_tokens=_count(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount"),
        output_tokens=_count(usage, "outputTokens"),
    )


def _anthropic(usage: dict[str, Json]) -> Usage | None:
    if usage.get("input_tokens") is None and usage.get("output_tokens") is None:
        return None
    return Usage(
        input_tokens=_count(usage, "input_tokens"),
        cache_read_tokens=_count(usage, "cache_read_input_tokens"),
        cache_write_tokens=_count(usage, "cache_creation_input_tokens"),
        output_tokens=_count(usage, "output_tokens"),
        reasoning_tokens=_count(usage, "reasoning_tokens"),
    )
