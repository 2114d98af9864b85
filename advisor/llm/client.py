"""What every client of a model does, and how long it may take; ``opening`` chooses the client of a model."""

from collections.abc import Sequence

from advisor.types import Clock, Generation, Request

FLOWING = 6
"""A stream that flows may take so many times as long as its model may be silent."""


class Client:
    """One model, ready to be asked.

    Belongs to the event loop that first awaits it; safe to use for many requests at a time.
    """

    clock: Clock
    """How its latencies are taken."""
    lags_s: Sequence[float] = ()
    """How late the event loops of other processes were that asked for it, sampled; empty if there were none."""

    async def open(self) -> None:
        """Get ready, so that the first call takes no longer than others. Raises CallError when that fails."""

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
        raise NotImplementedError

    async def close(self) -> None:
        """Release the connections; safe to call twice."""


def longest_s(timeout_s: float, *, stream: bool) -> float:
    """What a call may take in all whose model may be silent for ``timeout_s``; before a whole answer it is silent."""
    return timeout_s * FLOWING if stream else timeout_s


def too_late(timeout_s: float, *, stream: bool) -> str:
    """Why a call was given up that took longer."""
    words = f"no complete answer within {longest_s(timeout_s, stream=stream):g} s"
    return f"{words}, or nothing more of it for {timeout_s:g} s" if stream else words
