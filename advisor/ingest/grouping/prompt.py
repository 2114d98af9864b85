"""A prompt as far as grouping needs it: what calls of one purpose have word for word in common, and what differs."""

import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache

import orjson

from advisor.ingest.grouping.group import shape_of, system_text, template_of, text_of
from advisor.ingest.grouping.words import sentences, tokens
from advisor.types import Json, Kind, Request

SYSTEM_HEAD, SYSTEM_TAIL = 3000, 1500
FIRST_CHARS = 1000
USER_CHARS = 400
_HEAD = 200
OPENING = 24
"""Words of a message that are looked at as the beginning of a template."""
_FIELDS = 40
_CACHED = 512


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
    tools = params.get("tools")
    names = (
        {_name(tool.get("function")) for tool in tools if isinstance(tool, dict)} if isinstance(tools, list) else set()
    )
    if names - {""}:
        return frozenset(f"tool {name}" for name in names if name)
    form = params.get("response_format")
    schema = form.get("json_schema") if isinstance(form, dict) else None
    body = schema.get("schema") if isinstance(schema, dict) else None
    fields = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(fields, dict) and answer and answer.lstrip()[:1] == "{":
        try:
            fields = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return frozenset()
    return frozenset(f"field {name}" for name in list(fields)[:_FIELDS]) if isinstance(fields, dict) else frozenset()


def _name(function: Json) -> str:
    return str(function.get("name") or "") if isinstance(function, dict) else ""
