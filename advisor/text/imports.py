"""A column mapping and changes of use cases, in words."""

from collections.abc import Mapping
from typing import Any

READ_AS = {
    "time": "a time",
    "latency": "a duration",
    "ttft": "a duration",
    "cost": "an amount of money",
    "params": "an object with parameters",
    "messages": "a list of messages",
    **dict.fromkeys(
        ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
        "a whole number",
    ),
}
"""What a value of these roles has to be; any text will do for the others."""
NO_PROMPT = "No column holds the prompt. Choose the one with the text or the conversation that was sent."
NOT_UNDERSTOOD = "(can't read this row)"


def chosen_twice(column: str) -> str:
    """A column that two roles were given."""
    return f"{column!r} is used twice. Choose another column for one of them."


def empty_column(column: str, rows: int) -> str:
    """A column without a value in the first rows."""
    return f"{column!r} is empty in the first {rows} rows."


def unread_column(column: str, role: str, *, read: int, filled: int, example: str) -> str:
    """A column of which only ``read`` of the ``filled`` values are what the role needs."""
    how_many = "none" if not read else f"only {read}"
    return (
        f"{column!r}: {how_many} of {filled} values can be read as {READ_AS[role]} (not, for example: {example!r}). "
        "Choose another column or leave it out."
    )


def rejected_row(reason: str) -> str:
    """What stands for a value of a row that is skipped."""
    return f"(skipped row: {reason})"


def use_case_change(name: str, values: Mapping[str, Any]) -> str:
    """What was changed in a use case, for the list of changes."""
    done = []
    if "name" in values:
        done.append(f"renamed to {values['name']}")
    if "kind" in values:
        done.append(f"kind set to {values['kind'].replace('_', ' ')}")
    if {"endpoint", "margin"} & values.keys():
        done.append("judging changed")
    if "ignored" in values:
        done.append("ignored" if values["ignored"] else "no longer ignored")
    if "match" in values:
        done.append("comparison with reference answers changed")
    if "checks" in values:
        done.append("checks changed" if values["checks"] else "checks removed")
    return f"{name}: {', '.join(done)}"


def use_case_split(name: str, parts: int) -> str:
    """A split, for the list of changes."""
    return f"Split {name} into {parts} use cases"
