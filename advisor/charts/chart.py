"""A figure with the words for those who cannot see it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

F = TypeVar("F")


@dataclass(frozen=True, kw_only=True)
class Chart(Generic[F]):
    """What a figure function returns."""

    figure: F
    """A ``plotly.graph_objects.Figure`` for the screen, SVG text for print."""
    title: str
    """The take-away, which also stands above the figure."""
    alt: str
    """The take-away and the values, as a text alternative."""
