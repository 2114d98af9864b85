"""What Converse gives back, read into a Reply: a message of the assistant, or the events of its stream."""

from typing import Any

from advisor.ingest.messages.blocks import as_text
from advisor.ingest.messages.reply import CUT_OFF, Reply, usable
from advisor.ingest.messages.usage import read_usage
from advisor.ingest.vendors.bedrock.converse import inner, text_of
from advisor.types import Answer, Json, ToolCall

FINISH_REASONS = {
    "end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "model_context_window_exceeded": "length",
    "tool_use": "tool_calls", "guardrail_intervened": "content_filter", "content_filtered": "content_filter",
}  # fmt: skip


def read_message(message: Json, reason: Json = None) -> Answer | None:
    """A message of the assistant; what the provider's own tools did on the way is left out."""
    content = message.get("content") if isinstance(message, dict) else None
    texts: list[str] = []
    calls: list[ToolCall] = []
    for block in content if isinstance(content, list) else [{"text": content}]:
        if (text := text_of(block)) is not None:
            texts.append(text)
        elif isinstance(call := inner(block, "toolUse"), dict) and call.get("type") != "server_tool_use":
            calls.append(ToolCall(name=str(call.get("name") or ""), arguments=as_text(call.get("input") or {})))
    if not texts and not calls and reason is None:
        return None
    finish_reason = FINISH_REASONS.get(reason, reason) if isinstance(reason, str) else None
    return Answer(text="".join(texts) or (None if calls else ""), tool_calls=tuple(calls), finish_reason=finish_reason)


def read_output(body: dict[str, Json]) -> Reply:
    """A reply of Converse or of Nova."""
    output = body.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    answer = read_message(message, body.get("stopReason"))
    return Reply(
        answer=usable(answer),
        usage=read_usage(body.get("usage")),
        model=_routed(body.get("trace")),
        error=None if answer else "the recorded response holds no answer",
    )


def merge_events(events: list[dict[str, Json]]) -> Reply:
    """One Reply from the events of ConverseStream, also when they stop in the middle."""
    blocks: dict[int, dict[str, Any]] = {}
    body: dict[str, Json] = {}
    error: str | None = None
    for event in events:
        for kind, told in event.items():
            if not isinstance(told, dict):
                continue
            if kind.endswith("Exception"):
                error = str(told.get("message") or kind)
            elif kind == "contentBlockStart" and isinstance(use := inner(told.get("start"), "toolUse"), dict):
                blocks[_index(told)] = {"toolUse": use | {"input": ""}}
            elif kind == "contentBlockDelta":
                _add_delta(blocks.setdefault(_index(told), {}), told.get("delta"))
            elif kind == "messageStop":
                body["stopReason"] = told.get("stopReason")
            elif kind == "metadata":
                body |= {key: told[key] for key in ("usage", "trace") if key in told}
    body["output"] = {"message": {"content": [blocks[index] for index in sorted(blocks)]}}
    reply = read_output(body)
    if body.get("stopReason") is not None and error is None:
        return reply
    answer = None if reply.answer is None or reply.answer.is_empty else reply.answer
    return Reply(answer=answer, usage=reply.usage, model=reply.model, error=error or CUT_OFF)


def _index(told: dict[str, Json]) -> int:
    index = told.get("contentBlockIndex")
    return index if isinstance(index, int) else 0


def _add_delta(block: dict[str, Any], delta: Json) -> None:
    if not isinstance(delta, dict):
        return
    if isinstance(delta.get("text"), str):
        block["text"] = block.get("text", "") + delta["text"]
    if isinstance(use := delta.get("toolUse"), dict):
        call = block.setdefault("toolUse", {"input": ""})
        call["input"] += str(use.get("input") or "")


def _routed(trace: Json) -> str | None:
    """The model that a prompt router chose."""
    model = inner(inner(trace, "promptRouter"), "invokedModelId")
    return model if isinstance(model, str) else None
