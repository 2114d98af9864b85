"""AWS Bedrock: Converse, Nova, and the bodies of the models that have a wire format of their own there.

Anthropic's and OpenAI's formats on Bedrock are those vendors' own and read by their modules.
"""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.reader import RowRejected
from advisor.ingest.vendors.anthropic.reply import read_claude
from advisor.ingest.vendors.bedrock.converse import BLOCKS, read_blocks, read_converse
from advisor.ingest.vendors.bedrock.converse_reply import merge_events, read_message, read_output
from advisor.ingest.vendors.bedrock.invoke import asks_invoke, read_invoke
from advisor.ingest.vendors.bedrock.invoke_reply import answers_invoke, merge_chunks, read_invoke_reply
from advisor.ingest.vendors.bedrock.stream import METRICS, metrics_of, unpack
from advisor.types import Json, Request

_OF_CONVERSE = frozenset({
    "inferenceConfig", "toolConfig", "additionalModelRequestFields", "guardrailConfig", "performanceConfig",
    "outputConfig", "promptVariables",
})  # fmt: skip
_EVENTS = frozenset({"messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata"})
_FAULT = frozenset({"message", "Message", "__type", "code", "originalStatusCode", "originalMessage", "resourceName"})


@dataclass(frozen=True)
class Bedrock:
    """What Converse and InvokeModel take and give, except for Anthropic's and OpenAI's bodies."""

    name: str = "bedrock"
    rank: int = 20

    def asks(self, body: dict[str, Json]) -> bool:
        """Messages of untyped blocks or with Converse's parameters; a prompt that a model there takes."""
        messages = body.get("messages")
        if isinstance(messages, list):
            return not _OF_CONVERSE.isdisjoint(body) or self.speaks(messages)
        return asks_invoke(body)

    def answers(self, body: Json) -> bool:
        """A reply or the chunks of a stream."""
        if isinstance(body, list):
            return unpack(body) is not body or answers_invoke(body) or any(_is_event(event) for event in body[:3])
        if not isinstance(body, dict):
            return False
        output = body.get("output")
        return (isinstance(output, dict) and isinstance(output.get("message"), dict)) or answers_invoke(body)

    def speaks(self, messages: list[Json]) -> bool:
        """Blocks without a type."""
        return any(
            isinstance(block, dict) and "type" not in block and not BLOCKS.isdisjoint(block)
            for message in messages
            if isinstance(message, dict) and isinstance(message.get("content"), list)
            for block in message["content"]
        )

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """See converse.read_converse and invoke.read_invoke."""
        return read_converse(body) if isinstance(body.get("messages"), list) else read_invoke(body)

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Results of tools become messages of their own, thoughts are left out."""
        return read_blocks(messages)

    def read_reply(self, body: Json) -> Reply:
        """Also of an error, of the chunks of any stream on Bedrock, and of messages."""
        body = unpack(body)
        if isinstance(body, list):
            reply = _read_list([item for item in body if isinstance(item, dict)])
            return reply if reply.usage else replace(reply, usage=metrics_of(body).usage)
        if not isinstance(body, dict):
            return read_reply(body)
        _refuse_other_calls(body)
        if isinstance(body.get("output"), dict):
            return read_output(body)
        if answers_invoke(body):
            return read_invoke_reply(body)
        if isinstance(body.get("content"), list):
            return Reply(answer=read_message(body))
        if _FAULT.issuperset(body) and (message := body.get("message", body.get("Message"))):
            return Reply(error=str(message))
        return read_reply(body)


def _is_event(event: Json) -> bool:
    if not isinstance(event, dict):
        return False
    return any(isinstance(event.get(kind), dict) for kind in _EVENTS) and event.keys() <= _EVENTS | {METRICS, "p"}


def _read_list(items: list[dict[str, Json]]) -> Reply:
    if any(str(item.get("type")).startswith(("message_", "content_block_")) for item in items):
        return read_claude(items)
    if any(isinstance(item.get("choices"), list) for item in items):
        return read_reply(items)
    if answers_invoke(items):
        return merge_chunks(items)
    if any(_is_event(item) or any(key.endswith("Exception") for key in item) for item in items):
        return merge_events(items)
    answers = [item for item in items if item.get("role") == "assistant"]
    return Reply(answer=read_message(answers[-1])) if answers else Reply()


def _refuse_other_calls(body: dict[str, Json]) -> None:
    if isinstance(body.get("embedding"), list) or isinstance(body.get("embeddings"), list | dict):
        raise RowRejected("a call of embeddings, not of a chat model")
    if isinstance(body.get("images"), list) or isinstance(body.get("artifacts"), list):
        raise RowRejected("a call of images, not of a chat model")


VENDOR = Bedrock()
