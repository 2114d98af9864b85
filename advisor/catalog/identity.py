"""One name for the same weights, however a host spells them. Joins are exact: money and licences are never guessed."""

import functools
import re
from datetime import UTC, date, datetime
from typing import NamedTuple

VENDORS = re.compile(r"^(fw-|databricks-|@cf/|~)")
_REGION = re.compile(r"^(us|us-gov|eu|in|apac|jp|au|ca|global|regional)\.")
_MAKER = re.compile(
    r"^(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen"
    r"|twelvelabs|writer|xai|zai)\."
)
"""What Amazon puts before a name: first the region, if it tells one, then the maker."""
_RESOURCE = re.compile(
    r"^(?:bedrock/)?arn:aws:bedrock:[^/]*:(?:foundation-model|inference-profile)/"
    r"|^(?:projects/[^/]+/locations/[^/]+/)?publishers/google/models/"
)
VARIANT = re.compile(
    r"(-instruct|-it|(?<=-instruct)-turbo|-fp8|-fp4|-nvfp4|-mxfp4|-bf16|-awq|-gptq|-q\d[\w]*|-maas|-tee|-versatile|:free|-free)$"
)

FAMILIES = {
    "OpenAI": r"(chat)?gpt|o[134](-|$)|davinci|text-davinci|codex",
    "Claude": r"claude",
    "Gemini": r"gemini|gemma",
    "Llama": r"llama|codellama|nemotron",
    "Qwen": r"qwen|qwq|qvq",
    "Mistral": r"mistral|mixtral|ministral|codestral|magistral|devstral|pixtral",
    "DeepSeek": r"deepseek",
    "Kimi": r"kimi|moonshot",
    "GLM": r"glm|chatglm",
    "Command": r"command|c4ai|aya",
    "Phi": r"phi(-|\d)",
    "Granite": r"granite",
    "MiniMax": r"minimax|abab",
    "Nova": r"nova-|titan",
    "Grok": r"grok",
    "Falcon": r"falcon",
    "OLMo": r"olmo|tulu",
    "SmolLM": r"smollm",
    "Yi": r"yi-",
}
"""Name of a family -> how the names of its models begin, or what they hold after a separator."""


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


def family_of(model_id: str) -> str | None:
    """The family that a model's id tells, or None where it tells none.

    A judge prefers its own kind, so it should be of another family (METHOD 3).
    """
    name = canonical_name(model_id)
    for family, pattern in FAMILIES.items():
        if re.search(rf"(^|[-_.])({pattern})", name):
            return family
    return None


def without_account(model_id: str) -> str:
    """An id without the account and the place that Amazon and Google may name it with, in full.

    What an application profile stands for nobody but its account knows: it stays as it is.
    """
    return _RESOURCE.sub("", model_id.strip())


_SPELLINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), to)
    for pattern, to in (
        (r"(.*/)?(claude-[a-z0-9.-]+?)(?:-v\d)?@(\d{8})", r"\1\2-\3"),  # Vertex AI
        (r"(.*/)?(claude-[a-z0-9.-]+?)@(?:latest|default)", r"\1\2"),
        (r"(.*/)?(claude-3-5-sonnet)-v2(?:@latest|@default)?", r"\1\2-20241022"),
        (r"google-(?:gla|vertex):(.+)", r"google/\1"),
        (r"(.*/)?(gemini-[\d.]+-[a-z]+(?:-lite|-8b)?)-00\d", r"\1\2"),
        (r"(openai|anthropic|azure|bedrock|cohere|deepseek|google|groq|mistral|xai)[:|](?!.*/)(.+)", r"\1/\2"),
        (r"openai\.((?!gpt-oss).+)", r"openai/\1"),
        (r"(chatgpt-.+)", r"openai/\1"),
        (r"(?:azure[/_-])?gpt-?35-turbo(.*)", r"gpt-3.5-turbo\1"),
        (r"accounts/fireworks/models/.+", r"fireworks_ai/\g<0>"),
        (r"(?!.*/)(llama.+-(?:versatile|instant))", r"groq/\1"),
        (r"gpt_?(\d.*)", r"gpt-\1"),
    )
)
"""How vendors, gateways and people write a name -> as price lists have it. Each is the same model at the same maker."""


@functools.lru_cache(4096)
def spellings(model_id: str) -> tuple[str, ...]:
    """A name as it is, then as price lists may have it: hyphens for spaces, no vendor's revision, with its provider."""
    found = [model_id, without_account(model_id)]
    if " " in found[-1]:
        found.append(re.sub(r"[\s()]+", "-", found[-1].lower()).strip("-"))
    for pattern, to in _SPELLINGS:
        for name in tuple(found):
            if match := pattern.fullmatch(name):
                found.append(match.expand(to))
    return tuple(dict.fromkeys(found))


def is_amazons(name: str) -> bool:
    """Whether a name without a provider is spelled as Amazon spells its ids, such as ``us.meta.llama3-3-70b-v1:0``."""
    return bool(_MAKER.match(_REGION.sub("", name.lower())))


def region_in(name: str) -> str | None:
    """The region that one of Amazon's ids begins with."""
    found = _REGION.match(name.lower())
    return found[1] if found else None


@functools.lru_cache(4096)
def is_same_model(asked: str, found: str, *, any_version: bool = False) -> bool:
    """Whether two names differ by nothing but spelling, a date or stage, or one of them leaving these out.

    For price tables that match by prefix: ``gpt-4o-2024-08-06`` is ``gpt-4o``; ``gpt-4o-nova`` is not, and neither is
    ``mistral-large-2512`` ``mistral-large-2407``, nor ``gpt-4o-v7`` ``gpt-4o``: a version must stand in both, unless it
    is known that there is such a name (``any_version``).
    """
    (first, days, versions), (second, found_days, found_versions) = (_apart(_plain(name)) for name in (asked, found))
    if first != second or not (any_version or versions <= found_versions):
        return False
    return not days or not found_days or days == found_days


def without_ending(name: str) -> str:
    """A name in its own spelling and small letters, without the date, stage and version at its end."""
    return _apart(name.strip().lower()).stem


def stem_of(name: str) -> str:
    """A name without the date, stage and version at its end, spelled as all lists' names can be."""
    return _apart(_plain(name)).stem


def days_in(name: str) -> tuple[date, ...]:
    """The days with a year that a name ends in, such as ``-20250929``."""
    return tuple(day for text in _apart(_plain(name)).days if (day := _day(text)) is not None)


class _Parts(NamedTuple):
    stem: str
    days: frozenset[str]
    """Digits only."""
    versions: frozenset[str]


_ENDING = re.compile(
    r"-(?:(?P<day>\d{4}-\d{2}-\d{2}|\d{8}|\d{6}|\d{4})"
    r"|(?:preview|exp|experimental)-(?P<stage_day>\d{2}-\d{4}|\d{2}-\d{2})"
    r"|(?P<version>v\d+(?:-\d)?)|0|latest|preview|exp|experimental)$"
)
"""Date, version or stage at the end of a name; a bare number below 1000 is another model."""
_FIRST_YEAR, _LAST_YEAR = 2022, 2099


def _apart(name: str) -> _Parts:
    stem, days, versions = name, set(), set()
    while match := _ENDING.search(stem):
        text = match["day"] or match["stage_day"]
        if text and not _is_date(text):
            break
        if text:
            days.add(text.replace("-", ""))
        if match["version"]:
            versions.add(match["version"])
        stem = stem[: match.start()]
    return _Parts(stem, frozenset(days), frozenset(versions))


def _is_date(text: str) -> bool:
    """Whether digits can be a date, however makers shorten it: with or without a year, with or without a day."""
    digits = text.replace("-", "")
    forms = {8: ("%Y%m%d",), 6: ("%y%m%d", "%Y%m"), 4: ("%m%d", "%y%m")}[len(digits)]
    if re.fullmatch(r"\d{2}-\d{4}", text):
        forms = ("%m%Y",)
    elif re.fullmatch(r"\d{2}-\d{2}", text):
        forms = ("%m%d",)
    return any(_read(digits, form) for form in forms)


def _read(digits: str, form: str) -> date | None:
    """The day in digits, in the leap year 2024 where they give no year."""
    if "y" not in form.lower():
        digits, form = f"2024{digits}", f"%Y{form}"
    try:
        found = datetime.strptime(digits, form).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found.date() if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def _day(digits: str) -> date | None:
    return _read(digits, "%Y%m%d") if len(digits) == 8 else None


def _plain(name: str) -> str:
    name = name.strip().lower().rpartition("/")[2].removesuffix("@default")  # Google's way to leave the date out
    name = _MAKER.sub("", _REGION.sub("", name))
    name = re.sub(r"(?<=\d)p(?=\d)", "-", name)
    return re.sub(r"[.:@_ ]", "-", name)
