"""Where the calls of each use case go, today and after the move, as gateways and servers are told."""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import NamedTuple

from advisor.types.calls import Prices
from advisor.types.enums import Json
from advisor.types.messages import Message


class Gap(StrEnum):
    """What a configuration lacks, since the study doesn't know it."""

    NO_PROVIDER = auto()
    """A log names today's model, and no list says who serves it: the use case is left out."""
    ILLUSTRATIVE = auto()
    """The model to move to was written for the sample study: the use case stays."""
    NO_HOST = auto()
    """The model to move to answers from this program or from a file: the use case stays."""
    SECRET_HEADER = auto()
    """A header with a secret is left out of a model's parameters."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """How a model is reached."""

    name: str
    """As the study calls it."""
    litellm_id: str
    """PROVIDER/ID as litellm spells it."""
    api_base: str | None = None
    """None: the provider's own."""
    key_env: str | None = None
    """The *name* of the environment variable with the key; None: none is needed, or the cloud's own credentials."""
    params: dict[str, Json] = field(default_factory=dict)
    """Sent with every call, without secret headers."""
    prices: Prices = field(default_factory=Prices)
    """Given with the model."""
    openrouter: str | None = None
    """Its name at OpenRouter; None: not known to be sold there."""

    @property
    def provider(self) -> str:
        """As litellm spells it."""
        return self.litellm_id.partition("/")[0]

    @property
    def model(self) -> str:
        """As the provider spells it."""
        return self.litellm_id.partition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """How a use case moves."""

    target: Upstream
    shares: tuple[float, ...]
    """Of the traffic, step by step: 0 is the shadow, 1 the last."""
    mirrored: float
    """The share of the calls that both models answer in the shadow."""
    latency_p95_s: float | None = None
    """Of the target's answers in the run; None: not measured."""
    usd_a_month: float | None = None
    """Of the target for all calls; None: not known."""

    def share_at(self, step: float) -> float:
        """What the target serves while the steps up to ``step`` are done: a step that the plan leaves out waits."""
        return max(share for share in self.shares if share <= step)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where the calls of one use case go."""

    use_case: str
    alias: str
    """What a client asks for in place of a model: lower case, digits, and hyphens."""
    today: Upstream
    ramp: Ramp | None = None
    """None: it stays."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The stored decision as routes."""

    study: str
    routes: tuple[Route, ...]
    gaps: tuple[Message, ...] = ()
    """Codes are Gaps."""

    @property
    def moves(self) -> tuple[Route, ...]:
        """The routes that move."""
        return tuple(route for route in self.routes if route.ramp)


class TracedCall(NamedTuple):
    """One call of the log without its text."""

    at_ms: int
    """After the first."""
    input_tokens: int
    output_tokens: int
    blocks: tuple[int, ...]
    """A number for each block of its input, the last one perhaps shorter; equal numbers stand for equal beginnings."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Calls in a row, as load tools repeat them."""

    study: str
    calls: tuple[TracedCall, ...]
    usable: int
    """Calls of the log that could be in it."""
    left_out: int
    """Calls that failed or have no time or no tokens."""
    traffic_share: float
    """How much of the traffic the log holds."""
    repeated: float | None
    """The share of all blocks that came before; None: there are no calls."""
