"""Parameters that a model turns out not to take: some providers say so only when they are asked."""

import re
from collections.abc import Collection

from advisor.errors import CallError
from advisor.types import FailureKind, Json

# fmt: off
DISPENSABLE = frozenset({
    "temperature", "top_p", "top_k", "min_p", "presence_penalty", "frequency_penalty", "seed", "random_seed",
    "logprobs", "top_logprobs", "logit_bias", "parallel_tool_calls", "stream_options", "max_tokens",
    "max_completion_tokens",
})
# fmt: on
"""Without them the same is asked; what a call is about (tools, a schema, where to stop) is not left out."""
OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
REFUSING = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|deprecated|extra (inputs|fields)"
    r"|not (permitted|allowed|accepted)|cannot both be",
    re.IGNORECASE,
)


class Unwanted:
    """What one model was heard to refuse: later calls leave it out."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def hear(self, error: CallError, given: Collection[str]) -> bool:
        """Whether a call failed for a parameter that was given and can be left out, so that it may be made again."""
        if error.kind != FailureKind.BAD_REQUEST or not REFUSING.search(str(error)):
            return False
        told = re.findall(r"\w+", str(error))  # the first that is named: what stands behind it may be advice
        name = next((word for word in told if word in DISPENSABLE and word in given), None)
        if name is None:
            return False
        self._names.add(name)
        return True

    def leave_out(self, given: dict[str, Json]) -> tuple[str, ...]:
        """Take out of what is sent what was refused; returns the names of what a log may hold of it.

        A limit of tokens goes under its other name, unless that was refused too.
        """
        if not self._names:
            return ()
        gone = tuple(sorted(self._names & given.keys()))
        for name in gone:
            value, other = given.pop(name), OTHER_NAME.get(name)
            if other is not None and other not in self._names:
                given[other] = value
        return tuple(name for name in gone if OTHER_NAME.get(name) not in given and name != "stream_options")
