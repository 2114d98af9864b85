"""Langfuse's free-form usage details, brought to four counts that do not overlap.

Langfuse's own ingestion takes every detail (cached, audio, reasoning ...) out of ``input`` and ``output``; what
OpenInference instrumentations send as ``prompt_details.*`` and ``completion_details.*`` stays a part of them; and an
application may send whatever it likes. The total, where there is one, tells which of these it was.
"""

import re
from dataclasses import dataclass

from advisor.ingest.messages.usage import read_usage, with_long_kept
from advisor.ingest.values.json_text import decode
from advisor.ingest.values.numbers import parse_count
from advisor.types import Json, Usage

_INPUT = frozenset({
    "input", "inputtokens", "prompt", "prompttokens", "inputtokencount", "prompttokencount", "inputusage",
})  # fmt: skip
_OUTPUT = frozenset({
    "output", "outputtokens", "completion", "completiontokens", "outputtokencount", "candidatestokencount",
    "generatedtokencount", "outputusage",
})  # fmt: skip
_READ = re.compile(r"cache_?read|cached|cache_?hit", re.I)
_WRITE = re.compile(r"cache_?(creation|write)", re.I)
_WRITE_SPLIT = re.compile(r"_(5m|1h)$", re.I)
_REASONING = re.compile(r"reasoning|thought", re.I)
_OF_INPUT = re.compile(r"^(input|prompt)[_.]|^prompt_details\.", re.I)
_OF_OUTPUT = re.compile(r"^(output|completion)[_.]|^completion_details\.", re.I)
_WITHIN = re.compile(r"^(prompt|completion)_details\.", re.I)
_NO_PART = re.compile(r"priority|flex|cache_?miss|total", re.I)


@dataclass
class _Counts:
    """What the keys say, before it is known what lies within what."""

    given: int | None = None
    taken: int | None = None
    total: int | None = None
    read: int = 0
    write: int = 0
    write_split: int = 0
    write_1h: int = 0
    more_given: int = 0
    reasoning: int = 0
    more_taken: int = 0
    is_within: bool = False


def read_details(details: Json) -> Usage | None:
    """Normalise ``usageDetails`` or a ``usage`` object; None when nothing, or only zeros, is known.

    Counts in another unit than tokens are not known.
    """
    details = _as_object(decode(details))
    if not details or str(details.get("unit") or "TOKENS").upper() != "TOKENS":
        return None
    if any(isinstance(value, dict) for value in details.values()):
        return read_usage(details)
    counts = _sort(details)
    if counts.given is None and counts.taken is None and not (counts.read or counts.write or counts.reasoning):
        return None
    usage = _normalised(counts)
    return usage if usage.total_input_tokens or usage.output_tokens else None


def _as_object(value: Json) -> dict[str, Json]:
    """Parquet gives a map as a list of pairs."""
    if isinstance(value, list | tuple):
        return {str(pair[0]): pair[1] for pair in value if isinstance(pair, list | tuple) and len(pair) == 2}
    return value if isinstance(value, dict) else {}


def _sort(details: dict[str, Json]) -> _Counts:
    counts = _Counts()
    for key, value in details.items():
        count = parse_count(value)
        if count is None:
            continue
        plain = re.sub(r"[\W_]", "", key).lower()
        if plain in ("total", "totaltokens", "totaltokencount", "totalusage"):
            counts.total = count
        elif plain in _INPUT:
            counts.given = count
        elif plain in _OUTPUT:
            counts.taken = count
        elif not _NO_PART.search(key) and not plain.endswith("cost"):
            _sort_detail(counts, key, count)
    return counts


def _sort_detail(counts: _Counts, key: str, count: int) -> None:
    counts.is_within = counts.is_within or _WITHIN.match(key) is not None
    if _WRITE.search(key):
        if split := _WRITE_SPLIT.search(key):
            counts.write_split += count
            counts.write_1h += count if split[1].lower() == "1h" else 0
        else:
            counts.write = max(counts.write, count)
    elif _READ.search(key):
        counts.read = max(counts.read, count)
    elif _REASONING.search(key):
        counts.reasoning = max(counts.reasoning, count)
    elif _OF_INPUT.match(key):
        counts.more_given += count
    elif _OF_OUTPUT.match(key):
        counts.more_taken += count


def _normalised(counts: _Counts) -> Usage:
    if counts.write != counts.write_split:  # else the same tokens are told as a sum and by how long they are kept
        counts.write += counts.write_split
    read, write, given, taken = counts.read, counts.write, counts.given or 0, counts.taken or 0
    read_in, write_in, more_in, out_in = _within(counts, given, taken)
    usage = Usage(
        input_tokens=max(0, given - read_in * read - write_in * write) + (not more_in) * counts.more_given,
        cache_read_tokens=read,
        cache_write_tokens=write,
        output_tokens=taken + (not out_in) * (counts.reasoning + counts.more_taken),
        reasoning_tokens=counts.reasoning,
    )
    return with_long_kept(usage, counts.write_1h)


def _within(counts: _Counts, given: int, taken: int) -> tuple[bool, bool, bool, bool]:
    """Whether the cache's reads, its writes and the other details lie within input, and the details within output."""
    if counts.is_within:
        is_input = counts.read + counts.write <= given
        return is_input, is_input, True, counts.reasoning <= taken
    parts = (counts.read, counts.write, counts.more_given, counts.reasoning + counts.more_taken)
    ways = (
        (False, False, False, False),
        (True, True, True, True),
        (True, True, True, False),
        (False, False, False, True),
        (False, True, False, False),
        (False, True, False, True),
    )
    for way in ways:
        apart = sum(part for part, is_within in zip(parts, way, strict=True) if not is_within)
        if counts.total == given + taken + apart:
            return way
    return ways[0]
