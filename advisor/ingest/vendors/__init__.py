"""One module per vendor's wire format, each offering a ``VENDOR`` (see Vendor)."""

import importlib
import pkgutil
from functools import cache
from typing import Protocol

from advisor.ingest.messages.reply import Reply
from advisor.types import Json, Request


class Vendor(Protocol):
    """One wire format, such as Anthropic's messages. Many providers share OpenAI's."""

    @property
    def name(self) -> str:
        """As in ``--format`` for plain pairs of request and response."""

    @property
    def rank(self) -> int:
        """Vendors with a lower rank are asked first; OpenAI's chat completions, the most general, come last."""

    def asks(self, body: dict[str, Json]) -> bool:
        """Whether this is a request body of the vendor. Cheap: keys first."""

    def answers(self, body: Json) -> bool:
        """Whether this came from the vendor: a response body, a list of its stream's events, or the stream's text."""

    def speaks(self, messages: list[Json]) -> bool:
        """Whether bare messages are in the vendor's dialect and would be read wrongly as OpenAI's."""

    def read_request(self, body: dict[str, Json]) -> tuple[Request, str | None]:
        """The request and why it cannot be replayed (None: it can); raises RowRejected when it isn't a chat call."""

    def read_messages(self, messages: list[Json]) -> list[dict[str, Json]]:
        """Bare messages as OpenAI's; raises RowRejected when they are no conversation."""

    def read_reply(self, body: Json) -> Reply:
        """What came back, also of an error body, an unfinished stream or a bare message."""


@cache
def all_vendors() -> tuple[Vendor, ...]:
    """Every vendor of this package, the most telling wire formats first."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: list[Vendor] = [importlib.import_module(f"{__name__}.{name}").VENDOR for name in names]
    return tuple(sorted(found, key=lambda vendor: (vendor.rank, vendor.name)))
