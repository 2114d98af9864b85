"""``conversations.json`` of a ChatGPT data export: each conversation is a tree of messages under ``mapping``.

A question that was edited, or an answer that was asked for again, begins another branch: each branch's answers are
calls with the turns on the way to them.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Turn, answer_after, answers_of, path_to, turns_reader, with_missing
from advisor.ingest.values.json_text import as_list, as_name, as_object, as_objects, at, decode, object_in
from advisor.types import Json

_NAME = "chatgpt_export"
_OWN_TOOLS = "ChatGPT's own tools ran in it, which other models can't run"
_CUSTOM = "it was asked of a custom GPT, and its instructions are not in the export"
_HIDDEN = frozenset({"thoughts", "reasoning_recap", "model_editable_context"})


def _open(record: Record) -> Iterable[Json]:
    nodes = {key: node for key, node in object_in(record.get("mapping")).items() if isinstance(node, dict)}
    if not any(isinstance(node.get("message"), dict) for node in nodes.values()):
        return [record]
    conversation = record.get("conversation_id") or record.get("id")
    about: Record = {"session_id": conversation, "model": record.get("default_model_slug")}
    if decode(record.get("gizmo_id")):
        about["not_replayable"] = _CUSTOM
    return _answers(nodes, about)


def _answers(nodes: dict[str, Record], about: Record) -> Iterable[Json]:
    parents = {key: as_name(node.get("parent")) for key, node in nodes.items()}
    paths = {key: path_to(key, parents) for key, node in nodes.items() if _is_said(node.get("message"))}
    begun = {earlier for path in paths.values() for earlier in _same_turn(path, nodes)}
    found = False
    for key, path in paths.items():
        if key in begun:
            continue  # a later message of the same turn holds it, too
        found = True
        *before, last = _turns([as_object(nodes[step].get("message")) for step in path])
        yield answer_after(_NAME, before, last, about)
    if not found:
        yield from answers_of(_NAME, [])


def _same_turn(path: list[str], nodes: dict[str, Record]) -> list[str]:
    """The steps before the last one since somebody else than the model and its tools spoke."""
    steps = []
    for step in reversed(path[:-1]):
        if at(nodes[step], "message", "author", "role") not in ("assistant", "tool"):
            break
        steps.append(step)
    return steps


def _is_said(message: Json) -> bool:
    """Whether the model says this to the person; else it thinks, or calls a tool."""
    kind = as_name(at(message, "content", "content_type"))
    is_to_all = at(message, "recipient") in (None, "all")
    return at(message, "author", "role") == "assistant" and is_to_all and kind not in _HIDDEN and bool(_text(message))


def _turns(messages: list[Record]) -> list[Turn]:
    turns: list[Turn] = []
    own_tools = False
    for message in messages:
        role = at(message, "author", "role")
        own_tools = own_tools or role == "tool" or at(message, "recipient") not in (None, "all")
        if role == "assistant" and _is_said(message):
            earlier = turns.pop().message["content"] if turns and turns[-1].is_answer else None
            text = f"{earlier}\n\n{_text(message)}" if earlier else _text(message)
            turns.append(Turn({"role": "assistant", "content": text}, _facts(message, own_tools)))
        elif role in ("user", "system") and (content := _content(message)):
            is_instructions = at(message, "content", "content_type") == "user_editable_context"
            turns.append(Turn({"role": "system" if is_instructions else role, "content": content}))
    return turns


def _facts(message: Record, own_tools: bool) -> Record:
    metadata = as_object(message.get("metadata"))
    return {
        "id": message.get("id"),
        "timestamp": message.get("create_time"),
        "model": as_name(metadata.get("model_slug")),
        "finish_reason": at(metadata, "finish_details", "type"),
        "not_replayable": _OWN_TOOLS if own_tools else None,
    }


def _text(message: Json) -> str:
    content = at(message, "content")
    parts = [part if isinstance(part, str) else at(part, "text") for part in as_list(at(content, "parts"))]
    texts = [at(content, "text"), at(content, "user_profile"), at(content, "user_instructions"), *parts]
    return "\n".join(text for text in texts if isinstance(text, str) and text.strip())


def _content(message: Record) -> Json:
    """The text, with a part for each image and file that is not in the export."""
    images = [part for part in as_objects(at(message, "content", "parts")) if "asset_pointer" in part]
    files = as_objects(at(message, "metadata", "attachments"))
    return with_missing(_text(message), len(images or files), "image_file" if images else "file")


OPENER = Opener(opens=lambda keys: "mapping" in keys and not keys.isdisjoint(("current_node", "title")), open=_open)
READER = turns_reader(_NAME)
