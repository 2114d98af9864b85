"""What is ready to run, in words: README files of the archives, and the page Files."""

from collections.abc import Iterable, Sequence

from advisor.text.numbers import shorten


def readme_of(study: str, what: str, *parts: Iterable[str]) -> str:
    """README.md of an archive, from its ``parts``: lines, with an empty one after each part."""
    lines = [f"# {shorten(study)}: {what}", ""]
    for part in parts:
        lines += [*part, ""] if (part := [*part]) else []
    return "\n".join(lines).rstrip("\n") + "\n"


def numbered(steps: Iterable[str]) -> list[str]:
    """What to do, step by step."""
    return [f"{number}. {step}" for number, step in enumerate(steps, 1)]


def section(title: str, lines: Iterable[str]) -> list[str]:
    """A heading with a list; nothing without a line."""
    listed = [f"- {line}" for line in lines]
    return [f"## {title}", "", *listed] if listed else []


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    cells = ([cell.replace("|", "\\|") for cell in row] for row in (columns, ["---"] * len(columns), *rows))
    return [f"| {' | '.join(row)} |" for row in cells]
