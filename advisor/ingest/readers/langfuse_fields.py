"""Langfuse's free-form fields: the model parameters, the tools that were on offer, and the usage details."""

import re
from dataclasses import dataclass

import orjson

from advisor.ingest.messages.request import PARAM_KEYS, PARAM_NAMES
from advisor.ingest.messages.tools import function_tool, tools_of
from advisor.ingest.messages.usage import read_usage, with_long_kept
from advisor.ingest.values.json_text import as_list, as_object, at, decode, object_in
from advisor.ingest.values.numbers import parse_count, parse_number
from advisor.types import Json, Usage

_INSTRUCTIONS = dict.fromkeys(("system_instruction", "systemInstruction", "system"), "instructions")
_NUMBERS = frozenset({
    "temperature", "top_p", "top_k", "min_p", "seed", "frequency_penalty", "presence_penalty", "repetition_penalty",
})  # fmt: skip
_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})
_PROVIDER = re.compile(r"[\w-]+(\.[\w-]+)*")
"""What Langfuse keeps as ``system`` of spans is OpenTelemetry's name of the provider, such as ``openai.responses``."""
OF_RESPONSES = frozenset({"instructions", "text", "reasoning", "previous_response_id"})
"""What only OpenAI's Responses API takes."""
_OTHERS = frozenset(PARAM_KEYS) - _NUMBERS - _LIMITS - {"modalities", "web_search_options", "service_tier"}
_ATTRIBUTE_TOOL = re.compile(r"llm\.tools\.\d+\.tool\.json_schema")
_INPUT = frozenset({
    "input", "inputtokens", "prompt", "prompttokens", "inputtokencount", "prompttokencount", "inputusage",
})  # fmt: skip
_OUTPUT = frozenset({
    "output", "outputtokens", "completion", "completiontokens", "outputtokencount", "candidatestokencount",
    "generatedtokencount", "outputusage",
})  # fmt: skip
_READ = re.compile(r"cache_?read|cached|cache_?hit", re.I)
_WRITE = re.compile(r"cache_?(creation|write)", re.I)
_WRITE_SPLIT = re.compile(r"_(5m|1h)$", re.I)
_REASONING = re.compile(r"reasoning|thought", re.I)
_OF_INPUT = re.compile(r"^(input|prompt)[_.]|^prompt_details\.", re.I)
_OF_OUTPUT = re.compile(r"^(output|completion)[_.]|^completion_details\.", re.I)
_WITHIN = re.compile(r"^(prompt|completion)_details\.", re.I)
_NO_PART = re.compile(r"priority|flex|cache_?miss|total", re.I)


def map_in(value: Json) -> dict[str, Json]:
    """An object, also in text; Parquet gives a map as a list of pairs."""
    value = decode(value)
    if isinstance(value, list | tuple):
        return {str(pair[0]): pair[1] for pair in value if isinstance(pair, list | tuple) and len(pair) == 2}
    return as_object(value)


def read_params(value: Json) -> dict[str, Json]:
    """What of ``modelParameters`` shapes the answer, in OpenAI's names, plus a Responses call's own keys."""
    params: dict[str, Json] = {}
    for key, text in map_in(value).items():
        name: str = PARAM_NAMES.get(key) or _INSTRUCTIONS.get(key) or key
        param = _param(text)
        if key == "system" and isinstance(param, str) and _PROVIDER.fullmatch(param):
            continue
        if name in _NUMBERS | _LIMITS:
            param = parse_number(param) if name in _NUMBERS and isinstance(text, str) else param
            is_number = isinstance(param, int | float) and not isinstance(param, bool)
            if param is not None and is_number and (name in _NUMBERS or param >= 1):
                params[name] = param
        elif name in _OTHERS | OF_RESPONSES and param not in (None, "", [], {}):
            params[name] = param
    if not isinstance(params.get("response_format", {}), dict):
        del params["response_format"]
    return params


def _param(value: Json) -> Json:
    """The value inside text, and inside OpenTelemetry's wrapping of lists."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return decode(value)
    if isinstance(value, dict) and set(value) == {"arrayValue"}:
        listed = as_list(at(value, "arrayValue", "values"))
        return [next(iter(item.values()), None) for item in listed if isinstance(item, dict)]
    return value


def read_tools(columns: Json, metadata: dict[str, Json]) -> dict[str, Json]:
    """``tools``, and ``tool_choice`` where it is known, from the column of definitions or the span's attributes."""
    attributes = object_in(metadata.get("attributes"))
    asked = decode(attributes.get("model_request_parameters"))
    if isinstance(asked, dict):  # Pydantic AI
        tools = tools_in([*as_list(asked.get("function_tools")), *as_list(asked.get("output_tools"))])
        must_call = tools and asked.get("allow_text_output") is False
        return ({"tools": tools} if tools else {}) | ({"tool_choice": "required"} if must_call else {})
    sources = (
        decode(columns),
        decode(attributes.get("gen_ai.tool.definitions")),
        decode(attributes.get("ai.prompt.tools")),
        [value for key, value in sorted(attributes.items()) if _ATTRIBUTE_TOOL.fullmatch(key)],
    )
    tools = next((found for source in sources if (found := tools_in(source))), [])
    return {"tools": tools} if tools else {}


def tools_in(value: Json) -> list[dict[str, Json]]:
    """Functions in any of the usual shapes, in OpenAI's; a map goes from the name to the rest as text."""
    if isinstance(value, dict):
        value = [{"name": name} | inner for name, text in value.items() if isinstance(inner := decode(text), dict)]
    functions = [as_object(tool.get("function")) for tool in tools_of(as_list(value))]
    return [
        function_tool(
            name=each["name"],
            description=each.get("description") or None,
            parameters=as_object(each.get("parameters")) or {"type": "object", "properties": {}},
            strict=each.get("strict"),
        )
        for each in functions
        if isinstance(each.get("name"), str)
    ]


@dataclass
class _Counts:
    """What the keys say, before it is known what lies within what."""

    given: int | None = None
    taken: int | None = None
    total: int | None = None
    read: int = 0
    write: int = 0
    write_split: int = 0
    write_1h: int = 0
    more_given: int = 0
    reasoning: int = 0
    more_taken: int = 0
    is_within: bool = False

    def add(self, key: str, count: int) -> None:
        """Take in one count under its key."""
        plain = re.sub(r"[\W_]", "", key).lower()
        if plain in ("total", "totaltokens", "totaltokencount", "totalusage"):
            self.total = count
        elif plain in _INPUT:
            self.given = count
        elif plain in _OUTPUT:
            self.taken = count
        elif not _NO_PART.search(key) and not plain.endswith("cost"):
            self._add_detail(key, count)

    def _add_detail(self, key: str, count: int) -> None:
        self.is_within = self.is_within or _WITHIN.match(key) is not None
        if _WRITE.search(key):
            if split := _WRITE_SPLIT.search(key):
                self.write_split += count
                self.write_1h += count if split[1].lower() == "1h" else 0
            else:
                self.write = max(self.write, count)
        elif _READ.search(key):
            self.read = max(self.read, count)
        elif _REASONING.search(key):
            self.reasoning = max(self.reasoning, count)
        elif _OF_INPUT.match(key):
            self.more_given += count
        elif _OF_OUTPUT.match(key):
            self.more_taken += count

    def usage(self) -> Usage:
        """Four counts that do not overlap."""
        if self.write != self.write_split:  # else the same tokens are told as a sum and by how long they are kept
            self.write += self.write_split
        given, taken = self.given or 0, self.taken or 0
        read_in, write_in, more_in, out_in = self._within(given, taken)
        usage = Usage(
            input_tokens=max(0, given - read_in * self.read - write_in * self.write) + (not more_in) * self.more_given,
            cache_read_tokens=self.read,
            cache_write_tokens=self.write,
            output_tokens=taken + (not out_in) * (self.reasoning + self.more_taken),
            reasoning_tokens=self.reasoning,
        )
        return with_long_kept(usage, self.write_1h)

    def _within(self, given: int, taken: int) -> tuple[bool, bool, bool, bool]:
        """Whether the cache's reads, its writes and other details lie within input, and the details within output."""
        if self.is_within:
            is_input = self.read + self.write <= given
            return is_input, is_input, True, self.reasoning <= taken
        parts = (self.read, self.write, self.more_given, self.reasoning + self.more_taken)
        ways = (
            (False, False, False, False),
            (True, True, True, True),
            (True, True, True, False),
            (False, False, False, True),
            (False, True, False, False),
            (False, True, False, True),
        )
        for way in ways:
            apart = sum(part for part, is_within in zip(parts, way, strict=True) if not is_within)
            if self.total == given + taken + apart:
                return way
        return ways[0]


def read_details(details: Json) -> Usage | None:
    """Normalise ``usageDetails`` or a ``usage`` object; None when nothing, or only zeros, is known.

    Langfuse's own ingestion takes every detail (cached, audio, reasoning ...) out of ``input`` and ``output``; what
    OpenInference instrumentations send as ``prompt_details.*`` and ``completion_details.*`` stays a part of them; and
    an application may send whatever it likes. The total, where there is one, tells which of these it was. Counts in
    another unit than tokens are not known.
    """
    details = map_in(details)
    if not details or str(details.get("unit") or "TOKENS").upper() != "TOKENS":
        return None
    if any(isinstance(value, dict) for value in details.values()):
        return read_usage(details)
    counts = _Counts()
    for key, value in details.items():
        if (count := parse_count(value)) is not None:
            counts.add(key, count)
    usage = counts.usage()
    return usage if usage.total_input_tokens or usage.output_tokens else None
