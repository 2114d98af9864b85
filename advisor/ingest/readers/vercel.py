"""Spans of the Vercel AI SDK: the inner ``doGenerate`` and ``doStream``, which are the calls of the provider."""

from advisor.ingest.messages.blocks import messages_of
from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.usage import Counts
from advisor.ingest.readers.otlp_exchange import CUT, Exchange, reply_of, response_format
from advisor.ingest.readers.otlp_span import Span
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.span_attributes import first, listed
from advisor.types import Json, Usage


def speaks(span: Span) -> bool:
    """Whether the SDK wrote the span."""
    return "ai.operationId" in span.attributes or "ai.prompt.messages" in span.attributes


def read_exchange(span: Span) -> Exchange:
    """The prompt as it went to the provider."""
    get = span.attributes.get
    params: dict[str, Json] = {}
    if "Object." in str(get("ai.operationId")):
        schema = decode(get("ai.schema"))
        params["response_format"] = response_format(schema) if isinstance(schema, dict) else {"type": "json_object"}
    given = decode(get("ai.prompt.messages"))
    return Exchange(
        messages=[made for message in listed(given) if isinstance(message, dict) for made in _messages(message)],
        reply=_reply(span),
        not_replayable=CUT if isinstance(given, str) else None,
        usage=_usage(span),
        params=params,
        tools=get("ai.prompt.tools"),
    )


def _messages(message: dict[str, Json]) -> list[dict[str, Json]]:
    content = message.get("content")
    if not isinstance(content, list):
        return [{"role": message.get("role"), "content": content}]
    return messages_of(str(message.get("role")), [_image(block) for block in content])


def _image(block: Json) -> Json:
    """A file that is an image as an image."""
    media = str(block.get("mediaType") or block.get("mimeType")) if isinstance(block, dict) else ""
    if media.startswith("image/") and block.get("type") == "file":
        return {"type": "image", "image": block.get("data", block.get("url")), "mimeType": media}
    return block


def _reply(span: Span) -> Reply:
    get = span.attributes
    calls = decode(get.get("ai.response.toolCalls", get.get("ai.result.toolCalls")))
    text = get.get("ai.response.text", get.get("ai.result.text"))
    if text in (None, ""):
        text = first(get, ("ai.response.object", "ai.result.object")) or (None if calls else text)
    made = [
        {"id": call.get("toolCallId"), "name": call.get("toolName"), "arguments": call.get("input", call.get("args"))}
        for call in listed(calls)
        if isinstance(call, dict)
    ]
    return reply_of({"content": text, "tool_calls": made}, first(get, ("ai.response.finishReason", "ai.finishReason")))


def _usage(span: Span) -> Usage | None:
    def count(*names: str) -> Json:
        return first(span.attributes, [f"ai.usage.{name}" for name in names])

    fresh = count("inputTokenDetails.noCacheTokens")
    provider = str(span.attributes.get("ai.model.provider"))
    return Counts(
        given=count("inputTokens", "promptTokens") if fresh is None else fresh,
        taken=count("outputTokens", "completionTokens"),
        read=count("inputTokenDetails.cacheReadTokens", "cachedInputTokens"),
        written=count("inputTokenDetails.cacheWriteTokens"),
        reasoning=count("outputTokenDetails.reasoningTokens", "reasoningTokens"),
        # Version 5 hands on what Anthropic and Bedrock count, where the cache is not part of the input.
        is_apart=fresh is not None or provider.startswith(("anthropic", "amazon-bedrock")),
    ).usage()
