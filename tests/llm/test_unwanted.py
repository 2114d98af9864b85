"""A model that refuses a parameter which litellm takes it to accept is asked without it."""

import asyncio
from collections.abc import Sequence

import pytest

from advisor.errors import CallError
from advisor.llm.opening import open_client
from advisor.llm.parameters import Unwanted, refused_name
from advisor.types import PINNED, FailureKind, Generation, Json, Model, Request
from tests.server import TEXT, MisbehavingServer

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""litellm's own use of pydantic, chunk by chunk."""
REQUEST = Request(
    messages=[{"role": "user", "content": "Hi"}], params={"temperature": 0.2, "max_tokens": 9, "stop": "x"}
)


async def _ask_twice_then_once(server: MisbehavingServer, litellm_id: str) -> list[Generation]:
    client = open_client(Model(name="m", litellm_id=litellm_id, api_base=server.url))
    try:
        both = await asyncio.gather(*(client.complete(REQUEST, stream=True, timeout_s=30) for _ in range(2)))
        return [*both, await client.complete(REQUEST, stream=False, timeout_s=30)]
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
    assert refused_name(CallError(message, kind=kind), REQUEST.params) is None


def _asked(unwanted: Unwanted, given: dict[str, Json], refusals: Sequence[str]) -> Generation | CallError:
    """What comes of a call that is refused with these words, one after the other, and then answered."""
    words = iter(refusals)

    async def call(gone: tuple[str, ...]) -> Generation:
        for message in words:
            raise CallError(message, kind=FailureKind.BAD_REQUEST)
        return Generation(dropped_params=gone)

    try:
        return asyncio.run(unwanted.ask(given, call))
    except CallError as error:
        return error


def test_a_limit_that_is_refused_under_both_names_is_dropped() -> None:
    given = dict(REQUEST.params)
    refusals = ("unknown field max_tokens", "unknown field max_completion_tokens")
    assert _asked(Unwanted(), given, refusals) == Generation(dropped_params=("max_completion_tokens",))
    assert given == {"temperature": 0.2, "stop": "x"}


def test_a_limit_that_is_given_under_both_names_keeps_the_value_of_the_one_that_is_taken() -> None:
    given: dict[str, Json] = {"max_tokens": 9, "max_completion_tokens": 7}
    _asked(Unwanted(), given, ["max_tokens and max_completion_tokens cannot both be set"])
    assert given == {"max_completion_tokens": 7}


def test_one_odd_request_whose_refusal_quotes_all_of_it_costs_the_others_nothing() -> None:
    unwanted = Unwanted()
    quoting = "422: messages: Extra inputs are not permitted, input: {'temperature': 0.2, 'max_tokens': 9, 'name': 7}"
    assert isinstance(_asked(unwanted, dict(REQUEST.params), [quoting] * 9), CallError)
    given = dict(REQUEST.params)
    assert _asked(unwanted, given, []) == Generation()
    assert given == REQUEST.params
