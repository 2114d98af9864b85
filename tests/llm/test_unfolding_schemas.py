"""Schemas with references, which litellm unfolds for some providers."""

import asyncio
from typing import Any

import pytest

from advisor.errors import CallError
from advisor.llm.indirect import litellm_client
from advisor.llm.parameters import unfolds_too_far
from advisor.types import FailureKind, Model, Request


def levels(count: int, width: int) -> dict[str, Any]:
    """``width`` references in each definition to the next one."""
    definitions: dict[str, Any] = {
        f"d{level}": {"properties": {f"p{place}": {"$ref": f"#/$defs/d{level + 1}"} for place in range(width)}}
        for level in range(count)
    }
    return {"$ref": "#/$defs/d0", "$defs": definitions | {f"d{count}": {"type": "string"}}}


def tree() -> dict[str, Any]:
    inner = {"properties": {"left": {"$ref": "#/$defs/node"}, "right": {"$ref": "#/$defs/node"}}}
    return {"$ref": "#/$defs/node", "$defs": {"node": inner}}


@pytest.mark.parametrize(
    ("schema", "too_far"), [(levels(30, 10), True), (levels(30, 1), False), (levels(2, 10), False), (tree(), False)]
)
def test_what_unfolds_too_far(schema: dict[str, Any], too_far: bool) -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert unfolds_too_far({"response_format": form}) is too_far
    assert unfolds_too_far({"tools": [{"function": {"name": "x", "parameters": schema}}]}) is too_far


async def _ask(request: Request) -> None:
    model = Model(name="m", litellm_id="anthropic/claude-haiku-4-5", api_base="http://127.0.0.1:9")
    await litellm_client(model).complete(request, stream=False, timeout_s=30)


def test_a_call_with_such_a_schema_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": levels(30, 10)}}
    request = Request(messages=[{"role": "user", "content": "Hello"}], params={"response_format": form})
    with pytest.raises(CallError, match="schema") as caught:
        asyncio.run(_ask(request))
    assert caught.value.kind == FailureKind.BAD_REQUEST
