"""What providers say about training other models on the answers of theirs. Not legal advice."""

import functools
from pathlib import Path
from typing import NamedTuple

from advisor.catalog.catalog_files import read_rows
from advisor.catalog.open_models import DATA


class OutputTerms(NamedTuple):
    """One row of output_terms.csv."""

    name: str
    """Of the contract."""
    rule: str
    source_url: str
    evidence: str
    """How it was read."""
    checked_on: str


def output_terms(provider: str, data_dir: Path = DATA) -> OutputTerms | None:
    """Of a provider as litellm spells it; None: not in the catalog. Raises BadInput when the file is damaged."""
    return _read(data_dir / "catalog" / "output_terms.csv").get(provider)


@functools.cache
def _read(path: Path) -> dict[str, OutputTerms]:
    rows = read_rows(path, lambda row: (row.pop("host").split("|"), OutputTerms(**row)))
    return {host: terms for hosts, terms in rows for host in hosts}
