"""What a person is told about a file that cannot be taken."""

from collections.abc import Sequence
from pathlib import Path

from advisor.ingest.files.rows import Container, Shape
from advisor.ingest.quoting import quoted, quoted_names
from advisor.types import Rejection


def nothing_usable(path: Path, rejections: Sequence[Rejection], container: Container) -> str:
    """Of a file without a record in its first rows."""
    if rejections:
        where = f"{path.name}, row {rejections[0].row}: {quoted(rejections[0].reason)}"
        return f"{where}. No row of the first {len(rejections)} can be read; export the log as JSON objects or as CSV."
    if container.shape is Shape.TABLE:
        return f"{path.name} has a header and no rows. Export the log again."
    return f"{path.name} holds no rows. Export the log again."


def no_prompt_column(path: Path, headers: Sequence[str]) -> str:
    """Of a file whose records are of no known kind."""
    return (
        f"{path.name} is in no format that is read here. Its columns or keys are: {quoted_names(headers)}. "
        "Say which holds the prompt and which the answer, for example --columns prompt=question,answer=reply "
        "(a dot leads into an object: prompt=trace.input)."
    )
