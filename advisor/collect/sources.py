"""What a person names as a log: files, folders, archives, objects of a store or another tool's database by URL."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import orjson

from advisor.collect.buckets import fetch, is_bucket
from advisor.errors import AdvisorError, BadInput, UnclearSums
from advisor.ingest.files.rows import read_rows, sniff
from advisor.ingest.files.sources import Source, open_sources, raw_folder
from advisor.ingest.files.split_tables import LEFT, put_files_together
from advisor.ingest.homemade.beside import are_of_days
from advisor.ingest.log import COUNTED_TWICE, METRICS, ONLY_TEXTS, TABLE, LogFile, format_of, open_log
from advisor.ingest.reading import settled
from advisor.settings import secret
from advisor.store.log.foreign import name_of, plain, read_foreign
from advisor.types import Json
from advisor.types.studies import UNTOLD, Hints

VARIABLE = "env:"
"""``env:NAME`` is the environment variable NAME, which holds a database's URL."""
EXAMPLE = "LITELLM_DATABASE_URL"
_FEW, _PAIR = 8, 2
"""Files that are named together, of which one may have the answers to another one's prompts."""
_LOOKED_AT = 200
MOST_FILES = 20
"""Looked at before an import; the others are looked at when they are imported."""
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


def is_database(name: str | Path) -> bool:
    """Whether this is a database's URL, or the name of the variable that holds one, rather than a path."""
    return isinstance(name, str) and ("://" in name or name.startswith(VARIABLE))


def url_of(name: str) -> str:
    """The URL itself. Raises BadInput for a variable that is not set, or holds no URL by its name."""
    if not name.startswith(VARIABLE):
        return name
    name = name.removeprefix(VARIABLE)
    if not is_url_name(name):
        raise BadInput(f"{name} can't be read as a log. Put the database's URL into a variable such as {EXAMPLE}.")
    url = secret(name)
    if url is None:
        raise BadInput(f"{name} is not set. Set it to the URL of the database and start again.")
    return url


def is_url_name(name: str) -> bool:
    """Whether a variable may be read as another tool's database: ``*URL``, but none of the product's own."""
    return re.fullmatch(r"(?!ADVISOR_)\w*URL", name, re.ASCII | re.IGNORECASE) is not None


@contextmanager
def open_all(
    names: Sequence[str | Path],
    *,
    most: int | None = None,
    rows: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[list[Source], int]]:
    """The first ``most`` plain files behind the names, in their order, and how many more there are.

    What had to be unpacked or fetched is gone afterwards. The ``rows`` first rows of a database are fetched into a file
    that only this user may read; given them, a database in a file isn't written out as a whole either. ``check`` is
    called often meanwhile and may end it by raising. Raises BadInput for what is missing or holds no log, StoreError
    for a database that cannot be reached.
    """
    with ExitStack() as stack:
        sources: list[Source] = []
        more = 0
        for name in names:
            if isinstance(name, str) and is_bucket(name):
                name = fetch(name, stack.enter_context(raw_folder()), check)
            if isinstance(name, str) and is_database(name):
                url = url_of(name)
                path = stack.enter_context(raw_folder()) / "rows.jsonl"
                write_rows(path, islice(read_foreign(url), rows), check=check)
                sources.append(Source(path, name_of(url)))
            else:
                left = None if most is None else most - len(sources)
                found, others = stack.enter_context(
                    open_sources(Path(name), left, is_look=rows is not None, check=check)
                )
                sources += found
                more += others
        yield _paired(sources, stack), more


@contextmanager
def open_each(
    names: Sequence[str | Path], *, most: int, rows: int
) -> Iterator[tuple[list[tuple[str, Source | AdvisorError]], int]]:
    """The files as ``open_all`` has them, each by what was named, and in its place what is wrong with one."""
    with ExitStack() as stack:
        found: list[tuple[str, Source | AdvisorError]] = []
        more = 0
        for name in names:
            try:
                opened, others = stack.enter_context(open_all([name], rows=rows, most=max(0, most - len(found))))
            except AdvisorError as error:
                found.append((str(name), error))
                continue
            found += [(str(name), source) for source in opened]
            more += others
        sources = [each for _, each in found if isinstance(each, Source)]
        left = _paired(sources, stack)
        new = [each for each in left if each not in sources]
        whole: list[tuple[str, Source | AdvisorError]] = []
        for name, one in found:
            if isinstance(one, AdvisorError) or one in left:
                whole.append((name, one))
            else:
                whole += [(name, source) for source in new if source.label.startswith(f"{one.label} ")]
        yield whole, more


def _paired(sources: list[Source], stack: ExitStack) -> list[Source]:
    """Files that were named, those in a format of somebody's own that belong together made one."""
    own = {each.path: each for each in sources if not each.is_found and _is_own(each.path)}
    if not _PAIR <= len(own) <= len(sources) <= _FEW:
        return sources
    tables = put_files_together([(path, each.label) for path, each in own.items()], stack.enter_context(raw_folder()))
    return [
        *(own.get(path) or Source(path, label, is_found=LEFT in label) for path, label in tables),
        *(s for s in sources if s.path not in own),
    ]


def _is_own(path: Path) -> bool:
    try:
        records = [record for _, record in islice(read_rows(path, sniff(path)), _PAIR)]
    except BadInput:
        return False
    return all(isinstance(each, dict) and format_of(each) in (None, TABLE, METRICS) for each in records)


def without_repeats(sources: Sequence[Source]) -> tuple[list[Source], list[str]]:
    """Each file once, and the labels of those that were named again."""
    once: dict[Path, Source] = {}
    again = [each.label for each in sources if once.setdefault(each.path.resolve(), each) is not each]
    return list(once.values()), again


def open_logs(
    sources: Sequence[Source],
    *,
    format: str,
    columns: dict[str, str] | None,
    hints: Hints = UNTOLD,
    check: Callable[[], None],
) -> tuple[list[tuple[LogFile, str]], list[tuple[str, str]]]:
    """Each log with its label, and (label, reason) of the files passed over.

    Only a file that a folder or an archive merely holds is passed over when it is not understood. ``check`` is called
    before each and may end it by raising. Raises BadInput when a named file isn't a log, or no file is left.
    """
    logs: list[tuple[LogFile, str]] = []
    passed_over: list[tuple[str, str]] = []
    unclear: list[str] = []
    base = {source.label: _base(source) for source in sources}
    for source in sources:
        check()
        try:
            logs.append((open_one(source, format=format, columns=columns, hints=hints), source.label))
        except BadInput as error:
            if not source.is_found:
                raise BadInput(source.words(error)) from None
            passed_over.append((source.label, source.words(error)))
            unclear += [source.label] if isinstance(error, UnclearSums) else []
    if not logs:
        guesses = [reason for _, reason in passed_over if "--columns" in reason]
        raise BadInput([*guesses, *(reason for _, reason in passed_over), "No log was named."][0])
    calls = {base[label] for log, label in logs if log.format != METRICS} - {""}
    told = {base[label] for log, label in logs if log.format != METRICS and log.tells_calls and not log.has_totals} - {
        ""
    }
    books = {name for name in calls if Path(name).suffix.lower() in _WORKBOOKS}
    sums = [label for log, label in logs if log.format == METRICS and LEFT not in label and base[label] in books]
    sums += [label for log, label in logs if LEFT not in label and base[label] in calls - books and _has_days(log)]
    twice = {label: COUNTED_TWICE for label in [*sums, *(label for label in unclear if base[label] in calls)]}
    texts = {label: ONLY_TEXTS for log, label in logs if not log.tells_calls and base[label] in told}
    passed_over = [each for each in passed_over if each[0] not in twice]
    return [each for each in logs if each[1] not in twice | texts], [*passed_over, *(twice | texts).items()]


def _has_days(log: LogFile) -> bool:
    """Whether these are rows of whole days, whatever labels they have."""
    if log.format != METRICS:
        return False
    rows = (row for _, row in islice(read_rows(log.path, log.container), _LOOKED_AT))
    return are_of_days([row for row in rows if isinstance(row, dict)])


def open_one(source: Source, *, columns: dict[str, str] | None, hints: Hints, format: str = "auto") -> LogFile:
    """One log. Raises BadInput; rows that a joined table left are calls as its others are, whatever their times."""
    try:
        return settled(open_log(source.path, format=format, columns=columns, hints=hints))
    except UnclearSums:
        if LEFT not in source.label:
            raise
        return settled(open_log(source.path, format=METRICS, hints=hints))


def _base(source: Source) -> str:
    """The workbook or database that a table is in; empty for other files, also in a folder such as ``chat.logs``."""
    base = Path(source.label.rpartition("/")[0])
    is_one = base.suffix[1:2].isalpha() and base.suffix.lower() != ".zip" and base.name != source.path.parent.name
    return str(base) if is_one else ""


def write_rows(path: Path, rows: Iterable[dict[str, Json]], *, check: Callable[[], None] = lambda: None) -> None:
    """Write rows to a new file that only this user may read, as JSON lines."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for row in rows:
            check()
            file.write(orjson.dumps(row, option=orjson.OPT_NON_STR_KEYS, default=plain) + b"\n")
