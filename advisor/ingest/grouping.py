"""What makes the log itself treat calls alike: its own label, the constant system prompt, the kind of call."""

import re
from functools import lru_cache

from advisor.types import GroupKey, Json, Kind, Request, Sample

_TEMPLATE_CHARS = 160
_GENERIC = re.compile(
    r"(you are|you're) (a|an|the)? ?(very )?(helpful|friendly|useful|kind|concise)?,? ?(ai |virtual )?"
    r"(assistant|chatbot|ai)?\W*$"
)
_CACHED = 4096


def group_of(sample: Sample) -> GroupKey:
    """The group of a sample, by itself alone."""
    return GroupKey(sample.use_case, template_of(system_text(sample.request)), shape_of(sample.request))


@lru_cache(maxsize=_CACHED)
def template_of(system: str) -> str:
    """The start of the prompt without case, numbers and spacing: dates and names come later in most templates.

    Empty where it says nothing that tells one purpose from another.
    """
    plain = re.sub(r"[\d#*_`]+", " ", system[: 2 * _TEMPLATE_CHARS].casefold())
    plain = " ".join(plain.split())[:_TEMPLATE_CHARS].strip()
    return "" if len(plain) < 8 or _GENERIC.fullmatch(plain) else plain


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
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
