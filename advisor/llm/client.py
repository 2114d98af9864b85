"""What every client of a model does, and which client serves a model."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from advisor.errors import BadInput
from advisor.llm.gateway import ID_HINT, split_id
from advisor.llm.hosts import check_address
from advisor.llm.keys import check_key
from advisor.types import PINNED, WRITTEN, Clock, Generation, Model, Request

FLOWING = 6
"""A stream that flows may take so many times as long as its model may be silent."""
ELSEWHERE = re.compile(r"(\w*_)?(base|url|endpoint)|api_key|custom_llm_provider|fallbacks|model_list", re.IGNORECASE)
"""Parameters by which litellm would send a call, and its key, to another address."""


class Client(Protocol):
    """One model, ready to be asked.

    Belongs to the event loop that first awaits it; safe to use for many requests at a time.
    """

    clock: Clock
    """How its latencies are taken."""

    @property
    def lags_s(self) -> Sequence[float]:
        """How late the event loops of other processes were that asked for it, sampled; empty if there were none."""
        ...

    async def open(self) -> None:
        """Get ready, so that the first call takes no longer than others. Raises CallError when that fails."""
        ...

    async def complete(self, request: Request, *, stream: bool, timeout_s: float) -> Generation:
        """One attempt, no retries, given up when nothing came for ``timeout_s``, or all of it took :func:`longest_s`.

        The generation has answer, usage, ttft_s (streamed only: send to first token of the text or of a tool call),
        latency_s (send to last byte), dropped_params, at (aware, UTC, time of sending) and allowance; cost_usd stays
        None.
        The model's own ``params`` go over the request's.

        Raises CallError for everything that goes wrong: its message is one line of at most 300 characters without
        the key; ``kind`` is a FailureKind, ``retry_after_s`` the wait the provider asked for, ``allowance`` what it
        says is left.
        """
        ...

    async def close(self) -> None:
        """Release the connections; safe to call twice."""
        ...


def longest_s(timeout_s: float, *, stream: bool) -> float:
    """What a call may take in all whose model may be silent for ``timeout_s``; before a whole answer it is silent."""
    return timeout_s * FLOWING if stream else timeout_s


def too_late(timeout_s: float, *, stream: bool) -> str:
    """Why a call was given up that took longer."""
    words = f"no complete answer within {longest_s(timeout_s, stream=stream):g} s"
    return f"{words}, or nothing more of it for {timeout_s:g} s" if stream else words


def open_client(model: Model, *, data_dir: Path, api_base: str | None = None, in_flight: int = 1) -> Client:
    """A client for ``model`` that is asked ``in_flight`` calls at a time.

    ``api_base`` goes before the model's own: the running server of the built-in model. What goes through litellm does
    so in other processes, except one call at a time.

    Raises BadInput for an unknown provider or model id, a missing address, or a key that is not set; ModelUnavailable
    when the written answers are missing.
    """
    from advisor.llm.direct import DirectClient
    from advisor.llm.endpoint import DIRECT, resolve
    from advisor.llm.indirect import litellm_client
    from advisor.llm.remote import RemoteClient

    model = replace(model, api_base=api_base or model.api_base)
    check_model(model)
    if model.litellm_id.startswith(WRITTEN):
        from advisor.llm.written import FILE, WrittenClient

        return WrittenClient(data_dir / FILE)
    if model.is_builtin:
        from advisor.llm.builtin import builtin_endpoint

        if model.api_base is None:
            raise BadInput("The built-in model is only served during a run. Give the address of its running server.")
        return DirectClient(builtin_endpoint(model, model.api_base))
    is_pinned = model.litellm_id.startswith(PINNED)
    model = replace(model, litellm_id=model.plain_id)
    _, provider, _, _ = split_id(model.litellm_id, model.api_base)
    if provider in DIRECT and not is_pinned:
        return DirectClient(resolve(model, provider))
    here = litellm_client(model)
    return here if in_flight == 1 else RemoteClient(model, in_flight=in_flight)


def check_model(model: Model) -> None:
    """Whether a model can be registered; its key is looked for only when a client is opened.

    Raises BadInput for an id that cannot be, an unknown provider, an address that may not be called or a variable that
    may not hold a key; UnconfirmedKey for a key that may not go there yet.
    """
    from advisor.llm.builtin import BUILTIN_ID

    if model.is_builtin and model.litellm_id != BUILTIN_ID:
        raise BadInput(f"Unknown built-in model {model.litellm_id!r}. Use {BUILTIN_ID}.")
    if "://" in model.litellm_id:  # litellm would call it, unchecked
        raise BadInput("A model id can't contain an address. Give the address as API base (--api-base).")
    if model.api_base is not None:
        check_address(model.api_base)
    for param in model.params:
        if ELSEWHERE.fullmatch(param):
            raise BadInput(f"{param!r} can't be a parameter. Set the address and the key's variable separately.")
    if model.is_local:
        return
    litellm_id = model.plain_id
    if "/" not in litellm_id and model.api_base:
        raise BadInput(f"{litellm_id!r} names no provider. If you self-host: openai/{litellm_id}.")
    if not litellm_id.strip():
        raise BadInput(f"The model id is empty. {ID_HINT}")
    split_id(litellm_id, model.api_base)
    check_key(model)
