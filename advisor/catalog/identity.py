"""One name for the same weights, however a host spells them. Joins are exact: money and licences are never guessed."""

import functools
import re

VENDORS = re.compile(r"^(fw-|databricks-|@cf/|~)")
REGIONS = re.compile(r"^(us|eu|in|apac|jp|au|ca|global|regional|us-gov)\.")
MAKERS = re.compile(
    r"^(anthropic|meta|mistral|cohere|amazon|deepseek|openai|qwen|google|nvidia|moonshotai|zai|minimax)\."
)
"""What Amazon puts before a name."""
VARIANT = re.compile(
    r"(-instruct|-chat|-it|-turbo|-fp8|-fp4|-nvfp4|-mxfp4|-bf16|-awq|-gptq|-q\d[\w]*|-maas|-tee|-versatile|:free|-free)$"
)


def canonical_name(model_id: str) -> str:
    """The part of an id that names the weights: no provider, no host's prefix, no variant of precision or tuning.

    ``fireworks_ai/accounts/fireworks/models/kimi-k2p6`` and ``moonshotai/Kimi-K2.6`` give ``kimi-k2.6``.
    """
    name = model_id.strip().lower().rpartition("/")[2]
    name = VENDORS.sub("", name)
    name = re.sub(r"(?<=\d)p(?=\d)", ".", name)
    while (shorter := VARIANT.sub("", name)) != name:
        name = shorter
    return name.replace(":", "-")


@functools.lru_cache(4096)
def is_same_model(asked: str, found: str) -> bool:
    """Whether two names differ by nothing but spelling, a revision, or one of them leaving the date out.

    For price tables that match by prefix: ``gpt-4o-2024-08-06`` is ``gpt-4o``; ``gpt-4o-nova`` is not, and neither is
    ``mistral-large-2512`` ``mistral-large-2407``.
    """
    first, second = _plain(asked), _plain(found)
    if REVISION.sub("", first) != REVISION.sub("", second):
        return False
    asked_dates, found_dates = (DATE.findall(name[len(REVISION.sub("", name)) :]) for name in (first, second))
    return not asked_dates or not found_dates or asked_dates == found_dates


DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{4,}")
REVISION = re.compile(
    r"(-(\d{4}-\d{2}-\d{2}|\d{4}|\d{6}|\d{8}|v\d+(-\d)?|0|latest|default|(preview|exp|experimental|beta)(-\d{2}-\d{2,4})?))*$"
)
"""Date, revision or stage at the end of a name; a bare number below 1000 is a version and stays."""


def _plain(name: str) -> str:
    name = name.strip().lower().rpartition("/")[2]
    name = MAKERS.sub("", REGIONS.sub("", name))
    name = re.sub(r"(?<=\d)p(?=\d)", "-", name)
    return re.sub(r"[.:@_ ]", "-", name)
