"""From the rows of a log to what is stored: read, redacted, grouped and priced, which needs nothing but the row."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

import orjson

from advisor.catalog.prices import price_logged
from advisor.catalog.rates import TERM_KEYS, terms_of
from advisor.collect.tally import Tally
from advisor.ingest.call_parts import Part, Unfolded, unreadable
from advisor.ingest.files.bytestream import Chunk
from advisor.ingest.files.rows import read_lines
from advisor.ingest.grouping.prompt import group_of
from advisor.ingest.log import LogFile
from advisor.ingest.messages.usage import counts_told, is_billed_beside_text, is_told, kept_an_hour
from advisor.ingest.reader import ROW_FAULTS
from advisor.ingest.reading import Reading
from advisor.ingest.redaction.redact import Redactor
from advisor.ingest.same_calls import Span, call_digest, digests_of, is_identified
from advisor.ingest.values.storable import storable
from advisor.llm.written import canonical
from advisor.types import (
    AS_LOGGED,
    GroupKey,
    Json,
    Kind,
    NewSample,
    PriceSource,
    Rejection,
    Sample,
    Usage,
    stored_time,
)

_SLICE = 2000
_counts = attrgetter(*Usage.__dataclass_fields__)
MOST_TOKENS = 2**31 - 1
"""That one call can have."""


class Ready(NamedTuple):
    """A row that can be stored."""

    sample: NewSample
    is_identified: bool
    """Whether the provider's id tells it from every other call; else equal calls are told apart by counting them."""
    span: Span | None


@dataclass(kw_only=True, slots=True)
class Taken:
    """What became of some rows of a log, in their order."""

    ready: list[Ready] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    parts: list[tuple[int, Part]] = field(default_factory=list)
    redactions: Counter[str] = field(default_factory=Counter)
    chars: int = 0
    """Of the texts of what is ready."""
    last_row: int = 0
    bytes_read: int = 0
    """Of the file as it lies there; 0 where it is not known."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """Format to its calls, by what they have."""


class Intake:
    """Reads the rows of one log."""

    def __init__(self, log: LogFile, *, redaction_key: bytes | None) -> None:
        """Without a key nothing is redacted."""
        self._reading = Reading(log)
        self._redactor = Redactor(redaction_key) if redaction_key is not None else None

    def take(self, records: Iterable[tuple[int, dict[str, Json] | Rejection]]) -> Taken:
        """Read records that stand alone, or are parts of calls."""
        taken = Taken()
        for row, record in records:
            taken.last_row = row
            found = self._reading.take(row, record)
            if isinstance(found, Part):
                taken.parts.append((row, found))
            else:
                self._put(row, found, taken)
        return self._finished(taken)

    def take_chunk(self, chunk: Chunk) -> Iterator[Taken]:
        """Read lines of JSON, of which one may wrap very many records; rows are numbered from 1 within the chunk."""
        unfolded = Unfolded(read_lines(chunk))
        records = iter(unfolded)
        while some := list(islice(records, _SLICE)):
            yield self.take(some)
        yield Taken(last_row=chunk.line_count + unfolded.more, bytes_read=len(chunk.lines))

    def take_joined(self, row: int, record: dict[str, Json] | Exception) -> Taken:
        """Read a call that was put together from its parts."""
        taken = Taken(last_row=row)
        self._put(row, self._reading.read(row, record), taken)
        return self._finished(taken)

    def _put(self, row: int, items: list[Sample | Rejection], taken: Taken) -> None:
        for item in items:
            if isinstance(item, Sample):
                try:
                    taken.ready.append(self._ready(item))
                    taken.tallies.setdefault(self._reading.format, Tally()).put(item)
                    continue
                except ROW_FAULTS as error:  # one row never stops the others
                    item = unreadable(row, error)
            if self._redactor:
                item = replace(item, reason=self._redactor.redact_text(item.reason))
            taken.rejections.append(item)

    def _ready(self, sample: Sample) -> Ready:
        """Raises TypeError for what cannot be written at all."""
        if sample.metered.usage and max(_counts(sample.metered.usage)) > MOST_TOKENS:
            # No call ever had as many, and no database takes the number.
            sample = replace(sample, metered=replace(sample.metered, usage=None))
        sample, price = _with_price(storable(sample))
        digest = call_digest(sample)
        kept = self._redactor.redact(sample) if self._redactor else sample
        return Ready(
            sample=new_sample(kept, digest, price),
            is_identified=is_identified(sample),
            span=Span(sample.ids.span, sample.ids.parent_span, sample.metered.at, sample.metered.latency_s)
            if sample.ids.span
            else None,
        )

    def _finished(self, taken: Taken) -> Taken:
        taken.chars = sum([len(new.request) + len(new.answer) + len(new.target) for new, _, _ in taken.ready])
        if self._redactor:
            taken.redactions, self._redactor.counts = self._redactor.counts, Counter()
        return taken


_SOME = Usage(input_tokens=1, output_tokens=1)
"""To see whether a model has a price at all."""
_SEARCHES = "-search-"
"""In the names of OpenAI's chat models that search the web at every call, for a fee."""


def _with_price(sample: Sample) -> tuple[Sample, tuple[float, PriceSource] | None]:
    """The sample as it was asked, without a cost that cannot be, and what it cost with the source; None: unpriced.

    A cost of 0 for an answer of a model that a list has a price for means that who wrote the log knew none. A call that
    failed costs nothing unless the log says so.
    """
    logged = sample.metered.cost_usd
    if logged is not None and not (math.isfinite(logged) and logged >= 0):
        logged = None
    listed = None
    if not logged and sample.error is None and sample.model:
        usage = sample.metered.usage or _SOME
        terms = terms_of(sample.request.params)
        if kept := kept_an_hour(usage):
            terms = replace(terms, cache_write_1h_tokens=kept)
        listed = price_logged(sample.model, usage, sample.metered.at, terms)
        if listed is not None and kept and terms.tier is None:  # a tier's price is told as such already
            listed = listed[0], replace(listed[1], cache_1h=True)
        if listed is not None and (is_billed_beside_text(usage) or _SEARCHES in sample.model):
            listed = listed[0], replace(listed[1], text_only=True)
    if logged == 0 and listed is not None and listed[0] > 0:
        logged = None
    if logged != sample.metered.cost_usd:
        sample = replace(sample, metered=replace(sample.metered, cost_usd=logged))
    if logged is None:
        return _as_asked(sample), listed if is_told(sample.metered.usage) else None
    return _as_asked(sample), (logged, AS_LOGGED)


def _as_asked(sample: Sample) -> Sample:
    """Without how it was served: that isn't part of the request to other models, and many refuse the parameter."""
    params = sample.request.params
    if TERM_KEYS.isdisjoint(params):
        return sample
    asked = {key: value for key, value in params.items() if key not in TERM_KEYS}
    return replace(sample, request=replace(sample.request, params=asked))


def new_sample(sample: Sample, digest: str, price: tuple[float, PriceSource] | None) -> NewSample:
    """A sample as it is stored, with its price and where that comes from. Raises TypeError for what no JSON holds."""
    answer, usage = sample.answer, sample.metered.usage
    cost_usd, source = price or (None, None)
    messages = canonical(sample.request)
    return NewSample(
        digest=digest,
        group=_shared(*group_of(sample)),
        facts=(
            *digests_of(messages, sample.request.params),
            sample.ids.external_id,
            sample.ids.session,
            sample.model,
            *counts_told(usage),
            sample.metered.cost_usd,
            cost_usd,
            source and source.code,
            sample.metered.latency_s,
            sample.metered.ttft_s,
            stored_time(sample.metered.at),
            answer is not None and not answer.is_empty,
            sample.reference is not None,
            sample.error,
            sample.not_replayable,
        ),
        request=f'{{"messages":{messages.decode()},"params":{_json(sample.request.params)}}}',
        answer=_json(answer),
        target=_json(sample.reference.value) if sample.reference else "null",
    )


@lru_cache(maxsize=4096)
def _shared(label: str | None, template: str, shape: Kind) -> GroupKey:
    """The same object for the same key: then it goes from process to process once for many rows."""
    return GroupKey(label, template, shape)


def _json(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
