"""A prompt as far as grouping needs it: what calls have in common word for word, and what differs.

The log tells by its own label, the constant system prompt and the kind of call.
"""

import re
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache

import orjson

from advisor.ingest.grouping.words import is_generic, sentences, tokens
from advisor.ingest.values.json_text import as_list, as_object, at
from advisor.types import GroupKey, Json, Kind, Request, Sample

SYSTEM_HEAD, SYSTEM_TAIL = 3000, 1500
FIRST_CHARS = 1000
USER_CHARS = 400
_HEAD = 200
OPENING = 24
"""Words of a message that are looked at as the beginning of a template."""
_FIELDS = 40
_CACHED = 512
_TEMPLATE_CHARS = 160
_READ_CHARS = 600
_CACHED_TEMPLATES = 4096
_MONTHS = "jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]"
_DATE_SENTENCE = re.compile(
    r"\b(today(['’]s date)?( is)?|(the )?current (date|time|day)[\w ]{0,20}( is)?|date(?=:))\b[:\s]+"
    r"[^.\n]{0,60}\d[^.\n]{0,60}([.\n]|$)",
    re.I,
)
_DATE = re.compile(
    rf"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b,?|\b({_MONTHS})[a-zä]*\.?(?=\s+\d)|\d+(st|nd|rd|th)?", re.I
)
_PROPER_NAME = re.compile(r"(?<=[a-zà-ÿ,] )[A-ZÀ-Ý][\w'’-]+(\s+[A-ZÀ-Ý][\w'’-]+)*|<[A-Z_]+_?\d*>")
_SIGNS = re.compile(r"[\d#*_`]+")
_ID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\S+@\S+\.\S+"
    r"|\b\d{4}-\d\d-\d\d([T ][\d:.+Z-]*)?|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b|\d{4,}",
    re.I,
)


@dataclass(frozen=True)
class Prompt:
    """One call as grouping sees it: little of it, because very many are looked at together."""

    head: str
    """The beginning of the system prompt, empty where that says nothing."""
    sentences: frozenset[str]
    """Those of the system prompt, without those that fit every purpose."""
    user: str
    """The beginning of the first user message: in a conversation it says what the conversation is about."""
    shape: Kind
    marks: frozenset[str]
    """Names of tools, and of the fields of structured output."""

    @cached_property
    def opening(self) -> tuple[str, ...]:
        """The opening words of the user message."""
        return tokens(self.user, OPENING)

    @property
    def words(self) -> str:
        """What it is about."""
        return f"{self.user[:USER_CHARS]}\n{self.head}"


def read_prompt(request: Request, answer: str | None) -> Prompt:
    """The prompt of a call; its answer tells the fields where it is an object of JSON."""
    system = cut_system(system_text(request))
    says_something = bool(template_of(system))
    return Prompt(
        head=sys.intern(system[:_HEAD]) if says_something else "",
        sentences=_sentences(system) if says_something else frozenset(),
        user=first_message(request),
        shape=shape_of(request),
        marks=_marks(request.params, answer),
    )


def first_message(request: Request) -> str:
    """The beginning of the first user message, or nothing."""
    return next((text for m in request.messages if m.get("role") == "user" and (text := text_of(m))), "")[:FIRST_CHARS]


def cut_system(system: str) -> str:
    """Beginning and end of a system prompt, where purpose and form are said."""
    if len(system) > SYSTEM_HEAD + SYSTEM_TAIL:
        system = f"{system[:SYSTEM_HEAD]}\n{system[-SYSTEM_TAIL:]}"
    return sys.intern(system)


@lru_cache(maxsize=_CACHED)
def _sentences(system: str) -> frozenset[str]:
    return frozenset(map(sys.intern, sentences(system)))


def _marks(params: dict[str, Json], answer: str | None) -> frozenset[str]:
    names = {str(at(tool, "function", "name") or "") for tool in as_list(params.get("tools"))}
    if names - {""}:
        return frozenset(f"tool {name}" for name in names if name)
    fields = at(params, "response_format", "json_schema", "schema", "properties")
    if not isinstance(fields, dict) and answer and answer.lstrip()[:1] == "{":
        try:
            fields = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return frozenset()
    return frozenset(f"field {name}" for name in list(as_object(fields))[:_FIELDS])


def group_of(sample: Sample) -> GroupKey:
    """The group of a sample, by itself alone."""
    label = label_of(sample.use_case) if sample.use_case else None
    return GroupKey(label, template_of(system_text(sample.request)), shape_of(sample.request))


@lru_cache(maxsize=_CACHED_TEMPLATES)
def label_of(label: str) -> str | None:
    """A label without the ids and dates in it; None where nothing else is left, so that it says nothing."""
    bare = _ID.sub(" ", label)
    if bare == label:
        return " ".join(label.split()) if re.search(r"[^\W\d_]", label) else None
    bare = " ".join(bare.split()).strip(" -_/:.,;#|")
    return bare if re.search(r"[^\W\d_]{2}", bare) else None


@lru_cache(maxsize=_CACHED_TEMPLATES)
def template_of(system: str) -> str:
    """The start of the prompt without case, spacing, dates, numbers and names, which differ from call to call.

    Empty where it says nothing that tells one purpose from another.
    """
    head = _DATE_SENTENCE.sub(" ", system[:_READ_CHARS])
    head = _SIGNS.sub(" ", _DATE.sub(" ", _PROPER_NAME.sub("@", head)))
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
