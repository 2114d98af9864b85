"""Chats of Open WebUI: one as exported from its menu, all of them, and rows of its table ``chat``.

The turns are a tree under ``history.messages``: an answer that was asked for again is a branch, and several models may
answer the same turn.
"""

from collections.abc import Iterable

from advisor.ingest.reader import Opener, Record
from advisor.ingest.readers.turns import Turn, answer_after, path_to, turns_reader
from advisor.ingest.values.json_text import as_name, as_object, as_objects, at, object_in, objects_in
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json

_NAME = "open_webui"
_KNOWLEDGE = "Open WebUI put documents into the prompt, which the export does not hold"
_NS = 1e9


def _opens(keys: frozenset[str]) -> bool:
    """A chat, or one under ``chat`` beside its owner and title."""
    return {"chat", "title"} <= keys or ("history" in keys and not keys.isdisjoint(("models", "currentId")))


def _open(record: Record) -> Iterable[Json]:
    chat = object_in(record.get("chat")) or record
    history = object_in(chat.get("history"))
    messages = object_in(history.get("messages"))
    nodes = {key: node for key, node in messages.items() if isinstance(node, dict)} or {
        str(node["id"]): node for node in objects_in(chat.get("messages")) if node.get("id")
    }
    if not any(node.get("role") == "assistant" for node in nodes.values()):
        return [record]
    system = as_name(chat.get("system")) or as_name(object_in(chat.get("params")).get("system"))
    about: Record = {"session_id": as_name(record.get("id")) or as_name(chat.get("id"))}
    about["params"] = {key: value for key, value in object_in(chat.get("params")).items() if key in _PARAMS}
    return _answers(nodes, [Turn({"role": "system", "content": system})] if system else [], about)


_PARAMS = ("temperature", "top_p", "top_k", "max_tokens", "seed", "stop", "frequency_penalty", "presence_penalty")


def _answers(nodes: dict[str, Record], start: list[Turn], about: Record) -> Iterable[Json]:
    parents = {key: as_name(node.get("parentId")) for key, node in nodes.items()}
    for key, node in nodes.items():
        if node.get("role") != "assistant":
            continue
        *before, last = (_turn(nodes[step]) for step in path_to(key, parents))
        yield answer_after(_NAME, [*start, *(turn for turn in before if turn.message["content"])], last, about)


def _turn(node: Record) -> Turn:
    role = node.get("role")
    content: Json = as_name(node.get("content")) or ""
    files = as_objects(node.get("files"))
    if role != "assistant":
        images = [file for file in files if file.get("type") == "image" and as_name(file.get("url"))]
        if images:
            parts: list[Json] = [{"type": "image_url", "image_url": {"url": image["url"]}} for image in images]
            content = [{"type": "text", "text": content}, *parts]
        return Turn({"role": role if role in ("system", "tool") else "user", "content": content})
    usage = as_object(node.get("usage")) or as_object(node.get("info"))
    error = node.get("error")
    facts: Record = {
        "id": node.get("id"),
        "timestamp": node.get("timestamp"),
        "model": as_name(node.get("model")),
        "usage": _tokens(usage),
        "latency_s": _seconds(usage),
        "error": (at(error, "content") or error) if error else None,
        "not_replayable": _KNOWLEDGE if as_objects(node.get("sources")) else None,
    }
    return Turn({"role": "assistant", "content": content}, facts)


def _tokens(usage: Record) -> Json:
    """OpenAI's counts, which Open WebUI keeps as they came, or Ollama's."""
    if "prompt_tokens" in usage or "completion_tokens" in usage or "input_tokens" in usage:
        return usage
    return {"prompt_tokens": usage.get("prompt_eval_count"), "completion_tokens": usage.get("eval_count")}


def _seconds(usage: Record) -> float | None:
    """Ollama's time in nanoseconds."""
    total = parse_number(usage.get("total_duration"))
    return total / _NS if total else None


OPENER = Opener(opens=_opens, open=_open)
READER = turns_reader(_NAME)
