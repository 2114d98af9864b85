"""One module per vendor's wire format, each offering a ``VENDOR``."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from advisor.ingest.messages.reply import Reply, read_reply
from advisor.ingest.messages.request import clean_messages, read_request
from advisor.types import Json, Request


@dataclass(frozen=True, kw_only=True, eq=False)
class Vendor:
    """One wire format, such as Anthropic's messages. What it doesn't say is as in OpenAI's, which many providers share.

    A format that no API speaks, such as LangChain's messages, asks and answers nothing.
    """

    name: str
    """As in ``--format`` for plain pairs of request and response."""
    rank: int
    """Vendors with a lower rank are asked first; OpenAI's chat completions, the most general, come last."""
    asks: Callable[[dict[str, Json]], bool] = lambda body: False
    """Whether this is a request body of the vendor. Cheap: keys first."""
    answers: Callable[[Json], bool] = lambda body: False
    """Whether this came from the vendor: a response body, a list of its stream's events, or the stream's text."""
    speaks: Callable[[list[Json]], bool] = lambda messages: False
    """Whether bare messages are in the vendor's dialect and would be read wrongly as OpenAI's."""
    read_request: Callable[[dict[str, Json]], tuple[Request, str | None]] = read_request
    """The request and why it cannot be replayed (None: it can); raises RowRejected when it isn't a chat call."""
    read_messages: Callable[[list[Json]], list[dict[str, Json]]] = clean_messages
    """Bare messages as OpenAI's; raises RowRejected when they are no conversation."""
    read_reply: Callable[[Json], Reply] = read_reply
    """What came back, also of an error body, an unfinished stream or a bare message."""


@cache
def all_vendors() -> tuple[Vendor, ...]:
    """Every vendor of this package, the most telling wire formats first."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: list[Vendor] = [importlib.import_module(f"{__name__}.{name}").VENDOR for name in names]
    return tuple(sorted(found, key=lambda vendor: (vendor.rank, vendor.name)))
