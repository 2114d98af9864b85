"""What is found about money, traffic and load; the words of its codes are in advisor.text."""

from dataclasses import dataclass
from enum import StrEnum, auto

from advisor.types.assessments import Money
from advisor.types.calls import Model


class OptionKind(StrEnum):
    """A way to pay less without moving to an open model."""

    PROMPT_CACHING = auto()
    RESPONSE_CACHE = auto()
    NEAR_RESPONSE_CACHE = auto()
    BATCH = auto()
    SIBLING = auto()
    LONG_ANSWERS = auto()
    LONG_PROMPTS = auto()


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to pay less than today, taken alone."""

    kind: OptionKind | None
    """None: open models, as the plan moves to them or, undecided, at list prices."""
    saved: Money
    """Dollars a month."""
    is_tested: bool
    """Its quality is measured, or the answers stay the same."""


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """Today's monthly bill and the ways down from it. They overlap, so they must not be added up."""

    today_usd: float
    ways: tuple[Way, ...]
    minor: tuple[OptionKind, ...]
    """The others, which save next to nothing."""
    saved: Money | None
    """By the plan; None: undecided."""
    sibling: Model | None
    """The cheaper closed model of the provider in use."""
    better: Way | None
    """The way that saves the most, if that is more than the plan saves and worth a migration."""


@dataclass(frozen=True, kw_only=True)
class Untested:
    """A model that could be a candidate, with what one call would take there: the tokens as logged, at list prices."""

    name: str
    model: Model
    usd_per_call: Money
    """At its cheapest host, the one in the middle (``model``) and the most expensive."""


class OptionStep(StrEnum):
    """How the dollars of an option were computed, or why they are not known."""

    PART_OF_TRAFFIC = auto()
    A_MONTH = auto()
    NO_MONTH = auto()
    NO_TIMES = auto()
    NO_PRICE = auto()
    PROMPTS_READ = auto()
    SHARED = auto()
    CACHE_SAVING = auto()
    CACHE_RULE = auto()
    NO_CACHE_RULE = auto()
    NO_MODEL_PRICE = auto()
    NO_CACHE_PRICE = auto()
    NO_PROMPTS = auto()
    REPEATS = auto()
    REPEATS_COST = auto()
    REPEATS_WITHOUT_COST = auto()
    SOME_FRESH = auto()
    NEAR_REPEATS = auto()
    NEAR_COST = auto()
    ALL_BATCHED = auto()
    SOME_BATCHED = auto()
    BULK = auto()
    STEADY_PACE = auto()
    BULK_COST = auto()
    OTHER_TIERS = auto()
    DISCOUNT = auto()
    NO_DISCOUNT = auto()
    NO_BATCH_PRICE = auto()
    LONG_ANSWERS = auto()
    OUTPUT_COST = auto()
    LONG_PROMPTS = auto()
    PROMPT_COST = auto()
    INSTRUCTIONS = auto()
    INSTRUCTIONS_UNKNOWN = auto()
    FEW_PROMPTS = auto()
    SIBLING_COST = auto()
    SIBLING_RANGE = auto()
    SIBLING_NO_RANGE = auto()
    SIBLING = auto()
    NO_SIBLING = auto()
    SIBLING_LEFT_OUT = auto()
    NONE_CHEAPER = auto()


class CacheRuleSource(StrEnum):
    """Where a provider's rule of prompt caching was read."""

    OPENAI = auto()
    CLAUDE = auto()
    CLAUDE_LARGEST = auto()
    """The table does not list the model: its largest length is taken."""


class FindingName(StrEnum):
    """What a traffic profile looks for beside sums."""

    ERROR_RATE = auto()
    PEAK_IN_FLIGHT = auto()
    NOT_INTERACTIVE = auto()
    EXACT_DUPLICATES = auto()
    NEAR_DUPLICATES = auto()
    CACHED_INPUT = auto()
    REASONING_OUTPUT = auto()
    REPLAYABLE = auto()
    FOLLOWED = auto()


class FindingNote(StrEnum):
    """What a finding rests on, or why it is not known."""

    AS_MARKED = auto()
    NONE_MARKED = auto()
    NO_CALLS = auto()
    SAME_REQUEST = auto()
    NEAR_REQUEST = auto()
    NO_PROMPTS = auto()
    CACHE_READ = auto()
    NO_CACHE_READ = auto()
    REASONING = auto()
    NO_REASONING = auto()
    NO_USAGE = auto()
    WHOLE_PROMPT = auto()
    NOT_LAST = auto()
    NO_SESSIONS = auto()
    START_AND_LATENCY = auto()
    """``lacks``: ``traffic`` or ``latencies`` where there is more in flight; None."""
    NO_TIMES = auto()
    NO_LATENCIES = auto()
    IN_BULK = auto()
    NONE_IN_BULK = auto()


class SavingsCode(StrEnum):
    """What open models could save at list prices, before a replay, or why that is not known."""

    NOT_WORTH = auto()
    COSTS_MORE = auto()
    MAY_COST_MORE = auto()
    SAVES = auto()
    NO_OPEN_PRICE = auto()
    NO_USAGE = auto()
    NO_PRICE = auto()


class HostingInput(StrEnum):
    """A number that the result of self-hosting rests on."""

    CALLS = auto()
    TOKENS = auto()
    BUSIEST_HOUR = auto()
    AVERAGE_HOUR = auto()
    IN_FLIGHT = auto()
    BILL = auto()
    WEIGHTS = auto()
    WEIGHTS_OF_FILES = auto()
    GPU_MEMORY = auto()
    CACHE_OF_TOKEN = auto()
    CACHED_TOKENS = auto()
    GPU_HOUR = auto()
    THROUGHPUT = auto()
    SPARE_COPIES = auto()
    ENGINEERS = auto()
    MIGRATION = auto()
    HOSTED_CALL = auto()


class HostingSource(StrEnum):
    """Where such a number is from."""

    LOGGED_CALLS = auto()
    LOGGED_TOKENS = auto()
    ALL_HOURS = auto()
    HOURS_OF_WEEK = auto()
    HOURS_OF_DAY = auto()
    QUIET_HOURS_TOO = auto()
    LOGGED_LATENCIES = auto()
    LITTLES_LAW = auto()
    PRICED_ANSWERS = auto()
    MODEL_FILES = auto()
    MODEL_PARAMETERS = auto()
    GPU_CATALOG = auto()
    GPU_PRICES = auto()
    CATALOG = auto()
    """As the catalog itself words it."""
    CALLS_IN_FLIGHT = auto()
    ENTERED = auto()
    LOAD_TEST = auto()
    LOAD_TOOL = auto()
    """The result file of AIPerf, GuideLLM or vLLM."""
    HOST_PRICES = auto()


class HostingNote(StrEnum):
    """What the result of self-hosting lacks or does not say."""

    NOT_ONE_MACHINE = auto()
    NO_THROUGHPUT = auto()
    NO_TIMES = auto()
    NO_USAGE = auto()
    NO_HOST_PRICE = auto()
    NO_BILL = auto()
    FAILED_LEFT_OUT = auto()
    USE_CASES_WITHOUT_PRICE = auto()
    IN_FLIGHT_UNKNOWN = auto()
    FEW_CALLS = auto()
    SHORT_LOG = auto()
    CACHE_GUESSED = auto()
    """The shape of the model's cache is not known."""
    MEMORY_GUESSED = auto()
    """The number of calls in flight is not known."""
    NO_NATIVE_PRECISION = auto()
    ALL_EXPERTS = auto()
    AVERAGED = auto()


class PartKind(StrEnum):
    """Why calls of a run were made, or what became of them; in the order they are listed in."""

    FIRST = auto()
    REPEATS = auto()
    FAILED = auto()
    REUSED = auto()
    """Answers of an earlier run."""


class BillGap(StrEnum):
    """Why the dollars of a month are not known, or not all of them."""

    NO_TIMES = auto()
    ONE_MOMENT = auto()
    NO_PRICE = auto()
    USE_CASES_MISSING = auto()
    """The total lacks some use cases."""


class RunNote(StrEnum):
    """What a run that is planned will not do."""

    TOO_FEW_SAMPLES = auto()
    NO_EARLY_STOP = auto()


class LoadEnd(StrEnum):
    """How a load test ended; stored."""

    WITHIN_LIMITS = auto()
    BEYOND_LIMITS = auto()
    BUDGET_SPENT = auto()
    CANCELLED = auto()
    CANCELLED_WAITING = auto()
    INTERRUPTED = auto()
    UNUSABLE = auto()
    NOTHING_MEASURED = auto()
    FAULT = auto()
    DIED = auto()
    OTHER = auto()
    """As the error says, or an earlier version of this program."""


class LoadMeasure(StrEnum):
    """What the limits of a load test are about."""

    FAILED = auto()
    TTFT = auto()
    LATENCY = auto()
