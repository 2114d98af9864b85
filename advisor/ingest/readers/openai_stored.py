"""Completions that OpenAI stored: the list has the answers, the messages come apart from it, joined by id."""

from dataclasses import dataclass, replace

from advisor.ingest.messages.reply import Reply
from advisor.ingest.readers.openai_chat import PARAM_KEYS
from advisor.ingest.readers.openai_stored_pages import ITEMS, OWNER, owner_of
from advisor.ingest.records.bodies import read_call
from advisor.ingest.records.envelope import assemble
from advisor.types import Json, Request, Sample

COMPLETION = "stored_completion"
"""Marks a record that was put together here."""
_OF_STORED = frozenset({"input_user", "metadata"})
_NO_MESSAGES = "the prompts are in the messages files: import them together"
_NO_COMPLETION = "the answers and tools are in the list of the completions: import them together"
_NOT_WHOLE = "some messages are missing; export all pages of the messages"


@dataclass(frozen=True)
class StoredCompletions:
    """Reads a completion with its messages, either of which may be missing, and joins the two."""

    name: str = "openai_stored"
    rank: int = 12

    def joins(self, keys: frozenset[str]) -> bool:
        """Completions without messages, single messages, and the messages of a known completion."""
        is_completion = keys >= {"object", "id", "choices"} and "messages" not in keys
        return (
            keys >= {OWNER, ITEMS} or keys >= {"id", "role", "content"} or (is_completion and bool(keys & _OF_STORED))
        )

    def call_of(self, record: dict[str, Json]) -> str | None:
        """The id of the completion."""
        identity = record.get(OWNER) if isinstance(record.get(ITEMS), list) else owner_of(record)
        if identity is None and record.get("object") == "chat.completion":
            identity = record.get("id")
        return identity if isinstance(identity, str) and not identity.startswith("resp_") else None

    def join(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The completion and its messages in order, and whether these are all."""
        completions = [part for part in parts if part.get("object") == "chat.completion"]
        pages = [part for part in parts if OWNER in part]
        messages = [message for part in pages for message in part[ITEMS] if isinstance(message, dict)]
        messages += [part for part in parts if part not in completions and part not in pages]
        numbered = {at: message for message in messages if (at := _number(message)) is not None}
        is_numbered = len(numbered) > 0 and all(_number(message) is not None for message in messages)
        return {
            COMPLETION: completions[-1] if completions else None,
            "messages": [numbered[at] for at in sorted(numbered)] if is_numbered else messages,
            "is_whole": (not pages or any(not page.get("has_more") for page in pages))
            and (not is_numbered or set(numbered) == set(range(len(numbered)))),
            "id": self.call_of(parts[0]),
        }

    def matches(self, record: dict[str, Json]) -> bool:
        """Only what was put together here."""
        return COMPLETION in record and "is_whole" in record

    def read(self, record: dict[str, Json]) -> Sample:
        """One call; without its messages it is kept for volume and cost."""
        completion = record[COMPLETION] or {"id": record["id"]}
        messages = [_plain(message) for message in record["messages"]]
        asked = {key: completion[key] for key in PARAM_KEYS if completion.get(key) not in (None, [], 0)}
        if completion.get("temperature") == 0:
            asked["temperature"] = completion["temperature"]
        if not messages:
            reply = read_call(None, completion).reply
            request = Request(messages=[], params=asked)
            return assemble(completion, request, reply, not_replayable=_NO_MESSAGES)
        reply = read_call(None, completion).reply if record[COMPLETION] else Reply()
        if _is_answer(messages[-1], reply) and len(messages) > 1:
            messages = messages[:-1]
        call = read_call(asked | {"model": completion.get("model"), "messages": messages}, None)
        request = call.request or Request(messages=messages)
        sample = assemble(completion, request, reply, not_replayable=call.not_replayable)
        if not record[COMPLETION]:
            return replace(sample, response_id=record["id"], not_replayable=_NO_COMPLETION)
        return sample if record["is_whole"] else replace(sample, not_replayable=sample.not_replayable or _NOT_WHOLE)


def _number(message: dict[str, Json]) -> int | None:
    return int(str(message["id"]).rpartition("-")[2]) if owner_of(message) else None


def _plain(message: dict[str, Json]) -> dict[str, Json]:
    """Stored messages have either ``content`` or, where it is more than text, ``content_parts``."""
    content = message.get("content") or message.get("content_parts") or message.get("content")
    return {key: value for key, value in message.items() if key not in ("id", "content_parts")} | {"content": content}


def _is_answer(message: dict[str, Json], reply: Reply) -> bool:
    answer = reply.answer
    if message.get("role") != "assistant" or answer is None:
        return False
    return (message.get("content") or None) == (answer.text or None) and len(message.get("tool_calls") or ()) == len(
        answer.tool_calls
    )


READER = StoredCompletions()
JOINER = READER
