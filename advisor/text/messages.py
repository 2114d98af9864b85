"""A message in words, by the table of its family."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from advisor.types import Message

Words: TypeAlias = Mapping[str, str | Callable[..., str]]
"""Code -> a template of str.format, or a function where that does not do; both take the values by name."""


def worded(words: Words, message: Message) -> str:
    """The message as the table words it."""
    found = words[message.code]
    return found.format(**message.values) if isinstance(found, str) else found(**message.values)
