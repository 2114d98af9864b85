"""A model that refuses a parameter which litellm takes it to accept is asked without it."""

import asyncio
from pathlib import Path

import pytest

from advisor.errors import CallError
from advisor.llm.clients import open_client
from advisor.llm.unwanted import Unwanted
from advisor.types import PINNED, FailureKind, Generation, Model, Request
from tests.server import TEXT, MisbehavingServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""litellm's own use of pydantic, chunk by chunk."""
REQUEST = Request(
    messages=[{"role": "user", "content": "Hi"}], params={"temperature": 0.2, "max_tokens": 9, "stop": "x"}
)


async def _ask_twice_then_once(server: MisbehavingServer, litellm_id: str) -> list[Generation]:
    client = open_client(Model(name="m", litellm_id=litellm_id, api_base=server.url), data_dir=Path())
    try:
        both = await asyncio.gather(*(client.complete(REQUEST, stream=True, timeout_s=10) for _ in range(2)))
        return [*both, await client.complete(REQUEST, stream=False, timeout_s=10)]
    finally:
        await client.close()


@pytest.mark.parametrize("litellm_id", ["openai/picky", f"{PINNED}openai/picky"])
def test_what_is_refused_is_left_out_told_and_not_sent_again(server: MisbehavingServer, litellm_id: str) -> None:
    server.requests.clear()
    generations = asyncio.run(_ask_twice_then_once(server, litellm_id))
    assert [generation.answer and generation.answer.text for generation in generations] == [TEXT] * 3
    assert [generation.dropped_params for generation in generations] == [("temperature",)] * 3
    assert len(server.requests) == 2 * 3 + 1, "the third call knows"
    last = server.requests[-1]
    assert "temperature" not in last
    assert (last["max_completion_tokens"], last["stop"]) == (9, "x")


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("400: Invalid value for 'temperature'.", FailureKind.BAD_REQUEST),
        ("400: Unsupported parameter: 'stop'", FailureKind.BAD_REQUEST),
        ("400: seed is not supported", FailureKind.BAD_REQUEST),
        ("500: temperature is not supported", FailureKind.SERVER),
    ],
)
def test_what_is_no_refusal_of_what_was_sent_stays_a_failure(message: str, kind: FailureKind) -> None:
    assert not Unwanted().hear(CallError(message, kind=kind), REQUEST.params)


def test_a_limit_that_is_refused_under_both_names_is_dropped() -> None:
    unwanted, given = Unwanted(), dict(REQUEST.params)
    for name in ("max_tokens", "max_completion_tokens"):
        assert unwanted.hear(CallError(f"unknown field {name}", kind=FailureKind.BAD_REQUEST), given)
        dropped = unwanted.leave_out(given)
    assert dropped == ("max_completion_tokens",)
    assert given == {"temperature": 0.2, "stop": "x"}
