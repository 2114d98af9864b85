"""What redaction will find in a log, before it is chosen, and the key of this installation's pseudonyms."""

import contextlib
import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from advisor.collect.sources import MOST_FILES, open_all, write_rows
from advisor.errors import BadInput
from advisor.ingest.files.rows import Shape, read_rows
from advisor.ingest.files.sources import raw_folder
from advisor.ingest.log import LogFile, open_log
from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.reading import read_log
from advisor.ingest.redaction.people import names_available
from advisor.ingest.redaction.redact import Placeholders, Redactor
from advisor.types import Sample

_KEY_FILE = "redaction.key"
_KEY_BYTES = 32
_EXAMPLES = 4
_SCANNED_ROWS = 500
_WHOLE_BYTES = 16 * 2**20
"""A larger log whose calls lie in several rows is scanned by its first rows: joining reads a file to its end."""


class Example(NamedTuple):
    """A find with the text around it, as logged and as it would be stored."""

    kind: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What redaction finds in the first calls of some logs."""

    samples: int
    counts: dict[str, int]
    """Kind, such as EMAIL, to replacements, the commonest first."""
    examples: tuple[Example, ...]
    """A handful of each kind, in the order of ``counts``."""
    names: bool
    """Whether names of people are looked for: a spaCy model is installed."""


def scan(logs: Sequence[LogFile], limit: int) -> Scan:
    """Redact the first calls of each log, ``limit`` in all, and store nothing.

    Raises BadInput when a file turns out to be unusable on the way.
    """
    redactor = Redactor(examples=_EXAMPLES)
    samples = 0
    for index, log in enumerate(logs):
        rows = -(-(limit - samples) // (len(logs) - index))
        for _, item in islice(read_log(log), rows):
            if isinstance(item, Sample):
                with contextlib.suppress(*ROW_FAULTS):  # the import reports such a row
                    redactor.redact(item)
                    samples += 1
    counts = dict(redactor.counts.most_common())
    examples = tuple(Example(kind, *extract) for kind in counts for extract in redactor.examples.get(kind, ()))
    return Scan(samples=samples, counts=counts, examples=examples, names=names_available())


def scan_first(names: Sequence[str | Path], *, columns: dict[str, str] | None = None) -> Scan:
    """What redaction finds in the first calls. Raises BadInput or StoreError when nothing can be read."""
    with raw_folder() as folder, open_all(names, rows=_SCANNED_ROWS, most=MOST_FILES) as (sources, _):
        logs = []
        for number, source in enumerate(sources):
            with contextlib.suppress(BadInput):  # told where the file is shown
                log = open_log(source.path, columns=columns)
                logs += [] if log.has_totals else [_short(log, folder / f"{number}.jsonl")]
        if not logs:
            raise BadInput("None of these files can be read.")
        return scan(logs, _SCANNED_ROWS)


def _short(log: LogFile, path: Path) -> LogFile:
    if log.container.shape is Shape.TABLE or log.path.stat().st_size < _WHOLE_BYTES:
        return log
    rows = islice(read_rows(log.path, log.container), _SCANNED_ROWS)
    write_rows(path, (record for _, record in rows if isinstance(record, dict)))
    return open_log(path, format=log.format, columns=log.columns or None)


def redact_texts(texts: Iterable[str]) -> list[str]:
    """The texts of one call as an import would redact them: a value has the same placeholder in all."""
    names = Placeholders(Counter())
    return [names.in_text(text) for text in texts]


def redaction_key(folder: Path) -> bytes:
    """The key of the pseudonyms of ids: read from ``redaction.key`` in the folder, which is made at the first use.

    Whoever has it can test whose pseudonym one is, so only its owner may read the file. Raises BadInput when it cannot
    be read or written.
    """
    path = (folder / _KEY_FILE).resolve()  # a link keeps it elsewhere, such as on a container's volume
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} can't be read or made ({error.strerror}). Make the folder writable.") from None
    if len(key) != _KEY_BYTES:
        raise BadInput(
            f"{path} is not a key of {_KEY_BYTES} bytes. Restore it, or remove it: then ids get new pseudonyms."
        )
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all, and of two processes that begin at once the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent) as file:  # readable by its owner alone
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)
