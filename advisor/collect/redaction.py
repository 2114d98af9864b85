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

from advisor.errors import BadInput
from advisor.ingest.log import LogFile
from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.reading import read_log
from advisor.ingest.redaction.people import names_available
from advisor.ingest.redaction.redact import Placeholders, Redactor
from advisor.types import Sample

_KEY_FILE = "redaction.key"
_KEY_BYTES = 32
_EXAMPLES = 4


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
