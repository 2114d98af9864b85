"""What makes the log itself treat calls alike: its own label, the constant system prompt, the kind of call."""

import re
from functools import lru_cache

from advisor.ingest.grouping.words import is_generic
from advisor.types import GroupKey, Json, Kind, Request, Sample

_TEMPLATE_CHARS = 160
_READ_CHARS = 600
_CACHED = 4096
_MONTHS = "jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]"
_DATE_SENTENCE = re.compile(
    r"\b(today(['’]s date)?( is)?|(the )?current (date|time|day)[\w ]{0,20}( is)?|date(?=:))\b[:\s]+"
    r"[^.\n]{0,60}\d[^.\n]{0,60}([.\n]|$)",
    re.I,
)
_DATE = re.compile(
    rf"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b,?|\b({_MONTHS})[a-zä]*\.?(?=\s+\d)|\d+(st|nd|rd|th)?", re.I
)
_NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][\w'’-]+(\s+[A-ZÀ-Ý][\w'’-]+)*|<[A-Z_]+_?\d*>")
_MARKS = re.compile(r"[\d#*_`]+")
_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\S+@\S+\.\S+"
    r"|\b\d{4}-\d\d-\d\d([T ][\d:.+Z-]*)?|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b|\d{4,}",
    re.I,
)


def group_of(sample: Sample) -> GroupKey:
    """The group of a sample, by itself alone."""
    label = label_of(sample.use_case) if sample.use_case else None
    return GroupKey(label, template_of(system_text(sample.request)), shape_of(sample.request))


@lru_cache(maxsize=_CACHED)
def label_of(label: str) -> str | None:
    """A label without the ids and dates in it; None where nothing else is left, so that it says nothing."""
    bare = _ID.sub(" ", label)
    if bare == label:
        return " ".join(label.split()) if re.search(r"[^\W\d_]", label) else None
    bare = " ".join(bare.split()).strip(" -_/:.,;#|")
    return bare if re.search(r"[^\W\d_]{2}", bare) else None


@lru_cache(maxsize=_CACHED)
def template_of(system: str) -> str:
    """The start of the prompt without case, spacing, dates, numbers and names, which differ from call to call.

    Empty where it says nothing that tells one purpose from another.
    """
    head = _DATE_SENTENCE.sub(" ", system[:_READ_CHARS])
    head = _MARKS.sub(" ", _DATE.sub(" ", _NAME.sub("@", head)))
    plain = " ".join(head.casefold().split())[:_TEMPLATE_CHARS].strip()
    return "" if len(plain) < 8 or is_generic(plain) else plain


def shape_of(request: Request) -> Kind:
    """What the parameters alone tell: tool use, extraction (structured output) or chat."""
    if request.params.get("tools"):
        return Kind.TOOL_USE
    form = request.params.get("response_format")
    return Kind.EXTRACTION if isinstance(form, dict) and "json" in str(form.get("type")) else Kind.CHAT


def system_text(request: Request) -> str:
    """The text of the first system message, or nothing."""
    return next((text_of(m) for m in request.messages if m.get("role") in ("system", "developer")), "")


def user_text(request: Request) -> str:
    """The text of the last user message, or nothing."""
    return next((text_of(m) for m in reversed(request.messages) if m.get("role") == "user"), "")


def text_of(message: dict[str, Json]) -> str:
    """The text of a message; its other parts are left out."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
