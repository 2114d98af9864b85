"""What an import understood of its files, as codes: what is zero or unusual, and which columns weren't used."""

import re
from collections import Counter
from itertools import islice
from statistics import median

import orjson

from advisor.collect.mapping import paths_of
from advisor.collect.tally import Account, Tally
from advisor.ingest.homemade.speakers import EVENT, PERSON
from advisor.ingest.homemade.told import Heard, spoken
from advisor.ingest.log import LogFile
from advisor.ingest.reading import Reading, records_of
from advisor.ingest.records.columns import pick
from advisor.ingest.records.quantities import PLAUSIBLE_S, UNSURE
from advisor.types import Json, Message, Sample
from advisor.types.codes import CallNote, Fact, FindingCode

_LOOKED_AT = 5
"""Records in which columns that aren't used are looked for."""
_MOST_UNUSED = 100
_MOST_PATHS = 80
_EXAMPLE_CHARS = 80
_FEW = 0.8
_MANY = 5
"""Calls that are seldom all of one conversation."""
LOUD = (Fact.PROMPT, Fact.ANSWER, Fact.TOKENS, Fact.TIME)
"""Without these an import is worth little."""
_TEXTS = (Fact.PROMPT, Fact.ANSWER)
_TOLD = (*LOUD, Fact.MODEL)
_QUIET = (Fact.LATENCY, Fact.COST, Fact.TOOLS, Fact.SESSION, Fact.REFERENCE)
_SHOWN_UNUSED = 6
METRICS_ONLY = frozenset({"openrouter_activity", "azure_diagnostics", "request_metrics"})
"""Formats without texts."""
_TEXTS_ONLY = frozenset({
    "alpaca", "chat_messages", "chatgpt_export", "claude_export", "fine_tuning", "lmsys", "sharegpt", "table",
    "tau_bench", "wildchat", "api_pair", "openai_chat", "open_webui", "swe_agent", "librechat", "openai_threads",
    "langchain_store", "dify", "openhands",
})  # fmt: skip
"""Formats in which tokens and times may be missing."""
_HINTS = {
    Fact.ANSWER: {"answer", "response", "reply", "output", "completion", "bot", "assistant", "generated", "resp"},
    Fact.TOKENS: {"token", "tokens", "usage"},
    Fact.TIME: {"time", "timestamp", "date", "created", "datetime", "when"},
    Fact.LATENCY: {"latency", "duration", "elapsed", "ms"},
    Fact.MODEL: {"model", "deployment", "engine", "llm"},
}
"""Words in the name of a column that is likely to hold the fact."""
_OF_ROLE = {
    "answer": Fact.ANSWER, "model": Fact.MODEL, "time": Fact.TIME, "latency": Fact.LATENCY, "cost": Fact.COST,
    "input_tokens": Fact.TOKENS, "output_tokens": Fact.TOKENS, "session": Fact.SESSION, "target": Fact.REFERENCE,
}  # fmt: skip


def account_of(log: LogFile, label: str, format: str, tally: Tally, unused: dict[str, str], heard: Heard) -> Account:
    """What was understood of one file in one of its formats."""
    return Account(
        file=label,
        format=format,
        tally=tally,
        unused=unused if format == log.format else {},
        unknown_durations=tuple(".".join(path) for path, unit in log.units.items() if unit == UNSURE),
        likely_unit=log.likely_unit,
        guessed_order=("month-first" if log.month_first else "day-first") if log.is_order_guessed else None,
        has_unclear_zone=log.is_zone_unclear,
        guess=spoken(log.layout, heard) if log.layout and (heard or not log.is_told) else "",
        heard=heard if format == log.format else Counter(),
        rows=heard.total() if format == log.format and log.layout and not log.layout.lists else 0,
        mapped=frozenset(log.columns),
        is_growing=log.is_cumulative and format == log.format,
    )


def unused_columns(log: LogFile) -> dict[str, str]:
    """Columns and keys that nothing was read from, each with a value: without them the same calls are read.

    Looked at are the first records that stand alone; nothing is said of a table with one row per turn.
    """
    if log.has_turns:
        return {}
    reading = Reading(log)
    alone = (record for _, record in islice(records_of(log), 4 * _LOOKED_AT) if isinstance(record, dict))
    known: dict[str, str] = {}
    used: set[str] = set()
    for record in islice(alone, _LOOKED_AT):
        whole = reading.take(1, record)
        if not isinstance(whole, list) or not any(isinstance(item, Sample) for item in whole):
            continue
        models = [item.model for item in whole if isinstance(item, Sample)]
        for path in _leaves(record)[:_MOST_PATHS]:
            without = _without(record, [path] if path in record else path.split("."))
            if path in used or pick(record, path) in models or reading.take(1, without) != whole:
                used.add(path)  # a model may be told twice
            else:
                known.setdefault(path, _example(pick(record, path)))
                record = without
    unused = {path: example for path, example in known.items() if path not in used}
    return dict(sorted(unused.items(), key=lambda each: -len(each[1]))[:_MOST_UNUSED])


def findings_of(account: Account) -> list[Message]:
    """What is zero or unusual, the worst first."""
    tally, calls = account.tally, account.tally.calls
    if not calls:
        return []
    found = [
        _none(account, fact)
        for fact in _TOLD
        if not tally.with_fact(fact) and not (fact in _TEXTS and account.format in METRICS_ONLY)
    ]
    if account.unknown_durations:
        found.append(
            Message.of(FindingCode.DURATIONS_UNKNOWN, columns=list(account.unknown_durations), unit=account.likely_unit)
        )
    if account.guessed_order:
        found.append(Message.of(FindingCode.DATE_ORDER, order=account.guessed_order))
    if account.has_unclear_zone:
        found.append(Message.of(FindingCode.TIME_ZONE))
    found += _not_calls(account.heard)
    is_said = {CallNote.HALF_OF_TOKENS} if tally.only_side else set[CallNote]()
    found += [Message.of(note, calls=count) for note, count in tally.notes.most_common() if note not in is_said]
    found += [
        Message.of(FindingCode.FEW, fact=fact.value, calls=tally.with_fact(fact), of=calls)
        for fact in _TOLD
        if 0 < tally.share(fact) < _FEW
    ]
    if tally.unanswered and tally.share(Fact.ANSWER) >= _FEW:
        found.append(Message.of(FindingCode.UNANSWERED, calls=tally.unanswered, of=calls))
    if tally.latencies and not PLAUSIBLE_S[0] <= median(tally.latencies) <= PLAUSIBLE_S[1]:
        found.append(Message.of(FindingCode.LATENCY_ODD, median_s=median(tally.latencies)))
    if tally.with_fact(Fact.TIME) > 1 and tally.at_midnight == tally.with_fact(Fact.TIME):
        found.append(Message.of(FindingCode.MIDNIGHT, calls=tally.at_midnight))
    if account.guess and tally.is_one_session and calls >= _MANY:
        found.append(Message.of(FindingCode.ONE_CONVERSATION, calls=calls))
    if account.is_growing:
        found.append(Message.of(FindingCode.GROWING))
    if missing := [fact.value for fact in _QUIET if not tally.with_fact(fact)]:
        found.append(Message.of(FindingCode.ALSO_NONE, facts=missing))
    return found


def is_loud(finding: Message) -> bool:
    """Whether it must not be overlooked: no prompts, answers, tokens or times, or a cost that is too low."""
    return finding.code == CallNote.NO_INPUT_TOKENS or (
        finding.code == FindingCode.NONE and finding.values["fact"] in LOUD
    )


def lacking(account: Account) -> list[Message]:
    """What no call has although the format holds it, or a column of the file seems to."""
    if account.format in METRICS_ONLY:
        expected = {Fact.MODEL, Fact.TOKENS, Fact.TIME}
    else:
        expected = {Fact.PROMPT, Fact.ANSWER}
        expected |= set() if account.format in _TEXTS_ONLY else {Fact.MODEL, Fact.TOKENS, Fact.TIME}
    expected |= {_OF_ROLE[role] for role in account.mapped if role in _OF_ROLE}
    expected |= {fact for fact, words in _HINTS.items() if any(_words(name) & words for name in account.unused)}
    return [
        _none(account, fact)
        for fact in Fact
        if fact in expected and account.tally.calls and not account.tally.with_fact(fact)
    ]


def _none(account: Account, fact: Fact) -> Message:
    """That no call has a fact, and of tokens the ``only`` side that is told."""
    only = {"only": account.tally.only_side} if fact is Fact.TOKENS and account.tally.only_side else {}
    calls = account.tally.calls
    return Message.of(FindingCode.NONE, fact=fact.value, calls=calls, unused=_likely(account, fact), **only)


def _not_calls(heard: Heard) -> list[Message]:
    """Answers by the staff, and rows of a table of turns that nobody says."""
    staff = [(voice, rows) for (voice, role), rows in heard.most_common() if role == PERSON]
    left_out = sum(rows for (_, role), rows in heard.items() if role == EVENT)
    found = []
    if staff:
        names = [voice for voice, _ in staff if voice]
        found.append(Message.of(FindingCode.STAFF_ANSWERS, answers=sum(rows for _, rows in staff), staff=names))
    return [*found, Message.of(FindingCode.LEFT_OUT, rows=left_out)] if left_out else found


def _likely(account: Account, fact: Fact) -> list[str]:
    """Columns that weren't used and may hold the fact: by a word of their names, and a text may hold any answer."""
    hints = _HINTS.get(fact, set())
    named = [name for name in account.unused if _words(name) & hints]
    others = [name for name in account.unused if name not in named] if fact in _TEXTS else []
    return [*named, *others][:_SHOWN_UNUSED]


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()))


def _leaves(record: dict[str, Json]) -> list[str]:
    """Paths to what isn't an object and isn't empty."""
    paths = paths_of([record])
    around = {path.rpartition(".")[0] for path in paths if path not in record}
    empty: tuple[Json, ...] = (None, "", [], {})
    return [path for path in paths if path not in around and pick(record, path) not in empty]


def _without(record: dict[str, Json], path: list[str]) -> dict[str, Json]:
    """The record without what stands at a path."""
    key, *rest = path
    if not rest:
        return {name: value for name, value in record.items() if name != key}
    inner = record.get(key)
    return record | {key: _without(inner, rest)} if isinstance(inner, dict) else record


def _example(value: Json) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= _EXAMPLE_CHARS else text[:_EXAMPLE_CHARS] + "…"
