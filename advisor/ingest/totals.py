"""Totals by model and time, as OpenAI, Anthropic and gateways export usage and cost: volume and money, never calls.

Read from the tables of their dashboards and from the pages of their APIs, whose buckets of time hold results.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from advisor.errors import BadInput
from advisor.ingest.files.rows import Container, read_rows
from advisor.ingest.homemade.facts import counts_calls
from advisor.ingest.homemade.names import Hint, hints_of, plain_name, plain_words
from advisor.ingest.homemade.texts import side_of_tokens
from advisor.ingest.reader import Record
from advisor.ingest.records.columns import OTHER_MONEY, SYNONYMS, guess_columns
from advisor.ingest.redaction.redact import quoted
from advisor.ingest.values.json_text import as_list, as_name, at
from advisor.ingest.values.numbers import parse_number
from advisor.ingest.values.times import parse_time
from advisor.types import Json, Rejection
from advisor.types.prices import Total, TotalSource, add_totals

SOURCES = frozenset(TotalSource)
"""What the format of such a file is called."""
_ONLY_TIMES = frozenset({"start_time", "end_time", "start_time_iso", "end_time_iso"})
_STARTS = ("start_time", "starting_at", "start_time_iso", "usage_date_utc", "aggregation_timestamp")
_DAYS = ("date", "day", "usage_date", "hour", "timestamp", "time")
_ENDS = ("end_time", "ending_at", "end_time_iso")
_MODELS = ("model", "model_name", "model_id")
_NAMES = (*_MODELS, "model_version", "snapshot_id", "description", "cost_type", "usage_type")
_OF_WHOM = ("project_id", "workspace_id", "workspace", "api_key_id", "api_key", "user_id", "batch", "service_tier")
_INPUTS = ("input_tokens", "n_context_tokens_total", "uncached_input_tokens", "cache_read_input_tokens")
_OWN_INPUTS = ("input_tokens", "prompt_tokens", "total_input_tokens", "total_prompt_tokens", "tokens_in")
_OUTPUTS = ("output_tokens", "usage_output_tokens", "n_generated_tokens_total", "completion_tokens",
            "total_output_tokens", "total_completion_tokens", "tokens_out")  # fmt: skip
_COUNTS = ("requests", "request_count", "num_requests", "total_requests", "calls", "call_count", "num_calls",
           "total_calls")  # fmt: skip
_REQUESTS = ("num_model_requests", "n_requests", *_COUNTS)
_COSTS = ("amount_value", "cost_usd", "cost", "total_cost", "total_cost_usd", "spend", "spend_usd", "amount_usd")
_KNOWN = frozenset((*_DAYS, *_MODELS, *_INPUTS, *_OWN_INPUTS, *_OUTPUTS, *_REQUESTS, *_COSTS))
_OWN_DAYS = plain_words(
    "tag datum kalendertag jour date_du_jour dia fecha giorno data dag dzien 日 日期 日付 날짜 일자"
)
_OWN_COSTS = plain_words("""kosten cout couts coste costes costo costi custo custos 费用 花费 成本 コスト 費用 料金 비용
    gesamtkosten""")
"""Names of a team's own table, without accents."""
_TEXTS = frozenset({"prompt", "messages", "answer", "system", "target", "id", "latency"})
"""Roles of columns that stand in calls only."""
_MOST_CHARS = 100
_LOOKED_AT = 10
"""Elements of a page: one of calls may hold very many."""
_APART = timedelta(days=7)
_DAY = timedelta(days=1, hours=1)
"""A day, and the hour by which one is longer where clocks change."""


def source_of(path: Path, records: Iterable[Record]) -> TotalSource | None:
    """What kind of totals the first rows of a file are; None: none. Raises BadInput where all of them are empty."""
    is_empty = False
    for record in records:
        rows = list(_rows(record))
        for row in rows:
            found = _source(row)
            if found is not None and (found is not TotalSource.GATEWAY_TOTALS or (_first(row, _COUNTS) or 0) > 1):
                return found
        is_empty = is_empty or not rows or rows[0].keys() == _ONLY_TIMES
    if is_empty:
        raise BadInput(f"{path.name} has days but no usage or cost on them. Export days with traffic.")
    return None


def read_totals(files: Iterable[tuple[Path, Container, str]], check: Callable[[], None] = lambda: None) -> list[Total]:
    """The totals of some files (path, container, name), added up by source, day and model.

    A row that an earlier file has too counts once. ``check`` is called for every row and may end it by raising. Raises
    BadInput for a row that can't be counted.
    """
    sums: defaultdict[tuple[object, ...], list[Total]] = defaultdict(list)
    before: set[tuple[object, ...]] = set()
    for path, container, name in files:
        here: set[tuple[object, ...]] = set()
        for number, record in read_rows(path, container):
            check()
            if isinstance(record, Rejection):
                raise BadInput(f"{name}, row {number}: {quoted(record.reason)}. Export the file again.")
            for row in _rows(record):
                try:
                    total, mark = _total(row)
                except ValueError as error:
                    raise BadInput(f"{name}, row {number}: {error}") from None
                if total is None:
                    continue
                here.add(mark)
                if mark not in before:
                    sums[total[:3]].append(total)
        before |= here
    if not sums:
        raise BadInput("The export has no usage or cost in it. Export days with traffic.")
    days = sorted({each[0].day for each in sums.values() if each[0].source is TotalSource.GATEWAY_TOTALS})
    if days and all(later - day >= _APART for day, later in pairwise(days)):
        raise BadInput("Can't tell whether a row of the totals is a day. Export several days, with a row a day.")
    return [Total(*found[0][:3], *add_totals(found)) for found in sums.values()]


def _rows(record: Record) -> Iterator[Record]:
    """The rows of a page, of a bucket, or the row itself; keys in lower case, a bucket's times with each result."""
    within = [each for each in as_list(record.get("data")) if isinstance(each, dict)]
    if any(_is_bucket(each) or _source(_plain(each)) is not None for each in within[:_LOOKED_AT]):
        for each in within:
            yield from _rows(each)
    elif _is_bucket(record):
        times = {name: record[name] for name in (*_STARTS, *_ENDS) if name in record}
        yield from (result | times for result in as_list(record["results"]) if isinstance(result, dict))
    else:
        yield _plain(record)


def _plain(record: Record) -> Record:
    usual = _usual(tuple(record))
    return {usual[name]: value for name, value in record.items()}


@lru_cache(maxsize=256)
def _usual(names: tuple[str, ...]) -> dict[str, str]:
    """What exports call the columns that a team's own table names in its language: ``Tokens ein``, ``Anfragen``."""
    found = {name: name.strip().lower().replace(" ", "_") for name in names}
    for name in names:
        said = _said(name)
        if said and said not in found.values() and found[name] not in _KNOWN:
            found[name] = said
    return found


def _said(name: str) -> str | None:
    hints, plain = hints_of(name), plain_name(name)
    if Hint.TOKENS in hints and Hint.ALL not in hints:
        side = side_of_tokens(name)
        return side and ("input_tokens" if side is Hint.PROMPT else "output_tokens")
    if counts_calls(name):
        return "requests"
    if plain in _OWN_DAYS:
        return "day"
    if plain in SYNONYMS["model"] or (Hint.MODEL in hints and "_" not in plain):
        return "model"
    return "cost" if plain.split("_")[0] in _OWN_COSTS and not OTHER_MONEY.search(name) else None


def _is_bucket(record: Record) -> bool:
    return isinstance(record.get("results"), list) and any(name in record for name in _STARTS)


def _source(row: Record) -> TotalSource | None:
    keys = row.keys()
    if "usage_date_utc" in keys:
        if "cost_usd" in keys:
            return TotalSource.ANTHROPIC_COSTS
        return TotalSource.ANTHROPIC_USAGE if "usage_output_tokens" in keys else None
    if not any(name in keys for name in _STARTS):
        return TotalSource.GATEWAY_TOTALS if _is_gateways(row) else None
    if "num_model_requests" in keys or keys >= {"n_requests", "n_context_tokens_total"}:
        return TotalSource.OPENAI_USAGE
    if keys >= {"amount_value", "amount_currency"} or at(row, "amount", "value") is not None:
        return TotalSource.OPENAI_COSTS
    if "starting_at" in keys and "uncached_input_tokens" in keys:
        return TotalSource.ANTHROPIC_USAGE
    return TotalSource.ANTHROPIC_COSTS if keys >= {"starting_at", "amount", "currency"} else None


def _is_gateways(row: Record) -> bool:
    """Whether a row counts the requests of a day and a model, and holds no text that may be of a call."""
    if not all(any(name in row for name in names) for names in (_DAYS, _MODELS, _COUNTS)):
        return False
    if _first(row, _COUNTS) is None or not _TEXTS.isdisjoint(_roles(tuple(row.keys() - set(_COUNTS)))):
        return False
    return all(not isinstance(value, dict | list) and len(str(value)) <= _MOST_CHARS for value in row.values())


@lru_cache(maxsize=256)
def _roles(keys: tuple[str, ...]) -> frozenset[str]:
    return frozenset(guess_columns(keys))


def _total(row: Record) -> tuple[Total | None, tuple[object, ...]]:
    """A row with what tells it from others; None: it is empty, as days without traffic are. Raises ValueError."""
    source = _source(row)
    requests, taken = _first(row, _REQUESTS), _first(row, _OUTPUTS)
    given = [_number(value) for name, value in row.items() if name in _INPUTS or name.startswith("usage_input_tokens")]
    given += [_number(value) for value in (_within(row, "cache_creation") or {}).values()]
    given = [_first(row, _OWN_INPUTS)] if source is TotalSource.GATEWAY_TOTALS else given
    known = [value for value in given if value is not None]
    usd = _dollars(row, source) if source else None
    if source is None or (not requests and not taken and not any(known) and not usd):
        return None, ()
    start, end = _time(row, (*_STARTS, *_DAYS)), _time(row, _ENDS)
    if start is None:
        raise ValueError("no time found. Export the file again with its times.")
    if end is not None and end - start > _DAY:
        raise ValueError("it covers more than a day. Export usage and costs by day.")
    total = Total(source, start.date(), _model(row), requests, sum(known) if known else None, taken, usd)
    return total, (source, start, *total[2:], *(str(row.get(name) or "") for name in _OF_WHOM))


def _dollars(row: Record, source: TotalSource) -> float | None:
    """The cost of a row; Anthropic's API gives cents, OpenRouter says usage. Raises ValueError for another currency."""
    amount = _within(row, "amount")
    currency = as_name(row.get("amount_currency") or (amount or row).get("currency"))
    if currency and currency.lower() != "usd":
        raise ValueError(f"its amount is in {quoted(currency)}. Only US dollars can be compared.")
    if source is TotalSource.ANTHROPIC_COSTS and "starting_at" in row:
        cents = _number(row.get("amount"))
        return None if cents is None else cents / 100
    if amount:
        return _number(amount.get("value"))
    return _first(row, ("usage",) if "model_permaslug" in row else _COSTS)


def _model(row: Record) -> str:
    """The model, else what the money was for, such as web searches; empty where neither is told."""
    item = as_name(row.get("line_item"))
    if item:
        return item.rpartition(", ")[0] or item
    names = (as_name(row.get(name)) for name in _NAMES)
    return next((name for name in names if name and name not in ("tokens", "token", "message")), "")


def _time(row: Record, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        value = row.get(name)
        number = _number(value)
        moment = parse_time(value if number is None else number)
        if moment is not None:
            return moment.astimezone(UTC)
    return None


def _within(row: Record, name: str) -> Record | None:
    value = row.get(name)
    return value if isinstance(value, dict) else None


def _first(row: Record, names: tuple[str, ...]) -> float | None:
    return next((number for name in names if (number := _number(row.get(name))) is not None), None)


def _number(value: Json) -> float | None:
    """Plain numbers first: in an API's "1.234" the point doesn't part thousands."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return parse_number(value)
