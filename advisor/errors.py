"""The errors a person may see: each message says what happened, where, and what to do next."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.types import Allowance


class AdvisorError(Exception):
    """Root of every error this package raises on purpose."""


class BadInput(AdvisorError):
    """Something given to us cannot be used: a file, a name, a missing choice. Exit code 2."""


class UnknownFormat(BadInput):
    """A table's columns are those of no call."""


class UnclearSums(BadInput):
    """A table's rows may be calls, or sums of several."""


class UnconfirmedKey(BadInput):
    """A key would go to a host that isn't its provider's, and nobody has confirmed that."""

    def __init__(self, variable: str, host: str) -> None:
        super().__init__(
            f"{variable} isn't known to belong to {host}. To send it there, confirm it on the page Candidates, with "
            "--allow-key-host, or with allow_key_host = true in STUDY.toml."
        )
        self.variable, self.host = variable, host


class StoreError(AdvisorError):
    """The database cannot be opened, is newer than this program, is locked or full. Exit code 1.

    ``passing``: the same statement may succeed later (locked, full, connection lost).
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class ModelUnavailable(AdvisorError):
    """A model cannot be started or reached at all, so that a run makes no sense. Exit code 1."""


class CallError(AdvisorError):
    """One call to a model failed.

    ``kind`` is a :class:`advisor.types.FailureKind` value; ``retry_after_s`` is the wait in seconds the
    provider asked for, ``allowance`` what it says is left (:class:`advisor.types.Allowance`); None: it says nothing.
    """

    def __init__(
        self, message: str, *, kind: str, retry_after_s: float | None = None, allowance: "Allowance | None" = None
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.allowance = allowance
