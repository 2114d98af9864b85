"""What stands around a call that a reader of general shapes has read, under names of its own."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from datetime import time as hour
from pathlib import Path

from advisor.errors import UnclearSums
from advisor.ingest.homemade.detection import Layout
from advisor.ingest.homemade.facts import counts_calls, find_facts
from advisor.ingest.homemade.names import Hint, hints_of, plain_name, plain_words, words_of
from advisor.ingest.homemade.profile import Column, Kind, profile
from advisor.ingest.messages.usage import Counts, as_told, both_sides
from advisor.ingest.records.columns import SYNONYMS, guess_columns, pick
from advisor.ingest.records.envelope import is_known
from advisor.ingest.records.quantities import UNSURE, duration_keys, lasted
from advisor.ingest.redaction.redact import quoted_names
from advisor.ingest.values.json_text import at, decode, list_in, text_in
from advisor.ingest.values.times import days_in, is_day, is_hour, parse_time, pass_midnight
from advisor.types import Json, Reference, Sample

_SOME_PROSE = 0.2
_SYSTEM = ("system", "developer")
_OF_SUMS = frozenset({"requests", "calls", "count"})
_PERIOD = re.compile(r"\d{4}\W?[QM]?\d{0,2}|\d{1,2}[/.-]\d{4}", re.I)
"""Months, quarters and years, which are no times of calls."""
_MONTHS = plain_words("month months monat mes mês mois mese maand miesiąc месяц year_month period quarter 月份")
_OF_CALLS = frozenset({"call", "trace", "span", "run", "event", "log"})
_MIDNIGHT = hour()
_SUMMED = re.compile(r"(sum|summe|somme|suma|soma|somma)(\(|[\W_]+(of|von|der|de|di|da|do|van)[\W_]|[\W_].*tok)", re.I)
_ROLES = ("time", "model", "input_tokens", "output_tokens", "latency", "session", "target")


def facts_beside(records: Sequence[dict[str, Json]]) -> dict[str, str]:
    """Role to path of what the records tell, by names and values."""
    found = find_facts(profile(records), ())
    return {role: path for role, path in found.items() if role in _ROLES}


def are_sums(records: Sequence[dict[str, Json]]) -> str | None:
    """A column that counts or adds up the calls of each row, where the rows hold no text."""
    columns = profile(records)
    return None if _has_text(columns) else _count_of(columns)


def _has_text(columns: Sequence[Column]) -> bool:
    texts = (column for column in columns if column.kind is not Kind.TIME)
    return any(column.prose >= _SOME_PROSE or column.kind in (Kind.MESSAGES, Kind.LIST) for column in texts)


def _count_of(columns: Sequence[Column]) -> str | None:
    counts = (
        column.path
        for column in columns
        if column.kind is Kind.NUMBER
        and (counts_calls(column.leaf) or _SUMMED.match(column.leaf) or _OF_SUMS & set(words_of(column.leaf)))
    )
    return next(counts, None)


def is_metered(records: Sequence[dict[str, Json]], told: Mapping[str, str]) -> bool:
    """Whether each record tells when which model was asked, and what it took: no text, and no sum of several."""
    columns = profile(records)
    facts = {*find_facts(columns, ()), *told}
    names = {*facts, *guess_columns(column.path for column in columns)}
    metered = {"input_tokens", "output_tokens", "latency", "cost"} & names
    is_timed = "model" in facts and bool("time" in told or _time_of(columns))
    return not _has_text(columns) and not _count_of(columns) and is_timed and bool(metered)


def _time_of(columns: Sequence[Column]) -> str:
    """The column that tells when, if only in which month."""
    named = find_facts(columns, ()).get("time") or guess_columns(column.path for column in columns).get("time")
    months = (
        column.path
        for column in columns
        if plain_name(column.leaf) in _MONTHS and all(_PERIOD.fullmatch(str(value)) for value in column.values)
    )
    return named or next(months, "")


def check_sums(path: Path, records: Sequence[dict[str, Json]]) -> None:
    """Raises UnclearSums where rows without text may be calls or sums of hours, days or months.

    All times lie an hour or a day apart, to the second, and what else labels a row comes once at each.
    """
    columns = profile(records)
    facts = find_facts(columns, ())
    time, model = _time_of(columns), facts.get("model")
    told, times = _times_in(records, time)
    is_apart = _are_apart(times) or all(map(_PERIOD.fullmatch, told))
    if model is None or any(map(_names_call, columns)) or not is_apart:
        return
    amounts = {path for role, path in facts.items() if role not in ("time", "model")}
    labels = [column.path for column in columns if column.path not in amounts and _is_label(column)]
    rows = {(at, *(str(pick(record, label)) for label in labels)) for at, record in zip(told, records, strict=True)}
    if len(rows) == len(records):
        raise UnclearSums(
            f"{path.name} may hold calls or sums: it has one row for each {quoted_names([time])} and "
            f"{quoted_names([model])}, and all times are whole hours or days. If these are sums, import the calls "
            "themselves, or totals with a row for each day and model and its number of requests. If each row is one "
            f"call, import with --columns {shlex.quote(f'time={time},model={model}')}"
        )


def are_of_days(records: Sequence[dict[str, Json]]) -> bool:
    """Whether rows without text tell a day, a week or a month and no moment."""
    columns = profile(records)
    told, times = _times_in(records, _time_of(columns))
    is_daily = len(times) > 1 and {each.time() for each in times} == {times[0].time()}
    is_daily = is_daily and (times[0].time() == _MIDNIGHT or len({each.date() for each in times}) > 1)
    return not _has_text(columns) and (is_daily or all(map(_PERIOD.fullmatch, told)))


def _times_in(records: Sequence[dict[str, Json]], time: str) -> tuple[list[str], list[datetime]]:
    """The times of the rows as they stand, with the hour beside them, and as moments."""
    clock = (find_day_and_hour(records, "") or ("", ""))[1]
    told = [f"{pick(record, time)} {pick(record, clock) or ''}".strip() for record in records]
    found = (parse_time(each) or parse_time(each, month_first=True) for each in told)
    return told, [each for each in found if each]


def _are_apart(times: Sequence[datetime]) -> bool:
    within = {(time.minute, time.second, time.microsecond) for time in times}
    return within == {(0, 0, 0)} or (len(within) == 1 < len(set(times)))


def _names_call(column: Column) -> bool:
    """Whether each row has the id of a request of its own, or of a conversation."""
    hints = hints_of(column.leaf)
    is_id = Hint.ID in hints and column.distinct == column.filled == 1 and column.kind is not Kind.NUMBER
    return is_id and bool({Hint.PROMPT, Hint.ANSWER, Hint.TEXT} & hints or _OF_CALLS & set(words_of(column.leaf)))


def _is_label(column: Column) -> bool:
    """Whether values come again and aren't amounts."""
    is_count = all(isinstance(value, int) or str(value).isdecimal() for value in column.values)
    return column.distinct < 1 and (column.kind is not Kind.NUMBER or is_count)


def knows_more(layout: Layout, records: Sequence[dict[str, Json]]) -> bool:
    """Whether turns have facts of their own, messages their system prompt beside them, or answers a right one."""
    if layout.lists or layout.turns:
        return bool(layout.lists and layout.turns and layout.turns.speaker == "role")
    has_system = any(at(message, "role") in _SYSTEM for each in records for message in list_in(each.get("messages")))
    answers = SYNONYMS["answer"]
    is_right = layout.columns.get("target") in answers and layout.columns.get("answer") not in answers
    return is_right or ("system" in layout.columns and layout.columns.get("messages") == "messages" and not has_system)


def lacks(call: Sample) -> set[str]:
    """The roles of which the call has nothing."""
    metered = call.metered
    values = (metered.at, call.model, metered.usage, metered.usage, metered.latency_s, call.ids.session, call.reference)
    return {role for role, value in zip(_ROLES, values, strict=True) if value is None}


def with_facts(
    sample: Sample, record: dict[str, Json], facts: Mapping[str, str], units: Mapping[tuple[str, ...], str]
) -> Sample:
    """The call with what its reader found no value for; ``facts`` leads from role to path."""
    cells = {role: pick(record, path) for role, path in facts.items()}
    metered = sample.metered
    unit = units.get(tuple(facts.get("latency", "").split(".")))
    begun = metered.at or parse_time(cells.get("time"))
    latency = None if unit == UNSURE else lasted(cells.get("latency"), facts.get("latency", ""), unit, begun)
    given, taken = both_sides(cells.get("input_tokens"), cells.get("output_tokens"))
    usage = as_told(Counts(given=given, taken=taken).usage(), given=given, taken=taken)
    metered = replace(
        metered,
        at=begun,
        usage=metered.usage or usage,
        latency_s=latency if metered.latency_s is None else metered.latency_s,
    )
    reference, target = sample.reference, cells.get("target")
    if reference is None and "target" in facts and is_known(facts["target"], target, sample.request):
        reference = Reference(decode(target))
    return replace(
        sample,
        model=sample.model or text_in(cells.get("model")),
        ids=sample.ids if sample.ids.session else replace(sample.ids, session=text_in(cells.get("session"))),
        metered=metered,
        reference=reference,
    )


def find_day_and_hour(records: Sequence[dict[str, Json]], file: str) -> tuple[str, str] | None:
    """The only column of dates, or the day in the file's name, and the only column of times of day."""
    names = tuple(dict.fromkeys(name for record in records for name in record))
    days, hours = (
        [
            name
            for name in names
            if (values := [value for record in records if (value := record.get(name)) not in (None, "")])
            and all(map(is_such, values))
            and name not in duration_keys(names)
        ]
        for is_such in (is_day, is_hour)
    )
    if len(hours) == 1 and Hint.TIME in hints_of(hours[0]):
        days = days or ([] if pass_midnight(record.get(hours[0]) for record in records) else days_in(file))
    return (days[0], hours[0]) if len(days) == len(hours) == 1 else None
