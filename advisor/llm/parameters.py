"""Parameters that cannot be sent as they are: some models refuse them, some schemas unfold without end."""

import re
from collections.abc import Awaitable, Callable, Collection, Set

from advisor.errors import CallError
from advisor.types import FailureKind, Generation, Json

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
MOST_PARTS = 20_000
"""Of all schemas of a call once they are unfolded. litellm needs about two seconds and 100 MB for so many."""


class Unwanted:
    """What one model was seen to refuse: later calls leave it out."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    async def ask(self, given: dict[str, Json], call: Callable[[tuple[str, ...]], Awaitable[Generation]]) -> Generation:
        """What ``call`` brings, made again at once without a parameter that was refused.

        ``given`` is what is sent, and is changed; ``call`` is told the names of what a log may hold and had to go. Only
        a call that is answered without a parameter shows that this was the fault: a refusal may name what it is not
        about, as those do that hold the whole request. Raises CallError.
        """
        suspects: set[str] = set()
        gone = _leave_out(given, self._names)
        while True:
            try:
                generation = await call(gone)
            except CallError as error:
                name = refused_name(error, given)
                if name is None:
                    raise
                suspects.add(name)
                gone += _leave_out(given, self._names | suspects)
            else:
                self._names |= suspects
                return generation


def refused_name(error: CallError, given: Collection[str]) -> str | None:
    """The parameter that was given, can be left out, and seems to be why a call failed."""
    if error.kind != FailureKind.BAD_REQUEST or not REFUSING.search(str(error)):
        return None
    told = re.findall(r"\w+", str(error))  # the first that is named: what stands behind it may be advice
    return next((word for word in told if word in DISPENSABLE and word in given), None)


def _leave_out(given: dict[str, Json], unwanted: Set[str]) -> tuple[str, ...]:
    """Take out of what is sent what was refused; returns the names of what a log may hold of it.

    A limit of tokens goes under its other name, unless that was refused too.
    """
    gone = tuple(sorted(unwanted & given.keys()))
    for name in gone:
        value, other = given.pop(name), OTHER_NAME.get(name)
        if other is not None and other not in unwanted:
            given.setdefault(other, value)
    return tuple(name for name in gone if OTHER_NAME.get(name) not in given and name != "stream_options")


def unfolds_too_far(params: dict[str, Json]) -> bool:
    """Whether the schemas in a call's parameters have more than ``MOST_PARTS`` values without their references.

    A definition that refers to itself is counted once.
    """
    definitions: dict[str, Json] = {}
    rest: list[tuple[Json, frozenset[str]]] = [(params, frozenset())]
    parts = 0
    while rest:
        value, within = rest.pop()
        parts += 1
        if parts > MOST_PARTS:
            return True
        if isinstance(value, list):
            rest += [(item, within) for item in value]
        elif isinstance(value, dict):
            for name in ("definitions", "$defs"):
                definitions |= value[name] if isinstance(value.get(name), dict) else {}
            rest += [(item, within) for item in value.values()]
            name = str(value.get("$ref")).rpartition("/")[2]
            if name in definitions and name not in within:
                rest.append((definitions[name], within | {name}))
    return False
