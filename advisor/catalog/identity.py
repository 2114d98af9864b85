"""One name for the same weights, however a host spells them. Joins are exact: money and licences are never guessed."""

import functools
import re

VENDORS = re.compile(r"^(fw-|databricks-|@cf/|~)")
REGIONS = re.compile(r"^((us|eu|apac|jp|au|ca|global|regional|us-gov)\.)?(?=[a-z]+\.)")
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
    """Whether two names differ by nothing but spelling, a date, a revision or the word latest or preview.

    For price tables that match by prefix: ``gpt-4o-2024-08-06`` is ``gpt-4o``; ``gpt-4o-nova`` is not.
    """
    first, second = _plain(asked), _plain(found)
    if first == second:
        return True
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return longer.startswith(f"{shorter}-") and re.fullmatch(SUFFIX, longer[len(shorter) :]) is not None


SUFFIX = r"(-(\d{1,8}|v\d+|latest|preview|exp|experimental|beta|default|instruct|chat|versatile|it|maas))+"


def _plain(name: str) -> str:
    name = name.strip().lower().rpartition("/")[2]
    name = REGIONS.sub("", name)
    name = re.sub(
        r"^(anthropic|meta|mistral|cohere|amazon|deepseek|openai|qwen|google|nvidia|moonshotai|zai|minimax)\.", "", name
    )
    name = re.sub(r"(?<=\d)p(?=\d)", "-", name)
    return re.sub(r"[.:@_ ]", "-", name)
