"""What is to be said, before it is worded."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Message:
    """A finding as a code with the numbers and names in it; advisor.text puts it into words.

    The code is a value of the StrEnum of its family, such as NoteCode; values are what JSON can hold.
    """

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the code as it is stored."""
        object.__setattr__(self, "code", str(self.code))

    @classmethod
    def of(cls, code: str, **values: Any) -> "Message":
        """A message with its values by name."""
        return cls(code=code, values=values)
