"""Calls of a log counted by what they have."""

from collections import Counter
from dataclasses import dataclass, field

from advisor.ingest.homemade.told import Heard
from advisor.ingest.messages.usage import HalfTold, is_told
from advisor.types import Sample
from advisor.types.codes import CallNote, Fact

_TIMED = 1000
"""Latencies that are kept, to see how long half of the calls take."""


@dataclass(kw_only=True, slots=True)
class Tally:
    """Calls of one file in one format, counted by what they have."""

    kinds: Counter[tuple[bool, ...]] = field(default_factory=Counter)
    """Calls by whether they have each Fact, in their order."""
    notes: Counter[CallNote] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds, of the first calls."""
    at_midnight: int = 0
    unanswered: int = 0
    """Calls without an answer that didn't fail."""
    halves: Counter[str] = field(default_factory=Counter)
    """Calls with tokens of one side only, by the side: ``input`` or ``output``."""
    session: str | None = None
    """Of the first calls that have one."""
    is_one_session: bool = True
    """Whether all calls have that one."""

    def put(self, sample: Sample) -> None:
        """Count one call."""
        metered, answer = sample.metered, sample.answer
        kind = (
            bool(sample.request.messages),
            answer is not None and bool(answer.text or answer.tool_calls),
            bool(sample.model),
            is_told(metered.usage),
            metered.at is not None,
            metered.latency_s is not None,
            metered.cost_usd is not None,
            bool(sample.request.params.get("tools")),
            sample.ids.session is not None,
            sample.reference is not None,
        )
        self.kinds[kind] += 1  # one count, not ten: this is done for every call
        if not kind[1] and sample.error is None:
            self.unanswered += 1
        if isinstance(metered.usage, HalfTold):
            self.halves["input" if metered.usage.is_of_prompt else "output"] += 1
        if self.session is None:
            self.session = sample.ids.session
        self.is_one_session &= sample.ids.session is not None and sample.ids.session == self.session
        if metered.at is not None:
            self.at_midnight += metered.at.hour == metered.at.minute == metered.at.second == 0
        if metered.latency_s is not None and len(self.latencies) < _TIMED:
            self.latencies.append(metered.latency_s)
        if sample.notes:
            self.notes.update(sample.notes)

    def add(self, other: "Tally") -> None:
        """Count the calls of another part of the file, too."""
        self.kinds += other.kinds
        self.notes += other.notes
        self.latencies += other.latencies[: _TIMED - len(self.latencies)]
        self.at_midnight += other.at_midnight
        self.unanswered += other.unanswered
        self.halves += other.halves
        self.is_one_session &= other.is_one_session and self.session in (None, other.session)
        self.session = self.session or other.session

    @property
    def calls(self) -> int:
        """All of them."""
        return self.kinds.total()

    def with_fact(self, fact: Fact) -> int:
        """How many have it."""
        place = list(Fact).index(fact)
        return sum(count for kind, count in self.kinds.items() if kind[place])

    @property
    def only_side(self) -> str | None:
        """The side of which tokens are told where no call tells both; ``one-sided`` where calls differ."""
        if not self.halves or self.with_fact(Fact.TOKENS):
            return None
        return next(iter(self.halves)) if len(self.halves) == 1 else "one-sided"

    def share(self, fact: Fact) -> float:
        """The part of the calls that has it; 0 where there are none."""
        return self.with_fact(fact) / self.calls if self.calls else 0.0


@dataclass(frozen=True, kw_only=True)
class Account:
    """What was understood of one file in one format."""

    file: str
    format: str
    tally: Tally
    unused: dict[str, str] = field(default_factory=dict)
    """Columns or keys that nothing was read from, each with one value; those of long texts first."""
    unknown_durations: tuple[str, ...] = ()
    """Columns with durations in an unknown unit."""
    likely_unit: str | None = None
    """The only unit that would make them durations of calls."""
    guessed_order: str | None = None
    """``day-first`` or ``month-first``, where dates don't show it."""
    has_unclear_zone: bool = False
    """Whether times say CST, which is America's and China's."""
    guess: str = ""
    """Which columns hold prompt and answer, and why, where neither the format nor a person says it."""
    heard: Heard = field(default_factory=Counter)
    """Rows of a table of turns, or turns in lists, by who speaks."""
    rows: int = 0
    """Of a table of turns."""
    mapped: frozenset[str] = frozenset()
    """The roles that columns of a table have."""
    is_growing: bool = False
    """Whether records repeat the conversations before them."""
