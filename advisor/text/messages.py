"""A message in words, by the table of its family."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from advisor.text.names import short_name
from advisor.types import Message

Words: TypeAlias = Mapping[str, str | Callable[..., str]]
"""Code -> a template of str.format, or a function where that does not do; both take the values by name."""


def not_found(what: str, instead: str) -> str:
    """That an address names what isn't there, and what is shown."""
    return f"The {what} in the address wasn't found. Showing {instead}."


def worded(words: Words, message: Message, **more: Any) -> str:
    """The message as the table words it; ``more`` joins its values, and a baseline gets its short name."""
    found = words[message.code]
    values = message.values | more
    if isinstance(values.get("baseline"), str):
        values["baseline"] = short_name(values["baseline"])
    return found.format(**values) if isinstance(found, str) else found(**values)


def upper(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]
