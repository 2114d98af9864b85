"""AWS Bedrock: Converse, Nova, and the bodies of the models that have a wire format of their own there.

Anthropic's and OpenAI's formats on Bedrock are those vendors' own and read by their modules.
"""

from dataclasses import replace

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.reader import NotChat
from advisor.ingest.values.json_text import as_list, as_object, at
from advisor.ingest.vendors import Vendor
from advisor.ingest.vendors.anthropic import read_claude
from advisor.ingest.vendors.bedrock.converse import (
    BLOCKS,
    merge_events,
    read_blocks,
    read_converse,
    read_message,
    read_output,
)
from advisor.ingest.vendors.bedrock.invoke import answers_invoke, asks_invoke, read_chunks, read_invoke
from advisor.ingest.vendors.bedrock.stream import METRICS, metrics_of, unpack
from advisor.types import Json

_OF_CONVERSE = frozenset({
    "inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig", "performanceConfig",
    "outputConfig", "promptVariables",
})  # fmt: skip
_EVENTS = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata"})
_FAULT = frozenset({"message", "Message", "__type", "code", "originalStatusCode", "originalMessage", "resourceName"})
_NAMED = ("foundation-model/", "inference-profile/")
_OPAQUE = ("application-inference-profile/", "provisioned-model/", "prompt/", "prompt-router/")


def model_of(identity: str, answered_by: str | None = None) -> str:
    """The model's id without the account's part of an ARN.

    Where a profile hides the model, it is ``answered_by``, as the response names it; else the ARN as it is.
    """
    if not identity.startswith("arn:"):
        return identity
    resource = identity.split(":", 5)[-1]
    if any(mark in resource for mark in _OPAQUE):
        return model_of(answered_by) if answered_by else identity
    return resource.partition("/")[2] if resource.startswith(_NAMED) else identity


def _asks(body: dict[str, Json]) -> bool:
    """Messages of untyped blocks or with Converse's parameters; a prompt that a model there takes."""
    messages = body.get("messages")
    if isinstance(messages, list):
        return not _OF_CONVERSE.isdisjoint(body) or _speaks(messages)
    return asks_invoke(body)


def _answers(body: Json) -> bool:
    """A reply or the chunks of a stream."""
    if isinstance(body, list):
        return unpack(body) is not body or answers_invoke(body) or any(_is_event(event) for event in body[:3])
    return isinstance(at(body, "output", "message"), dict) or answers_invoke(body)


def _speaks(messages: list[Json]) -> bool:
    """Blocks without a type."""
    return any(
        isinstance(block, dict) and "type" not in block and not BLOCKS.isdisjoint(block)
        for message in messages
        for block in as_list(at(message, "content"))
    )


def _read_reply(body: Json) -> Reply:
    """Also of an error, of the chunks of any stream on Bedrock, and of messages."""
    body = unpack(body)
    if isinstance(body, list):
        reply = _read_list([item for item in body if isinstance(item, dict)])
        return reply if reply.usage else replace(reply, usage=metrics_of(body).usage)
    if not isinstance(body, dict):
        return read_reply(body)
    if isinstance(body.get("embedding"), list) or isinstance(body.get("embeddings"), list | dict):
        raise NotChat("embeddings")
    if isinstance(body.get("images"), list) or isinstance(body.get("artifacts"), list):
        raise NotChat("images")
    if isinstance(body.get("output"), dict):
        return read_output(body)
    if answers_invoke(body):
        return read_chunks([body], is_streamed=False)
    if isinstance(body.get("content"), list):
        return Reply(answer=read_message(body))
    if _FAULT.issuperset(body) and (message := body.get("message", body.get("Message"))):
        return Reply(error=str(message))
    return read_reply(body)


def _read_list(items: list[dict[str, Json]]) -> Reply:
    if any(str(item.get("type")).startswith(("message_", "content_block_")) for item in items):
        return read_claude(items)
    if any(isinstance(item.get("choices"), list) for item in items):
        return read_reply(items)
    if answers_invoke(items):
        return read_chunks(items)
    if any(_is_event(item) or any(key.endswith("Exception") for key in item) for item in items):
        return merge_events(items)
    answers = [item for item in items if item.get("role") == "assistant"]
    return Reply(answer=read_message(answers[-1])) if answers else Reply()


def _is_event(event: Json) -> bool:
    told = as_object(event)
    return any(isinstance(told.get(kind), dict) for kind in _EVENTS) and told.keys() <= _EVENTS | {METRICS, "p"}


VENDOR = Vendor(
    name="bedrock",
    rank=20,
    asks=_asks,
    answers=_answers,
    speaks=_speaks,
    read_request=lambda body: read_converse(body) if isinstance(body.get("messages"), list) else read_invoke(body),
    read_messages=read_blocks,
    read_reply=_read_reply,
)
