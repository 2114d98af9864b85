"""What Weave writes around a call's values: names of operations, marks of its objects, counts and costs by model."""

import re

import orjson

from advisor.ingest.messages.usage import read_usage
from advisor.ingest.values.numbers import parse_number
from advisor.types import Json, Usage

_CHAT = re.compile(
    r"(chat\.)?completions?\.(create|parse|stream)|messages\.(create|stream|parse)|responses\.(create|parse|stream)"
    r"|generate_content|completions_create|converse|chat\.(complete|stream|send)|litellm\.a?completion|invoke_model"
    r"|\bchat$",
    re.I,
)
_OTHER = re.compile(r"embed|moderation|images?\.(generate|edit)|audio|transcription|speech|rerank", re.I)
_MARKS = frozenset({"_type", "_class_name", "_bases", "_ref"})
_COST_KEY = "_total_cost"
_TEXT_KEYS = frozenset({"content", "text", "prompt", "input", "model", "id", "arguments", "name"})
_DEPTH = 40


def op_name(name: Json) -> str:
    """``openai.chat.completions.create`` out of ``weave:///team/project/op/openai.chat.completions.create:QqrE``."""
    text = str(name or "")
    return text.partition("/op/")[2].partition(":")[0] or text.partition(":")[0] if "/op/" in text else text


def is_chat_op(operation: str) -> bool:
    """Whether this is a call of a chat model's API."""
    return _CHAT.search(operation) is not None and not is_other_op(operation)


def is_other_op(operation: str) -> bool:
    """Whether this is a call of an API other than chat."""
    return _OTHER.search(operation) is not None


def without_traces(value: Json, depth: int = _DEPTH) -> Json:
    """The value without marks of Weave's and references to the client, values of cells as JSON values."""
    if depth == 0:
        return value
    if isinstance(value, list):
        return [without_traces(item, depth - 1) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_type") == "CustomWeaveType":
        kind = value.get("weave_type")
        return {"type": str(kind.get("type") if isinstance(kind, dict) else kind or "an object of Weave's")}
    return {
        key: _scalar(key, without_traces(inner, depth - 1))
        for key, inner in value.items()
        if key not in _MARKS and key != "self" and inner not in ("NOT_GIVEN", "NotGiven", "Omit", None)
    }


def _scalar(key: str, value: Json) -> Json:
    if not isinstance(value, str) or key in _TEXT_KEYS or len(value) > 30:
        return value
    try:
        found = orjson.loads(value.lower() if value in ("True", "False") else value)
    except orjson.JSONDecodeError:
        return value
    return found if isinstance(found, bool | int | float) else value


def usage_in(usage: Json) -> Usage | None:
    """The counts under the model's name, which in columns may have become several objects at its points."""
    if not isinstance(usage, dict):
        return None
    found = read_usage(usage)
    return found or next((inner for value in usage.values() if (inner := usage_in(value))), None)


def cost_in(costs: Json) -> float | None:
    """Dollars: the totals of every kind of token and every model."""
    found = [cost for cost in _costs(costs) if cost is not None]
    return sum(found) if found else None


def _costs(costs: Json) -> list[float | None]:
    if not isinstance(costs, dict):
        return []
    return [
        cost
        for key, value in costs.items()
        for cost in ([parse_number(value)] if key.endswith(_COST_KEY) else _costs(value))
    ]
