"""Requests with and without tools, and answers that call them."""

import json

from advisor.types import Answer, Json, Request, ToolCall

PLAIN = Request(messages=[])


TOOLS = Request(
    messages=[],
    params={
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "book",
                    "parameters": {
                        "type": "object",
                        "properties": {
                            "city": {"type": "string"},
                            "nights": {"type": "number"},
                            "pets": {"type": "boolean", "default": False},
                        },
                        "required": ["city"],
                    },
                },
            },
            {"type": "function", "name": "cancel", "parameters": {"type": "object", "properties": {}}},
        ]
    },
)


def calls(*pairs: tuple[str, Json]) -> Answer:
    return Answer(
        tool_calls=tuple(ToolCall(name=n, arguments=a if isinstance(a, str) else json.dumps(a)) for n, a in pairs)
    )
