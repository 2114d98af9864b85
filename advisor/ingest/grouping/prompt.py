"""A prompt as far as grouping needs it: what calls of one purpose have word for word in common, and what differs."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import orjson

from advisor.ingest.grouping.group import shape_of, system_text, template_of, text_of
from advisor.ingest.grouping.words import sentences, tokens
from advisor.types import Json, Kind, Request

SYSTEM_HEAD, SYSTEM_TAIL = 3000, 1500
USER_CHARS = 400
OPENING = 24
"""Words of a message that are looked at as the beginning of a template."""
_FIELDS = 40
_CACHED = 512


@dataclass(frozen=True)
class Prompt:
    """One call as grouping sees it."""

    system: str
    user: str
    """The first user message: in a conversation it says what the conversation is about."""
    shape: Kind
    marks: frozenset[str]
    """Names of tools, and of the fields of structured output."""

    @cached_property
    def sentences(self) -> frozenset[str]:
        """The sentences of the system prompt, without those that fit every purpose."""
        return _sentences(self.system) if template_of(self.system) else frozenset()

    @cached_property
    def opening(self) -> tuple[str, ...]:
        """The first words of the user message."""
        return tokens(self.user, OPENING)

    @property
    def words(self) -> str:
        """What it is about."""
        head = self.system[:200] if template_of(self.system) else ""
        return f"{self.user[:USER_CHARS]}\n{head}"


def read_prompt(request: Request, answer: str | None) -> Prompt:
    """The prompt of a call; its answer tells the fields where it is an object of JSON."""
    user = next((text for m in request.messages if m.get("role") == "user" and (text := text_of(m))), "")
    return Prompt(
        system=system_text(request), user=user[:2000], shape=shape_of(request), marks=_marks(request.params, answer)
    )


@lru_cache(maxsize=_CACHED)
def _sentences(system: str) -> frozenset[str]:
    if len(system) > SYSTEM_HEAD + SYSTEM_TAIL:
        system = f"{system[:SYSTEM_HEAD]}\n{system[-SYSTEM_TAIL:]}"
    return frozenset(sentences(system))


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
