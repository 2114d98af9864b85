"""Codes of what is found about money and traffic; advisor.text names the values of each as parameters of its words."""

from enum import StrEnum, auto


class OptionKind(StrEnum):
    """A way to pay less without moving to an open model."""

    PROMPT_CACHING = auto()
    RESPONSE_CACHE = auto()
    NEAR_RESPONSE_CACHE = auto()
    BATCH = auto()
    SIBLING = auto()
    LONG_ANSWERS = auto()
    LONG_PROMPTS = auto()


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
