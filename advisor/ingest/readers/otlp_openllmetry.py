"""OpenLLMetry's attributes ``gen_ai.prompt.N.*`` and ``gen_ai.completion.N.*``, and older ones without numbers."""

from advisor.ingest.messages.reply import Reply
from advisor.ingest.messages.request import ROLES
from advisor.ingest.readers.otlp_exchange import Exchange
from advisor.ingest.readers.otlp_messages import content_of, link_results, reply_of
from advisor.ingest.readers.otlp_params import span_params, span_usage, tools_of
from advisor.ingest.readers.otlp_span import Span
from advisor.ingest.records import bodies
from advisor.ingest.values.json_text import at
from advisor.ingest.values.span_attributes import listed
from advisor.types import Json


def speaks(span: Span) -> bool:
    """Whether the span has prompts or completions with numbers, or a prompt as one text."""
    nodes = [at(span.tree, "gen_ai", name) for name in ("prompt", "completion")]
    return any(isinstance(node, str) or listed(node) for node in nodes)


def read_exchange(span: Span) -> Exchange:
    """The messages in the order of their numbers."""
    params = span_params(span)
    if tools := tools_of(at(span.tree, "llm", "request", "functions")):
        params["tools"] = tools
    prompt = at(span.tree, "gen_ai", "prompt")
    given = [_message(item) for item in listed(prompt) if isinstance(item, dict)]
    if not given and isinstance(prompt, str):
        messages = bodies.read_messages(prompt)
    else:
        messages = bodies.read_messages(link_results(given)) if given else []
    return Exchange(
        body={"messages": messages} if messages else None,
        reply=_reply(at(span.tree, "gen_ai", "completion")),
        usage=span_usage(span),
        params=params,
    )


def _message(item: dict[str, Json]) -> dict[str, Json]:
    content = content_of(item.get("content", item.get("user")))
    made = {"role": item.get("role") or "user", "content": content}
    calls = _calls(item)
    has_blocks = isinstance(content, list) and any(
        isinstance(block, dict) and block.get("type") == "tool_use" for block in content
    )
    if calls and not has_blocks:
        made["tool_calls"] = calls
    return made | {key: item[key] for key in ("tool_call_id", "name") if item.get(key)}


def _calls(item: dict[str, Json]) -> list[dict[str, Json]]:
    calls = [call for call in listed(item.get("tool_calls")) if isinstance(call, dict)]
    legacy = item.get("function_call")
    return calls or ([legacy] if isinstance(legacy, dict) and legacy.get("name") else [])


def _reply(completion: Json) -> Reply:
    if isinstance(completion, str):
        return bodies.read_answer(completion)
    spoken = [item for item in listed(completion) if isinstance(item, dict)]
    item = next((item for item in spoken if ROLES.get(str(item.get("role") or "assistant")) == "assistant"), None)
    if item is None:
        return Reply()
    content = content_of(item.get("content"))
    if isinstance(content, list):
        return bodies.read_answer({"role": "assistant", "content": content})
    return reply_of({"content": content, "tool_calls": _calls(item)}, item.get("finish_reason"))
