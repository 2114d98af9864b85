"""The messages of a call in a span, with the parameters, tools and token counts beside them, and the Sample they make.

Messages are brought to what bodies.read_messages and bodies.read_answer take, parameters to OpenAI's names.
"""

from dataclasses import dataclass, field, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import PARAM_KEYS, PARAM_NAMES, read_request, schema_format
from advisor.ingest.messages.tools import tool_choice_of, tools_of
from advisor.ingest.messages.usage import Counts
from advisor.ingest.readers.otlp_span import Span
from advisor.ingest.records import bodies
from advisor.ingest.records.envelope import assemble, find_label
from advisor.ingest.values.json_text import as_list, at, decode
from advisor.ingest.values.span_attributes import first
from advisor.types import Answer, Json, Request, Sample, Usage

NO_CONTENT = "the trace does not hold the messages: capturing content is switched off where it was written"
CUT = "the messages were cut by a length limit of the exporter"
_RESPONSE_IDS = ("gen_ai.response.id", "ai.response.id", "llm.response.id")
_UNIQUE_LENGTH = 16
"""Local servers number their responses, so that short ids come again."""
_PARAMS = {
    "temperature": ("gen_ai.request.temperature", "ai.settings.temperature"),
    "top_p": ("gen_ai.request.top_p", "ai.settings.topP"),
    "top_k": ("gen_ai.request.top_k", "ai.settings.topK", "llm.top_k"),
    "max_tokens": ("gen_ai.request.max_tokens", "ai.settings.maxOutputTokens", "ai.settings.maxTokens"),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed", "ai.settings.seed"),
    "stop": ("gen_ai.request.stop_sequences", "llm.chat.stop_sequences", "ai.settings.stopSequences"),
    "frequency_penalty": (
        "gen_ai.request.frequency_penalty", "llm.frequency_penalty", "ai.settings.frequencyPenalty",
    ),
    "presence_penalty": ("gen_ai.request.presence_penalty", "llm.presence_penalty", "ai.settings.presencePenalty"),
    "reasoning_effort": ("gen_ai.request.reasoning_effort", "gen_ai.request.reasoning.level"),
    "tool_choice": ("gen_ai.request.tool_choice", "ai.prompt.toolChoice"),
}  # fmt: skip
_USAGE = ("gen_ai.usage", "llm.usage")
_CONFIGS = ("inferenceConfig", "generation_config", "generationConfig", "config")
_BLOCK = frozenset({"type", "text", "toolUse", "toolResult", "image", "functionCall", "functionResponse"})


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """The messages of a call, as one dialect of attributes tells them, and what it tells beside."""

    messages: list[dict[str, Json]] = field(default_factory=list)
    """Of the prompt, in OpenAI's shape; empty where it is not there."""
    request: Request | None = None
    """Instead of ``messages``, where a vendor's body was read whole."""
    reply: Reply = field(default_factory=Reply)
    not_replayable: str | None = None
    usage: Usage | None = None
    params: dict[str, Json] = field(default_factory=dict)
    """What was asked for beside the messages, where the conventions give it no attribute of its own."""
    tools: Json = None
    """Definitions in any vendor's shape."""


def read_span(span: Span, exchange: Exchange, more: dict[str, Json] | None = None) -> Sample:
    """One Sample from a span and its messages; ``more`` holds more keys as envelope.assemble knows them.

    Raises RowRejected for a conversation that cannot be read.
    """
    request, reason = _asked(span, exchange)
    identity = exchange.reply.response_id or first(span.attributes, _RESPONSE_IDS)
    is_unique = isinstance(identity, str) and len(identity) >= _UNIQUE_LENGTH
    record = span.around() | (more or {})
    reply = replace(
        exchange.reply,
        answer=_answer(span, exchange.reply.answer, bool(record["error"])),
        usage=exchange.usage or _usage(span) or exchange.reply.usage,
        response_id=identity if is_unique else None,
    )
    if find_label(record) is None:
        record["use_case"] = span.workflow
    return assemble(record, request, reply, not_replayable=exchange.not_replayable or reason)


def _answer(span: Span, answer: Answer | None, is_failed: bool) -> Answer | None:
    if answer is None or (is_failed and answer.is_empty):
        return None
    reasons = decode(span.attributes.get("gen_ai.response.finish_reasons"))
    reason = next(iter(reasons), None) if isinstance(reasons, list) else reasons
    is_told = answer.finish_reason is not None or not isinstance(reason, str)
    return answer if is_told else replace(answer, finish_reason=reason)


def _asked(span: Span, exchange: Exchange) -> tuple[Request, str | None]:
    tools = tools_of(exchange.tools)
    params = _span_params(span) | exchange.params | ({"tools": tools} if tools else {})
    if exchange.request is not None:
        return replace(exchange.request, params=params | exchange.request.params), None
    if not exchange.messages:
        return Request(messages=[], params=params), NO_CONTENT
    return read_request(params | {"messages": exchange.messages})


def _span_params(span: Span) -> dict[str, Json]:
    found = {name: decode(first(span.attributes, keys)) for name, keys in _PARAMS.items()}
    params = {name: value for name, value in found.items() if value is not None}
    if "tool_choice" in params:
        params["tool_choice"] = tool_choice_of(params["tool_choice"])
    schema = decode(span.attributes.get("gen_ai.request.structured_output_schema"))
    if isinstance(schema, dict):
        params["response_format"] = response_format(schema)
    elif span.attributes.get("gen_ai.output.type") == "json":
        params["response_format"] = {"type": "json_object"}
    return params


def invocation_params(value: Json) -> dict[str, Json]:
    """What a logged bag of parameters holds that any model takes, whichever vendor's names it uses."""
    bag = decode(value)
    if not isinstance(bag, dict):
        return {}
    for inner in _CONFIGS:
        bag = bag | bag[inner] if isinstance(bag.get(inner), dict) else bag
    params = {PARAM_NAMES.get(key, key): item for key, item in bag.items() if item not in (None, "", [])}
    if at(bag, "text", "format", "schema") is not None:
        params["response_format"] = response_format(bag["text"]["format"])
    if effort := at(bag, "reasoning", "effort"):
        params["reasoning_effort"] = effort
    if "tools" in params:
        params["tools"] = tools_of(params["tools"])
    if "tool_choice" in params:
        params["tool_choice"] = tool_choice_of(params["tool_choice"])
    return {key: params[key] for key in params if key in PARAM_KEYS and key != "service_tier" and params[key] != []}


def response_format(schema: dict[str, Json]) -> dict[str, Json]:
    """A response format of a JSON schema, or of an object with name, schema and strict."""
    if not isinstance(schema.get("schema"), dict):
        return schema_format(None, schema)
    strict = {"strict": schema["strict"]} if schema.get("strict") is not None else {}
    return schema_format(schema.get("name"), schema["schema"], **strict)


def _usage(span: Span) -> Usage | None:
    """The token counts of OpenTelemetry's conventions, all generations of names."""

    def count(*names: str) -> Json:
        return first(span.attributes, [f"{prefix}.{name}" for name in names for prefix in _USAGE])

    return Counts(
        given=count("input_tokens", "prompt_tokens"),
        taken=count("output_tokens", "completion_tokens"),
        read=count(
            "cache_read.input_tokens", "cache_read_input_tokens", "cached_input_tokens", "cached_tokens",
            "details.cache_read_tokens", "cache_read_tokens", "input_token_details.cached", "input_tokens.cached",
        ),
        written=count(
            "cache_write.input_tokens", "cache_creation.input_tokens", "cache_creation_input_tokens",
            "cache_write_input_tokens", "details.cache_write_tokens", "cache_write_tokens",
        ),
        reasoning=count(
            "reasoning.output_tokens", "reasoning_tokens", "details.reasoning_tokens", "reasoning_output_tokens",
        ),
        total=count("total_tokens"),
    ).usage()  # fmt: skip


def content_of(content: Json) -> Json:
    """Text as it is; a list of a vendor's content blocks that was written as JSON as that list."""
    blocks = decode(content) if isinstance(content, str) and content.startswith("[") else None
    is_blocks = isinstance(blocks, list) and all(
        isinstance(block, dict) and not _BLOCK.isdisjoint(block) for block in blocks
    )
    return blocks if blocks and is_blocks else content


def system_messages(system: Json) -> list[dict[str, Json]]:
    """System instructions, which are a list of parts, of messages or plain text, as messages."""
    parts = system if isinstance(system, list) else [system]
    if any(isinstance(part, dict) and "role" in part for part in parts):
        return bodies.read_messages(parts)
    texts = [part if isinstance(part, str) else at(part, "content") or at(part, "text") for part in parts]
    text = "\n".join(text for text in texts if isinstance(text, str) and text)
    return [{"role": "system", "content": text}] if text.strip() else []


def link_results(messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Give results of tools that do not name their call the ids of the calls before them, in order.

    Many instrumentations log neither; calls without an id get one.
    """
    open_calls: list[dict[str, Json]] = []
    linked: list[dict[str, Json]] = []
    for number, message in enumerate(messages):
        if calls := as_list(message.get("tool_calls")):
            open_calls = [
                call | {"id": call.get("id") or f"call_{number}_{index}"}
                for index, call in enumerate(calls)
                if isinstance(call, dict)
            ]
            message = message | {"tool_calls": list(open_calls)}
        elif message.get("role") in ("tool", "function") and open_calls:
            told, name = message.get("tool_call_id"), message.get("name")
            by_id = (call for call in open_calls if call["id"] == told)
            by_name = (call for call in open_calls if name and name in (at(call, "function", "name"), call.get("name")))
            answered = next(by_id, None) or next(by_name, open_calls[0])
            if not told:
                message = message | {"tool_call_id": answered["id"]}
            open_calls.remove(answered)
        linked.append(message)
    return linked


def reply_of(message: dict[str, Json], reason: Json = None) -> Reply:
    """What came back, from one message of the assistant with calls of tools in OpenAI's shape."""
    reason = next(iter(reason), None) if isinstance(reason, list) else reason
    reason = reason if isinstance(reason, str) and reason else None
    spoken = {"role": "assistant"} | message
    return bodies.read_answer({"choices": [{"index": 0, "message": spoken, "finish_reason": reason}]})
