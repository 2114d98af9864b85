"""Records that hold only the new turn of a conversation: here each gets the turns that its model was shown.

These are records of the ``llm`` tool, in the shape of ``llm logs --json``, and calls of the Responses API that continue
an earlier one, where the log holds that one before.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from advisor.ingest.records.request_response import REQUEST_KEYS, RESPONSE_KEYS, usual_body
from advisor.ingest.values.json_text import objects_in, written
from advisor.ingest.vendors.responses import response_object
from advisor.types import Json, Rejection

KEYS = frozenset({"conversation_id", "datetime_utc", "duration_ms", "response"})
"""What tells a record of ``llm``."""
SHORTENED = "the text was shortened when it was exported (llm logs --truncate, or fragments without --expand)"
_MISSING = "the earlier turns of its conversation are not in this log"
_OPEN_THREADS = 256
"""Exports are in the order of time; a conversation that is gone from memory is told apart by its name."""
_NAME_CHARS = 32
_SHORT_CHARS = 100
_CUT = "..."
_KNOWN = 1024
"""Responses whose conversation is remembered; most are continued soon or never."""


@dataclass
class _Thread:
    """A conversation as far as it has been read."""

    messages: list[Json] = field(default_factory=list)
    system: str = ""
    missing: str | None = None


def with_threads(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]],
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The rows with ``messages`` in every record of ``llm``, and ``not_replayable`` where turns are missing."""
    threads: OrderedDict[str, _Thread] = OrderedDict()
    for number, record in rows:
        if isinstance(record, Rejection) or not record.keys() >= KEYS or "messages" in record:
            yield number, record
            continue
        name = record["conversation_id"]
        thread = threads.pop(name, None) if isinstance(name, str) else None
        if thread is None:
            thread = _Thread(missing=None if _is_first(record) else _MISSING)
        if isinstance(name, str) and name:
            threads[name] = thread
        if len(threads) > _OPEN_THREADS:
            threads.popitem(last=False)
        yield number, _with_thread(record, thread)


def _with_thread(record: dict[str, Json], thread: _Thread) -> dict[str, Json]:
    system = text_with_fragments(record, "system", "\n\n").strip()
    own: list[Json] = [{"role": "system", "content": system}] if system and system != thread.system else []
    own += own_turn(record)
    messages = [*thread.messages, *own]
    shortened = SHORTENED if _is_shortened(record) else None
    thread.missing = thread.missing or shortened
    thread.system = system or thread.system
    thread.messages = [*messages, *_answer_turn(record)]
    found = record | {"messages": messages}
    return found | {"not_replayable": thread.missing} if thread.missing else found


def own_turn(record: dict[str, Json]) -> list[Json]:
    """What this record adds to the conversation: results of tools, then the prompt with its attachments."""
    messages = result_messages(objects_in(record.get("tool_results")))
    prompt = text_with_fragments(record, "prompt", "\n")
    attached = [attachment_part(attachment) for attachment in objects_in(record.get("attachments"))]
    if attached:
        messages.append(
            {"role": "user", "content": [{"type": "text", "text": prompt}, *attached] if prompt else attached}
        )
    elif prompt:
        messages.append({"role": "user", "content": prompt})
    return messages


def result_messages(results: Iterable[dict[str, Json]]) -> list[Json]:
    """A message for each result of a tool that did not run at the provider's."""
    return [
        {"role": "tool", "tool_call_id": result.get("tool_call_id"), "content": written(result.get("output"))}
        for result in results
        if not result.get("server_executed")
    ]


def openai_calls(calls: Iterable[dict[str, Json]]) -> list[dict[str, Json]]:
    """The calls of tools that the model left to its caller, as OpenAI's."""
    return [
        {
            "id": call.get("tool_call_id") or f"call_{index}",
            "type": "function",
            "function": {"name": call["name"], "arguments": written(call.get("arguments"))},
        }
        for index, call in enumerate(calls)
        if call.get("name") and not call.get("server_executed")
    ]


def _answer_turn(record: dict[str, Json]) -> list[Json]:
    """What the model said, as a message of the conversation."""
    calls, text = openai_calls(objects_in(record.get("tool_calls"))), record.get("response")
    if not calls:
        return [{"role": "assistant", "content": text}] if text else []
    return [{"role": "assistant", "content": text or None, "tool_calls": calls}]


def text_with_fragments(record: dict[str, Json], key: str, separator: str) -> str:
    """The prompt or the system prompt with the fragments before it; newer versions have put them in already."""
    own = record.get(key)
    pieces = [*_fragments_apart(record, key), own if isinstance(own, str) else ""]
    return separator.join(piece for piece in pieces if piece)


def attachment_part(attachment: dict[str, Json]) -> Json:
    """An attachment as a part of a message. Only what the log itself holds can be shown to another model."""
    kind, data = str(attachment.get("type") or ""), attachment.get("data_url")
    if isinstance(data, str) and kind.startswith("image/"):
        return {"type": "image_url", "image_url": {"url": data}}
    if kind.startswith("audio/"):
        return {"type": "input_audio", "input_audio": {"data": data}}
    if attachment.get("url") and not kind.startswith("application/"):
        return {"type": "image_url", "image_url": {"url": attachment["url"]}}
    return {"type": "file", "file": {"filename": attachment.get("path") or attachment.get("id")}}


def _is_shortened(record: dict[str, Json]) -> bool:
    """Whether the export cut texts: that shows by the keys such an export leaves out, or in the fragments it needs."""
    texts: list[Json] = [fragment for key in ("prompt", "system") for fragment in _fragments_apart(record, key)]
    if "options_json" not in record and "prompt_json" not in record:
        texts += [record.get("prompt"), record.get("response")]
    return any(isinstance(text, str) and len(text) == _SHORT_CHARS and text.endswith(_CUT) for text in texts)


def _fragments_apart(record: dict[str, Json], key: str) -> list[str]:
    """The fragments before the prompt or the system prompt; none where the text, as in later versions, holds them."""
    contents = (written(fragment.get("content")) for fragment in objects_in(record.get(f"{key}_fragments")))
    fragments = [content for content in contents if content.strip()]
    text = record.get(key)
    is_within = isinstance(text, str) and fragments and text.startswith(fragments[0].removesuffix(_CUT).strip())
    return [] if is_within else fragments


def _is_first(record: dict[str, Json]) -> bool:
    """Whether the conversation begins here: it is named after its first prompt."""
    name = record.get("conversation_name")
    if not isinstance(name, str) or not name:
        return True
    first = text_with_fragments(record, "prompt", "\n") or text_with_fragments(record, "system", "\n\n")
    first = re.sub(r"\s+", " ", first)
    return name == (first if len(first) <= _NAME_CHARS else first[: _NAME_CHARS - 1] + "…")


def with_chains(
    rows: Iterable[tuple[int, dict[str, Json] | Rejection]],
) -> Iterator[tuple[int, dict[str, Json] | Rejection]]:
    """The rows, those that continue a call of an earlier row with the whole conversation as their input."""
    known: OrderedDict[str, list[Json]] = OrderedDict()
    for number, record in rows:
        if isinstance(record, Rejection) or not _may_be_pair(record):
            yield number, record
            continue
        request = usual_body(record, REQUEST_KEYS)
        if not isinstance(request, dict) or not isinstance(request.get("input"), str | list):
            yield number, record
            continue
        previous = request.get("previous_response_id")
        before = known.get(previous) if isinstance(previous, str) else None
        given = request["input"]
        items = [*(before or ()), *(given if isinstance(given, list) else [{"role": "user", "content": given}])]
        if before is not None:
            key = next(key for key in REQUEST_KEYS if record.get(key) not in (None, ""))
            record = record | {key: request | {"input": items, "previous_response_id": None}}
        if before is not None or not (previous or request.get("conversation")):
            _remember(known, usual_body(record, RESPONSE_KEYS), items)
        yield number, record


def _may_be_pair(record: dict[str, Json]) -> bool:
    """Cheap: objects with an input, or text that may hold one."""
    for key in REQUEST_KEYS:
        value = record.get(key)
        if isinstance(value, dict):
            return "input" in value or "body" in value
        if isinstance(value, str) and value:
            return value.lstrip().startswith("{") and '"input"' in value
    return False


def _remember(known: OrderedDict[str, list[Json]], body: Json, items: list[Json]) -> None:
    response = response_object(body)
    identity = response.get("id") if response else None
    if response is None or not isinstance(identity, str) or not isinstance(response.get("output"), list):
        return
    known[identity] = [*items, *response["output"]]
    if len(known) > _KNOWN:
        known.popitem(last=False)
